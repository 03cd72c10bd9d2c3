"""Imports of patents: a file goes up, its progress is looked at, its refused rows come down."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from io import BytesIO
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import File, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.accounts.permissions import Permission
from app.api.deps import CallerDep, DbDep, LangDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.catalog.errors import FileTooLarge
from app.catalog.files import open_patent_file
from app.catalog.files.rows import MEBIBYTE
from app.catalog.importing import shown_filename, start_upload
from app.catalog.models import PatentImport
from app.catalog.queries import get_import, list_refusals, list_refused_headings
from app.catalog.refused_rows import heading_line, refusal_line
from app.db import Database
from app.errors import Lang

router = Router(prefix="/patent-imports", tags=["patents"])

MOST_BYTES = 64 * MEBIBYTE


class ImportProblem(Wire):
    """Why a file could not be read."""

    code: str = Field(examples=["file-unreadable"])
    detail: str = Field(examples=["文件读不出来：Excel 文件已损坏或不完整。"])


class PatentImportOut(Wire):
    """One file and how far its import has come: done = accepted + unchanged + refused."""

    id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    filename: str = Field(examples=["专利清单.xlsx"])
    file_format: Literal["json_lines", "csv", "excel"] | None = Field(examples=["excel"])
    encoding: str | None = Field(
        description="文本文件的编码 / encoding of a text file: utf-8, utf-8-sig, gb18030",
        examples=["gb18030"],
    )
    status: Literal["waiting", "running", "done", "failed"] = Field(examples=["running"])
    total: int | None = Field(description="行数，读完文件才有 / rows, once the file is read", examples=[5910])
    done: int = Field(examples=[3000])
    accepted: int = Field(description="新增 / new", examples=[2990])
    unchanged: int = Field(description="已有且相同 / there already, the same", examples=[0])
    refused: int = Field(description="未受理 / refused", examples=[10])
    problem: ImportProblem | None = Field(description="文件读不出来的原因 / why it failed", examples=[None])
    created_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    finished_at: datetime | None = Field(examples=[None])


class _Upload(Wire):
    """What makes two uploads the same request."""

    filename: str
    sha256: str


def _out(found: PatentImport, lang: Lang) -> PatentImportOut:
    plain = {name: getattr(found, name) for name in PatentImportOut.model_fields if name != "problem"}
    problem = found.problem and ImportProblem(code=found.problem["code"], detail=found.problem[lang])
    return PatentImportOut(**plain, problem=problem)


def _inspect(content: bytes) -> str:
    """Finds at once what can be seen without reading all rows; gives the file's digest."""
    open_patent_file(BytesIO(content))
    return hashlib.sha256(content).hexdigest()


@router.post(
    "", status_code=202, operation_id="start_patent_import", responses=problems(401, 403, 409, 413, 422)
)
async def start(
    file: Annotated[
        UploadFile, File(description="JSON Lines（可 .gz）、CSV 或 Excel，至多 64 MiB / at most 64 MiB")
    ],
    db: DbDep,
    caller: CallerDep,
    lang: LangDep,
    key: IdempotencyKeyDep = None,
) -> PatentImportOut:
    """Takes a file of patents for the caller's organisation; its rows are judged by and by."""
    caller.require(Permission.PATENT_WRITE)
    content = await file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileTooLarge(what_zh="文件的 MiB 数", what_en="MiB in a file", most=MOST_BYTES // MEBIBYTE)
    sha256 = await asyncio.to_thread(_inspect, content)
    filename = shown_filename(file.filename or "")
    import_id = await db.write(
        once,
        caller,
        key,
        "start_patent_import",
        _Upload(filename=filename, sha256=sha256),
        lambda session: start_upload(session, caller, filename, content, sha256),
    )
    return _out(await db.read(get_import, caller, import_id), lang)


@router.get("/{import_id}", operation_id="get_patent_import", responses=problems(401, 404, 422))
async def get(import_id: UUID, db: DbDep, caller: CallerDep, lang: LangDep) -> PatentImportOut:
    """Reads how far an import has come."""
    return _out(await db.read(get_import, caller, import_id), lang)


async def _refused_lines(db: Database, import_id: UUID) -> AsyncIterator[str]:
    headings = await db.read(list_refused_headings, import_id)
    yield heading_line(headings)
    after = 0
    while rows := await db.read(list_refusals, import_id, after=after):
        yield "".join(refusal_line(row, headings) for row in rows)
        after = rows[-1].line_no


@router.get(
    "/{import_id}/refusals.csv",
    operation_id="get_patent_import_refusals",
    response_class=StreamingResponse,
    responses={
        **problems(401, 404, 422),
        200: {"description": "CSV, UTF-8", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def get_refusals(import_id: UUID, db: DbDep, caller: CallerDep) -> StreamingResponse:
    """Gives the refused rows with line number, reason in Chinese and English, and the row as it came."""
    found = await db.read(get_import, caller, import_id)
    name = quote(f"{found.filename}.refused.csv")
    return StreamingResponse(
        _refused_lines(db, import_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )
