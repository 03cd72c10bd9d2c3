"""Opening the market's database for a command: the embedded server or a real one, made and migrated."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.embedded import RunningServer, start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_ROOT = Path(__file__).resolve().parent.parent.parent
_DATABASE = "market"
_OPTIONS = {"max_connections": "200", "shared_buffers": "128MB"}
# What one web process takes at most (app/db.py: its pool and its drivers), and what all else does.
_CONNECTIONS_A_PROCESS, _OTHER_CONNECTIONS = 24, 60
_STARTING_LOCK = 7_031_942_806_113  # any number that no other use of the database has


@dataclass(frozen=True)
class OpenedServer:
    """A server to connect to: its database's address, and the embedded server when it is that."""

    url: str
    embedded: RunningServer | None = None

    def close(self) -> None:
        """Leaves the embedded server, which stops with its last user."""
        if self.embedded is not None:
            self.embedded.close()


def data_folder(given: Path | None) -> Path:
    """The data folder: as given, by MARKET_DATA_DIR, else ``data`` in the clone (or here, for an installed program)."""
    if given is not None:
        return given.resolve()
    if setting := os.environ.get("MARKET_DATA_DIR"):
        return Path(setting).resolve()
    return (_ROOT if (_ROOT / "pyproject.toml").exists() else Path.cwd()) / "data"


def configured_url() -> str | None:
    """The address of a real server in DATABASE_URL, in the form that SQLAlchemy reads."""
    url = os.environ.get("DATABASE_URL") or os.environ.get("MARKET_DATABASE_URL")
    if url is None:
        return None
    scheme, separator, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}" if separator and scheme.startswith("postgres") else url


def open_server(
    data: Path | None, say: Callable[[str], None] | None = None, *, processes: int = 1
) -> OpenedServer:
    """Starts or joins the embedded server of the data folder and makes its database; or takes DATABASE_URL."""
    url = configured_url()
    if url is not None:
        return OpenedServer(url)
    programs = os.environ.get("MARKET_POSTGRES_BIN")
    wanted = _OTHER_CONNECTIONS + _CONNECTIONS_A_PROCESS * processes
    most = {"max_connections": str(wanted)} if wanted > int(_OPTIONS["max_connections"]) else {}
    embedded = start_server(
        data_folder(data) / "postgres",
        binaries=Path(programs) if programs else None,
        options=_OPTIONS | most,
        say=say,
    )
    try:
        if not embedded.has_database(_DATABASE):
            embedded.create_database(_DATABASE)
    except BaseException:
        embedded.close()
        raise
    return OpenedServer(embedded.database_url(_DATABASE), embedded)


@asynccontextmanager
async def one_at_a_time(url: str) -> AsyncIterator[None]:
    """Lets one starting process at a time work on a database: two that migrate at once would be in each other's way."""
    import asyncpg  # noqa: PLC0415 - the embedded server is to start before anything large is loaded

    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _STARTING_LOCK)
        yield
    finally:
        await connection.close()


async def bring_up_to_date(url: str, *, demonstration: bool) -> bool:
    """Migrates the database, marked as demonstration if it is made now; True when something was done."""
    from app.migrate import migrate  # noqa: PLC0415 - as above

    async with one_at_a_time(url):
        return await migrate(url, demonstration=demonstration)
