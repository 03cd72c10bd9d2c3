"""``market bench commit-to-watchers``: from a bid's commit to the last of 5,000 watchers, at 1 and at 20 commits a second.

Bids go through the desk of the serving process; a commit's instant is when its bidder is answered. Several commits may
travel in one frame: each counts from its own instant to the last watcher's receipt of the frame that has it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uvloop
from sqlalchemy import select

from app.auction.bidding import BidRequest
from app.auction.models import Admission
from app.ids import uuid7
from bench.market import STEP_FEN, Clients, Market, clients_of, make_sale, running_market

if TYPE_CHECKING:
    from app.db import AnySession

WATCHERS = 5_000
RATES = (1, 20)
SECONDS = 20.0


async def list_parties(session: AnySession, auction_id: UUID) -> list[UUID]:
    """Who is admitted."""
    query = select(Admission.party_id).where(Admission.auction_id == auction_id)
    return list((await session.execute(query)).scalars())


async def commit_at(
    market: Market, auction_id: UUID, parties: list[UUID], rate: int, first: int
) -> dict[int, float]:
    """Places bids at an even rate; returns the instant of each event's commit."""
    instants: dict[int, float] = {}
    began = time.monotonic()
    for turn in range(int(rate * SECONDS)):
        await asyncio.sleep(max(0.0, began + turn / rate - time.monotonic()))
        party_id = parties[turn % len(parties)]
        request = BidRequest(uuid7(), party_id, party_id, (first + turn) * STEP_FEN, datetime.now(UTC))
        answer = await market.app.state.desk.submit(auction_id, request)
        instants[answer.number] = time.monotonic()
    return instants


async def measure(
    market: Market, clients: Clients, auction_id: UUID, parties: list[UUID], rate: int, first: int
) -> dict[str, float]:
    """The delays of all commits at one rate; raises when a watcher missed one."""
    instants = await commit_at(market, auction_id, parties, rate, first)
    await asyncio.sleep(2)
    frames = (await clients.ask(do="tell"))["frames"]
    delays, place = [], 0
    for number, at in sorted(instants.items()):
        while place < len(frames) and frames[place]["last"] < number:
            place += 1
        if place == len(frames) or frames[place]["count"] != WATCHERS:
            message = f"event {number} did not reach all watchers"
            raise AssertionError(message)
        delays.append((frames[place]["at"] - at) * 1000)
    cuts = statistics.quantiles(delays, n=100)
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1), "commits": len(delays)}


async def run() -> dict[str, Any]:
    """Opens the watchers, then measures each rate."""
    async with running_market() as market:
        auction_id, _ = await market.database.write(make_sale, 8)
        parties = await market.database.read(list_parties, auction_id)
        async with clients_of(market) as clients:
            await clients.ask(do="watch", path=str(auction_id), count=WATCHERS)
            await asyncio.sleep(1)
            await clients.ask(do="tell")
            told, first = {}, 1
            for rate in RATES:
                told[rate] = await measure(market, clients, auction_id, parties, rate, first)
                first += int(rate * SECONDS)
    return {
        "bench": "commit-to-watchers",
        "unit": "milliseconds from commit to the last watcher, p99",
        "ours": told[RATES[-1]]["p99_ms"],
        "reference": None,
        "ratio": None,
        "watchers": WATCHERS,
        **{f"at_{rate}_a_second": figures for rate, figures in told.items()},
        **market.durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line."""
    print(json.dumps(uvloop.run(run())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
