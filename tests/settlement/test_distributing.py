"""Distributions against the real database: golden test 9, floors by place and date, the way to the payment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.settlement import errors_distribution as errors
from app.settlement.distributing import NewContributor, add_contributor, take_step
from app.settlement.distribution_models import DistributionShare, IncomeDistribution
from app.settlement.distribution_queries import get_distribution, get_floors
from app.settlement.distribution_rules import Basis, Mode, Part, Share, Work
from app.settlement.distribution_sheet import distribution_sheet
from app.settlement.sheets import render_sheet
from app.trades.errors import DealMissing
from tests.contracts.test_certificate import text_of
from tests.make_accounts import caller_for, make_caller, make_organisation, make_person
from tests.make_settlements import make_draft
from tests.make_trades import make_deal

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Deal
    from tests.conftest import SetNow

TODAY = date(2026, 3, 2)
MILLION = 100_000_000


async def sold(session: Session, regime: str = "state_research") -> tuple[Caller, Deal]:
    """A deal of a million yuan of a university in Zhejiang, unless told otherwise."""
    unit = await make_organisation(session, kind="university", regime=regime, jurisdiction="330000")
    seller = await make_caller(session, Role.SELLER, Role.SIGNATORY, organisation=unit)
    return seller, await make_deal(session, seller=seller, price_fen=MILLION)


async def second_signatory(session: Session, seller: Caller) -> Caller:
    unit = await session.get_one(type(await make_organisation(session)), seller.organisation_id)
    return await caller_for(session, await make_person(session, unit, [Role.SIGNATORY]))


async def holds_now(session: Session) -> None:
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


async def test_golden_9_in_the_database(session: Session) -> None:
    seller, deal = await sold(session)
    made = await make_draft(
        session, seller, deal.id, receipt_fen=MILLION, direct_costs_fen=10_000_000, rate_bp=7000
    )
    await holds_now(session)
    view = await get_distribution(session, seller, made.distribution_id)
    assert view.distribution.pool_fen == 63_000_000
    assert view.distribution.main_floor_fen == 44_100_000
    assert [share.amount_fen for share in view.shares] == [44_100_000, 15_750_000, 3_150_000]
    assert {floor["of"] for floor in view.distribution.floors} == {"pool", "main", "office_of_pool"}
    with pytest.raises(errors.RateBelowFloor):
        await make_draft(session, seller, deal.id, receipt_fen=MILLION, rate_bp=6999)


@pytest.mark.parametrize(
    ("place", "on", "bp"),
    [
        ("CN", date(2014, 1, 1), 2000),
        ("CN", TODAY, 5000),
        ("330000", TODAY, 7000),
        ("330000", date(2016, 12, 31), 5000),
        ("370000", TODAY, 7000),
        ("310000", TODAY, 5000),
        # 北京市技术市场条例 27 still says a fifth: the later national half prevails.
        ("110000", TODAY, 5000),
    ],
)
async def test_the_greatest_of_the_floors_in_force_binds(
    session: Session, place: str, on: date, bp: int
) -> None:
    assert (await get_floors(session, Mode.ASSIGN, place, on=on)).pool.bp == bp


async def test_the_whole_way_to_the_payment_with_its_notice(session: Session, now_is: SetNow) -> None:
    seller, deal = await sold(session)
    other = await second_signatory(session, seller)
    made = (await make_draft(session, seller, deal.id)).distribution_id
    await now_is(session, datetime(2026, 3, 2, 2, tzinfo=UTC))
    with pytest.raises(errors.DistributionStateForbids):
        await take_step(session, seller, made, "notice")
    await take_step(session, seller, made, "decide")
    with pytest.raises(errors.DistributionStateForbids):
        await take_step(session, other, made, "approve")
    await take_step(session, seller, made, "notice")
    await now_is(session, datetime(2026, 3, 17, 15, 59, tzinfo=UTC))
    with pytest.raises(errors.NoticeNotOver):
        await take_step(session, other, made, "approve")
    await now_is(session, datetime(2026, 3, 17, 16, tzinfo=UTC))
    with pytest.raises(errors.SecondPersonNeeded):
        await take_step(session, seller, made, "approve")
    await take_step(session, other, made, "approve")
    await take_step(session, seller, made, "pay")
    assert (await get_distribution(session, seller, made)).distribution.status == "paid"
    await holds_now(session)


async def test_a_company_needs_no_notice_and_is_free_in_its_rule(session: Session) -> None:
    seller, deal = await sold(session, "private_entity")
    other = await second_signatory(session, seller)
    made = (await make_draft(session, seller, deal.id, rate_bp=100)).distribution_id
    await take_step(session, seller, made, "decide")
    await take_step(session, other, made, "approve")
    view = await get_distribution(session, seller, made)
    assert (view.distribution.notice_started_on, view.distribution.pool_fen) == (None, 10_000)


async def test_the_next_receipt_starts_with_what_the_last_fell_short(session: Session) -> None:
    seller, deal = await sold(session)
    first = await make_draft(session, seller, deal.id, receipt_fen=1_000_000, direct_costs_fen=1_500_000)
    await take_step(session, seller, first.distribution_id, "decide")
    ids = first.contributor_ids
    second = await make_second(session, seller, deal, ids, receipt_fen=2_000_000)
    view = await get_distribution(session, seller, second)
    row = view.distribution
    with pytest.raises(errors.CostsDeductedOnce):
        await make_second(session, seller, deal, ids, direct_costs_fen=1)
    assert (row.receipt_no, row.carried_fen, row.net_fen, row.pool_fen) == (2, 500_000, 1_500_000, 1_050_000)
    with pytest.raises(errors.ListIsClosed):
        await add_contributor(
            session, seller, deal.id, NewContributor("新人", Part.COMPLETER, Work.RESEARCH, is_main=False)
        )


async def make_second(session: Session, seller: Caller, deal: Deal, ids: list[Any], **over: Any) -> Any:
    from app.settlement.distributing import Plan, draft_distribution  # noqa: PLC0415 - of this maker alone

    columns: dict[str, Any] = {
        "receipt_fen": 1_000_000,
        "taxes_fen": 0,
        "maintenance_fen": 0,
        "direct_costs_fen": 0,
        "basis": Basis.AGREEMENT,
        "basis_document": "与完成人的约定",
        "rate_bp": 7000,
        "shares": tuple(Share(each, part) for each, part in zip(ids, (7000, 2500, 500), strict=True)),
        **over,
    }
    return await draft_distribution(session, seller, deal.id, Plan(**columns))


async def test_receipts_never_pass_the_price_and_a_draft_is_drafted_anew(session: Session) -> None:
    seller, deal = await sold(session)
    first = await make_draft(session, seller, deal.id, receipt_fen=MILLION)
    again = await make_second(session, seller, deal, first.contributor_ids, receipt_fen=MILLION - 1)
    assert again == first.distribution_id
    with pytest.raises(errors.ReceiptsAbovePrice):
        await make_second(session, seller, deal, first.contributor_ids, receipt_fen=MILLION + 1)
    await holds_now(session)


async def test_strangers_and_the_buyer_find_nothing(session: Session) -> None:
    _, deal = await sold(session)
    stranger = await make_caller(session, Role.SELLER)
    with pytest.raises(DealMissing):
        await make_draft(session, stranger, deal.id)


async def test_a_name_is_on_the_list_once_and_a_named_basis_is_needed(session: Session) -> None:
    seller, deal = await sold(session)
    made = await make_draft(session, seller, deal.id)
    with pytest.raises(errors.ContributorExists):
        await add_contributor(
            session,
            seller,
            deal.id,
            NewContributor("完成人甲", Part.CONTRIBUTOR, Work.RESEARCH, is_main=False),
        )
    with pytest.raises(errors.BasisDocumentMissing):
        await make_second(session, seller, deal, made.contributor_ids, basis_document=" ")


@pytest.mark.parametrize(
    "change",
    [
        {"pool_fen": 1},
        {"rate_bp": 100},
        {"net_fen": 5, "pool_fen": 4, "retained_fen": 1},
        {"status": "approved"},
        {"status": "noticed"},
        {
            "receipt_fen": MILLION * 2,
            "net_fen": MILLION * 2,
            "pool_fen": 140_000_000,
            "retained_fen": 60_000_000,
        },
    ],
)
async def test_the_database_itself_refuses_numbers_that_do_not_hold(
    session: Session, change: dict[str, Any]
) -> None:
    seller, deal = await sold(session)
    made = (await make_draft(session, seller, deal.id)).distribution_id

    async def write() -> None:
        query = update(IncomeDistribution).where(IncomeDistribution.id == made).values(**change)
        await session.execute(query)
        await holds_now(session)

    with pytest.raises(DBAPIError):
        await write()


async def test_the_database_keeps_what_was_decided_and_every_share(session: Session) -> None:
    seller, deal = await sold(session)
    made = await make_draft(session, seller, deal.id)
    await take_step(session, seller, made.distribution_id, "decide")
    mine = DistributionShare.distribution_id == made.distribution_id
    for statement in (
        update(DistributionShare).where(mine).values(amount_fen=1),
        update(IncomeDistribution).values(taxes_fen=1),
        text("DELETE FROM distribution_share"),
        text("DELETE FROM income_distribution"),
        text("UPDATE contributor SET is_main = true"),
    ):
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(statement)


async def test_the_sheet_names_everybody_in_figures_and_capitals(session: Session) -> None:
    seller, deal = await sold(session)
    made = await make_draft(session, seller, deal.id, receipt_fen=MILLION, direct_costs_fen=10_000_000)
    view = await get_distribution(session, seller, made.distribution_id)
    words = text_of(render_sheet(distribution_sheet(view, seller.organisation_name, is_demonstration=True)))
    for part in (
        "收益分配单",
        "完成人甲",
        "441,000.00",
        "陆拾叁万元整",
        "转移机构丙",
        seller.organisation_name,
    ):
        assert part in words.replace("\n", "")
