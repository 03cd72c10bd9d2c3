"""Sales in trouble (中止与处置): the host suspends, two posts decide to resume or to void, for many sales at once."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Request
from pydantic import Field, StringConstraints

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.auction.decision_queries import get_decision, list_decisions, list_suspended
from app.auction.decisions import approve_decision, propose_decision
from app.auction.suspending import suspend_auction

router = Router(tags=["auction-decisions"])

AuctionId = Annotated[UUID, Path(description="竞价场次 / the sale's id")]
DecisionId = Annotated[UUID, Path(description="处置决定 / the decision's id")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=500)]
ReasonZh = Annotated[Reason, Field(examples=["机房断电，竞买人无法出价。"])]
ReasonEn = Annotated[Reason, Field(examples=["The power failed and nobody could bid."])]


class SuspensionIn(Wire):
    """Why a sale is stopped, as everybody reads it, in both languages."""

    reason_zh: ReasonZh
    reason_en: ReasonEn


class SuspendedOut(Wire):
    """A sale that was stopped."""

    auction_id: UUID
    reason_zh: str
    reason_en: str
    at: datetime


class SuspendedSaleOut(Wire):
    """A sale that waits for a decision; ``cause`` is who stopped it, ``decide_by`` five days later."""

    auction_id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    cause: Literal["host", "interruption"]
    reason_zh: str
    reason_en: str
    suspended_at: datetime
    decide_by: datetime
    ends_at: datetime
    hard_end_at: datetime | None


class AuctionDecisionIn(Wire):
    """A proposal: which sales, what with them, why, and for sales with a hard end when that is to be from now on."""

    auction_ids: Annotated[
        list[UUID],
        Field(min_length=1, max_length=1000, examples=[["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"]]),
    ]
    act: Literal["resume", "void"]
    reason_zh: ReasonZh
    reason_en: ReasonEn
    hard_end_at: datetime | None = Field(default=None, examples=["2026-12-03T01:00:00Z"])


class DecidedSaleOut(Wire):
    """One sale of a decision. ``settled_at`` says when it was carried out, ``failure`` why it could not be."""

    auction_id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    status: Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]
    settled_at: datetime | None
    failure: str | None = Field(examples=["not-suspended"])
    failure_zh: str | None
    failure_en: str | None


class AuctionDecisionOut(Wire):
    """A decision; until ``approved_at`` nothing happens."""

    id: UUID
    act: Literal["resume", "void"]
    reason_zh: str
    reason_en: str
    hard_end_at: datetime | None
    proposed_by: str = Field(examples=["场务岗 01"])
    proposed_at: datetime
    approved_by: str | None = Field(examples=["审核岗 01"])
    approved_at: datetime | None
    auctions: list[DecidedSaleOut]


@router.post(
    "/auctions/{auction_id}/suspension",
    status_code=201,
    operation_id="suspend_auction",
    responses=problems(401, 403, 404, 409, 422),
)
async def suspend(
    auction_id: AuctionId, body: SuspensionIn, request: Request, db: DbDep, caller: CallerDep
) -> SuspendedOut:
    """中止一场竞价，理由随即公布（场务岗）/ Stops a sale's clock at once and publishes why, for the host's desk."""
    state = request.app.state
    stopped = await db.write(
        suspend_auction, caller, auction_id, body.reason_zh, body.reason_en, state.signer
    )
    state.relay.publish(auction_id)
    return SuspendedOut.model_validate(stopped)


@router.get("/suspensions", operation_id="list_suspensions", responses=problems(401, 403, 422))
async def suspensions(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[SuspendedSaleOut]:
    """已中止、等待处置的场次 / The sales that wait for a decision, for host, reviewer and supervisor."""
    rows = await db.read(list_suspended, caller, after_id=page.after_id, limit=page.fetch)
    shown, cursor = page.cut(rows, lambda sale: sale.auction_id)
    return PageOf[SuspendedSaleOut](
        items=[SuspendedSaleOut.model_validate(sale) for sale in shown], next_cursor=cursor
    )


@router.get("/auction-decisions", operation_id="list_auction_decisions", responses=problems(401, 403, 422))
async def index(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[AuctionDecisionOut]:
    """处置决定，最新在前 / The decisions, newest first, for host, reviewer and supervisor."""
    rows = await db.read(list_decisions, caller, before_id=page.after_id, limit=page.fetch)
    shown, cursor = page.cut(rows, lambda decision: decision.id)
    return PageOf[AuctionDecisionOut](
        items=[AuctionDecisionOut.model_validate(decision) for decision in shown], next_cursor=cursor
    )


@router.get(
    "/auction-decisions/{decision_id}",
    operation_id="get_auction_decision",
    responses=problems(401, 403, 404, 422),
)
async def read(decision_id: DecisionId, db: DbDep, caller: CallerDep) -> AuctionDecisionOut:
    """一项处置决定及各场次的办理结果 / One decision, with what became of each of its sales."""
    return AuctionDecisionOut.model_validate(await db.read(get_decision, caller, decision_id))


@router.post(
    "/auction-decisions",
    status_code=201,
    operation_id="propose_auction_decision",
    responses=problems(401, 403, 404, 409, 422),
)
async def propose(
    body: AuctionDecisionIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> AuctionDecisionOut:
    """提出恢复或作废（场务岗）；批准后才办理 / Proposes to resume or void sales; nothing happens before the approval."""
    made = await db.write(
        once,
        caller,
        key,
        "propose_auction_decision",
        body,
        lambda session: propose_decision(session, caller, **dict(body)),
    )
    return AuctionDecisionOut.model_validate(await db.read(get_decision, caller, made))


@router.post(
    "/auction-decisions/{decision_id}/approval",
    status_code=201,
    operation_id="approve_auction_decision",
    responses=problems(401, 403, 404, 409, 422),
)
async def approve(
    decision_id: DecisionId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> AuctionDecisionOut:
    """批准处置决定（审核岗，不得是提出人）/ Approves a decision; the worker carries it out at once, sale by sale."""
    await db.write(
        once,
        caller,
        key,
        "approve_auction_decision",
        None,
        lambda session: approve_decision(session, caller, decision_id),
        subject=decision_id,
    )
    return AuctionDecisionOut.model_validate(await db.read(get_decision, caller, decision_id))
