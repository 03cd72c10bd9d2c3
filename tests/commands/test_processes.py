"""``market run --processes N``: several web processes on one port, with really killed parts."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.db import Database
from app.embedded import start_server
from app.ids import uuid7
from tests.commands.program import fetch, fetch_text, started
from tests.embedded.processes import is_alive, kill, processes_naming, wait_until
from tests.live.rooms import frame, make_bidder
from tests.make_auction import START_FEN, STEP_FEN, make_sale

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from websockets.asyncio.client import ClientConnection

    from tests.commands.program import Program
    from tests.make_auction import MadeSale

_PROCESSES = 2
# Beside it a connection of the same two ports may still be fading out, whose process is gone.
_ESTABLISHED = "01"
_ARGUMENTS = ("--port", "0", "--no-demo", "--processes", str(_PROCESSES))
_MASTER_KEY = base64.b64encode(secrets.token_bytes(32)).decode()


class Market(NamedTuple):
    """A started market of several processes."""

    program: Program
    folder: Path
    url: str

    @property
    def webs(self) -> list[int]:
        """Its web processes."""
        return [pid for pid in _children(self.program.process.pid) if "web" in _command(pid)]

    @property
    def guard(self) -> int:
        """The guard of its valkey."""
        (found,) = (
            pid for pid in _children(self.program.process.pid) if "app.embedded.guard" in _command(pid)
        )
        return found

    @property
    def valkey(self) -> int:
        """Its valkey."""
        (found,) = _children(self.guard)
        return found


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """One market for all tests that do not end it."""
    folder = tmp_path_factory.mktemp("market") / "data"
    with started("run", "--data", str(folder), *_ARGUMENTS, MARKET_MASTER_KEY=_MASTER_KEY) as program:
        yield Market(program, folder, program.address(120))
        assert program.stop(signal.SIGTERM)[0] == 0, program.said()
    wait_until(lambda: processes_naming(folder) == [])


@pytest.fixture
async def database(market: Market) -> AsyncIterator[Database]:
    """The market's own database."""
    with start_server(market.folder / "postgres") as server:
        opened = Database(server.database_url("market"))
        yield opened
        await opened.close()


def _children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    threads = Path("/proc", str(pid), "task").iterdir()
    found = (child for thread in threads for child in (thread / "children").read_text("ascii").split())
    return [int(child) for child in found]


def _command(pid: int) -> str:
    return Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode()


def _web_behind(market: Market, socket: ClientConnection) -> int:
    """The web process that has the other end of a connection."""
    ours, theirs = (f":{socket.transport.get_extra_info(name)[1]:04X}" for name in ("sockname", "peername"))
    (inode,) = (
        row.split()[9]
        for row in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
        if row.split()[1].endswith(theirs)
        and row.split()[2].endswith(ours)
        and row.split()[3] == _ESTABLISHED
    )
    for pid in market.webs:
        for descriptor in Path("/proc", str(pid), "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(descriptor.readlink()) == f"socket:[{inode}]":
                    return pid
    raise AssertionError(inode)


def _figures(market: Market) -> dict[str, float]:
    """The figures that have no labels."""
    status, text = fetch_text(f"{market.url}/metrics")
    assert status == 200
    rows = (row.split() for row in text.splitlines() if not row.startswith("#"))
    return {name: float(value) for name, value in rows if "{" not in name}


class Room:
    """A socket at one web process, with all events since its snapshot."""

    def __init__(self, socket: ClientConnection, number: int) -> None:
        self.socket, self.number = socket, number
        self.heard: list[dict[str, Any]] = []

    async def hear(self, number: int) -> float:
        """Hears everything up to a number, in order and without a gap; returns how long that took."""
        began = time.monotonic()
        while self.number < number:
            for event in (await frame(self.socket, "events"))["events"]:
                assert event["number"] == self.number + 1
                self.number += 1
                self.heard.append(event)
        return time.monotonic() - began

    async def bid(self, step: int) -> int:
        """Bids the start price and so many steps; returns the event's number."""
        bid = {"type": "bid", "bid_id": str(uuid7()), "amount_fen": START_FEN + step * STEP_FEN}
        await self.socket.send(json.dumps(bid))
        answer = await frame(self.socket, "answer")
        assert answer["ok"], answer
        assert answer["bid_id"] == bid["bid_id"]
        return int(answer["number"])


async def _rooms(
    market: Market, stack: contextlib.AsyncExitStack, sale: MadeSale, token: str | None = None
) -> dict[int, Room]:
    """A room at each web process, by process."""
    address = f"{market.url.replace('http', 'ws')}/api/v1/auctions/{sale.id}/socket"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found: dict[int, Room] = {}
    async with asyncio.timeout(30):
        while len(found) < _PROCESSES:
            # Opened together: a process that is busy with one lets the other take the next.
            for socket in await asyncio.gather(
                *(connect(address, additional_headers=headers, proxy=None) for _ in range(4))
            ):
                await stack.enter_async_context(socket)
                snapshot = await frame(socket, "snapshot")
                found.setdefault(_web_behind(market, socket), Room(socket, snapshot["number"]))
    return found


async def test_two_processes_take_bids_on_one_sale_and_tell_each_others_watchers_at_once(
    market: Market, database: Database
) -> None:
    sale = await database.write(make_sale)
    tokens = [(await database.write(make_bidder, sale.id))[1] for _ in range(2)]
    async with contextlib.AsyncExitStack() as stack:
        watchers = await _rooms(market, stack, sale)
        bidders = [await _rooms(market, stack, sale, token) for token in tokens]
        delays = []
        for step in range(12):
            # The two bidders in turn, each by another process than the one before.
            pid = sorted(watchers)[step % 2]
            number = await bidders[step % 2][pid].bid(step)
            (other,) = set(watchers) - {pid}
            delays.append(await watchers[other].hear(number))
            await watchers[pid].hear(number)
        first, second = (room.heard[-12:] for room in watchers.values())
    # The sweep alone would bring each after half a second on average.
    assert sorted(delays)[9] < 0.3, delays
    assert first == second
    assert {event["kind"] for event in first} == {"bid_accepted"}


async def test_whichever_process_is_asked_shows_the_figures_of_all(
    market: Market, database: Database
) -> None:
    sale = await database.write(make_sale)
    wait_until(lambda: _figures(market)["market_sockets"] == 0)
    address = f"{market.url.replace('http', 'ws')}/api/v1/auctions/{sale.id}/socket"
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(connect(address, proxy=None)) for _ in range(6)]
        for socket in sockets:
            await frame(socket, "snapshot")
        for _ in range(6):
            assert _figures(market)["market_sockets"] == len(sockets)
    wait_until(lambda: _figures(market)["market_sockets"] == 0)
    # What the background work counts is there too.
    assert "market_closing_lateness_seconds_count" in _figures(market)


