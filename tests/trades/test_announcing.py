"""A listing changed and announced anew, prolonged by its clause, and listed anew when it found nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.auction.closing import advance_auction
from app.auction.models import Auction
from app.calendar_days import Period, Unit, period_end
from app.clock import market_now
from app.holidays import read_calendar
from app.payments.queries import get_deposit
from app.trades.admission import confirm_receipt
from app.trades.award import award_auction
from app.trades.boards import list_boards, read_board
from app.trades.bulletins import list_bulletins, times_of
from app.trades.confirming import confirm_intent, end_confirming
from app.trades.errors import BoardUnknown, ListingStateForbids, NotTheSeller, RulesNotAccepted
from app.trades.errors_lifecycle import (
    ApprovalNeeded,
    BoardDoesNotAdmit,
    DeadlineTooEarly,
    FrozenAfterPublication,
    NotConfirmed,
    NothingChanged,
    NothingToConfirm,
    NoticeTooShort,
    NotRelistable,
    PetitionDecided,
    PetitionOpen,
    ProlongationOutOfRange,
)
from app.trades.errors_rights import RightsNotDeclared
from app.trades.halting import resume_listing
from app.trades.intents import qualify_intent
from app.trades.lifecycle_queries import get_course
from app.trades.listings import change_listing, create_listing, submit_listing
from app.trades.models import Listing
from app.trades.notice_end import end_notice
from app.trades.petitions import ask_desk, decide_petition
from app.trades.relisting import relist
from app.trades.terminating import terminate_listing
from tests.make_accounts import make_caller
from tests.make_lifecycle import SAID, fresh, make_desk, suspend
from tests.make_payments import make_line
from tests.make_trades import (
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
    from datetime import datetime

    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow

WORDS = {"description": "补充披露：样机已在两地试用一年，运行正常。"}


async def announce(session: Session, seller: Caller, listing: Listing, changes: dict[str, Any]) -> Listing:
    """The listing after its seller asked for changes and the desk approved them."""
    asked = await ask_desk(session, seller, listing.id, "change", SAID, changes)
    await decide_petition(session, await make_desk(session), listing.id, asked, approves=True)
    return await fresh(session, listing)


async def pay(session: Session, deposit_id: Any) -> None:
    """Finance confirms a deposit."""
    line = await make_line(session, await get_deposit(session, deposit_id))
    await confirm_receipt(session, await make_caller(session, Role.FINANCE), deposit_id, line)


async def test_a_change_begins_the_notice_again_and_asks_everybody_anew(
    session: Session, now_is: SetNow
) -> None:
    began = await market_now(session)
    await now_is(session, began)
    seller = await make_seller(session)
    listing = await make_listing(session, status="listed", seller=seller)
    stays = await make_intent(session, listing, status="admitted")
    silent = await make_intent(session, listing, status="admitted")
    due = await make_intent(session, listing, status="qualified")
    waiting = await make_intent(session, listing)
    first_sale, before = listing.auction_id, times_of(listing)
    later = began + timedelta(minutes=20)
    await now_is(session, later)
    listing = await announce(session, seller, listing, {**WORDS, "start_price_fen": 12_000_000})
    assert (listing.status, listing.announcement, listing.version) == ("listed", 2, 2)
    assert listing.start_price_fen == 12_000_000
    assert times_of(listing).deadline_at == later + (before.deadline_at - began)
    old = await session.get_one(Auction, first_sale, populate_existing=True)
    new = await session.get_one(Auction, listing.auction_id, populate_existing=True)
    assert (old.phase, new.phase, new.opens_at) == ("void", "scheduled", listing.opens_at)
    for intent in (stays, silent):
        await session.refresh(intent)
        assert (intent.status, intent.bidder_code) == ("paid", None)
    with pytest.raises(NotConfirmed):
        await qualify_intent(session, await make_desk(session), waiting.id, "qualify")
    with pytest.raises(NotConfirmed):
        await pay(session, due.deposit_id)
    buyer = await caller_of(session, stays.buyer_id)
    with pytest.raises(RulesNotAccepted):
        await confirm_intent(session, buyer, stays.id, stays.rules_sha256)
    await confirm_intent(session, buyer, stays.id, rules_of(listing))
    await session.refresh(stays)
    assert (stays.status, stays.announcement) == ("admitted", 2)
    assert stays.bidder_code is not None
    with pytest.raises(NothingToConfirm):
        await confirm_intent(session, buyer, stays.id, rules_of(listing))
    # Before the deadline nobody is out; at it whoever was silent is, with the deposit back.
    await end_confirming(session, {"listing_id": str(listing.id)})
    assert listing.opens_at is not None
    await now_is(session, listing.opens_at)
    await end_confirming(session, {"listing_id": str(listing.id)})
    for intent, status in ((stays, "admitted"), (silent, "lost"), (due, "lost"), (waiting, "lost")):
        await session.refresh(intent)
        assert intent.status == status
    deposits = [await get_deposit(session, one.deposit_id) for one in (stays, silent, due) if one.deposit_id]
    assert [one.status for one in deposits] == ["held", "released", "cancelled"]
    last = (await list_bulletins(session, listing.id))[-1]
    assert last.changes["start_price_fen"] == [10_000_000, 12_000_000]


async def caller_of(session: Session, organisation_id: Any) -> Caller:
    """Somebody who buys for an organisation."""
    organisation = await session.get_one(Organisation, organisation_id)
    return await make_caller(session, Role.BIDDER, organisation=organisation)


async def test_a_listed_price_is_in_its_notice_again_and_unconfirmed_money_does_not_count(
    session: Session, now_is: SetNow
) -> None:
    seller = await make_seller(session)
    listing = await make_listed_price(session, seller=seller)
    one = await make_intent(session, listing, status="admitted")
    other = await make_intent(session, listing, status="admitted")
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    listing = await fresh(session, listing)
    in_competition = listing.auction_id
    assert in_competition is not None
    listing = await announce(session, seller, listing, WORDS)
    assert listing.auction_id is None
    await award_auction(session, {"auction_id": str(in_competition)})
    assert (await fresh(session, listing)).status == "listed"
    await confirm_intent(session, await caller_of(session, one.buyer_id), one.id, rules_of(listing))
    await session.refresh(one)
    assert one.status == "paid"
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    for intent, status in ((one, "won"), (other, "lost")):
        await session.refresh(intent)
        assert intent.status == status
    assert (await fresh(session, listing)).status == "sold"


async def test_how_it_is_sold_never_changes_and_nothing_is_no_change(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="listed", seller=seller)
    with pytest.raises(FrozenAfterPublication) as refused:
        await ask_desk(
            session, seller, listing.id, "change", SAID, {"method": "negotiated", "format": "dutch"}
        )
    assert "交易方式" in refused.value.detail("zh")
    for changes in ({}, {"description": listing.description}):
        with pytest.raises(NothingChanged):
            await ask_desk(session, seller, listing.id, "change", SAID, changes)
    assert listing.opens_at is not None
    sooner = {"opens_at": listing.opens_at - timedelta(minutes=30)}
    with pytest.raises(DeadlineTooEarly):
        await ask_desk(session, seller, listing.id, "change", SAID, sooner)
    with pytest.raises(NotTheSeller):
        await ask_desk(session, await make_seller(session), listing.id, "suspend", SAID)


async def test_a_petition_waits_for_the_desk_and_is_decided_once(session: Session) -> None:
    seller, desk = await make_seller(session), await make_desk(session)
    listing = await make_negotiated(session, seller=seller)
    asked = await ask_desk(session, seller, listing.id, "suspend", SAID)
    with pytest.raises(PetitionOpen):
        await ask_desk(session, seller, listing.id, "terminate", SAID)
    await decide_petition(session, desk, listing.id, asked, approves=False, reason="请补交内部决策文件。")
    with pytest.raises(PetitionDecided):
        await decide_petition(session, desk, listing.id, asked, approves=True)
    again = await ask_desk(session, seller, listing.id, "suspend", SAID)
    await decide_petition(session, desk, listing.id, again, approves=True)
    assert (await fresh(session, listing)).status == "suspended"
    assert (await list_bulletins(session, listing.id))[0].petition_id == again
    with pytest.raises(ListingStateForbids):
        await ask_desk(session, seller, listing.id, "change", SAID, WORDS)
    last = await ask_desk(session, seller, listing.id, "terminate", SAID)
    await decide_petition(session, desk, listing.id, last, approves=True)
    ended = (await list_bulletins(session, listing.id))[-1]
    assert (ended.kind, ended.ground, ended.petition_id) == ("terminated", "withdrawal", last)


async def test_a_petition_lapses_with_its_listing(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_negotiated(session, seller=seller)
    await ask_desk(session, seller, listing.id, "suspend", SAID)
    await terminate_listing(session, await make_desk(session), listing.id, SAID, ground="obstacle")
    found = await session.execute(text("SELECT decision FROM listing_petition"))
    assert found.scalars().all() == ["lapse"]


async def next_deadline(session: Session, now: datetime) -> datetime:
    """The end of five working days."""
    return period_end(now, Period(5, Unit.WORKING_DAY), await read_calendar(session))


@pytest.mark.parametrize("method", ["listed", "negotiated"])
async def test_who_found_nobody_is_prolonged_as_announced_and_then_closed(
    session: Session, now_is: SetNow, method: str
) -> None:
    make = make_listed_price if method == "listed" else make_negotiated
    listing = await make(session, prolong_count=5, prolong_times=2)
    for used in (1, 2):
        now = times_of(listing).deadline_at
        await now_is(session, now)
        await end_notice(session, {"listing_id": str(listing.id)})
        listing = await fresh(session, listing)
        assert (listing.status, times_of(listing).deadline_at) == (
            "listed",
            await next_deadline(session, now),
        )
        assert len(await list_bulletins(session, listing.id)) == used
    await now_is(session, times_of(listing).deadline_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    assert (await fresh(session, listing)).status == "unsold"


async def test_a_sale_to_which_nobody_was_admitted_is_held_again_as_announced(
    session: Session, now_is: SetNow
) -> None:
    listing = await make_listing(session, status="listed", prolong_count=5, prolong_times=1)
    due = await make_intent(session, listing, status="qualified")
    sales = []
    for _ in range(2):
        sales.append(listing.auction_id)
        await now_is(session, listing.closes_at)
        assert listing.auction_id is not None
        await advance_auction(session, listing.auction_id)
        await award_auction(session, {"auction_id": str(sales[-1])})
        # A second run finds another sale in its place.
        await award_auction(session, {"auction_id": str(sales[0])})
        listing = await fresh(session, listing)
        if len(sales) == 1:
            assert (listing.status, listing.opens_at) == (
                "listed",
                await next_deadline(session, await market_now(session)),
            )
            await session.refresh(due)
            assert due.status == "qualified"
    assert len(set(sales)) == 2
    assert listing.status == "unsold"


async def test_the_clause_is_as_long_as_the_board_asks(session: Session) -> None:
    clauses: list[dict[str, Any]] = [
        {"prolong_count": 4, "prolong_times": 1},
        {"prolong_count": 5},
        {"prolong_times": 1},
    ]
    for clause in clauses:
        with pytest.raises(ProlongationOutOfRange):
            await make_negotiated(session, **clause)
    # On the demonstration's board the same number is seconds.
    await make_negotiated(session, board="demo", prolong_count=5, prolong_times=12)


async def test_what_found_no_buyer_is_listed_anew_and_linked(session: Session, now_is: SetNow) -> None:
    seller = await make_seller(session)
    listing = await make_negotiated(session, seller=seller)
    with pytest.raises(NotRelistable):
        await relist(session, seller, listing.id)
    await now_is(session, listing.closes_at + timedelta(days=3))
    await end_notice(session, {"listing_id": str(listing.id)})
    with pytest.raises(NotTheSeller):
        await relist(session, await make_seller(session), listing.id)
    draft_id = await relist(session, seller, listing.id)
    draft = await session.get_one(Listing, draft_id)
    assert (draft.status, draft.former_id, draft.title) == ("draft", listing.id, listing.title)
    assert draft.closes_at > await market_now(session)
    anew = {"start_price_fen": 5_000_000}
    await change_listing(session, seller, draft_id, anew)
    # What stands in the way is declared for each listing anew.
    with pytest.raises(RightsNotDeclared):
        await submit_listing(session, seller, draft_id)
    await change_listing(session, seller, draft_id, {"rights_declared": True})
    # A private seller prices as he likes.
    await submit_listing(session, seller, draft_id)
    course = await get_course(session, seller, draft_id)
    assert course.former is not None
    assert course.former.id == listing.id
    assert (await get_course(session, None, listing.id)).follower is None


async def test_a_state_owned_seller_needs_an_approval_below_nine_tenths(
    session: Session, now_is: SetNow
) -> None:
    seller = await make_seller(session)
    await session.execute(
        update(Organisation).where(Organisation.id == seller.organisation_id).values(regime="soe")
    )
    listing = await make_listed_price(session, seller=seller)
    await terminate_listing(session, await make_desk(session), listing.id, SAID, ground="withdrawal")
    draft_id = await relist(session, seller, listing.id)
    await change_listing(
        session,
        seller,
        draft_id,
        {"start_price_fen": 8_999_999, "deposit_fen": 100_000, "rights_declared": True},
    )
    with pytest.raises(ApprovalNeeded) as refused:
        await submit_listing(session, seller, draft_id)
    assert (refused.value.lowest_fen, refused.value.percent) == (9_000_000, "90")
    await change_listing(session, seller, draft_id, {"approval_ref": "某国资〔2026〕12号"})
    await submit_listing(session, seller, draft_id)
    del now_is


async def test_a_board_admits_what_its_rows_say(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    with pytest.raises(BoardUnknown):
        await create_listing(session, seller, await make_offer(session, patent.id, board="moon"))
    private = await make_listing(session, board="state")
    with pytest.raises(BoardDoesNotAdmit) as refused:
        await submit_listing(session, await caller_of_seller(session, private.seller_id), private.id)
    assert refused.value.board == "state"
    await session.execute(
        update(Organisation).where(Organisation.id == seller.organisation_id).values(regime="state_research")
    )
    with pytest.raises(NoticeTooShort):
        await make_listing(session, board="state", status="listed", seller=seller)
    now = await market_now(session)
    opens_at = now + timedelta(days=40)
    times = {"opens_at": opens_at, "closes_at": opens_at + timedelta(days=1)}
    listed = await make_listing(session, board="state", status="listed", seller=seller, **times)
    assert listed.status == "listed"
    today = now.date()
    assert (await read_board(session, "demo", on=today)).sellers == (
        await read_board(session, "standard", on=today)
    ).sellers
    assert (await list_boards(session))[0].key == "standard"


async def caller_of_seller(session: Session, organisation_id: Any) -> Caller:
    """Somebody who sells for an organisation."""
    organisation = await session.get_one(Organisation, organisation_id)
    return await make_caller(session, Role.SELLER, organisation=organisation)


async def test_a_resumed_listing_asks_again_at_its_new_deadline(session: Session, now_is: SetNow) -> None:
    seller = await make_seller(session)
    listing = await make_listed_price(session, seller=seller)
    silent = await make_intent(session, listing, status="admitted")
    listing = await announce(session, seller, listing, WORDS)
    listing = await suspend(session, listing)
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at)
    await end_confirming(session, {"listing_id": str(listing.id)})
    await session.refresh(silent)
    assert silent.status == "paid"
    await resume_listing(session, await make_desk(session), listing.id, SAID)
    listing = await fresh(session, listing)
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at)
    await end_confirming(session, {"listing_id": str(listing.id)})
    await session.refresh(silent)
    assert silent.status == "lost"
