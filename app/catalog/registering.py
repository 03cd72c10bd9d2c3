"""Registering patents (录入专利): one from a form, many from rows; a record that is there is never overwritten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from sqlalchemy import Text, func, literal_column, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.errors import PatentAlreadyRecorded, RecordedElsewhere
from app.catalog.models import Patent
from app.catalog.patent_facts import (
    APPLICANT_DIFFERS,
    PatentFacts,
    names_organisation,
    read_facts,
    require_same,
)
from app.catalog.patent_number import PatentType, without_check_digit
from app.clock import market_date, market_now
from app.errors import Invalid
from app.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Table

    from app.accounts.caller import Caller
    from app.db import Session

# As the unique index has it: with the parameters spelled out, or the index would not be used.
_bare_number = literal_column("split_part(patent.application_no, '.', 1)", Text)
_TABLE = cast("Table", Patent.__table__)
FORM = "form"  # 表单录入
IMPORT = "import"  # 批量导入


@dataclass(frozen=True)
class Origin:
    """Where patents come from: the organisation that brings them (None: the exchange's catalogue), who, and how."""

    organisation_id: UUID | None = None
    organisation_name: str | None = None
    person_id: UUID | None = None
    source: str = IMPORT


def _own_marks(applicant: str | None, origin: Origin) -> tuple[str, ...]:
    """The mark of a patent whose record names other applicants than the organisation that brings it."""
    if applicant is None or origin.organisation_name is None:
        return ()
    return () if names_organisation(applicant, origin.organisation_name) else (APPLICANT_DIFFERS,)


def _with_marks(facts: PatentFacts, origin: Origin) -> PatentFacts:
    return replace(facts, marks=(*facts.marks, *_own_marks(facts.applicant, origin)))


def _values(facts: PatentFacts, origin: Origin) -> dict[str, object]:
    marked = _with_marks(facts, origin)
    return {
        "id": uuid7(),
        "application_no": facts.application_no,
        "title": facts.title,
        "patent_type": str(facts.patent_type),
        "filing_on": facts.filing_on,
        "ipc_main": facts.ipc_main,
        "applicant": facts.applicant,
        "patent_no": facts.patent_no,
        "owner_organisation_id": origin.organisation_id,
        "marks": list(marked.marks),
        "source": origin.source,
        "created_by": origin.person_id,
    }


async def _insert_new(session: Session, facts: Sequence[PatentFacts], origin: Origin) -> set[str]:
    """Inserts the patents that are not recorded yet; tells their numbers.

    In the order of the numbers, so that two files that come at once wait for each other and do not deadlock.
    """
    rows = [_values(item, origin) for item in sorted(facts, key=lambda item: item.application_no)]
    # The table and not the class: the ORM would part rows with and without nulls into statements of their own.
    statement = insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.application_no)
    return set((await session.execute(statement, rows)).scalars())


@dataclass(frozen=True)
class _Recorded:
    facts: PatentFacts
    owner_organisation_id: UUID | None


async def _load(session: Session, numbers: Iterable[str]) -> dict[str, _Recorded]:
    """Loads what is recorded under numbers, which are given and answered without their check digits."""
    query = select(
        Patent.application_no,
        Patent.title,
        Patent.patent_type,
        Patent.filing_on,
        Patent.ipc_main,
        Patent.applicant,
        Patent.patent_no,
        Patent.owner_organisation_id,
    ).where(_bare_number.in_(list(numbers)))
    return {
        without_check_digit(row.application_no): _Recorded(
            PatentFacts(
                application_no=row.application_no,
                title=row.title,
                patent_type=PatentType(row.patent_type),
                filing_on=row.filing_on,
                ipc_main=row.ipc_main,
                applicant=row.applicant,
                patent_no=row.patent_no,
            ),
            row.owner_organisation_id,
        )
        for row in (await session.execute(query)).all()
    }


def _compare(recorded: _Recorded, given: PatentFacts, origin: Origin) -> Invalid | None:
    owner = recorded.owner_organisation_id
    if origin.organisation_id is not None and owner not in (None, origin.organisation_id):
        return RecordedElsewhere(given.application_no)
    try:
        require_same(recorded.facts, given)
    except Invalid as error:
        return error
    return None


