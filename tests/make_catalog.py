"""Makers of patents and of files of patents for tests."""

from __future__ import annotations

import itertools
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from openpyxl import Workbook
from sqlalchemy import select

from app.catalog.models import Patent
from app.catalog.patent_number import check_digit
from app.tasks import TaskRow, keep_due_task
from app.worker import HANDLING_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.db import Database, Session

DATA = Path(__file__).parent / "data"
FACTS = DATA / "patents_facts.jsonl.gz"  # 5,910 real patents: bibliographic facts only
OFFICE_EXPORT = DATA / "office_export.jsonl"  # 30 rows under the patent office's own column names
_numbers = itertools.count(1)


def application_number(serial: int, *, year: int = 2015, kind: str = "1") -> str:
    """A number that holds: 12 digits with their check digit."""
    body = f"{year}{kind}{serial:07d}"
    return f"CN{body}.{check_digit(body)}"


async def make_patent(session: Session, **over: Any) -> Patent:
    """An invention in force, of the exchange's catalogue unless ``owner_organisation_id`` says otherwise."""
    serial = next(_numbers)
    columns = {
        "application_no": application_number(9_000_000 + serial),
        "title": f"一种试验装置{serial}",
        "patent_type": "invention",
        "filing_on": date(2015, 5, 1),
        "ipc_main": "H01M10/0525",
        "applicant": "虚构大学",
        "marks": ["legal_status_unverified"],
        "source": "form",
        **over,
    }
    patent = Patent(**columns)
    session.add(patent)
    await session.flush()
    return patent


def written_patent(serial: int = 1, **over: str) -> dict[str, str]:
    """A row of a file as people write it, under the names of the API."""
    return {
        "application_no": application_number(serial),
        "title": f"一种储能装置{serial}",
        "patent_type": "invention",
        "filing_on": "2015-05-01",
        "ipc_main": "H01M10/0525",
        "applicant": "虚构大学",
        **over,
    }


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Rows as JSON Lines."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def workbook(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, title_rows: int = 0) -> bytes:
    """A workbook of one sheet; text beginning with = is a formula, as in Excel."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(title_rows):
        sheet.append(["专利清单"])
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


async def keep_promise(db: Database) -> bool:
    """Keeps one promise as the worker does; a handler that fails fails the test."""
    assert HANDLING_MODULES
    kept = await db.write(keep_due_task)
    async with db.reading() as session:
        query = select(TaskRow.last_error).where(TaskRow.last_error.is_not(None))
        assert list((await session.execute(query)).scalars()) == []
    return kept


async def keep_promises(db: Database) -> int:
    """Keeps all promises; tells how many there were."""
    kept = 0
    while await keep_promise(db):
        kept += 1
    return kept
