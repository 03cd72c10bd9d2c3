"""A right of first refusal asked about after the end (事后行权), through the tables: asked once, matched or waived."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.auction.admission import admit_bidder
from app.auction.bidding import Answer, BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.errors import AuctionOver
from app.auction.errors_open import MatchStale
from app.auction.queries import get_result, get_sale_view
from app.auction.recording import AWARD_TASK
from app.clock import market_now
from app.events import list_events
from app.ids import uuid7
from app.tasks import TaskRow
from tests.make_accounts import make_organisation
from tests.make_auction import START_FEN, make_sale, request

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from tests.conftest import SetNow
    from tests.make_auction import MadeSale


async def make_asked_sale(session: Session, now_is: SetNow) -> tuple[MadeSale, UUID]:
    """A sale whose bidding has just ended at its hard end, with a holder of priority who did not lead."""
    sale = await make_sale(session, priority="post", priority_seconds=60, ends_in=3600)
    holder = (await make_organisation(session)).id
    await admit_bidder(session, sale.id, holder, None, has_priority=True)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id) == "open"
    return sale, holder


def ask(party_id: UUID, kind: str, amount_fen: int | None = None) -> BidRequest:
    """A holder's answer."""
    return request(party_id, 1)._replace(bid_id=uuid7(), kind=kind, amount_fen=amount_fen)


async def count_promises(session: Session) -> int:
    """How many awards are promised."""
    query = select(func.count()).select_from(TaskRow).where(TaskRow.name == AWARD_TASK)
    return (await session.execute(query)).scalar_one()


async def test_a_match_of_another_price_than_the_results_binds_nobody(
    session: Session, now_is: SetNow
) -> None:
    sale, holder = await make_asked_sale(session, now_is)
    (stale,) = await place_bids(session, sale.id, [ask(holder, "match", START_FEN - 1)])
    assert isinstance(stale, Answer)
    assert isinstance(stale.refusal, MatchStale)
    assert (await get_sale_view(session, sale.id)).state.stage == "priority"


async def test_nobody_is_admitted_any_more_once_a_holder_is_asked(session: Session, now_is: SetNow) -> None:
    sale, _ = await make_asked_sale(session, now_is)
    late = (await make_organisation(session)).id
    with pytest.raises(AuctionOver):
        await admit_bidder(session, sale.id, late, None, has_priority=True)


async def test_a_holder_who_matches_wins_at_the_winners_price(session: Session, now_is: SetNow) -> None:
    sale, holder = await make_asked_sale(session, now_is)
    view = await get_sale_view(session, sale.id)
    assert (view.state.stage, view.state.ends_at) == ("priority", sale.ends_at + timedelta(seconds=60))
    (late,) = await place_bids(session, sale.id, [request(sale.bidders[1], START_FEN * 2)])
    assert isinstance(late, Answer)
    assert isinstance(late.refusal, AuctionOver)
    (matched,) = await place_bids(session, sale.id, [ask(holder, "match", START_FEN)])
    assert isinstance(matched, Answer)
    assert matched.refusal is None
    result = await get_result(session, sale.id)
    assert (result.outcome, result.price_fen, result.winner_party_id) == ("sold", START_FEN, holder)
    assert await count_promises(session) == 1


@pytest.mark.parametrize("answers", [True, False])
async def test_a_holder_who_waives_or_is_silent_leaves_the_result(
    session: Session, now_is: SetNow, *, answers: bool
) -> None:
    sale, holder = await make_asked_sale(session, now_is)
    if answers:
        await place_bids(session, sale.id, [ask(holder, "waive")])
    else:
        await now_is(session, sale.ends_at + timedelta(seconds=60))
        await advance_auction(session, sale.id)
    result = await get_result(session, sale.id)
    assert (result.outcome, result.winner_party_id) == ("sold", sale.bidders[0])
    kinds = [event.kind for event in await list_events(session, sale.id)]
    assert kinds[-1] == "auction_closed"
    assert kinds.count("priority_asked") == 1
    assert await count_promises(session) == 1


async def test_the_asking_may_last_beyond_the_hard_end_of_bidding(session: Session, now_is: SetNow) -> None:
    ends_at = await market_now(session) + timedelta(hours=1)
    sale = await make_sale(
        session, priority="post", priority_seconds=60, hard_end_at=ends_at, closes_at=ends_at
    )
    holder = (await make_organisation(session)).id
    await admit_bidder(session, sale.id, holder, None, has_priority=True)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    await now_is(session, ends_at)
    assert await advance_auction(session, sale.id) == "open"
    assert (await get_sale_view(session, sale.id)).state.ends_at == ends_at + timedelta(seconds=60)
