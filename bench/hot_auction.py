"""``market bench hot-auction``: accepted bids a second on one English auction, answered after their commit.

Ours: callers with rising amounts through the desk and the real operation, with full rules, events, chain and signed heads; the
events are read back, the chain is checked, and the record of the hottest sale is exported and verified. Reference: the bare driver with prepared statements on 32 connections,
each doing BEGIN, SELECT FOR UPDATE, INSERT, UPDATE, COMMIT on one row. Both on the same server in the same run.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.accounts.models import Organisation
from app.auction.admission import admit_bidder
from app.auction.bidding import BidRequest
from app.auction.closing import advance_auction, advance_auctions
from app.auction.desk import Desk
from app.auction.protocol.bundling import make_bundle
from app.auction.protocol.export import read_sale_rows
from app.auction.protocol.heads import Signer
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import verify
from app.auction.rules.terms import AuctionTerms
from app.auction.scheduling import schedule_auction
from app.chain import EMPTY_HASH, chain_hash, instant
from app.commands.serving import keep_loaded
from app.db import Database
from app.events import list_events
from app.ids import uuid7
from bench.server import durable_database, plain, read_durability

if TYPE_CHECKING:
    from app.db import Session

CALLERS = (256, 32, 1)
REFERENCE_CONNECTIONS = (32, 1)
SECONDS = 4.0
WARM_UP_SECONDS = 0.5
STEP_FEN = 100
LATER = """
CREATE OR REPLACE FUNCTION market_now() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS $$ SELECT clock_timestamp() + interval '1 hour' $$
"""


@dataclass(frozen=True)
class Measured:
    """Accepted bids and the time they took."""

    count: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bids a second."""
        return self.count / self.seconds


async def make_sale(session: Session, bidders: int) -> tuple[UUID, list[UUID]]:
    """A sale with a five-minute extension that has just opened, and its admitted bidders."""
    now = datetime.now(UTC)
    seller = Organisation(name="演示转让方（虚构）", kind="institute", is_fictional=True)
    parties = [
        Organisation(name=f"演示买方{n}（虚构）", kind="company", is_fictional=True) for n in range(bidders)
    ]
    session.add_all([seller, *parties])
    await session.flush()
    terms = AuctionTerms(
        start_price_fen=STEP_FEN,
        step_fen=STEP_FEN,
        deposit_fen=0,
        opens_at=now - timedelta(seconds=1),
        closes_at=now + timedelta(minutes=4),
        hard_end_at=None,
        trigger_seconds=300,
        extension_seconds=300,
        has_reserve=True,
    )
    auction = await schedule_auction(
        session,
        listing_id=uuid7(),
        listing_no="B2026-0001",
        seller_id=seller.id,
        title="演示标的",
        terms=terms,
        reserve_fen=10**12,
        is_demonstration=True,
    )
    for party in parties:
        await admit_bidder(session, auction.id, party.id, None)
    await advance_auction(session, auction.id)
    return auction.id, [party.id for party in parties]


async def measure_ours(database: Database, signer: Signer, callers: int) -> tuple[UUID, Measured]:
    """Lets callers bid one after another, each with the next higher amount, until the time is over."""
    auction_id, parties = await database.write(make_sale, min(callers, 64))
    desk = Desk(database, lambda _: None, signer, queue_limit=4096)
    amounts = itertools.count(STEP_FEN, STEP_FEN)
    counted, deadline, counting_from = 0, time.perf_counter() + SECONDS + WARM_UP_SECONDS, 0.0

    async def call(party_id: UUID) -> None:
        nonlocal counted
        while (now := time.perf_counter()) < deadline:
            request = BidRequest(uuid7(), party_id, party_id, next(amounts), datetime.now(UTC))
            await desk.submit(auction_id, request)
            counted += now >= counting_from

    counting_from = time.perf_counter() + WARM_UP_SECONDS
    await asyncio.gather(*(call(parties[n % len(parties)]) for n in range(callers)))
    measured = Measured(counted, time.perf_counter() - counting_from)
    await check_chain(database, auction_id, at_least=counted)
    return auction_id, measured


