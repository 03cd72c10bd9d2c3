"""The world of the permission tests: one for each test process, in a database of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from app.main import create_app
from app.settings import Settings
from tests.database import make_template
from tests.permissions.undone import UndoneDatabase
from tests.permissions.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

    from app.embedded import RunningServer


@pytest.fixture(scope="session")
async def world_database(server: RunningServer) -> AsyncIterator[UndoneDatabase]:
    """A clone that only the permission tests use: its clock stands still."""
    name = f"live_{os.getpid()}_permissions"
    server.drop_database(name)
    database = UndoneDatabase(server.create_database(name, template=make_template(server)))
    yield database
    await database.close()
    server.drop_database(name)


@pytest.fixture(scope="session")
def world_settings(world_database: UndoneDatabase, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with small built pages, so that the page's route has something to give."""
    pages: Path = tmp_path_factory.mktemp("pages")
    (pages / "index.html").write_text("<title>market</title>", "utf-8")
    (pages / "assets").mkdir()
    (pages / "assets" / "page.js").write_text("export {}", "utf-8")
    return Settings(
        database_url=world_database.url,
        password_time_cost=1,
        password_memory_kib=64,
        public_url="http://market.test",
        sign_in_limit="10000/minute",
        bid_limit="1000/second",
        stripe_secret_key="sk_test_standin",
        stripe_webhook_secret="whsec_standin",
        frontend_dir=pages,
    )


@pytest.fixture(scope="session")
async def world(world_database: UndoneDatabase, world_settings: Settings) -> World:
    """The market in the middle of its life."""
    return await build_world(world_database, world_settings)


@pytest.fixture(scope="session")
async def app(world_database: UndoneDatabase, world_settings: Settings) -> AsyncIterator[FastAPI]:
    """The application on that world."""
    made = create_app(world_settings, world_database)
    async with made.router.lifespan_context(made):
        yield made
