"""Reading royalties: a settlement's periods with their reports, and the statements of its milestones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, true

from app.accounts.permissions import Permission
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.settlement.errors_plans import CorrectionMissing, ReportMissing
from app.settlement.expecting import report_due_on
from app.settlement.models import Settlement, SettlementTerm
from app.settlement.plan_models import MilestoneStatement, ReportCorrection, RoyaltyPlan, RoyaltyReport
from app.settlement.plan_rules import period_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession

_FRESH = {"populate_existing": True}


@dataclass(frozen=True)
class PeriodView:
    """A period of a royalty with its last day to report and its reports, the newest first.

    ``state``: coming 未到期, due 待报告, overdue 逾期未报, or the status of its report.
    """

    number: int
    from_on: date
    to_on: date
    due_on: date
    state: str
    reports: list[RoyaltyReport]
    corrections: list[ReportCorrection]


@dataclass(frozen=True)
class RoyaltyView:
    """A settlement's royalty with its periods, and the statements of its milestones."""

    plan: RoyaltyPlan | None
    periods: list[PeriodView]
    statements: list[tuple[int, MilestoneStatement]]


def _own(caller: Caller) -> object:
    if caller.is_exchange:
        return true()
    own = caller.organisation_id
    return or_(Settlement.seller_id == own, Settlement.buyer_id == own)


async def get_report(session: AnySession, caller: Caller, report_id: UUID) -> RoyaltyReport:
    """Reads a report afresh for its two sides and the exchange; raises ReportMissing."""
    query = (
        select(RoyaltyReport)
        .join(Settlement, Settlement.id == RoyaltyReport.settlement_id)
        .where(RoyaltyReport.id == report_id, _own(caller))  # type: ignore[arg-type]
    )
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise ReportMissing
    return found


async def get_correction(session: AnySession, caller: Caller, correction_id: UUID) -> ReportCorrection:
    """Reads a corrected amount afresh for the two sides and the exchange; raises CorrectionMissing."""
    query = (
        select(ReportCorrection)
        .join(RoyaltyReport, RoyaltyReport.id == ReportCorrection.report_id)
        .join(Settlement, Settlement.id == RoyaltyReport.settlement_id)
        .where(ReportCorrection.id == correction_id, _own(caller))  # type: ignore[arg-type]
    )
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise CorrectionMissing
    return found


async def find_live_report(session: AnySession, settlement_id: UUID, period: int) -> RoyaltyReport | None:
    """Finds the report of a period that was not replaced."""
    query = select(RoyaltyReport).where(
        RoyaltyReport.settlement_id == settlement_id,
        RoyaltyReport.period == period,
        RoyaltyReport.status != "replaced",
    )
    return (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()


async def find_open_correction(session: AnySession, report_id: UUID) -> ReportCorrection | None:
    """Finds the corrected amount of a report that waits for its answer."""
    query = select(ReportCorrection).where(
        ReportCorrection.report_id == report_id, ReportCorrection.status == "proposed"
    )
    return (await session.execute(query)).scalar_one_or_none()


async def list_statements(
    session: AnySession, settlement_id: UUID
) -> Sequence[tuple[int, MilestoneStatement]]:
    """Lists the statements of a settlement's milestones with the place of each part, in the order they were made."""
    query = (
        select(SettlementTerm.place, MilestoneStatement)
        .join(MilestoneStatement, MilestoneStatement.term_id == SettlementTerm.id)
        .where(SettlementTerm.settlement_id == settlement_id)
        .order_by(MilestoneStatement.id)
    )
    rows = (await session.execute(query, execution_options=_FRESH)).all()
    return [(place, statement) for place, statement in rows]


async def get_royalty(session: AnySession, caller: Caller, settlement_id: UUID) -> RoyaltyView:
    """Reads a settlement's royalty and milestones for its two sides and the desks; one without has empty lists.

    Raises NotPermitted, ReportMissing for strangers.
    """
    caller.require(Permission.DEAL_READ)
    query = select(Settlement.id).where(Settlement.id == settlement_id, _own(caller))  # type: ignore[arg-type]
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise ReportMissing
    statements = list(await list_statements(session, settlement_id))
    plan = await session.get(RoyaltyPlan, settlement_id)
    if plan is None:
        return RoyaltyView(None, [], statements)
    return RoyaltyView(plan, await _periods(session, plan), statements)


async def _periods(session: AnySession, plan: RoyaltyPlan) -> list[PeriodView]:
    of_plan = (
        select(RoyaltyReport)
        .where(RoyaltyReport.settlement_id == plan.settlement_id)
        .order_by(RoyaltyReport.id.desc())
    )
    reports = (await session.execute(of_plan, execution_options=_FRESH)).scalars().all()
    of_reports = (
        select(ReportCorrection)
        .where(ReportCorrection.report_id.in_([report.id for report in reports]))
        .order_by(ReportCorrection.id)
    )
    corrections = (await session.execute(of_reports, execution_options=_FRESH)).scalars().all()
    today = market_date(await market_now(session))
    calendar = await read_calendar(session)
    periods = []
    for number in range(1, plan.periods + 1):
        period = period_of(plan.starts_on, plan.period_months, number)
        due_on = report_due_on(plan, period, calendar)
        own = [report for report in reports if report.period == number]
        state = "coming" if today <= period.to_on else "overdue" if today > due_on else "due"
        live = [report.status for report in own if report.status != "replaced"]
        ids = {report.id for report in own}
        periods.append(
            PeriodView(
                number,
                period.from_on,
                period.to_on,
                due_on,
                live[0] if live else state,
                own,
                [each for each in corrections if each.report_id in ids],
            )
        )
    return periods
