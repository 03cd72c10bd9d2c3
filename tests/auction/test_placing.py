"""Placing bids on a real database: judgement, ids, streams, chain, opening and close."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.auction.admission import admit_bidder
from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction, find_next_due, list_due
from app.auction.errors import (
    AuctionMissing,
    AuctionNotOpen,
    AuctionOver,
    BidIdReused,
    BidMissing,
    BidTooLow,
    DepositNotHeld,
    ExchangeMayNotBid,
    NotAdmitted,
    SellerMayNotBid,
)
from app.auction.models import Auction
from app.auction.queries import get_bid, get_own_view, get_result, get_sale_view, list_prices
from app.auction.recording import AWARD_TASK
from app.auction.rules.game import Standing
from app.auction.rules.terms import commit_reserve
from app.chain import EMPTY_HASH, chain_hash, instant
from app.clock import market_now
from app.events import list_events
from app.ids import uuid7
from app.tasks import TaskRow
from tests.make_accounts import make_organisation
from tests.make_auction import START_FEN, STEP_FEN, make_deposit, make_sale, request

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow


async def place(session: Session, auction_id: UUID, *requests: object) -> list[Answer]:
    """The answers of a batch, all of which are judged."""
    answers = await place_bids(session, auction_id, requests)  # type: ignore[arg-type]
    assert all(isinstance(answer, Answer) for answer in answers)
    return answers  # type: ignore[return-value]


async def check_chain(session: Session, stream_id: UUID) -> list[str]:
    """Recomputes a stream's chain and returns its kinds."""
    before, kinds = EMPTY_HASH, []
    for position, event in enumerate(await list_events(session, stream_id, 0, 10_000), 1):
        assert event.number == position
        before = chain_hash(before, str(stream_id), position, event.kind, instant(event.at), event.body)
        assert event.hash == before
        kinds.append(event.kind)
    return kinds


async def test_the_hall_draws_the_last_prices_of_each_sale_in_their_order(session: Session) -> None:
    hot, calm, quiet = [await make_sale(session) for _ in range(3)]
    for step in range(4):
        await place(session, hot.id, request(hot.bidders[step % 2], START_FEN + step * STEP_FEN))
        await place(session, hot.id, request(hot.bidders[0], START_FEN - 1))
    await place(session, calm.id, request(calm.bidders[0], START_FEN))
    prices = await list_prices(session, [hot.id, calm.id, quiet.id], limit=3)
    assert prices == {hot.id: [START_FEN + step * STEP_FEN for step in (1, 2, 3)], calm.id: [START_FEN]}


async def test_a_batch_is_judged_in_its_order_and_chained_on_two_streams(session: Session) -> None:
    sale = await make_sale(session)
    first, low, second = await place(
        session,
        sale.id,
        request(sale.bidders[0], START_FEN),
        request(sale.bidders[1], START_FEN),
        request(sale.bidders[1], START_FEN + STEP_FEN),
    )
    assert first.refusal is None
    assert second.refusal is None
    assert isinstance(low.refusal, BidTooLow)
    view = await get_sale_view(session, sale.id)
    assert (view.state.price_fen, view.state.leader, view.state.sequence) == (
        START_FEN + STEP_FEN,
        sale.codes[1],
        2,
    )
    assert await check_chain(session, sale.id) == [
        "auction_scheduled",
        "auction_opened",
        "bid_accepted",
        "bid_accepted",
    ]
    assert await check_chain(session, view.auction.host_stream_id) == ["bid_refused"]
    assert (view.number, second.number, view.head_hash) == (4, 4, second.hash)


async def test_the_public_stream_tells_codes_and_never_who(session: Session) -> None:
    sale = await make_sale(session)
    await place(session, sale.id, request(sale.bidders[0], START_FEN))
    told = "".join(event.body for event in await list_events(session, sale.id))
    assert str(sale.bidders[0]) not in told
    assert sale.codes[0] in told


