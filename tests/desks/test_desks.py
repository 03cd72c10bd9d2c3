"""What waits for whom on the desks: the right side, the right role, its deadline, and nothing that has been done."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from app.accounts.errors import NotPermitted
from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.clock import market_now
from app.contracts.drafting import draft_contract
from app.contracts.signing import sign_contract
from app.desks.desks import read_buyer_desk, read_exchange_desk, read_seller_desk
from app.desks.stages import Side, Stage, Waiting, in_order, last_day_of, shown_due, stage_of
from app.desks.words import WORDS, link_of, press_of, sentence_of
from app.ids import uuid7
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.plan_queries import get_royalty
from app.settlement.releasing import request_release
from app.settlement.royalties import report_royalty
from app.settlement.rules import PlanKind, Term
from app.trades.models import Listing
from app.trades.negotiating import OfferTerms
from app.trades.objections import file_objection
from app.trades.reviewing import review_listing
from app.trades.rooms import accept_offer, make_offer, open_room
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE, make_application, make_contract
from tests.make_notices import OBJECTION, make_noticed
from tests.make_plans import make_royalties
from tests.make_settlements import make_settled_contract, pay_price, record_rights
from tests.make_trades import (
    make_buyer,
    make_deal,
    make_intent,
    make_listing,
    make_negotiated,
    make_seller,
)

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def selling(session: Session, caller: Caller) -> list[str]:
    return [each.kind for each in (await read_seller_desk(session, caller)).waiting]


async def buying(session: Session, caller: Caller) -> list[str]:
    return [each.kind for each in (await read_buyer_desk(session, caller)).waiting]


async def at_exchange(session: Session, *roles: Role) -> list[str]:
    caller = await make_caller(session, *roles)
    return [each.kind for each in (await read_exchange_desk(session, caller)).waiting]


async def test_a_returned_listing_waits_for_its_seller_with_the_reason_and_the_page(
    session: Session,
) -> None:
    seller, reviewer = await make_seller(session), await make_caller(session, Role.REVIEWER)
    listing = await make_listing(session, status="in_review", seller=seller)
    assert await selling(session, seller) == []
    assert (await read_exchange_desk(session, reviewer)).waiting[0].kind == "listing_to_review"
    await review_listing(session, reviewer, listing.id, "return", "请补充实施情况，再次提交。")
    (item,) = (await read_seller_desk(session, seller)).waiting
    assert sentence_of(item, "zh").endswith("被退回补正，请补充实施情况，再次提交。")
    assert link_of(item) == f"/seller/listings/{listing.id}/edit"
    assert (await read_seller_desk(session, seller)).sales == {"returned": 1}
    assert await selling(session, await make_seller(session)) == []
    assert await at_exchange(session, Role.REVIEWER) == []


async def test_what_only_another_role_may_do_waits_for_nobody_else(session: Session) -> None:
    agreed = await make_contract(session)
    assert await selling(session, agreed.seller) == ["contract_to_sign"]
    organisation = await session.get_one(Organisation, agreed.seller.organisation_id)
    only_sells = await make_caller(session, Role.SELLER, organisation=organisation)
    assert await selling(session, only_sells) == []


async def test_a_buyer_sees_the_deposit_with_the_time_until_which_it_counts(session: Session) -> None:
    buyer = await make_buyer(session)
    listing = await make_listing(session, status="listed")
    await make_intent(session, listing, buyer=buyer)
    assert await buying(session, buyer) == []
    assert await at_exchange(session, Role.REVIEWER) == ["intent_to_qualify"]
    other = await make_buyer(session)
    await make_intent(session, listing, status="qualified", buyer=other)
    (item,) = (await read_buyer_desk(session, other)).waiting
    assert (item.kind, item.due_at, item.amount_fen) == ("deposit_due", listing.closes_at, 1_000_000)
    assert "10,000.00 元" in sentence_of(item, "zh")


async def test_an_admitted_buyer_sees_the_sale_and_what_is_held(session: Session) -> None:
    buyer = await make_buyer(session)
    listing = await make_listing(session, status="listed")
    await make_intent(session, listing, status="admitted", buyer=buyer)
    desk = await read_buyer_desk(session, buyer)
    assert (desk.held_fen, desk.intents, desk.waiting) == (1_000_000, {"admitted": 1}, [])
    (sale,) = desk.sales
    assert (sale.auction_id, sale.status, sale.is_leading) == (listing.auction_id, "scheduled", False)


async def test_a_contract_waits_for_both_and_then_for_whoever_has_not_signed(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    (item,) = (await read_seller_desk(session, seller)).waiting
    assert item.kind == "contract_to_draft"
    assert item.due_at is not None
    assert item.due_at.astimezone(SHANGHAI).hour == 0
    assert item.due_at > deal.confirmed_at + timedelta(days=4)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    assert await buying(session, buyer) == ["contract_to_sign"]
    await sign_contract(session, seller, contract.id, contract.document_sha256)
    assert await selling(session, seller) == []
    assert await buying(session, buyer) == ["contract_to_sign"]
    host = await make_caller(session, Role.HOST)
    assert [each.kind for each in (await read_exchange_desk(session, host)).deals] == ["contract_to_sign"]


async def test_a_plan_waits_for_the_other_side_and_then_for_its_payments(session: Session) -> None:
    made = await make_settled_contract(session, is_open=False)
    seller, buyer = made.agreed.seller, made.agreed.buyer
    assert "settlement_to_open" in await selling(session, seller)
    assert await buying(session, buyer) == ["settlement_to_open"]
    today = (await market_now(session)).astimezone(SHANGHAI).date()
    terms = [Term(11_800_000, today + timedelta(days=3))]
    settlement_id = await open_settlement(session, buyer, made.deal_id, PlanKind.INSTALMENTS, terms)
    assert await buying(session, buyer) == []
    assert "plan_to_answer" in await selling(session, seller)
    await answer_plan(session, seller, settlement_id, accepts=True)
    found = (await read_buyer_desk(session, buyer)).waiting
    assert [each.kind for each in found] == ["payment_due", "payment_due"]
    assert {link_of(each) for each in found} == {f"/deals/{made.deal_id}"}
    assert all(each.due_at and last_day_of(each.due_at) == terms[0].due_on for each in found)


async def test_money_to_come_follows_the_settlement(session: Session) -> None:
    made = await make_settled_contract(session)
    (row,) = (await read_seller_desk(session, made.agreed.seller)).money
    assert (row.price_fen, row.received_fen, row.escrow_fen) == (12_800_000, 1_000_000, 1_000_000)
    assert row.next_fen == 11_800_000
    await pay_price(session, made.deal_id, 11_800_000)
    assert "recordal_to_hand_in" in await selling(session, made.agreed.seller)
    await record_rights(session, made)
    await request_release(session, made.first, made.settlement_id, 400_000)
    (row,) = (await read_seller_desk(session, made.agreed.seller)).money
    assert (row.escrow_fen, row.requested_fen) == (12_800_000, 400_000)
    assert await at_exchange(session, Role.FINANCE) == ["release_to_approve"]
    assert (await read_seller_desk(session, await make_seller(session))).money == []


async def test_a_contract_in_force_is_to_be_registered_once(session: Session) -> None:
    agreed = await make_contract(session, signed=True)
    assert "registration_to_apply" in await selling(session, agreed.seller)
    await make_application(session, agreed)
    assert "registration_to_apply" not in await selling(session, agreed.seller)
    assert await at_exchange(session, Role.REGISTRAR) == ["registration_to_decide"]


async def test_an_objection_waits_for_the_unit_and_for_the_desk(session: Session) -> None:
    made = await make_noticed(session)
    assert await selling(session, made.seller) == ["notice_running"]
    objector = await make_caller(session, Role.SELLER)
    await file_objection(session, objector, made.notice_id, OBJECTION)
    (item,) = (await read_seller_desk(session, made.seller)).waiting
    assert (item.kind, item.members["count"], item.due_at) == ("objection_open", 1, None)
    assert await at_exchange(session, Role.REVIEWER) == ["objection_to_record"]


async def test_an_offer_waits_for_the_other_side_and_an_agreement_for_both(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    listing = await make_negotiated(session, seller=seller)
    room_id = await open_room(session, buyer, listing.id)
    until = await market_now(session) + timedelta(hours=2)
    terms = OfferTerms(price_fen=9_000_000, rights="assignment", valid_until=until)
    await make_offer(session, buyer, room_id, terms)
    (item,) = (await read_seller_desk(session, seller)).waiting
    assert (item.kind, item.due_at, link_of(item)) == ("offer_to_seller", until, f"/negotiations/{room_id}")
    (room,) = (await read_buyer_desk(session, buyer)).rooms
    assert (room.offer_side, room.offer_fen) == ("buyer", 9_000_000)
    await accept_offer(session, seller, room_id, 1)
    assert await selling(session, seller) == ["agreement_of_seller"]
    assert await buying(session, buyer) == ["agreement_of_buyer"]


async def test_what_a_public_seller_agreed_on_needs_a_notice_first(session: Session) -> None:
    made = await make_noticed(session, status="none")
    buyer = await make_buyer(session)
    listing = await session.get_one(Listing, made.listing.id)
    room_id = await open_room(session, buyer, listing.id)
    until = await market_now(session) + timedelta(hours=2)
    terms = OfferTerms(price_fen=9_000_000, rights="assignment", valid_until=until)
    await make_offer(session, buyer, room_id, terms)
    await accept_offer(session, made.seller, room_id, 1)
    assert await selling(session, made.seller) == ["notice_wanted"]
    assert await buying(session, buyer) == []


async def test_a_period_of_a_royalty_is_to_be_reported_and_then_answered(
    session: Session, now_is: SetNow
) -> None:
    made = await make_royalties(session)
    assert "report_due" not in await buying(session, made.agreed.buyer)
    period = (await get_royalty(session, made.agreed.buyer, made.settlement_id)).periods[0]
    after = datetime.combine(period.to_on + timedelta(days=1), time(9), SHANGHAI)
    await now_is(session, after)
    found = (await read_buyer_desk(session, made.agreed.buyer)).waiting
    (item,) = [each for each in found if each.kind == "report_due"]
    assert item.due_at is not None
    assert (last_day_of(item.due_at), item.members["count"]) == (period.due_on, 1)
    await report_royalty(session, made.agreed.buyer, made.settlement_id, 1, 5_000_000)
    assert "report_due" not in await buying(session, made.agreed.buyer)
    assert "report_to_answer" in await selling(session, made.agreed.seller)
    assert len((await read_seller_desk(session, made.agreed.seller)).money) == 1


async def test_the_desks_are_their_own_people_only(session: Session) -> None:
    buyer, reviewer = await make_buyer(session), await make_caller(session, Role.REVIEWER)
    with pytest.raises(NotPermitted):
        await read_seller_desk(session, reviewer)
    with pytest.raises(NotPermitted):
        await read_exchange_desk(session, buyer)
    with pytest.raises(NotPermitted):
        await read_buyer_desk(session, await make_caller(session, Role.ADMIN))


def test_a_deadline_is_ahead_then_today_then_over() -> None:
    due = datetime(2026, 12, 2, tzinfo=SHANGHAI)  # 24:00 of the first of December
    assert stage_of(due, datetime(2026, 11, 27, 9, tzinfo=SHANGHAI), 3) is None
    assert stage_of(due, datetime(2026, 11, 28, 0, tzinfo=SHANGHAI), 3) is Stage.BEFORE
    assert stage_of(due, datetime(2026, 12, 1, 0, 1, tzinfo=SHANGHAI), 3) is Stage.TODAY
    assert stage_of(due, datetime(2026, 12, 1, 23, 59, tzinfo=SHANGHAI), 3) is Stage.TODAY
    assert stage_of(due, due, 3) is Stage.OVERDUE
    assert shown_due(due) == "2026-12-01"
    assert shown_due(due + timedelta(hours=9)) == "2026-12-02 09:00"


def test_what_is_due_first_comes_first_and_what_has_no_deadline_last() -> None:
    now = datetime(2026, 12, 1, tzinfo=SHANGHAI)

    def item(kind: str, since: int, due: int | None) -> Waiting:
        due_at = None if due is None else now + timedelta(days=due)
        return Waiting(kind, Side.SELLER, None, uuid7(), now + timedelta(days=since), due_at)

    items = [item("a", 2, None), item("b", 1, None), item("c", 3, 9), item("d", 4, 1)]
    assert [each.kind for each in in_order(items)] == ["d", "c", "b", "a"]


def test_every_kind_has_words_in_both_languages() -> None:
    for kind, words in WORDS.items():
        assert words.zh != words.en, kind
        assert press_of(kind, "zh") != press_of(kind, "en"), kind
        assert words.link.startswith(("/", "{link}")), kind
