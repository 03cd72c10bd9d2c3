"""Tasks of the catalogue: an uploaded file is read into pages, and the pages are taken one after the other."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from app.catalog.files import Row, open_patent_file
from app.catalog.files.rows import Reason
from app.catalog.files.text import storable
from app.catalog.importing import READ_TASK, finish_import, in_pages, lock_import, take_rows
from app.catalog.models import PatentImport, PatentImportPage
from app.errors import MarketError
from app.tasks import handles, promise

if TYPE_CHECKING:
    from app.db import Session

PAGE_ROWS = 200  # about 50 ms of one processor: the worker may share its process with the sales
PAGE_TASK = "take_patent_import_page"


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
    import_ = await lock_import(session, import_id)
    if import_.status != "waiting":
        return
    query = select(PatentImport.content).where(PatentImport.id == import_id)
    content = (await session.execute(query)).scalar_one()
    try:
        # In threads, so that other work of this process goes on meanwhile.
        file = await asyncio.to_thread(open_patent_file, BytesIO(content or b""))
        pages = in_pages(file.rows(), PAGE_ROWS)
        number = total = 0
        while page := await asyncio.to_thread(next, pages, None):
            number += 1
            total += len(page)
            row = {"import_id": import_id, "number": number, "rows": [_plain(item) for item in page]}
            await session.execute(insert(PatentImportPage).values(row))
    except MarketError as error:
        await finish_import(session, import_id, error)
        return
    read = {
        "status": "running",
        "file_format": file.file_format,
        "encoding": file.encoding,
        "total": total,
    }
    await session.execute(
        update(PatentImport).where(PatentImport.id == import_id).values(content=None, **read)
    )
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
    await lock_import(session, import_id)
    this = (PatentImportPage.import_id == import_id) & (PatentImportPage.number == number)
    page = (
        await session.execute(delete(PatentImportPage).where(this).returning(PatentImportPage.rows))
    ).first()
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
