"""Races for one sale: two bids, a bid against the close, two workers closing. Each twin runs without the lock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from asyncpg import IntegrityConstraintViolationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.auction import bidding, closing, sale
from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction
from app.auction.queries import get_result, get_sale_view
from app.auction.recording import AWARD_TASK
from app.events import list_events
from app.tasks import TaskRow
from tests.make_auction import START_FEN, make_sale, request
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import AnySession, Database
    from tests.conftest import SetNow

    Race = Callable[[Database, pytest.MonkeyPatch, SetNow], Awaitable[None]]

WITHOUT_LOCK = "SELECT id FROM auction WHERE id = ANY($1)"


async def two_bids_at_once(db: Database, monkeypatch: pytest.MonkeyPatch, _: SetNow) -> None:
    """Of two equal bids one is accepted and the other is told the new minimum."""
    made = await db.write(make_sale)
    meeting = Meeting()
    monkeypatch.setattr(bidding, "_find_standings", meeting.before(bidding._find_standings))
    answers = await asyncio.gather(
        *(db.write(place_bids, made.id, [request(party, START_FEN)]) for party in made.bidders)
    )
    judged = [answer for (answer,) in answers if isinstance(answer, Answer)]
    assert sorted(answer.refusal is None for answer in judged) == [False, True]
    view = await db.read(get_sale_view, made.id)
    assert (view.state.price_fen, view.state.sequence) == (START_FEN, 1)


async def a_bid_against_the_close(db: Database, monkeypatch: pytest.MonkeyPatch, now_is: SetNow) -> None:
    """The end passes while a bid is being judged: the close waits for it, and the accepted bid wins the sale."""
    made = await db.write(make_sale, trigger_seconds=0, extension_seconds=0)
    await now_is(db, made.ends_at - timedelta(seconds=1))
    meeting = Meeting()
    monkeypatch.setattr(bidding, "_find_standings", meeting.before(bidding._find_standings))
    bid = asyncio.create_task(db.write(place_bids, made.id, [request(made.bidders[0], START_FEN)]))
    await meeting.first_arrived.wait()
    await now_is(db, made.ends_at)

    async def close() -> None:
        await db.write(advance_auction, made.id)
        await meeting.arrive()

    (answer,), _ = await asyncio.gather(bid, close())
    result = await db.read(get_result, made.id)
    assert isinstance(answer, Answer)
    assert answer.refusal is None
    assert (result.outcome, result.price_fen) == ("sold", START_FEN)


async def two_workers_closing(db: Database, monkeypatch: pytest.MonkeyPatch, now_is: SetNow) -> None:
    """Two workers close one sale: one result event, one promise."""
    made = await db.write(make_sale)
    await now_is(db, made.ends_at)
    meeting = Meeting()
    monkeypatch.setattr(closing, "write_works", meeting.before(closing.write_works))
    await asyncio.gather(*(db.write(advance_auction, made.id) for _ in range(2)))
    kinds = [event.kind for event in await db.read(list_events, made.id)]
    assert kinds == ["auction_scheduled", "auction_opened", "auction_closed"]
    assert await db.read(count_promises) == 1


async def count_promises(session: AnySession) -> int:
    """How many awards are promised."""
    query = select(func.count()).select_from(TaskRow).where(TaskRow.name == AWARD_TASK)
    return (await session.execute(query)).scalar_one()


RACES: list[Any] = [two_bids_at_once, a_bid_against_the_close, two_workers_closing]


@pytest.mark.parametrize("race", RACES)
async def test_under_the_lock_the_race_has_one_outcome(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch, now_is: SetNow
) -> None:
    await race(db, monkeypatch, now_is)


@pytest.mark.parametrize("race", RACES)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch, now_is: SetNow
) -> None:
    monkeypatch.setattr(sale, "LOCK_SALES", WITHOUT_LOCK)
    with pytest.raises((AssertionError, IntegrityError, IntegrityConstraintViolationError)):
        await race(db, monkeypatch, now_is)
