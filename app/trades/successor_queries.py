"""Reading offers to the next bidder (递补征询): who sees which, and whether somebody may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select, true

from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.trades.errors_successors import SuccessorOfferMissing
from app.trades.models import Deal, Listing
from app.trades.successor_models import SuccessorOffer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession

_FRESH = {"populate_existing": True}


@dataclass(frozen=True)
class SuccessorOfferView:
    """An offer with its listing, the deal in default, the two sides, and the deal that it became."""

    offer: SuccessorOffer
    listing: Listing
    defaulted: Deal
    seller: Organisation
    bidder: Organisation


async def get_offer_row(session: AnySession, offer_id: UUID) -> SuccessorOffer:
    """Reads an offer afresh; raises SuccessorOfferMissing. Whoever ends one holds its listing's lock."""
    query = select(SuccessorOffer).where(SuccessorOffer.id == offer_id)
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise SuccessorOfferMissing
    return found


async def list_offers_of(session: AnySession, listing_id: UUID) -> Sequence[SuccessorOffer]:
    """Reads all offers of a listing afresh; under the listing's lock nobody adds or changes one."""
    query = select(SuccessorOffer).where(SuccessorOffer.listing_id == listing_id).order_by(SuccessorOffer.id)
    return (await session.execute(query, execution_options=_FRESH)).scalars().all()


async def list_deals_of(session: AnySession, listing_id: UUID) -> Sequence[Deal]:
    """Reads all deals of a listing, the last one last; each but the first takes the place of the one before."""
    query = select(Deal).where(Deal.listing_id == listing_id).order_by(Deal.id)
    return (await session.execute(query)).scalars().all()


def _visible(caller: Caller) -> ColumnElement[bool]:
    caller.require(Permission.DEAL_READ)
    if caller.is_exchange:
        return true()
    own = caller.organisation_id
    return or_(SuccessorOffer.seller_id == own, SuccessorOffer.bidder_id == own)


async def get_successor_offer(session: AnySession, caller: Caller, offer_id: UUID) -> SuccessorOfferView:
    """Reads an offer for its two sides and the desks. Raises SuccessorOfferMissing, NotPermitted."""
    views = await _views(session, _visible(caller) & (SuccessorOffer.id == offer_id), 1)
    if not views:
        raise SuccessorOfferMissing
    return views[0]


async def get_written_successor_offer(session: AnySession, offer_id: UUID) -> SuccessorOfferView:
    """Reads the offer that the caller has just made or answered."""
    return (await _views(session, SuccessorOffer.id == offer_id, 1))[0]


async def list_successor_offers(
    session: AnySession, caller: Caller, *, before_id: UUID | None = None, limit: int = 50
) -> list[SuccessorOfferView]:
    """Lists the offers that the caller's organisation made or was made, or all for a desk, the newest first."""
    wanted = _visible(caller)
    if before_id is not None:
        wanted = wanted & (SuccessorOffer.id < before_id)
    return await _views(session, wanted, limit)


async def _views(session: AnySession, wanted: ColumnElement[bool], limit: int) -> list[SuccessorOfferView]:
    query = (
        select(SuccessorOffer, Listing, Deal)
        .join(Listing, Listing.id == SuccessorOffer.listing_id)
        .join(Deal, Deal.id == SuccessorOffer.default_deal_id)
        .where(wanted)
        .order_by(SuccessorOffer.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(query, execution_options=_FRESH)).all()
    parties = await list_organisations(
        session, [party for offer, *_ in rows for party in (offer.seller_id, offer.bidder_id)]
    )
    return [
        SuccessorOfferView(offer, listing, deal, parties[offer.seller_id], parties[offer.bidder_id])
        for offer, listing, deal in rows
    ]
