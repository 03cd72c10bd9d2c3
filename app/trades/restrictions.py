"""The register of restricted parties (受限主体名录): kept by two people, read where somebody wants to buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy import or_, select

from app.accounts.credit_code import read_credit_code
from app.accounts.permissions import Permission
from app.accounts.queries import find_organisation_by_credit_code, get_organisation, list_organisations
from app.audit import audit
from app.clock import market_date, market_now
from app.ids import uuid7
from app.trades import rules
from app.trades.errors_intents import (
    ExchangeNotRestricted,
    PartyNotHere,
    PartyRestricted,
    RestrictionByAnother,
    RestrictionMissing,
    RestrictionStateForbids,
    RestrictionUnfit,
)
from app.trades.intent_models import PartyRestriction

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session

Ground = Literal["dishonest", "market_ban", "court_order", "other"]
_IN_EFFECT = ("effective", "lifting")


@dataclass(frozen=True)
class NewRestriction:
    """Whom a restriction binds, why, by which document, and on which days; ``ends_on`` is its last day."""

    organisation_id: UUID
    ground: Ground
    source: str
    begins_on: date
    ends_on: date | None


async def find_party(session: AnySession, caller: Caller, text: str) -> Organisation:
    """The party that a post names as it stands in the document: by its credit code, or by its id where it has none.

    Raises NotPermitted, CreditCodeWrong, PartyNotHere, OrganisationMissing.
    """
    caller.require(Permission.RESTRICTION_KEEP)
    try:
        party_id = UUID(text.strip())
    except ValueError:
        pass
    else:
        return await get_organisation(session, party_id)
    uscc = read_credit_code(text).code
    found = await find_organisation_by_credit_code(session, uscc)
    if found is None:
        raise PartyNotHere(uscc)
    return found


async def propose_restriction(session: Session, caller: Caller, new: NewRestriction) -> UUID:
    """Proposes a restriction; it binds nobody before another person confirms. Returns its id.

    Raises NotPermitted, OrganisationMissing, ExchangeNotRestricted, RestrictionUnfit, TextOutOfRange.
    """
    caller.require(Permission.RESTRICTION_KEEP)
    source = rules.check_reason(new.source)
    if new.ends_on is not None and new.ends_on < new.begins_on:
        raise RestrictionUnfit
    if (await get_organisation(session, new.organisation_id)).kind == "exchange":
        raise ExchangeNotRestricted(new.organisation_id)
    made = PartyRestriction(
        id=uuid7(),
        organisation_id=new.organisation_id,
        ground=new.ground,
        source=source,
        begins_on=new.begins_on,
        ends_on=new.ends_on,
        proposed_by=caller.person_id,
    )
    session.add(made)
    await session.flush()
    await _audit(session, caller, "restriction.proposed", made)
    return made.id


async def decide_restriction(
    session: Session, caller: Caller, restriction_id: UUID, *, confirms: bool
) -> UUID:
    """Another person confirms or refuses what was proposed: the restriction, or that it is lifted. Returns its id.

    Locks the row. Raises NotPermitted, RestrictionMissing, RestrictionStateForbids, RestrictionByAnother.
    """
    caller.require(Permission.RESTRICTION_KEEP)
    row = await _lock(session, restriction_id)
    now = await market_now(session)
    if row.status == "proposed":
        if row.proposed_by == caller.person_id:
            raise RestrictionByAnother
        row.status = "effective" if confirms else "refused"
        row.confirmed_by, row.confirmed_at = caller.person_id, now
    elif row.status == "lifting":
        if row.lift_proposed_by == caller.person_id:
            raise RestrictionByAnother
        row.status = "lifted" if confirms else "effective"
        if confirms:
            row.lifted_by, row.lifted_at = caller.person_id, now
    else:
        raise RestrictionStateForbids(row.status)
    await session.flush()
    await _audit(session, caller, f"restriction.{row.status}", row)
    return row.id


async def propose_lifting(session: Session, caller: Caller, restriction_id: UUID, reason: str) -> UUID:
    """Proposes to lift a restriction that is in effect; another person decides. Returns its id.

    Locks the row. Raises NotPermitted, RestrictionMissing, RestrictionStateForbids, TextOutOfRange.
    """
    caller.require(Permission.RESTRICTION_KEEP)
    words = rules.check_reason(reason)
    row = await _lock(session, restriction_id)
    if row.status != "effective":
        raise RestrictionStateForbids(row.status)
    row.status, row.lift_reason, row.lift_proposed_by = "lifting", words, caller.person_id
    await session.flush()
    await _audit(session, caller, "restriction.lifting", row)
    return row.id


async def require_unrestricted(session: AnySession, organisation_ids: Collection[UUID]) -> None:
    """Raises PartyRestricted for the first of these that a restriction in effect binds today."""
    today = market_date(await market_now(session))
    query = (
        select(PartyRestriction)
        .where(
            PartyRestriction.organisation_id.in_(organisation_ids),
            PartyRestriction.status.in_(_IN_EFFECT),
            PartyRestriction.begins_on <= today,
            or_(PartyRestriction.ends_on.is_(None), PartyRestriction.ends_on >= today),
        )
        .order_by(PartyRestriction.id)
        .limit(1)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is not None:
        party = await get_organisation(session, found.organisation_id)
        raise PartyRestricted(party.name, found.begins_on.isoformat(), found.source)


@dataclass(frozen=True)
class RestrictionView:
    """A restriction with whom it binds."""

    restriction: PartyRestriction
    party: Organisation


async def list_restrictions(
    session: AnySession, caller: Caller, *, before_id: UUID | None = None, limit: int = 50
) -> list[RestrictionView]:
    """Lists the register for those who keep it, the newest first. Raises NotPermitted."""
    caller.require(Permission.RESTRICTION_KEEP)
    query = select(PartyRestriction).order_by(PartyRestriction.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(PartyRestriction.id < before_id)
    rows = (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()
    parties = await list_organisations(session, [row.organisation_id for row in rows])
    return [RestrictionView(row, parties[row.organisation_id]) for row in rows]


async def get_written_restriction(session: AnySession, restriction_id: UUID) -> RestrictionView:
    """Reads the restriction that the caller has just acted on."""
    row = await session.get_one(PartyRestriction, restriction_id, populate_existing=True)
    return RestrictionView(row, await get_organisation(session, row.organisation_id))


async def _lock(session: Session, restriction_id: UUID) -> PartyRestriction:
    query = select(PartyRestriction).where(PartyRestriction.id == restriction_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise RestrictionMissing
    return found


async def _audit(session: Session, caller: Caller, action: str, row: PartyRestriction) -> None:
    detail = {"organisation_id": str(row.organisation_id), "ground": row.ground}
    await audit(session, caller, action, subject_kind="party_restriction", subject_id=row.id, detail=detail)
