"""Makers of scheduled and open sales for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.auction.admission import admit_bidder
from app.auction.bidding import BidRequest
from app.auction.closing import advance_auction
from app.auction.rules.engine import publish
from app.auction.rules.terms import AuctionTerms
from app.auction.scheduling import schedule_auction
from app.clock import market_now
from app.ids import uuid7
from app.payments.models import Deposit
from tests.make_accounts import make_organisation

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session

START_FEN = 100_000_00
STEP_FEN = 10_000_00


@dataclass(frozen=True)
class MadeSale:
    """A sale with its seller, its two admitted bidders and their codes."""

    id: UUID
    seller_id: UUID
    bidders: tuple[UUID, ...]
    codes: tuple[str, ...]
    ends_at: datetime


async def make_sale(
    session: Session,
    /,
    *,
    bidders: int = 2,
    reserve_fen: int | None = None,
    ends_in: float = 3600,
    **over: Any,
) -> MadeSale:
    """A sale that opened a second ago and has admitted bidders without a deposit, unless terms say otherwise."""
    now = await market_now(session)
    values: dict[str, Any] = {
        "start_price_fen": START_FEN,
        "step_fen": STEP_FEN,
        "deposit_fen": 0,
        "opens_at": now - timedelta(seconds=1),
        "closes_at": now + timedelta(seconds=ends_in),
        "hard_end_at": None,
        "trigger_seconds": 300,
        "extension_seconds": 300,
        "has_reserve": reserve_fen is not None,
    }
    terms = AuctionTerms(**{**values, **over})
    seller = await make_organisation(session)
    sale = await schedule_auction(
        session,
        listing_id=uuid7(),
        listing_no=f"T2026-{uuid7().hex[-6:]}",
        seller_id=seller.id,
        title="一种测试用的方法",
        terms=terms,
        reserve_fen=reserve_fen,
        is_demonstration=True,
    )
    parties = [(await make_organisation(session)).id for _ in range(bidders)]
    codes = [await admit_bidder(session, sale.id, party, None) for party in parties]
    published = publish(terms)
    if published.format.has_secrets(published.options) and terms.opens_at <= now:
        # What is secret opens nothing: the worker has been here.
        await advance_auction(session, sale.id)
    return MadeSale(sale.id, seller.id, tuple(parties), tuple(codes), terms.closes_at)


async def make_deposit(session: Session, party_id: UUID, status: str = "due") -> Deposit:
    """A deposit in a state, without its ledger entries: enough for a judge of bids."""
    deposit = Deposit(
        party_id=party_id,
        listing_id=uuid7(),
        amount_fen=START_FEN // 10,
        reference=f"T{uuid7().hex[-9:]}",
        status=status,
    )
    session.add(deposit)
    await session.flush()
    return deposit


def request(party_id: UUID, amount_fen: int, bid_id: UUID | None = None) -> BidRequest:
    """A bid as the edge lets it pass."""
    return BidRequest(bid_id or uuid7(), party_id, party_id, amount_fen, datetime.now(UTC))
