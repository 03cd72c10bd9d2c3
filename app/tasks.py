"""Tasks: promises written in the same transaction as their cause, kept later by the worker at least once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Index, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import market_now
from app.db import DATABASE_ERRORS, Base
from app.errors import MarketError
from app.ids import uuid7
from app.metrics import TASKS_FAILED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import Database, Session

    Handler = Callable[[Session, dict[str, Any]], Awaitable[None]]
    # Goes out without a transaction and brings back what is then written in one, together with the promise's end.
    Errand = Callable[["Outing"], Awaitable[Callable[[Session], Awaitable[None]]]]

HANDLERS: dict[str, Handler] = {}
# Promises that are kept outside: what carries them out is only known to the worker, which has the ways there.
ERRANDS: set[str] = set()
# An errand that is not back by then was lost with its process: its outcome is unknown, and it is set out anew.
_ERRAND_LEASE = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=10)
_MOST_DOUBLINGS = 10
_PROMISE = """
INSERT INTO task (id, name, key, payload, run_at, attempts) VALUES ($1, $2, $3, $4::jsonb, $5, 0) ON CONFLICT DO NOTHING
"""
_log = structlog.get_logger()


class TaskRow(Base):
    """A promise (待办): due at ``run_at``, kept when ``done_at`` is set; ``key`` makes a promise unique while open."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_due", "run_at", postgresql_where=text("done_at IS NULL")),
        Index("uq_task_open_key", "name", "key", unique=True, postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    key: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    done_at: Mapped[datetime | None]


def handles(name: str) -> Callable[[Handler], Handler]:
    """Registers the handler of a task by its name; the worker refuses to start with two for one name."""

    def register(handler: Handler) -> Handler:
        if name in HANDLERS and HANDLERS[name] is not handler:
            message = f"two handlers for the task {name}"
            raise ValueError(message)
        HANDLERS[name] = handler
        return handler

    return register


async def promise(
    session: Session,
    name: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
    key: str | None = None,
) -> None:
    """Writes a promise; one that is still open under the same name and key is left as it is."""
    values = (uuid7(), name, key, json.dumps(payload), run_at or await market_now(session))
    await session.swiftly(_PROMISE, *values)


async def lock_due_task(session: Session) -> TaskRow | None:
    """Takes the next due task that nobody else holds; the row's lock dies with the transaction. No errand is among them."""
    return await _lock_due(session, TaskRow.name.not_in(ERRANDS))


async def _lock_due(session: Session, which: ColumnElement[bool]) -> TaskRow | None:
    query = (
        select(TaskRow)
        .where(TaskRow.done_at.is_(None), TaskRow.run_at <= func.market_now(), which)
        .order_by(TaskRow.run_at, TaskRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def keep_due_task(session: Session) -> bool:
    """Carries out one due task in this transaction; False when none is due.

    What the handler writes and the task's end are one commit. A failing handler is rolled back to a savepoint and
    the task comes again after a pause that doubles.
    """
    task = await lock_due_task(session)
    if task is None:
        return False
    task.attempts += 1
    handler = HANDLERS.get(task.name)
    try:
        if handler is None:
            message = f"no handler for the task {task.name}"
            raise LookupError(message)  # noqa: TRY301 - treated like a failing handler, on purpose
        async with session.begin_nested():
            await handler(session, task.payload)
            # What the database checks at the commit is checked here: failing there would undo the count and the
            # pause as well, and the task would come again at once, for ever.
            await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except Exception as error:  # noqa: BLE001 - the worker loop is the edge of a task
        await _put_off(session, task, error)
    else:
        task.done_at = await market_now(session)
        task.last_error = None
    return True


async def _put_off(session: Session, task: TaskRow, error: Exception) -> None:
    # A refusal says by itself what was wrong; anything else is a fault, whose place is wanted.
    fault = None if isinstance(error, MarketError) else error
    _log.warning("task_failed", name=task.name, attempts=task.attempts, error=repr(error), exc_info=fault)
    TASKS_FAILED.labels(task.name).inc()
    task.last_error = f"{type(error).__name__}: {error}"[:2000]
    pause = min(_FIRST_PAUSE * 2 ** min(task.attempts - 1, _MOST_DOUBLINGS), _LONGEST_PAUSE)
    task.run_at = await market_now(session) + pause


@dataclass(frozen=True)
class Outing:
    """One attempt at an errand; after the first the outcome of those before is unknown and is to be asked for."""

    task_id: UUID
    payload: dict[str, Any]
    attempt: int


async def keep_due_errand(database: Database, errands: dict[str, Errand]) -> bool:
    """Carries out one due errand; False when none is due. No transaction is open while it is out.

    It is taken under a lease in a transaction of its own, so that no two go at once; what it brings back and its end
    are one commit. If the process dies meanwhile, or what it brought cannot be written, it sets out again, as another
    attempt.
    """
    outing = await database.write(_set_out, set(errands))
    if outing is None:
        return False
    name, out = outing
    try:
        conclude = await errands[name](out)
        await database.write(_bring_back, out.task_id, conclude)
    except DATABASE_ERRORS:
        # The database is away: the lease runs out by itself.
        raise
    except Exception as error:  # noqa: BLE001 - the worker loop is the edge of an errand
        await database.write(_come_back_empty, out.task_id, error)
    return True


async def _set_out(session: Session, names: set[str]) -> tuple[str, Outing] | None:
    task = await _lock_due(session, TaskRow.name.in_(names))
    if task is None:
        return None
    task.attempts += 1
    task.run_at = await market_now(session) + _ERRAND_LEASE
    return task.name, Outing(task.id, task.payload, task.attempts)


async def _lock_task(session: Session, task_id: UUID) -> TaskRow:
    return (
        await session.execute(select(TaskRow).where(TaskRow.id == task_id).with_for_update())
    ).scalar_one()


async def _bring_back(
    session: Session, task_id: UUID, conclude: Callable[[Session], Awaitable[None]]
) -> None:
    # Of two that set out because the first was slow, both may conclude: what is seen outside is safe to write twice.
    await conclude(session)
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    task = await _lock_task(session, task_id)
    if task.done_at is None:
        task.done_at = await market_now(session)
        task.last_error = None


async def _come_back_empty(session: Session, task_id: UUID, error: Exception) -> None:
    task = await _lock_task(session, task_id)
    if task.done_at is None:
        await _put_off(session, task, error)
