"""The audit record, for the supervisor."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field

from app.accounts.audit_trail import AUDIT_RECORDS, list_audit_records
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked

router = Router(prefix="/audit-records", tags=["audit-records"])


class AuditRecordOut(Wire):
    """One act: who did what to which thing; person and organisation are null for what the market did by itself."""

    id: UUID
    at: AwareDatetime
    person_id: UUID | None
    person_name: str | None = Field(examples=["张三"])
    organisation_id: UUID | None
    organisation_name: str | None = Field(examples=["示例大学"])
    action: str = Field(examples=["listing.submitted"])
    subject_kind: str = Field(examples=["listing"])
    subject_id: str
    detail: dict[str, Any]


@router.get("", operation_id="list_audit_records", responses=problems(401, 403, 422))
async def index(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(AUDIT_RECORDS)],
    subject_kind: Annotated[str | None, Query(max_length=100, examples=["listing"])] = None,
    subject_id: Annotated[str | None, Query(max_length=100)] = None,
    person_id: UUID | None = None,
) -> PageOf[AuditRecordOut]:
    """审计记录，最新在前（监督岗）/ The audit record, newest first, for the supervisor."""
    entries = await db.read(
        list_audit_records,
        caller,
        subject_kind=subject_kind,
        subject_id=subject_id,
        person_id=person_id,
        asked=asked.at(page.after, page.fetch),
    )
    shown, cursor = page.cut(entries, lambda entry: AUDIT_RECORDS.key(entry, asked))
    return PageOf[AuditRecordOut](items=[AuditRecordOut.model_validate(e) for e in shown], next_cursor=cursor)
