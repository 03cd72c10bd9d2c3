"""The database: engine, the two kinds of session, and transactions that are retried as a whole."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Date, DateTime, MetaData, Select, Text, Uuid, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

_RETRIED = {"40001", "40P01"}  # serialization failure, deadlock detected
_ATTEMPTS = 3


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        date: Date(),
        UUID: Uuid(),
    }


Row = TypeVar("Row", bound=Base)


class _Swift(AsyncSession):
    """A session that can also speak to the driver itself, inside its own transaction."""

    async def swiftly(self, query: str, *values: object) -> list[asyncpg.Record]:
        """Answers one statement on the driver, for a tenth of what it costs through the session.

        For what every operation on money asks; what the session holds back is not flushed for it. Raises what the
        session raises.
        """
        # A savepoint is written when its connection is first asked for: each is asked once.
        inside = (self.get_transaction(), self.get_nested_transaction())
        known = self.info.get("driver")
        if known is None or known[0] != inside or inside == (None, None):
            connection = await self.connection()
            driver: asyncpg.Connection[Any] | None = (await connection.get_raw_connection()).driver_connection
            if driver is None:
                raise DisconnectionError
            if not driver.is_in_transaction():
                # The adapter would begin it with a statement of its own, which is most of what a short transaction costs.
                adapter: Any = (await connection.get_raw_connection()).dbapi_connection
                await adapter._start_transaction()  # noqa: SLF001 - there is no other way to ask for it
            inside = (self.get_transaction(), self.get_nested_transaction())
            known = self.info["driver"] = (inside, driver)
        try:
            return list(await known[1].fetch(query, *values))
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(query, None, error) from error
        except asyncpg.PostgresError as error:
            raise DBAPIError(query, None, error) from error

    async def settle_changes(self) -> None:
        """Writes what the session still holds back, for a statement on the driver that is to see it."""
        if self.new or self.dirty or self.deleted:
            await self.flush()

    async def get_swiftly(self, model: type[Row], row_id: UUID) -> Row | None:
        """Reads one row on the driver; its object with fresh values, or None. For models without JSON."""
        return await self._find_swiftly(model, _reading(model), row_id)

    async def _find_swiftly(self, model: type[Row], query: str, row_id: UUID) -> Row | None:
        await self.settle_changes()
        found = await self.swiftly(query, row_id)
        return self._take_in(model, found[0]) if found else None

    def _take_in(self, model: type[Row], record: asyncpg.Record) -> Row:
        key = model.__mapper__.identity_key_from_primary_key((record["id"],))
        known: Row | None = self.sync_session.identity_map.get(key)
        if known is None:
            known = model(**record)
            make_transient_to_detached(known)
            self.add(known)
        else:
            _bring_up(known, dict(record))
        return known


class Session(_Swift):
    """A session that may write; it lives for one transaction."""

    async def lock_swiftly(self, model: type[Row], row_id: UUID) -> Row | None:
        """Takes one row's lock and returns its object as ``get_swiftly`` does."""
        return await self._find_swiftly(model, f"{_reading(model)} FOR UPDATE", row_id)

    async def change_swiftly(self, row: Base, **values: object) -> None:
        """Changes a row on the driver, and its object with it."""
        await self.settle_changes()
        await self.swiftly(_changing(type(row), tuple(values)), row.id, *values.values())  # type: ignore[attr-defined]
        _bring_up(row, values)


def _bring_up(row: Base, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _reading(model: type[Base]) -> str:
    columns = ", ".join(column.name for column in model.__table__.columns)
    return f"SELECT {columns} FROM {model.__tablename__} WHERE id = $1"  # noqa: S608 - names of the model


@cache
def _changing(model: type[Base], names: tuple[str, ...]) -> str:
    changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 2))
    return f"UPDATE {model.__tablename__} SET {changes} WHERE id = $1"  # noqa: S608 - names of the model


class ReadSession(_Swift):
    """A session whose transaction is READ ONLY; the database refuses a write in it."""


AnySession = Session | ReadSession
# Sales that are written at the same moment by one process; each hot one needs a single connection.
_DRIVERS = 8
_GLANCES = 4

P = ParamSpec("P")
T = TypeVar("T")


# What a failing database raises, by SQLAlchemy or by the driver itself where the hot path speaks to it.
DATABASE_ERRORS = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What the driver says of itself when a connection is cut in the middle of an answer.
    asyncpg.InternalClientError,
    OSError,
)


