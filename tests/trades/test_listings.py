"""A listing from its draft to its publication, on the real database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.auction.models import Auction
from app.audit import AuditRecord
from app.catalog.errors import PatentMissing
from app.catalog.models import Patent
from app.clock import market_now, to_shanghai
from app.ids import uuid7
from app.lists import Asked
from app.trades.checks import review_checks
from app.trades.errors import (
    BoardUnknown,
    ChecksFailed,
    ListingChanged,
    ListingMissing,
    ListingStateForbids,
    NotTheSeller,
    OpeningPassed,
    PatentAlreadyListed,
    PatentAlreadySold,
    PatentExpired,
    PatentNotOwned,
    PatentWithoutApplicant,
    ReservedWord,
    TextOutOfRange,
)
from app.trades.listings import change_listing, create_listing, submit_listing
from app.trades.models import Listing, ListingReview
from app.trades.publication import publish_listing
from app.trades.queries import ListingFilter, get_listing_view, list_listings, shown_reserve
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_trades import bidding_terms, make_deal, make_listing, make_offer, make_patent_of, make_seller

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

RESERVE_FEN = 12_345_600


async def test_a_draft_gets_a_number_of_its_year_and_the_boards_extension(session: Session) -> None:
    first, second = await make_listing(session), await make_listing(session)
    year = to_shanghai(await market_now(session)).year
    assert first.listing_no.startswith(f"T{year}-")
    assert int(second.listing_no[-4:]) == int(first.listing_no[-4:]) + 1
    assert (first.status, first.version, first.board) == ("draft", 1, "standard")
    assert (first.trigger_seconds, first.extension_seconds) == (300, 300)
    assert first.title == "一种虚构的温控装置"


async def test_the_whole_way_to_publication_schedules_the_sale(session: Session) -> None:
    listing = await make_listing(session, status="listed", reserve_price_fen=RESERVE_FEN)
    assert listing.status == "listed"
    assert listing.published_at is not None
    auction = await session.get_one(Auction, listing.auction_id)
    assert auction.terms["has_reserve"] is True
    assert (auction.listing_no, auction.phase) == (listing.listing_no, "scheduled")
    reviews = (await session.execute(select(ListingReview))).scalars().all()
    assert [review.decision for review in reviews] == ["accept"]
    assert len(reviews[0].checks) == 14


async def test_the_reserve_is_in_no_audit_record_and_no_review(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="accepted", seller=seller, reserve_price_fen=RESERVE_FEN)
    reviewer = await make_caller(session, Role.REVIEWER)
    await review_listing(session, reviewer, listing.id, "return", "请补交定价依据。")
    await change_listing(session, seller, listing.id, {"reserve_price_fen": RESERVE_FEN + 100})
    told = [str(row.detail) for row in (await session.execute(select(AuditRecord))).scalars()]
    told += [str(row.checks) for row in (await session.execute(select(ListingReview))).scalars()]
    for amount in (RESERVE_FEN, RESERVE_FEN + 100):
        assert not any(str(amount) in text_ or f"{amount / 100:,.2f}" in text_ for text_ in told)


async def test_only_the_seller_reads_the_reserve_before_the_close(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="listed", seller=seller, reserve_price_fen=RESERVE_FEN)
    callers = [
        await make_caller(session, role)
        for role in (Role.REVIEWER, Role.SUPERVISOR, Role.HOST, Role.BIDDER, Role.SELLER)
    ]
    assert shown_reserve(seller, listing) == RESERVE_FEN
    for caller in [None, *callers]:
        assert shown_reserve(caller, listing) is None
        view = await get_listing_view(session, caller, listing.id)
        assert view.reserve_price_fen is None


async def test_somebody_elses_patent_cannot_be_listed(session: Session) -> None:
    seller = await make_seller(session)
    foreign = await make_patent_of(session, (await make_seller(session)).organisation_id)
    with pytest.raises(PatentMissing):
        await create_listing(session, seller, await make_offer(session, foreign.id))
    catalogue = await make_patent_of(session, seller.organisation_id, owner_organisation_id=None)
    with pytest.raises(PatentNotOwned):
        await create_listing(session, seller, await make_offer(session, catalogue.id))


async def test_a_patent_past_its_term_is_refused_with_its_last_day(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(
        session, seller.organisation_id, patent_type="utility_model", filing_on=date(2010, 5, 4)
    )
    with pytest.raises(PatentExpired, match="2020-05-04"):
        await create_listing(session, seller, await make_offer(session, patent.id))


async def test_a_patent_without_an_applicant_is_not_submitted(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(
        session, seller.organisation_id, applicant=None, marks=["applicant_withheld"]
    )
    listing = await make_listing(session, seller=seller, patent_id=patent.id)
    with pytest.raises(PatentWithoutApplicant, match="845"):
        await submit_listing(session, seller, listing.id)


async def test_a_patent_is_listed_once_at_a_time(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller)
    with pytest.raises(PatentAlreadyListed):
        await make_listing(session, seller=seller, patent_id=listing.patent_id)


async def test_a_sold_patent_is_not_listed_again_outside_a_demonstration(session: Session) -> None:
    seller = await make_seller(session)
    deal = await make_deal(session, seller=seller)
    sold = await session.get_one(Listing, deal.listing_id)
    again = await make_listing(session, seller=seller, patent_id=sold.patent_id)
    assert again.status == "draft"
    await _unmark(session)
    other = await make_deal(session, seller=seller)
    sold = await session.get_one(Listing, other.listing_id)
    with pytest.raises(PatentAlreadySold, match=sold.listing_no):
        await make_listing(session, seller=seller, patent_id=sold.patent_id)


async def _unmark(session: Session) -> None:
    """Takes the demonstration's mark away, which only a test can, in its own transaction."""
    await session.execute(text("ALTER TABLE deployment DISABLE TRIGGER ALL"))
    await session.execute(text("UPDATE deployment SET is_demonstration = false"))


