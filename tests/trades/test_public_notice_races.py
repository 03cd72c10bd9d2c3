"""Races around a notice: an objection against its completion, two decisions; each twin without the lock goes wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.errors import MarketError
from app.trades import notice_completion, objections
from app.trades.errors_notices import NoticeMissing, ObjectionDecided
from app.trades.models import Listing
from app.trades.notice_completion import complete_notice
from app.trades.notice_models import NoticeObjection, PublicNotice
from app.trades.objections import decide_objection, file_objection
from tests.make_accounts import make_caller
from tests.make_notices import OBJECTION, REJECTED, UPHELD, make_noticed
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.db import Database, Session
    from tests.conftest import SetNow

    Race = Callable[[Database, SetNow, pytest.MonkeyPatch], Awaitable[None]]

START = datetime(2026, 3, 2, 2, tzinfo=UTC)
END = datetime(2026, 3, 17, 16, tzinfo=UTC)


async def unlocked_notice(session: Session, notice_id: UUID) -> tuple[Listing, PublicNotice]:
    """The same rows, without FOR UPDATE."""
    notice = await session.get(PublicNotice, notice_id, populate_existing=True)
    if notice is None:
        raise NoticeMissing
    return await session.get_one(Listing, notice.listing_id, populate_existing=True), notice


async def an_objection_against_the_completion(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The objection is let in before the end, and then there is no completion at the end."""
    await now_is(db, START)
    async with db.transaction() as session:
        made = await make_noticed(session)
        objector = await make_caller(session)
    await now_is(db, END - timedelta(seconds=1))
    meeting = Meeting()
    # The objector has been judged by the clock when the completion comes.
    monkeypatch.setattr(objections, "tell", meeting.before(objections.tell))
    filing = asyncio.create_task(db.write(file_objection, objector, made.notice_id, OBJECTION))
    await meeting.first_arrived.wait()
    await now_is(db, END)

    async def complete() -> None:
        await db.write(complete_notice, {"notice_id": str(made.notice_id)})
        await meeting.arrive()

    await asyncio.gather(filing, complete())
    async with db.reading() as reading:
        notice = await reading.get_one(PublicNotice, made.notice_id)
        filed = await reading.execute(select(func.count()).where(NoticeObjection.notice_id == made.notice_id))
        assert (notice.status, filed.scalar_one()) == ("suspended", 1)


async def two_decisions_about_one_objection(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is told that the objection has been decided."""
    await now_is(db, START)
    async with db.transaction() as session:
        made = await make_noticed(session)
        objection = await file_objection(session, await make_caller(session), made.notice_id, OBJECTION)
        reviewers = [await make_caller(session, Role.REVIEWER) for _ in range(2)]
    read, place = objections._list_objections, Meeting()

    async def stopped(*args: Any) -> Any:
        found = await read(*args)
        await place.arrive()
        return found

    monkeypatch.setattr(objections, "_list_objections", stopped)
    answers = await asyncio.gather(
        *(
            db.write(decide_objection, reviewer, objection, decided)
            for reviewer, decided in zip(reviewers, (REJECTED, UPHELD), strict=True)
        ),
        return_exceptions=True,
    )
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, MarketError):
            raise answer
    assert [type(answer) for answer in answers if isinstance(answer, MarketError)] == [ObjectionDecided]


RACES: list[Any] = [an_objection_against_the_completion, two_decisions_about_one_objection]


@pytest.mark.parametrize("race", RACES)
async def test_under_the_lock_the_race_has_one_outcome(
    race: Race, db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await race(db, now_is, monkeypatch)


@pytest.mark.parametrize("race", RACES)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (objections, notice_completion):
        monkeypatch.setattr(module, "lock_notice", unlocked_notice)
    with pytest.raises((AssertionError, DBAPIError)):
        await race(db, now_is, monkeypatch)
