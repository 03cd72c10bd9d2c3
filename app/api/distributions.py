"""Income distribution (收益分配) of a deal's receipts, for the unit that sold, and the supervisor who looks on."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from app.accounts.caller import Caller
from app.accounts.queries import get_organisation
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, MoneyKeyDep, once
from app.api.papers import PDF, print_paper
from app.api.problems import problems
from app.api.routing import Router
from app.db import AnySession
from app.money import MAX_FEN, capital
from app.settlement.distributing import (
    NewContributor,
    Plan,
    add_contributor,
    draft_distribution,
    take_step,
)
from app.settlement.distribution_models import Contributor
from app.settlement.distribution_queries import (
    DistributionView,
    get_distribution,
    get_written_distribution,
    list_contributors,
    list_distributions,
    read_contributors,
)
from app.settlement.distribution_rules import Basis, Part, Share, Work
from app.settlement.distribution_sheet import distribution_sheet
from app.settlement.sheets import Sheet, render_sheet
from app.trades.models import Deal, Listing

router = Router(tags=["distributions"])
DealId = Annotated[UUID, Path(description="成交 / the deal's id")]
DistributionId = Annotated[UUID, Path(description="分配方案 / the distribution's id")]
Fen = Annotated[int, Field(ge=0, le=MAX_FEN, examples=[100_000_00])]
Parts = Literal["completer", "contributor", "transfer_office"]
Works = Literal["research", "conversion", "transfer", "funding", "equipment", "translation", "management"]


class ContributorIn(Wire):
    """Somebody who completed the achievement or contributed to its conversion, or is of the transfer office."""

    name: str = Field(min_length=1, max_length=100, examples=["成果完成人甲"])
    part: Parts = Field(examples=["completer"])
    work: Works = Field(examples=["research"])
    is_main: bool = Field(examples=[True])


class ContributorOut(Wire):
    """An entry of the list."""

    id: UUID
    name: str = Field(examples=["成果完成人甲"])
    part: Parts
    work: Works
    is_main: bool


class ContributorsOut(Wire):
    """The whole list of a deal."""

    items: list[ContributorOut]


class ShareIn(Wire):
    """A part of the pool in basis points; all parts are 10000 together."""

    contributor_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    share_bp: int = Field(ge=1, le=10_000, examples=[7000])


class DistributionIn(Wire):
    """One receipt with its costs, the rate with what it rests on, and the shares."""

    receipt_fen: int = Field(ge=1, le=MAX_FEN, examples=[1_000_000_00])
    taxes_fen: Fen = 0
    maintenance_fen: Fen = 0
    direct_costs_fen: Fen = 0
    basis: Literal["agreement", "unit_rule", "statutory"] = Field(examples=["unit_rule"])
    basis_document: str = Field(default="", max_length=200, examples=["本单位科技成果转化管理办法第十二条"])
    rate_bp: int = Field(ge=1, le=10_000, examples=[7000])
    shares: list[ShareIn] = Field(
        min_length=1,
        max_length=200,
        examples=[[{"contributor_id": "0198f2a4-7c11-7d0e-8a53-5f1f0a7be001", "share_bp": 10_000}]],
    )
    leftover_to: UUID | None = Field(default=None, examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])


class FloorOut(Wire):
    """A floor that was in force when this was drafted, with the law that says so."""

    of: Literal["pool", "main", "office_of_pool", "office_of_net"]
    bp: int = Field(examples=[7000])
    source: str = Field(examples=["浙江省促进科技成果转化条例第三十七条"])


class ShareOut(Wire):
    """What one person gets."""

    contributor: ContributorOut
    share_bp: int = Field(examples=[7000])
    amount_fen: int = Field(examples=[441_000_00])
    amount_capital: str = Field(examples=["人民币肆拾肆万壹仟元整"])


class DistributionOut(Wire):
    """The distribution of one receipt."""

    id: UUID
    deal_id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    price_fen: int = Field(examples=[1_000_000_00])
    receipt_no: int = Field(examples=[1])
    mode: Literal["assign", "license"]
    basis: Literal["agreement", "unit_rule", "statutory"]
    basis_document: str = Field(examples=["本单位科技成果转化管理办法第十二条"])
    regime: str | None = Field(examples=["state_research"])
    jurisdiction: str = Field(examples=["330000"])
    floors: list[FloorOut]
    rate_bp: int = Field(examples=[7000])
    receipt_fen: int = Field(examples=[1_000_000_00])
    taxes_fen: int = Field(examples=[0])
    maintenance_fen: int = Field(examples=[0])
    direct_costs_fen: int = Field(examples=[100_000_00])
    carried_fen: int = Field(examples=[0])
    net_fen: int = Field(examples=[900_000_00])
    shortfall_fen: int = Field(examples=[0])
    pool_fen: int = Field(examples=[630_000_00])
    pool_capital: str = Field(examples=["人民币陆拾叁万元整"])
    retained_fen: int = Field(examples=[270_000_00])
    leftover_to: UUID | None
    notice_days: int = Field(examples=[15])
    notice_started_on: date | None
    notice_ends_on: date | None
    status: Literal["draft", "unit_decided", "noticed", "approved", "paid"]
    drafted_at: datetime
    decided_at: datetime | None
    approved_at: datetime | None
    paid_at: datetime | None
    outside_wage_cap: Literal[True] = True
    shares: list[ShareOut]


class StepIn(Wire):
    """The step to take; two different signatories decide and approve."""

    step: Literal["decide", "notice", "approve", "pay"] = Field(examples=["decide"])


def _out(view: DistributionView) -> DistributionOut:
    row = view.distribution
    columns = {
        name: getattr(row, name) for name in DistributionOut.model_fields if name in row.__table__.columns
    }
    return DistributionOut(
        **columns,
        deal_no=view.deal_no,
        price_fen=view.price_fen,
        pool_capital=capital(row.pool_fen),
        shares=[
            ShareOut(
                contributor=ContributorOut.model_validate(share.contributor),
                share_bp=share.share_bp,
                amount_fen=share.amount_fen,
                amount_capital=capital(share.amount_fen),
            )
            for share in view.shares
        ],
    )


@router.get(
    "/deals/{deal_id}/contributors",
    operation_id="list_contributors",
    responses=problems(401, 403, 404, 422),
)
async def contributors(deal_id: DealId, db: DbDep, caller: CallerDep) -> ContributorsOut:
    """Lists who completed the achievement and who contributed to its conversion."""
    rows = await db.read(read_contributors, caller, deal_id)
    return ContributorsOut(items=[ContributorOut.model_validate(row) for row in rows])


async def _written_contributor(session: AnySession, deal_id: UUID, made: UUID) -> Contributor:
    return next(row for row in await list_contributors(session, deal_id) if row.id == made)


@router.post(
    "/deals/{deal_id}/contributors",
    status_code=201,
    operation_id="add_contributor",
    responses=problems(401, 403, 404, 409, 422),
)
async def add(
    deal_id: DealId, body: ContributorIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> ContributorOut:
    """Puts somebody on the list, as long as no distribution of the deal is decided."""
    new = NewContributor(body.name, Part(body.part), Work(body.work), body.is_main)
    made = await db.write(
        once,
        caller,
        key,
        "add_contributor",
        body,
        lambda session: add_contributor(session, caller, deal_id, new),
        subject=deal_id,
    )
    return ContributorOut.model_validate(await db.read(_written_contributor, deal_id, made))


@router.post(
    "/deals/{deal_id}/distributions",
    status_code=201,
    operation_id="draft_distribution",
    responses=problems(401, 403, 404, 409, 422),
)
async def draft(
    deal_id: DealId, body: DistributionIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> DistributionOut:
    """Drafts the distribution of the next receipt, or drafts the open one anew."""
    plan = Plan(
        receipt_fen=body.receipt_fen,
        taxes_fen=body.taxes_fen,
        maintenance_fen=body.maintenance_fen,
        direct_costs_fen=body.direct_costs_fen,
        basis=Basis(body.basis),
        basis_document=body.basis_document,
        rate_bp=body.rate_bp,
        shares=tuple(Share(each.contributor_id, each.share_bp) for each in body.shares),
        leftover_to=body.leftover_to,
    )
    made = await db.write(
        once,
        caller,
        key,
        "draft_distribution",
        body,
        lambda session: draft_distribution(session, caller, deal_id, plan),
        subject=deal_id,
    )
    return _out(await db.read(get_written_distribution, made))


@router.get("/distributions", operation_id="list_distributions", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    deal_id: Annotated[UUID | None, Query(description="只看一笔成交的 / of one deal only")] = None,
) -> PageOf[DistributionOut]:
    """Lists one's own distributions, or all for the supervisor, the newest first."""
    rows = await db.read(
        list_distributions, caller, deal_id=deal_id, before_id=page.after_id, limit=page.fetch
    )
    shown, next_cursor = page.cut(rows, lambda view: view.distribution.id)
    return PageOf[DistributionOut](items=[_out(view) for view in shown], next_cursor=next_cursor)


