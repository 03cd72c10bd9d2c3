"""Publication of an accepted listing (发布): its sale is scheduled and its offer frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.auction.rules.words import write_rules
from app.auction.scheduling import schedule_auction
from app.audit import audit
from app.tasks import promise
from app.trades.boards import require_notice
from app.trades.errors import OwnListing
from app.trades.kept_rules import keep_rules
from app.trades.listings import offer_of, require_sound
from app.trades.method import AUCTION, has_bidding, terms_of
from app.trades.open_licence_gate import require_announced
from app.trades.queries import lock_listing
from app.trades.rights_gate import require_consents
from app.trades.states import ListingAct, next_listing_status
from app.trades.subjects import read_subject

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.models import Auction
    from app.db import Session
    from app.trades.models import Listing

# Kept by app.trades.notice_end, when the notice or the negotiation of a listing ends.
END_OF_NOTICE = "end_notice"


async def publish_listing(session: Session, caller: Caller, listing_id: UUID) -> UUID:
    """Publishes an accepted listing; returns its id. Locks the listing.

    A sale by bidding is scheduled; at a listed price the competition for two buyers or more is announced, and what
    follows the end of the notice, or of a negotiation, is promised. The rules in force today become the sale's own. The
    board's rules and the patent's term are judged again at the market's time now. Raises NotPermitted, OwnListing,
    ListingMissing, ListingStateForbids, OpeningPassed, NoticeTooShort, PatentExpired, NotForPublication, ConsentsMissing,
    ConsentNotVerified and the rules' errors. Locks the patents too.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing = await lock_listing(session, listing_id)
    if caller.organisation_id == listing.seller_id:
        raise OwnListing
    status = next_listing_status(listing.status, ListingAct.PUBLISH)
    now = await require_sound(session, listing, await read_subject(session, listing))
    await require_announced(session, listing)
    await require_consents(session, listing)
    offer = offer_of(listing)
    if listing.method == AUCTION:
        await schedule_sale(session, listing)
    elif has_bidding(offer):
        listing.announced_rules = write_rules(terms_of(offer))
    listing.status = status
    listing.published_at = now
    await require_notice(
        session, listing, listing.notice_ends_at or listing.opens_at or listing.closes_at, now
    )
    await keep_rules(session, listing, await get_organisation(session, listing.seller_id), now)
    if listing.method != AUCTION:
        await promise_end_of_notice(session, listing)
    await audit(
        session,
        caller,
        "listing.published",
        subject_kind="listing",
        subject_id=listing.id,
        detail={
            "listing_no": listing.listing_no,
            "method": listing.method,
            "auction_id": str(listing.auction_id) if listing.auction_id else None,
        },
    )
    return listing.id


async def schedule_sale(session: Session, listing: Listing) -> Auction:
    """Schedules a listing's sale by bidding on its own terms; the caller holds the listing's lock. Raises TermsInvalid."""
    auction = await schedule_auction(
        session,
        listing_id=listing.id,
        listing_no=listing.listing_no,
        seller_id=listing.seller_id,
        title=listing.title,
        terms=terms_of(offer_of(listing)),
        reserve_fen=listing.reserve_price_fen,
        is_demonstration=listing.is_demonstration,
        rules=listing.announced_rules,
    )
    listing.auction_id = auction.id
    return auction


async def promise_end_of_notice(session: Session, listing: Listing) -> None:
    """Promises what follows the end of a listing's notice or negotiation; who moves that end promises anew."""
    ends_at = listing.notice_ends_at or listing.closes_at
    await promise(session, END_OF_NOTICE, {"listing_id": str(listing.id)}, run_at=ends_at)
