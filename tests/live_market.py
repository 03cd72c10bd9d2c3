"""A whole market for tests: a real server and worker on a loopback port, over a database of its own.

It runs in a thread with a loop of its own, so that clients that block (a browser driver) and clients that do not can
both use it. ``from tests.live_market import live_market`` gives the fixture; ``start_live_market`` gives other kinds.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.commands.serving import listen, serve, web_server, work_until
from app.db import Database
from app.embedded import EmbeddedServerError
from app.settings import Settings
from tests.database import make_template
from tests.make_sealed import make_master

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from app.embedded import RunningServer

_HOST = "127.0.0.1"
_START_SECONDS, _STOP_SECONDS, _LOOK_SECONDS = 60, 20, 1
_numbers = itertools.count(1)


@dataclass(frozen=True)
class LiveMarket:
    """Where a running market answers, and where its data lies."""

    url: str
    database_url: str
    settings: Settings


@contextmanager
def start_live_market(
    server: RunningServer,
    *,
    is_demonstration: bool = True,
    is_seeded: bool = False,
    is_simulated: bool = False,
) -> Iterator[LiveMarket]:
    """Starts a market on a free port; stops it and drops its database at the end.

    ``is_seeded`` fills it as the first start of ``market run`` does and brings the sales of half a minute to their
    deals; ``is_simulated`` lets the simulated bidders into all sales.
    """
    _drop_leftovers(server)
    name = f"live_{os.getpid()}_{next(_numbers)}"
    template = make_template(server) if is_demonstration else None
    database_url = (
        server.create_database(name, template=template) if template else server.create_database(name)
    )
    taken = listen(_HOST, 0)
    url = f"http://{_HOST}:{taken.getsockname()[1]}"
    settings = Settings(
        database_url=database_url,
        password_time_cost=1,
        password_memory_kib=64,
        public_url=url,
        sign_in_limit="1000/minute",
        bid_limit="1000/second",
    )
    market = LiveMarket(url, database_url, settings)
    runner = _Runner(market, taken, is_seeded=is_seeded, is_simulated=is_simulated)
    try:
        runner.start()
        yield market
    finally:
        runner.stop()
        taken.close()
        server.drop_database(name)


class _Runner:
    """The thread of one market."""

    def __init__(
        self, market: LiveMarket, taken: socket.socket, *, is_seeded: bool, is_simulated: bool
    ) -> None:
        self._thread = threading.Thread(target=self._run, name=f"market at {market.url}", daemon=True)
        self._market, self._taken = market, taken
        self._is_seeded, self._is_simulated = is_seeded, is_simulated
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - told to the test that waits
            self._failure = error
        finally:
            self._started.set()

    def start(self) -> None:
        """Starts and waits until the market answers; raises what kept it from starting."""
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            message = "the market did not start in time"
            raise TimeoutError(message)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stops calmly; raises what went wrong meanwhile."""
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.ident is not None:
            self._thread.join(_STOP_SECONDS)
        if self._failure is not None:
            raise self._failure

    async def _main(self) -> None:
        from app.auction.sealing import SealedOpener  # noqa: PLC0415
        from app.main import create_app  # noqa: PLC0415 - tests without a market need no application
        from app.migrate import migrate  # noqa: PLC0415
        from app.worker import Keeper, run_worker  # noqa: PLC0415

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        market, stop = self._market, self._stop
        await migrate(market.database_url)
        database = Database(market.database_url)
        try:
            if self._is_seeded:
                from app.demo.seed import seed  # noqa: PLC0415

                await seed(database, market.settings)
            app = create_app(market.settings, database)
            keeper = Keeper(app.state.signer, SealedOpener(await database.write(make_master)))
            web = web_server(app)
            works = [
                serve(web, self._taken, stop),
                run_worker(database, stop, keeper, app.state.relay.publish),
            ]
            if self._is_simulated:
                from app.demo.simulate import simulate  # noqa: PLC0415

                works.append(simulate(market.url, stop))
            elif self._is_seeded:
                works.append(_play_short_sales(market.url, stop))
            running = asyncio.create_task(work_until(stop, *works))
            while not web.started and not running.done():  # noqa: ASYNC110 - uvicorn tells it by an attribute only
                await asyncio.sleep(0.01)
            self._started.set()
            if await running:
                message = "a part of the market failed; its error is printed above"
                raise RuntimeError(message)
        finally:
            await database.close()


async def _play_short_sales(url: str, stop: asyncio.Event) -> None:
    """Brings the seed's short sales to their deals; in all others only the tests bid."""
    from httpx2 import HTTPError  # noqa: PLC0415

    from app.demo.crowd import play_short_sales  # noqa: PLC0415 - most tests need no demonstration
    from app.demo.public_api import PublicApi, RefusedError  # noqa: PLC0415

    async with PublicApi(url) as api:
        while not stop.is_set():
            # A sale may end between the look at it and the bid, and the server before this.
            with suppress(RefusedError, HTTPError):
                await play_short_sales(api)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)


def _drop_leftovers(server: RunningServer) -> None:
    """Removes the databases of test processes that were killed."""
    for name in server.sql("SELECT datname FROM pg_database WHERE datname LIKE 'live\\_%'").split():
        if not Path("/proc", name.split("_")[1]).exists():
            with suppress(EmbeddedServerError):
                server.drop_database(name)


@pytest.fixture(scope="module")
def live_market(server: RunningServer) -> Iterator[LiveMarket]:
    """A seeded demonstration market, without simulated bidders; one for all tests of a module."""
    with start_live_market(server, is_seeded=True) as market:
        yield market
