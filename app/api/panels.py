"""Panels (评审组) of scored tenders: the host names the experts, enters what they found, and locks it before prices open."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from pydantic import Field, StringConstraints

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.auction.assessing import (
    TenderPanel,
    assess_bidder,
    convene_panel,
    get_tender_panel,
    list_tender_panels,
    lock_scores,
)
from app.catalog.panels import Expert

router = Router(prefix="/panels", tags=["panels"])

PanelId = Annotated[UUID, Path(description="评审组 / the panel's id")]
BidderCode = Annotated[
    str, Path(pattern=r"^[A-Z][0-9]{2}$", description="竞买号 / bidder code", examples=["A07"])
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Employer = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Points = Annotated[
    str,
    StringConstraints(max_length=24, pattern=r"^[0-9]{1,6}(\.[0-9]{1,6})?$|^[0-9]{1,12}/[1-9][0-9]{0,6}$"),
]
CriterionCode = Annotated[str, StringConstraints(max_length=30, pattern=r"^[a-z][a-z0-9_]*$")]


class ExpertIn(Wire):
    """One expert by name."""

    name: Name = Field(examples=["王一"])
    employer: Employer | None = Field(default=None, examples=["晨星大学"])


class PanelIn(Wire):
    """The experts who assess the offers for one listing, as many as its terms announce."""

    listing_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    experts: list[ExpertIn] = Field(
        min_length=1,
        max_length=21,
        examples=[[{"name": name} for name in ("王一", "王二", "王三", "王四", "王五")]],
    )


class AssessmentIn(Wire):
    """What the panel found about one bidder: points, or why the offer is rejected."""

    points: (
        Annotated[dict[CriterionCode, Annotated[list[Points], Field(max_length=21)]], Field(max_length=20)]
        | None
    ) = Field(
        default=None,
        description="按评审因素，依专家顺序各一个分数，写成文本 / by criterion one number of each expert, exact, as text",
        examples=[{"solution": ["40", "38.5", "41", "39", "40"]}],
    )
    rejection: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None
    ) = Field(default=None, description="否决理由 / why it is rejected", examples=["未按要求提交技术方案。"])


class CriterionOut(Wire):
    """One announced criterion with its weight out of 100."""

    code: str = Field(examples=["solution"])
    zh: str = Field(examples=["技术方案"])
    en: str = Field(examples=["technical solution"])
    weight: str = Field(examples=["45"])


class ExpertOut(Wire):
    """One expert of the panel."""

    name: str = Field(examples=["王一"])
    employer: str | None = Field(examples=["晨星大学"])


class AssessmentOut(Wire):
    """What was entered about one bidder."""

    bidder: str = Field(examples=["A07"])
    points: dict[str, list[str]] | None
    rejection: str | None


class PanelOut(Wire):
    """A panel as the host's desk reads it; nobody else does before prices open."""

    id: UUID
    listing_id: UUID
    auction_id: UUID
    created_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    locked_at: datetime | None = Field(
        description="评分锁定的时刻 / when the scores were locked", examples=[None]
    )
    commitment: str | None = Field(description="公布的承诺值 / the commitment as published", examples=[None])
    criteria: list[CriterionOut]
    experts: list[ExpertOut]
    bidders: list[str] = Field(
        description="待评的竞买号 / the codes to be assessed", examples=[["A07", "K31"]]
    )
    assessments: list[AssessmentOut]


def _out(found: TenderPanel) -> PanelOut:
    panel = found.panel
    return PanelOut(
        id=panel.id,
        listing_id=panel.listing_id,
        auction_id=found.auction_id,
        created_at=panel.created_at,
        locked_at=panel.locked_at,
        commitment=panel.commitment,
        criteria=[CriterionOut.model_validate(item) for item in found.criteria],
        experts=[ExpertOut(name=expert.name, employer=expert.employer) for expert in panel.experts],
        bidders=found.bidders,
        assessments=[
            AssessmentOut(
                bidder=bidder,
                points=None
                if kept.points is None
                else {code: list(row) for code, row in kept.points.items()},
                rejection=kept.rejection,
            )
            for bidder, kept in panel.found.items()
        ],
    )


@router.get("", operation_id="list_panels", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    listing_id: Annotated[UUID | None, Query(description="只看这个项目的 / of this listing only")] = None,
) -> PageOf[PanelOut]:
    """Lists panels for the host's desk, the newest first."""
    rows = await db.read(
        list_tender_panels, caller, listing_id=listing_id, after=page.after_id, limit=page.fetch
    )
    shown, next_cursor = page.cut(rows, lambda row: row.panel.id)
    return PageOf[PanelOut](items=[_out(row) for row in shown], next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="convene_panel", responses=problems(401, 403, 404, 409, 422))
async def convene(body: PanelIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> PanelOut:
    """组建评审组，专家名单在结果公布前保密（场务岗）/ Names the experts of a scored tender; they stay secret until the result."""
    experts = [Expert(expert.name, expert.employer) for expert in body.experts]
    made = await db.write(
        once,
        caller,
        key,
        "convene_panel",
        body,
        lambda session: convene_panel(session, caller, body.listing_id, experts),
    )
    return _out(await db.read(get_tender_panel, caller, made))


@router.get("/{panel_id}", operation_id="get_panel", responses=problems(401, 403, 404, 422))
async def get(panel_id: PanelId, db: DbDep, caller: CallerDep) -> PanelOut:
    """Reads one panel with what it has found so far, for the host's desk."""
    return _out(await db.read(get_tender_panel, caller, panel_id))


@router.put(
    "/{panel_id}/assessments/{bidder_code}",
    operation_id="assess_bidder",
    responses=problems(401, 403, 404, 409, 422),
)
async def assess(
    panel_id: PanelId, bidder_code: BidderCode, body: AssessmentIn, db: DbDep, caller: CallerDep
) -> PanelOut:
    """录入一个竞买号的评审意见，锁定前可以重录（场务岗）/ Enters what the panel found about one bidder, until it is locked."""
    await db.write(assess_bidder, caller, panel_id, bidder_code, body.points, body.rejection)
    return _out(await db.read(get_tender_panel, caller, panel_id))


@router.post(
    "/{panel_id}/lock",
    status_code=201,
    operation_id="lock_panel_scores",
    responses=problems(401, 403, 404, 409, 422),
)
async def lock(
    panel_id: PanelId, request: Request, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> PanelOut:
    """锁定评分并公布承诺值，此后才开启价格（场务岗）/ Locks the scores and publishes the commitment; prices open only after this."""
    state = request.app.state
    await db.write(
        once,
        caller,
        key,
        "lock_panel_scores",
        None,
        lambda session: lock_scores(session, caller, panel_id, state.signer),
        subject=panel_id,
    )
    found = await db.read(get_tender_panel, caller, panel_id)
    state.relay.publish(found.auction_id)
    return _out(found)
