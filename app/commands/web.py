"""``market web``: the pages and the API on a real database; a part of a deployment."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

from app.auction.standing_in import stand_in
from app.commands.guarding import refuse_master_key, start_heart
from app.commands.opening import configured_url, data_folder
from app.commands.processes import inherit, stop_with_starter, tell_starter
from app.commands.serving import (
    CannotServeError,
    in_loop,
    listen,
    refuse_exposed_demonstration,
    serve,
    stop_on_signals,
    web_server,
    work_until,
)
from app.commands.signing import open_signer
from app.db import DATABASE_ERRORS, Database
from app.deployment import is_demonstration
from app.logs import configure_logs
from app.main import create_app
from app.migrate import is_current
from app.settings import Settings


def main(arguments: list[str]) -> int:
    """Serves until a signal."""
    parser = argparse.ArgumentParser(prog="market web", description="网页与接口 / pages and API")
    parser.add_argument("--host", default="127.0.0.1", help="地址 / address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="端口 / port (default: %(default)s)")
    parser.add_argument(
        "--expose", action="store_true", help="允许演示市场对外 / let a demonstration leave this machine"
    )
    # For the web processes of ``market run --processes`` alone: the listening socket that they share.
    parser.add_argument("--inherited", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return in_loop(lambda: run_web(options))


async def run_web(options: argparse.Namespace) -> int:
    """Serves on DATABASE_URL, whose schema must be current."""
    refuse_master_key()
    settings, url = Settings(), configured_url()
    configure_logs(settings)
    stop = stop_on_signals()
    is_one_of_many = options.inherited is not None
    if is_one_of_many:
        stop_with_starter(stop)
    database = await open_current(url, "web")
    try:
        refuse_exposed_demonstration(
            options.host,
            is_demonstration=await database.read(is_demonstration),
            expose=options.expose,
            environment=settings.environment,
        )
        signer = await open_signer(settings, database, data_folder(None))
        taken = inherit(options.inherited) if is_one_of_many else listen(options.host, options.port)
        app = create_app(settings, database, signer)
        heart = await start_heart(app, signer, app.state.relay.publish)
        server = web_server(app)
        longest = timedelta(seconds=settings.interruption_seconds)
        works = [
            serve(server, taken, stop),
            heart.run(stop),
            stand_in(database, signer, app.state.relay.publish, longest, stop),
        ]
        if is_one_of_many:
            works.append(tell_starter(server, stop))
        else:
            sys.stderr.write(f"http://{options.host}:{taken.getsockname()[1]}\n")
        return await work_until(stop, *works)
    finally:
        await database.close()


async def open_current(url: str | None, command: str) -> Database:
    """Connects to DATABASE_URL; refuses when there is none, when it cannot be reached or when its schema is old."""
    if url is None:
        message = (
            f"market {command} 需要 DATABASE_URL；要连同数据库一起启动，请用 market run。\n"
            f"market {command} needs DATABASE_URL; market run brings its own database."
        )
        raise CannotServeError(message)
    try:
        current = await is_current(url)
    except DATABASE_ERRORS as error:
        message = f"连接不上数据库 / cannot reach the database: {error}"
        raise CannotServeError(message) from error
    if not current:
        message = "数据库的表结构不是最新的，请先运行 market migrate。\nThe schema is not current: run market migrate first."
        raise CannotServeError(message)
    return Database(url)
