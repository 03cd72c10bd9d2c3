"""Reading contracts, registrations and certificates; ``lock_`` takes the row's lock and returns fresh values."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import undefer

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Permission, Role
from app.contracts.errors import (
    CertificateNotFound,
    CertificateNotReady,
    ContractNotFound,
    NotRegisteredYet,
    RegistrationNotFound,
)
from app.contracts.list_shapes import CONTRACTS, REGISTRATIONS
from app.contracts.models import Certificate, Contract, NumberSeries, Registration, Signature
from app.contracts.rules import RegistrationStatus, Side, SigningState
from app.lists import NEWEST, Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Select

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

_READING_DESKS = frozenset({Role.REGISTRAR, Role.SUPERVISOR})
_FRESH = {"populate_existing": True}


def _reads_all(caller: Caller) -> bool:
    """Whether a caller reads every contract: the registrar and the supervisor do, no other desk has a need to.

    Raises NotPermitted for the other desks and for members without a role.
    """
    caller.require(Permission.DEAL_READ)
    if not caller.is_exchange:
        return False
    if not caller.roles & _READING_DESKS:
        raise NotPermitted(permission=str(Permission.DEAL_READ), needs_roles=sorted(map(str, _READING_DESKS)))
    return True


def _own(caller: Caller) -> ColumnElement[bool]:
    return or_(Contract.seller_id == caller.organisation_id, Contract.buyer_id == caller.organisation_id)


async def get_contract(session: AnySession, caller: Caller, contract_id: UUID) -> Contract:
    """Reads a contract of the caller's side, or any for registrar and supervisor; raises ContractNotFound."""
    query = select(Contract).where(Contract.id == contract_id)
    if not _reads_all(caller):
        query = query.where(_own(caller))
    contract = (await session.execute(query)).scalar_one_or_none()
    if contract is None:
        raise ContractNotFound(contract_id)
    return contract


async def list_contracts(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    asked: Asked = NEWEST,
) -> Sequence[Contract]:
    """Lists the contracts a caller may read, the newest first or as asked. Raises SortCursorWrong."""
    query = CONTRACTS.ask(select(Contract), asked)
    if not _reads_all(caller):
        query = query.where(_own(caller))
    if status is not None:
        query = query.where(Contract.status == status)
    return (await session.execute(query)).scalars().all()


async def get_registration(session: AnySession, caller: Caller, registration_id: UUID) -> Registration:
    """Reads an application of the caller's side, or any for registrar and supervisor; raises RegistrationNotFound."""
    query = select(Registration).join(Contract).where(Registration.id == registration_id)
    if not _reads_all(caller):
        query = query.where(_own(caller))
    registration = (await session.execute(query)).scalar_one_or_none()
    if registration is None:
        raise RegistrationNotFound(registration_id)
    return registration


async def list_registrations(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    asked: Asked = NEWEST,
) -> Sequence[Registration]:
    """Lists the applications a caller may read, the newest first or as asked. Raises SortCursorWrong."""
    query = REGISTRATIONS.ask(select(Registration).join(Contract), asked)
    if not _reads_all(caller):
        query = query.where(_own(caller))
    if status is not None:
        query = query.where(Registration.status == status)
    return (await session.execute(query)).scalars().all()


async def list_contracts_by_id(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, Contract]:
    """Reads the contracts of registrations that were already found to be the caller's to read."""
    rows = (await session.execute(select(Contract).where(Contract.id.in_(list(ids))))).scalars()
    return {row.id: row for row in rows}


async def list_signatures(session: AnySession, contract_ids: Iterable[UUID]) -> dict[UUID, list[Signature]]:
    """The signatures of contracts in the order they were given."""
    query = (
        select(Signature).where(Signature.contract_id.in_(list(contract_ids))).order_by(Signature.signed_at)
    )
    found: dict[UUID, list[Signature]] = {}
    for signature in (await session.execute(query)).scalars():
        found.setdefault(signature.contract_id, []).append(signature)
    return found


async def find_contract_of_deal(session: AnySession, deal_id: UUID) -> Contract | None:
    """The contract drawn up from a deal, if there is one."""
    return (await session.execute(select(Contract).where(Contract.deal_id == deal_id))).scalar_one_or_none()


async def find_live_registration(session: AnySession, contract_id: UUID) -> Registration | None:
    """The application of a contract that has not been refused, if there is one."""
    query = select(Registration).where(
        Registration.contract_id == contract_id, Registration.status != RegistrationStatus.REFUSED
    )
    return (await session.execute(query)).scalar_one_or_none()


