"""Which plan a price is paid by: announced with a public price, agreed for a negotiated one; and milestones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.clock import market_date, market_now
from app.payments.payable_models import Payable
from app.settlement import errors, errors_plans
from app.settlement.announcing import announce_plan, get_announced
from app.settlement.milestones import answer_milestone, state_milestone
from app.settlement.models import Settlement
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.plan_models import MilestoneStatement
from app.settlement.plan_rules import Part
from app.settlement.queries import get_settlement
from app.settlement.rules import PlanKind, Term
from app.trades.errors import ListingMissing
from tests.make_licences import LICENCE
from tests.make_plans import PRICE_FEN, ROYALTY, make_agreed_price, make_announced
from tests.make_settlements import make_settled_contract
from tests.make_trades import make_listing, make_seller
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from tests.make_settlements import Settling

STAGES = (Part(4000, 300, "中试样机验收通过"), Part(6000, 900, "首次取得产品销售收入"))


async def test_what_was_not_announced_with_a_public_price_is_not_agreed_later(session: Session) -> None:
    made = await make_settled_contract(session, is_open=False)
    with pytest.raises(errors_plans.PlanNotAnnounced):
        await open_settlement(session, made.agreed.buyer, made.deal_id, PlanKind.ROYALTY, royalty=ROYALTY)
    with pytest.raises(errors_plans.PlanNotAnnounced):
        await open_settlement(session, made.agreed.buyer, made.deal_id, PlanKind.DEFERRED)


async def test_what_was_announced_holds_at_once_and_alone(session: Session) -> None:
    made = await make_announced(session, PlanKind.ENTRY_FEE, royalty=ROYALTY)
    # The contract says what was announced.
    assert "入门费加提成：按产品销售额的 3.00% 提成" in str(made.agreed.contract.body)
    for kind in (PlanKind.ONE_OFF, PlanKind.ROYALTY):
        with pytest.raises(errors_plans.PlanWasAnnounced):
            await open_settlement(session, made.agreed.buyer, made.deal_id, kind)
    made.settlement_id = await open_settlement(session, made.agreed.seller, made.deal_id, PlanKind.ENTRY_FEE)
    view = await get_settlement(session, made.agreed.buyer, made.settlement_id)
    assert (view.settlement.status, view.settlement.kind) == ("contracted", "entry_fee_plus_royalty")
    await ledger_is_sound(session)


async def test_a_plan_is_written_while_the_listing_is_a_draft_and_by_its_seller(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller)
    assert (await get_announced(session, seller, listing.id))[0] is None
    await announce_plan(session, seller, listing.id, PlanKind.ROYALTY, (), ROYALTY)
    written, allowed = await get_announced(session, seller, listing.id)
    assert written is not None
    assert "3.00%" in written.words_zh
    assert allowed == ["one_off", "instalments", "royalty", "entry_fee_plus_royalty"]
    with pytest.raises(ListingMissing):
        await get_announced(session, None, listing.id)
    await announce_plan(session, seller, listing.id, PlanKind.ONE_OFF, (), None)
    assert (await get_announced(session, seller, listing.id))[0] is None
    # Use first, pay later is for licences.
    with pytest.raises(errors_plans.PlanNotAllowed):
        await announce_plan(session, seller, listing.id, PlanKind.STAGED, STAGES, None)
    listed = await make_listing(session, status="listed", seller=seller)
    with pytest.raises(errors_plans.PlanAlreadyPublic):
        await announce_plan(session, seller, listed.id, PlanKind.ROYALTY, (), ROYALTY)
    with pytest.raises(DBAPIError, match="final"):
        async with session.begin_nested():
            await session.execute(
                text(
                    "INSERT INTO announced_plan (listing_id, kind, plan, words_zh, words_en, written_by) "
                    "VALUES (:listing, 'royalty', '{}', 'x', 'x', :person)"
                ),
                {"listing": listed.id, "person": seller.person_id},
            )


async def staged(session: Session) -> tuple[Settling, list[Payable]]:
    """A licence agreed upon in a negotiation, paid after use by two milestones."""
    made = await make_agreed_price(session, **{**LICENCE, "rights": "exclusive"})
    today = market_date(await market_now(session))
    terms = [
        Term(5_000_000, today + timedelta(days=400), "中试样机验收通过"),
        Term(PRICE_FEN - 5_000_000, today + timedelta(days=900)),
    ]
    made.settlement_id = await open_settlement(
        session, made.agreed.buyer, made.deal_id, PlanKind.STAGED, terms
    )
    await answer_plan(session, made.agreed.seller, made.settlement_id, accepts=True)
    return made, await payables(session, made)


async def payables(session: Session, made: Settling) -> list[Payable]:
    query = select(Payable).where(
        Payable.party_id == made.agreed.buyer.organisation_id,
        Payable.purpose == "price",
        Payable.status == "due",
    )
    return list((await session.scalars(query.order_by(Payable.due_on))).all())


async def test_a_milestone_that_the_other_side_confirms_is_due_sooner(session: Session) -> None:
    made, before = await staged(session)
    seller, buyer = made.agreed.seller, made.agreed.buyer

    async def state(place: int) -> UUID:
        return await state_milestone(session, seller, made.settlement_id, place, "验收报告已由双方签字。")

    with pytest.raises(errors_plans.NoCondition):
        await state(2)
    with pytest.raises(errors_plans.TermMissing):
        await state(3)
    first = await state(1)
    with pytest.raises(errors_plans.MilestoneClaimed):
        await state(1)
    with pytest.raises(errors_plans.OwnStatement):
        await answer_milestone(session, seller, first, confirms=True)
    await answer_milestone(session, buyer, first, confirms=False, reason="验收报告缺少第三方检测。")
    assert [each.due_on for each in await payables(session, made)] == [each.due_on for each in before]
    second = await state(1)
    await answer_milestone(session, buyer, second, confirms=True)
    row = await session.get_one(MilestoneStatement, second, populate_existing=True)
    now_due = await payables(session, made)
    assert row.due_on == now_due[0].due_on < before[0].due_on
    assert (now_due[0].amount_fen, now_due[1].due_on) == (5_000_000, before[1].due_on)
    with pytest.raises(errors_plans.MilestoneSettled):
        await state(1)
    await ledger_is_sound(session)


async def test_a_negotiated_plan_waits_for_consent_and_one_declined_leaves_nothing(session: Session) -> None:
    made = await make_agreed_price(session)
    seller, buyer = made.agreed.seller, made.agreed.buyer
    for accepts in (False, True):
        made.settlement_id = await open_settlement(
            session, buyer, made.deal_id, PlanKind.ROYALTY, royalty=ROYALTY
        )
        with pytest.raises(errors.OwnProposal):
            await answer_plan(session, buyer, made.settlement_id, accepts=accepts)
        await answer_plan(session, seller, made.settlement_id, accepts=accepts)
    row = await session.get_one(Settlement, made.settlement_id, populate_existing=True)
    assert (row.status, row.due_fen, row.is_open) == ("contracted", 0, True)
    await ledger_is_sound(session)
