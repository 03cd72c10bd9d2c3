"""Imports (批量导入): a file's rows are judged page by page, each page in a transaction of its own.

So progress is seen, a bad row stops no other, and an import that was cut off goes on where it stood. From the page of
the site the file comes as bytes and is read and judged by tasks; on the command line it is read where it lies.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.columns import pick_facts
from app.catalog.errors import ImportMissing
from app.catalog.files import PatentFile, Row, open_patent_file
from app.catalog.files.rows import Reason
from app.catalog.files.text import storable
from app.catalog.models import PatentImport, PatentImportPage, PatentImportRefusal
from app.catalog.patent_facts import PatentFacts, read_facts
from app.catalog.registering import Origin, take_patents
from app.clock import market_date, market_now
from app.errors import MarketError
from app.tasks import handles, promise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from app.accounts.caller import Caller
    from app.db import Session

PAGE_ROWS = 1000
READ_TASK = "read_patent_import"
PAGE_TASK = "take_patent_import_page"
_LONGEST_CELL = 2000
_LONGEST_FILENAME = 200


def shown_filename(filename: str) -> str:
    """A file's name without folders, short and storable."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1].strip()
    return storable("".join(part for part in name if part.isprintable()))[-_LONGEST_FILENAME:] or "-"


async def start_upload(session: Session, caller: Caller, filename: str, content: bytes, sha256: str) -> UUID:
    """Keeps an uploaded file and promises to read it; answers the import's id. Needs PATENT_WRITE."""
    caller.require(Permission.PATENT_WRITE)
    made = PatentImport(
        organisation_id=caller.organisation_id,
        organisation_name=caller.organisation_name,
        created_by=caller.person_id,
        filename=shown_filename(filename),
        file_sha256=sha256,
        status="waiting",
        content=content,
    )
    session.add(made)
    await session.flush()
    await promise(session, READ_TASK, {"import_id": str(made.id)}, key=str(made.id))
    detail = {"filename": made.filename, "sha256": sha256, "bytes": len(content)}
    await audit(session, caller, "patent-import.started", subject_kind="patent_import", subject_id=made.id, detail=detail)
    return made.id


async def start_catalogue_import(session: Session, filename: str, sha256: str, file: PatentFile) -> UUID:
    """Opens an import into the exchange's own catalogue, whose rows the caller brings page by page."""
    made = PatentImport(
        filename=shown_filename(filename),
        file_sha256=sha256,
        file_format=file.file_format,
        encoding=file.encoding,
        status="running",
        total=file.total,
    )
    session.add(made)
    await session.flush()
    detail = {"filename": made.filename, "sha256": sha256, "rows": file.total}
    await audit(session, None, "patent-import.started", subject_kind="patent_import", subject_id=made.id, detail=detail)
    return made.id