async def list_latest_registrations(
    session: AnySession, contract_ids: Iterable[UUID]
) -> dict[UUID, Registration]:
    """The newest application of each contract."""
    query = (
        select(Registration).where(Registration.contract_id.in_(list(contract_ids))).order_by(Registration.id)
    )
    return {row.contract_id: row for row in (await session.execute(query)).scalars()}


async def find_certificate(
    session: AnySession, registration_id: UUID, *, with_pdf: bool = False
) -> Certificate | None:
    """The certificate of a registration, if it is registered; its file only when asked for."""
    query = select(Certificate).where(Certificate.registration_id == registration_id)
    if with_pdf:
        query = query.options(undefer(Certificate.pdf))
    return (await session.execute(query)).scalar_one_or_none()


def _with_pdf() -> Select[Certificate, Registration]:
    return select(Certificate, Registration).join(Registration).options(undefer(Certificate.pdf))


async def find_certificate_by_code(session: AnySession, code: str) -> tuple[Certificate, Registration] | None:
    """The certificate with a verification code, its file with it, and its entry in the register."""
    row = (await session.execute(_with_pdf().where(Certificate.verification_code == code))).one_or_none()
    return (row[0], row[1]) if row else None


async def find_certificate_by_number(
    session: AnySession, number: str
) -> tuple[Certificate, Registration] | None:
    """The certificate with a registration number, its file with it, and its entry in the register."""
    row = (await session.execute(_with_pdf().where(Registration.registration_no == number))).one_or_none()
    return (row[0], row[1]) if row else None


async def is_number_taken(session: AnySession, registration_no: str) -> bool:
    """Whether a registration number belongs to a contract already."""
    query = select(Registration.id).where(Registration.registration_no == registration_no)
    return (await session.execute(query)).first() is not None


async def get_certificate_pdf(
    session: AnySession, caller: Caller, registration_id: UUID
) -> tuple[bytes, str]:
    """The certificate's file and number for both sides, registrar and supervisor.

    Raises RegistrationNotFound, NotRegisteredYet, and CertificateNotReady in the seconds before it is made.
    """
    registration = await get_registration(session, caller, registration_id)
    if registration.registration_no is None:
        raise NotRegisteredYet(registration.status)
    certificate = await find_certificate(session, registration_id, with_pdf=True)
    if certificate is None or certificate.pdf is None:
        raise CertificateNotReady
    return certificate.pdf, registration.registration_no


async def get_signing_state(session: AnySession, contract: Contract) -> SigningState:
    """Gathers what the rules of signing need; read it under the contract's lock to decide on it."""
    signatures = (await list_signatures(session, [contract.id])).get(contract.id, [])
    return SigningState(
        document_sha256=contract.document_sha256,
        parties={Side.SELLER: contract.seller_id, Side.BUYER: contract.buyer_id},
        signed_at={Side(signature.side): signature.signed_at for signature in signatures},
    )


async def lock_contract(session: Session, contract_id: UUID) -> Contract:
    """Locks a contract; raises ContractNotFound."""
    query = select(Contract).where(Contract.id == contract_id).with_for_update()
    contract = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if contract is None:
        raise ContractNotFound(contract_id)
    return contract


async def lock_registration(session: Session, registration_id: UUID) -> Registration:
    """Locks an application; raises RegistrationNotFound."""
    query = select(Registration).where(Registration.id == registration_id).with_for_update()
    registration = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if registration is None:
        raise RegistrationNotFound(registration_id)
    return registration


async def lock_certificate(session: Session, certificate_id: UUID) -> Certificate:
    """Locks a certificate; raises CertificateNotFound."""
    query = select(Certificate).where(Certificate.id == certificate_id).with_for_update()
    certificate = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if certificate is None:
        raise CertificateNotFound(str(certificate_id))
    return certificate


async def lock_series(session: Session, series: str) -> NumberSeries:
    """Locks a run of numbers, and opens it at zero when it is new."""
    opened = insert(NumberSeries).values(series=series, last_number=0).on_conflict_do_nothing()
    await session.execute(opened)
    query = select(NumberSeries).where(NumberSeries.series == series).with_for_update()
    return (await session.execute(query, execution_options=_FRESH)).scalar_one()


async def lock_drafting(session: Session, deal_id: UUID) -> None:
    """Holds back a second draft from the same deal; an advisory lock, because there is no row yet."""
    key = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    await session.execute(key, {"key": f"contract of deal {deal_id}"})


async def list_registrations_by_id(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, Registration]:
    """Reads registrations that were already found to be the caller's to read."""
    rows = (await session.execute(select(Registration).where(Registration.id.in_(list(ids))))).scalars()
    return {row.id: row for row in rows}
