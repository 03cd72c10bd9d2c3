"""The end of a notice (公告期满): a listing at a listed price finds its buyer, goes to competition, or closes without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.audit import audit
from app.clock import market_now
from app.payments.deposits import settle_deposits
from app.tasks import handles
from app.trades.admission import admit
from app.trades.confirming import drop_unconfirmed
from app.trades.dealing import conclude, make_deal
from app.trades.licence_sales import end_sale_to_many, is_sold_to_many
from app.trades.method import LISTED, NEGOTIATED
from app.trades.prolonging import prolong_if_announced
from app.trades.publication import END_OF_NOTICE, promise_end_of_notice, schedule_sale
from app.trades.queries import list_intents_of, lock_listing
from app.trades.room_queries import find_agreed_room
from app.trades.rooms import close_rooms
from app.trades.rules import decide_trade_method
from app.trades.states import IntentStatus, ListingAct, ListingStatus, check_intent_step, next_listing_status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.db import Session
    from app.trades.models import Deal, Intent, Listing

_OPEN_INTENTS = {IntentStatus.SUBMITTED, IntentStatus.QUALIFIED, IntentStatus.PAID}


@handles(END_OF_NOTICE)
async def end_notice(session: Session, payload: dict[str, Any]) -> None:
    """Decides once, at the end of the notice, how a listing finds its buyer; a second run finds it decided.

    Of those who are qualified and have paid the deposit: one has it at the listed price, two or more go to the
    competition that was announced. None, or a negotiation that ends without a deal, prolongs the listing while its
    clause allows, and closes it then. What was sold to many at its price is closed as sold if anybody has it. Whoever
    has not confirmed a new announcement is out.
    Locks the listing, its deposits, then ledger accounts. A notice that was prolonged meanwhile is promised anew.
    Source: 国资法 article 54 (two or more bidders compete).
    """
    listing = await lock_listing(session, UUID(payload["listing_id"]))
    if listing.status != ListingStatus.LISTED or listing.auction_id is not None:
        return
    # Read after the lock: whoever was qualified or paid before us counts.
    now = await market_now(session)
    if now < (listing.notice_ends_at or listing.closes_at):
        await promise_end_of_notice(session, listing)
        return
    # What was agreed in time is a deal to be, however long the seller's own steps take.
    if listing.method == NEGOTIATED and await find_agreed_room(session, listing.id) is not None:
        return
    if is_sold_to_many(listing):
        await end_sale_to_many(session, listing)
        return
    intents = await list_intents_of(session, listing.id)
    await drop_unconfirmed(session, listing, intents)
    paid = [intent for intent in intents if intent.status == IntentStatus.PAID]
    method = decide_trade_method(
        len(paid), missed_opening=listing.method == LISTED and _has_missed_opening(listing, now)
    )
    if method == "agreement":
        await _sell_to(session, listing, intents, paid[0], now)
    elif method == "competition":
        await _compete(session, listing, intents, now)
    elif method == "missed" or not await prolong_if_announced(session, listing, now):
        act = ListingAct.TERMINATE if method == "missed" else ListingAct.CLOSE_UNSOLD
        await settle_deposits(session, listing_id=listing.id)
        _answer(intents, None)
        await close_rooms(session, listing, listing.id, now)
        await _end(session, listing, act, {"decided": method, "buyers": len(paid)})


def _has_missed_opening(listing: Listing, now: datetime) -> bool:
    return listing.opens_at is not None and now >= listing.opens_at


async def _sell_to(
    session: Session, listing: Listing, intents: Sequence[Intent], winner: Intent, now: datetime
) -> Deal:
    """The only buyer has it at the listed price; his deposit becomes part of it."""
    made = await conclude(
        session, listing, winner.buyer_id, listing.start_price_fen, closed_at=now, intent=winner
    )
    deal = await make_deal(session, made)
    await settle_deposits(session, listing_id=listing.id, winner_deposit_id=deal.deposit_id, deal_id=deal.id)
    _answer(intents, winner)
    detail = {"decided": "agreement", "deal_no": deal.deal_no, "price_fen": deal.price_fen}
    await _end(session, listing, ListingAct.SELL, detail)
    return deal


async def _compete(session: Session, listing: Listing, intents: Sequence[Intent], now: datetime) -> None:
    """Schedules the announced competition and admits exactly those who had done all by the end of the notice."""
    auction = await schedule_sale(session, listing)
    await session.flush()
    paid = [intent for intent in intents if intent.status == IntentStatus.PAID]
    for intent in paid:
        await admit(session, intent, auction.id, now)
    _answer(intents, None)
    detail = {
        "listing_no": listing.listing_no,
        "decided": "competition",
        "buyers": len(paid),
        "auction_id": str(auction.id),
    }
    await audit(
        session, None, "listing.to_bidding", subject_kind="listing", subject_id=listing.id, detail=detail
    )


def _answer(intents: Sequence[Intent], winner: Intent | None) -> None:
    """Whoever still waits has lost, except the winner; who was admitted waits no longer here."""
    for intent in intents:
        if intent.status in _OPEN_INTENTS:
            status = IntentStatus.WON if intent is winner else IntentStatus.LOST
            check_intent_step(intent.status, status)
            intent.status = status


async def _end(session: Session, listing: Listing, act: ListingAct, detail: dict[str, Any]) -> None:
    listing.status = next_listing_status(listing.status, act)
    detail = {"listing_no": listing.listing_no, **detail}
    await audit(
        session,
        None,
        f"listing.{listing.status}",
        subject_kind="listing",
        subject_id=listing.id,
        detail=detail,
    )