async def test_the_demonstration_board_exists_only_under_the_mark(session: Session) -> None:
    now = await market_now(session)
    short: dict[str, Any] = {
        "board": "demo",
        "opens_at": now + timedelta(seconds=1),
        "closes_at": now + timedelta(seconds=9),
    }
    listing = await make_listing(session, **short)
    assert (listing.is_demonstration, listing.trigger_seconds) == (True, 5)
    await _unmark(session)
    with pytest.raises(BoardUnknown):
        await make_listing(session, **short)
    assert (await make_listing(session)).is_demonstration is False


async def test_a_licensed_word_is_refused(session: Session) -> None:
    with pytest.raises(ReservedWord):
        await make_listing(session, description="本专利将以拍卖方式转让，欢迎参加。")


async def test_a_change_is_for_drafts_and_returned_listings(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller)
    await change_listing(session, seller, listing.id, {"title": "  改过的标题 "}, seen_version=1)
    assert (listing.title, listing.version) == ("改过的标题", 2)
    with pytest.raises(ListingChanged):
        await change_listing(session, seller, listing.id, {"title": "又改"}, seen_version=1)
    await submit_listing(session, seller, listing.id)
    with pytest.raises(ListingStateForbids) as refusal:
        await change_listing(session, seller, listing.id, {"title": "又改一次"})
    assert refusal.value.possible == ["accept", "return"]


async def test_a_stranger_finds_no_draft_and_may_not_touch_a_listed_one(session: Session) -> None:
    stranger = await make_seller(session)
    draft = await make_listing(session)
    listed = await make_listing(session, status="listed")
    for act in (submit_listing(session, stranger, draft.id), submit_listing(session, stranger, uuid7())):
        with pytest.raises(ListingMissing):
            await act
    with pytest.raises(NotTheSeller):
        await submit_listing(session, stranger, listed.id)
    with pytest.raises(ListingMissing):
        await get_listing_view(session, stranger, draft.id)
    with pytest.raises(ListingMissing):
        await get_listing_view(session, None, draft.id)


async def test_a_colleague_without_the_role_is_told_so(session: Session) -> None:
    seller = await make_seller(session)
    draft = await make_listing(session, seller=seller)
    owner = (await get_listing_view(session, seller, draft.id)).seller
    colleague = await make_caller(session, Role.BIDDER, organisation=owner)
    with pytest.raises(NotPermitted):
        await submit_listing(session, colleague, draft.id)
    with pytest.raises(NotPermitted):
        await get_listing_view(session, colleague, draft.id)


async def test_a_seller_cannot_review_or_publish(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="in_review", seller=seller)
    with pytest.raises(NotPermitted):
        await review_listing(session, seller, listing.id, "accept")
    with pytest.raises(NotPermitted):
        await publish_listing(session, seller, listing.id)
    with pytest.raises(NotPermitted):
        await review_checks(session, seller, listing.id)


