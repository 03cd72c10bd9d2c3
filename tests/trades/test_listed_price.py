"""A listing at a listed price: what it announces, who comes in by the end of its notice, and what is decided then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.auction.models import Admission, Auction
from app.clock import market_now
from app.contracts.copies import render_confirmation
from app.payments.queries import get_balance, get_deposit
from app.payments.rules import Account, AccountKind
from app.trades import notice_end
from app.trades.admission import confirm_receipt
from app.trades.award import award_auction
from app.trades.errors import OpeningPassed
from app.trades.errors_ways import (
    BiddingTermsMissing,
    BiddingTermsNotWanted,
    EndPassed,
    MethodUnknown,
    NotByIntent,
    NothingAnnounced,
    NoticeAfterOpening,
    NoticeEndPassed,
    NoticeOver,
    OrdinaryLicenceNotBidFor,
)
from app.trades.intents import declare_intent, qualify_intent
from app.trades.listings import change_listing, create_listing, offer_of, submit_listing
from app.trades.method import check_shape
from app.trades.models import Deal, Listing
from app.trades.notice_end import end_notice
from app.trades.queries import get_announced_rules, get_deal_view
from app.trades.rules import check_opening, decide_trade_method
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE
from tests.make_payments import make_line
from tests.make_trades import (
    close_sale,
    make_buyer,
    make_intent,
    make_listed_price,
    make_listing,
    make_negotiated,
    make_offer,
    make_patent_of,
    make_seller,
    rules_of,
)

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow


def test_how_many_have_come_decides_the_method() -> None:
    assert decide_trade_method(0) == "none"
    assert decide_trade_method(1) == "agreement"
    assert decide_trade_method(2) == decide_trade_method(30) == "competition"
    # Who is alone needs no competition, so a missed opening does not concern him.
    assert decide_trade_method(1, missed_opening=True) == "agreement"
    assert decide_trade_method(2, missed_opening=True) == "missed"


async def test_each_method_has_its_own_terms_and_no_others(session: Session) -> None:
    listed = offer_of(await make_listed_price(session, status="draft"))
    negotiated = offer_of(await make_negotiated(session, status="draft"))
    check_shape(listed)
    check_shape(negotiated)
    with pytest.raises(MethodUnknown):
        check_shape(replace(listed, method="raffle"))
    with pytest.raises(BiddingTermsMissing) as missing:
        check_shape(replace(listed, notice_ends_at=None, step_fen=None))
    assert missing.value.missing == ["notice_ends_at", "step_fen"]
    with pytest.raises(BiddingTermsNotWanted) as unwanted:
        check_shape(replace(negotiated, deposit_fen=100, reserve_price_fen=1, priority="post"))
    assert unwanted.value.unwanted == ["deposit_fen", "priority", "reserve_price_fen"]
    with pytest.raises(BiddingTermsNotWanted):
        check_shape(replace(listed, method="auction"))
    with pytest.raises(NoticeAfterOpening):
        check_shape(replace(listed, notice_ends_at=listed.opens_at))
    with pytest.raises(OrdinaryLicenceNotBidFor):
        check_shape(replace(listed, method="auction", notice_ends_at=None, rights="ordinary"))


async def test_what_comes_first_must_lie_ahead(session: Session) -> None:
    listed = offer_of(await make_listed_price(session, status="draft"))
    negotiated = offer_of(await make_negotiated(session, status="draft"))
    assert listed.notice_ends_at is not None
    assert listed.opens_at is not None
    check_opening(listed, listed.notice_ends_at - timedelta(seconds=1))
    with pytest.raises(NoticeEndPassed):
        check_opening(listed, listed.notice_ends_at)
    with pytest.raises(OpeningPassed):
        check_opening(listed, listed.opens_at)
    check_opening(negotiated, negotiated.closes_at - timedelta(seconds=1))
    with pytest.raises(EndPassed):
        check_opening(negotiated, negotiated.closes_at)


async def test_a_draft_changes_its_method_with_its_terms(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    listing_id = await create_listing(session, seller, await make_offer(session, patent.id))
    listing = await session.get_one(Listing, listing_id)
    with pytest.raises(BiddingTermsNotWanted):
        await change_listing(session, seller, listing_id, {"method": "negotiated"})
    none = dict.fromkeys(("step_fen", "deposit_fen", "opens_at", "trigger_seconds", "extension_seconds"))
    await change_listing(session, seller, listing_id, {"method": "negotiated", **none})
    assert (listing.method, listing.step_fen, listing.trigger_seconds) == ("negotiated", None, None)
    back = {"step_fen": 100, "deposit_fen": 1000, "opens_at": listing.closes_at - timedelta(hours=24)}
    await change_listing(session, seller, listing_id, {"method": "auction", **back})
    # The board's own extension comes back with bidding.
    assert listing.trigger_seconds == 300
    await submit_listing(session, seller, listing_id)


@pytest.mark.parametrize(
    "change",
    [
        "method = 'auction', notice_ends_at = NULL",
        "notice_ends_at = notice_ends_at + interval '1 day'",
        "announced_rules = '{}'",
    ],
)
async def test_the_database_freezes_the_method_at_publication(session: Session, change: str) -> None:
    listing = await make_listed_price(session)
    with pytest.raises(DBAPIError, match=r"frozen|violates"):
        await session.execute(
            text(f"UPDATE listing SET {change} WHERE id = :id"),
            {"id": listing.id},
        )


@pytest.mark.parametrize(
    "change",
    ["step_fen = NULL", "method = 'negotiated'", "notice_ends_at = opens_at", "notice_ends_at = NULL"],
)
async def test_the_database_holds_the_terms_to_the_method(session: Session, change: str) -> None:
    listing = await make_listed_price(session, status="draft")
    with pytest.raises(DBAPIError, match="ck_listing"):
        await session.execute(
            text(f"UPDATE listing SET {change} WHERE id = :id"),
            {"id": listing.id},
        )


async def test_publication_announces_the_competition_and_schedules_none(session: Session) -> None:
    listing = await make_listed_price(session)
    assert (listing.status, listing.auction_id) == ("listed", None)
    assert (await get_announced_rules(session, None, listing.id))["sha256"] == rules_of(listing)
    sale = await make_listing(session, status="listed")
    with pytest.raises(NothingAnnounced):
        await get_announced_rules(session, None, sale.id)


async def test_a_negotiated_listing_takes_no_intents(session: Session) -> None:
    listing = await make_negotiated(session)
    with pytest.raises(NotByIntent) as refusal:
        await declare_intent(session, await make_buyer(session), listing.id, "0" * 64)
    assert "协商" in refusal.value.detail("zh")


async def _end(session: Session, listing: Listing, now_is: SetNow) -> None:
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    await session.flush()


async def test_before_the_end_of_the_notice_nothing_is_decided(session: Session) -> None:
    listing = await make_listed_price(session)
    paid = await make_intent(session, listing, status="admitted")
    assert (paid.status, paid.bidder_code) == ("paid", None)
    await end_notice(session, {"listing_id": str(listing.id)})
    assert listing.status == "listed"
    waiting = text("SELECT count(*) FROM task WHERE name = 'end_notice' AND done_at IS NULL")
    assert (await session.execute(waiting)).scalar_one() == 2


async def test_without_a_buyer_the_listing_closes(session: Session, now_is: SetNow) -> None:
    listing = await make_listed_price(session)
    submitted = await make_intent(session, listing)
    qualified = await make_intent(session, listing, status="qualified")
    await _end(session, listing, now_is)
    assert (listing.status, submitted.status, qualified.status) == ("unsold", "lost", "lost")
    assert qualified.deposit_id is not None
    assert (await get_deposit(session, qualified.deposit_id)).status == "cancelled"


async def test_the_only_buyer_has_it_at_the_listed_price(session: Session, now_is: SetNow) -> None:
    seller = await make_seller(session)
    listing = await make_listed_price(session, seller=seller)
    paid = await make_intent(session, listing, status="admitted")
    unpaid = await make_intent(session, listing, status="qualified")
    await _end(session, listing, now_is)
    assert (listing.status, paid.status, unpaid.status) == ("sold", "won", "lost")
    deal = (await session.execute(select(Deal).where(Deal.listing_id == listing.id))).scalar_one()
    assert (deal.method, deal.price_fen, deal.auction_id) == ("listed", listing.start_price_fen, None)
    assert (deal.deposit_id, deal.buyer_id) == (paid.deposit_id, paid.buyer_id)
    assert await get_balance(session, Account(AccountKind.PRICE_ESCROW, deal_id=deal.id)) == -1_000_000
    document = deal.confirmation
    assert (document["record"], document["bids"], document["method"]) == (None, 0, "listed")
    assert document["remaining_fen"] == 9_000_000
    assert render_confirmation(deal, OFFICE.exchange_zh).startswith(b"%PDF")
    view = await get_deal_view(session, seller, deal.id)
    assert view.deposit is not None
    # A second run finds it decided.
    await end_notice(session, {"listing_id": str(listing.id)})


async def test_two_buyers_compete_as_announced(session: Session, now_is: SetNow) -> None:
    listing = await make_listed_price(session)
    first = await make_intent(session, listing, status="admitted")
    second = await make_intent(session, listing, status="admitted")
    unpaid = await make_intent(session, listing, status="qualified")
    await _end(session, listing, now_is)
    assert listing.status == "listed"
    auction = await session.get_one(Auction, listing.auction_id)
    assert auction.rules["sha256"] == first.rules_sha256 == rules_of(listing)
    assert auction.opens_at == listing.opens_at
    admitted = await session.execute(select(Admission.party_id).where(Admission.auction_id == auction.id))
    assert set(admitted.scalars()) == {first.buyer_id, second.buyer_id}
    assert {first.status, second.status, unpaid.status} == {"admitted", "lost"}
    assert first.bidder_code != second.bidder_code
    auction_id, deposit_id = auction.id, unpaid.deposit_id
    await close_sale(session, listing, second, 12_000_000)
    await award_auction(session, {"auction_id": str(auction_id)})
    deal = (await session.execute(select(Deal).where(Deal.listing_id == listing.id))).scalar_one()
    assert (deal.method, deal.auction_id, deal.price_fen) == ("listed", auction_id, 12_000_000)
    assert deal.confirmation["method_zh"].startswith("挂牌价，")
    assert deposit_id is not None
    assert (await get_deposit(session, deposit_id)).status == "cancelled"


async def test_a_missed_opening_sends_nobody_to_other_terms(session: Session, now_is: SetNow) -> None:
    listing = await make_listed_price(session)
    paid = [await make_intent(session, listing, status="admitted") for _ in range(2)]
    assert listing.opens_at is not None
    await now_is(session, listing.opens_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    assert (listing.status, [intent.status for intent in paid]) == ("terminated", ["lost", "lost"])
    deposits = [await get_deposit(session, intent.deposit_id) for intent in paid if intent.deposit_id]
    assert [deposit.status for deposit in deposits] == ["released", "released"]


async def test_nobody_comes_in_from_the_end_of_the_notice_on(session: Session, now_is: SetNow) -> None:
    listing = await make_listed_price(session)
    submitted = await make_intent(session, listing)
    qualified = await make_intent(session, listing, status="qualified")
    buyer = await make_buyer(session)
    finance, reviewer = await make_caller(session, Role.FINANCE), await make_caller(session, Role.REVIEWER)
    assert qualified.deposit_id is not None
    line = await make_line(session, await get_deposit(session, qualified.deposit_id))
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at)
    for act in (
        declare_intent(session, buyer, listing.id, rules_of(listing)),
        qualify_intent(session, reviewer, submitted.id, "qualify"),
        confirm_receipt(session, finance, qualified.deposit_id, line),
    ):
        with pytest.raises(NoticeOver) as refusal:
            await act
        assert refusal.value.ended_at == listing.notice_ends_at
    await now_is(session, listing.notice_ends_at - timedelta(microseconds=1))
    await confirm_receipt(session, finance, qualified.deposit_id, line)
    assert (qualified.status, qualified.bidder_code) == ("paid", None)


async def test_the_worker_knows_the_task(session: Session) -> None:
    listing = await make_listed_price(session)
    query = text("SELECT run_at FROM task WHERE name = 'end_notice' AND payload->>'listing_id' = :id")
    due = (await session.execute(query, {"id": str(listing.id)})).scalar_one()
    assert due == listing.notice_ends_at
    assert due > await market_now(session)
    assert notice_end.END_OF_NOTICE == "end_notice"


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "negotiated"},
        {"deposit_id": None, "auction_id": None},
        {"method": "listed", "deposit_id": None},
    ],
)
async def test_the_database_holds_a_deal_to_its_method(session: Session, wrong: dict[str, Any]) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="admitted")
    await close_sale(session, listing, intent, 12_800_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    await session.execute(text("ALTER TABLE deal DISABLE TRIGGER deal_append_only"))
    with pytest.raises(DBAPIError, match="ck_deal_method"):
        await session.execute(update(Deal).where(Deal.listing_id == listing.id).values(**wrong))
