"""Settlement (结算) of deals: the plan of payment, the recordal, releases by two people, the papers."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep
from app.api.idempotency import IdempotencyKeyDep, MoneyKeyDep, once
from app.api.papers import PDF, print_paper
from app.api.problems import problems
from app.api.routing import Router
from app.api.settlement_wire import (
    AnswerIn,
    AnswerOut,
    EscrowReleaseIn,
    PlanIn,
    RecordalIn,
    ReleaseDecisionIn,
    SettlementOut,
    Status,
    show_settlement,
)
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.queries import (
    get_settlement,
    get_settlement_of,
    get_written_settlement,
    list_settlements,
)
from app.settlement.releasing import (
    Recordal,
    complete_settlement,
    decide_release,
    request_release,
    review_recordal,
    submit_recordal,
)
from app.settlement.rules import PlanKind, Term
from app.settlement.settlement_papers import write_paper
from app.settlement.sheets import render_sheet

router = Router(tags=["settlements"])
DealId = Annotated[UUID, Path(description="成交 / the deal's id")]
SettlementId = Annotated[UUID, Path(description="结算 / the settlement's id")]
ReleaseId = Annotated[UUID, Path(description="放款 / the release's id")]


@router.post(
    "/deals/{deal_id}/settlement",
    status_code=201,
    operation_id="open_settlement",
    responses=problems(401, 403, 404, 409, 422),
)
async def open_(
    deal_id: DealId, body: PlanIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SettlementOut:
    """Begins a deal's settlement: one payment and an announced plan hold at once, others wait for the other side."""
    terms = [Term(each.amount_fen, each.due_on, each.condition) for each in body.terms]
    royalty = body.royalty.terms() if body.royalty else None
    made = await db.write(
        once,
        caller,
        key,
        "open_settlement",
        body,
        lambda session: open_settlement(session, caller, deal_id, PlanKind(body.kind), terms, royalty),
        subject=deal_id,
    )
    return show_settlement(await db.read(get_written_settlement, made), caller)


@router.get(
    "/deals/{deal_id}/settlement",
    operation_id="get_settlement_of_deal",
    responses=problems(401, 403, 404, 422),
)
async def of_deal(deal_id: DealId, db: DbDep, caller: CallerDep) -> SettlementOut:
    """Reads the settlement of a deal."""
    return show_settlement(await db.read(get_settlement_of, caller, deal_id), caller)


@router.get("/settlements", operation_id="list_settlements", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    status: Annotated[Status | None, Query(description="只看一种状态 / of one status only")] = None,
) -> PageOf[SettlementOut]:
    """Lists one's own settlements of either side, or all for a desk, the newest first."""
    rows = await db.read(list_settlements, caller, status=status, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda view: view.settlement.id)
    return PageOf[SettlementOut](
        items=[show_settlement(view, caller) for view in shown], next_cursor=next_cursor
    )


@router.get(
    "/settlements/{settlement_id}", operation_id="get_settlement", responses=problems(401, 403, 404, 422)
)
async def get(settlement_id: SettlementId, db: DbDep, caller: CallerDep) -> SettlementOut:
    """Reads a settlement."""
    return show_settlement(await db.read(get_settlement, caller, settlement_id), caller)


@router.post(
    "/settlements/{settlement_id}/plan-answers",
    status_code=201,
    operation_id="answer_plan",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer(
    settlement_id: SettlementId, body: AnswerIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> AnswerOut:
    """Consents to the other side's plan, or declines it."""
    made = await db.write(
        once,
        caller,
        key,
        "answer_plan",
        body,
        lambda session: answer_plan(session, caller, settlement_id, accepts=body.accepts),
        subject=settlement_id,
    )
    return AnswerOut(id=made, accepts=body.accepts)


@router.post(
    "/settlements/{settlement_id}/recordals",
    status_code=201,
    operation_id="submit_recordal",
    responses=problems(401, 403, 404, 409, 422),
)
async def submit(
    settlement_id: SettlementId, body: RecordalIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SettlementOut:
    """Submits the document of the recordal, for the seller."""
    paper = Recordal(body.recordal_no, body.recordal_on, body.sha256)
    made = await db.write(
        once,
        caller,
        key,
        "submit_recordal",
        body,
        lambda session: submit_recordal(session, caller, settlement_id, paper),
        subject=settlement_id,
    )
    return show_settlement(await db.read(get_written_settlement, made), caller)


@router.post(
    "/settlements/{settlement_id}/recordal-reviews",
    status_code=201,
    operation_id="review_recordal",
    responses=problems(401, 403, 404, 409, 422),
)
async def review(
    settlement_id: SettlementId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SettlementOut:
    """Finds the document of the recordal in order, for the registrar."""
    made = await db.write(
        once,
        caller,
        key,
        "review_recordal",
        None,
        lambda session: review_recordal(session, caller, settlement_id),
        subject=settlement_id,
    )
    return show_settlement(await db.read(get_written_settlement, made), caller)


@router.post(
    "/settlements/{settlement_id}/releases",
    status_code=201,
    operation_id="request_release",
    responses=problems(401, 403, 404, 409, 422),
)
async def release(
    settlement_id: SettlementId,
    body: EscrowReleaseIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> SettlementOut:
    """Asks for a release from escrow, for the finance desk; a second person decides."""
    made = await db.write(
        once,
        caller,
        key,
        "request_release",
        body,
        lambda session: request_release(session, caller, settlement_id, body.amount_fen),
        subject=settlement_id,
    )
    return show_settlement(await db.read(get_written_settlement, made), caller)


@router.post(
    "/releases/{release_id}/decisions",
    status_code=201,
    operation_id="decide_release",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    release_id: ReleaseId,
    body: ReleaseDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> SettlementOut:
    """Approves a release as the second person of the finance desk, or rejects it."""
    made = await db.write(
        once,
        caller,
        key,
        "decide_release",
        body,
        lambda session: decide_release(session, caller, release_id, approves=body.approves),
        subject=release_id,
    )
    return show_settlement(await db.read(get_written_settlement, made), caller)


@router.post(
    "/settlements/{settlement_id}/completion",
    status_code=201,
    operation_id="complete_settlement",
    responses=problems(401, 403, 404, 409, 422),
)
async def complete(
    settlement_id: SettlementId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SettlementOut:
    """Closes a settlement whose whole price is released."""
    made = await db.write(
        once,
        caller,
        key,
        "complete_settlement",
        None,
        lambda session: complete_settlement(session, caller, settlement_id),
        subject=settlement_id,
    )
    return show_settlement(await db.read(get_written_settlement, made), caller)


@router.get(
    "/settlements/{settlement_id}/papers/{paper}",
    operation_id="download_settlement_paper",
    response_class=Response,
    responses={**PDF, **problems(401, 403, 404, 422)},
)
async def paper(
    settlement_id: SettlementId,
    paper: Annotated[
        Literal["payment-notice", "receipt", "settlement-sheet"],
        Path(description="付款通知书、到账凭证或结算单 / which paper"),
    ],
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
) -> Response:
    """Downloads the payment notice, the receipt or the settlement sheet as PDF."""
    view = await db.read(get_settlement, caller, settlement_id)
    made = write_paper(paper, view, settings.exchange_name_zh)
    return await print_paper(render_sheet, made, name=made.number)
