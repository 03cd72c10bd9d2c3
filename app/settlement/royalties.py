"""Royalties (提成): the buyer reports a period's base, the seller accepts or objects, a corrected base is agreed or decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.accounts.permissions import Permission
from app.audit import audit
from app.calendar_days import count_days
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.ids import uuid7
from app.settlement.collecting import REPORT, REST, ask_for_royalty
from app.settlement.errors import SettlementMissing
from app.settlement.errors_plans import (
    AnotherMustAnswer,
    CorrectionAnswered,
    CorrectionWaits,
    NoRoyalties,
    NoSuchPeriod,
    NotObjected,
    ObjectedBefore,
    PeriodRuns,
    ReportAccepted,
    ReportExists,
    ReportReplaced,
)
from app.settlement.plan_models import ReportCorrection, RoyaltyPlan, RoyaltyReport
from app.settlement.plan_queries import find_live_report, find_open_correction, get_correction, get_report
from app.settlement.plan_rules import owed_fen, period_of, royalty_of
from app.settlement.plans import terms_of
from app.settlement.queries import lock_own_settlement, lock_settlement
from app.settlement.releasing import refresh
from app.settlement.rules import OPEN, PlanKind, SettlementStatus, check_status
from app.trades import rules

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.settlement.models import Settlement


def _require_open(row: Settlement) -> None:
    check_status(SettlementStatus(row.status), OPEN, "报告提成", "a royalty report")


async def report_royalty(
    session: Session,
    caller: Caller,
    settlement_id: UUID,
    period: int,
    base_fen: int,
    *,
    note: str = "",
    reason: str | None = None,
) -> UUID:
    """Reports a period's base, for the buyer; with a reason it replaces the report that is there. Returns the report's id.

    A report is never edited: the one before stays on record as replaced. Source: 民法典 846. Locks the settlement.
    Raises NotPermitted, SettlementMissing, SettlementStateForbids, NoRoyalties, NoSuchPeriod, PeriodRuns, ReportExists,
    ReportAccepted, TextOutOfRange.
    """
    caller.require(Permission.INTENT_WRITE)
    row = await lock_own_settlement(session, caller, settlement_id)
    if row.buyer_id != caller.organisation_id:
        raise SettlementMissing
    plan = await session.get(RoyaltyPlan, row.id)
    if plan is None:
        raise NoRoyalties
    _require_open(row)
    if not 1 <= period <= plan.periods:
        raise NoSuchPeriod(period, plan.periods)
    ends_on = period_of(plan.starts_on, plan.period_months, period).to_on
    if market_date(await market_now(session)) <= ends_on:
        raise PeriodRuns(period, ends_on.isoformat())
    before = await _replaced(session, row, period, reason)
    made = RoyaltyReport(
        id=uuid7(),
        settlement_id=row.id,
        period=period,
        base_fen=base_fen,
        note=note.strip(),
        reported_by=caller.person_id,
        replaces_id=before.id if before else None,
        reason=rules.check_reason(reason) if before and reason is not None else None,
    )
    session.add(made)
    await session.flush()
    detail = {"period": period, "base_fen": base_fen, "replaces": str(before.id) if before else None}
    await audit(
        session, caller, "royalty.reported", subject_kind="royalty_report", subject_id=made.id, detail=detail
    )
    return made.id


async def _replaced(
    session: Session, row: Settlement, period: int, reason: str | None
) -> RoyaltyReport | None:
    before = await find_live_report(session, row.id, period)
    if before is None:
        return None
    if before.status == "accepted":
        raise ReportAccepted(period)
    if reason is None:
        raise ReportExists(period)
    open_one = await find_open_correction(session, before.id)
    if open_one is not None:
        raise CorrectionWaits
    before.status = "replaced"
    await session.flush()
    return before


def _check_live(report: RoyaltyReport) -> None:
    if report.status == "replaced":
        raise ReportReplaced
    if report.status == "accepted":
        raise ReportAccepted(report.period)


async def answer_report(
    session: Session, caller: Caller, report_id: UUID, *, accepts: bool, objection: str | None = None
) -> UUID:
    """Accepts a report, which makes its royalty payable, or objects to it with a reason, for the seller; returns its id.

    Locks the settlement. Raises NotPermitted, ReportMissing, ReportReplaced, ReportAccepted, CorrectionWaits,
    SettlementStateForbids, TextOutOfRange.
    """
    caller.require(Permission.LISTING_WRITE)
    found = await get_report(session, caller, report_id)
    row = await lock_settlement(session, found.settlement_id)
    report = await get_report(session, caller, report_id)
    if row.seller_id != caller.organisation_id:
        raise SettlementMissing
    _require_open(row)
    _check_live(report)
    now = await market_now(session)
    if accepts:
        if await find_open_correction(session, report.id) is not None:
            raise CorrectionWaits
        await _accept(session, caller, row, report, report.base_fen)
    else:
        if report.status == "objected":
            raise ObjectedBefore
        report.objection = rules.check_reason(objection or "")
        report.objected_by, report.objected_at, report.status = caller.person_id, now, "objected"
        await session.flush()
    action = "royalty.accepted" if accepts else "royalty.objected"
    await audit(
        session,
        caller,
        action,
        subject_kind="royalty_report",
        subject_id=report.id,
        detail={"period": report.period, "royalty_fen": report.royalty_fen, "objection": report.objection},
    )
    return report.id


async def _accept(
    session: Session, caller: Caller, row: Settlement, report: RoyaltyReport, base_fen: int
) -> None:
    """Fixes a report's base and royalty, brings the settlement up to what is owed, and asks for what is to be paid."""
    plan = await session.get_one(RoyaltyPlan, row.id)
    query = select(func.coalesce(func.sum(RoyaltyReport.royalty_fen), 0), func.count()).where(
        RoyaltyReport.settlement_id == row.id, RoyaltyReport.status == "accepted"
    )
    found = (await session.execute(query)).one()
    before, accepted = int(found[0] or 0), int(found[1] or 0)
    royalty = royalty_of(terms_of(plan), base_fen, before)
    is_last = accepted + 1 == plan.periods

    def owed(*, is_open: bool) -> int:
        return owed_fen(
            PlanKind(row.kind),
            price_fen=row.price_fen,
            deposit_fen=row.deposit_fen,
            royalties_fen=before + royalty,
            is_open=is_open,
        )

    now = await market_now(session)
    payable = owed(is_open=True) - row.due_fen
    due_on = count_days(market_date(now), plan.pay_days, await read_calendar(session))
    report.accepted_base_fen, report.royalty_fen, report.payable_fen = base_fen, royalty, payable
    report.accepted_by, report.accepted_at = caller.person_id, now
    report.pay_by = due_on if payable else None
    report.status = "accepted"
    await session.flush()
    rest = owed(is_open=False) - owed(is_open=True) if is_last else 0
    row.due_fen, row.is_open = row.due_fen + payable + rest, not is_last
    await refresh(session, row)
    if payable:
        await ask_for_royalty(session, row, REPORT, report.id, payable, due_on)
    if rest:
        await ask_for_royalty(session, row, REST, row.id, rest, due_on)


