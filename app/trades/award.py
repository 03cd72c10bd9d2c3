"""Award after a close (成交): the deal with its confirmation, the deposits settled, the intents answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.auction.queries import AuctionResult, get_auction, get_result, get_sale_view
from app.auction.recording import AWARD_TASK
from app.auction.sale import lock_sale
from app.audit import audit
from app.clock import market_now
from app.errors import Conflict
from app.ids import uuid7
from app.payments.deposits import settle_deposits
from app.tasks import handles
from app.trades.confirmation import fingerprint, write_award
from app.trades.dealing import conclude, make_deal
from app.trades.models import Deal, DemandAward
from app.trades.numbers import AWARD_SERIES, DEAL_SERIES
from app.trades.prolonging import prolong_if_announced
from app.trades.queries import list_intents_of, lock_listing
from app.trades.states import (
    OPEN_INTENTS,
    IntentStatus,
    ListingAct,
    ListingStatus,
    check_intent_step,
    next_listing_status,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.catalog.lot_models import Demand
    from app.db import Session
    from app.trades.confirmation import Concluded
    from app.trades.models import Intent, Listing

_CONSEQUENCE = {
    "sold": (ListingAct.SELL, "listing.sold"),
    "unsold": (ListingAct.CLOSE_UNSOLD, "listing.unsold"),
    "void": (ListingAct.TERMINATE, "listing.terminated"),
}


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
    holder of a right of first refusal included; a demand's becomes an award, in which the one who put it out pays;
    one that was not sold, or was declared void, releases everybody, unless nobody was admitted and the listing's clause
    prolongs it.
    Locks the auction, the listing, its deposits, then ledger accounts. Raises AuctionNotClosed.
    """
    auction_id = UUID(payload["auction_id"])
    # The auction does not change any more, but the deal's foreign key locks its row: after the listing's that would
    # be the wrong order against a confirmation that comes too late.
    await lock_sale(session, auction_id)
    result = await get_result(session, auction_id)
    if result.outcome is None:
        raise AuctionNotClosed(auction_id)
    listing = await lock_listing(session, (await get_auction(session, auction_id)).listing_id)
    # A sale that was called off for a suspended, changed or prolonged listing decides nothing about it.
    if listing.status != ListingStatus.LISTED or listing.auction_id != auction_id:
        return
    intents = await list_intents_of(session, listing.id)
    was_entered = any(intent.status == IntentStatus.ADMITTED for intent in intents)
    is_deserted = result.outcome == "unsold" and not was_entered
    if is_deserted and await prolong_if_announced(session, listing, await market_now(session)):
        return
    made: Deal | DemandAward | None = None
    if result.outcome == "sold":
        made = await _conclude(session, auction_id, listing, intents, result)
    await _settle(session, listing, made)
    winner_id = _winner_of(made)
    for intent in intents:
        if intent.status in OPEN_INTENTS:
            status = IntentStatus.WON if intent.buyer_id == winner_id else IntentStatus.LOST
            check_intent_step(intent.status, status)
            intent.status = status
    act, action = _CONSEQUENCE[result.outcome]
    listing.status = next_listing_status(listing.status, act)
    detail: dict[str, Any] = {"listing_no": listing.listing_no}
    if made is not None:
        number = made.deal_no if isinstance(made, Deal) else made.award_no
        detail |= {"deal_no": number, "price_fen": made.price_fen}
    await audit(session, None, action, subject_kind="listing", subject_id=listing.id, detail=detail)


def _winner_of(made: Deal | DemandAward | None) -> UUID | None:
    if made is None:
        return None
    return made.buyer_id if isinstance(made, Deal) else made.provider_id


async def _settle(session: Session, listing: Listing, made: Deal | DemandAward | None) -> None:
    """The winner's deposit becomes part of the price he pays, or security where he is paid; all others are released."""
    if isinstance(made, Deal):
        await settle_deposits(
            session, listing_id=listing.id, winner_deposit_id=made.deposit_id, deal_id=made.id
        )
        return
    kept = made.deposit_id if made is not None else None
    await settle_deposits(session, listing_id=listing.id, kept_deposit_id=kept)


async def _conclude(
    session: Session, auction_id: UUID, listing: Listing, intents: Sequence[Intent], result: AuctionResult
) -> Deal | DemandAward:
    """Writes what the winner has won, with its confirmation: a deal, or the award of a demand."""
    winner = next((intent for intent in intents if intent.buyer_id == result.winner_party_id), None)
    if winner is None or winner.deposit_id is None or winner.status != IntentStatus.ADMITTED:
        raise WinnerWithoutDeposit(auction_id)
    if result.price_fen is None or result.closed_at is None:
        raise AuctionNotClosed(auction_id)
    concluded = await conclude(
        session,
        listing,
        winner.buyer_id,
        result.price_fen,
        closed_at=result.closed_at,
        series=DEAL_SERIES if listing.demand_id is None else AWARD_SERIES,
        sale=await get_sale_view(session, auction_id),
        intent=winner,
    )
    demand = concluded.subject.demand
    if demand is None:
        return await make_deal(session, concluded)
    award = _award(concluded, demand, auction_id, winner.deposit_id)
    session.add(award)
    await session.flush()
    return award


def _award(concluded: Concluded, demand: Demand, auction_id: UUID, deposit_id: UUID) -> DemandAward:
    document = write_award(concluded, demand)
    return DemandAward(
        id=uuid7(),
        award_no=concluded.number,
        listing_id=concluded.listing.id,
        auction_id=auction_id,
        owner_id=concluded.owner.id,
        provider_id=concluded.winner.id,
        price_fen=concluded.price_fen,
        deposit_id=deposit_id,
        confirmed_at=concluded.confirmed_at,
        confirmation=document,
        confirmation_sha256=fingerprint(document),
    )
