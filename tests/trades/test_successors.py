"""Golden test 18: after a default the next bidder is asked anew, and a deal follows only by both sides' consent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.auction.final_ranking import FinalBid, list_final_bids
from app.clock import market_now
from app.contracts.drafting import draft_contract
from app.contracts.signing import sign_contract
from app.ids import uuid7
from app.settlement.opening import open_settlement
from app.settlement.rules import PlanKind
from app.tasks import TaskRow
from app.trades.award import award_auction
from app.trades.errors import DealMissing
from app.trades.errors_default import DefaulterExcluded
from app.trades.errors_successors import (
    AnswerTimeUnfit,
    DealNotDefaulted,
    DealReplacedAlready,
    NobodyNext,
    NotSoldByBidding,
    SubjectListedAnew,
    SuccessionNotAnnounced,
    SuccessorOfferLapsed,
    SuccessorOfferMissing,
    SuccessorOfferOpen,
    SuccessorOfferOver,
)
from app.trades.models import Deal
from app.trades.successor_queries import get_offer_row, list_successor_offers
from app.trades.successor_rules import SuccessionRules, check_announced, next_in_order
from app.trades.successors import (
    answer_successor_offer,
    ask_successor,
    end_successor_offer,
    get_succession,
)
from tests.make_contracts import OFFICE
from tests.make_successors import START, STEP, confirm_default, make_ended_sale, make_successor_offer
from tests.make_trades import make_buyer, make_deal, make_intent, make_listing, make_seller
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow


async def test_golden_18_the_second_bidder_buys_only_by_both_sides_consent(
    session: Session, now_is: SetNow
) -> None:
    """拍卖法 36, 39; the default confirmed, nothing follows by itself; the seller asks, the bidder accepts."""
    ended = await make_ended_sale(session, now_is)
    with pytest.raises(DealNotDefaulted):
        await get_succession(session, ended.seller, ended.deal.id)
    await confirm_default(session, ended.deal.id)
    found = await get_succession(session, ended.seller, ended.deal.id)
    second = ended.bidders[1]
    assert (found.bid.party_id, found.bid.amount_fen) == (second.organisation_id, START + STEP)
    offer_id = await ask_successor(
        session, ended.seller, ended.deal.id, await market_now(session) + timedelta(days=1)
    )
    assert len((await session.execute(select(Deal))).scalars().all()) == 1
    for other in (ended.bidders[0], ended.bidders[2]):
        with pytest.raises(SuccessorOfferMissing):
            await answer_successor_offer(session, other, offer_id, accepts=True)
    await answer_successor_offer(session, second, offer_id, accepts=True)
    with pytest.raises(SuccessorOfferOver):
        await answer_successor_offer(session, second, offer_id, accepts=False)
    offer = await get_offer_row(session, offer_id)
    assert offer.deal_id is not None
    deal = await session.get_one(Deal, offer.deal_id)
    assert (deal.replaces_id, deal.buyer_id, deal.price_fen, deal.deposit_id, deal.auction_id) == (
        ended.deal.id,
        second.organisation_id,
        START + STEP,
        None,
        None,
    )
    assert deal.confirmation["agreed"]["replaces_deal_no"] == ended.deal.deal_no
    assert "另行协议" in deal.confirmation["method_zh"]
    await session.refresh(ended.listing)
    assert ended.listing.status == "sold"
    with pytest.raises(DealReplacedAlready):
        await get_succession(session, ended.seller, ended.deal.id)
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await ledger_is_sound(session)


async def test_golden_18_the_next_sale_excludes_the_defaulter_alone(session: Session, now_is: SetNow) -> None:
    """法释〔2016〕18号 24: nobody asked, the subject is listed anew; the former second bidder may come."""
    ended = await make_ended_sale(session, now_is)
    await confirm_default(session, ended.deal.id)
    again = await make_listing(
        session, status="listed", seller=ended.seller, patent_id=ended.listing.patent_id
    )
    with pytest.raises(DefaulterExcluded):
        await make_intent(session, again, buyer=ended.bidders[0])
    await make_intent(session, again, buyer=ended.bidders[1])


async def test_contract_and_settlement_go_on_from_the_new_deal(session: Session, now_is: SetNow) -> None:
    ended = await make_ended_sale(session, now_is)
    offer_id = await make_successor_offer(session, ended)
    await answer_successor_offer(session, ended.bidders[1], offer_id, accepts=True)
    deal_id = (await get_offer_row(session, offer_id)).deal_id
    assert deal_id is not None
    contract = await draft_contract(session, ended.seller, deal_id, OFFICE)
    assert contract.body["deposit_fen"] == 0
    for side in (ended.seller, ended.bidders[1]):
        await sign_contract(session, side, contract.id, contract.document_sha256)
    await open_settlement(session, ended.bidders[1], deal_id, PlanKind.ONE_OFF)
    await ledger_is_sound(session)


async def test_the_second_may_default_too_and_then_the_third_is_asked(
    session: Session, now_is: SetNow
) -> None:
    ended = await make_ended_sale(session, now_is)
    offer_id = await make_successor_offer(session, ended)
    await answer_successor_offer(session, ended.bidders[1], offer_id, accepts=True)
    second = (await get_offer_row(session, offer_id)).deal_id
    assert second is not None
    await confirm_default(session, second)
    await session.refresh(ended.listing)
    assert ended.listing.status == "terminated"
    found = await get_succession(session, ended.seller, second)
    assert found.bid.party_id == ended.bidders[2].organisation_id


async def test_who_declined_is_not_asked_again_and_nobody_after_him(session: Session, now_is: SetNow) -> None:
    ended = await make_ended_sale(session, now_is)
    offer_id = await make_successor_offer(session, ended)
    await answer_successor_offer(session, ended.bidders[1], offer_id, accepts=False)
    with pytest.raises(NobodyNext):
        await get_succession(session, ended.seller, ended.deal.id)
    await session.refresh(ended.listing)
    assert ended.listing.status == "terminated"


async def test_an_offer_lapses_at_its_end_and_not_before(session: Session, now_is: SetNow) -> None:
    """民法典 481."""
    ended = await make_ended_sale(session, now_is)
    offer_id = await make_successor_offer(session, ended)
    payload = {"offer_id": str(offer_id)}
    promised = select(TaskRow).where(TaskRow.name == "end_successor_offer")
    task = (await session.execute(promised)).scalar_one()
    offer = await get_offer_row(session, offer_id)
    assert (task.payload, task.run_at) == (payload, offer.expires_at)
    await end_successor_offer(session, payload)
    assert (await get_offer_row(session, offer_id)).status == "open"
    await now_is(session, offer.expires_at)
    with pytest.raises(SuccessorOfferLapsed):
        await answer_successor_offer(session, ended.bidders[1], offer_id, accepts=True)
    for _ in range(2):  # the task comes twice
        await end_successor_offer(session, payload)
    assert (await get_offer_row(session, offer_id)).status == "lapsed"


async def test_one_offer_at_a_time_with_a_time_that_fits(session: Session, now_is: SetNow) -> None:
    ended = await make_ended_sale(session, now_is)
    await confirm_default(session, ended.deal.id)
    now = await market_now(session)
    for unfit in (now, now + timedelta(days=16)):
        with pytest.raises(AnswerTimeUnfit):
            await ask_successor(session, ended.seller, ended.deal.id, unfit)
    with pytest.raises(DealMissing):
        await ask_successor(session, await make_seller(session), ended.deal.id, now + timedelta(days=1))
    await ask_successor(session, ended.seller, ended.deal.id, now + timedelta(days=1))
    with pytest.raises(SuccessorOfferOpen):
        await ask_successor(session, ended.seller, ended.deal.id, now + timedelta(days=1))
    assert len(await list_successor_offers(session, ended.seller)) == 1
    assert len(await list_successor_offers(session, ended.bidders[1])) == 1
    assert await list_successor_offers(session, ended.bidders[2]) == []


async def test_what_was_listed_anew_is_not_sold_to_the_former_bidder(
    session: Session, now_is: SetNow
) -> None:
    ended = await make_ended_sale(session, now_is)
    offer_id = await make_successor_offer(session, ended)
    await make_listing(session, seller=ended.seller, patent_id=ended.listing.patent_id)
    with pytest.raises(SubjectListedAnew):
        await answer_successor_offer(session, ended.bidders[1], offer_id, accepts=True)


async def test_nobody_is_asked_where_nobody_else_bid_or_the_announcement_says_no(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    await confirm_default(session, deal.id)
    with pytest.raises(NobodyNext):
        await get_succession(session, seller, deal.id)
    await award_auction(session, {"auction_id": str(deal.auction_id)})  # a repeat finds nothing to do
    with pytest.raises(SuccessionNotAnnounced):
        check_announced(SuccessionRules(allowed=False, longest_days=15))
    assert issubclass(NotSoldByBidding, Exception)


def test_after_a_tender_the_next_candidate_follows_who_declined() -> None:
    """招标投标法实施条例 55."""
    one, two, three = (FinalBid(code, uuid7(), 10) for code in ("A1", "A2", "A3"))
    ranking, gone, asked = [one, two, three], {one.party_id}, {two.party_id}
    assert next_in_order(ranking, gone=gone, asked=set(), format_name="english") == two
    assert next_in_order(ranking, gone=gone, asked=asked, format_name="scored_tender") == three
    with pytest.raises(NobodyNext):
        next_in_order(ranking, gone=gone, asked=asked, format_name="english")


async def test_the_final_ranking_is_each_bidders_own_best_bid(session: Session, now_is: SetNow) -> None:
    ended = await make_ended_sale(session, now_is)
    assert ended.listing.auction_id is not None
    ranking = await list_final_bids(session, ended.listing.auction_id)
    assert [bid.party_id for bid in ranking] == [who.organisation_id for who in ended.bidders]
    assert [bid.amount_fen for bid in ranking] == [START + 2 * STEP, START + STEP, START]


async def test_the_database_itself_lets_no_deal_take_a_living_deals_place(
    session: Session, now_is: SetNow
) -> None:
    ended = await make_ended_sale(session, now_is)
    columns = {column.name: getattr(ended.deal, column.name) for column in Deal.__table__.columns}
    other = {
        **columns,
        "id": uuid7(),
        "deal_no": "CJ2026-9999",
        "buyer_id": ended.bidders[1].organisation_id,
        "auction_id": None,
        "deposit_id": None,
    }
    for values in ({**other, "replaces_id": ended.deal.id}, other):

        async def write(row: dict[str, object] = values) -> None:
            async with session.begin_nested():
                await session.execute(insert(Deal).values(**row))

        with pytest.raises(DBAPIError):
            await write()
    await confirm_default(session, ended.deal.id)

    async def sell_anew() -> None:
        async with session.begin_nested():
            await session.execute(text("UPDATE listing SET status = 'sold'"))
            await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    with pytest.raises(DBAPIError, match="took the place"):
        await sell_anew()