async def verify_record(database: Database, auction_id: UUID, signer: Signer) -> int:
    """Ends the sale, exports its record and verifies it by the rules alone; returns how many requests it holds.

    The end comes by moving the market's clock on in this bench's own database. Raises when the record does not hold.
    """
    async with database.driving() as raw:
        await raw.execute(LATER)
        await advance_auctions(raw, [auction_id], signer, None, longest=timedelta(days=1))
    bundle = make_bundle(await database.read(read_sale_rows, auction_id))
    key = TrustedKey(signer.public_key, datetime.now(UTC) - timedelta(days=1), None)
    report = verify(bundle, {signer.key_id: key})
    if not report.holds:
        message = f"the record does not hold: {report.findings[:3]}"
        raise AssertionError(message)
    return int(report.counts["requests"])


async def check_chain(database: Database, auction_id: UUID, at_least: int) -> None:
    """Reads all events back; raises when a number is missing, a hash is wrong or a price falls."""
    before, number, price, accepted = EMPTY_HASH, 0, 0, 0
    while events := await database.read(list_events, auction_id, number, 20_000):
        for event in events:
            expected = chain_hash(
                before, str(auction_id), number + 1, event.kind, instant(event.at), event.body
            )
            amount = (
                json.loads(event.body).get("amount_fen", price) if event.kind == "bid_accepted" else price
            )
            if event.number != number + 1 or event.hash != expected or amount < price:
                message = f"the chain breaks at {event.number}"
                raise AssertionError(message)
            before, number, price = event.hash, event.number, amount
            accepted += event.kind == "bid_accepted"
    if accepted < at_least:
        message = f"{at_least} bids were acknowledged, {accepted} are in the protocol"
        raise AssertionError(message)


async def measure_reference(url: str, connections: int) -> Measured:
    """The same durable work without us: one row, one bid a transaction, prepared statements."""
    setup = await asyncpg.connect(plain(url))
    await setup.execute("""
        DROP TABLE IF EXISTS reference_bid, reference_sale;
        CREATE TABLE reference_sale (id int PRIMARY KEY, price bigint NOT NULL, ends_at timestamptz NOT NULL);
        CREATE TABLE reference_bid (id uuid PRIMARY KEY, sale int NOT NULL, amount bigint NOT NULL,
                                    at timestamptz NOT NULL DEFAULT clock_timestamp());
        INSERT INTO reference_sale VALUES (1, 0, clock_timestamp() + interval '5 minutes');
    """)
    await setup.close()
    amounts = itertools.count(1)
    counted, deadline, counting_from = 0, time.perf_counter() + SECONDS + WARM_UP_SECONDS, 0.0

    async def call() -> None:
        nonlocal counted
        connection = await asyncpg.connect(plain(url))
        begin = await connection.prepare("SELECT price, ends_at FROM reference_sale WHERE id = 1 FOR UPDATE")
        write = await connection.prepare("INSERT INTO reference_bid (id, sale, amount) VALUES ($1, 1, $2)")
        move = await connection.prepare(
            "UPDATE reference_sale SET price = greatest(price, $1), ends_at = clock_timestamp() + interval '5 minutes'"
            " WHERE id = 1"
        )
        while (now := time.perf_counter()) < deadline:
            amount = next(amounts)
            async with connection.transaction():
                await begin.fetchrow()
                await write.fetch(uuid7(), amount)
                await move.fetch(amount)
            counted += now >= counting_from
        await connection.close()

    counting_from = time.perf_counter() + WARM_UP_SECONDS
    await asyncio.gather(*(call() for _ in range(connections)))
    return Measured(counted, time.perf_counter() - counting_from)


async def run() -> dict[str, object]:
    """Measures reference and ours in turn on one server."""
    async with durable_database() as url:
        durability = await read_durability(url)
        reference = {n: await measure_reference(url, n) for n in REFERENCE_CONNECTIONS}
        database = Database(url)
        keep_loaded()  # as the program does when it begins to serve
        signer = Signer(Ed25519PrivateKey.generate())
        measured = {n: await measure_ours(database, signer, n) for n in CALLERS}
        verified = await verify_record(database, measured[CALLERS[0]][0], signer)
        await database.close()
    ours = {n: taken for n, (_, taken) in measured.items()}
    best, base = ours[CALLERS[0]].rate, reference[REFERENCE_CONNECTIONS[0]].rate
    return {
        "bench": "hot-auction",
        "unit": "accepted bids a second, answered after commit",
        "ours": round(best),
        "reference": round(base),
        "ratio": round(best / base, 1),
        "ours_by_callers": {str(n): round(measured.rate) for n, measured in ours.items()},
        "reference_by_connections": {str(n): round(measured.rate) for n, measured in reference.items()},
        "chain_checked": True,
        "requests_in_verified_bundle": verified,
        **durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line."""
    print(json.dumps(uvloop.run(run())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
