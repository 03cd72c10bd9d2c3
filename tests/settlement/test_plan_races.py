"""Races for reports and milestones: real commits, and for each lock a twin that takes it away and goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.clock import market_date, market_now
from app.payments.payable_models import Payable
from app.settlement import milestones, royalties
from app.settlement.errors_plans import MilestoneClaimed, ReportAccepted
from app.settlement.milestones import state_milestone
from app.settlement.models import Settlement
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.royalties import answer_report, report_royalty
from app.settlement.rules import PlanKind, Term
from tests.make_licences import LICENCE
from tests.make_plans import PRICE_FEN, make_agreed_price, make_royalties
from tests.races import meeting
from tests.trades.test_trades_races import Race, both, meet_before, name_of, refusals

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from tests.make_settlements import Settling

    Patch = pytest.MonkeyPatch

# The periods of a plan that was agreed today have not ended: only a test can put their beginning years back.
YEARS_AGO = (
    "ALTER TABLE royalty_plan DISABLE TRIGGER USER",
    "UPDATE royalty_plan SET starts_on = starts_on - 1461",
    "ALTER TABLE royalty_plan ENABLE TRIGGER USER",
)


async def two_acceptances_of_one_report(db: Database, patch: Patch) -> None:
    """Two of the seller's people accept one report: it is accepted once, and its royalty is payable once."""
    made = await db.write(make_royalties)

    async def put_back(session: Session) -> None:
        for statement in YEARS_AGO:
            await session.execute(text(statement))

    await db.write(put_back)
    report_id = await db.write(report_royalty, made.agreed.buyer, made.settlement_id, 1, 1_000_000)
    meet_before(patch, royalties, "_accept")
    seller = made.agreed.seller
    answers = await both(*(db.write(answer_report, seller, report_id, accepts=True) for _ in range(2)))
    assert refusals(answers) == [ReportAccepted]
    async with db.transaction() as session:
        asked = select(func.count()).select_from(Payable).where(Payable.purpose == "royalty")
        assert (await session.execute(asked)).scalar_one() == 1
        row = await session.get_one(Settlement, made.settlement_id)
        assert row.due_fen == PRICE_FEN + 30_000


async def both_sides_state_one_milestone(db: Database, patch: Patch) -> None:
    """Both sides state at once that one condition is met: one statement waits, the other side is told so."""

    async def prepared(session: Session) -> Settling:
        made = await make_agreed_price(session, **{**LICENCE, "rights": "exclusive"})
        day = market_date(await market_now(session)) + timedelta(days=400)
        terms = [Term(PRICE_FEN, day, "中试样机验收通过")]
        buyer = made.agreed.buyer
        made.settlement_id = await open_settlement(session, buyer, made.deal_id, PlanKind.STAGED, terms)
        await answer_plan(session, made.agreed.seller, made.settlement_id, accepts=True)
        return made

    made = await db.write(prepared)
    meet_before(patch, milestones, "audit")
    sides = (made.agreed.seller, made.agreed.buyer)
    answers = await both(
        *(db.write(state_milestone, side, made.settlement_id, 1, "验收报告已由双方签字。") for side in sides)
    )
    assert refusals(answers) == [MilestoneClaimed]


async def unlocked(session: Session, settlement_id: UUID) -> Settlement:
    return await session.get_one(Settlement, settlement_id, populate_existing=True)


async def unlocked_own(session: Session, caller: Caller, settlement_id: UUID) -> Settlement:
    del caller
    return await unlocked(session, settlement_id)


def without_answers_lock(patch: Patch) -> None:
    patch.setattr(royalties, "lock_settlement", unlocked)


def without_statements_lock(patch: Patch) -> None:
    patch.setattr(milestones, "lock_own_settlement", unlocked_own)


RACES = [
    Race(two_acceptances_of_one_report, without_answers_lock),
    Race(both_sides_state_one_milestone, without_statements_lock),
]


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_under_the_lock_the_race_has_one_outcome(race: Race, db: Database, monkeypatch: Any) -> None:
    await race.run(db, monkeypatch)


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    race.without(monkeypatch)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race.run(db, monkeypatch)
