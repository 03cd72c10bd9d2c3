"""Demands for technology (技术需求): what an organisation asks for, with the highest price it would pay."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line
from app.catalog.demands import get_demand_for, list_demands, post_demand
from app.money import MAX_FEN

router = Router(prefix="/demands", tags=["demands"])

DemandId = Annotated[UUID, Path(description="需求 / the demand's id")]


class DemandIn(Wire):
    """What is asked for; it is kept as it was posted."""

    title: Line = Field(examples=["高寒地区光伏组件防积雪涂层"])
    description: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)] = (
        Field(
            description="要解决的问题和技术指标 / the problem and what has to be reached",
            examples=["零下 30 摄氏度时组件表面积雪滑落率不低于 90%，寿命 10 年以上。"],
        )
    )
    ceiling_fen: int = Field(
        gt=0, le=MAX_FEN, description="最高限价，分 / ceiling in fen", examples=[50000000]
    )


class DemandOut(Wire):
    """A demand as its organisation and the exchange read it."""

    id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    owner_organisation_id: UUID
    title: str = Field(examples=["高寒地区光伏组件防积雪涂层"])
    description: str
    ceiling_fen: int = Field(examples=[50000000])
    created_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])


@router.get("", operation_id="list_demands", responses=problems(401, 422))
async def list_(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[DemandOut]:
    """Lists the demands of the caller's organisation, or all for the exchange, the newest first."""
    rows = await db.read(list_demands, caller, after=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    return PageOf[DemandOut](items=[DemandOut.model_validate(row) for row in shown], next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="post_demand", responses=problems(401, 403, 409, 422))
async def post(body: DemandIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> DemandOut:
    """Posts a demand for the caller's organisation."""
    made = await db.write(
        once,
        caller,
        key,
        "post_demand",
        body,
        lambda session: post_demand(
            session,
            caller,
            title=body.title,
            description=body.description,
            ceiling_fen=body.ceiling_fen,
        ),
    )
    return DemandOut.model_validate(await db.read(get_demand_for, caller, made))


@router.get("/{demand_id}", operation_id="get_demand", responses=problems(401, 404, 422))
async def get(demand_id: DemandId, db: DbDep, caller: CallerDep) -> DemandOut:
    """Reads one demand of the caller's organisation, or any as the exchange."""
    return DemandOut.model_validate(await db.read(get_demand_for, caller, demand_id))
