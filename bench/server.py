"""The durable server that benchmarks run on: the program's own PostgreSQL in a folder that goes away afterwards."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from app.embedded import start_server
from app.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


@asynccontextmanager
async def durable_database() -> AsyncIterator[str]:
    """Starts a durable server with a migrated database and gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="market-bench-"))
    try:
        with start_server(folder, durable=True) as server:
            url = server.create_database("bench")
            await migrate(url, demonstration=True)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain(url: str) -> str:
    """The address as the bare driver reads it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def read_durability(url: str) -> dict[str, str]:
    """What the server itself says of its durable settings."""
    connection = await asyncpg.connect(plain(url))
    try:
        return {name: str(await connection.fetchval(f"SHOW {name}")) for name in DURABILITY}
    finally:
        await connection.close()
