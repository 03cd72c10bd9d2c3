"""Award after a close (成交): the deal with its confirmation, the deposits settled, the intents answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import find_exchange, get_organisation
from app.auction.queries import AuctionResult, get_result, get_sale_view
from app.auction.recording import AWARD_TASK
from app.auction.sale import lock_sale
from app.audit import audit
from app.catalog.queries import get_patent
from app.clock import market_now
from app.errors import Conflict
from app.ids import uuid7
from app.payments.deposits import settle_deposits
from app.tasks import handles
from app.trades.confirmation import fingerprint, write_confirmation
from app.trades.models import Deal, Intent, Listing
from app.trades.numbers import DEAL_SERIES, take_number
from app.trades.queries import list_intents_of, lock_listing
from app.trades.states import IntentStatus, ListingAct, ListingStatus, check_intent_step, next_listing_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Session

_CONSEQUENCE = {
    "sold": (ListingAct.SELL, "listing.sold"),
    "unsold": (ListingAct.CLOSE_UNSOLD, "listing.unsold"),
    "void": (ListingAct.TERMINATE, "listing.terminated"),
}
_OPEN_INTENTS = {IntentStatus.SUBMITTED, IntentStatus.QUALIFIED, IntentStatus.ADMITTED}


@dataclass(eq=False)
class AuctionNotClosed(Conflict):
    """The auction has not closed, so nothing can be awarded."""

    zh = "竞价还没有结束，不能确认成交。"
    en = "The auction has not closed, so nothing can be awarded."
    auction_id: UUID


@dataclass(eq=False)
class WinnerWithoutDeposit(Conflict):
    """The winning party has no admitted intent with a deposit."""

    zh = "竞得方没有已入场的受让意向和保证金，请核对记录。"
    en = "The winning party has no admitted intent with a deposit; check the records."
    auction_id: UUID


@handles(AWARD_TASK)
async def award_auction(session: Session, payload: dict[str, Any]) -> None:
    """Draws the consequences of a closed auction once; a second run finds the listing settled and does nothing.

    Whatever the format: a sale that was sold becomes a deal at the result's price with whom the result names, the
    holder of a right of first refusal included; one that was not, or was declared void, releases everybody.
    Locks the auction, the listing, its deposits, then ledger accounts. Raises AuctionNotClosed.
    """
    auction_id = UUID(payload["auction_id"])
    # The auction does not change any more, but the deal's foreign key locks its row: after the listing's that would
    # be the wrong order against a confirmation that comes too late.
    await lock_sale(session, auction_id)
    result = await get_result(session, auction_id)
    if result.outcome is None:
        raise AuctionNotClosed(auction_id)
    listing_id = (
        await session.execute(select(Listing.id).where(Listing.auction_id == auction_id))
    ).scalar_one()
    listing = await lock_listing(session, listing_id)
    if listing.status != ListingStatus.LISTED:
        return
    intents = await list_intents_of(session, listing.id)
    deal: Deal | None = None
    if result.outcome == "sold":
        deal = await _confirm_deal(session, auction_id, listing, intents, result)
    winner_deposit_id = deal.deposit_id if deal else None
    await settle_deposits(
        session, listing_id=listing.id, winner_deposit_id=winner_deposit_id, deal_id=deal.id if deal else None
    )
    for intent in intents:
        if intent.status in _OPEN_INTENTS:
            has_won = deal is not None and intent.buyer_id == deal.buyer_id
            status = IntentStatus.WON if has_won else IntentStatus.LOST
            check_intent_step(intent.status, status)
            intent.status = status
    act, action = _CONSEQUENCE[result.outcome]
    listing.status = next_listing_status(listing.status, act)
    await audit(
        session,
        None,
        action,
        subject_kind="listing",
        subject_id=listing.id,
        detail={
            "listing_no": listing.listing_no,
            "deal_no": deal.deal_no if deal else None,
            "price_fen": deal.price_fen if deal else None,
        },
    )


async def _confirm_deal(
    session: Session, auction_id: UUID, listing: Listing, intents: Sequence[Intent], result: AuctionResult
) -> Deal:
    """Writes the deal and its confirmation for the winner."""
    winner = next((intent for intent in intents if intent.buyer_id == result.winner_party_id), None)
    if winner is None or winner.deposit_id is None or winner.status != IntentStatus.ADMITTED:
        raise WinnerWithoutDeposit(auction_id)
    if result.price_fen is None or result.closed_at is None:
        raise AuctionNotClosed(auction_id)
    exchange = await find_exchange(session)
    deal_no, now = await take_number(session, DEAL_SERIES), await market_now(session)
    document = write_confirmation(
        deal_no=deal_no,
        listing=listing,
        patent=await get_patent(session, listing.patent_id),
        seller=await get_organisation(session, listing.seller_id),
        buyer=await get_organisation(session, winner.buyer_id),
        exchange_name=exchange.name if exchange else None,
        sale=await get_sale_view(session, auction_id),
        intent=winner,
        price_fen=result.price_fen,
        deposit_fen=listing.deposit_fen,
        closed_at=result.closed_at,
        confirmed_at=now,
    )
    deal = Deal(
        id=uuid7(),
        deal_no=deal_no,
        listing_id=listing.id,
        auction_id=auction_id,
        seller_id=listing.seller_id,
        buyer_id=winner.buyer_id,
        price_fen=result.price_fen,
        deposit_id=winner.deposit_id,
        confirmed_at=now,
        confirmation=document,
        confirmation_sha256=fingerprint(document),
    )
    session.add(deal)
    await session.flush()
    return deal
