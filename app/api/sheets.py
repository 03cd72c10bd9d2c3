"""Lists as workbooks (Excel): the same rows that the list's own route gives, under headings in both languages.

A workbook's route is made of the list's route: its parameters but the paging, its permissions, its filters and its order
are the list's, because the list's own function is what is called, page after page.
"""

import asyncio
import inspect
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any, Literal
from urllib.parse import quote

import orjson
from fastapi import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.api.deps import read_cursor
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Page, PageOf
from app.errors import Invalid

MOST_ROWS = 10_000
_PAGE_ROWS = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHANGHAI = timezone(timedelta(hours=8))
_FORMATS = {
    "text": "@",
    "fen": "#,##0.00",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
    "count": "0",
}
_WIDTHS = {"text": 24, "fen": 18, "day": 12, "moment": 20, "count": 10}
_LONGEST_CELL = 32_000

Kind = Literal["text", "fen", "day", "moment", "count"]
Endpoint = Callable[..., Awaitable[PageOf[Any]]]


@dataclass(eq=False)
class ListTooLong(Invalid):
    """The list has too many rows for one workbook."""

    zh = "这份列表超过 {most} 行，一个 Excel 文件放不下；请先用筛选缩小范围，再导出。"
    en = "The list has more than {most} rows, too many for one workbook; narrow it with its filters and export again."
    most: int = MOST_ROWS


@dataclass(frozen=True)
class Column:
    """A column: where its value is in a row (``listing.title``), its headings, and what it is."""

    path: str
    zh: str
    en: str
    kind: Kind = "text"
    words: dict[str, str] | None = None

    def value(self, row: object) -> str | int | Decimal | date | datetime | None:
        """The cell's value: yuan with two decimals, instants in Shanghai's time; what is not there is empty."""
        found: Any = row
        for name in self.path.split("."):
            found = None if found is None else attrgetter(name)(found)
        if found is None:
            return None
        if self.kind == "fen":
            return (Decimal(int(found)) / 100).quantize(Decimal("0.01"))
        if self.kind == "moment" and isinstance(found, datetime):
            return found.astimezone(_SHANGHAI).replace(tzinfo=None, microsecond=0)
        if self.kind in {"day", "count"}:
            plain: int | date = found
            return plain
        if isinstance(found, dict | list):
            return orjson.dumps(found).decode()
        text = str(found.value if isinstance(found, Enum) else found)
        return (self.words or {}).get(text, text)


@dataclass(frozen=True)
class Sheet:
    """A list that is given as a workbook."""

    name: str
    zh: str
    en: str
    endpoint: Endpoint
    columns: tuple[Column, ...]
    # Where a list's item holds several rows, such as the entries of a transfer.
    spread: Callable[[Any], list[Any]] | None = None


def write_sheet(title: str, columns: Sequence[Column], rows: Sequence[object]) -> bytes:
    """Writes a workbook of one sheet; no text of it is ever a formula, whatever a payer wrote into his remark."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS[column.kind]
    heading = []
    for column in columns:
        cell = _text_cell(sheet, f"{column.zh} {column.en}")
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    for row in rows:
        sheet.append([_cell(sheet, column, column.value(row)) for column in columns])
    # Filters in the heading, as one expects of a list.
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, column: Column, value: Any) -> Any:  # noqa: ANN401 - openpyxl's own
    if value is None:
        return None
    if isinstance(value, str):
        return _text_cell(sheet, value)
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _FORMATS[column.kind]
    return cell


def _text_cell(sheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl's own
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST_CELL])
    # Text stays text: openpyxl would take what begins with = for a formula, and a person who edits it would too.
    cell.data_type = "s"
    cell.number_format = _FORMATS["text"]
    return cell


async def _read_all(sheet: Sheet, given: dict[str, Any]) -> list[Any]:
    """All rows of a list, read as whoever scrolls to its end reads them. Raises ListTooLong."""
    rows: list[Any] = []
    cursor: str | None = None
    while True:
        page = Page(after=read_cursor(cursor) if cursor else None, limit=_PAGE_ROWS)
        found = await sheet.endpoint(page=page, **given)
        for item in found.items:
            rows.extend(sheet.spread(item) if sheet.spread else [item])
        if len(rows) > MOST_ROWS:
            raise ListTooLong
        cursor = found.next_cursor
        if cursor is None:
            return rows


def serve_sheet(router: Router, sheet: Sheet) -> None:
    """Makes the route ``/workbooks/{name}`` of a list."""

    async def workbook(**given: Any) -> Response:  # noqa: ANN401 - the list's own parameters
        rows = await _read_all(sheet, given)
        content = await asyncio.to_thread(write_sheet, sheet.zh, sheet.columns, rows)
        name = quote(f"{sheet.zh}.xlsx")
        return Response(
            content,
            media_type=_XLSX,
            headers={
                "Content-Disposition": f"attachment; filename=\"{sheet.name}.xlsx\"; filename*=UTF-8''{name}",
                "Cache-Control": "no-store",
            },
        )

    signature = inspect.signature(sheet.endpoint)
    kept = [each for name, each in signature.parameters.items() if name != "page"]
    workbook.__signature__ = signature.replace(parameters=kept, return_annotation=Response)  # type: ignore[attr-defined]
    workbook.__doc__ = f"Gives {sheet.en} as a workbook: the rows that the list gives under the same filters."
    router.add_api_route(
        f"/workbooks/{sheet.name}",
        workbook,
        methods=["GET"],
        operation_id=f"get_{sheet.name.replace('-', '_')}_workbook",
        response_class=Response,
        responses={
            **problems(401, 403, 422),
            200: {
                "description": "Excel",
                "content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}},
            },
        },
    )
