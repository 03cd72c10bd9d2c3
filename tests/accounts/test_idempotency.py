"""Idempotency-Key: once, also when two requests come together, and never for other content."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.api import idempotency
from app.api.idempotency import Key, once
from app.api.idempotency_errors import IdempotencyKeyReused, RequestInFlight
from app.api.idempotency_models import forget_expired_keys
from app.api.wire import Wire
from app.ids import uuid7
from tests.make_accounts import make_caller, make_organisation

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Database, Session
    from tests.conftest import SetNow


class Asked(Wire):
    name: str


async def seller(session: Session) -> Caller:
    return await make_caller(session, Role.SELLER)


async def make(session: Session) -> UUID:
    return (await make_organisation(session)).id


async def count(session: Session) -> int:
    return int(await session.scalar(select(func.count()).select_from(Organisation)) or 0)


async def test_the_same_key_and_content_make_one_thing(session: Session) -> None:
    caller = await seller(session)
    before = await count(session)
    first = await once(session, caller, Key("k1"), "create_x", Asked(name="a"), make)
    assert await once(session, caller, Key("k1"), "create_x", Asked(name="a"), make) == first
    assert await count(session) == before + 1


async def test_without_a_key_each_request_is_its_own(session: Session) -> None:
    caller = await seller(session)
    asked = Asked(name="a")
    first = await once(session, caller, None, "create_x", asked, make)
    assert await once(session, caller, None, "create_x", asked, make) != first


async def test_a_key_with_other_content_or_on_another_thing_is_refused(session: Session) -> None:
    caller = await seller(session)
    await once(session, caller, Key("k1"), "create_x", Asked(name="a"), make)
    with pytest.raises(IdempotencyKeyReused):
        await once(session, caller, Key("k1"), "create_x", Asked(name="b"), make)
    with pytest.raises(IdempotencyKeyReused):
        await once(session, caller, Key("k1"), "create_x", Asked(name="a"), make, subject=uuid7())


async def test_a_key_is_a_persons_own_and_an_operations_own(session: Session) -> None:
    asked = Asked(name="a")
    caller = await seller(session)
    first = await once(session, caller, Key("k1"), "create_x", asked, make)
    assert await once(session, await seller(session), Key("k1"), "create_x", asked, make) != first
    assert await once(session, caller, Key("k1"), "create_y", asked, make) != first


async def two_at_once(db: Database) -> tuple[list[object], int]:
    """Two requests with one key, of which the second comes while the first is under way, and how many things they made."""
    caller, asked = await db.write(seller), Asked(name="a")
    is_under_way, may_end = asyncio.Event(), asyncio.Event()

    async def make_slowly(session: Session) -> UUID:
        is_under_way.set()
        made = await make(session)
        await may_end.wait()
        return made

    before = await db.write(count)
    first = asyncio.create_task(db.write(once, caller, Key("k1"), "create_x", asked, make_slowly))
    await is_under_way.wait()
    second = asyncio.create_task(db.write(once, caller, Key("k1"), "create_x", asked, make_slowly))
    # Long enough for an answer that nobody waits for.
    await asyncio.wait([second], timeout=0.5)
    answered = second.done()
    may_end.set()
    ended = await asyncio.gather(first, second, return_exceptions=True)
    return [answered, *ended], await db.write(count) - before


async def test_while_the_first_is_under_way_the_second_is_told_so_at_once(db: Database) -> None:
    (answered, first, second), made = await two_at_once(db)
    assert (answered, type(second), made) == (True, RequestInFlight, 1)
    assert isinstance(first, UUID)


async def test_twin_without_its_lock_the_second_waits(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def free(_session: Session, _name: str) -> None:
        return None

    monkeypatch.setattr(idempotency, "lock_key", free)
    (answered, first, second), made = await two_at_once(db)
    # The key's row still lets only one thing be made.
    assert (answered, first, made) == (False, second, 1)


async def test_a_key_is_new_again_when_its_time_is_over(db: Database, now_is: SetNow) -> None:
    caller, asked = await db.write(seller), Asked(name="a")
    key = Key("k1", timedelta(hours=1))
    first = await db.write(once, caller, key, "create_x", asked, make)
    assert await db.write(once, caller, key, "create_x", asked, make) == first
    await now_is(db, datetime.now(UTC) + timedelta(minutes=61))
    assert await db.write(once, caller, key, "create_x", Asked(name="b"), make) != first


async def test_keys_whose_time_is_over_are_forgotten(db: Database, now_is: SetNow) -> None:
    caller = await db.write(seller)
    for name, hours in (("k1", 1), ("k2", 3)):
        await db.write(once, caller, Key(name, timedelta(hours=hours)), "create_x", None, make)
    assert await db.write(forget_expired_keys) == 0
    await now_is(db, datetime.now(UTC) + timedelta(hours=2))
    assert (await db.write(forget_expired_keys), await db.write(forget_expired_keys)) == (1, 0)


async def test_a_failed_request_leaves_its_key_free(db: Database) -> None:
    caller = await db.write(seller)

    async def fail(session: Session) -> UUID:
        await make(session)
        message = "lost"
        raise ConnectionError(message)

    with pytest.raises(ConnectionError):
        await db.write(once, caller, Key("k1"), "create_x", Asked(name="a"), fail)
    assert isinstance(await db.write(once, caller, Key("k1"), "create_x", Asked(name="a"), make), UUID)
