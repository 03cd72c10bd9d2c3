"""Two workers look at one deadline at once: one tells, the other finds it told."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.telling import deadlines
from app.telling.deadlines import list_untold, tell_deadline
from app.telling.models import DeadlineTold, Notification
from tests.make_trades import make_deal
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import AnySession, Database, Session
    from app.desks.stages import Stage, Waiting
    from app.trades.models import Deal
    from tests.conftest import SetNow


async def _deal(session: Session) -> Deal:
    return await make_deal(session)


async def _told(session: AnySession) -> tuple[int, int]:
    rows = select(func.count(DeadlineTold.id))
    told = select(func.count(Notification.id)).where(Notification.kind.startswith("due."))
    return (await session.execute(rows)).scalar_one(), (await session.execute(told)).scalar_one()


async def look_first(session: Session, item: Waiting, stage: Stage) -> UUID | None:
    """The twin: it looks whether somebody told, and then writes."""
    query = select(DeadlineTold.id).where(
        DeadlineTold.subject_id == item.subject_id, DeadlineTold.party_id == item.party_id
    )
    if (await session.execute(query)).first() is not None:
        return None
    row = DeadlineTold(
        kind=item.kind, subject_id=item.subject_id, party_id=item.party_id, due_at=item.due_at, stage=stage
    )
    session.add(row)
    await session.flush()
    return row.id


async def two_workers(db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    await db.write(_deal)
    await now_is(db, datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=60))
    item, stage = next(each for each in await db.read(list_untold) if each[0].kind == "contract_to_draft")
    meeting = Meeting()
    monkeypatch.setattr(deadlines, "claim", meeting.before(deadlines.claim))
    looks = (db.write(tell_deadline, item, stage) for _ in range(2))
    return list(await asyncio.gather(*looks, return_exceptions=True))


async def test_of_two_workers_one_tells(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = await two_workers(db, now_is, monkeypatch)
    assert sorted(map(str, outcomes)) == ["False", "True"]
    assert await db.read(_told) == (1, 1)


async def test_the_twin_that_looks_and_then_writes_is_stopped_only_by_the_database(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "claim", look_first)
    outcomes = await two_workers(db, now_is, monkeypatch)
    (refused,) = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, DBAPIError)
    assert "uq_deadline_told" in str(refused)
    assert await db.read(_told) == (1, 1)