async def test_with_the_relay_gone_watchers_lag_by_the_sweep_and_lose_nothing(
    market: Market, database: Database
) -> None:
    sale = await database.write(make_sale)
    _, token, _ = await database.write(make_bidder, sale.id)
    said = market.program.said().count("the relay had died")
    async with contextlib.AsyncExitStack() as stack:
        watchers, bidders = await _rooms(market, stack, sale), await _rooms(market, stack, sale, token)
        pid, other = sorted(watchers)
        # A guard that is stopped does not tell that its valkey is gone, so nobody starts another meanwhile.
        guard = market.guard
        os.kill(guard, signal.SIGSTOP)
        try:
            kill(market.valkey)
            delays = [await watchers[other].hear(await bidders[pid].bid(step)) for step in range(4)]
        finally:
            os.kill(guard, signal.SIGCONT)
        assert sum(delays) > 0.3, "told without a relay"
        assert max(delays) < 4
        wait_until(lambda: market.program.said().count("the relay had died") > said)
        # The relay is found again, and hints come at once again.
        await asyncio.sleep(2.5)
        delays = [await watchers[other].hear(await bidders[pid].bid(step)) for step in range(4, 10)]
    assert sorted(delays)[4] < 0.3, delays


async def test_a_killed_web_process_takes_nobody_with_it_and_is_started_again(
    market: Market, database: Database
) -> None:
    sale = await database.write(make_sale)
    _, token, _ = await database.write(make_bidder, sale.id)
    async with contextlib.AsyncExitStack() as stack:
        watchers, bidders = await _rooms(market, stack, sale), await _rooms(market, stack, sale, token)
        pid, other = sorted(watchers)
        number = await bidders[pid].bid(0)
        kill(pid)
        with pytest.raises(ConnectionClosed):
            await watchers[pid].hear(number + 1)
        # New callers are served by the other at once, and its sockets go on.
        assert fetch(f"{market.url}/healthz")[0] == 200
        assert await bidders[other].bid(1) == number + 1
        await watchers[other].hear(number + 1)
    wait_until(lambda: "had died and is started again" in market.program.said())
    wait_until(lambda: len(market.webs) == _PROCESSES, 30)
    assert pid not in market.webs
    async with contextlib.AsyncExitStack() as stack:
        # Both take callers.
        assert sorted(await _rooms(market, stack, sale)) == sorted(market.webs)


def test_no_web_process_is_given_the_master_key_and_none_has_it_in_the_data_folder(market: Market) -> None:
    for pid in market.webs:
        told = Path("/proc", str(pid), "environ").read_text()
        assert "MARKET_SIGNING_KEY" not in told
        assert _MASTER_KEY not in told
        assert "MARKET_MASTER_KEY" not in told
        assert f"MARKET_DATA_DIR={market.folder}" in told
    assert not (market.folder / "master.key").exists()


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a market that is started and ended by tests."""
    return tmp_path_factory.mktemp("other") / "data"


def test_everything_is_gone_after_the_starter_was_killed(other_folder: Path) -> None:
    with started("run", "--data", str(other_folder), *_ARGUMENTS) as program:
        market = Market(program, other_folder, program.address(120))
        parts = [*market.webs, market.guard, market.valkey]
        assert len(parts) == _PROCESSES + 2
        program.process.kill()
        program.process.wait()
    assert wait_until(lambda: not any(is_alive(pid) for pid in parts), 20) < 20
    wait_until(lambda: processes_naming(other_folder) == [])


def test_a_web_process_that_cannot_start_ends_the_start_with_its_reason(other_folder: Path) -> None:
    with started("run", "--data", str(other_folder), *_ARGUMENTS, MARKET_BID_LIMIT="many") as program:
        assert program.ends(120) == 1
        assert "did not start" in program.said()
    wait_until(lambda: processes_naming(other_folder) == [])


@pytest.mark.parametrize("count", ["0", "65", "two"])
def test_a_wrong_number_of_processes_is_refused(tmp_path: Path, count: str) -> None:
    with started("run", "--data", str(tmp_path / "data"), "--processes", count) as program:
        assert program.ends() == 2
        assert "1-64" in program.said()
    assert not (tmp_path / "data").exists()
