"""Tasks: a promise is kept once; one that fails comes again later and keeps no other waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select, update

from app.clock import market_now
from app.ids import uuid7
from app.payments.models import Deposit, LedgerTransfer
from app.tasks import HANDLERS, TaskRow, keep_due_task, promise
from tests.make_accounts import make_organisation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import AnySession, Database, Session

    Handler = Callable[[Session, dict[str, Any]], Awaitable[None]]


async def find_task(session: AnySession, name: str) -> TaskRow:
    """The one task of a name."""
    return (await session.execute(select(TaskRow).where(TaskRow.name == name))).scalar_one()


async def fails(_session: Session, _payload: dict[str, Any]) -> None:
    """A handler with a fault."""
    message = "broken"
    raise RuntimeError(message)


async def fails_at_the_commit(session: Session, _payload: dict[str, Any]) -> None:
    """A handler whose half of a transfer only the check at the commit would refuse."""
    party = await make_organisation(session)
    deposit = Deposit(party_id=party.id, listing_id=uuid7(), amount_fen=5, reference="BZ123456786")
    session.add(deposit)
    await session.flush()
    session.add(LedgerTransfer(kind="deposit_received", deposit_id=deposit.id, entry_count=2))
    await session.flush()


@pytest.mark.parametrize("handler", [fails, fails_at_the_commit])
async def test_a_task_that_fails_comes_again_later_and_the_next_one_is_kept(
    db: Database, monkeypatch: pytest.MonkeyPatch, handler: Handler
) -> None:
    kept: list[UUID] = []

    async def keep(_session: Session, payload: dict[str, Any]) -> None:
        kept.append(UUID(payload["id"]))

    monkeypatch.setitem(HANDLERS, "test_fails", handler)
    monkeypatch.setitem(HANDLERS, "test_keeps", keep)
    wanted = uuid7()
    await db.write(promise, "test_fails", {})
    await db.write(promise, "test_keeps", {"id": str(wanted)})
    with structlog.testing.capture_logs() as logs:
        assert await db.write(keep_due_task)
        assert await db.write(keep_due_task)
        assert not await db.write(keep_due_task)
    assert kept == [wanted]
    task = await db.read(find_task, "test_fails")
    assert (task.attempts, task.done_at) == (1, None)
    assert task.last_error
    assert task.run_at > await db.read(market_now)
    assert [entry["name"] for entry in logs if entry["event"] == "task_failed"] == ["test_fails"]


async def test_a_task_that_has_failed_very_often_still_waits_its_pause(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, "test_fails", fails)
    await db.write(promise, "test_fails", {})

    async def age(session: Session) -> None:
        await session.execute(update(TaskRow).values(attempts=500))

    await db.write(age)
    with structlog.testing.capture_logs():
        assert await db.write(keep_due_task)
    task = await db.read(find_task, "test_fails")
    assert task.attempts == 501
    assert timedelta(minutes=9) < task.run_at - await db.read(market_now) <= timedelta(minutes=10)


async def test_a_promise_that_is_open_is_not_made_twice(db: Database) -> None:
    for _ in range(2):
        await db.write(promise, "test_once", {}, key="same")
    assert (await db.read(find_task, "test_once")).key == "same"
