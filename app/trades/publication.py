"""Publication of an accepted listing (发布): its sale is scheduled and its offer frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.auction.scheduling import schedule_auction
from app.audit import audit
from app.trades.errors import OwnListing
from app.trades.listings import offer_of, require_sound
from app.trades.method import terms_of
from app.trades.queries import lock_listing
from app.trades.states import ListingAct, next_listing_status
from app.trades.subjects import read_subject

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session


async def publish_listing(session: Session, caller: Caller, listing_id: UUID) -> UUID:
    """Publishes an accepted listing and schedules its sale; returns the auction's id. Locks the listing.

    The board's rules and the patent's term are judged again at the market's time now. Raises NotPermitted,
    OwnListing, ListingMissing, ListingStateForbids, OpeningPassed, PatentExpired and the rules' errors.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing = await lock_listing(session, listing_id)
    if caller.organisation_id == listing.seller_id:
        raise OwnListing
    status = next_listing_status(listing.status, ListingAct.PUBLISH)
    now = await require_sound(session, listing, await read_subject(session, listing))
    auction = await schedule_auction(
        session,
        listing_id=listing.id,
        listing_no=listing.listing_no,
        seller_id=listing.seller_id,
        title=listing.title,
        terms=terms_of(offer_of(listing)),
        reserve_fen=listing.reserve_price_fen,
        is_demonstration=listing.is_demonstration,
    )
    listing.status = status
    listing.auction_id = auction.id
    listing.published_at = now
    await audit(
        session,
        caller,
        "listing.published",
        subject_kind="listing",
        subject_id=listing.id,
        detail={"listing_no": listing.listing_no, "auction_id": str(auction.id)},
    )
    return auction.id