async def _take_over(session: Session, records: Mapping[str, _Recorded], origin: Origin) -> set[str]:
    """Gives records of the exchange's catalogue to the organisation that brings the same facts; tells their numbers.

    One statement a record, in the order of the numbers: of two organisations at once the second waits and finds it
    taken. Whether the organisation may sell it is for the reviewer: a record that names other applicants gets the
    mark, by what is recorded, since who brings no applicant claims nothing about him.
    """
    taken: set[str] = set()
    for number, recorded in sorted(records.items()):
        marks = sql_cast(list(_own_marks(recorded.facts.applicant, origin)), ARRAY(Text))
        statement = (
            update(Patent)
            .where(_bare_number == number, Patent.owner_organisation_id.is_(None))
            .values(
                owner_organisation_id=origin.organisation_id,
                created_by=origin.person_id,
                marks=func.array_cat(Patent.marks, marks),
            )
            .returning(Patent.application_no)
        )
        if (await session.execute(statement)).first() is not None:
            taken.add(number)
    return taken


def _may_take_over(recorded: _Recorded, given: PatentFacts, origin: Origin) -> bool:
    if origin.organisation_id is None or recorded.owner_organisation_id is not None:
        return False
    try:
        require_same(recorded.facts, given)
    except Invalid:
        return False
    return True


@dataclass(frozen=True)
class Taken:
    """What became of one patent of many: new, or there already with the same facts, or refused for a reason."""

    is_new: bool
    refusal: Invalid | None = None


async def take_patents(session: Session, facts: Sequence[PatentFacts], origin: Origin) -> list[Taken]:
    """Registers many patents, in the order given; the first of two with one number counts.

    No recorded fact is changed: other facts, or another organisation's record, are a refusal. A record of the
    exchange's catalogue with the same facts becomes the organisation's own, which counts as new.
    """
    if not facts:
        return []
    first: dict[str, PatentFacts] = {}
    for item in facts:
        first.setdefault(without_check_digit(item.application_no), item)
    new = await _insert_new(session, list(first.values()), origin)
    recorded = await _load(session, first)
    free = {
        number: recorded[number]
        for number in first
        if _may_take_over(recorded[number], first[number], origin)
    }
    if free:
        taken_over = await _take_over(session, free, origin)
        new |= {first[number].application_no for number in taken_over}
        recorded = await _load(session, first)
    taken: list[Taken] = []
    for item in facts:
        number = without_check_digit(item.application_no)
        if first[number] is item and item.application_no in new:
            taken.append(Taken(is_new=True))
        else:
            taken.append(Taken(is_new=False, refusal=_compare(recorded[number], item, origin)))
    return taken


async def register_patent(session: Session, caller: Caller, written: Mapping[str, str]) -> UUID:
    """Registers one patent for the caller's organisation; answers its id.

    Needs PATENT_WRITE. An applicant other than the organisation is allowed and marked; a record of the exchange's
    catalogue with the same facts becomes the organisation's own. Raises the error of the first fact that cannot be
    right or that the record contradicts, or PatentAlreadyRecorded.
    """
    caller.require(Permission.PATENT_WRITE)
    facts = read_facts(written, market_date(await market_now(session)))
    origin = Origin(caller.organisation_id, caller.organisation_name, caller.person_id, FORM)
    (taken,) = await take_patents(session, [facts], origin)
    number = without_check_digit(facts.application_no)
    patent = (await session.execute(select(Patent).where(_bare_number == number))).scalar_one()
    if not taken.is_new:
        # What the catalogue's open record says may be told; of an organisation's own only that it is there.
        if taken.refusal is not None and patent.owner_organisation_id is None:
            raise taken.refusal
        raise PatentAlreadyRecorded(facts.application_no)
    await audit(
        session,
        caller,
        "patent.registered",
        subject_kind="patent",
        subject_id=patent.id,
        detail={"application_no": facts.application_no, "marks": patent.marks},
    )
    return patent.id
