"""What the catalogue answers: patents with the end of their term, imports and the rows they refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, Select, and_, cast, false, literal, or_, select, text

from app.catalog.errors import ImportMissing, PatentMissing
from app.catalog.models import Patent, PatentImport, PatentImportRefusal
from app.catalog.patent_terms import expires_on
from app.dated_rules import DatedRule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

_MOST_HEADINGS = 200


@dataclass(frozen=True)
class PatentView:
    """A patent as everybody reads it; from ``expires_on`` on it is no longer in force by its term."""

    id: UUID
    application_no: str
    title: str
    patent_type: str
    filing_on: date
    expires_on: date
    ipc_main: str
    applicant: str | None
    patent_no: str | None
    owner_organisation_id: UUID | None
    marks: list[str]
    source: str
    created_at: datetime


def _patents() -> Select[Patent, int]:
    # The terms are few rows of the kernel's dated rules: one join instead of one look-up a patent.
    term = and_(
        DatedRule.key == literal("patent.term_years.").concat(Patent.patent_type),
        DatedRule.board == "standard",
        DatedRule.jurisdiction == "CN",
        DatedRule.valid_from <= Patent.filing_on,
        or_(DatedRule.valid_to.is_(None), DatedRule.valid_to > Patent.filing_on),
    )
    return select(Patent, cast(DatedRule.value, Integer).label("term_years")).join(DatedRule, term)


def _view(patent: Patent, term_years: int) -> PatentView:
    return PatentView(
        id=patent.id,
        application_no=patent.application_no,
        title=patent.title,
        patent_type=patent.patent_type,
        filing_on=patent.filing_on,
        expires_on=expires_on(patent.patent_type, patent.filing_on, term_years),
        ipc_main=patent.ipc_main,
        applicant=patent.applicant,
        patent_no=patent.patent_no,
        owner_organisation_id=patent.owner_organisation_id,
        marks=patent.marks,
        source=patent.source,
        created_at=patent.created_at,
    )


async def get_patent(session: AnySession, patent_id: UUID) -> PatentView:
    """Reads one patent, whoever asks: for operations and pages that have judged who may see it."""
    row = (await session.execute(_patents().where(Patent.id == patent_id))).one_or_none()
    if row is None:
        raise PatentMissing
    patent, years = row
    return _view(patent, years)


async def list_patents_by_id(session: AnySession, patent_ids: Sequence[UUID]) -> dict[UUID, PatentView]:
    """Reads several patents at once, for lists of what refers to them."""
    rows = (await session.execute(_patents().where(Patent.id.in_(patent_ids)))).all()
    return {patent.id: _view(patent, years) for patent, years in rows}


async def lock_patents(session: Session, patent_ids: Sequence[UUID]) -> None:
    """Takes the row locks of patents in the order of their ids: who puts them up does so one after the other."""
    query = select(Patent.id).where(Patent.id.in_(patent_ids)).order_by(Patent.id).with_for_update()
    await session.execute(query)


async def get_patent_for(session: AnySession, caller: Caller | None, patent_id: UUID) -> PatentView:
    """Reads one patent that the caller may see.

    The exchange's catalogue is public. What an organisation has brought in is its own business until it lists it:
    strangers get PatentMissing, the exchange's people see it.
    """
    found = await get_patent(session, patent_id)
    owner = found.owner_organisation_id
    if owner is None or (caller is not None and (caller.is_exchange or caller.organisation_id == owner)):
        return found
    raise PatentMissing


@dataclass(frozen=True)
class PatentFilter:
    """What is looked for: a part of the title, number or applicant; a type; the beginning of a class; one's own."""

    q: str = ""
    patent_type: str | None = None
    ipc: str = ""
    is_mine: bool = False


def _literally(written: str) -> str:
    return written.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _filtered(query: Select[Patent, int], caller: Caller | None, wanted: PatentFilter) -> Select[Patent, int]:
    if wanted.is_mine:
        mine = Patent.owner_organisation_id == caller.organisation_id if caller is not None else false()
        query = query.where(mine)
    elif caller is None:
        query = query.where(Patent.owner_organisation_id.is_(None))
    elif not caller.is_exchange:
        owner = Patent.owner_organisation_id
        query = query.where(or_(owner.is_(None), owner == caller.organisation_id))
    if q := wanted.q.strip():
        number = _literally("".join(q.upper().split()).removeprefix("ZL"))
        part = f"%{_literally(q)}%"
        found = [
            Patent.title.ilike(part),
            Patent.applicant.ilike(part),
            Patent.application_no.like(f"%{number}%"),
        ]
        query = query.where(or_(*found))
    if wanted.patent_type:
        query = query.where(Patent.patent_type == wanted.patent_type)
    if ipc := "".join(wanted.ipc.upper().split()):
        query = query.where(Patent.ipc_main.like(f"{_literally(ipc)}%"))
    return query


async def list_patents(
    session: AnySession,
    caller: Caller | None,
    wanted: PatentFilter,
    *,
    after: UUID | None = None,
    limit: int = 20,
) -> list[PatentView]:
    """Lists patents that the caller may see, the newest entries first."""
    query = _filtered(_patents(), caller, wanted)
    if after is not None:
        query = query.where(Patent.id < after)
    rows = (await session.execute(query.order_by(Patent.id.desc()).limit(limit))).all()
    return [_view(patent, years) for patent, years in rows]


async def get_import(session: AnySession, caller: Caller, import_id: UUID) -> PatentImport:
    """Reads one import of the caller's organisation, or any as the exchange. Raises ImportMissing."""
    found = (
        await session.execute(select(PatentImport).where(PatentImport.id == import_id))
    ).scalar_one_or_none()
    if found is None or not (caller.is_exchange or found.organisation_id == caller.organisation_id):
        raise ImportMissing
    return found


async def list_refusals(
    session: AnySession, import_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[PatentImportRefusal]:
    """Lists the refused rows of an import in the order of the file."""
    query = (
        select(PatentImportRefusal)
        .where(PatentImportRefusal.import_id == import_id, PatentImportRefusal.line_no > after)
        .order_by(PatentImportRefusal.line_no)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


_HEADINGS = text(
    """
    SELECT heading.name FROM patent_import_refusal AS refusal,
      LATERAL json_object_keys(refusal.row) WITH ORDINALITY AS heading (name, place)
    WHERE refusal.import_id = :import_id
    GROUP BY heading.name ORDER BY min(heading.place), heading.name LIMIT :most
    """
)


async def list_refused_headings(session: AnySession, import_id: UUID) -> list[str]:
    """The headings of all refused rows of an import, in the order of the file's columns."""
    rows = await session.execute(_HEADINGS, {"import_id": import_id, "most": _MOST_HEADINGS})
    return [str(name) for (name,) in rows]
