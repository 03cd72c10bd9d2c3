"""Royalties against the real database: reported, accepted or objected to, corrected by two, paid, released, ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.clock import market_date, market_now
from app.payments.payable_models import Payable
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.settlement import errors, errors_plans
from app.settlement.expecting import REPORT_LATE, note_late_report
from app.settlement.fee_rules import fee_of
from app.settlement.models import Settlement
from app.settlement.plan_models import RoyaltyReport
from app.settlement.plan_queries import get_royalty
from app.settlement.queries import get_fee_table
from app.settlement.releasing import complete_settlement
from app.settlement.royalties import answer_correction, answer_report, propose_correction, report_royalty
from app.settlement.rules import PlanKind
from app.tasks import TaskRow
from tests.make_accounts import make_caller
from tests.make_plans import PRICE_FEN, ROYALTY, make_royalties
from tests.make_settlements import record_rights
from tests.payments.test_deposits import ledger_is_sound
from tests.settlement.test_collecting import pay
from tests.settlement.test_settling import release_all

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from app.settlement.plan_queries import PeriodView
    from tests.conftest import SetNow
    from tests.make_settlements import Settling

DEPOSIT = 1_000_000


async def read(session: Session, made: Settling) -> Settlement:
    return await session.get_one(Settlement, made.settlement_id, populate_existing=True)


async def periods(session: Session, made: Settling) -> list[PeriodView]:
    return (await get_royalty(session, made.agreed.buyer, made.settlement_id)).periods


async def after_period(session: Session, made: Settling, now_is: SetNow, number: int, days: int = 1) -> None:
    """Moves the time to so many days after the end of a period."""
    period = (await periods(session, made))[number - 1]
    moment = await market_now(session)
    await now_is(session, moment + (period.to_on + timedelta(days=days) - market_date(moment)))


async def report(session: Session, made: Settling, period: int, base_fen: int, **over: Any) -> UUID:
    return await report_royalty(session, made.agreed.buyer, made.settlement_id, period, base_fen, **over)


async def due_of(session: Session, made: Settling) -> list[Payable]:
    """What the buyer still has to pay, royalties first."""
    query = select(Payable).where(
        Payable.party_id == made.agreed.buyer.organisation_id, Payable.status == "due"
    )
    return list((await session.scalars(query.order_by(Payable.purpose.desc(), Payable.id))).all())


async def pay_all(session: Session, made: Settling) -> None:
    for payable in await due_of(session, made):
        await pay(session, payable)


async def test_an_entry_fee_and_three_royalties_go_the_whole_way(session: Session, now_is: SetNow) -> None:
    made = await make_royalties(session)
    row = await read(session, made)
    assert (row.status, row.due_fen, row.is_open) == ("contracted", PRICE_FEN, True)
    await pay_all(session, made)
    assert (
        await read(session, made)
    ).status == "escrow_partial"  # all that is owed so far, but more will come
    await record_rights(session, made)
    await release_all(session, made, PRICE_FEN)
    assert (await read(session, made)).status == "rights_recorded"
    bases, royalties = (5_000_050, 0, 12_345_678), (150_002, 0, 370_370)
    for number, (base_fen, royalty_fen) in enumerate(zip(bases, royalties, strict=True), 1):
        await after_period(session, made, now_is, number)
        made_id = await report(session, made, number, base_fen)
        await answer_report(session, made.agreed.seller, made_id, accepts=True)
        assert [each.amount_fen for each in await due_of(session, made)] == [royalty_fen] * bool(royalty_fen)
        await pay_all(session, made)
    row = await read(session, made)
    total = PRICE_FEN + sum(royalties)
    assert (row.due_fen, row.received_fen, row.is_open) == (total, total, False)
    # One reviewed document is enough: what comes later is released on its receipt.
    await release_all(session, made, sum(royalties))
    assert (await read(session, made)).status == "released"
    await complete_settlement(session, made.first, made.settlement_id)
    seller = -await get_balance(session, Account(AccountKind.SELLER_DUE, made.agreed.seller.organisation_id))
    table = await get_fee_table(session, "seller", board="standard", on=row.began_on)
    assert seller == total - fee_of(table, total)
    await ledger_is_sound(session)


async def test_royalties_use_up_the_deposit_first_and_reach_the_price_in_the_end(
    session: Session, now_is: SetNow
) -> None:
    made = await make_royalties(session, PlanKind.ROYALTY)
    row = await read(session, made)
    assert (row.due_fen, row.received_fen, row.status) == (DEPOSIT, DEPOSIT, "contracted")
    assert [each.purpose for each in await due_of(session, made)] == ["fee"]
    await pay_all(session, made)
    for number, (base_fen, payable_fen) in enumerate(((30_000_000, 0), (20_000_000, 500_000)), 1):
        await after_period(session, made, now_is, number)
        made_id = await report(session, made, number, base_fen)
        await answer_report(session, made.agreed.seller, made_id, accepts=True)
        assert sum(each.amount_fen for each in await due_of(session, made)) == payable_fen
        await pay_all(session, made)
    assert (await read(session, made)).status == "escrow_partial"
    await after_period(session, made, now_is, 3)
    last = await report(session, made, 3, 10_000_000)
    await answer_report(session, made.agreed.seller, last, accepts=True)
    assert [each.amount_fen for each in await due_of(session, made)] == [300_000, PRICE_FEN - 1_800_000]
    await pay_all(session, made)
    row = await read(session, made)
    assert (row.due_fen, row.received_fen, row.status) == (PRICE_FEN, PRICE_FEN, "escrow_full")
    await ledger_is_sound(session)


async def test_a_report_is_replaced_with_a_reason_and_never_edited(session: Session, now_is: SetNow) -> None:
    made = await make_royalties(session)
    with pytest.raises(errors_plans.PeriodRuns):
        await report(session, made, 1, 100)
    await after_period(session, made, now_is, 1)
    with pytest.raises(errors_plans.NoSuchPeriod):
        await report(session, made, 4, 100)
    first = await report(session, made, 1, 1_000_000, note="附销售明细")
    with pytest.raises(errors_plans.ReportExists):
        await report(session, made, 1, 2_000_000)
    second = await report(session, made, 1, 2_000_000, reason="漏报六月的销售额，现予更正。")
    with pytest.raises(errors_plans.ReportReplaced):
        await answer_report(session, made.agreed.seller, first, accepts=True)
    await answer_report(session, made.agreed.seller, second, accepts=True)
    with pytest.raises(errors_plans.ReportAccepted):
        await report(session, made, 1, 3_000_000, reason="再改一次也不可以了。")
    seen = (await periods(session, made))[0]
    assert [(each.status, each.base_fen) for each in seen.reports] == [
        ("accepted", 2_000_000),
        ("replaced", 1_000_000),
    ]
    assert seen.reports[0].royalty_fen == 60_000
    for change in ("base_fen = 1", "royalty_fen = 1", "status = 'submitted'", "note = ''"):
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text(f"UPDATE royalty_report SET {change} WHERE id = '{second}'"))
    await ledger_is_sound(session)


async def test_an_objection_ends_in_a_number_that_both_sides_agree_to(
    session: Session, now_is: SetNow
) -> None:
    made = await make_royalties(session)
    await after_period(session, made, now_is, 1)
    made_id = await report(session, made, 1, 1_000_000)
    seller, buyer = made.agreed.seller, made.agreed.buyer
    with pytest.raises(errors_plans.NotObjected):
        await propose_correction(session, seller, made_id, 2_000_000, "查账核对的数额。")
    await answer_report(session, seller, made_id, accepts=False, objection="与公开的年报不符，要求查账。")
    wrong = await propose_correction(session, seller, made_id, 9_000_000, "按年报推算的数额。")
    with pytest.raises(errors_plans.CorrectionWaits):
        await propose_correction(session, buyer, made_id, 2_000_000, "查账核对的数额。")
    with pytest.raises(errors_plans.AnotherMustAnswer):
        await answer_correction(session, seller, wrong, agrees=True)
    await answer_correction(session, buyer, wrong, agrees=False)
    with pytest.raises(errors_plans.CorrectionAnswered):
        await answer_correction(session, buyer, wrong, agrees=True)
    right = await propose_correction(session, buyer, made_id, 2_500_000, "查账后双方核对的数额。")
    await answer_correction(session, seller, right, agrees=True)
    row = await session.get_one(RoyaltyReport, made_id, populate_existing=True)
    assert (row.status, row.base_fen, row.accepted_base_fen, row.royalty_fen) == (
        "accepted",
        1_000_000,
        2_500_000,
        75_000,
    )
    await ledger_is_sound(session)


async def test_without_agreement_two_different_people_of_the_desk_decide(
    session: Session, now_is: SetNow
) -> None:
    made = await make_royalties(session)
    await after_period(session, made, now_is, 1)
    made_id = await report(session, made, 1, 1_000_000)
    await answer_report(session, made.agreed.seller, made_id, accepts=False, objection="要求查阅会计账目。")
    decided = await propose_correction(session, made.first, made_id, 3_000_000, "审计报告确认的销售额。")
    for who in (made.first, made.agreed.seller):
        with pytest.raises(errors_plans.AnotherMustAnswer):
            await answer_correction(session, who, decided, agrees=True)
    stranger = await make_caller(session, Role.SELLER, Role.BIDDER)
    with pytest.raises(errors_plans.CorrectionMissing):
        await answer_correction(session, stranger, decided, agrees=True)
    with pytest.raises(NotPermitted):
        await answer_correction(session, await make_caller(session, Role.HOST), decided, agrees=True)
    await answer_correction(session, made.second, decided, agrees=True)
    row = await session.get_one(RoyaltyReport, made_id, populate_existing=True)
    assert row.royalty_fen == 90_000
    await ledger_is_sound(session)


async def test_a_late_report_is_told_once_and_shown(session: Session, now_is: SetNow) -> None:
    made = await make_royalties(session)
    query = select(TaskRow).where(TaskRow.name == REPORT_LATE)
    first = (await session.scalars(query)).one()
    seen = (await periods(session, made))[0]
    assert seen.state == "coming"
    assert market_date(first.run_at) == seen.due_on + timedelta(days=1)
    await after_period(session, made, now_is, 1, days=2)
    assert (await periods(session, made))[0].state == "due"
    await now_is(session, first.run_at)
    await note_late_report(session, first.payload)
    assert (await periods(session, made))[0].state == "overdue"
    told = select(AuditRecord).where(AuditRecord.action == "royalty.late")
    assert (await session.scalars(told)).one().detail["period"] == 1
    await report(session, made, 1, 100)
    second = (await session.scalars(query.order_by(TaskRow.id.desc()))).first()
    assert second is not None
    assert second.payload["period"] == 2


async def test_minimum_and_cap_hold_in_the_books(session: Session, now_is: SetNow) -> None:
    terms = replace(ROYALTY, minimum_fen=100_000, cap_fen=350_000)
    made = await make_royalties(session, PlanKind.ENTRY_FEE, terms)
    royalties = []
    for number, base_fen in enumerate((0, 50_000_000, 50_000_000), 1):
        await after_period(session, made, now_is, number)
        made_id = await report(session, made, number, base_fen)
        await answer_report(session, made.agreed.seller, made_id, accepts=True)
        row = await session.get_one(RoyaltyReport, made_id, populate_existing=True)
        royalties.append(row.royalty_fen)
    assert royalties == [100_000, 250_000, 0]
    assert (await read(session, made)).due_fen == PRICE_FEN + 350_000
    await ledger_is_sound(session)


@pytest.mark.parametrize(
    "change", [{"due_fen": PRICE_FEN + 1}, {"is_open": False}, {"received_fen": PRICE_FEN + 1}]
)
async def test_the_database_knows_what_is_owed(session: Session, change: dict[str, Any]) -> None:
    made = await make_royalties(session)

    async def write() -> None:
        await session.execute(update(Settlement).where(Settlement.id == made.settlement_id).values(**change))
        await ledger_is_sound(session)

    with pytest.raises(DBAPIError):
        await write()


async def test_who_has_no_part_reports_and_answers_nothing(session: Session, now_is: SetNow) -> None:
    made = await make_royalties(session)
    await after_period(session, made, now_is, 1)
    stranger = await make_caller(session, Role.SELLER, Role.BIDDER)
    with pytest.raises(errors.SettlementMissing):
        await report_royalty(session, stranger, made.settlement_id, 1, 100)
    both = replace(made.agreed.seller, roles=frozenset({Role.SELLER, Role.BIDDER}))
    with pytest.raises(errors.SettlementMissing):
        await report_royalty(session, both, made.settlement_id, 1, 100)
    made_id = await report(session, made, 1, 100)
    with pytest.raises(errors_plans.ReportMissing):
        await answer_report(session, stranger, made_id, accepts=True)
    with pytest.raises(errors_plans.ReportMissing):
        await get_royalty(session, stranger, made.settlement_id)
