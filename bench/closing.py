"""``market bench closing``: 10,000 sales that end in one second, closed by the real worker on the embedded server.

Each has three admitted bidders and ten bids, every second one a reserve. Closed means: result event, chain, signed head
and the promise of the deal are committed. ``worst_lateness_seconds`` is the latest close's official time less the end.
A hundred sales drawn by chance are read back: their chain, the signature, and the result that the rules give again.
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
from app.auction.protocol.heads import Signer, verify_head
from app.auction.queries import find_signed_head
from app.auction.recording import AWARD_TASK
from app.auction.rules.terms import AuctionTerms
from app.auction.sealing import SealedOpener
from app.chain import EMPTY_HASH, chain_hash, instant
from app.commands.serving import keep_loaded
from app.db import Database
from app.events import list_events
from app.tasks import TaskRow
from app.worker import Keeper, carry_on_due
from bench.loading import RESERVE_FEN, load_sales
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
    """Reads one sale back; raises when its chain, its signature or its result is not what the rules give."""
    events = await database.read(list_events, auction_id)
    before = EMPTY_HASH
    for number, event in enumerate(events, 1):
        told = chain_hash(before, str(auction_id), number, event.kind, instant(event.at), event.body)
        if (event.number, event.hash) != (number, told):
            message = f"the chain of {auction_id} breaks at {number}"
            raise AssertionError(message)
        before = event.hash
    head = await database.read(find_signed_head, auction_id)
    result = json.loads(events[-1].body)
    has_reserve = result["reserve_opening"] is not None
    price = START_FEN + (BIDS - 1) * STEP_FEN
    expected = ("unsold", "reserve_not_met") if has_reserve and price < RESERVE_FEN else ("sold", None)
    is_right = head is not None and head.hash == before and verify_head(head, signer.public_key)
    if not is_right or (result["outcome"], result["reason"]) != expected or len(events) != BIDS + 3:
        message = f"{auction_id} did not close as its rules say"
        raise AssertionError(message)


async def close_all(database: Database, keeper: Keeper, ends_at: datetime) -> float:
    """Lets the worker's own step carry on whatever is due until nothing is left; returns the seconds from the end."""
    await asyncio.sleep(max(0.0, (ends_at - datetime.now(UTC)).total_seconds() - 0.2))
    while (await database.read(count_closed))[0] < SALES:
        pause = await carry_on_due(database, keeper, lambda _: None)
        await asyncio.sleep(pause)
    return (datetime.now(UTC) - ends_at).total_seconds()


async def run() -> dict[str, Any]:
    """Loads, closes, checks."""
    async with durable_database() as url:
        durability, database = await read_durability(url), Database(url)
        signer = Signer(Ed25519PrivateKey.generate())
        keep_loaded()
        began = time.perf_counter()
        ends_at = datetime.now(UTC) + timedelta(seconds=40)
        loaded = await load_sales(
            database, signer, make_terms(ends_at), count=SALES, bidders=BIDDERS, bids=BIDS
        )
        loading_seconds = time.perf_counter() - began
        keeper = Keeper(signer, SealedOpener(None))
        took = await close_all(database, keeper, ends_at)
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
