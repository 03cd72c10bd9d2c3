"""Makers of licences that are offered: an ordinary one at a price, and one that is negotiated or bid for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Role
from app.clock import market_date, market_now
from app.settlement.open_fees import declare_with_fee
from app.trades.agreement import confirm_agreement
from app.trades.licence_sales import take_licence, terms_sha256
from app.trades.listings import submit_listing
from app.trades.models import Deal
from app.trades.negotiating import OfferTerms
from app.trades.open_licence_rules import Declaration
from app.trades.open_licences import record_announcement
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from app.trades.room_models import NegotiationRoom
from app.trades.rooms import accept_offer, make_offer, open_room
from tests.make_accounts import make_caller
from tests.make_trades import make_buyer, make_listing, make_seller

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

LICENCE: dict[str, Any] = {
    "territory": "CN",
    "field_of_use": "",
    "licence_from": date(2026, 1, 1),
    "licence_to": date(2035, 12, 31),
    "sublicence": False,
}
DECLARATION = Declaration(
    fee_method="one_off",
    fee_standard="一次付清许可使用费。",
    annuity_paid_until=date(2099, 12, 31),
    is_suspended=False,
    is_pledged=False,
)
WITH_ROYALTY = replace(
    DECLARATION, fee_method="entry_fee_and_royalty", fee_standard="入门费加销售额的百分之二。", royalty_bp=200
)
_NO_BIDDING: dict[str, Any] = {"step_fen": None, "deposit_fen": None, "opens_at": None}


async def make_ordinary(session: Session, /, *, status: str = "listed", **over: Any) -> Listing:
    """An ordinary licence in China at a listed price, on offer for a day."""
    offer = {"method": "listed", "rights": "ordinary", **_NO_BIDDING, **LICENCE, **over}
    return await make_listing(session, status=status, **offer)


async def make_negotiable_licence(session: Session, /, *, status: str = "listed", **over: Any) -> Listing:
    """An exclusive licence in China that is negotiated."""
    offer = {"method": "negotiated", "rights": "exclusive", **_NO_BIDDING, **LICENCE, **over}
    return await make_listing(session, status=status, **offer)


async def make_open(
    session: Session, /, *, seller: Caller | None = None, said: Declaration = DECLARATION, **over: Any
) -> Listing:
    """An open licence that is announced and open, on the terms of an ordinary licence at a price."""
    seller = seller or await make_seller(session)
    listing = await make_ordinary(session, seller=seller, status="draft", **over)
    reviewer = await make_caller(session, Role.REVIEWER)
    await declare_with_fee(session, seller, listing.id, said)
    await submit_listing(session, seller, listing.id)
    await review_listing(session, reviewer, listing.id, "accept")
    today = market_date(await market_now(session))
    await record_announcement(session, reviewer, listing.id, f"KF-{listing.listing_no}", today)
    await publish_listing(session, reviewer, listing.id)
    await session.refresh(listing)
    return listing


async def take(session: Session, /, listing: Listing, buyer: Caller | None = None) -> Deal:
    """A buyer's own deal of an ordinary licence at its price."""
    buyer = buyer or await make_buyer(session)
    deal_id = await take_licence(session, buyer, listing.id, terms_sha256(listing))
    return await session.get_one(Deal, deal_id)


async def agree(session: Session, /, seller: Caller, listing: Listing, **over: Any) -> UUID:
    """A room in which the licence was agreed upon, not yet a deal; returns the room's id."""
    buyer = await make_buyer(session)
    now = await market_now(session)
    room_id = await open_room(session, buyer, listing.id)
    terms: dict[str, Any] = {"price_fen": 9_000_000, "valid_until": now + timedelta(hours=2)}
    terms |= {"rights": listing.rights, "territory": "CN", "term_months": 24, **over}
    await make_offer(session, buyer, room_id, OfferTerms(**terms))
    await accept_offer(session, seller, room_id, 1)
    return room_id


async def deal_in(session: Session, /, seller: Caller, room_id: UUID) -> Deal:
    """The deal of what was agreed upon in a room."""
    await confirm_agreement(session, seller, room_id)
    room = await session.get_one(NegotiationRoom, room_id, populate_existing=True)
    assert room.deal_id is not None
    return await session.get_one(Deal, room.deal_id)
