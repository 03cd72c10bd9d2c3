"""Fixtures of all tests: the database, sessions, the program's HTTP client, the market's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
import structlog
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text

from app.db import Database, Session
from app.ids import uuid7
from app.settings import Settings
from tests.database import ROOT, clone_template, make_template, start_test_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from httpx2 import Request

    from app.embedded import RunningServer

_REAL_CLOCK = (ROOT / "migrations" / "sql" / "functions.sql").read_text("utf-8")
_FILLED = """
SELECT coalesce(string_agg(format('SELECT %L AS name WHERE EXISTS (SELECT 1 FROM %I)', tablename, tablename),
                           ' UNION ALL '), 'SELECT ''none'' WHERE false')
FROM pg_tables WHERE schemaname = 'public'
"""


class SetNow(Protocol):
    """Sets the official time of a test's database; None gives the real clock back."""

    async def __call__(self, where: Session | Database, now: datetime | None) -> None:
        """Replaces market_now()."""


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sets the logs up for its own captured output: take that back."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The PostgreSQL of the tests, shared by all test processes."""
    with start_test_server() as running:
        yield running


@pytest.fixture(scope="session")
def database_url(server: RunningServer) -> Iterator[str]:
    """This process's own database: migrated, with the seeded rows only."""
    name, url = clone_template(server, make_template(server))
    yield url
    server.drop_database(name)


@pytest.fixture(scope="session")
async def shared_database(database_url: str) -> AsyncIterator[Database]:
    """The pool on this process's database; tests take ``db`` or ``session`` instead."""
    database = Database(database_url)
    yield database
    await database.close()


async def _filled_tables(database: Database) -> set[str]:
    async with database.transaction() as session:
        query = (await session.execute(text(_FILLED))).scalar_one()
        return {row.name for row in await session.execute(text(query))}


@pytest.fixture(scope="session")
async def seeded_tables(shared_database: Database) -> set[str]:
    """The tables that the migrations fill; they are not emptied."""
    return await _filled_tables(shared_database)


@pytest.fixture
async def db(shared_database: Database, seeded_tables: set[str]) -> AsyncIterator[Database]:
    """The database, for tests that commit; afterwards all but the seeded tables are empty again."""
    yield shared_database
    await empty(shared_database, seeded_tables)


async def empty(database: Database, seeded: set[str]) -> None:
    """Empties all but the seeded tables."""
    filled = await _filled_tables(database) - seeded
    if filled:
        async with database.transaction() as session:
            names = ", ".join(f'"{name}"' for name in sorted(filled))
            await session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture
async def session(shared_database: Database) -> AsyncIterator[Session]:
    """A session whose transaction is rolled back after the test; operations never commit."""
    async with shared_database.engine.connect() as connection:
        transaction = await connection.begin()
        async with Session(
            bind=connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as opened:
            yield opened
        await transaction.rollback()


async def _set_clock(session: Session, now: datetime | None) -> None:
    if now is None:
        raw = await (await session.connection()).get_raw_connection()
        await raw.driver_connection.execute(_REAL_CLOCK)  # type: ignore[union-attr]
        return
    if now.tzinfo is None:
        message = "the official time is an aware instant"
        raise ValueError(message)
    body = f"SELECT timestamptz '{now.isoformat()}'"
    await session.execute(
        text(
            "CREATE OR REPLACE FUNCTION market_now() RETURNS timestamptz "
            f"LANGUAGE sql VOLATILE AS $now$ {body} $now$".replace(":", r"\:")
        )
    )


@pytest.fixture
async def now_is() -> AsyncIterator[SetNow]:
    """Sets the market's official time, in one session or, committed, in the whole database."""
    changed: list[Database] = []

    async def set_now(where: Session | Database, now: datetime | None) -> None:
        if isinstance(where, Session):
            await _set_clock(where, now)
            return
        changed.append(where)
        async with where.transaction() as opened:
            await _set_clock(opened, now)

    yield set_now
    for database in changed[:1]:
        await set_now(database, None)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a development server on the tests' database, with cheap password hashes."""
    return Settings(
        database_url=database_url,
        password_time_cost=1,
        password_memory_kib=64,
        public_url="http://market.test",
        sign_in_limit="1000/minute",
        bid_limit="1000/second",
        stripe_secret_key="sk_test_standin",
        stripe_webhook_secret="whsec_standin",
    )


async def give_key(request: Request) -> None:
    """What makes something is sent as the pages send it: under a new key, unless the test gave one."""
    if request.method == "POST":
        request.headers.setdefault("Idempotency-Key", str(uuid7()))


@pytest.fixture
async def client(db: Database, settings: Settings) -> AsyncIterator[AsyncClient]:
    """An HTTP client on the program itself, started and stopped as in production, without a port."""
    from app.main import create_app  # noqa: PLC0415 - tests of the rules need no application

    app = create_app(settings, db)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app=app),
            base_url="http://market.test",
            event_hooks={"request": [give_key]},
        ) as opened,
    ):
        yield opened
