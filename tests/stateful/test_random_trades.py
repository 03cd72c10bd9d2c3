"""Random trades by all three methods, with crashes between the steps and everything doubled and out of order.

After each step the ledger's invariants are asked, and at the end that every deposit has ended somewhere. A failure names
its seed and its steps: MARKET_TRADES_SEED=<seed> plays the same again, MARKET_TRADES_SECONDS plays for longer.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.trades.award import award_auction
from app.trades.models import Listing
from tests.conftest import empty
from tests.make_trades import close_sale
from tests.stateful.acts import ACTS, begin
from tests.stateful.holding import find_broken
from tests.stateful.market import Market

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, Session
    from app.payments.stripe_gateway import StripeGateway
    from tests.conftest import SetNow
    from tests.stripe.speaking import Speaking

SECONDS = float(os.environ.get("MARKET_TRADES_SECONDS", "60"))
SEED = int(os.environ.get("MARKET_TRADES_SEED", "1"))
STEPS = 120
# What never happened has not been tried: it is played on until all of these came.
MONEY_MOVES = {"receipt", "award", "release decided", "execution"}


async def check(market: Market, *, is_over: bool = False) -> None:
    broken = await find_broken(market, is_over=is_over)
    assert not broken, f"{broken} after {market.done}"


async def play(market: Market) -> None:
    """Some trades go on side by side, a step of one, a step of another."""
    await market.staff()
    methods = ["auction", "listed", "negotiated"]
    market.chance.shuffle(methods)
    for method in [*methods, market.one_of(methods)]:
        await begin(market, method)
    acts, weights = list(ACTS), list(ACTS.values())
    for _ in range(STEPS):
        before = len(market.done)
        # An act that finds nothing to be done to is no step.
        while len(market.done) == before:
            (act,) = market.chance.choices(acts, weights)
            await act(market)
        if market.chance.random() < 0.4:
            await market.keep_promises()
        if market.chance.random() < 0.1:
            await market.keep_again()
        await check(market)


async def end(market: Market) -> None:
    """The days go by, every sale that is still open ends unsold, and the worker keeps all its promises."""
    await market.pass_time(timedelta(days=3))
    await market.keep_promises(until_none=True)
    async with market.db.reading() as session:
        listed = select(Listing.id).where(Listing.status == "listed", Listing.auction_id.is_not(None))
        left = (await session.execute(listed)).scalars().all()
    for listing_id in left:
        await market.db.write(_close, listing_id)
    await market.keep_promises(until_none=True)
    await check(market, is_over=True)


async def _close(session: Session, listing_id: UUID) -> None:
    listing = await session.get_one(Listing, listing_id)
    await close_sale(session, listing, None, None)
    await award_auction(session, {"auction_id": str(listing.auction_id)})


@pytest.mark.timeout(SECONDS + 900)
async def test_random_trades_keep_every_fen(
    db: Database, stripe: Speaking, gateway: StripeGateway, now_is: SetNow, seeded_tables: set[str]
) -> None:
    until, seed, counts = time.monotonic() + SECONDS, SEED, Counter[str]()
    while time.monotonic() < until or not counts.keys() >= MONEY_MOVES:
        # Each begins with nothing, so that a seed plays the same whatever came before it.
        await empty(db, seeded_tables)
        await now_is(db, None)
        stripe.state = type(stripe.state)()
        market = Market(db, stripe, gateway, seed)
        await play(market)
        await end(market)
        counts.update(market.counts)
        seed += 1
    await now_is(db, None)
    assert any(name.endswith("died") for name in counts)
