"""Migration of a database to the newest schema, from the program itself.

Alembic is loaded only when there is something to migrate: a start on a current database need not wait for it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
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


def _upgrade(connection: Connection, *, demonstration: bool) -> None:
    from alembic import command  # noqa: PLC0415 - see above

    config = alembic_config(demonstration=demonstration)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(url: str, *, demonstration: bool = False) -> bool:
    """Brings the schema to the newest revision in one transaction; True when there was something to do.

    ``demonstration`` marks a database that is made now; it changes nothing in one that exists already.
    """
    if await is_current(url):
        return False
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, demonstration=demonstration)
    finally:
        await engine.dispose()
    return True


async def is_current(url: str) -> bool:
    """Whether the schema is at the newest revision: one question by the driver alone, for each start asks it."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()
    return bool(revision == newest_revision())
