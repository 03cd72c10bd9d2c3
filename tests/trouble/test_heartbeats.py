"""Heartbeats: a silence is kept as a gap, and nothing is taken before the sales that it hit are suspended."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.auction import heartbeats
from app.auction.bidding import Answer
from app.auction.closing import advance_auction
from app.auction.desk import Desk
from app.auction.heartbeats import BiddingInterrupted, Heart, beat
from app.auction.queries import get_auction
from app.auction.suspending import sweep
from app.auction.trouble_models import BiddingGap, Heartbeat
from app.clock import market_now
from tests.make_auction import START_FEN, make_sale, request
from tests.trouble.making import last_heartbeat, make_dutch

if TYPE_CHECKING:
    from app.db import AnySession, Database, Session
    from tests.conftest import SetNow

LONGEST = timedelta(seconds=30)


async def gaps(session: AnySession) -> list[tuple[Any, Any]]:
    """The gaps on record."""
    query = select(BiddingGap.began_at, BiddingGap.ended_at).order_by(BiddingGap.began_at)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def nothing() -> None:
    """Sweeps nothing."""


def heart_of(db: Database, sweeping: Any = nothing) -> Heart:
    """A heart with the usual settings."""
    return Heart(db, sweeping, every=5, longest=30)


async def test_the_first_heartbeat_of_all_has_no_gap_before_it(session: Session) -> None:
    assert await beat(session, uuid4(), LONGEST) == []
    assert await gaps(session) == []


@pytest.mark.parametrize(("silence", "is_kept"), [(29, False), (30, False), (31, True), (86_400, True)])
async def test_a_silence_of_all_processes_is_kept_when_it_was_too_long(
    session: Session, now_is: SetNow, silence: int, *, is_kept: bool
) -> None:
    now = await market_now(session)
    await now_is(session, now)
    await beat(session, uuid4(), LONGEST)
    await now_is(session, now + timedelta(seconds=silence))
    unswept = await beat(session, uuid4(), LONGEST)
    assert len(unswept) == is_kept
    assert await gaps(session) == ([(now, now + timedelta(seconds=silence))] if is_kept else [])


async def test_one_process_that_goes_on_is_enough(session: Session, now_is: SetNow) -> None:
    now, stays, leaves = await market_now(session), uuid4(), uuid4()
    await now_is(session, now)
    await beat(session, leaves, LONGEST)
    for step in range(1, 20):
        await now_is(session, now + timedelta(seconds=20 * step))
        await beat(session, stays, LONGEST)
    assert await beat(session, leaves, LONGEST) == []
    assert await gaps(session) == []


async def test_each_process_keeps_one_row(session: Session) -> None:
    process = uuid4()
    for _ in range(3):
        await beat(session, process, LONGEST)
    assert list((await session.execute(select(Heartbeat.process_id))).scalars()) == [process]


async def test_old_rows_are_forgotten_but_never_the_newest(db: Database) -> None:
    async with db.transaction() as session:
        now = await market_now(session)
        for days in (400, 100):
            await last_heartbeat(session, now - timedelta(days=days))
    await heart_of(db).start()
    async with db.reading() as reading:
        assert len(await gaps(reading)) == 1
        beats = (await reading.execute(select(Heartbeat.beat_at).order_by(Heartbeat.beat_at))).scalars().all()
    assert len(beats) == 2
    assert beats[0] == now - timedelta(days=100)


async def test_a_heart_is_steady_only_after_the_sweep(db: Database) -> None:
    async with db.transaction() as session:
        await last_heartbeat(session, await market_now(session) - timedelta(hours=1))
    steady: list[bool] = []

    async def look() -> None:
        steady.append(heart.is_steady)

    heart = heart_of(db, look)
    with pytest.raises(BiddingInterrupted):
        heart.require_steady()
    await heart.start()
    assert steady == [False]
    heart.require_steady()
    async with db.reading() as reading:
        assert (await reading.execute(select(BiddingGap.swept_at))).scalar_one() is not None


async def test_a_sweep_that_failed_is_done_again_by_whoever_beats_next(db: Database) -> None:
    async with db.transaction() as session:
        await last_heartbeat(session, await market_now(session) - timedelta(hours=1))
    swept: list[str] = []

    async def fails() -> None:
        raise OSError

    async def works() -> None:
        swept.append("swept")

    dying, next_one = heart_of(db, fails), heart_of(db, works)
    with pytest.raises(OSError):  # noqa: PT011 - the sweep's own
        await dying.start()
    assert not dying.is_steady
    await next_one.start()
    await next_one.beat()
    assert swept == ["swept"]


async def test_a_heart_that_stands_still_lets_no_bid_in(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await db.write(make_sale)
    heart = heart_of(db)
    desk = Desk(db, lambda _: None, None, queue_limit=10)
    desk.guard = heart.require_steady
    bid = request(sale.bidders[0], START_FEN)
    with pytest.raises(BiddingInterrupted):
        await desk.submit(sale.id, bid)
    await heart.start()
    assert isinstance(await desk.submit(sale.id, bid), Answer)
    later = heartbeats.time.monotonic() + 31
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: later)
    with pytest.raises(BiddingInterrupted):
        await desk.submit(sale.id, request(sale.bidders[0], START_FEN * 2))


async def test_a_heart_beats_until_it_is_stopped_and_then_once_more(db: Database) -> None:
    heart, stop = Heart(db, nothing, every=0.01, longest=30), asyncio.Event()
    await heart.start()
    running = asyncio.create_task(heart.run(stop))
    await asyncio.sleep(0.05)
    async with db.reading() as reading:
        asked_at = await market_now(reading)
    stop.set()
    await running
    async with db.reading() as reading:
        assert (await reading.execute(select(Heartbeat.beat_at))).scalar_one() >= asked_at


async def test_after_a_dark_hour_a_falling_price_is_suspended_before_a_bid_can_move_it(
    db: Database, now_is: SetNow
) -> None:
    async with db.transaction() as session:
        sale, opened_at = await make_dutch(session)
        await last_heartbeat(session, opened_at + timedelta(seconds=3))
    await now_is(db, opened_at + timedelta(seconds=63))

    async def sweeping() -> None:
        assert await sweep(db, None, LONGEST) == [sale.id]

    await heart_of(db, sweeping).start()
    async with db.transaction() as session:
        assert (await get_auction(session, sale.id)).phase == "suspended"
        assert await advance_auction(session, sale.id) == "suspended"
