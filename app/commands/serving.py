"""Serving until told to stop: the web server and its companions in one event loop, and signals."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

import uvicorn
import uvloop

from app.commands.front import Front

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from fastapi import FastAPI

_GRACE_SECONDS = 3
_LONGEST_STOP_SECONDS = 10.0
_YOUNG_OBJECTS = 20_000
_BETWEEN_ROUTES_SECONDS = 0.01


class CannotServeError(RuntimeError):
    """Serving is refused; the text says why and what to do."""


class WebServer(uvicorn.Server):
    """uvicorn without its own handling of signals: the command stops everything in its order."""

    def __init__(self, app: FastAPI | Front, config: uvicorn.Config) -> None:
        """Also has an event that is set when it answers."""
        super().__init__(config)
        self.app = app
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and says so."""
        await super().startup(sockets)
        if self.started:
            self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals alone."""
        yield


def web_server(app: FastAPI | Front) -> WebServer:
    """The web server with the settings that the program is tested with."""
    return WebServer(
        app,
        uvicorn.Config(
            app,
            ws="app.api.socket_protocol:LineProtocol",
            ws_max_size=64 * 1024,
            # Frames are small, and one that is written to thousands of sockets cannot be deflated for each.
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            lifespan="on",
        ),
    )


def listen(host: str, port: int) -> socket.socket:
    """Takes the address before anything else is started, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as error:
        taken.close()
        message = (
            f"无法监听 {host}:{port}（{error.strerror}），请用 --port 换一个端口。\n"
            f"Cannot listen on {host}:{port} ({error.strerror}); choose another port with --port."
        )
        raise CannotServeError(message) from error
    return taken


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def refuse_exposed_demonstration(
    host: str, *, is_demonstration: bool, expose: bool, environment: str
) -> None:
    """A demonstration market has accounts whose passwords everybody knows: it stays on this machine unless told."""
    if not is_demonstration:
        return
    if environment == "production":
        message = "这是演示数据库，不能用于正式环境。\nThis database is marked as demonstration; production refuses it."
        raise CannotServeError(message)
    if not is_loopback(host) and not expose:
        message = (
            f"演示市场的账号密码是公开的，因此只在本机提供服务；确要对 {host} 开放，请加 --expose。\n"
            f"The demonstration's passwords are public, so it serves this machine only; "
            f"add --expose to serve {host} all the same."
        )
        raise CannotServeError(message)


def keep_loaded() -> None:
    """Tells the collector of garbage that what is loaded by now stays: it no longer walks through all of it.

    Without this a hot sale pays for a walk over every module and class each few thousand bids. Nothing is collected
    first: loading leaves next to no garbage, and a start would pay a tenth of a second for looking.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)
    gc.enable()


def in_loop(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs a command in uvloop; a refusal is printed as it is, without a trace."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(main())
    except CannotServeError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    return stop


async def work_until(stop: asyncio.Event, *works: Coroutine[Any, Any, None]) -> int:
    """Runs all works until ``stop`` is set or one of them ends, then stops them all; 1 when one failed."""
    tasks = [asyncio.create_task(work) for work in works]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    # A companion that still waits for the web server, which failed, has nothing to wait for.
    _, late = await asyncio.wait(tasks, timeout=_LONGEST_STOP_SECONDS)
    for task in late:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    for failure in failures:
        name = "" if isinstance(failure, CannotServeError) else f"{type(failure).__name__}: "
        sys.stderr.write(f"{name}{failure}\n")
    return 1 if failures else 0


async def serve(server: WebServer, taken: socket.socket, stop: asyncio.Event) -> None:
    """Serves on a socket until ``stop`` is set."""

    async def leave() -> None:
        await stop.wait()
        server.should_exit = True

    leaving = asyncio.create_task(leave())
    reading = asyncio.create_task(_read_routes(server))
    if not isinstance(server.app, Front):
        keep_loaded()
    try:
        await server.serve(sockets=[taken])
        if not server.started:
            message = "应用未能启动，原因见上文。\nThe application did not start; the reason is above."
            raise CannotServeError(message)
    finally:
        leaving.cancel()
        reading.cancel()


async def _read_routes(server: WebServer) -> None:
    """Reads the routes that nobody has asked for by now, each between two requests: later callers wait for none."""
    await server.answers.wait()
    app = await server.app.opened() if isinstance(server.app, Front) else server.app
    from app.api.routing import unread_routes  # noqa: PLC0415 - loaded with the application

    for route in unread_routes(app):
        await asyncio.sleep(_BETWEEN_ROUTES_SECONDS)
        route.read()
    keep_loaded()
