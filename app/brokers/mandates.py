"""Mandates (经纪委托): a party signs and offers one, the broker signs, and then it is in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.audit import audit
from app.brokers.errors import MandateExpired, MandateMissing, MandateSigned, MandateTermsWrong
from app.brokers.models import Mandate
from app.clock import market_date, market_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


@dataclass(frozen=True)
class NewMandate:
    """What a party offers a broker; the rate is in basis points of the money received."""

    broker_id: UUID
    listing_id: UUID
    rate_bp: int
    valid_from: date
    valid_to: date


async def offer_mandate(session: Session, caller: Caller, new: NewMandate) -> UUID:
    """Signs a mandate for the caller's organisation and offers it to the broker; returns its id.

    Raises NotPermitted, MandateTermsWrong, OrganisationMissing, MandateSigned.
    """
    caller.require(Permission.MANDATE_SIGN)
    if new.valid_to <= new.valid_from or new.broker_id == caller.organisation_id:
        raise MandateTermsWrong
    if (await get_organisation(session, new.broker_id)).kind == "exchange":
        raise MandateTermsWrong
    if await _is_signed(session, caller.organisation_id, new.listing_id):
        raise MandateSigned
    made = Mandate(
        party_id=caller.organisation_id,
        broker_id=new.broker_id,
        listing_id=new.listing_id,
        rate_bp=new.rate_bp,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        party_signed_by=caller.person_id,
    )
    session.add(made)
    await session.flush()
    await audit(session, caller, "mandate.offered", subject_kind="mandate", subject_id=made.id)
    return made.id


async def sign_mandate(session: Session, caller: Caller, mandate_id: UUID) -> UUID:
    """Signs for the broker; from now on the mandate is in force within its dates. Returns its id.

    Locks the mandate. Raises NotPermitted, MandateMissing, MandateSigned, MandateExpired.
    """
    caller.require(Permission.MANDATE_SIGN)
    query = (
        select(Mandate)
        .where(Mandate.id == mandate_id, Mandate.broker_id == caller.organisation_id)
        .with_for_update()
    )
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise MandateMissing
    if await _is_signed(session, found.party_id, found.listing_id):
        raise MandateSigned
    now = await market_now(session)
    if market_date(now) >= found.valid_to:
        raise MandateExpired(found.valid_to.isoformat())
    found.broker_signed_by, found.broker_signed_at = caller.person_id, now
    await session.flush()
    await audit(session, caller, "mandate.signed", subject_kind="mandate", subject_id=found.id)
    return found.id


async def _is_signed(session: AnySession, party_id: UUID, listing_id: UUID) -> bool:
    query = select(Mandate.id).where(
        Mandate.party_id == party_id,
        Mandate.listing_id == listing_id,
        Mandate.broker_signed_at.is_not(None),
    )
    return (await session.execute(query)).first() is not None


async def find_mandate(
    session: AnySession, party_id: UUID, listing_id: UUID, *, other_id: UUID, on: date
) -> Mandate | None:
    """Finds a party's signed mandate for a listing in force on a day; the other side is nobody's broker here."""
    query = select(Mandate).where(
        Mandate.party_id == party_id,
        Mandate.listing_id == listing_id,
        Mandate.broker_id != other_id,
        Mandate.broker_signed_at.is_not(None),
        Mandate.valid_from <= on,
        Mandate.valid_to > on,
    )
    return (await session.execute(query)).scalar_one_or_none()


async def find_broker_of(session: AnySession, party_id: UUID, listing_id: UUID) -> UUID | None:
    """Finds the broker who signed a party's mandate for a listing; one that has run out has made him know the seller's mind too."""
    query = select(Mandate.broker_id).where(
        Mandate.party_id == party_id, Mandate.listing_id == listing_id, Mandate.broker_signed_at.is_not(None)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def list_mandates(
    session: AnySession, caller: Caller, *, before_id: UUID | None = None, limit: int = 50
) -> Sequence[Mandate]:
    """Lists the mandates that the caller's organisation gave or was given, the newest first. Raises NotPermitted."""
    caller.require(Permission.MANDATE_READ)
    own = caller.organisation_id
    query = select(Mandate).where(or_(Mandate.party_id == own, Mandate.broker_id == own))
    if before_id is not None:
        query = query.where(Mandate.id < before_id)
    return (await session.execute(query.order_by(Mandate.id.desc()).limit(limit))).scalars().all()


async def get_written_mandate(session: AnySession, mandate_id: UUID) -> Mandate:
    """Reads the mandate that the caller has just acted on."""
    return await session.get_one(Mandate, mandate_id)
