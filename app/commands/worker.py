"""``market worker``: opening and closing on time, and promised work, on a real database; a part of a deployment."""

from __future__ import annotations

import argparse
import sys

from prometheus_client import start_http_server

from app.commands.guarding import open_keeper
from app.commands.opening import configured_url, data_folder
from app.commands.serving import in_loop, stop_on_signals, work_until
from app.commands.signing import open_signer
from app.commands.web import open_current
from app.live.relay import relay_to_others
from app.logs import configure_logs
from app.payments.gateway import open_gateway
from app.settings import Settings
from app.worker import run_worker


def main(arguments: list[str]) -> int:
    """Works until a signal."""
    parser = argparse.ArgumentParser(prog="market worker", description="后台任务 / background work")
    parser.add_argument(
        "--metrics-port",
        type=int,
        help="在此端口提供 Prometheus 指标 / serve Prometheus metrics on this port",
    )
    options = parser.parse_args(arguments)
    return in_loop(lambda: run_alone(options))


async def run_alone(options: argparse.Namespace) -> int:
    """Works on DATABASE_URL; several workers at once are safe."""
    settings = Settings()
    configure_logs(settings)
    database = await open_current(configured_url(), "worker")
    relay = relay_to_others(settings.redis_url)
    try:
        folder = data_folder(None)
        signer = await open_signer(settings, database, folder)
        keeper = await open_keeper(settings, database, folder, signer)
        gateway = open_gateway(settings)
        if options.metrics_port is not None:
            start_http_server(options.metrics_port)
        stop = stop_on_signals()
        sys.stderr.write("worker\n")
        return await work_until(stop, run_worker(database, stop, keeper, relay.publish, gateway))
    finally:
        await relay.close()
        await database.close()
