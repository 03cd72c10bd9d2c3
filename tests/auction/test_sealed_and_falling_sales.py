"""Sealed sales and price clocks through the operations: the tables hold every stage, and their one-way rules let it pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import select

from app.auction.bidding import Answer, BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.errors import AuctionOver, BidTooLow
from app.auction.errors_sealed import KindNotNow, StepPassed
from app.auction.models import Auction
from app.auction.rules.game import Kind
from app.auction.sealing import SealedOpener
from app.audit import AuditRecord
from app.clock import market_now
from app.events import list_events
from app.ids import uuid7
from tests.make_auction import START_FEN, STEP_FEN, make_sale
from tests.make_sealed import make_master, make_sealed_sale, post_sealed

if TYPE_CHECKING:
    from uuid import UUID

    from app.auction.master_keys import MasterRing
    from app.db import Session
    from tests.conftest import SetNow
    from tests.make_auction import MadeSale

TICK = 60


@pytest.fixture
async def master(session: Session) -> MasterRing:
    """The worker's master key, registered."""
    return await make_master(session)


async def make_clock_sale(session: Session, name: str, **options: Any) -> MadeSale:
    """A clock that opened a second ago: five steps down, a minute each."""
    opens_at = await market_now(session) - timedelta(seconds=1)
    clock = {"tick_seconds": TICK, "floor_price_fen": START_FEN - 5 * STEP_FEN, **options}
    return await make_sale(
        session,
        bidders=3,
        format=name,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(seconds=6 * TICK),
        options=clock,
    )


async def ask(session: Session, sale: MadeSale, place: int, kind: str, **over: Any) -> Answer:
    """One open request of a bidder."""
    party = sale.bidders[place]
    values = {"amount_fen": None, "received_at": datetime.now(UTC), "kind": kind, **over}
    (outcome,) = await place_bids(session, sale.id, [BidRequest(uuid7(), party, party, **values)])
    assert isinstance(outcome, Answer)
    return outcome


async def read_sale(session: Session, sale_id: UUID) -> Auction:
    """The sale as it stands."""
    return (
        await session.execute(
            select(Auction).where(Auction.id == sale_id).execution_options(populate_existing=True)
        )
    ).scalar_one()


async def public_kinds(session: Session, sale_id: UUID) -> list[str]:
    """The kinds of the public events after the announcement."""
    return [event.kind for event in await list_events(session, sale_id)][1:]


async def end_of(session: Session, sale_id: UUID) -> dict[str, Any]:
    """The result as everybody reads it."""
    last = (await list_events(session, sale_id))[-1]
    assert last.kind == "auction_closed"
    body: dict[str, Any] = orjson.loads(last.body)
    return body


async def test_a_second_price_sale_ends_at_the_second_bid(
    session: Session, master: MasterRing, now_is: SetNow
) -> None:
    sale = await make_sealed_sale(session, bidders=3, format="vickrey", reserve_fen=START_FEN + STEP_FEN)
    for place, steps in enumerate((5, 3, 0)):
        await post_sealed(session, sale.id, sale.bidders[place], START_FEN + steps * STEP_FEN)
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "sold"
    end = await end_of(session, sale.id)
    assert (end["winner"], end["price_fen"]) == (sale.codes[0], START_FEN + 3 * STEP_FEN)


async def test_the_key_of_too_few_envelopes_is_never_unwrapped(
    session: Session, master: MasterRing, now_is: SetNow
) -> None:
    sale = await make_sealed_sale(session, bidders=3, min_bidders=2)
    await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "unsold"
    end = await end_of(session, sale.id)
    assert end["reason"] == "too_few_bidders"
    assert [item["bidder"] for item in end["unopened"]] == [sale.codes[0]]
    unwrapped = select(AuditRecord.id).where(
        AuditRecord.action == "sealing-key.unwrapped", AuditRecord.subject_id == str(sale.id)
    )
    assert (await session.execute(unwrapped)).first() is None


async def test_a_tie_is_bid_out_in_a_second_sealed_stage(
    session: Session, master: MasterRing, now_is: SetNow
) -> None:
    options = {"tie_rule": "extra_round", "extra_seconds": 600}
    sale = await make_sealed_sale(session, bidders=3, options=options)
    for party in sale.bidders[:2]:
        await post_sealed(session, sale.id, party, START_FEN + STEP_FEN)
    await post_sealed(session, sale.id, sale.bidders[2], START_FEN)
    late = sale.ends_at + timedelta(seconds=40)
    await now_is(session, late)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "open"
    row = await read_sale(session, sale.id)
    assert (row.stage, row.ends_at, row.sequence) == ("extra", late + timedelta(seconds=600), 3)
    with pytest.raises(BidTooLow):
        await post_sealed(session, sale.id, sale.bidders[1], START_FEN + STEP_FEN)
    await post_sealed(session, sale.id, sale.bidders[1], START_FEN + 2 * STEP_FEN)
    await now_is(session, row.ends_at)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "sold"
    end = await end_of(session, sale.id)
    assert (end["winner"], end["price_fen"]) == (sale.codes[1], START_FEN + 2 * STEP_FEN)
    assert await public_kinds(session, sale.id) == [
        "auction_opened",
        "envelopes_opened",
        "stage_opened",
        "envelopes_opened",
        "auction_closed",
    ]


