"""Reading the audit record with the names of who acted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.accounts.permissions import Permission
from app.audit import AuditRecord
from app.lists import NEWEST, Asked, Key, Shape

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import AnySession


AUDIT_RECORDS = Shape(
    Key(AuditRecord.id, "id"),
    # Records are numbered by their time.
    {"at": Key(AuditRecord.id, "id")},
    words=(AuditRecord.action, AuditRecord.subject_id, Person.name, Organisation.name),
    on=AuditRecord.at,
)


@dataclass(frozen=True)
class AuditEntry:
    """One act; person and organisation are None for what the market did by itself."""

    id: UUID
    at: datetime
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any]


async def list_audit_records(
    session: AnySession,
    caller: Caller,
    *,
    subject_kind: str | None = None,
    subject_id: str | None = None,
    person_id: UUID | None = None,
    asked: Asked = NEWEST,
) -> list[AuditEntry]:
    """Reads what was done, newest first or as asked. Only a supervisor may. Raises SortCursorWrong."""
    caller.require(Permission.AUDIT_READ)
    query = (
        select(AuditRecord, Person.name.label("person_name"), Organisation.name.label("organisation_name"))
        .outerjoin(Person, Person.id == AuditRecord.person_id)
        .outerjoin(Organisation, Organisation.id == AuditRecord.organisation_id)
    )
    query = AUDIT_RECORDS.ask(query, asked)
    if subject_kind is not None:
        query = query.where(AuditRecord.subject_kind == subject_kind)
    if subject_id is not None:
        query = query.where(AuditRecord.subject_id == subject_id)
    if person_id is not None:
        query = query.where(AuditRecord.person_id == person_id)
    return [
        AuditEntry(
            id=record.id,
            at=record.at,
            person_id=record.person_id,
            person_name=person_name,
            organisation_id=record.organisation_id,
            organisation_name=organisation_name,
            action=record.action,
            subject_kind=record.subject_kind,
            subject_id=record.subject_id,
            detail=record.detail,
        )
        for record, person_name, organisation_name in (await session.execute(query)).all()
    ]
