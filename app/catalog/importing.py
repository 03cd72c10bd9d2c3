"""Imports (批量导入): a file's rows are judged page by page, each page in a transaction of its own.

So progress is seen, a bad row stops no other, and an import that was cut off goes on where it stood. From the page of
the site the file comes as bytes and is read and judged by tasks; on the command line it is read where it lies.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, insert, select

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.columns import pick_facts
from app.catalog.errors import ImportMissing
from app.catalog.files import PatentFile, Row
from app.catalog.files.rows import Reason
from app.catalog.files.text import storable
from app.catalog.models import PatentImport, PatentImportPage, PatentImportRefusal
from app.catalog.patent_facts import PatentFacts, read_facts
from app.catalog.registering import Origin, take_patents
from app.clock import market_date, market_now
from app.errors import MarketError
from app.tasks import promise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from app.accounts.caller import Caller
    from app.db import Session

PAGE_ROWS = 1000
READ_TASK = "read_patent_import"
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
    await audit(
        session,
        caller,
        "patent-import.started",
        subject_kind="patent_import",
        subject_id=made.id,
        detail=detail,
    )
    return made.id


async def start_catalogue_import(
    session: Session, filename: str, sha256: str, file: PatentFile, total: int
) -> UUID:
    """Opens an import into the exchange's own catalogue, whose rows the caller brings page by page."""
    made = PatentImport(
        filename=shown_filename(filename),
        file_sha256=sha256,
        file_format=file.file_format,
        encoding=file.encoding,
        status="running",
        total=total,
    )
    session.add(made)
    await session.flush()
    detail = {"filename": made.filename, "sha256": sha256, "rows": total}
    await audit(
        session,
        None,
        "patent-import.started",
        subject_kind="patent_import",
        subject_id=made.id,
        detail=detail,
    )
    return made.id


async def lock_import(session: Session, import_id: UUID) -> PatentImport:
    """Takes the lock under which an import's counts and state change. Raises ImportMissing."""
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
    cells = {
        storable(name)[:_LONGEST_CELL]: storable(value)[:_LONGEST_CELL] for name, value in row.cells.items()
    }
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
    import_ = await lock_import(session, import_id)
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


async def finish_import(
    session: Session, import_id: UUID, problem: MarketError | None = None
) -> PatentImport:
    """Closes an import, with what was wrong with its file if it could not be read; the uploaded bytes go."""
    import_ = await lock_import(session, import_id)
    now = await market_now(session)
    import_.status = "failed" if problem else "done"
    import_.problem = asdict(Reason.of(problem)) if problem else None
    import_.finished_at = now
    import_.content = None
    await session.execute(delete(PatentImportPage).where(PatentImportPage.import_id == import_id))
    detail = {
        "status": import_.status,
        "accepted": import_.accepted,
        "unchanged": import_.unchanged,
        "refused": import_.refused,
    }
    await audit(
        session,
        None,
        "patent-import.ended",
        subject_kind="patent_import",
        subject_id=import_id,
        detail=detail,
    )
    return import_


def in_pages(rows: Iterator[Row], size: int = PAGE_ROWS) -> Iterator[list[Row]]:
    """Cuts rows into pages, lazily."""
    while page := list(islice(rows, size)):
        yield page
