"""Settlement (结算) of deals: the plan of payment, the recordal, releases by two people, the papers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from app.accounts.caller import Caller
from app.api.deals import DealListingOut, SideOut
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.papers import PDF, print_paper
from app.api.problems import problems
from app.api.routing import Router
from app.money import MAX_FEN, capital
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.queries import (
    SettlementView,
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
from app.settlement.rules import MOST_INSTALMENTS, PlanKind, Term
from app.settlement.settlement_papers import write_paper
from app.settlement.sheets import render_sheet

router = Router(tags=["settlements"])
DealId = Annotated[UUID, Path(description="成交 / the deal's id")]
SettlementId = Annotated[UUID, Path(description="结算 / the settlement's id")]
ReleaseId = Annotated[UUID, Path(description="放款 / the release's id")]
Kind = Literal["one_off", "instalments"]
Status = Literal[
    "proposed",
    "contracted",
    "escrow_partial",
    "escrow_full",
    "rights_recorded",
    "released",
    "completed",
    "defaulted",
]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]


class TermIn(Wire):
    """An instalment with its last day."""

    amount_fen: int = Field(ge=1, le=MAX_FEN, examples=[4_000_000])
    due_on: date = Field(examples=["2026-12-20"])


class PlanIn(Wire):
    """How the price is paid; one payment needs no terms, instalments are the price with the deposit."""

    kind: Kind = Field(examples=["one_off"])
    terms: list[TermIn] = Field(default=[], max_length=MOST_INSTALMENTS, examples=[[]])


class AnswerIn(Wire):
    """Whether the other side's plan is accepted."""

    accepts: bool = Field(examples=[True])


class AnswerOut(Wire):
    """What was answered; a declined plan leaves the deal without one."""

    id: UUID
    accepts: bool


class RecordalIn(Wire):
    """The document of the recordal, with the fingerprint of its file."""

    recordal_no: str = Field(min_length=2, max_length=60, examples=["2026112000123450"])
    recordal_on: date = Field(examples=["2026-11-20"])
    sha256: Sha256


class ReleaseIn(Wire):
    """How much of the escrow is released."""

    amount_fen: int = Field(ge=1, le=MAX_FEN, examples=[12_800_000])


class ReleaseDecisionIn(Wire):
    """Whether the second person approves."""

    approves: bool = Field(examples=[True])


class TermOut(Wire):
    """A part of the price with its last day."""

    place: int = Field(examples=[1])
    amount_fen: int = Field(examples=[11_800_000])
    due_on: date


class RecordalOut(Wire):
    """The document of the recordal and whether it was found in order."""

    recordal_no: str = Field(examples=["2026112000123450"])
    recordal_on: date
    sha256: Sha256
    reviewed_at: datetime | None


class ReleaseOut(Wire):
    """A release with its parts, and its two people by name for the desks."""

    id: UUID
    amount_fen: int = Field(examples=[12_800_000])
    seller_fen: int = Field(examples=[12_544_000])
    fee_fen: int = Field(examples=[256_000])
    commission_fen: int = Field(examples=[0])
    status: Literal["requested", "approved", "rejected"]
    requested_at: datetime
    requested_by_name: str | None
    decided_at: datetime | None
    decided_by_name: str | None


class SettlementOut(Wire):
    """A settlement: what is due, what has come, what has gone."""

    id: UUID
    deal_id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    listing: DealListingOut
    seller: SideOut
    buyer: SideOut
    my_side: Literal["seller", "buyer"] | None
    proposer_side: Literal["seller", "buyer"]
    kind: Kind
    status: Status
    began_on: date
    price_fen: int = Field(examples=[12_800_000])
    price_capital: str = Field(examples=["人民币壹拾贰万捌仟元整"])
    deposit_fen: int = Field(examples=[1_000_000])
    received_fen: int = Field(examples=[1_000_000])
    released_fen: int = Field(examples=[0])
    escrow_fen: int = Field(examples=[1_000_000])
    fee_fen: int = Field(examples=[256_000])
    buyer_fee_fen: int = Field(examples=[128_000])
    commission_bp: int = Field(examples=[0])
    terms: list[TermOut]
    recordal: RecordalOut | None
    releases: list[ReleaseOut]
    completed_at: datetime | None
    created_at: datetime


