"""Check lists computed from the register itself: for the registrar before he decides, for the public afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from app.contracts.clauses import document_sha256
from app.contracts.rules import FACT_WORDS, Side
from app.money import yuan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.contracts.models import Certificate, Contract, Registration, Signature

Outcome = Literal["pass", "fail", "look"]


@dataclass(frozen=True)
class Check:
    """One line: what was found, on which basis, and whether it holds; ``look`` asks for a human eye."""

    key: str
    fact_zh: str
    fact_en: str
    basis: str
    outcome: Outcome


def _judge(holds: bool) -> Outcome:  # noqa: FBT001 - a judgement of one fact
    return "pass" if holds else "fail"


def is_signed_as_it_stands(contract: Contract, signatures: Sequence[Signature]) -> bool:
    """Whether both sides signed exactly the text that lies in the table, its digest computed anew."""
    present = document_sha256(contract.body)
    signed = {signature.side for signature in signatures if signature.document_sha256 == present}
    return present == contract.document_sha256 and signed == {side.value for side in Side}


def registrar_checks(
    contract: Contract, signatures: Sequence[Signature], registration: Registration, today: date
) -> list[Check]:
    """What a registrar has to look at, judged as far as the register allows."""
    return [*_checks_of_the_text(contract, signatures, today), *_checks_of_the_form(contract, registration)]


def _checks_of_the_text(contract: Contract, signatures: Sequence[Signature], today: date) -> list[Check]:
    """The patent's facts, the signatures and the patent's term."""
    facts: dict[str, str] = contract.body["patent_facts"]
    missing = [zh for key, (zh, _) in FACT_WORDS.items() if not facts.get(key)]
    last_day = date.fromisoformat(facts["term"][-10:])
    signed = is_signed_as_it_stands(contract, signatures)
    return [
        Check(
            "six_facts",
            f"缺少：{'、'.join(missing)}" if missing else "专利六项事实齐全",
            "Facts of the patent are missing" if missing else "All six facts of the patent are stated",
            "民法典 845",
            _judge(not missing),
        ),
        Check(
            "signed",
            "双方对同一文本签署，摘要复算一致" if signed else "签署不全或摘要复算不一致",
            "Both sides signed this text; its digest was computed anew"
            if signed
            else "Signatures do not match the text",
            "民法典 490、863",
            _judge(signed),
        ),
        Check(
            "in_term",
            f"专利权期限至 {last_day.isoformat()}",
            f"The patent's term lasts until {last_day.isoformat()}",
            "专利法 42",
            _judge(last_day >= today),
        ),
    ]


def _checks_of_the_form(contract: Contract, registration: Registration) -> list[Check]:
    """The type and the amounts that were applied for, beside the contract's own."""
    kind = (contract.body["contract_type"], contract.body["subtype"])
    share = registration.tech_fen * 100 // registration.total_fen
    return [
        Check(
            "type",
            "申请的类别与合同内容一致"
            if kind == _kind(registration)
            else "申请的类别与合同内容不同，请按内容认定",
            "The type fits the content"
            if kind == _kind(registration)
            else "The type differs from the content",
            "技术合同解释 42",
            "pass" if kind == _kind(registration) else "look",
        ),
        Check(
            "total",
            f"成交总额 {yuan(registration.total_fen)} 元，合同价款 {yuan(contract.price_fen)} 元",
            f"Total CNY {yuan(registration.total_fen)}, price CNY {yuan(contract.price_fen)}",
            "技术合同认定规则（2001）51",
            _judge(registration.total_fen == contract.price_fen),
        ),
        Check(
            "tech_share",
            f"技术交易额 {yuan(registration.tech_fen)} 元，占总额 {share}%",
            f"Technology amount CNY {yuan(registration.tech_fen)}, {share}% of the total",
            "技术合同认定规则（2001）51；技术合同解释 14",
            "pass" if registration.tech_fen == registration.total_fen else "look",
        ),
    ]


def _kind(registration: Registration) -> tuple[str, str]:
    return registration.contract_type, registration.subtype


def public_checks(
    certificate: Certificate, registration: Registration, contract: Contract, signatures: Sequence[Signature]
) -> list[Check]:
    """What anybody may know about a certificate: each line is computed at the moment of asking."""
    in_register = registration.status == "registered"
    same = _says_what_is_registered(certificate.body, registration)
    signed = is_signed_as_it_stands(contract, signatures)
    made = certificate.pdf is not None
    intact = certificate.pdf is not None and hashlib.sha256(certificate.pdf).hexdigest() == certificate.sha256
    return [
        Check(
            "in_register",
            "登记号在登记簿中，状态为“已登记”" if in_register else "登记簿中不是“已登记”状态",
            "The number is in the register as registered"
            if in_register
            else "The register does not say registered",
            "登记簿",
            _judge(in_register),
        ),
        Check(
            "as_registered",
            "证明的类别与金额同登记簿一致" if same else "证明内容与登记簿不一致",
            "Type and amounts equal the register" if same else "The contents differ from the register",
            "登记簿",
            _judge(same),
        ),
        Check(
            "signed_text",
            "合同文本摘要复算一致，双方均已签署" if signed else "合同文本与签署记录不一致",
            "The contract's digest was computed anew; both sides signed it"
            if signed
            else "Text and signatures differ",
            "签署记录",
            _judge(signed),
        ),
        Check(
            "file",
            "证明文件的摘要复算一致" if intact else "证明文件被改动" if made else "证明文件正在生成",
            "The file's digest was computed anew"
            if intact
            else "The file was changed"
            if made
            else "Being made",
            "SHA-256",
            _judge(intact) if made else "look",
        ),
    ]


def _says_what_is_registered(body: dict[str, Any], registration: Registration) -> bool:
    names = ("registration_no", "contract_type", "subtype", "total_fen", "tech_fen", "tech_field")
    return all(body[name] == getattr(registration, name) for name in names)
