"""What callers are told while the database cannot be reached, with a server that is really killed."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.db import Database, is_away
from app.embedded import start_server
from app.main import create_app
from app.migrate import migrate
from app.settings import Settings
from tests.embedded.processes import is_alive, wait_until

if TYPE_CHECKING:
    from pathlib import Path

_CREDENTIALS = {"login": "nobody", "password": "a long enough one"}


async def test_while_the_database_is_away_every_call_answers_503_and_says_that_the_step_may_be_done(
    tmp_path: Path,
) -> None:
    with start_server(tmp_path, durable=False) as server:
        url = server.create_database("away")
        await migrate(url)
        database = Database(url)
        app = create_app(Settings(database_url=url, password_time_cost=1, password_memory_kib=64), database)
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://localhost:8000/api/v1") as client:
            assert (await client.get("auctions")).status_code == 200
            pid = server.pid
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(wait_until, lambda: not is_alive(pid))
            for lang, words in (("zh", "可能已经生效，也可能没有"), ("en", "may or may not have been done")):
                headers = {"Accept-Language": lang}
                for _ in range(2):  # over a connection that broke, and over one that cannot be made
                    answers = [
                        await client.get("auctions", headers=headers),
                        await client.post("sessions", json=_CREDENTIALS, headers=headers),
                    ]
                    for answer in answers:
                        problem = answer.json()
                        assert (answer.status_code, problem["code"]) == (503, "database-away"), problem
                        assert words in problem["detail"]
                        assert answer.headers["Retry-After"] == "2"
        await database.close()


@pytest.mark.parametrize("error", [FileNotFoundError("report.pdf"), ValueError("a bug"), KeyError("fen")])
def test_other_failures_are_not_taken_for_an_absent_database(error: Exception) -> None:
    assert not is_away(error)
