"""Royalties (提成) and milestones (里程碑) of settlements: reports, answers, corrected amounts, statements."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from app.api.deps import CallerDep, DbDep
from app.api.idempotency import IdempotencyKeyDep, MoneyKeyDep, once
from app.api.plan_wire import (
    CorrectionAnswerIn,
    MadeOut,
    MilestoneAnswerIn,
    MilestoneIn,
    ReportAnswerIn,
    ReportCorrectionIn,
    RoyaltyOut,
    RoyaltyReportIn,
    show_royalty,
)
from app.api.problems import problems
from app.api.routing import Router
from app.settlement.milestones import answer_milestone, state_milestone
from app.settlement.plan_queries import get_royalty
from app.settlement.royalties import answer_correction, answer_report, propose_correction, report_royalty

router = Router(tags=["royalties"])
SettlementId = Annotated[UUID, Path(description="结算 / the settlement's id")]
ReportId = Annotated[UUID, Path(description="提成报告 / the report's id")]


@router.get(
    "/settlements/{settlement_id}/royalty", operation_id="get_royalty", responses=problems(401, 403, 404, 422)
)
async def read(settlement_id: SettlementId, db: DbDep, caller: CallerDep) -> RoyaltyOut:
    """Reads a settlement's royalty with its periods and reports, and the statements of its milestones."""
    return show_royalty(await db.read(get_royalty, caller, settlement_id), caller.person_id)


@router.post(
    "/settlements/{settlement_id}/royalty-reports",
    status_code=201,
    operation_id="report_royalty",
    responses=problems(401, 403, 404, 409, 422),
)
async def report(
    settlement_id: SettlementId,
    body: RoyaltyReportIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> MadeOut:
    """Reports a period's base, for the buyer; with a reason it replaces the report that is there."""
    made = await db.write(
        once,
        caller,
        key,
        "report_royalty",
        body,
        lambda session: report_royalty(
            session, caller, settlement_id, body.period, body.base_fen, note=body.note, reason=body.reason
        ),
        subject=settlement_id,
    )
    return MadeOut(id=made)


@router.post(
    "/royalty-reports/{report_id}/answers",
    status_code=201,
    operation_id="answer_royalty_report",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer(
    report_id: ReportId, body: ReportAnswerIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> MadeOut:
    """Accepts a report, which makes its royalty payable, or objects to it with a reason, for the seller."""
    made = await db.write(
        once,
        caller,
        key,
        "answer_royalty_report",
        body,
        lambda session: answer_report(
            session, caller, report_id, accepts=body.accepts, objection=body.objection
        ),
        subject=report_id,
    )
    return MadeOut(id=made)


@router.post(
    "/royalty-reports/{report_id}/corrections",
    status_code=201,
    operation_id="propose_report_correction",
    responses=problems(401, 403, 404, 409, 422),
)
async def propose(
    report_id: ReportId,
    body: ReportCorrectionIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> MadeOut:
    """Proposes another base for a report that was objected to: either side, or the finance desk."""
    made = await db.write(
        once,
        caller,
        key,
        "propose_report_correction",
        body,
        lambda session: propose_correction(session, caller, report_id, body.base_fen, body.reason),
        subject=report_id,
    )
    return MadeOut(id=made)


@router.post(
    "/report-corrections/{correction_id}/answers",
    status_code=201,
    operation_id="answer_report_correction",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer_corrected(
    correction_id: Annotated[UUID, Path(description="更正数额 / the corrected amount's id")],
    body: CorrectionAnswerIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> MadeOut:
    """Agrees to a corrected base as the other side, or as the second person of the desk, or declines it."""
    made = await db.write(
        once,
        caller,
        key,
        "answer_report_correction",
        body,
        lambda session: answer_correction(session, caller, correction_id, agrees=body.agrees),
        subject=correction_id,
    )
    return MadeOut(id=made)


@router.post(
    "/settlements/{settlement_id}/milestones",
    status_code=201,
    operation_id="state_milestone",
    responses=problems(401, 403, 404, 409, 422),
)
async def state(
    settlement_id: SettlementId,
    body: MilestoneIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> MadeOut:
    """States that the condition of a part of the price is met, for either side."""
    made = await db.write(
        once,
        caller,
        key,
        "state_milestone",
        body,
        lambda session: state_milestone(session, caller, settlement_id, body.place, body.statement),
        subject=settlement_id,
    )
    return MadeOut(id=made)


@router.post(
    "/milestones/{statement_id}/answers",
    status_code=201,
    operation_id="answer_milestone",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer_stated(
    statement_id: Annotated[UUID, Path(description="条件成就申报 / the statement's id")],
    body: MilestoneAnswerIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> MadeOut:
    """Confirms the other side's statement, which makes the part due sooner, or refuses it with a reason."""
    made = await db.write(
        once,
        caller,
        key,
        "answer_milestone",
        body,
        lambda session: answer_milestone(
            session, caller, statement_id, confirms=body.confirms, reason=body.reason
        ),
        subject=statement_id,
    )
    return MadeOut(id=made)
