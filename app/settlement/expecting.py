"""Reports that are expected (待报告期): the days of each period, and what is told when one is late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.audit import audit
from app.calendar_days import count_days
from app.clock import SHANGHAI
from app.holidays import read_calendar
from app.settlement.models import Settlement
from app.settlement.plan_models import RoyaltyPlan, RoyaltyReport
from app.settlement.plan_rules import period_of
from app.settlement.rules import OPEN, SettlementStatus
from app.tasks import handles, promise

if TYPE_CHECKING:
    from datetime import date

    from app.calendar_days import Calendar
    from app.db import Session
    from app.settlement.plan_rules import ReportPeriod

REPORT_LATE = "royalty_report_late"


def report_due_on(plan: RoyaltyPlan, period: ReportPeriod, calendar: Calendar) -> date:
    """The last day to report a period: so many days after its end (民法典 201, 203)."""
    return count_days(period.to_on, plan.report_days, calendar)


async def expect_report(session: Session, settlement_id: UUID, number: int) -> None:
    """Promises to look, the day after its last one, whether a period was reported; past the last period nothing."""
    plan = await session.get_one(RoyaltyPlan, settlement_id)
    if number > plan.periods:
        return
    period = period_of(plan.starts_on, plan.period_months, number)
    due_on = report_due_on(plan, period, await read_calendar(session))
    midnight = datetime.combine(due_on + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
    payload = {"settlement_id": str(settlement_id), "period": number, "due_on": due_on.isoformat()}
    await promise(session, REPORT_LATE, payload, run_at=midnight, key=f"{settlement_id}:{number}")


@handles(REPORT_LATE)
async def note_late_report(session: Session, payload: dict[str, Any]) -> None:
    """Records, and so tells the seller, that a period was not reported in time; then the next period is expected.

    A settlement that has ended expects nothing more.
    """
    settlement_id, number = UUID(payload["settlement_id"]), int(payload["period"])
    row = await session.get(Settlement, settlement_id)
    if row is None or SettlementStatus(row.status) not in OPEN or not row.is_open:
        return
    reported = await session.scalar(
        select(RoyaltyReport.id).where(
            RoyaltyReport.settlement_id == settlement_id,
            RoyaltyReport.period == number,
            RoyaltyReport.status != "replaced",
        )
    )
    if reported is None:
        detail = {"period": number, "due_on": payload["due_on"]}
        await audit(
            session, None, "royalty.late", subject_kind="settlement", subject_id=settlement_id, detail=detail
        )
    await expect_report(session, settlement_id, number + 1)