async def test_a_listing_is_returned_only_with_a_reason_that_the_seller_reads(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="in_review", seller=seller)
    reviewer = await make_caller(session, Role.REVIEWER)
    with pytest.raises(TextOutOfRange):
        await review_listing(session, reviewer, listing.id, "return", " 不行 ")
    await review_listing(session, reviewer, listing.id, "return", "请补交定价依据。")
    assert listing.status == "returned"
    assert (await get_listing_view(session, seller, listing.id)).review_reason == "请补交定价依据。"
    await submit_listing(session, seller, listing.id)
    assert listing.status == "in_review"


async def test_a_failing_check_stops_acceptance_and_publication(session: Session, now_is: SetNow) -> None:
    listing = await make_listing(session, status="in_review")
    accepted = await make_listing(session, status="accepted")
    reviewer = await make_caller(session, Role.REVIEWER)
    await now_is(session, bidding_terms(listing).opens_at + timedelta(minutes=5))
    with pytest.raises(ChecksFailed) as refusal:
        await review_listing(session, reviewer, listing.id, "accept")
    assert refusal.value.failed == ["schedule"]
    with pytest.raises(OpeningPassed):
        await publish_listing(session, reviewer, accepted.id)
    await review_listing(session, reviewer, accepted.id, "return", "开始时间已过，请改期。")
    assert accepted.status == "returned"


async def test_an_expired_patent_fails_its_check_naming_the_day(session: Session) -> None:
    listing = await make_listing(session, status="in_review")
    await session.execute(
        update(Patent).where(Patent.id == listing.patent_id).values(filing_on=date(2001, 2, 3))
    )
    reviewer = await make_caller(session, Role.REVIEWER)
    checks = {check.key: check for check in await review_checks(session, reviewer, listing.id)}
    assert checks["term"].outcome == "fail"
    assert "2021-02-03" in checks["term"].fact_zh
    assert checks["number"].outcome == "pass"
    assert {checks[key].outcome for key in ("legal_status", "title", "secrecy")} == {"look"}
    with pytest.raises(ChecksFailed, match="2021-02-03"):
        await review_listing(session, reviewer, listing.id, "accept")


async def test_a_published_listing_is_not_published_again(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    with pytest.raises(ListingStateForbids):
        await publish_listing(session, await make_caller(session, Role.REVIEWER), listing.id)


async def test_who_sees_which_listings(session: Session) -> None:
    seller = await make_seller(session)
    draft = await make_listing(session, seller=seller)
    listed = await make_listing(session, status="listed", seller=seller)
    everything = ListingFilter()

    async def seen(caller: Any, wanted: ListingFilter = everything, words: str = "") -> set[Any]:
        found = await list_listings(session, caller, wanted, Asked(words=words))
        return {view.listing.id for view in found}

    assert await seen(None) == {listed.id}
    assert await seen(await make_seller(session)) == {listed.id}
    assert await seen(seller) == {draft.id, listed.id}
    assert await seen(await make_caller(session, Role.REVIEWER)) == {draft.id, listed.id}
    assert await seen(await make_caller(session, Role.FINANCE)) == {listed.id}
    assert await seen(seller, ListingFilter(statuses=("draft",), is_mine=True)) == {draft.id}
    assert await seen(seller, words=draft.listing_no.lower()) == {draft.id}
    assert await seen(None, words="100%") == set()
    assert await seen(None, ListingFilter(ipc=("H04", "g05d 23"))) == {listed.id}
    assert await seen(None, ListingFilter(ipc=("H04",))) == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE listing SET start_price_fen = start_price_fen + 1",
        "UPDATE listing SET reserve_price_fen = start_price_fen",
        "UPDATE listing SET closes_at = closes_at + interval '1 day'",
        "UPDATE listing SET status = 'draft', auction_id = NULL, published_at = NULL",
        "UPDATE listing SET listing_no = 'T2026-9999'",
        "DELETE FROM listing",
        "UPDATE listing_review SET reason = 'x'",
        "DELETE FROM listing_review",
    ],
)
async def test_the_database_keeps_what_was_listed(session: Session, statement: str) -> None:
    await make_listing(session, status="listed")
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))