async def test_a_price_falls_at_its_ticks_and_the_first_take_buys(session: Session, now_is: SetNow) -> None:
    sale = await make_clock_sale(session, "dutch")
    opens_at = sale.ends_at - timedelta(seconds=6 * TICK)
    await now_is(session, opens_at + timedelta(seconds=2 * TICK))
    assert await advance_auction(session, sale.id) == "open"
    row = await read_sale(session, sale.id)
    assert row.due_at == opens_at + timedelta(seconds=3 * TICK)
    assert orjson.loads(row.detail or "")["asking_fen"] == START_FEN - 2 * STEP_FEN
    stale = await ask(session, sale, 0, Kind.TAKE, step=1, amount_fen=START_FEN - STEP_FEN)
    assert isinstance(stale.refusal, StepPassed)
    taken = await ask(session, sale, 1, Kind.TAKE, step=2, amount_fen=START_FEN - 2 * STEP_FEN)
    assert taken.refusal is None
    again = await ask(session, sale, 2, Kind.TAKE, step=2, amount_fen=START_FEN - 2 * STEP_FEN)
    assert isinstance(again.refusal, AuctionOver)
    row = await read_sale(session, sale.id)
    assert row.ends_at == row.due_at == taken.official_at
    assert await advance_auction(session, sale.id) == "sold"
    end = await end_of(session, sale.id)
    assert (end["winner"], end["price_fen"]) == (sale.codes[1], START_FEN - 2 * STEP_FEN)


async def test_two_takes_in_one_batch_the_first_wins(session: Session) -> None:
    sale = await make_clock_sale(session, "dutch")
    requests = [
        BidRequest(uuid7(), party, party, START_FEN, datetime.now(UTC), Kind.TAKE, step=0)
        for party in sale.bidders
    ]
    first, *others = await place_bids(session, sale.id, requests)
    assert isinstance(first, Answer)
    assert first.refusal is None
    assert all(isinstance(item, Answer) and isinstance(item.refusal, AuctionOver) for item in others)


async def test_a_price_that_nobody_takes_ends_unsold_however_late_it_is_looked_at(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_clock_sale(session, "dutch")
    await now_is(session, sale.ends_at + timedelta(hours=5))
    assert await advance_auction(session, sale.id) == "unsold"
    assert (await public_kinds(session, sale.id)).count("price_fell") == 5


async def test_the_hybrid_goes_through_its_three_stages(
    session: Session, master: MasterRing, now_is: SetNow
) -> None:
    sale = await make_clock_sale(session, "dutch_sealed_best", sealed_seconds=600, best_seconds=300)
    opener = SealedOpener(master)
    taken = await ask(session, sale, 0, Kind.TAKE, step=0, amount_fen=START_FEN)
    assert isinstance(
        (await ask(session, sale, 1, Kind.TAKE, step=0, amount_fen=START_FEN)).refusal, KindNotNow
    )
    with pytest.raises(BidTooLow):
        await post_sealed(session, sale.id, sale.bidders[1], START_FEN + STEP_FEN - 1)
    await post_sealed(session, sale.id, sale.bidders[1], START_FEN + 2 * STEP_FEN)
    await now_is(session, taken.official_at + timedelta(seconds=600))
    assert await advance_auction(session, sale.id, None, opener) == "open"
    row = await read_sale(session, sale.id)
    assert (row.stage, row.price_fen, row.leader_code) == ("best", START_FEN + 2 * STEP_FEN, sale.codes[1])
    best = await ask(session, sale, 0, Kind.BID, amount_fen=START_FEN + 3 * STEP_FEN)
    assert best.refusal is None
    assert await advance_auction(session, sale.id, None, opener) == "sold"
    end = await end_of(session, sale.id)
    assert (end["winner"], end["price_fen"]) == (sale.codes[0], START_FEN + 3 * STEP_FEN)
    assert end["openings"][0]["amount_fen"] == START_FEN + 2 * STEP_FEN
