"""Open sales through the operations: maxima, matches, periods and falling prices as the tables hold them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.auction.admission import admit_bidder
from app.auction.bidding import Answer, BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.queries import get_sale_view
from app.auction.rules.terms import commit_amount
from app.clock import market_now
from app.events import list_events
from app.ids import uuid7
from tests.make_accounts import make_organisation
from tests.make_auction import START_FEN, STEP_FEN, make_sale

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from tests.conftest import SetNow

ODD = 4_321_987_65


def asks(party_id: UUID, kind: str, amount_fen: int | None = None) -> BidRequest:
    """A request as the edge lets it pass, with commitment and key where its amount is secret."""
    bid_id, key = uuid7(), secrets.token_bytes(32)
    secret: dict[str, Any] = {}
    if kind in ("maximum", "turn") and amount_fen is not None:
        secret = {"commitment": commit_amount(str(bid_id), amount_fen, key), "key": key}
    return BidRequest(bid_id, party_id, party_id, amount_fen, datetime.now(UTC), kind, **secret)


async def ask(
    session: Session, sale_id: UUID, party_id: UUID, kind: str, amount_fen: int | None = None
) -> Answer:
    """One accepted request and its answer."""
    (answer,) = await place_bids(session, sale_id, [asks(party_id, kind, amount_fen)])
    assert isinstance(answer, Answer)
    if answer.refusal is not None:
        raise answer.refusal
    return answer


async def lead(session: Session, sale_id: UUID) -> tuple[str | None, int | None]:
    """Leader and price as the sale's row has them."""
    session.expire_all()
    view = await get_sale_view(session, sale_id)
    return view.state.leader, view.state.price_fen


async def test_maxima_answer_one_another_from_batch_to_batch_and_within_one(session: Session) -> None:
    sale = await make_sale(session, bidders=3, options={"automatic": True})
    one, two, three = sale.bidders
    await ask(session, sale.id, one, "maximum", START_FEN + 9 * STEP_FEN)
    batch = [asks(two, "maximum", START_FEN + 3 * STEP_FEN), asks(three, "bid", START_FEN + 6 * STEP_FEN)]
    for outcome in await place_bids(session, sale.id, batch):
        assert isinstance(outcome, Answer)
        assert outcome.refusal is None
    assert await lead(session, sale.id) == (sale.codes[0], START_FEN + 7 * STEP_FEN)


async def test_a_maximum_is_kept_in_the_secret_tables_alone(session: Session) -> None:
    sale = await make_sale(session, options={"automatic": True})
    answer = await ask(session, sale.id, sale.bidders[0], "maximum", ODD)
    assert answer.audience == "own"
    columns = await session.execute(
        text(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
    )
    found = set()
    for table in columns.scalars().all():
        rows = await session.execute(
            text(f'SELECT 1 FROM "{table}" t WHERE t::text LIKE :odd'), {"odd": f"%{ODD}%"}
        )
        if rows.first() is not None:
            found.add(table)
    assert found == {"auction_secret", "bid_secret"}


async def test_a_secret_amount_whose_commitment_is_missing_reaches_no_row_of_requests(
    session: Session,
) -> None:
    sale = await make_sale(session, options={"automatic": True})
    bare = asks(sale.bidders[0], "maximum", ODD)._replace(commitment=None, key=None)
    await place_bids(session, sale.id, [bare])
    amounts = await session.execute(
        text("SELECT amount_fen FROM bid WHERE auction_id = :id"), {"id": sale.id}
    )
    assert amounts.scalars().all() == [None]


async def test_the_room_offers_a_holder_the_match_and_the_match_leads(session: Session) -> None:
    sale = await make_sale(session, priority="in_field")
    holder = (await make_organisation(session)).id
    code = await admit_bidder(session, sale.id, holder, None, has_priority=True)
    await ask(session, sale.id, sale.bidders[0], "bid", START_FEN)
    session.expire_all()
    view = await get_sale_view(session, sale.id)
    offers = [
        view.published.format.offer(view.game, view.state, one, view.now).kinds
        for one in (code, sale.codes[0], None)
    ]
    assert offers == [("bid", "match"), ("bid",), ()]
    await ask(session, sale.id, holder, "match", START_FEN)
    assert await lead(session, sale.id) == (code, START_FEN)


async def test_a_falling_sale_goes_down_through_the_tables(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session, direction="reverse", options={"automatic": True})
    await ask(session, sale.id, sale.bidders[0], "maximum", START_FEN - 5 * STEP_FEN)
    await ask(session, sale.id, sale.bidders[1], "bid", START_FEN - 2 * STEP_FEN)
    assert await lead(session, sale.id) == (sale.codes[0], START_FEN - 3 * STEP_FEN)
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id, None) == "sold"


@pytest.mark.parametrize("confirms", [True, False])
async def test_the_periods_follow_one_another_through_the_tables(
    session: Session, now_is: SetNow, *, confirms: bool
) -> None:
    options = {"cycle_seconds": 180, "entry": "free_bidders", "entry_seconds": 300}
    sale = await make_sale(session, format="free_limited", options=options)
    await ask(session, sale.id, sale.bidders[0], "bid", START_FEN)
    end = sale.ends_at
    await now_is(session, end)
    await advance_auction(session, sale.id, None)
    if confirms:
        await ask(session, sale.id, sale.bidders[0], "enter")
    end += timedelta(seconds=300)
    await now_is(session, end)
    if confirms:
        await advance_auction(session, sale.id, None)
        await ask(session, sale.id, sale.bidders[0], "bid", START_FEN + STEP_FEN)
        assert (await get_sale_view(session, sale.id)).auction.ends_at == end + timedelta(seconds=180)
        await now_is(session, end + timedelta(seconds=180))
    assert await advance_auction(session, sale.id, None) == "sold"
    kinds = [event.kind for event in await list_events(session, sale.id)]
    stages = ["stage_opened", "bidder_entered", "stage_opened", "bid_accepted"]
    assert (
        kinds[-5:] == [*stages[-4:], "auction_closed"]
        if confirms
        else kinds[-2:] == ["stage_opened", "auction_closed"]
    )


async def test_a_worker_that_comes_long_after_all_periods_gives_the_same_award(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session, format="free_limited", options={"cycle_seconds": 180})
    await ask(session, sale.id, sale.bidders[0], "bid", START_FEN)
    await now_is(session, (await market_now(session)) + timedelta(days=1))
    assert await advance_auction(session, sale.id, None) == "sold"
    view = await get_sale_view(session, sale.id)
    assert (view.state.leader, view.auction.ends_at) == (sale.codes[0], sale.ends_at + timedelta(seconds=180))
