"""``market bench ledger``: the ledger's real operations a second, 32 callers through the exchange's one account at the bank.

Ours: deposits confirmed, deposits given back, releases from escrow, each in a transaction of its own with its business
rows, all locks, checks and deferred triggers. Reference: 32 raw connections that keep a balance in a row of its own, each
transaction one update of that one row; beside it the same with a transfer and its two entries written, which keeping books
takes as well. Both on the same server in the same run. ``refunds_ratio`` is the losers' refunds of one sale, in batches as
the worker orders them, against one by one. At the end every invariant of the ledger is asked, by the code of
``market ledger check``. With ``--random N`` it takes that many random steps instead (bench.ledger_random).
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

import uvloop

from app.commands.serving import keep_loaded
from app.db import Database
from app.payments.checking import find_faults
from bench.ledger_random import take_random_steps
from bench.ledger_rates import PARTIES, Work, measure_operations, measure_reference, measure_refunds
from bench.ledger_world import make_deposits, make_releases, make_world
from bench.server import durable_database, read_durability

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEPOSITS_AT_ONCE = 200


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="market bench ledger", description="分录账 / the ledger")
    parser.add_argument("--callers", type=int, default=32, help="并发数 / at once (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="每项秒数 / for each (default: %(default)s)"
    )
    parser.add_argument("--losers", type=int, default=1000, help="退款笔数 / refunds (default: %(default)s)")
    parser.add_argument(
        "--prepared", type=int, default=6000, help="预备笔数 / made ready (default: %(default)s)"
    )
    parser.add_argument(
        "--random", type=int, metavar="N", help="随机操作 N 次后核对 / N random steps, then check"
    )
    parser.add_argument("--seed", type=int, default=1, help="随机种子 / to do the same again")
    return parser.parse_args(arguments)


async def measure(url: str, options: argparse.Namespace) -> dict[str, object]:
    """Measures reference and ours in turn on one server."""
    callers, seconds = options.callers, options.seconds
    bare = await measure_reference(url, callers, seconds, keeps_books=False)
    books = await measure_reference(url, callers, seconds, keeps_books=True)
    database = Database(url, pool_size=callers)
    keep_loaded()  # as the program does when it begins to serve
    world = await database.write(make_world, PARTIES)
    work = Work([], await make_releases(database, world, options.prepared // 2), [])
    for _ in range(0, options.prepared, _DEPOSITS_AT_ONCE):
        work.due += await database.write(make_deposits, world, _DEPOSITS_AT_ONCE)
    ours = await measure_operations(database, world, work, callers, seconds)
    refunds = await measure_refunds(database, world, options.losers, callers)
    faults = await database.read(find_faults)
    await database.close()
    return {
        "bench": "ledger",
        "unit": "real operations a second, each caller in transactions of its own, answered after commit",
        "callers": callers,
        "ours": round(ours["mixed"].rate),
        "reference": round(bare.rate),
        "ratio": round(ours["mixed"].rate / bare.rate, 2),
        "ours_by_operation": {
            name: round(measured.rate) for name, measured in ours.items() if name != "mixed"
        },
        "reference_with_books": round(books.rate),
        "ratio_with_books": round(ours["mixed"].rate / books.rate, 2),
        "refunds_a_second": {name: round(rate) for name, rate in refunds.items()},
        "refunds_ratio": round(refunds["in_batches"] / refunds["one_by_one"], 1),
        "invariants_hold": not faults,
        "faults": [f"{fault.invariant.name}: {fault.what}" for fault in faults],
    }


async def run(options: argparse.Namespace) -> dict[str, object]:
    """Measures, or takes random steps, on a durable server of its own."""
    async with durable_database() as url:
        durability = await read_durability(url)
        if options.random is None:
            return {**await measure(url, options), **durability}
        return {**await take_random_steps(url, options.random, options.seed), **durability}


def main(arguments: Sequence[str]) -> int:
    """Prints one line of JSON; 1 when an invariant does not hold."""
    found = uvloop.run(run(_options(arguments)))
    print(json.dumps(found, ensure_ascii=False))
    return 0 if found["invariants_hold"] else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
