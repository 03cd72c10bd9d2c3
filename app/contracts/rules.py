"""The rules of contracts: the six facts of a patent, signing, what may be registered, and for which amounts."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.contracts.errors import (
    AlreadyDecided,
    AlreadyRegistered,
    AlreadySigned,
    AmountNotPositive,
    ContractNotInForce,
    DocumentChanged,
    PatentFactMissing,
    RegistrarIsParty,
    TechAmountAboveTotal,
    TotalNotThePrice,
)

if TYPE_CHECKING:
    from uuid import UUID


class Side(StrEnum):
    """The two sides of a contract: assignor (让与人) and assignee (受让人), or licensor and licensee (许可人、被许可人)."""

    SELLER = "seller"
    BUYER = "buyer"


class ContractStatus(StrEnum):
    """A contract is being signed (签署中) until both sides have, then in force (已生效)."""

    SIGNING = "signing"
    IN_FORCE = "in_force"


class RegistrationStatus(StrEnum):
    """An application: submitted (已提交), registered (已登记) or refused (不予登记)."""

    SUBMITTED = "submitted"
    REGISTERED = "registered"
    REFUSED = "refused"


SIDE_WORDS: Final = {Side.SELLER: ("让与人", "assignor"), Side.BUYER: ("受让人", "assignee")}
LICENCE_SIDE_WORDS: Final = {Side.SELLER: ("许可人", "licensor"), Side.BUYER: ("被许可人", "licensee")}
REGISTRATION_WORDS: Final = {
    RegistrationStatus.SUBMITTED: "已提交，待登记",
    RegistrationStatus.REGISTERED: "已登记",
    RegistrationStatus.REFUSED: "不予登记",
}
FACT_WORDS: Final = {
    "invention_name": ("发明创造名称", "name of the invention"),
    "applicant_and_owner": ("专利申请人和专利权人", "applicant and patent owner"),
    "filing_on": ("申请日期", "filing date"),
    "application_no": ("申请号", "application number"),
    "patent_no": ("专利号", "patent number"),
    "term": ("专利权有效期限", "term of validity"),
}


@dataclass(frozen=True)
class PatentFacts:
    """The six facts that a contract on a patent states (民法典第八百四十五条第三款)."""

    invention_name: str
    applicant_and_owner: str
    filing_on: str
    application_no: str
    patent_no: str
    term: str


def patent_facts(
    *,
    invention_name: str | None,
    applicant: str | None,
    owner: str | None,
    filing_on: date | None,
    application_no: str | None,
    patent_no: str | None,
    last_day: date | None,
) -> PatentFacts:
    """Gathers the six facts; raises PatentFactMissing naming the first that is absent or blank."""
    facts = PatentFacts(
        invention_name=(invention_name or "").strip(),
        applicant_and_owner=_applicant_and_owner(applicant, owner),
        filing_on=filing_on.isoformat() if filing_on else "",
        application_no=(application_no or "").strip(),
        patent_no=(patent_no or "").strip(),
        term=f"{filing_on.isoformat()} — {last_day.isoformat()}" if filing_on and last_day else "",
    )
    for field in fields(facts):
        if not getattr(facts, field.name):
            raise PatentFactMissing(field.name, *FACT_WORDS[field.name])
    return facts


def _applicant_and_owner(applicant: str | None, owner: str | None) -> str:
    """Names both; one name alone says that they are the same, a withheld applicant is never guessed."""
    first, second = (applicant or "").strip(), (owner or "").strip()
    if not first or not second:
        return ""
    return first if first == second else f"申请人：{first}；专利权人：{second}"


def patent_no_of(application_no: str) -> str:
    """The number a granted Chinese patent bears: ZL and its application number (专利申请号标准 ZC 0006)."""
    return "ZL" + application_no.removeprefix("CN").removeprefix("ZL") if application_no else ""


@dataclass(frozen=True)
class SigningState:
    """What signing depends on: the document's digest, the two organisations, and who signed when."""

    document_sha256: str
    parties: dict[Side, UUID]
    signed_at: dict[Side, datetime]

    @property
    def missing(self) -> list[Side]:
        """The sides that have not signed."""
        return [side for side in Side if side not in self.signed_at]

    @property
    def status(self) -> ContractStatus:
        """In force as soon as both sides have signed (民法典 490: 自当事人均签名时成立)."""
        return ContractStatus.SIGNING if self.missing else ContractStatus.IN_FORCE


def side_of(state: SigningState, organisation_id: UUID) -> Side | None:
    """The side an organisation is on, or None."""
    return next((side for side, party in state.parties.items() if party == organisation_id), None)


def sign(state: SigningState, side: Side, document_sha256: str, now: datetime) -> SigningState:
    """Adds a side's signature over the digest it has read; raises AlreadySigned or DocumentChanged."""
    if side in state.signed_at:
        raise AlreadySigned(side.value, state.signed_at[side])
    if document_sha256 != state.document_sha256:
        raise DocumentChanged(state.document_sha256)
    return replace(state, signed_at={**state.signed_at, side: now})


def check_in_force(state: SigningState) -> None:
    """Only a contract in force is registered (技术合同认定登记管理办法: 合同成立、生效后申请)."""
    if state.missing:
        raise ContractNotInForce(
            [side.value for side in state.missing],
            "、".join(SIDE_WORDS[side][0] for side in state.missing),
            " and the ".join(SIDE_WORDS[side][1] for side in state.missing),
        )


def side_words(contract_type: str) -> dict[Side, tuple[str, str]]:
    """What the sides of a contract are called in it."""
    return LICENCE_SIDE_WORDS if contract_type == "licence" else SIDE_WORDS


def check_amounts(*, total_fen: int, tech_fen: int, price_fen: int) -> None:
    """Holds 0 < technology amount <= total = price (技术合同认定规则（2001）第五十一条)."""
    if total_fen != price_fen:
        raise TotalNotThePrice(total_fen, price_fen)
    if tech_fen <= 0:
        raise AmountNotPositive(tech_fen, total_fen)
    if tech_fen > total_fen:
        raise TechAmountAboveTotal(tech_fen, total_fen)


def check_not_registered(existing: tuple[UUID, RegistrationStatus, str | None] | None) -> None:
    """One contract is registered once (按地域一次登记); a refused application stands in nobody's way."""
    if existing is None or existing[1] is RegistrationStatus.REFUSED:
        return
    registration_id, status, number = existing
    raise AlreadyRegistered(
        registration_id,
        status.value,
        number,
        REGISTRATION_WORDS[status],
        f"，登记号 {number}" if number else "",
        f", number {number}" if number else "",
    )


def check_undecided(status: RegistrationStatus, decided_at: datetime | None) -> None:
    """An application is decided once; raises AlreadyDecided."""
    if status is not RegistrationStatus.SUBMITTED and decided_at is not None:
        raise AlreadyDecided(status.value, REGISTRATION_WORDS[status], decided_at)


def check_registrar(registrar_organisation_id: UUID, parties: dict[Side, UUID]) -> None:
    """The registrar belongs to neither side; raises RegistrarIsParty."""
    if registrar_organisation_id in parties.values():
        raise RegistrarIsParty
