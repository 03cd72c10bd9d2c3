"""The tests' PostgreSQL: one server for all test processes, one migrated template, a clone for each process."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.embedded import EmbeddedServerError, RunningServer, start_server
from app.embedded.files import holding
from app.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".test" / "postgres"
_OPTIONS = {"max_connections": "300", "shared_buffers": "128MB", "autovacuum": "off", "max_wal_size": "2GB"}


def start_test_server() -> RunningServer:
    """Starts or joins the server of the tests; one that a power cut has spoilt is made anew.

    It is never synced, and it stays on disk between runs, which saves making it each time.
    """
    try:
        return start_server(HOME, durable=False, options=_OPTIONS)
    except EmbeddedServerError:
        with holding(ROOT / ".test" / "renewing.lock"):
            shutil.rmtree(HOME / "cluster", ignore_errors=True)
            return start_server(HOME, durable=False, options=_OPTIONS)


def make_template(server: RunningServer) -> str:
    """Returns the name of the migrated template database, which is made when models or migrations have changed."""
    name = f"schema_{_schema_digest()}"
    with holding(ROOT / ".test" / "template.lock"):
        if not server.has_database(name):
            _drop_leftovers(server)
            unfinished = f"unfinished_{os.getpid()}"
            url = server.create_database(unfinished)
            apart(migrate_for_tests, url)
            server.sql(f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return name


def clone_template(server: RunningServer, template: str) -> tuple[str, str]:
    """Makes this process's own copy; returns its name and address."""
    name = f"test_{os.getpid()}"
    server.drop_database(name)
    return name, server.create_database(name, template=template)


def apart(work: Callable[..., Awaitable[T]], *args: Any) -> T:
    """Runs a coroutine function in a thread and loop of its own: the tests' loop may be running here."""

    async def run() -> T:
        return await work(*args)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


async def migrate_for_tests(url: str) -> None:
    """Makes the schema, marked as demonstration, so that the demonstration's board can be used."""
    await migrate(url, demonstration=True)


def _schema_digest() -> str:
    digest = hashlib.sha256()
    files = {*ROOT.glob("app/*.py"), *ROOT.glob("app/**/*models.py")}
    for file in sorted(files | {*ROOT.glob("migrations/**/*.py"), *ROOT.glob("migrations/**/*.sql")}):
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _drop_leftovers(server: RunningServer) -> None:
    """Removes databases of test processes that are gone, and templates of older schemas."""
    for name in server.sql("SELECT datname FROM pg_database").split():
        kind, _, process = name.partition("_")
        dead = kind in {"test", "unfinished"} and not Path("/proc", process).exists()
        if dead or kind == "schema":
            with contextlib.suppress(EmbeddedServerError):
                server.drop_database(name)
