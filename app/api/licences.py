"""The register of licences granted (许可登记): what a patent's owner has licensed, each in nobody's way."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line
from app.trades.licence_rules import Grant
from app.trades.licences import NewLicence, get_licence, list_licences, record_licence

router = Router(prefix="/licences", tags=["licences"])
Kind = Literal["exclusive", "sole", "ordinary"]


class LicenceIn(Wire):
    """A licence on a patent of one's own; ``ends_on`` is its last day."""

    patent_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    licensee_name: Line = Field(
        description="被许可人全称 / the licensee's full name", examples=["北辰材料有限公司"]
    )
    kind: Kind = Field(description="独占、排他、普通 / exclusive, sole, ordinary", examples=["ordinary"])
    territory: str = Field(max_length=5, description="WW, CN, CN-33", examples=["CN"])
    field: str = Field(
        default="", max_length=100, description="使用领域，空为全部 / empty for all", examples=[""]
    )
    starts_on: date = Field(examples=["2026-12-01"])
    ends_on: date = Field(examples=["2029-11-30"])
    accepts_earlier: bool = Field(
        default=False,
        description="被许可人已书面接受在先的普通许可 / the licensee accepts earlier ordinary licences",
        examples=[False],
    )


class LicenceOut(Wire):
    """A licence as its licensor and the reviewers read it."""

    id: UUID
    patent_id: UUID
    licensor_id: UUID
    licensee_name: str
    kind: Kind
    territory: str
    field: str
    starts_on: date
    ends_on: date
    expires_on: date = Field(description="专利权届满日 / when the patent's term ends")
    accepts_earlier: bool
    recorded_at: datetime


@router.get("", operation_id="list_licences", responses=problems(401, 403, 422))
async def list_(
    db: DbDep, caller: CallerDep, page: PageDep, patent_id: Annotated[UUID | None, Query()] = None
) -> PageOf[LicenceOut]:
    """Lists one's own licences, or all for a reviewer, the newest first."""
    rows = await db.read(
        list_licences, caller, patent_id=patent_id, before_id=page.after_id, limit=page.fetch
    )
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    return PageOf[LicenceOut](
        items=[LicenceOut.model_validate(row) for row in shown], next_cursor=next_cursor
    )


@router.post("", status_code=201, operation_id="record_licence", responses=problems(401, 403, 404, 409, 422))
async def record(body: LicenceIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> LicenceOut:
    """Records a licence granted on a patent of one's own."""
    grant = Grant(body.kind, body.territory, body.field.strip(), body.starts_on, body.ends_on)
    new = NewLicence(body.patent_id, body.licensee_name, grant, body.accepts_earlier)
    licence_id = await db.write(
        once, caller, key, "record_licence", body, lambda session: record_licence(session, caller, new)
    )
    return LicenceOut.model_validate(await db.read(get_licence, licence_id))
