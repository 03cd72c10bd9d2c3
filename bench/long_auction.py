"""``market bench long-auction``: single bids on a sale with a million judged bids, in turn with a fresh one.

The history is loaded in bulk by the rules and the tables' own COPY, its whole chain is read back and checked, and every
bid goes through the desk. ``ratio`` is the median time of a bid on the long sale over that on the fresh one.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.bidding import BidRequest
from app.auction.desk import Desk
from app.auction.protocol.heads import Signer
from app.auction.rules.terms import AuctionTerms
from app.commands.serving import keep_loaded
from app.db import Database
from app.ids import uuid7
from bench.hot_auction import check_chain
from bench.loading import Loaded, load_sales
from bench.server import durable_database, read_durability

HISTORY = 1_000_000
PARTIES = 64
ROUNDS = 400
WARM_UP = 40
START_FEN = STEP_FEN = 100


def make_terms() -> AuctionTerms:
    """Terms of a sale that is open long enough."""
    now = datetime.now(UTC)
    return AuctionTerms(
        start_price_fen=START_FEN,
        step_fen=STEP_FEN,
        deposit_fen=0,
        opens_at=now - timedelta(seconds=1),
        closes_at=now + timedelta(hours=1),
        hard_end_at=None,
        trigger_seconds=300,
        extension_seconds=300,
        has_reserve=False,
    )


async def bid_in_turn(desk: Desk, sales: list[tuple[Loaded, int]]) -> list[list[float]]:
    """Places one bid on each sale in turn, again and again; returns the milliseconds of each, sale by sale."""
    taken: list[list[float]] = [[] for _ in sales]
    for turn in range(WARM_UP + ROUNDS):
        for place, (sale, count) in enumerate(sales):
            party_id = sale.parties[turn % PARTIES]
            amount_fen = START_FEN + (count + turn) * STEP_FEN
            request = BidRequest(uuid7(), party_id, party_id, amount_fen, datetime.now(UTC))
            began = time.perf_counter()
            await desk.submit(sale.ids[0], request)
            if turn >= WARM_UP:
                taken[place].append((time.perf_counter() - began) * 1000)
    return taken


async def load(database: Database, signer: Signer, bids: int) -> Loaded:
    """One open sale with so many bids."""
    return await load_sales(database, signer, make_terms(), count=1, bidders=PARTIES, bids=bids)


async def run(history: int) -> dict[str, Any]:
    """Loads, checks, measures."""
    async with durable_database() as url:
        durability, database = await read_durability(url), Database(url)
        signer = Signer(Ed25519PrivateKey.generate())
        keep_loaded()
        began = time.perf_counter()
        long = await load(database, signer, history)
        loaded = time.perf_counter()
        await check_chain(database, long.ids[0], at_least=history)
        checked = time.perf_counter()
        fresh = await load(database, signer, 1)
        # Statistics as a running server has them; the measuring must not meet the first automatic pass.
        async with database.engine.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
        desk = Desk(database, lambda _: None, signer, queue_limit=100)
        on_long, on_fresh = await bid_in_turn(desk, [(long, history), (fresh, 1)])
        await database.close()
    ours, reference = statistics.median(on_long), statistics.median(on_fresh)
    return {
        "bench": "long-auction",
        "unit": "milliseconds a single bid, median",
        "ours": round(ours, 3),
        "reference": round(reference, 3),
        "ratio": round(ours / reference, 2),
        "history": history,
        "loading_seconds": round(loaded - began, 1),
        "checking_seconds": round(checked - loaded, 1),
        "p99_ms": round(statistics.quantiles(on_long, n=100)[98], 2),
        "chain_checked": True,
        **durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line; an argument is the history's length."""
    history = int(sys.argv[1]) if len(sys.argv) > 1 else HISTORY
    print(json.dumps(uvloop.run(run(history))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
