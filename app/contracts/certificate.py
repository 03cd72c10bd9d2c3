"""The registration certificate (登记证明): issued with the registration, made as PDF by a promised task."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.clock import market_date
from app.contracts.clauses import numeral
from app.contracts.kinds import KINDS
from app.contracts.models import Certificate
from app.contracts.numbers import make_code, show_code, show_number
from app.contracts.papers import make_pdf, qr_svg
from app.contracts.queries import lock_certificate
from app.contracts.rules import Side, side_words
from app.money import capital, yuan
from app.tasks import handles, promise

if TYPE_CHECKING:
    from app.contracts.models import Contract, Registration
    from app.contracts.office import Office
    from app.db import Session

MAKE_CERTIFICATE: Final = "make_certificate"
_CHINESE_DIGITS: Final = "〇一二三四五六七八九"


async def issue_certificate(
    session: Session, contract: Contract, registration: Registration, *, registrar_name: str, office: Office
) -> Certificate:
    """Fixes what the certificate says and promises its PDF; call it in the transaction that registers."""
    if registration.decided_at is None or contract.in_force_at is None:
        raise ValueError(registration.id)
    code = make_code()
    certificate = Certificate(
        registration_id=registration.id,
        verification_code=code,
        body=_body(contract, registration, code, registrar_name, office),
        issued_at=registration.decided_at,
    )
    session.add(certificate)
    await session.flush()
    await promise(session, MAKE_CERTIFICATE, {"certificate_id": str(certificate.id)}, key=str(certificate.id))
    return certificate


def _body(
    contract: Contract, registration: Registration, code: str, registrar_name: str, office: Office
) -> dict[str, Any]:
    """Gathers the contents (domain: number, project, type, parties, dates, both amounts, office, registrar, code)."""
    document = contract.body
    signed_at, decided_at = contract.in_force_at, registration.decided_at
    return {
        "format": "registration-certificate/1",
        "registration_no": registration.registration_no,
        "project_name": contract.project_name,
        "contract_no": contract.contract_no,
        "contract_type": registration.contract_type,
        "subtype": registration.subtype,
        "tech_field": registration.tech_field,
        "application_no": document["patent_facts"]["application_no"],
        "patent_no": document["patent_facts"]["patent_no"],
        "seller": document["seller"],
        "buyer": document["buyer"],
        "signed_on": market_date(signed_at).isoformat() if signed_at else None,
        "total_fen": registration.total_fen,
        "tech_fen": registration.tech_fen,
        "office_name": office.name,
        "registrar_name": registrar_name,
        "registered_on": market_date(decided_at).isoformat() if decided_at else None,
        "verification_code": code,
        "verify_url": office.verify_url(code),
        "document_sha256": contract.document_sha256,
        "exchange_zh": office.exchange_zh,
        "exchange_en": office.exchange_en,
        "is_demonstration": contract.is_demonstration,
    }


# What remains to be done at the patent office, which no certificate of this market replaces.
_PATENT_OFFICE = {
    "transfer": (
        "专利权的转让自国务院专利行政部门登记之日起生效，本证明不代替该登记。",
        "The assignment of the patent takes effect on registration by CNIPA, which this certificate does not replace.",
    ),
    "licence": (
        "专利实施许可合同应当自生效之日起三个月内向国务院专利行政部门备案，本证明不代替该备案。",
        (
            "The licence is to be recorded with CNIPA within three months of taking effect, which this certificate does not "
            "replace."
        ),
    ),
}


def chinese_date(day: date) -> str:
    """Writes a date as on deeds: 二〇二六年十一月二十三日."""
    year = "".join(_CHINESE_DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{numeral(day.month)}月{numeral(day.day)}日"


def printed(body: dict[str, Any]) -> dict[str, Any]:
    """Words the certificate's contents for its template: labels, amounts in figures and words, the QR code."""
    kind = KINDS[body["contract_type"]]
    subtype = kind.subtypes[body["subtype"]]

    def row(zh: str, en: str, value: str, note: str = "", kind: str = "text") -> dict[str, str]:
        return {"zh": zh, "en": en, "value": value, "note": note, "kind": kind}

    def party(zh: str, en: str, side: dict[str, str | None]) -> dict[str, str]:
        uscc = side["uscc"]
        return row(zh, en, side["name"] or "", f"统一社会信用代码　{uscc}" if uscc else "")

    def amount(zh: str, en: str, fen: int) -> dict[str, str]:
        return {"zh": zh, "en": en, "yuan": yuan(fen), "capital": capital(fen)}

    words = side_words(body["contract_type"])
    (seller_zh, seller_en), (buyer_zh, buyer_en) = words[Side.SELLER], words[Side.BUYER]
    office_zh, office_en = _PATENT_OFFICE["licence" if body["contract_type"] == "licence" else "transfer"]
    return {
        **body,
        "number_shown": show_number(body["registration_no"]),
        "code_shown": show_code(body["verification_code"]),
        "verify_url_shown": body["verify_url"],
        "qr_svg": qr_svg(body["verify_url"]),
        "registered_on_zh": chinese_date(date.fromisoformat(body["registered_on"])),
        "rows": [
            row("项目名称", "Project", body["project_name"]),
            row("合同类别", "Type", f"{kind.name.zh}（{subtype.zh}）", f"{kind.name.en}: {subtype.en}"),
            row("专利号", "Patent number", body["patent_no"], f"申请号　{body['application_no']}", "code"),
            party(f"{seller_zh}（卖方）", f"{seller_en.capitalize()} (seller)", body["seller"]),
            party(f"{buyer_zh}（买方）", f"{buyer_en.capitalize()} (buyer)", body["buyer"]),
            row("合同编号", "Contract number", body["contract_no"], kind="code"),
            row(
                "签订日期与有效期",
                "Signed; term",
                body["signed_on"],
                "自签订之日起至双方义务履行完毕",
                "code",
            ),
            row("技术领域", "Technical field", body["tech_field"]),
        ],
        "amounts": [
            amount("合同成交总额", "Total amount", body["total_fen"]),
            amount("其中：技术交易额", "Technology amount", body["tech_fen"]),
        ],
        "statement_zh": f"上述技术合同经审核符合认定登记条件，予以登记。{office_zh}",
        "statement_en": f"The contract above was examined and is registered as a technology contract. {office_en}",
    }


def render_certificate(body: dict[str, Any], issued_at: datetime) -> bytes:
    """Makes the PDF from the certificate's contents alone; CPU work, call it in a thread."""
    return make_pdf("certificate", printed(body), issued_at)


@handles(MAKE_CERTIFICATE)
async def make_certificate(session: Session, payload: dict[str, Any]) -> None:
    """Makes the PDF and its digest once; safe to run twice, the second run finds it made."""
    certificate = await lock_certificate(session, UUID(payload["certificate_id"]))
    if certificate.sha256 is not None:
        return
    pdf = await asyncio.to_thread(render_certificate, certificate.body, certificate.issued_at)
    certificate.pdf = pdf
    certificate.sha256 = hashlib.sha256(pdf).hexdigest()
    await session.flush()