async def _lock_import(session: Session, import_id: UUID) -> PatentImport:
    query = select(PatentImport).where(PatentImport.id == import_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise ImportMissing
    return found


def _judge(rows: Sequence[Row], today: date) -> list[tuple[Row, PatentFacts | Reason]]:
    judged: list[tuple[Row, PatentFacts | Reason]] = []
    for row in rows:
        if row.problem is not None:
            judged.append((row, row.problem))
            continue
        try:
            judged.append((row, read_facts(pick_facts(row.cells), today)))
        except MarketError as error:
            judged.append((row, Reason.of(error)))
    return judged


def _refusal(import_id: UUID, row: Row, reason: Reason) -> dict[str, object]:
    cells = {storable(name)[:_LONGEST_CELL]: storable(value)[:_LONGEST_CELL] for name, value in row.cells.items()}
    return {
        "import_id": import_id,
        "line_no": row.line_no,
        "code": reason.code,
        "reason_zh": storable(reason.zh),
        "reason_en": storable(reason.en),
        "row": cells,
    }


async def take_rows(session: Session, import_id: UUID, rows: Sequence[Row]) -> PatentImport:
    """Judges rows of an import, registers the good ones, writes down the refused, and counts them all."""
    import_ = await _lock_import(session, import_id)
    origin = Origin(import_.organisation_id, import_.organisation_name, import_.created_by)
    judged = _judge(rows, market_date(await market_now(session)))
    good = [(row, outcome) for row, outcome in judged if isinstance(outcome, PatentFacts)]
    refusals = [_refusal(import_id, row, outcome) for row, outcome in judged if isinstance(outcome, Reason)]
    taken = await take_patents(session, [facts for _, facts in good], origin)
    for (row, _), outcome in zip(good, taken, strict=True):
        if outcome.refusal is not None:
            refusals.append(_refusal(import_id, row, Reason.of(outcome.refusal)))
    if refusals:
        await session.execute(insert(PatentImportRefusal), refusals)
    import_.accepted += sum(outcome.is_new for outcome in taken)
    import_.refused += len(refusals)
    import_.done += len(rows)
    import_.unchanged = import_.done - import_.accepted - import_.refused
    await session.flush()
    return import_


async def finish_import(session: Session, import_id: UUID, problem: MarketError | None = None) -> PatentImport:
    """Closes an import, with what was wrong with its file if it could not be read; the uploaded bytes go."""
    import_ = await _lock_import(session, import_id)
    import_.status = "failed" if problem else "done"
    import_.problem = asdict(Reason.of(problem)) if problem else None
    import_.finished_at = await market_now(session)
    import_.content = None
    await session.execute(delete(PatentImportPage).where(PatentImportPage.import_id == import_id))
    detail = {
        "status": import_.status,
        "accepted": import_.accepted,
        "unchanged": import_.unchanged,
        "refused": import_.refused,
    }
    await audit(session, None, "patent-import.ended", subject_kind="patent_import", subject_id=import_id, detail=detail)
    return import_


def in_pages(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Cuts rows into pages, lazily."""
    while page := list(islice(rows, PAGE_ROWS)):
        yield page


def _plain(row: Row) -> list[Any]:
    cells = {storable(name): storable(value) for name, value in row.cells.items()}
    return [row.line_no, cells, asdict(row.problem) if row.problem else None]


def _row_of(plain: list[Any]) -> Row:
    line_no, cells, problem = plain
    return Row(line_no, cells, Reason(**problem) if problem else None)


@handles(READ_TASK)
async def read_patent_import(session: Session, payload: dict[str, Any]) -> None:
    """Reads an uploaded file into pages and promises the first; a file that cannot be read ends its import.

    Safe to run twice: only an import that waits is read.
    """
    import_id = UUID(payload["import_id"])
    import_ = await _lock_import(session, import_id)
    if import_.status != "waiting":
        return
    query = select(PatentImport.content).where(PatentImport.id == import_id)
    content = (await session.execute(query)).scalar_one()
    try:
        # In threads, so that other work of this process goes on meanwhile.
        file = await asyncio.to_thread(open_patent_file, BytesIO(content or b""))
        pages = in_pages(file.rows())
        number = 0
        while page := await asyncio.to_thread(next, pages, None):
            number += 1
            row = {"import_id": import_id, "number": number, "rows": [_plain(item) for item in page]}
            await session.execute(insert(PatentImportPage).values(row))
    except MarketError as error:
        await finish_import(session, import_id, error)
        return
    read = {"status": "running", "file_format": file.file_format, "encoding": file.encoding, "total": file.total}
    await session.execute(update(PatentImport).where(PatentImport.id == import_id).values(content=None, **read))
    await _promise_page(session, import_id, 1)


async def _promise_page(session: Session, import_id: UUID, number: int) -> None:
    payload = {"import_id": str(import_id), "number": number}
    await promise(session, PAGE_TASK, payload, key=f"{import_id}:{number}")


@handles(PAGE_TASK)
async def take_patent_import_page(session: Session, payload: dict[str, Any]) -> None:
    """Takes one page of an import and promises the next; after the last the import ends.

    Safe to run twice: a page that was taken is gone, and its run promised the next.
    """
    import_id, number = UUID(payload["import_id"]), int(payload["number"])
    await _lock_import(session, import_id)
    this = (PatentImportPage.import_id == import_id) & (PatentImportPage.number == number)
    page = (await session.execute(delete(PatentImportPage).where(this).returning(PatentImportPage.rows))).first()
    if page is None:
        return
    await take_rows(session, import_id, [_row_of(plain) for plain in page.rows])
    following = select(PatentImportPage.number).where(
        PatentImportPage.import_id == import_id, PatentImportPage.number == number + 1
    )
    if (await session.execute(following)).first() is None:
        await finish_import(session, import_id)
    else:
        await _promise_page(session, import_id, number + 1)