@router.get(
    "/distributions/{distribution_id}",
    operation_id="get_distribution",
    responses=problems(401, 403, 404, 422),
)
async def get(distribution_id: DistributionId, db: DbDep, caller: CallerDep) -> DistributionOut:
    """Reads a distribution with its shares."""
    return _out(await db.read(get_distribution, caller, distribution_id))


@router.post(
    "/distributions/{distribution_id}/steps",
    status_code=201,
    operation_id="step_distribution",
    responses=problems(401, 403, 404, 409, 422),
)
async def step(
    distribution_id: DistributionId,
    body: StepIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> DistributionOut:
    """Takes a distribution one step on: decided, put on notice, approved by another signatory, paid."""
    made = await db.write(
        once,
        caller,
        key,
        "step_distribution",
        body,
        lambda session: take_step(session, caller, distribution_id, body.step),
        subject=distribution_id,
    )
    return _out(await db.read(get_written_distribution, made))


async def _sheet(session: AnySession, caller: Caller, distribution_id: UUID) -> Sheet:
    view = await get_distribution(session, caller, distribution_id)
    unit = await get_organisation(session, view.distribution.seller_id)
    deal = await session.get_one(Deal, view.distribution.deal_id)
    listing = await session.get_one(Listing, deal.listing_id)
    return distribution_sheet(view, unit.name, is_demonstration=listing.is_demonstration)


@router.get(
    "/distributions/{distribution_id}/sheet",
    operation_id="download_distribution_sheet",
    response_class=Response,
    responses={**PDF, **problems(401, 403, 404, 422)},
)
async def sheet(distribution_id: DistributionId, db: DbDep, caller: CallerDep) -> Response:
    """Downloads the distribution sheet with its payment list as PDF."""
    made = await db.read(_sheet, caller, distribution_id)
    return await print_paper(render_sheet, made, name=made.number)
