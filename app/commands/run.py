"""``market run``: the whole market in one process or several, with its own PostgreSQL, made on the first start."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from app.commands.metering import added_up
from app.commands.opening import data_folder, open_server
from app.embedded import EmbeddedServerError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine
    from uuid import UUID

    from app.commands.front import Front
    from app.commands.opening import OpenedServer
    from app.commands.processes import WebProcesses
    from app.commands.serving import WebServer
    from app.db import Database
    from app.demo.accounts import DemoAccount
    from app.settings import Settings

_STEPS = {
    "initdb": "首次启动，正在创建数据库 / first start: making the database",
    "wait": "等待上一次的数据库停下 / waiting for the last server to stop",
}
_LOOK_AFTER_SECONDS = 0.5
_FIRST_MOMENT_SECONDS = 1.0
_MOST_PROCESSES = 64


def main(arguments: list[str]) -> int:
    """Runs the market until a signal."""
    parser = argparse.ArgumentParser(prog="market run", description="启动整个市场 / start the whole market")
    parser.add_argument("--data", type=Path, help="数据目录 / data folder (default: ./data in the clone)")
    parser.add_argument("--host", default="127.0.0.1", help="地址 / address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="端口 / port (default: %(default)s)")
    parser.add_argument(
        "--processes",
        type=_count,
        default=1,
        help="网页进程数 / web processes that share the port (default: %(default)s)",
    )
    parser.add_argument(
        "--no-demo",
        action="store_true",
        help="新建的市场不带演示数据 / make a new market without demonstration",
    )
    parser.add_argument(
        "--expose", action="store_true", help="允许演示市场对外 / let a demonstration leave this machine"
    )
    options = parser.parse_args(arguments)
    if options.processes == 1:
        return _start(options)
    with added_up(data_folder(options.data)):
        return _start(options)


def _start(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    gc.disable()  # until all is loaded, see app/__main__.py
    # PostgreSQL starts while the program is still being loaded.
    with ThreadPoolExecutor(1) as thread:
        opening = thread.submit(
            open_server, options.data, lambda step: _say(_STEPS[step]), processes=options.processes
        )
        # Loaded only now, beside the start of the database; all that is not needed to open it is loaded after it.
        from app import migrate as _migrate  # noqa: F401, PLC0415
        from app.commands import serving  # noqa: PLC0415
        from app.demo import seeded as _seeded  # noqa: F401, PLC0415

        try:
            taken = serving.listen(options.host, options.port)
        except serving.CannotServeError as error:
            sys.stderr.write(f"{error}\n")
            if opening.exception() is None:
                opening.result().close()
            return 1
    try:
        opened = opening.result()
    except EmbeddedServerError as error:
        sys.stderr.write(f"数据库未能启动 / the database did not start: {error}\n")
        return 1
    try:
        return serving.in_loop(lambda: _run(options, opened, taken, began))
    finally:
        taken.close()
        opened.close()


async def _run(options: argparse.Namespace, opened: OpenedServer, taken: socket.socket, began: float) -> int:
    from app.commands import serving  # noqa: PLC0415 - see above
    from app.db import Database  # noqa: PLC0415
    from app.logs import configure_logs  # noqa: PLC0415

    stop = serving.stop_on_signals()
    settings = _settings(options, opened.url, taken)
    configure_logs(settings)
    database = Database(opened.url, pool_size=20)
    async with contextlib.AsyncExitStack() as parts:
        parts.push_async_callback(database.close)
        is_demonstration = await _prepare(options, settings, database)
        if options.processes == 1:
            served = _serve_here(settings, taken, stop)
        else:
            served = await _serve_by_several(options.processes, settings, taken, stop, parts)
        works = [
            *served.works,
            _work(served.told, settings, database, stop),
            _greet(served, settings, stop, began, is_demonstration=is_demonstration),
        ]
        if opened.embedded is not None:
            works.append(_look_after(opened, stop))
        return await serving.work_until(stop, *works)


class _Served(NamedTuple):
    """What serves: its works, what says that it answers, and how it is told of new events.

    In this process that is known as soon as the application is loaded, which its ``front`` waits for.
    """

    server: WebServer | WebProcesses
    works: list[Coroutine[Any, Any, None]]
    told: Front | Callable[[UUID], None]


def _serve_here(settings: Settings, taken: socket.socket, stop: asyncio.Event) -> _Served:
    """Pages at once, API and sockets when they are loaded, all in this process, whose relay is a call."""
    from app.commands import serving  # noqa: PLC0415 - see above
    from app.commands.front import Front  # noqa: PLC0415

    front = Front(settings)
    server = serving.web_server(front)
    return _Served(server, [serving.serve(server, taken, stop)], front)


async def _work(
    told: Front | Callable[[UUID], None], settings: Settings, database: Database, stop: asyncio.Event
) -> None:
    """Loads what the pages did not need, opens the front, and does the background work."""
    from app.commands import serving  # noqa: PLC0415 - see above
    from app.commands.front import Front  # noqa: PLC0415

    gc.disable()
    await asyncio.to_thread(_load)
    serving.keep_loaded()
    if stop.is_set():
        return
    from app.commands.guarding import open_keeper, start_heart  # noqa: PLC0415
    from app.commands.signing import open_signer  # noqa: PLC0415
    from app.main import create_app  # noqa: PLC0415
    from app.payments.gateway import open_gateway  # noqa: PLC0415
    from app.worker import run_worker  # noqa: PLC0415

    signer = await open_signer(settings, database, settings.data_dir)
    keeper = await open_keeper(settings, database, settings.data_dir, signer, make=True)
    gateway = open_gateway(settings)
    if not isinstance(told, Front):
        await run_worker(database, stop, keeper, told, gateway)
        return
    app = create_app(settings, database, signer)
    publish = app.state.relay.publish
    heart = await start_heart(app, signer, publish)
    await told.open(app)
    await asyncio.gather(run_worker(database, stop, keeper, publish, gateway), heart.run(stop))


def _load() -> None:
    """Loads the application and the worker."""
    from app import main, worker  # noqa: F401, PLC0415 - see above


async def _serve_by_several(
    count: int,
    settings: Settings,
    taken: socket.socket,
    stop: asyncio.Event,
    parts: contextlib.AsyncExitStack,
) -> _Served:
    """The same in several processes, with a relay between them; this one keeps them and does the background work."""
    from app.commands import processes  # noqa: PLC0415 - see above
    from app.live.relay import relay_to_others  # noqa: PLC0415

    valkey = await processes.open_relay(settings)
    if valkey is not None:
        parts.callback(valkey.close)
        settings = settings.model_copy(update={"redis_url": valkey.url})
    relay = relay_to_others(settings.redis_url)
    parts.push_async_callback(relay.close)
    webs = processes.WebProcesses(count, taken, settings)
    works = [webs.run(stop)]
    if valkey is not None:
        works.append(processes.look_after_relay(valkey, stop))
    return _Served(webs, works, relay.publish)


def _settings(options: argparse.Namespace, url: str, taken: socket.socket) -> Settings:
    """The settings, with the address that was really taken where none was configured."""
    from app.settings import Settings  # noqa: PLC0415

    settings = Settings()
    host = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104 - compared only
    known = {"database_url": url, "data_dir": data_folder(options.data)}
    if "log_level" not in settings.model_fields_set:
        # At a terminal the address and the accounts should stay in sight; a deployment logs every request.
        known["log_level"] = "warning"
    if "public_url" not in settings.model_fields_set:
        known["public_url"] = f"http://{f'[{host}]' if ':' in host else host}:{taken.getsockname()[1]}"
    return settings.model_copy(update=known)


async def _prepare(options: argparse.Namespace, settings: Settings, database: Database) -> bool:
    """Migrates, checks the mark, and fills a new demonstration market; returns the mark."""
    from app.commands import serving  # noqa: PLC0415
    from app.commands.opening import one_at_a_time  # noqa: PLC0415
    from app.demo.seeded import is_seeded  # noqa: PLC0415
    from app.deployment import is_demonstration  # noqa: PLC0415
    from app.migrate import migrate  # noqa: PLC0415

    wanted = not options.no_demo and settings.environment != "production"
    async with one_at_a_time(database.url):
        await migrate(database.url, demonstration=wanted)
        mark = await database.read(is_demonstration)
        serving.refuse_exposed_demonstration(
            options.host, is_demonstration=mark, expose=options.expose, environment=settings.environment
        )
        if mark and not await database.read(is_seeded):
            from app.commands.guarding import open_ring  # noqa: PLC0415 - needed once in a market's life
            from app.demo.seed import seed  # noqa: PLC0415

            # Before the demonstration, which has sealed sales too.
            await open_ring(database, settings.data_dir, make=True)
            _say("正在布置演示市场 / furnishing the demonstration market")
            await seed(database, settings)
    return mark


async def _greet(
    served: _Served,
    settings: Settings,
    stop: asyncio.Event,
    began: float,
    *,
    is_demonstration: bool,
) -> None:
    """Says where the market is once its pages answer; under the mark keeps its simulated bidders bidding."""
    from app.demo.accounts import DEMO_ACCOUNTS  # noqa: PLC0415

    await served.server.answers.wait()
    _say(f"\n  {settings.exchange_name_zh} {settings.exchange_name_en}\n  {settings.public_url}\n")
    _say(
        f"  {time.perf_counter() - began:.1f} s · 停止请按 Ctrl-C / stop with Ctrl-C · 接口 / API: /api/v1/openapi.json"
    )
    if not (settings.frontend_dir / "index.html").exists():
        _say("  页面尚未构建，只有接口可用 / the pages are not built: only the API answers")
    if is_demonstration:
        _say(_demonstration(DEMO_ACCOUNTS))
        # The simulated bidders leave the first moment to the person who has just started the market.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _FIRST_MOMENT_SECONDS)
        from app.demo.simulate import simulate  # noqa: PLC0415

        await simulate(settings.public_url, stop)
    await stop.wait()


def _demonstration(accounts: tuple[DemoAccount, ...]) -> str:
    lines = [
        "",
        "  演示市场：专利信息真实，价格与交易均为虚构 / demonstration: real patents, invented prices and sales",
    ]
    lines += [
        f"    {account.login:<16} {account.password}  {account.role_zh} / {account.role_en}"
        for account in accounts
    ]
    lines += [
        "",
        "  试一试：以 demo-buyer 登录，打开正在竞价的项目并出价；再以 demo-seller 登录挂牌一件专利。",
        "  Try: sign in as demo-buyer, open the sale that is live and bid; then list a patent as demo-seller.",
        "  全流程自检 / the whole journey by itself: ./market smoke",
    ]
    return "\n".join(lines)


async def _look_after(opened: OpenedServer, stop: asyncio.Event) -> None:
    """Starts the embedded server anew if it died; the pool reconnects by itself, since the port stays."""
    embedded = opened.embedded
    while embedded is not None and not stop.is_set():
        if not embedded.is_running() and await asyncio.to_thread(embedded.ensure_running):
            _say("数据库意外停止，已重新启动 / the database had died and was started again")
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_AFTER_SECONDS)
        except TimeoutError:
            continue


def _count(text: str) -> int:
    """A number of processes."""
    if not (text.isdecimal() and 1 <= int(text) <= _MOST_PROCESSES):
        message = f"1-{_MOST_PROCESSES}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
