"""Bids that waited through an interruption, judged before anybody has looked at the sale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.auction.bidding import Answer, BidRequest, place_bids
from app.auction.errors import AuctionSuspended
from app.auction.errors_sealed import StepPassed
from app.auction.rules.game import Kind
from app.ids import uuid7
from tests.make_auction import START_FEN, make_sale, request
from tests.trouble.making import kinds_of, last_heartbeat, make_dutch

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow


@pytest.mark.parametrize(("silent", "is_suspended"), [(31, True), (30, False)])
async def test_a_take_that_waited_while_nobody_could_bid_finds_the_clock_stopped(
    session: Session, now_is: SetNow, silent: int, *, is_suspended: bool
) -> None:
    sale, opens_at = await make_dutch(session)
    await last_heartbeat(session, opens_at + timedelta(seconds=2))
    now = opens_at + timedelta(seconds=2 + silent)
    await now_is(session, now)
    take = BidRequest(
        uuid7(), sale.bidders[0], sale.bidders[0], START_FEN, datetime.now(UTC), Kind.TAKE, step=0
    )
    (answer,) = await place_bids(session, sale.id, [take])
    assert isinstance(answer, Answer)
    assert isinstance(answer.refusal, AuctionSuspended if is_suspended else StepPassed)
    kinds = await kinds_of(session, sale.id)
    assert ("auction_suspended" in kinds, "price_fell" in kinds) == (is_suspended, not is_suspended)


async def test_a_bid_that_keeps_the_sale_going_needs_no_look_at_interruptions(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session)
    await now_is(session, sale.ends_at - timedelta(minutes=2))
    await last_heartbeat(session, sale.ends_at - timedelta(minutes=4))
    (answer,) = await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    assert isinstance(answer, Answer)
    # Whoever extends the end gives everybody a whole window again.
    assert answer.ends_at == sale.ends_at + timedelta(minutes=3)