async def test_a_repeated_id_gets_its_first_answer_accepted_or_refused(session: Session) -> None:
    sale = await make_sale(session)
    accepted, refused = request(sale.bidders[0], START_FEN), request(sale.bidders[1], START_FEN)
    first = await place(session, sale.id, accepted, refused, accepted)
    again = await place(session, sale.id, refused, accepted)
    assert first[0]._replace(batch=None) == first[2]._replace(batch=None) == again[1]
    assert isinstance(again[0].refusal, BidTooLow)
    assert again[0].refusal.members() == first[1].refusal.members()  # type: ignore[union-attr]
    assert again[0].number == first[1].number
    assert (await get_sale_view(session, sale.id)).state.sequence == 1


async def test_a_used_id_with_another_amount_is_refused_and_writes_nothing(session: Session) -> None:
    sale = await make_sale(session)
    used = request(sale.bidders[0], START_FEN)
    await place(session, sale.id, used)
    before = await get_sale_view(session, sale.id)
    (answer,) = await place_bids(
        session, sale.id, [request(sale.bidders[0], START_FEN + STEP_FEN, used.bid_id)]
    )
    assert isinstance(answer, BidIdReused)
    assert (await get_sale_view(session, sale.id)).number == before.number


async def test_two_parties_may_use_the_same_id(session: Session) -> None:
    sale = await make_sale(session)
    bid_id = uuid7()
    answers = await place(
        session,
        sale.id,
        request(sale.bidders[0], START_FEN, bid_id),
        request(sale.bidders[1], START_FEN + STEP_FEN, bid_id),
    )
    assert [answer.refusal for answer in answers] == [None, None]


async def test_a_bid_on_no_sale_is_missing(session: Session) -> None:
    (answer,) = await place_bids(session, uuid7(), [request(uuid7(), START_FEN)])
    assert isinstance(answer, AuctionMissing)


async def test_the_tables_decide_who_may_bid(session: Session) -> None:
    sale = await make_sale(session, bidders=1, deposit_fen=START_FEN // 10)
    exchange = await make_organisation(session, kind="exchange")
    due = await make_deposit(session, sale.bidders[0])
    await session.execute(
        text("UPDATE admission SET deposit_id = :deposit WHERE auction_id = :id"),
        {"deposit": due.id, "id": sale.id},
    )
    stranger = await make_organisation(session)
    answers = await place(
        session,
        sale.id,
        request(sale.bidders[0], START_FEN),
        request(sale.seller_id, START_FEN),
        request(exchange.id, START_FEN),
        request(stranger.id, START_FEN),
    )
    assert [type(answer.refusal) for answer in answers] == [
        DepositNotHeld,
        SellerMayNotBid,
        ExchangeMayNotBid,
        NotAdmitted,
    ]
    assert (await get_sale_view(session, sale.id)).state.sequence == 0


async def test_a_bid_before_the_opening_is_refused_and_does_not_open(session: Session) -> None:
    now = await market_now(session)
    sale = await make_sale(session, opens_at=now + timedelta(minutes=5))
    (answer,) = await place(session, sale.id, request(sale.bidders[0], START_FEN))
    assert isinstance(answer.refusal, AuctionNotOpen)
    assert (await get_sale_view(session, sale.id)).state.phase == "scheduled"


async def test_the_official_time_never_runs_back(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session)
    first_time = (await market_now(session)) + timedelta(minutes=1)
    await now_is(session, first_time)
    (first,) = await place(session, sale.id, request(sale.bidders[0], START_FEN))
    await now_is(session, first_time - timedelta(seconds=30))
    (second,) = await place(session, sale.id, request(sale.bidders[1], START_FEN + STEP_FEN))
    assert second.official_at == first.official_at == first_time


async def test_a_bid_judged_at_the_end_is_refused_though_it_was_received_before(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session)
    early = request(sale.bidders[0], START_FEN)
    await now_is(session, sale.ends_at)
    (answer,) = await place(session, sale.id, early)
    assert isinstance(answer.refusal, AuctionOver)
    assert answer.received_at < sale.ends_at == answer.official_at


async def test_a_late_bid_moves_the_end_once_for_everybody(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session)
    late = sale.ends_at - timedelta(minutes=2)
    await now_is(session, late)
    (answer,) = await place(session, sale.id, request(sale.bidders[0], START_FEN))
    view = await get_sale_view(session, sale.id)
    assert answer.ends_at == view.state.ends_at == view.auction.ends_at == late + timedelta(minutes=5)


async def test_the_close_writes_result_event_and_promise_once(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session, reserve_fen=START_FEN)
    await place(session, sale.id, request(sale.bidders[0], START_FEN))
    await now_is(session, sale.ends_at)
    assert await list_due(session) == [sale.id]
    assert await advance_auction(session, sale.id) == "sold"
    assert await advance_auction(session, sale.id) == "sold"
    assert await list_due(session) == []
    result = await get_result(session, sale.id)
    assert (result.outcome, result.price_fen, result.winner_party_id) == ("sold", START_FEN, sale.bidders[0])
    assert (await check_chain(session, sale.id)).count("auction_closed") == 1
    tasks = (await session.execute(select(TaskRow).where(TaskRow.name == AWARD_TASK))).scalars().all()
    assert [task.payload for task in tasks] == [{"auction_id": str(sale.id)}]


async def test_the_commitment_published_first_is_opened_by_the_close(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session, reserve_fen=START_FEN + 5 * STEP_FEN)
    await place(session, sale.id, request(sale.bidders[0], START_FEN))
    published = json.loads((await list_events(session, sale.id))[0].body)["reserve_commitment"]
    told = "".join(event.body for event in await list_events(session, sale.id))
    assert str(START_FEN + 5 * STEP_FEN) not in told
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id) == "unsold"
    opening = json.loads((await list_events(session, sale.id))[-1].body)["reserve_opening"]
    assert commit_reserve(opening["reserve_fen"], bytes.fromhex(opening["key"])) == published


