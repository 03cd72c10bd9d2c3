"""Migration of a database to the newest schema, from the program itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(*, demonstration: bool = False) -> Config:
    """Alembic's configuration; ``demonstration`` is read once, by the revision that makes the database."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["demonstration"] = demonstration
    return config


def _upgrade(connection: Connection, *, demonstration: bool) -> bool:
    config = alembic_config(demonstration=demonstration)
    head = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == head:
        return False
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


async def migrate(url: str, *, demonstration: bool = False) -> bool:
    """Brings the schema to the newest revision in one transaction; True when there was something to do.

    ``demonstration`` marks a database that is made now; it changes nothing in one that exists already.
    """
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade, demonstration=demonstration)
    finally:
        await engine.dispose()


def _is_current(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


async def is_current(url: str) -> bool:
    """Whether the schema is at the newest revision; readiness asks it once at start."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_is_current)
    finally:
        await engine.dispose()
