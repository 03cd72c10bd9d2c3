"""The fixtures themselves keep their promises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from app.db import Database, Session
    from tests.conftest import SetNow

_THEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
_NOW = text("SELECT market_now()")
_ADD = text("INSERT INTO event_stream (id, name) VALUES (gen_random_uuid(), 'a')")


async def test_the_official_time_can_be_set_in_a_session(session: Session, now_is: SetNow) -> None:
    await now_is(session, _THEN)
    assert (await session.execute(_NOW)).scalar_one() == _THEN


async def test_the_official_time_can_be_set_in_the_database(db: Database, now_is: SetNow) -> None:
    await now_is(db, _THEN)
    async with db.transaction() as session:
        assert (await session.execute(_NOW)).scalar_one() == _THEN


async def test_the_official_time_is_real_in_the_next_test(session: Session) -> None:
    assert (await session.execute(_NOW)).scalar_one() != _THEN
