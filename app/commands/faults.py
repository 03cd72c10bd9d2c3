"""``market faults``: kills parts of a real deployment while bidders bid and sales end, and checks every record afterwards."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.logs import configure_logs
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 60


def _say(step: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {step}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> int:
    """Runs for some minutes and prints what came of it as JSON lines; 0 when nothing was wrong, 1 when something was."""
    parser = argparse.ArgumentParser(
        prog="market faults",
        description="故障演练：杀死各个部分后核对记录 / kill parts, then check every record",
    )
    parser.add_argument(
        "--minutes", type=float, default=5.0, help="多少分钟 / for how long (default: %(default)s)"
    )
    parser.add_argument(
        "--storm",
        type=int,
        default=2000,
        metavar="SALES",
        help="先让这么多场同时结束，0 为不做 / first let so many sales end at once (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, help="随机种子，用于重现 / to do the same again")
    options = parser.parse_args(arguments)
    configure_logs(Settings().model_copy(update={"log_level": "warning"}))
    reports = []
    # Beside the program and not in it, as the benches are; loaded for this command alone.
    if options.storm:
        storming = importlib.import_module("bench.faults.storm")
        reports.append(asyncio.run(storming.storm(options.storm, _say)))
    if options.minutes:
        running = importlib.import_module("bench.faults.running")
        reports.append(asyncio.run(running.run(options.minutes * _SECONDS, options.seed, _say)))
    for report in reports:
        print(json.dumps(report, ensure_ascii=False))
    return 1 if any(report["problems"] for report in reports) else 0
