"""Defaults (成交违约): who is kept from a subject's next sales, and reading what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, false, or_, select, true

from app.accounts.permissions import Permission
from app.lists import NEWEST, Asked
from app.trades.default_models import DealDefault
from app.trades.errors_default import DefaulterExcluded, DefaultMissing
from app.trades.list_shapes import DEFAULTS
from app.trades.models import Deal, Listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

_FRESH = {"populate_existing": True}
_BLAMELESS = ("force_majeure", "seller_fault")


def is_same_subject(listing: Listing) -> ColumnElement[bool]:
    """Which listings are of the same patent, package or demand; what a listing has none of compares to nothing."""
    ids = ((Listing.patent_id, listing.patent_id), (Listing.package_id, listing.package_id))
    same = [column == value for column, value in (*ids, (Listing.demand_id, listing.demand_id)) if value]
    return or_(false(), *same)


async def require_not_excluded(session: AnySession, listing: Listing, buyer_id: UUID) -> None:
    """Raises DefaulterExcluded for who defaulted on this subject before (法释〔2016〕18号 24); a trigger stands behind it."""
    query = (
        select(DealDefault.id)
        .join(Deal, Deal.id == DealDefault.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(
            DealDefault.buyer_id == buyer_id,
            DealDefault.status == "confirmed",
            DealDefault.ground.not_in(_BLAMELESS),
            is_same_subject(listing),
        )
    )
    if (await session.execute(query)).first() is not None:
        raise DefaulterExcluded


async def find_default_of(session: AnySession, deal_id: UUID) -> DealDefault | None:
    """Finds the default of a deal that waits or is confirmed."""
    query = select(DealDefault).where(DealDefault.deal_id == deal_id, DealDefault.status != "rejected")
    return (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()


async def get_default(session: AnySession, default_id: UUID) -> DealDefault:
    """Reads a default afresh; raises DefaultMissing. Whoever decides on one holds its listing's lock."""
    query = select(DealDefault).where(DealDefault.id == default_id)
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise DefaultMissing
    return found


@dataclass(frozen=True)
class DefaultView:
    """A default with its deal and listing."""

    default: DealDefault
    deal: Deal
    listing: Listing


def _visible(caller: Caller) -> ColumnElement[bool]:
    caller.require(Permission.DEAL_READ)
    if caller.is_exchange:
        return true()
    own = caller.organisation_id
    return or_(DealDefault.seller_id == own, DealDefault.buyer_id == own)


async def list_defaults(
    session: AnySession, caller: Caller, *, status: str | None = None, asked: Asked = NEWEST
) -> list[DefaultView]:
    """Lists defaults of the caller's deals, or all for a desk. Raises NotPermitted, SortCursorWrong."""
    wanted = _visible(caller)
    if status is not None:
        wanted = wanted & (DealDefault.status == status)
    return await _views(session, wanted, asked)


async def get_written_default(session: AnySession, default_id: UUID) -> DefaultView:
    """Reads the default that the caller has just acted on."""
    return (await _views(session, DealDefault.id == default_id))[0]


async def _views(
    session: AnySession, wanted: ColumnElement[bool], asked: Asked = NEWEST
) -> list[DefaultView]:
    query = (
        select(DealDefault, Deal, Listing)
        .join(Deal, Deal.id == DealDefault.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(wanted)
    )
    return [DefaultView(*row) for row in (await session.execute(DEFAULTS.ask(query, asked))).all()]


async def add_default(session: Session, made: DealDefault) -> UUID:
    """Writes a declared default; the settlement has judged it."""
    session.add(made)
    await session.flush()
    return made.id
