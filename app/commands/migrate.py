"""``market migrate``: the schema of DATABASE_URL, before a deployment's new version starts."""

from __future__ import annotations

import argparse
import sys

from app.commands.opening import bring_up_to_date, configured_url
from app.commands.serving import CannotServeError, in_loop


def main(arguments: list[str]) -> int:
    """Migrates and says whether there was something to do."""
    parser = argparse.ArgumentParser(
        prog="market migrate", description="更新表结构 / bring the schema up to date"
    )
    parser.add_argument(
        "--demonstration",
        action="store_true",
        help="新建的数据库标为演示，此后不能更改 / mark a database that is made now as demonstration, for good",
    )
    options = parser.parse_args(arguments)
    return in_loop(lambda: run(demonstration=options.demonstration))


async def run(*, demonstration: bool) -> int:
    """Migrates DATABASE_URL."""
    url = configured_url()
    if url is None:
        message = "market migrate 需要 DATABASE_URL。\nmarket migrate needs DATABASE_URL."
        raise CannotServeError(message)
    done = await bring_up_to_date(url, demonstration=demonstration)
    sys.stdout.write("表结构已更新 / migrated\n" if done else "表结构已是最新 / already current\n")
    return 0
