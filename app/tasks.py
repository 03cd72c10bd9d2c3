"""Tasks: promises written in the same transaction as their cause, kept later by the worker at least once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import Index, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import market_now
from app.db import Base
from app.errors import MarketError
from app.ids import uuid7
from app.metrics import TASKS_FAILED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import Session

    Handler = Callable[[Session, dict[str, Any]], Awaitable[None]]

HANDLERS: dict[str, Handler] = {}
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=10)
_MOST_DOUBLINGS = 10
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
    statement = insert(TaskRow).values(
        id=uuid7(),
        name=name,
        key=key,
        payload=payload,
        run_at=run_at or await market_now(session),
        attempts=0,
    )
    await session.execute(statement.on_conflict_do_nothing())


async def lock_due_task(session: Session) -> TaskRow | None:
    """Takes the next due task that nobody else holds; the row's lock dies with the transaction."""
    query = (
        select(TaskRow)
        .where(TaskRow.done_at.is_(None), TaskRow.run_at <= func.market_now())
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
        # A refusal says by itself what was wrong; anything else is a fault, whose place is wanted.
        is_fault = not isinstance(error, MarketError)
        _log.warning(
            "task_failed", name=task.name, attempts=task.attempts, error=repr(error), exc_info=is_fault
        )
        TASKS_FAILED.labels(task.name).inc()
        task.last_error = f"{type(error).__name__}: {error}"[:2000]
        pause = min(_FIRST_PAUSE * 2 ** min(task.attempts - 1, _MOST_DOUBLINGS), _LONGEST_PAUSE)
        task.run_at = await market_now(session) + pause
    else:
        task.done_at = await market_now(session)
        task.last_error = None
    return True