async def propose_correction(
    session: Session, caller: Caller, report_id: UUID, base_fen: int, reason: str
) -> UUID:
    """Proposes another base for a report that was objected to, for either side or the finance desk; returns its id.

    The other side agrees to a side's, a second person of the desk to the desk's: 查账 ends in a number of two. Locks the
    settlement. Raises NotPermitted, ReportMissing, NotObjected, CorrectionWaits, ReportAccepted, TextOutOfRange.
    """
    caller.require(Permission.ESCROW_RELEASE if caller.is_exchange else Permission.SETTLEMENT_PLAN)
    plain = rules.check_reason(reason)
    found = await get_report(session, caller, report_id)
    row = await lock_settlement(session, found.settlement_id)
    report = await get_report(session, caller, report_id)
    _require_open(row)
    _check_live(report)
    if report.status != "objected":
        raise NotObjected
    if await find_open_correction(session, report.id) is not None:
        raise CorrectionWaits
    side = "seller" if caller.organisation_id == row.seller_id else "buyer"
    made = ReportCorrection(
        id=uuid7(),
        report_id=report.id,
        side="desk" if caller.is_exchange else side,
        base_fen=base_fen,
        reason=plain,
        proposed_by=caller.person_id,
    )
    session.add(made)
    await session.flush()
    await audit(
        session,
        caller,
        "royalty.correction-proposed",
        subject_kind="royalty_report",
        subject_id=report.id,
        detail={"period": report.period, "base_fen": base_fen, "side": made.side},
    )
    return made.id


async def answer_correction(session: Session, caller: Caller, correction_id: UUID, *, agrees: bool) -> UUID:
    """Agrees to a corrected base, which makes its royalty payable, or declines it; returns the report's id.

    Locks the settlement. Raises NotPermitted, CorrectionMissing, CorrectionAnswered, AnotherMustAnswer,
    SettlementStateForbids.
    """
    caller.require(Permission.ESCROW_RELEASE if caller.is_exchange else Permission.SETTLEMENT_PLAN)
    found = await get_correction(session, caller, correction_id)
    report = await get_report(session, caller, found.report_id)
    row = await lock_settlement(session, report.settlement_id)
    made = await get_correction(session, caller, correction_id)
    report = await get_report(session, caller, made.report_id)
    if made.status != "proposed":
        raise CorrectionAnswered
    _require_open(row)
    _check_answerer(caller, row, made)
    now = await market_now(session)
    await _note_answer(session, caller, made, agrees=agrees, now=now)
    if agrees:
        await _accept(session, caller, row, report, made.base_fen)
    action = "royalty.accepted" if agrees else "royalty.correction-declined"
    await audit(
        session,
        caller,
        action,
        subject_kind="royalty_report",
        subject_id=report.id,
        detail={"period": report.period, "base_fen": made.base_fen, "royalty_fen": report.royalty_fen},
    )
    return report.id


def _check_answerer(caller: Caller, row: Settlement, made: ReportCorrection) -> None:
    """The other side answers a side's; of the desk's, whoever did not propose it."""
    wanted = {"seller": row.buyer_id, "buyer": row.seller_id}
    words = {
        "seller": ("受让方", "the buyer"),
        "buyer": ("出让方", "the seller"),
        "desk": ("资金岗另一人", "another person of the finance desk"),
    }
    fits = (
        caller.is_exchange and caller.person_id != made.proposed_by
        if made.side == "desk"
        else caller.organisation_id == wanted[made.side]
    )
    if not fits:
        raise AnotherMustAnswer(*words[made.side])


async def _note_answer(
    session: Session, caller: Caller, made: ReportCorrection, *, agrees: bool, now: datetime
) -> None:
    made.answered_by, made.answered_at = caller.person_id, now
    made.status = "agreed" if agrees else "declined"
    await session.flush()
