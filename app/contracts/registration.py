"""Registration of technology contracts (技术合同认定登记): the seller applies, a registrar decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.audit import audit
from app.chain import Event
from app.clock import market_date, market_now
from app.contracts.certificate import issue_certificate
from app.contracts.checks import registrar_checks
from app.contracts.errors import ContractNotFound, NotTheSeller, RegistrationChecksFailed
from app.contracts.kinds import check_kind, check_reason, check_tech_field
from app.contracts.models import Contract, Registration
from app.contracts.numbering import claim_registration_no, take_registration_no
from app.contracts.queries import (
    find_live_registration,
    get_signing_state,
    list_signatures,
    lock_contract,
    lock_registration,
)
from app.contracts.rules import (
    RegistrationStatus,
    Side,
    check_amounts,
    check_in_force,
    check_not_registered,
    check_registrar,
    check_undecided,
    side_of,
)
from app.events import record

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.contracts.office import Office
    from app.db import Session


@dataclass(frozen=True)
class Application:
    """What the seller states: type, the two amounts and the technical field."""

    contract_type: str
    subtype: str
    total_fen: int
    tech_fen: int
    tech_field: str


@dataclass(frozen=True)
class Decision:
    """What the registrar decides; what he leaves out stays as it was applied for."""

    decision: Literal["approve", "refuse"]
    reason_code: str | None = None
    reason: str | None = None
    registration_no: str | None = None
    contract_type: str | None = None
    subtype: str | None = None
    total_fen: int | None = None
    tech_fen: int | None = None


async def apply_registration(
    session: Session, caller: Caller, contract_id: UUID, application: Application
) -> Registration:
    """Applies for the registration of a contract in force, once.

    Takes the contract's lock. Raises ContractNotFound for strangers, NotTheSeller for the buyer, ContractNotInForce,
    AlreadyRegistered naming the application there is, and Invalid for type, field and amounts.
    """
    caller.require(Permission.REGISTRATION_APPLY)
    contract = await lock_contract(session, contract_id)
    state = await get_signing_state(session, contract)
    side = side_of(state, caller.organisation_id)
    if side is None:
        raise ContractNotFound(contract_id)
    if side is not Side.SELLER:
        raise NotTheSeller((await get_organisation(session, contract.seller_id)).name)
    check_in_force(state)
    live = await find_live_registration(session, contract_id)
    check_not_registered((live.id, RegistrationStatus(live.status), live.registration_no) if live else None)
    check_kind(application.contract_type, application.subtype)
    check_tech_field(application.tech_field)
    check_amounts(
        total_fen=application.total_fen, tech_fen=application.tech_fen, price_fen=contract.price_fen
    )
    now = await market_now(session)
    registration = Registration(
        contract_id=contract_id,
        applicant_id=caller.organisation_id,
        status=RegistrationStatus.SUBMITTED,
        applied_by=caller.person_id,
        created_at=now,
        **vars(application),
    )
    session.add(registration)
    await session.flush()
    body = {"registration_id": str(registration.id), **vars(application)}
    await record(session, contract_id, Event("registration_applied", body), at=now)
    await _audit(session, caller, "registration.applied", registration, vars(application))
    return registration


async def decide_registration(
    session: Session, caller: Caller, registration_id: UUID, decision: Decision, office: Office
) -> Registration:
    """Registers the contract under a number and issues its certificate, or refuses it with a reason.

    Locks the application, then the number series. Raises AlreadyDecided, RefusalReasonNeeded, Invalid for type and
    amounts, RegistrationNumberWrong and RegistrationNumberTaken.
    """
    caller.require(Permission.REGISTRATION_DECIDE)
    registration = await lock_registration(session, registration_id)
    # The contract is in force and will not change any more, so the application's lock is enough.
    contract = await session.get_one(Contract, registration.contract_id)
    state = await get_signing_state(session, contract)
    check_registrar(caller.organisation_id, state.parties)
    check_undecided(RegistrationStatus(registration.status), registration.decided_at)
    if decision.decision == "refuse":
        await _refuse(session, caller, registration, decision)
    else:
        await _approve(session, caller, contract, registration, decision, office)
    return registration


async def _refuse(session: Session, caller: Caller, registration: Registration, decision: Decision) -> None:
    _, text = check_reason(decision.reason_code, decision.reason)
    now = await market_now(session)
    registration.status = RegistrationStatus.REFUSED
    registration.reason_code, registration.reason = decision.reason_code, text
    registration.decided_by, registration.decided_at = caller.person_id, now
    await session.flush()
    body = {"registration_id": str(registration.id), "reason_code": decision.reason_code, "reason": text}
    await record(session, registration.contract_id, Event("registration_refused", body), at=now)
    await _audit(session, caller, "registration.refused", registration, {"reason_code": decision.reason_code})


async def _approve(
    session: Session,
    caller: Caller,
    contract: Contract,
    registration: Registration,
    decision: Decision,
    office: Office,
) -> None:
    await _require_no_failed_check(session, contract, registration)
    fixed = _fixed(registration, decision)
    check_kind(fixed["contract_type"], fixed["subtype"])
    check_amounts(total_fen=fixed["total_fen"], tech_fen=fixed["tech_fen"], price_fen=contract.price_fen)
    if decision.registration_no:
        number = await claim_registration_no(session, decision.registration_no)
    else:
        today = market_date(await market_now(session))
        number = await take_registration_no(session, today, office)
    now = await market_now(session)
    for name, value in fixed.items():
        setattr(registration, name, value)
    registration.status = RegistrationStatus.REGISTERED
    registration.registration_no = number
    registration.decided_by, registration.decided_at = caller.person_id, now
    await session.flush()
    await issue_certificate(session, contract, registration, registrar_name=caller.name, office=office)
    body = {"registration_id": str(registration.id), "registration_no": number, **fixed}
    await record(session, contract.id, Event("contract_registered", body), at=now)
    await _audit(session, caller, "registration.approved", registration, {"registration_no": number, **fixed})


async def _require_no_failed_check(session: Session, contract: Contract, registration: Registration) -> None:
    """Raises RegistrationChecksFailed when a check of the signed text or of the patent's term fails.

    A total that differs is not among them: the registrar may fix the amounts, which are checked on their own.
    """
    today = market_date(await market_now(session))
    signatures = (await list_signatures(session, [contract.id])).get(contract.id, [])
    failed = [
        check
        for check in registrar_checks(contract, signatures, registration, today)
        if check.outcome == "fail" and check.key != "total"
    ]
    if failed:
        raise RegistrationChecksFailed(
            "；".join(check.fact_zh for check in failed), "; ".join(check.fact_en for check in failed)
        )


def _fixed(registration: Registration, decision: Decision) -> dict[str, Any]:
    """The type and amounts the registrar fixes: his own where he gives them, else the applicant's."""
    names = ("contract_type", "subtype", "total_fen", "tech_fen")
    given = {name: getattr(decision, name) for name in names}
    return {name: getattr(registration, name) if value is None else value for name, value in given.items()}


async def _audit(
    session: Session, caller: Caller, action: str, registration: Registration, detail: dict[str, Any]
) -> None:
    await audit(
        session, caller, action, subject_kind="registration", subject_id=registration.id, detail=dict(detail)
    )
