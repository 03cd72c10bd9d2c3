"""Migration of a database to the newest schema, from the program itself.

Alembic is loaded only when there is something to migrate: a start on a current database need not wait for it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_REVISION = re.compile(r'^(down_)?revision\b[^=\n]*= *"(\w+)"', re.MULTILINE)


def alembic_config(*, demonstration: bool = False) -> Config:
    """Alembic's configuration; ``demonstration`` is read once, by the revision that makes the database."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["demonstration"] = demonstration
    return config


def newest_revision() -> str:
    """The revision that no other revision follows, read from the files themselves."""
    found = [
        match for file in (SCRIPTS / "versions").glob("*.py") for match in _REVISION.findall(file.read_text())
    ]
    newest: str
    (newest,) = {name for down, name in found if not down} - {name for down, name in found if down}
    return newest


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision == newest_revision()


def _upgrade(connection: Connection, *, demonstration: bool) -> bool:
    if _is_current(connection):
        return False
    from alembic import command  # noqa: PLC0415 - see above

    config = alembic_config(demonstration=demonstration)
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


async def is_current(url: str) -> bool:
    """Whether the schema is at the newest revision; readiness asks it once at start."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_is_current)
    finally:
        await engine.dispose()