# SQLSTATE classes of a connection that failed and of a server that stops, starts or recovers.
_AWAY_STATES = ("08", "57P")


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached or went away; what was under way may or may not have been done."""
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(_AWAY_STATES)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, (ConnectionError, asyncpg.InterfaceError, PoolTimeoutError, DisconnectionError))


@lru_cache(maxsize=64)
def _compile(query: Select[Any]) -> tuple[str, tuple[str, ...]]:
    """A query as the driver takes it: its text, and the names of its parameters in their order."""
    compiled = query.compile(dialect=postgresql.asyncpg.dialect())  # type: ignore[no-untyped-call]
    return compiled.string, tuple(compiled.positiontup or ())


def _refuse_lost(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - the pool's own
    """Has a connection made anew that the server has closed meanwhile; the driver knows without asking it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def _leave_as_it_is(_connection: asyncpg.Connection[Any]) -> None:
    """Nothing of ours outlives its transaction, so a returned connection needs no round trip to be cleaned."""


def _sqlstate(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", error), "sqlstate", None)


class Database:
    """One engine and its transactions."""

    def __init__(self, url: str, *, pool_size: int = 12) -> None:
        """Makes the pools; nothing is connected before the first use.

        No connection is made beyond the pool and thrown away again: under load that costs more than waiting for one.
        """
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url, pool_size=pool_size, max_overflow=0, hide_parameters=True
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_lost)
        self._drivers: asyncpg.Pool[Any] | None = None
        self._glances: asyncpg.Pool[Any] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Opens one writing transaction: commits at the end, rolls back when anything is raised."""
        async with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """Opens one READ ONLY transaction."""
        async with ReadSession(self.engine, expire_on_commit=False) as session, session.begin():
            await session.connection(execution_options={"postgresql_readonly": True})
            yield session

    @asynccontextmanager
    async def driving(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """Opens one writing transaction on the driver alone, for the paths of which thousands run in a second.

        It has its own few connections, and costs the two round trips of BEGIN and COMMIT.
        """
        if self._drivers is None:
            self._drivers = self._make_pool(_DRIVERS)
        # Awaiting a pool that is ready costs nothing, and lets two first callers wait for the same start.
        await self._drivers
        async with self._drivers.acquire() as connection, connection.transaction():
            yield connection

    def _make_pool(self, size: int, **server_settings: str) -> asyncpg.Pool[Any]:
        return asyncpg.create_pool(
            self.url.replace("postgresql+asyncpg://", "postgresql://"),
            min_size=0,
            max_size=size,
            reset=_leave_as_it_is,
            max_inactive_connection_lifetime=0,
            server_settings=server_settings,
        )

    async def look(self, query: Select[Any], **binds: Any) -> list[asyncpg.Record]:  # noqa: ANN401 - values of the query
        """Answers one prepared SELECT by one round trip, without a transaction of its own; the database refuses a write.

        For what happens so often that a session's three round trips would be most of it.
        """
        if self._glances is None:
            self._glances = self._make_pool(_GLANCES, default_transaction_read_only="on")
        await self._glances
        text, names = _compile(query)
        async with self._glances.acquire() as connection:
            return list(await connection.fetch(text, *(binds[name] for name in names)))

    async def glance(self, query: Select[Any], **binds: Any) -> SimpleNamespace | None:  # noqa: ANN401 - values of the query
        """The first row of ``look``, or None: for what every request asks, such as who is signed in."""
        rows = await self.look(query, **binds)
        return SimpleNamespace(**rows[0]) if rows else None

    async def drive(
        self, operation: Callable[Concatenate[Any, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Carries out one operation on the driver's connection, as ``write`` does on a session."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self.driving() as connection:
                    return await operation(connection, *args, **kwargs)
            except asyncpg.PostgresError as error:
                if _sqlstate(error) not in _RETRIED or attempt == _ATTEMPTS:
                    raise
            await asyncio.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311 - not a secret
        raise AssertionError

    async def write(
        self, operation: Callable[Concatenate[Session, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Carries out one operation and commits it; a deadlock or serialization failure runs it anew, 3 times."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self.transaction() as session:
                    return await operation(session, *args, **kwargs)
            except (DBAPIError, asyncpg.PostgresError) as error:
                if _sqlstate(error) not in _RETRIED or attempt == _ATTEMPTS:
                    raise
            # A little disorder keeps two losers from meeting again at once.
            await asyncio.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311 - not a secret
        raise AssertionError

    async def read(
        self, query: Callable[Concatenate[Any, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Answers one query in a READ ONLY transaction."""
        async with self.reading() as session:
            return await query(session, *args, **kwargs)

    async def close(self) -> None:
        """Closes all connections."""
        for pool in (self._drivers, self._glances):
            if pool is not None:
                await pool.close()
        self._drivers = self._glances = None
        await self.engine.dispose()
