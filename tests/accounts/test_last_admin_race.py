"""Two admins dismiss each other at once: one is refused. Without the lock both would succeed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from app.accounts import people
from app.accounts.caller import Caller
from app.accounts.errors import LastAdmin
from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.accounts.queries import get_organisation, list_admins
from tests.make_accounts import make_caller

if TYPE_CHECKING:
    from app.db import AnySession, Database, Session


async def two_admins(session: Session) -> tuple[Caller, Caller]:
    first = await make_caller(session, Role.ADMIN)
    organisation = await session.get_one(Organisation, first.organisation_id)
    return first, await make_caller(session, Role.ADMIN, organisation=organisation)


async def dismiss_each_other(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[object], frozenset[UUID]]:
    """Both read who is an admin before either writes, if nothing keeps them apart; else the first goes on alone."""
    first, second = await db.write(two_admins)
    both_have_read = asyncio.Barrier(2)

    async def list_and_wait(session: AnySession, organisation_id: UUID) -> frozenset[UUID]:
        admins = await list_admins(session, organisation_id)
        try:
            async with asyncio.timeout(0.5):
                await both_have_read.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            pass  # the other one waits for our lock, as it should
        return admins

    monkeypatch.setattr(people, "list_admins", list_and_wait)
    outcomes = await asyncio.gather(
        db.write(people.set_roles, first, second.person_id, []),
        db.write(people.set_roles, second, first.person_id, []),
        return_exceptions=True,
    )
    return list(outcomes), await db.read(list_admins, first.organisation_id)


async def test_of_two_admins_who_dismiss_each_other_one_stays(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes, left = await dismiss_each_other(db, monkeypatch)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastAdmin", "NoneType"]
    assert isinstance(next(outcome for outcome in outcomes if outcome), LastAdmin)
    assert len(left) == 1


async def test_the_twin_without_the_lock_leaves_no_admin(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "lock_organisation", get_organisation)
    outcomes, left = await dismiss_each_other(db, monkeypatch)
    assert outcomes == [None, None]
    assert left == frozenset()
