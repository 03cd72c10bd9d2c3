"""A market of its own for tests that call the API with whatever the description allows, and commit it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.accounts.permissions import DESKS, Scope
from app.db import Database
from app.settings import Settings
from tests.database import make_template
from tests.make_accounts import caller_for, make_person, make_token
from tests.permissions.asks import ALL
from tests.permissions.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.db import Session
    from app.embedded import RunningServer


@dataclass(frozen=True)
class OpenMarket:
    """A world, its settings, and the headers of those who call: nobody, a party with all roles, all desks in one."""

    world: World
    settings: Settings
    callers: dict[str, dict[str, str]]


async def _all_desks(session: Session, world: World) -> str:
    person = await make_person(session, world.organisations["E"], DESKS)
    return await make_token(session, await caller_for(session, person), list(Scope))


@pytest.fixture(scope="session")
async def open_market(
    server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OpenMarket]:
    """The market of the permission tests once more, in a database that may be written to."""
    name = f"live_{os.getpid()}_api"
    server.drop_database(name)
    pages: Path = tmp_path_factory.mktemp("pages")
    settings = Settings(
        database_url=server.create_database(name, template=make_template(server)),
        password_time_cost=1,
        password_memory_kib=64,
        public_url="http://testserver",
        sign_in_limit="100000/minute",
        bid_limit="1000/second",
        stripe_secret_key="sk_test_standin",
        stripe_webhook_secret="whsec_standin",
        frontend_dir=pages,
    )
    assert settings.database_url
    database = Database(settings.database_url)
    world = await build_world(database, settings)

    async def tokens(session: Session) -> tuple[str, str]:
        party = await make_token(session, world.people[f"S/{ALL}"], list(Scope))
        return party, await _all_desks(session, world)

    party, staff = await database.write(tokens)
    await database.close()
    yield OpenMarket(
        world,
        settings,
        {
            "guest": {},
            "party": {"Authorization": f"Bearer {party}"},
            "staff": {"Authorization": f"Bearer {staff}"},
        },
    )
    server.drop_database(name)
