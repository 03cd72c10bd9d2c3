"""Several web processes of one market: started on one listening socket, started again when one ends, and their end.

Each has a line to its starter, a pair of sockets whose other half only the starter holds. By it a web process says that
it answers; and when the starter has ended, however he did, the line ends too, and the web process stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.auction.master_keys import VARIABLE as MASTER_KEY
from app.commands.metering import forget
from app.commands.serving import CannotServeError
from app.embedded import EmbeddedServerError
from app.embedded.valkey import RunningValkey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.commands.serving import WebServer
    from app.settings import Settings

# More than a web process needs for itself to stop, see app/commands/serving.py.
_LONGEST_STOP_SECONDS = 8.0
_ORPHAN_SECONDS = 15.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0
# One that lived this long ended by an accident and not by what it is told to do.
_STEADY_SECONDS = 10.0
_LOOK_AFTER_SECONDS = 0.5
_LINE = 0  # the line is a web process's standard input
_READY = b"."
_ROOT = Path(__file__).resolve().parent.parent.parent


# The starter's side


@dataclass
class _Web:
    """One web process and the starter's end of its line."""

    process: asyncio.subprocess.Process
    line: socket.socket

    async def answers(self) -> bool:
        """Waits until it says that it answers; False when it has ended instead."""
        with contextlib.suppress(OSError):
            return await asyncio.get_running_loop().sock_recv(self.line, 1) == _READY
        return False

    async def stop(self) -> None:
        """Lets it answer what it has taken, and ends it outright when that takes too long."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            async with asyncio.timeout(_LONGEST_STOP_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


class WebProcesses:
    """The web processes of one market."""

    def __init__(self, count: int, taken: socket.socket, settings: Settings) -> None:
        """Starts nothing yet. They share the listening socket: the one that ends takes no caller with it who waits."""
        self.answers = asyncio.Event()
        self._count = count
        self._taken = taken
        self._command = [sys.executable, "-P", "-m", "app", "web", "--inherited", str(taken.fileno())]
        self._environment = _environment(settings)
        self._waited_for = count

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps them running until ``stop`` is set. Raises CannotServeError when one does not start at all."""
        kept = await asyncio.gather(
            *(self._keep(number, stop) for number in range(1, self._count + 1)), return_exceptions=True
        )
        for outcome in kept:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _keep(self, number: int, stop: asyncio.Event) -> None:
        try:
            await self._keep_one(number, stop)
        finally:
            stop.set()

    async def _keep_one(self, number: int, stop: asyncio.Event) -> None:
        pause, has_answered = _FIRST_PAUSE_SECONDS, False
        while not stop.is_set():
            began = time.monotonic()
            answered = await self._run_one(stop, is_first=not has_answered)
            if stop.is_set():
                return
            if not has_answered and not answered:
                message = (
                    f"网页进程 {number} 未能启动，原因见上文。\n"
                    f"Web process {number} did not start; the reason is above."
                )
                raise CannotServeError(message)
            has_answered = True
            sys.stderr.write(
                f"网页进程 {number} 意外停止，正在重新启动 / web process {number} had died and is started again\n"
            )
            has_lived = time.monotonic() - began > _STEADY_SECONDS
            pause = _FIRST_PAUSE_SECONDS if has_lived else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _run_one(self, stop: asyncio.Event, *, is_first: bool) -> bool:
        """Runs one process until it ends or ``stop`` is set; returns whether it ever answered."""
        web = await self._start()
        try:
            answering = asyncio.create_task(web.answers())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([answering, stopping], return_when=asyncio.FIRST_COMPLETED)
            answered = answering.done() and answering.result()
            if answered and is_first:
                self._waited_for -= 1
                if self._waited_for == 0:
                    self.answers.set()
            ending = asyncio.create_task(web.process.wait())
            await asyncio.wait([ending, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in (answering, stopping, ending):
                task.cancel()
            return answered
        finally:
            await web.stop()
            web.line.close()
            forget(web.process.pid)

    async def _start(self) -> _Web:
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=theirs.fileno(),
                pass_fds=[self._taken.fileno()],
                env=self._environment,
                # The terminal's Ctrl-C is the starter's alone.
                start_new_session=True,
            )
        return _Web(process, ours)


async def open_relay(settings: Settings) -> RunningValkey | None:
    """Starts a relay in the data folder unless one is configured; says so when there can be none, which costs speed."""
    if settings.redis_url:
        return None
    try:
        return await asyncio.to_thread(RunningValkey, settings.data_dir / "valkey")
    except EmbeddedServerError as error:
        sys.stderr.write(
            f"{error}\n没有中继，一个进程的观众约一秒后才得知另一进程的出价 / "
            "without a relay watchers of one process hear of the bids of another about a second later\n"
        )
        return None


async def look_after_relay(valkey: RunningValkey, stop: asyncio.Event) -> None:
    """Starts the relay's server again when it died. Nothing is lost meanwhile, and nothing stops for it."""
    while not stop.is_set():
        try:
            if await asyncio.to_thread(valkey.ensure_running):
                sys.stderr.write("中继意外停止，已重新启动 / the relay had died and was started again\n")
            pause = _LOOK_AFTER_SECONDS
        except EmbeddedServerError as error:
            sys.stderr.write(f"{error}\n")
            pause = _LONGEST_PAUSE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


def _environment(settings: Settings) -> dict[str, str]:
    """What a web process is told: all that its starter was, but for the master key, and what he found out himself."""
    told = {name: value for name, value in os.environ.items() if name != MASTER_KEY}
    told["PYTHONPATH"] = os.pathsep.join(
        _once([str(_ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    )
    told["DATABASE_URL"] = settings.database_url or ""
    told["MARKET_DATA_DIR"] = str(settings.data_dir)
    told["MARKET_PUBLIC_URL"] = settings.public_url
    told["MARKET_LOG_LEVEL"] = settings.log_level
    if settings.redis_url:
        told["REDIS_URL"] = settings.redis_url
    return told


def _once(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part for part in parts if part))


# The web process's side


def inherit(descriptor: int) -> socket.socket:
    """The listening socket that the starter gave."""
    return socket.socket(fileno=descriptor)


def stop_with_starter(stop: asyncio.Event) -> None:
    """Sets ``stop`` when the starter has ended; ends this process outright when it does not stop then."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        with contextlib.suppress(OSError):
            os.read(_LINE, 1)
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(stop.set)
        time.sleep(_ORPHAN_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="line", daemon=True).start()


async def tell_starter(server: WebServer, stop: asyncio.Event) -> None:
    """Tells the starter once this process answers."""
    await server.answers.wait()
    with contextlib.suppress(OSError):
        os.write(_LINE, _READY)
    await stop.wait()
