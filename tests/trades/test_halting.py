"""Suspending, resuming and terminating a listing: what stands still meanwhile, how long, and what becomes of everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.auction.closing import advance_auction
from app.auction.models import Admission, Auction
from app.auction.voiding import SaleHasOpened, SaleIsOver
from app.audit import AuditRecord
from app.calendar_days import Period, Unit, period_end
from app.clock import market_now
from app.holidays import read_calendar
from app.payments.queries import get_deposit
from app.trades.admission import confirm_receipt
from app.trades.award import award_auction
from app.trades.bulletins import Said, list_bulletins, times_of
from app.trades.errors import ListingNotOpenToBuyers, ListingStateForbids, TextOutOfRange
from app.trades.errors_lifecycle import DeadlineOver, DeadlineTooEarly, NothingToWithdraw
from app.trades.halting import end_suspension, find_earliest_deadline, resume_listing, suspend_listing
from app.trades.intents import declare_intent, qualify_intent
from app.trades.models import Deal, Listing
from app.trades.negotiating import OfferTerms
from app.trades.notice_end import end_notice
from app.trades.rooms import accept_offer, make_offer, open_room
from app.trades.terminating import terminate_listing
from tests.make_accounts import make_caller
from tests.make_lifecycle import SAID, fresh, make_desk, suspend
from tests.make_payments import make_line
from tests.make_trades import (
    make_buyer,
    make_intent,
    make_listed_price,
    make_listing,
    make_negotiated,
    make_seller,
    rules_of,
)

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

MAKERS = {"auction": make_listing, "listed": make_listed_price, "negotiated": make_negotiated}


async def make(session: Session, method: str, **over: Any) -> Listing:
    """A published listing of one of the three methods."""
    return await MAKERS[method](session, status="listed", **over)


@pytest.mark.parametrize("method", MAKERS)
async def test_a_listing_is_suspended_and_resumed_with_its_whole_notice(
    session: Session, now_is: SetNow, method: str
) -> None:
    began = await market_now(session)
    await now_is(session, began)
    listing = await make(session, method)
    desk = await make_desk(session)
    before = times_of(listing)
    await now_is(session, began + timedelta(minutes=10))
    await suspend_listing(session, desk, listing.id, SAID)
    listing = await fresh(session, listing)
    assert listing.status == "suspended"
    assert times_of(listing) == before
    stopped_for = timedelta(days=20)
    now = began + timedelta(minutes=10) + stopped_for
    await now_is(session, now)
    # Ten working days are more than what was left of the notice.
    earliest = period_end(now, Period(10, Unit.WORKING_DAY), await read_calendar(session))
    assert await find_earliest_deadline(session, listing) == earliest
    with pytest.raises(DeadlineTooEarly):
        await resume_listing(session, desk, listing.id, SAID, deadline_at=earliest - timedelta(seconds=1))
    await resume_listing(session, desk, listing.id, SAID)
    listing = await fresh(session, listing)
    after = times_of(listing)
    assert (listing.status, after.deadline_at) == ("listed", earliest)
    assert after.closes_at - after.deadline_at == before.closes_at - before.deadline_at
    first, second = await list_bulletins(session, listing.id)
    assert (first.kind, first.reason_zh, first.deadline_before) == (
        "suspended",
        SAID.reason_zh,
        before.deadline_at,
    )
    assert first.until_at == period_end(first.at, Period(1, Unit.MONTH), await read_calendar(session))
    assert (second.kind, second.deadline_after, second.until_at) == ("resumed", earliest, None)


async def test_a_short_stop_of_a_long_notice_leaves_what_was_left_of_it(
    session: Session, now_is: SetNow
) -> None:
    began = await market_now(session)
    await now_is(session, began)
    listing = await make_negotiated(session, closes_at=began + timedelta(days=60))
    await now_is(session, began + timedelta(days=10))
    listing = await suspend(session, listing)
    await now_is(session, began + timedelta(days=13))
    assert await find_earliest_deadline(session, listing) == began + timedelta(days=63)


async def test_a_sale_that_is_called_off_gives_its_place_and_its_buyers_to_another(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    paid = await make_intent(session, listing, status="admitted")
    due = await make_intent(session, listing, status="qualified")
    first_sale = listing.auction_id
    assert first_sale is not None
    listing = await suspend(session, listing)
    auction = await session.get_one(Auction, first_sale, populate_existing=True)
    assert (auction.phase, listing.auction_id) == ("void", first_sale)
    await session.refresh(paid)
    assert (paid.status, paid.bidder_code, paid.admitted_at) == ("paid", None, None)
    # What follows every end finds the listing suspended, now and when it is resumed.
    await award_auction(session, {"auction_id": str(first_sale)})
    assert (await fresh(session, listing)).status == "suspended"
    await resume_listing(session, await make_desk(session), listing.id, SAID)
    listing = await fresh(session, listing)
    await award_auction(session, {"auction_id": str(first_sale)})
    assert (await fresh(session, listing)).status == "listed"
    assert listing.auction_id not in {None, first_sale}
    second = await session.get_one(Auction, listing.auction_id, populate_existing=True)
    assert (second.phase, second.opens_at, second.listing_id) == ("scheduled", listing.opens_at, listing.id)
    await session.refresh(paid)
    await session.refresh(due)
    assert (paid.status, due.status) == ("admitted", "qualified")
    codes = (
        (await session.execute(select(Admission.code).where(Admission.auction_id == listing.auction_id)))
        .scalars()
        .all()
    )
    assert codes == [paid.bidder_code]
    assert paid.deposit_id is not None
    assert (await get_deposit(session, paid.deposit_id)).status == "held"


async def test_while_it_is_suspended_nobody_comes_in_pays_or_agrees(session: Session, now_is: SetNow) -> None:
    listing = await make_listed_price(session)
    waiting = await make_intent(session, listing)
    due = await make_intent(session, listing, status="qualified")
    wanted = rules_of(listing)
    room_listing = await make_negotiated(session)
    room_id = await open_room(session, buyer := await make_buyer(session), room_listing.id)
    listing = await suspend(session, listing)
    await suspend(session, room_listing)
    with pytest.raises(ListingNotOpenToBuyers):
        await declare_intent(session, await make_buyer(session), listing.id, wanted)
    with pytest.raises(ListingNotOpenToBuyers):
        await qualify_intent(session, await make_desk(session), waiting.id, "qualify")
    assert due.deposit_id is not None
    line = await make_line(session, await get_deposit(session, due.deposit_id))
    with pytest.raises(ListingNotOpenToBuyers):
        await confirm_receipt(session, await make_caller(session, Role.FINANCE), due.deposit_id, line)
    with pytest.raises(ListingNotOpenToBuyers):
        await open_room(session, await make_buyer(session), room_listing.id)
    offer = OfferTerms(9_000_000, room_listing.closes_at)
    with pytest.raises(ListingNotOpenToBuyers):
        await make_offer(session, buyer, room_id, offer)
    # The end of the notice that was announced decides nothing.
    assert listing.notice_ends_at is not None
    await now_is(session, listing.notice_ends_at + timedelta(minutes=1))
    await end_notice(session, {"listing_id": str(listing.id)})
    assert (await fresh(session, listing)).status == "suspended"


async def test_the_desk_alone_suspends_and_never_its_own_listing(session: Session) -> None:
    listing = await make_negotiated(session)
    seller = await make_seller(session)
    desk = await make_desk(session)
    with pytest.raises(TextOutOfRange):
        await suspend_listing(session, desk, listing.id, Said("短", "too short, or not"))
    with pytest.raises(NotPermitted):
        await suspend_listing(session, seller, listing.id, SAID)
    await suspend_listing(session, desk, listing.id, SAID)
    with pytest.raises(ListingStateForbids) as refused:
        await suspend_listing(session, desk, listing.id, SAID)
    assert refused.value.possible == ["resume", "terminate"]


async def test_what_is_being_decided_is_not_suspended_any_more(session: Session, now_is: SetNow) -> None:
    desk = await make_desk(session)
    sale, price, talk = [await make(session, method) for method in MAKERS]
    assert sale.opens_at is not None
    assert price.notice_ends_at is not None
    await now_is(session, sale.opens_at)
    with pytest.raises(SaleHasOpened):
        await suspend_listing(session, desk, sale.id, SAID)
    with pytest.raises(SaleHasOpened):
        await terminate_listing(session, desk, sale.id, SAID, ground="obstacle")
    with pytest.raises(DeadlineOver):
        await suspend_listing(session, desk, price.id, SAID)
    await now_is(session, talk.closes_at)
    with pytest.raises(DeadlineOver):
        await terminate_listing(session, desk, talk.id, SAID, ground="obstacle")
    assert sale.auction_id is not None
    await advance_auction(session, sale.auction_id)
    with pytest.raises(SaleIsOver):
        await suspend_listing(session, desk, sale.id, SAID)


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize("method", MAKERS)
async def test_termination_answers_everybody(session: Session, method: str, suspended: bool) -> None:  # noqa: FBT001 - a parameter
    listing = await make(session, method)
    intents = []
    room_id = None
    if method == "negotiated":
        room_id = await open_room(session, await make_buyer(session), listing.id)
    else:
        intents = [
            await make_intent(session, listing, status=status)
            for status in ("submitted", "qualified", "admitted")
        ]
    if suspended:
        await suspend(session, listing)
    await terminate_listing(session, await make_desk(session), listing.id, SAID, ground="obstacle")
    listing = await fresh(session, listing)
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert listing.status == "terminated"
    for intent in intents:
        await session.refresh(intent)
        assert intent.status == "lost"
    deposits = [await get_deposit(session, one.deposit_id) for one in intents if one.deposit_id]
    assert [one.status for one in deposits] == ["cancelled", "released"][: len(deposits)]
    if room_id is not None:
        found = await session.execute(text("SELECT status FROM negotiation_room"))
        assert found.scalars().all() == ["closed"]
    last = (await list_bulletins(session, listing.id))[-1]
    assert (last.kind, last.ground) == ("terminated", "obstacle")
    # The sale that was called off comes to nothing more.
    if listing.auction_id is not None:
        await award_auction(session, {"auction_id": str(listing.auction_id)})
    assert (await session.execute(select(Deal))).first() is None


async def test_a_seller_does_not_withdraw_from_what_was_agreed(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    listing = await make_negotiated(session, seller=seller)
    room_id = await open_room(session, buyer, listing.id)
    await make_offer(session, buyer, room_id, OfferTerms(9_000_000, listing.closes_at))
    await accept_offer(session, seller, room_id, 1)
    desk = await make_desk(session)
    with pytest.raises(NothingToWithdraw):
        await terminate_listing(session, desk, listing.id, SAID, ground="withdrawal")
    await terminate_listing(session, desk, listing.id, SAID, ground="obstacle")
    assert (await fresh(session, listing)).status == "terminated"


async def test_the_desk_is_told_when_a_suspension_lasts_too_long(session: Session) -> None:
    listing = await suspend(session, await make_negotiated(session))
    first = (await list_bulletins(session, listing.id))[0]
    payload = {"listing_id": str(listing.id), "bulletin_id": str(first.id)}
    over = select(AuditRecord).where(AuditRecord.action == "listing.suspension-over")
    await resume_listing(session, await make_desk(session), listing.id, SAID)
    await end_suspension(session, payload)
    await suspend(session, listing)
    # The promise of a suspension that is over says nothing about the next.
    await end_suspension(session, payload)
    assert (await session.execute(over)).first() is None
    last = (await list_bulletins(session, listing.id))[-1]
    await end_suspension(session, payload | {"bulletin_id": str(last.id)})
    assert (await session.execute(over)).scalar_one().subject_id == str(listing.id)


async def write_at_once(session: Session, listing: Listing, values: dict[str, Any]) -> None:
    """Writes past the operations, as a mistake in them would, and asks for what is checked at a commit."""
    async with session.begin_nested():
        await session.execute(update(Listing).where(Listing.id == listing.id).values(**values))
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_the_database_holds_the_steps_by_itself(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    await make_intent(session, listing, status="admitted")
    wrong: list[dict[str, Any]] = [
        {"closes_at": listing.closes_at - timedelta(minutes=1)},
        {"start_price_fen": listing.start_price_fen + 1},
        {"announcement": 3},
        {"announcement": 2, "deposit_fen": 5},
        {"auction_id": None},
        {"status": "terminated"},
    ]
    for values in wrong:
        with pytest.raises(DBAPIError):
            await write_at_once(session, listing, values)
