"""Interruptions: nobody could bid when it counted, so the sale is suspended before any award; a late worker is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.auction.bidding import Answer, BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.interruptions import Gap, find_gap
from app.auction.models import Auction
from app.auction.recording import AWARD_TASK
from app.auction.rules.game import Kind
from app.auction.sale import driver
from app.auction.suspending import list_moving, suspend_interrupted
from app.clock import market_now
from app.ids import uuid7
from app.tasks import TaskRow
from tests.make_auction import START_FEN, make_sale, request
from tests.trouble.making import gap, kinds_of, last_body, last_heartbeat, make_dutch

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

LONGEST = timedelta(seconds=30)
TEN = datetime(2026, 5, 1, 2, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    """That many seconds."""
    return timedelta(seconds=count)


async def is_awarded(session: Session) -> bool:
    """Whether anything that follows a close was promised."""
    return (await session.execute(select(TaskRow.id).where(TaskRow.name == AWARD_TASK))).first() is not None


@pytest.mark.parametrize(
    ("began", "ended", "phase"),
    [
        (-40, -5, "suspended"),  # within the last window
        (-400, -290, "suspended"),  # reaches into it
        (-31, 600, "suspended"),  # over the end, longer than the setting by then
        (-30, 600, "unsold"),  # exactly the setting by the end: what comes later takes nothing from anybody
        (-40, -11, "unsold"),  # shorter than the setting
        (-400, -300, "unsold"),  # over when the last window begins
        (1, 600, "unsold"),  # after the end
    ],
)
async def test_a_sale_closes_unless_nobody_could_bid_in_its_last_window(
    session: Session, now_is: SetNow, began: int, ended: int, phase: str
) -> None:
    sale = await make_sale(session)
    await gap(session, sale.ends_at + seconds(began), sale.ends_at + seconds(ended))
    await now_is(session, sale.ends_at + seconds(max(ended, 0)))
    assert await advance_auction(session, sale.id) == phase
    assert await is_awarded(session) == (phase != "suspended")


@given(
    st.integers(-1000, 1000),
    st.integers(1, 1000),
    st.integers(0, 500),
    st.integers(0, 100_000),
)
def test_how_late_an_end_is_looked_at_changes_nothing(began: int, length: int, late: int, later: int) -> None:
    found = Gap(TEN + seconds(began), TEN + seconds(began + length))

    def seen(now: datetime) -> bool:
        """What a worker sees then: the gap under way, or the gap on record."""
        so_far = Gap(found.began_at, min(found.ended_at, now))
        gaps = [so_far] if now > found.began_at and so_far.ended_at - so_far.began_at > LONGEST else []
        return find_gap(gaps, TEN - seconds(300), TEN, LONGEST) is not None

    assert seen(TEN + seconds(late)) == seen(TEN + seconds(late + later))


async def test_a_late_worker_alone_gives_the_award_it_would_have_given_in_time(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    late = sale.ends_at + timedelta(days=3)
    await last_heartbeat(session, late)
    await now_is(session, late)
    assert await advance_auction(session, sale.id) == "sold"
    assert (await last_body(session, sale.id))["winner"] == sale.codes[0]


async def test_a_market_that_never_took_bids_has_no_interruption(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session)
    await now_is(session, sale.ends_at + timedelta(days=3))
    assert await advance_auction(session, sale.id) == "unsold"


async def test_an_interruption_under_way_counts_like_one_on_record(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session)
    await last_heartbeat(session, sale.ends_at - seconds(31))
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id) == "suspended"


async def test_the_suspension_is_published_with_its_time_and_cause_and_computes_no_award(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    await gap(session, sale.ends_at - seconds(50), sale.ends_at + seconds(10))
    await now_is(session, sale.ends_at + seconds(10))
    assert await advance_auction(session, sale.id) == "suspended"
    assert (await kinds_of(session, sale.id))[-2:] == ["bid_accepted", "auction_suspended"]
    told = await last_body(session, sale.id)
    assert told["cause"] == "interruption"
    assert "60 秒" in told["reason_zh"]
    assert "60 seconds" in told["reason_en"]
    row = (await session.execute(select(Auction).where(Auction.id == sale.id))).scalar_one()
    assert (row.closed_at, row.due_at, row.price_fen) == (None, None, START_FEN)


async def test_a_bid_after_the_interruption_gives_everybody_a_whole_window_again(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session)
    await gap(session, sale.ends_at - seconds(200), sale.ends_at - seconds(100))
    await now_is(session, sale.ends_at - seconds(50))
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    await now_is(session, sale.ends_at + seconds(250))
    assert await advance_auction(session, sale.id) == "sold"


async def test_a_sale_whose_whole_time_lies_in_the_interruption_is_opened_and_suspended(
    session: Session, now_is: SetNow
) -> None:
    now = await market_now(session)
    sale = await make_sale(session, opens_at=now + seconds(60), ends_in=120)
    await gap(session, now, now + timedelta(days=2))
    await now_is(session, now + timedelta(days=2))
    assert await advance_auction(session, sale.id) == "suspended"
    assert await kinds_of(session, sale.id) == ["auction_scheduled", "auction_opened", "auction_suspended"]


async def test_a_sale_that_merely_opened_late_in_an_interruption_runs_on(
    session: Session, now_is: SetNow
) -> None:
    now = await market_now(session)
    sale = await make_sale(session, opens_at=now + seconds(60), ends_in=7200)
    await gap(session, now, now + seconds(100))
    await now_is(session, now + seconds(100))
    assert await advance_auction(session, sale.id) == "open"


async def test_no_tick_of_a_falling_price_passes_in_which_nobody_could_take_it(
    session: Session, now_is: SetNow
) -> None:
    sale, opened_at = await make_dutch(session)
    await now_is(session, opened_at + seconds(12))
    await advance_auction(session, sale.id)
    await gap(session, opened_at + seconds(15), opened_at + seconds(55))
    await now_is(session, opened_at + seconds(55))
    assert await advance_auction(session, sale.id) == "suspended"
    assert (await kinds_of(session, sale.id))[-1] == "auction_suspended"
    detail = (await session.execute(select(Auction.detail).where(Auction.id == sale.id))).scalar_one()
    assert detail is not None
    assert orjson.loads(detail)["step"] == 1


async def test_the_sweep_after_an_interruption_stops_what_moves_by_itself_and_nothing_else(
    session: Session, now_is: SetNow
) -> None:
    (falling, opened_at), rising = await make_dutch(session), await make_sale(session)
    await now_is(session, opened_at + seconds(12))
    for sale in (falling, rising):
        await advance_auction(session, sale.id)
    await gap(session, opened_at + seconds(15), opened_at + seconds(55))
    await now_is(session, opened_at + seconds(55))
    moving = await list_moving(session)
    assert falling.id in moving
    assert rising.id not in moving
    raw = await driver(session)
    both = [falling.id, rising.id]
    assert await suspend_interrupted(raw, both, None, LONGEST) == [falling.id]
    assert await suspend_interrupted(raw, both, None, LONGEST) == []


async def test_a_price_that_was_taken_in_a_tick_with_an_interruption_is_not_awarded(
    session: Session, now_is: SetNow
) -> None:
    sale, opened_at = await make_dutch(session, tick_seconds=60)
    assert await advance_auction(session, sale.id) == "open"
    await gap(session, opened_at + seconds(5), opened_at + seconds(40))
    await now_is(session, opened_at + seconds(45))
    take = BidRequest(
        uuid7(), sale.bidders[0], sale.bidders[0], START_FEN, datetime.now(UTC), Kind.TAKE, step=0
    )
    (answer,) = await place_bids(session, sale.id, [take])
    assert isinstance(answer, Answer)
    assert answer.refusal is None
    await now_is(session, opened_at + seconds(46))
    assert await advance_auction(session, sale.id) == "suspended"
    assert not await is_awarded(session)
