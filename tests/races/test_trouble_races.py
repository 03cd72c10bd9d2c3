"""Races around suspensions and decisions; each twin runs without the lock and goes wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from asyncpg import IntegrityConstraintViolationError
from sqlalchemy.exc import IntegrityError

from app.auction import bidding, decisions, sale
from app.auction.bidding import place_bids
from app.auction.decisions import (
    DecisionApproved,
    approve_decision,
    carry_out_decision,
    propose_decision,
)
from app.auction.suspending import suspend_auction
from app.events import list_events
from tests.make_auction import START_FEN, make_sale, request
from tests.races.meeting import Meeting
from tests.races.test_auction_races import WITHOUT_LOCK
from tests.trouble.test_decisions import WHY, decide, make_desks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import Database

    Race = Callable[[Database, pytest.MonkeyPatch], Awaitable[None]]


async def two_workers_carry_out_one_decision(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sale is resumed once."""
    async with db.transaction() as session:
        host, _ = await make_desks(session)
        made = await make_sale(session)
        await suspend_auction(session, host, made.id, **WHY)
        decision = await decide(session, [made.id], "resume")
    meeting = Meeting()
    monkeypatch.setattr(decisions, "write_works", meeting.before(decisions.write_works))
    done = await asyncio.gather(*(db.drive(carry_out_decision, decision, made.id, None) for _ in range(2)))
    assert sorted(done) == [False, True]
    kinds = [event.kind for event in await db.read(list_events, made.id)]
    assert kinds.count("auction_resumed") == 1


async def a_bid_against_a_suspension(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suspension waits for the bid that is being judged, which stays accepted."""
    async with db.transaction() as session:
        host, _ = await make_desks(session)
        made = await make_sale(session)
    meeting = Meeting()
    monkeypatch.setattr(bidding, "_find_standings", meeting.before(bidding._find_standings))
    bid = asyncio.create_task(db.write(place_bids, made.id, [request(made.bidders[0], START_FEN)]))
    await meeting.first_arrived.wait()

    async def suspend() -> None:
        await db.write(suspend_auction, host, made.id, **WHY)
        await meeting.arrive()

    await asyncio.gather(bid, suspend())
    kinds = [event.kind for event in await db.read(list_events, made.id)]
    assert kinds[-2:] == ["bid_accepted", "auction_suspended"]


async def two_approvals_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them is told that the decision was approved already."""
    async with db.transaction() as session:
        host, first = await make_desks(session)
        _, second = await make_desks(session)
        made = await make_sale(session)
        decision = await propose_decision(session, host, auction_ids=[made.id], act="void", **WHY)
    meeting = Meeting()
    monkeypatch.setattr(decisions, "_audit", meeting.before(decisions._audit))
    outcomes = await asyncio.gather(
        *(db.write(approve_decision, reviewer, decision) for reviewer in (first, second)),
        return_exceptions=True,
    )
    for outcome in outcomes:
        if isinstance(outcome, IntegrityError):
            raise outcome
    assert sum(outcome == decision for outcome in outcomes) == 1
    assert sum(isinstance(outcome, DecisionApproved) for outcome in outcomes) == 1


RACES: list[Any] = [two_workers_carry_out_one_decision, a_bid_against_a_suspension, two_approvals_at_once]


@pytest.mark.parametrize("race", RACES)
async def test_under_the_lock_the_race_has_one_outcome(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await race(db, monkeypatch)


@pytest.mark.parametrize("race", RACES)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sale, "LOCK_SALES", WITHOUT_LOCK)
    monkeypatch.setattr(decisions, "LOCK_DECISION", "SELECT id FROM auction_decision WHERE id = :id")
    with pytest.raises((AssertionError, IntegrityError, IntegrityConstraintViolationError)):
        await race(db, monkeypatch)
