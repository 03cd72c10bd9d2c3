"""``market bench closing``: 10,000 sales that end in one second, closed by the real worker on the embedded server.

Each has three admitted bidders and ten bids, every second one a reserve. Closed means: result event, chain, signed head
and the promise of the deal are committed. ``worst_lateness_seconds`` is the latest close's official time less the end.
The records of a hundred sales drawn by chance are exported and verified by the rules alone.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from app.auction.models import Auction
from app.auction.protocol.bundling import make_bundle
from app.auction.protocol.export import read_sale_rows
from app.auction.protocol.heads import Signer
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import verify
from app.auction.recording import AWARD_TASK
from app.auction.rules.terms import AuctionTerms
from app.auction.sealing import SealedOpener
from app.commands.serving import keep_loaded
from app.db import Database
from app.tasks import TaskRow
from app.worker import Keeper, carry_on_due
from bench.loading import load_sales
from bench.server import durable_database, read_durability

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import AnySession

SALES = 10_000
BIDDERS = 3
BIDS = 10
SAMPLE = 100
START_FEN = 1_000_000
STEP_FEN = 10_000


def make_terms(ends_at: datetime) -> AuctionTerms:
    """Terms of plain sales that opened a while ago and end at one instant."""
    return AuctionTerms(
        start_price_fen=START_FEN,
        step_fen=STEP_FEN,
        deposit_fen=0,
        opens_at=datetime.now(UTC) - timedelta(seconds=1),
        closes_at=ends_at,
        hard_end_at=None,
        trigger_seconds=0,
        extension_seconds=0,
        has_reserve=False,
    )


async def count_closed(session: AnySession) -> tuple[int, float]:
    """How many sales are closed, and by how many seconds the last one was late."""
    late = func.max(func.extract("epoch", Auction.closed_at - Auction.ends_at))
    row = (await session.execute(select(func.count(Auction.closed_at), late))).one()
    return int(row[0]), float(row[1] or 0)


async def count_promises(session: AnySession) -> int:
    """How many deals are promised."""
    query = select(func.count()).select_from(TaskRow).where(TaskRow.name == AWARD_TASK)
    return int((await session.execute(query)).scalar_one())


async def check_sale(database: Database, auction_id: UUID, signer: Signer) -> None:
    """Exports one sale's record and verifies it by the rules alone; raises when it does not hold."""
    bundle = make_bundle(await database.read(read_sale_rows, auction_id))
    key = TrustedKey(signer.public_key, datetime.now(UTC) - timedelta(days=1), None)
    report = verify(bundle, {signer.key_id: key})
    if not report.holds or report.counts["requests"] != BIDS:
        message = f"the record of {auction_id} does not hold: {report.findings[:3]}"
        raise AssertionError(message)


async def move_clock(database: Database, ends_at: datetime) -> datetime:
    """Moves the market's clock, in this bench's own database, to just before the end; returns when the end comes.

    So the time that loading takes does not matter.
    """
    real_end = datetime.now(UTC) + timedelta(seconds=0.5)
    ahead = (ends_at - real_end).total_seconds()
    async with database.driving() as raw:
        await raw.execute(
            "CREATE OR REPLACE FUNCTION market_now() RETURNS timestamptz LANGUAGE sql VOLATILE"
            f" AS $$ SELECT clock_timestamp() + interval '{ahead:.6f} seconds' $$"
        )
    return real_end


async def close_all(database: Database, keeper: Keeper, real_end: datetime) -> float:
    """Lets the worker's own step carry on whatever is due until nothing is left; returns the seconds from the end."""
    await asyncio.sleep(max(0.0, (real_end - datetime.now(UTC)).total_seconds() - 0.1))
    while (await database.read(count_closed))[0] < SALES:
        pause = await carry_on_due(database, keeper, lambda _: None)
        await asyncio.sleep(pause)
    return (datetime.now(UTC) - real_end).total_seconds()


async def run() -> dict[str, Any]:
    """Loads, closes, checks."""
    async with durable_database() as url:
        durability, database = await read_durability(url), Database(url)
        signer = Signer(Ed25519PrivateKey.generate())
        keep_loaded()
        began = time.perf_counter()
        ends_at = datetime.now(UTC) + timedelta(hours=1)
        loaded = await load_sales(
            database, signer, make_terms(ends_at), count=SALES, bidders=BIDDERS, bids=BIDS
        )
        loading_seconds = time.perf_counter() - began
        keeper = Keeper(signer, SealedOpener(None))
        took = await close_all(database, keeper, await move_clock(database, ends_at))
        closed, lateness = await database.read(count_closed)
        promised = await database.read(count_promises)
        if (closed, promised) != (SALES, SALES):
            message = f"{closed} of {SALES} sales closed, {promised} deals promised"
            raise AssertionError(message)
        for auction_id in random.sample(loaded.ids, SAMPLE):
            await check_sale(database, auction_id, signer)
        await database.close()
    return {
        "bench": "closing",
        "unit": "sales closed a second, committed with result, chain, signed head and promise",
        "ours": round(SALES / took),
        "reference": None,
        "ratio": None,
        "worst_lateness_seconds": round(lateness, 2),
        "sales": SALES,
        "verified": SAMPLE,
        "loading_seconds": round(loading_seconds, 1),
        **durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line."""
    print(json.dumps(uvloop.run(run())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
