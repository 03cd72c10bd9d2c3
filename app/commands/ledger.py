"""``market ledger check``: asks every invariant of the ledger on a real database and names what is wrong."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import InterfaceError, ProgrammingError

from app.commands.opening import data_folder, open_server
from app.db import Database
from app.embedded import EmbeddedServerError
from app.payments.checking import INVARIANTS, Fault, find_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_MIGRATED = (
    "这个数据库还没有建表，或版本较旧。先运行 market run 或 market migrate。\n"
    "This database has no tables yet, or older ones. First: market run or market migrate.\n"
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="market ledger", description="分录账 / the ledger")
    acts = parser.add_subparsers(dest="act", required=True, metavar="{check}")
    check = acts.add_parser("check", help="核对全部账目 / check every invariant")
    check.add_argument("--data", type=Path, help="数据目录 / data folder")
    check.add_argument("--json", action="store_true", help="以 JSON 输出 / as JSON")
    return parser


def main(arguments: list[str]) -> int:
    """Exits 0 when everything holds, 1 when something does not, 2 when the database could not be asked."""
    options = _parser().parse_args(arguments)
    try:
        server = open_server(data_folder(options.data))
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        faults = asyncio.run(_check(server.url))
    except (InterfaceError, ProgrammingError):
        sys.stderr.write(_NOT_MIGRATED)
        return 2
    finally:
        server.close()
    sys.stdout.write(_as_json(faults) if options.json else _as_text(faults))
    return 1 if faults else 0


async def _check(url: str) -> list[Fault]:
    database = Database(url)
    try:
        # One snapshot for all questions: a market that goes on trading meanwhile looks whole in it.
        async with database.transaction() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            return await find_faults(session)
    finally:
        await database.close()


def _as_text(faults: Sequence[Fault]) -> str:
    wrong = {fault.invariant.name for fault in faults}
    lines = [
        f"{'✗' if one.name in wrong else '✓'} {one.name}: {one.zh} / {one.en}"
        + "".join(f"\n    {fault.what}" for fault in faults if fault.invariant is one)
        for one in INVARIANTS
    ]
    return "\n".join(lines) + "\n"


def _as_json(faults: Sequence[Fault]) -> str:
    found = [{"invariant": fault.invariant.name, "what": fault.what} for fault in faults]
    return json.dumps({"holds": not found, "faults": found}, ensure_ascii=False) + "\n"
