"""A worker is killed between any two steps of a close: the next one finishes it, and everything is there once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction
from app.auction.master_keys import as_text
from app.auction.protocol.heads import Signer
from app.auction.queries import get_result
from app.auction.recording import AWARD_TASK
from app.auction.sealing import SealedOpener
from app.chain import EMPTY_HASH, chain_hash, instant
from app.events import list_events
from app.payments.models import Deposit
from app.payments.queries import list_accounts
from app.tasks import TaskRow
from app.trades.models import Deal, Intent
from app.worker import Keeper, run_worker
from tests.database import ROOT
from tests.make_auction import request
from tests.make_sealed import make_master, post_sealed
from tests.make_trades import make_intent, make_listing
from tests.trouble.dying_worker import POINTS

if TYPE_CHECKING:
    from uuid import UUID

    from app.auction.master_keys import MasterRing
    from app.db import AnySession, Database, Session
    from app.trades.models import Listing
    from tests.conftest import SetNow

START_FEN = 10_000_000
SEALED = "sealed_first_price"
IN_THE_OPENING = ("unwrapped", "settled", "uncommitted")
CASES = [
    *(("english", point) for point in POINTS if point != "unwrapped"),
    *((SEALED, point) for point in IN_THE_OPENING),
]


async def make_ended_sale(session: Session, name: str, now_is: SetNow) -> tuple[Listing, MasterRing]:
    """A listing with two admitted buyers who bid, at the instant of its end; nothing is closed yet."""
    ring = await make_master(session)
    listing = await make_listing(session, status="listed", format=name)
    buyers = [(await make_intent(session, listing, status="admitted")).buyer_id for _ in range(2)]
    assert listing.auction_id is not None
    await now_is(session, listing.opens_at)
    await advance_auction(session, listing.auction_id)
    for number, buyer in enumerate(buyers):
        amount_fen = START_FEN + number * 100_000
        if name == "english":
            (answer,) = await place_bids(session, listing.auction_id, [request(buyer, amount_fen)])
        else:
            answer = await post_sealed(session, listing.auction_id, buyer, amount_fen)
        assert isinstance(answer, Answer)
        assert answer.refusal is None
    await now_is(session, listing.closes_at)
    return listing, ring


async def run_until_it_dies(db: Database, ring: MasterRing, point: str) -> None:
    """Runs a worker in a process of its own until it kills itself."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.trouble.dying_worker", point),
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
            "MARKET_MASTER_KEY": as_text(next(iter(ring.keys.values()))),
        },
    )
    try:
        assert await asyncio.wait_for(process.wait(), 120) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def finish(db: Database, ring: MasterRing, auction_id: UUID) -> None:
    """Lets a healthy worker work until the award is drawn."""
    stop = asyncio.Event()
    keeper = Keeper(Signer(Ed25519PrivateKey.generate()), SealedOpener(ring))
    working = asyncio.create_task(run_worker(db, stop, keeper))

    async def is_awarded(session: AnySession) -> bool:
        query = select(TaskRow.done_at).where(TaskRow.name == AWARD_TASK, TaskRow.key == str(auction_id))
        return (await session.execute(query)).scalar_one_or_none() is not None

    for _ in range(500):
        if await db.read(is_awarded):
            break
        await asyncio.sleep(0.02)
    stop.set()
    await working


async def check_history(session: AnySession, auction_id: UUID) -> None:
    """The public events have no gap, hang together, and end once."""
    events = await list_events(session, auction_id)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    before = EMPTY_HASH
    for event in events:
        before = chain_hash(before, str(auction_id), event.number, event.kind, instant(event.at), event.body)
        assert event.hash == before
    assert [event.kind for event in events].count("auction_closed") == 1
    assert events[-1].kind == "auction_closed"


@pytest.mark.parametrize(("name", "point"), CASES)
async def test_what_a_killed_worker_left_is_finished_once(
    db: Database, now_is: SetNow, name: str, point: str
) -> None:
    listing, ring = await db.write(make_ended_sale, name, now_is)
    auction_id = listing.auction_id
    assert auction_id is not None
    await now_is(db, listing.closes_at)
    await run_until_it_dies(db, ring, point)
    await finish(db, ring, auction_id)
    async with db.reading() as session:
        await check_history(session, auction_id)
        result = await get_result(session, auction_id)
        (deal,) = (await session.execute(select(Deal))).scalars()
        intents = {row.buyer_id: row.status for row in (await session.execute(select(Intent))).scalars()}
        deposits = sorted((await session.execute(select(Deposit.status))).scalars())
        accounts = await list_accounts(session, limit=1000)
    assert (result.outcome, result.price_fen) == ("sold", START_FEN + 100_000)
    assert (deal.price_fen, deal.buyer_id) == (result.price_fen, result.winner_party_id)
    assert sorted(intents.values()) == ["lost", "won"]
    assert intents[deal.buyer_id] == "won"
    assert deposits == ["captured", "released"]
    assert sum(account.balance_fen for account in accounts) == 0
