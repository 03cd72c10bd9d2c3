"""Makers of sales that ended with several bidders, of confirmed defaults, and of offers to the next bidder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Role
from app.auction.bidding import place_bids
from app.auction.closing import advance_auction
from app.clock import market_now
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.trades.award import award_auction
from app.trades.default_rules import Ground
from app.trades.models import Deal
from app.trades.successors import ask_successor
from tests.make_accounts import make_caller
from tests.make_auction import request
from tests.make_trades import make_buyer, make_intent, make_listing, make_seller

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing
    from tests.conftest import SetNow

START, STEP = 10_000_000, 100_000


@dataclass
class Ended:
    """A sale by bidding that is over: its sides, the bidders from the winner down, and the deal."""

    seller: Caller
    bidders: list[Caller]
    listing: Listing
    deal: Deal


async def make_ended_sale(session: Session, now_is: SetNow, /, bidders: int = 3, **over: Any) -> Ended:
    """An open sale in which each bidder has bid a step above the one before; the first of ``bidders`` won."""
    seller = await make_seller(session)
    listing = await make_listing(session, status="listed", seller=seller, **over)
    people = [await make_buyer(session) for _ in range(bidders)]
    for person in people:
        await make_intent(session, listing, status="admitted", buyer=person)
    assert listing.auction_id is not None
    began = await market_now(session)
    await now_is(session, began + timedelta(hours=2))
    for place, person in enumerate(people):
        bid = request(person.organisation_id, START + place * STEP)
        (answer,) = await place_bids(session, listing.auction_id, [bid])
        assert getattr(answer, "refusal", answer) is None
    await now_is(session, began + timedelta(hours=26))
    await advance_auction(session, listing.auction_id)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    deal = (await session.execute(select(Deal).where(Deal.listing_id == listing.id))).scalar_one()
    await session.refresh(listing)
    return Ended(seller, people[::-1], listing, deal)


async def confirm_default(session: Session, deal_id: UUID) -> UUID:
    """A default that the host declared and a reviewer confirmed."""
    said = Declared(Ground.REFUSE_CONFIRMATION, "买受人书面表示不再签署。", 0)
    made = await declare_default(session, await make_caller(session, Role.HOST), deal_id, said)
    return await decide_default(session, await make_caller(session, Role.REVIEWER), made, confirms=True)


async def make_successor_offer(session: Session, ended: Ended, *, hours: int = 24) -> UUID:
    """The winner defaulted, and the seller has asked the next bidder."""
    await confirm_default(session, ended.deal.id)
    expires_at = await market_now(session) + timedelta(hours=hours)
    return await ask_successor(session, ended.seller, ended.deal.id, expires_at)
