"""Idempotency-Key: once, also when two requests come together, and never for other content."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.api.idempotency import IdempotencyKeyReused, once
from app.api.wire import Wire
from app.ids import uuid7
from tests.make_accounts import make_caller, make_organisation

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Database, Session


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
    first = await once(session, caller, "k1", "create_x", Asked(name="a"), make)
    assert await once(session, caller, "k1", "create_x", Asked(name="a"), make) == first
    assert await count(session) == before + 1


async def test_without_a_key_each_request_is_its_own(session: Session) -> None:
    caller = await seller(session)
    asked = Asked(name="a")
    first = await once(session, caller, None, "create_x", asked, make)
    assert await once(session, caller, None, "create_x", asked, make) != first


async def test_a_key_with_other_content_or_on_another_thing_is_refused(session: Session) -> None:
    caller = await seller(session)
    await once(session, caller, "k1", "create_x", Asked(name="a"), make)
    with pytest.raises(IdempotencyKeyReused):
        await once(session, caller, "k1", "create_x", Asked(name="b"), make)
    with pytest.raises(IdempotencyKeyReused):
        await once(session, caller, "k1", "create_x", Asked(name="a"), make, subject=uuid7())


async def test_a_key_is_a_persons_own_and_an_operations_own(session: Session) -> None:
    asked = Asked(name="a")
    caller = await seller(session)
    first = await once(session, caller, "k1", "create_x", asked, make)
    assert await once(session, await seller(session), "k1", "create_x", asked, make) != first
    assert await once(session, caller, "k1", "create_y", asked, make) != first


async def test_two_at_once_make_one_thing_and_both_get_its_id(db: Database) -> None:
    caller = await db.write(seller)
    asked = Asked(name="a")

    async def make_slowly(session: Session) -> UUID:
        await asyncio.sleep(0.2)  # long enough for the other one to come to the key's row
        return await make(session)

    before = await db.write(count)
    ids = await asyncio.gather(
        *(db.write(once, caller, "k1", "create_x", asked, make_slowly) for _ in range(4))
    )
    assert len(set(ids)) == 1
    assert await db.write(count) == before + 1


async def test_a_failed_request_leaves_its_key_free(db: Database) -> None:
    caller = await db.write(seller)

    async def fail(session: Session) -> UUID:
        await make(session)
        message = "lost"
        raise ConnectionError(message)

    with pytest.raises(ConnectionError):
        await db.write(once, caller, "k1", "create_x", Asked(name="a"), fail)
    assert isinstance(await db.write(once, caller, "k1", "create_x", Asked(name="a"), make), UUID)
