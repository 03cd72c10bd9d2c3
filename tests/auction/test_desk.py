"""The desk: batches, failures, callers who go away, and the bound on what waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from app.auction import desk as desk_module
from app.auction.desk import Desk
from app.auction.errors import BidTooLow, DeskBusy, OutcomeUnknown
from app.auction.heartbeats import BiddingInterrupted
from app.auction.queries import get_bid, get_sale_view
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database


def make_desk(db: Database, told: list[UUID] | None = None, queue_limit: int = 100) -> Desk:
    """A desk that remembers which sales it told of."""
    return Desk(db, (told if told is not None else []).append, None, queue_limit=queue_limit)


async def test_bids_that_arrive_together_share_commits(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = await db.write(make_sale)
    sizes: list[int] = []
    place = desk_module.judge_requests

    async def counted(raw: Any, auction_id: Any, requests: Any, *rest: Any) -> Any:
        sizes.append(len(requests))
        return await place(raw, auction_id, requests, *rest)

    monkeypatch.setattr(desk_module, "judge_requests", counted)
    told: list[UUID] = []
    desk = make_desk(db, told)
    amounts = [START_FEN + n * STEP_FEN for n in range(20)]
    answers = await asyncio.gather(
        *(desk.submit(sale.id, request(sale.bidders[n % 2], amount)) for n, amount in enumerate(amounts))
    )
    assert [answer.amount_fen for answer in answers] == amounts
    assert sum(sizes) == 20
    assert len(sizes) < 5
    assert set(told) == {sale.id}


async def test_of_bids_that_wait_together_the_first_received_is_judged_first(db: Database) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    earlier = request(sale.bidders[0], START_FEN)
    later = request(sale.bidders[1], START_FEN + STEP_FEN)
    later = later._replace(received_at=earlier.received_at + timedelta(milliseconds=1))
    # The later one was faster through the edge; judged in that order the earlier one would be too low.
    answers = await asyncio.gather(desk.submit(sale.id, later), desk.submit(sale.id, earlier))
    assert [answer.refusal for answer in answers] == [None, None]
    view = await db.read(get_sale_view, sale.id)
    assert (view.state.sequence, view.state.price_fen) == (2, START_FEN + STEP_FEN)


async def test_a_refusal_reaches_only_its_own_caller(db: Database) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    good, low = await asyncio.gather(
        desk.submit(sale.id, request(sale.bidders[0], START_FEN)),
        desk.submit(sale.id, request(sale.bidders[1], START_FEN - 1)),
        return_exceptions=True,
    )
    assert not isinstance(good, BaseException)
    assert isinstance(low, BidTooLow)


async def test_one_bid_that_the_database_refuses_harms_no_other(db: Database) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    # The edge lets no amount of zero pass; the constraint behind it fails the whole batch.
    results = await asyncio.gather(
        desk.submit(sale.id, request(sale.bidders[0], START_FEN)),
        desk.submit(sale.id, request(sale.bidders[0], 0)),
        desk.submit(sale.id, request(sale.bidders[1], START_FEN + STEP_FEN)),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Answer", "OutcomeUnknown", "Answer"]
    view = await db.read(get_sale_view, sale.id)
    assert (view.state.sequence, view.state.price_fen) == (2, START_FEN + STEP_FEN)


async def test_one_request_that_breaks_the_rules_harms_no_other(db: Database) -> None:
    # A plain traceback: the one that shows everything takes longer than all other tests here.
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer()])
    sale = await db.write(make_sale)
    desk = make_desk(db)
    # The edge lets no text pass for an amount; a rule that meets one fails otherwise than by a refusal.
    odd = request(sale.bidders[0], START_FEN)._replace(amount_fen="1000000")  # type: ignore[arg-type]
    results = await asyncio.gather(
        desk.submit(sale.id, request(sale.bidders[0], START_FEN)),
        desk.submit(sale.id, odd),
        desk.submit(sale.id, request(sale.bidders[1], START_FEN + STEP_FEN)),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Answer", "OutcomeUnknown", "Answer"]


async def test_what_failed_is_not_tried_again_while_the_taking_of_bids_is_interrupted(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    tried: list[Any] = []

    async def stall(*args: Any) -> Any:
        tried.append(args)
        desk.guard = interrupted
        raise OperationalError(None, {}, ConnectionError("gone"))

    def interrupted() -> None:
        raise BiddingInterrupted

    monkeypatch.setattr(db, "drive", stall)
    with pytest.raises(OutcomeUnknown):
        await desk.submit(sale.id, request(sale.bidders[0], START_FEN))
    assert len(tried) == 1
    with pytest.raises(BiddingInterrupted):
        await desk.submit(sale.id, request(sale.bidders[0], START_FEN))


async def test_a_commit_whose_outcome_is_unknown_is_looked_up_before_the_answer(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    drive = db.drive
    lost: list[Any] = []

    async def lose_first_answer(*args: Any) -> Any:
        result = await drive(*args)
        if not lost:
            lost.append(result)
            raise OperationalError(None, {}, ConnectionError("gone"))
        return result

    monkeypatch.setattr(db, "drive", lose_first_answer)
    answer = await desk.submit(sale.id, request(sale.bidders[0], START_FEN))
    assert [answer._replace(batch=lost[0][0].batch)] == lost[0]
    view = await db.read(get_sale_view, sale.id)
    assert (view.state.sequence, view.number) == (1, answer.number)


async def test_a_database_that_is_gone_gives_unknown_and_not_a_guess(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)

    async def gone(*_: Any) -> Any:
        raise OperationalError(None, {}, ConnectionError("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(db, "drive", gone)
        lost = request(sale.bidders[0], START_FEN)
        with pytest.raises(OutcomeUnknown):
            await desk.submit(sale.id, lost)
    again = await desk.submit(sale.id, lost)
    assert (again.bid_id, again.amount_fen) == (lost.bid_id, START_FEN)


async def test_a_caller_who_goes_away_cancels_nothing(db: Database) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    left = request(sale.bidders[0], START_FEN)
    call = asyncio.create_task(desk.submit(sale.id, left))
    await asyncio.sleep(0)
    call.cancel()
    await desk.drain()
    assert (await db.read(get_bid, sale.id, sale.bidders[0], left.bid_id)).refusal is None


async def test_more_than_the_bound_is_told_that_the_desk_is_busy(db: Database) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db, queue_limit=3)
    results = await asyncio.gather(
        *(desk.submit(sale.id, request(sale.bidders[0], START_FEN + n * STEP_FEN)) for n in range(8)),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Answer"] * 3 + [DeskBusy.__name__] * 5


async def test_the_same_bid_in_flight_twice_counts_once(db: Database) -> None:
    sale = await db.write(make_sale)
    desk = make_desk(db)
    same = request(sale.bidders[0], START_FEN)
    first, second = await asyncio.gather(desk.submit(sale.id, same), desk.submit(sale.id, same))
    assert first == second
    assert (await db.read(get_sale_view, sale.id)).state.sequence == 1
