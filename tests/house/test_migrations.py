"""The migrations make from nothing what the models say, and the market's clock is the database's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db import Database
from app.migrate import alembic_config, is_current, migrate, newest_revision
from app.models import Base

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from app.embedded import RunningServer


@pytest.fixture
async def empty(server: RunningServer) -> AsyncIterator[Database]:
    """A database with nothing in it."""
    name = "empty_for_migrations"
    server.drop_database(name)
    database = Database(server.create_database(name))
    yield database
    await database.close()
    server.drop_database(name)


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_migrating_from_nothing_makes_what_the_models_say(empty: Database) -> None:
    assert await migrate(empty.url)
    assert not await migrate(empty.url)
    assert await is_current(empty.url)
    async with empty.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_the_clock_is_the_database_s_own_and_the_mark_cannot_be_changed(empty: Database) -> None:
    await migrate(empty.url, demonstration=False)
    async with empty.transaction() as session:
        body = text("SELECT prosrc FROM pg_proc WHERE proname = 'market_now'")
        assert (await session.execute(body)).scalar_one().strip() == "SELECT clock_timestamp()"
        assert not (await session.execute(text("SELECT is_demonstration FROM deployment"))).scalar_one()
    await migrate(empty.url, demonstration=True)
    for change in ("UPDATE deployment SET is_demonstration = true", "DELETE FROM deployment"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with empty.transaction() as session:
                await session.execute(text(change))


def test_there_is_one_newest_revision() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [newest_revision()]