async def test_the_worker_opens_a_sale_that_nobody_bids_on(session: Session, now_is: SetNow) -> None:
    now = await market_now(session)
    sale = await make_sale(session, opens_at=now + timedelta(minutes=5))
    assert await find_next_due(session) == now + timedelta(minutes=5)
    await now_is(session, now + timedelta(minutes=5))
    assert await advance_auction(session, sale.id) == "open"
    assert await check_chain(session, sale.id) == ["auction_scheduled", "auction_opened"]


async def test_admission_gives_one_code_and_refuses_seller_exchange_and_latecomers(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session)
    assert await admit_bidder(session, sale.id, sale.bidders[0], None) == sale.codes[0]
    exchange = await make_organisation(session, kind="exchange")
    with pytest.raises(SellerMayNotBid):
        await admit_bidder(session, sale.id, sale.seller_id, None)
    with pytest.raises(ExchangeMayNotBid):
        await admit_bidder(session, sale.id, exchange.id, None)
    await now_is(session, sale.ends_at)
    with pytest.raises(AuctionOver):
        await admit_bidder(session, sale.id, (await make_organisation(session)).id, None)


async def test_an_own_bid_is_found_by_its_id_and_a_strangers_is_missing(session: Session) -> None:
    sale = await make_sale(session)
    mine = request(sale.bidders[0], START_FEN)
    (answer,) = await place(session, sale.id, mine)
    assert await get_bid(session, sale.id, sale.bidders[0], mine.bid_id) == answer._replace(batch=None)
    with pytest.raises(BidMissing):
        await get_bid(session, sale.id, sale.bidders[1], mine.bid_id)


async def test_the_view_of_a_party_agrees_with_its_judge(session: Session) -> None:
    sale = await make_sale(session)
    await place(session, sale.id, request(sale.bidders[0], START_FEN))
    auction = await session.get_one(Auction, sale.id)
    own = await get_own_view(session, auction, sale.bidders[0], is_exchange=False)
    assert (own.bidder_code, own.standing, own.my_highest_fen) == (
        sale.codes[0],
        Standing.ADMITTED,
        START_FEN,
    )
    seller = await get_own_view(session, auction, sale.seller_id, is_exchange=False)
    assert (seller.bidder_code, seller.standing) == (None, Standing.SELLER)


@pytest.mark.parametrize("table", ["event", "audit_record", "deployment"])
async def test_the_database_itself_refuses_to_change_what_was_written(session: Session, table: str) -> None:
    sale = await make_sale(session)
    await place(session, sale.id, request(sale.bidders[0], START_FEN))
    await session.execute(
        text(
            "INSERT INTO audit_record (id, action, subject_kind, subject_id, detail)"
            " VALUES (gen_random_uuid(), 'x', 'x', 'x', '{}')"
        )
    )
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text(f"DELETE FROM {table}"))