def _side(view: SettlementView, organisation_id: UUID) -> Literal["seller", "buyer"] | None:
    if organisation_id == view.settlement.seller_id:
        return "seller"
    return "buyer" if organisation_id == view.settlement.buyer_id else None


def _recordal(view: SettlementView) -> RecordalOut | None:
    row = view.settlement
    if row.recordal_no is None or row.recordal_on is None or row.recordal_sha256 is None:
        return None
    return RecordalOut(
        recordal_no=row.recordal_no,
        recordal_on=row.recordal_on,
        sha256=row.recordal_sha256,
        reviewed_at=row.reviewed_at,
    )


def _releases(view: SettlementView, caller: Caller) -> list[ReleaseOut]:
    columns = [name for name in ReleaseOut.model_fields if not name.endswith("_name")]
    return [
        ReleaseOut(
            **{name: getattr(each.release, name) for name in columns},
            # Who of the exchange's people did it is the exchange's own affair.
            requested_by_name=each.requested_by_name if caller.is_exchange else None,
            decided_by_name=each.decided_by_name if caller.is_exchange else None,
        )
        for each in view.releases
    ]


def _out(view: SettlementView, caller: Caller) -> SettlementOut:
    row = view.settlement
    columns = {name for name in SettlementOut.model_fields if name in row.__table__.columns}
    return SettlementOut(
        **{name: getattr(row, name) for name in columns},
        deal_no=view.deal.deal_no,
        listing=DealListingOut.model_validate(view.listing),
        seller=SideOut.model_validate(view.seller),
        buyer=SideOut.model_validate(view.buyer),
        my_side=_side(view, caller.organisation_id),
        proposer_side=_side(view, row.proposer_id) or "seller",
        price_capital=capital(row.price_fen),
        escrow_fen=row.received_fen - row.released_fen,
        terms=[TermOut.model_validate(term) for term in view.terms],
        recordal=_recordal(view),
        releases=_releases(view, caller),
    )


@router.post(
    "/deals/{deal_id}/settlement",
    status_code=201,
    operation_id="open_settlement",
    responses=problems(401, 403, 404, 409, 422),
)
async def open_(
    deal_id: DealId, body: PlanIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SettlementOut:
    """Begins a deal's settlement: one payment holds at once, instalments wait for the other side's consent."""
    terms = [Term(each.amount_fen, each.due_on) for each in body.terms]
    made = await db.write(
        once,
        caller,
        key,
        "open_settlement",
        body,
        lambda session: open_settlement(session, caller, deal_id, PlanKind(body.kind), terms),
        subject=deal_id,
    )
    return _out(await db.read(get_written_settlement, made), caller)


@router.get(
    "/deals/{deal_id}/settlement",
    operation_id="get_settlement_of_deal",
    responses=problems(401, 403, 404, 422),
)
async def of_deal(deal_id: DealId, db: DbDep, caller: CallerDep) -> SettlementOut:
    """Reads the settlement of a deal."""
    return _out(await db.read(get_settlement_of, caller, deal_id), caller)


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
    return PageOf[SettlementOut](items=[_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get(
    "/settlements/{settlement_id}", operation_id="get_settlement", responses=problems(401, 403, 404, 422)
)
async def get(settlement_id: SettlementId, db: DbDep, caller: CallerDep) -> SettlementOut:
    """Reads a settlement."""
    return _out(await db.read(get_settlement, caller, settlement_id), caller)


@router.post(
    "/settlements/{settlement_id}/plan-answers",
    status_code=201,
    operation_id="answer_plan",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer(
    settlement_id: SettlementId, body: AnswerIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> AnswerOut:
    """Consents to the other side's instalments, or declines them."""
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
    return _out(await db.read(get_written_settlement, made), caller)


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
    return _out(await db.read(get_written_settlement, made), caller)


@router.post(
    "/settlements/{settlement_id}/releases",
    status_code=201,
    operation_id="request_release",
    responses=problems(401, 403, 404, 409, 422),
)
async def release(
    settlement_id: SettlementId, body: ReleaseIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
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
    return _out(await db.read(get_written_settlement, made), caller)


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
    key: IdempotencyKeyDep = None,
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
    return _out(await db.read(get_written_settlement, made), caller)


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
    return _out(await db.read(get_written_settlement, made), caller)


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
