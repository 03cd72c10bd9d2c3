"""Patents: the catalogue, and registering one."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.deps import CallerDep, DbDep, OptionalCallerDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.catalog.queries import PatentFilter, get_patent_for, list_patents
from app.catalog.registering import register_patent

router = Router(prefix="/patents", tags=["patents"])

PatentTypeName = Literal["invention", "utility_model", "design"]


class PatentOut(Wire):
    """A patent's bibliographic facts; its legal status is not verified here."""

    id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    application_no: str = Field(
        description="申请号 / application number, normalised", examples=["CN201710601862.3"]
    )
    title: str = Field(examples=["一种绳网的编织方法"])
    patent_type: PatentTypeName = Field(examples=["invention"])
    filing_on: date = Field(examples=["2017-07-21"])
    expires_on: date = Field(
        description="期限届满日：自该日起专利权因期满终止 / from this day it is not in force by its term",
        examples=["2037-07-21"],
    )
    ipc_main: str = Field(
        description="主分类号：IPC 或洛迦诺 / main class: IPC, or Locarno for designs", examples=["D04C1/06"]
    )
    applicant: str | None = Field(
        description="申请（专利权）人，null 为未公开 / applicant; null: withheld", examples=["山东农业大学"]
    )
    patent_no: str | None = Field(
        description="公开（公告）号 / publication number", examples=["CN105761178A"]
    )
    owner_organisation_id: UUID | None = Field(
        description="录入单位，null 为交易所目录 / who brought it in; null: the exchange's catalogue",
        examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"],
    )
    marks: list[str] = Field(
        description="legal_status_unverified 法律状态未核验, no_check_digit 申请号无校验位, applicant_withheld 申请人未公开, "
        "applicant_differs 申请人与录入单位不一致, filing_year_differs 申请日与申请号年份不一致, kind_unknown 申请号种类位不认识",
        examples=[["legal_status_unverified"]],
    )
    source: str = Field(examples=["form"])
    created_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])


class PatentIn(Wire):
    """A patent as its owner writes it down; the number's check digit is verified."""

    application_no: str = Field(min_length=1, max_length=60, examples=["ZL201710601862.3"])
    title: str = Field(min_length=1, max_length=500, examples=["一种绳网的编织方法"])
    patent_type: PatentTypeName | None = Field(
        default=None,
        description="不填时由申请号得出 / told by the number when left out",
        examples=["invention"],
    )
    filing_on: date = Field(examples=["2017-07-21"])
    ipc_main: str = Field(min_length=1, max_length=60, examples=["D04C1/06"])
    applicant: str = Field(min_length=1, max_length=500, examples=["山东农业大学"])
    patent_no: str | None = Field(default=None, min_length=1, max_length=40, examples=["CN105761178A"])

    def written(self) -> dict[str, str]:
        """The facts as the catalogue reads them from any source."""
        return {name: str(value) for name, value in self if value is not None}


@router.get("", operation_id="list_patents", responses=problems(401, 422))
async def list_(
    db: DbDep,
    caller: OptionalCallerDep,
    page: PageDep,
    q: Annotated[
        str,
        Query(
            max_length=200, description="名称、申请号或申请人的一部分 / part of title, number or applicant"
        ),
    ] = "",
    patent_type: Annotated[PatentTypeName | None, Query()] = None,
    ipc: Annotated[
        str, Query(max_length=20, description="主分类号的开头 / beginning of the main class")
    ] = "",
    owner: Annotated[
        Literal["mine"] | None, Query(description="只看本单位的 / only my organisation's")
    ] = None,
) -> PageOf[PatentOut]:
    """Lists the exchange's catalogue and the caller's own patents, the newest entries first."""
    wanted = PatentFilter(q=q, patent_type=patent_type, ipc=ipc, is_mine=owner == "mine")
    rows = await db.read(list_patents, caller, wanted, after=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    return PageOf[PatentOut](items=[PatentOut.model_validate(row) for row in shown], next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="register_patent", responses=problems(401, 403, 409, 422))
async def register(body: PatentIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> PatentOut:
    """Registers one patent for the caller's organisation."""
    patent_id = await db.write(
        once,
        caller,
        key,
        "register_patent",
        body,
        lambda session: register_patent(session, caller, body.written()),
    )
    return PatentOut.model_validate(await db.read(get_patent_for, caller, patent_id))


@router.get("/{patent_id}", operation_id="get_patent", responses=problems(401, 404, 422))
async def get(patent_id: UUID, db: DbDep, caller: OptionalCallerDep) -> PatentOut:
    """Reads one patent of the catalogue or of the caller's organisation."""
    return PatentOut.model_validate(await db.read(get_patent_for, caller, patent_id))
