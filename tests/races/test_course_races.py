"""Races of a listing's course: suspending against the opening and a payment, resuming against terminating; each with its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.auction import sale
from app.auction.closing import advance_auction
from app.auction.models import Auction
from app.payments.queries import get_deposit
from app.trades import admission, halting
from app.trades.admission import confirm_receipt
from app.trades.bulletins import list_bulletins
from app.trades.halting import resume_listing, suspend_listing
from app.trades.models import Intent, Listing
from app.trades.terminating import terminate_listing
from tests.make_accounts import make_caller
from tests.make_lifecycle import SAID, make_desk, suspend
from tests.make_payments import make_line
from tests.make_trades import make_intent, make_listing, make_negotiated
from tests.races import meeting
from tests.races.meeting import Meeting
from tests.trades.test_trades_races import both, refusals, unlocked_listing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.db import AnySession, Database, Session
    from tests.conftest import SetNow

    Patch = pytest.MonkeyPatch


async def read(session: AnySession, model: type[Any], row_id: UUID | None) -> Any:
    """A row as it is stored."""
    assert row_id is not None
    return await session.get_one(model, row_id, populate_existing=True)


def without_locks(patch: Patch) -> None:
    patch.setattr(sale, "LOCK_SALES", "SELECT id FROM auction WHERE id = ANY($1)")
    patch.setattr(admission, "lock_listing", unlocked_listing)


async def suspending_and_opening(db: Database, patch: Patch, now_is: SetNow) -> None:
    """The desk suspends a moment before the opening, at which the worker comes: the sale is called off and never opens."""
    listing = await db.write(make_listing, status="listed")
    desk = await db.write(make_desk)
    auction_id = listing.auction_id
    assert auction_id is not None
    place = Meeting()
    patch.setattr(halting, "call_sale_off", place.before(halting.call_sale_off))

    async def open_it() -> None:
        await place.first_arrived.wait()
        assert listing.opens_at is not None
        await now_is(db, listing.opens_at)
        await db.write(advance_auction, auction_id)
        await place.arrive()

    assert refusals(await both(db.write(suspend_listing, desk, listing.id, SAID), open_it())) == []
    assert (await db.read(read, Auction, listing.auction_id)).phase == "void"
    assert (await db.read(read, Listing, listing.id)).status == "suspended"


async def suspending_and_paying(db: Database, patch: Patch, now_is: SetNow) -> None:
    """Finance confirms a deposit while the desk suspends: the buyer was admitted before, and waits with his money then."""
    del now_is

    async def qualified(session: Session) -> tuple[Listing, Intent, Any, Any, Any]:
        listing = await make_listing(session, status="listed")
        intent = await make_intent(session, listing, status="qualified")
        assert intent.deposit_id is not None
        line = await make_line(session, await get_deposit(session, intent.deposit_id))
        return listing, intent, await make_caller(session, Role.FINANCE), line, await make_desk(session)

    listing, intent, finance, line, desk = await db.write(qualified)
    place = Meeting()
    patch.setattr(admission, "record_receipt", place.before(admission.record_receipt))

    async def stop_it() -> None:
        await place.first_arrived.wait()
        await db.write(suspend_listing, desk, listing.id, SAID)
        await place.arrive()

    assert intent.deposit_id is not None
    confirm = db.write(confirm_receipt, finance, intent.deposit_id, line)
    assert refusals(await both(confirm, stop_it())) == []
    assert (await db.read(read, Intent, intent.id)).status == "paid"
    assert (await db.read(read, Listing, listing.id)).status == "suspended"


async def resuming_and_terminating(db: Database, patch: Patch, now_is: SetNow) -> None:
    """Of two desks one resumes and one terminates what it has resumed: nothing that has ended comes back."""
    del now_is

    async def suspended(session: Session) -> Listing:
        return await suspend(session, await make_negotiated(session))

    listing = await db.write(suspended)
    desks = [await db.write(make_desk) for _ in range(2)]
    place, lock = Meeting(), halting.lock_for_desk

    async def read_then_meet(*args: Any) -> Any:
        found = await lock(*args)
        await place.arrive()
        return found

    patch.setattr(halting, "lock_for_desk", read_then_meet)

    async def end_it() -> None:
        await place.first_arrived.wait()
        await db.write(terminate_listing, desks[1], listing.id, SAID, ground="obstacle")
        await place.arrive()

    resume = db.write(resume_listing, desks[0], listing.id, SAID)
    assert refusals(await both(resume, end_it())) == []
    assert (await db.read(read, Listing, listing.id)).status == "terminated"
    told = [row.kind for row in await db.read(list_bulletins, listing.id)]
    assert told == ["suspended", "resumed", "terminated"]


RACES = [suspending_and_opening, suspending_and_paying, resuming_and_terminating]


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
async def test_under_the_locks_the_race_has_one_outcome(
    race: Callable[[Any, Any, Any], Awaitable[None]],
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    now_is: SetNow,
) -> None:
    await race(db, monkeypatch, now_is)


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
async def test_without_the_locks_the_same_race_goes_wrong(
    race: Callable[[Any, Any, Any], Awaitable[None]],
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    now_is: SetNow,
) -> None:
    without_locks(monkeypatch)
    # Without the locks both come to the meeting, so patience costs nothing, however slow the machine is.
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError, PostgresError)):
        await race(db, monkeypatch, now_is)
