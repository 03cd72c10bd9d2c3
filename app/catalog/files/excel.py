"""Excel workbooks (.xlsx): the first sheet whose first row has the headings."""

from __future__ import annotations

import warnings
import zlib
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from app.catalog.columns import missing_columns, require_columns
from app.catalog.errors import FileEmpty, FileTooLarge, FileUnreadable, FormulaRefused, RowUnreadable
from app.catalog.files.rows import Limits, Reason, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

# Styles and extensions of workbooks, of which openpyxl warns, do not matter here. For the whole process and not around
# the calls: workbooks are read in threads, and warnings' own context manager is not made for them.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\b")

_FAULTS = (
    ParseError,
    BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
)
_LAST_ROW = 1_048_576
_TITLE_ROWS = 10  # exports put a title or a note above the headings


@contextmanager
def _broken_workbooks() -> Iterator[None]:
    """Turns what openpyxl raises on a damaged workbook into the one error about it."""
    try:
        yield
    except _FAULTS as error:
        raise FileUnreadable(
            why_zh="Excel 文件内部结构已损坏", why_en="the inner structure of the workbook is broken"
        ) from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cells(cells: tuple[Any, ...]) -> tuple[list[str], tuple[int, str] | None]:
    """The texts of a row, and the place and kind of its first formula (f) or error value (e)."""
    texts: list[str] = []
    odd: tuple[int, str] | None = None
    for place, cell in enumerate(cells):
        if odd is None and cell.value is not None and cell.data_type in {"f", "e"}:
            odd = (place, cell.data_type)
        texts.append(_text(cell.value))
    return texts, odd


def _row(line_no: int, headings: list[str], cells: tuple[Any, ...]) -> Row | None:
    texts, odd = _cells(cells)
    if not any(text.strip() for text in texts):
        return None
    row = {heading: text for heading, text in zip(headings, texts, strict=False) if heading}
    if odd is None:
        return Row(line_no, row)
    place, kind = odd
    column = headings[place] if place < len(headings) and headings[place] else f"#{place + 1}"
    if kind == "f":
        return Row(line_no, row, Reason.of(FormulaRefused(column)))
    odd_value = RowUnreadable(
        f"“{column}”一格是错误值 {texts[place]}", f"the cell “{column}” is the error {texts[place]}"
    )
    return Row(line_no, row, Reason.of(odd_value))


def _sheet_rows(sheet: Any, limits: Limits) -> Iterator[Row]:  # noqa: ANN401 - openpyxl's sheets share no type
    # The size that a sheet claims may be wrong or absent; without it the rows themselves are read.
    sheet.reset_dimensions()
    headings: list[str] | None = None
    first: list[str] = []
    for line_no, cells in enumerate(sheet.iter_rows(), 1):
        if (
            line_no > _LAST_ROW
        ):  # a row number beyond Excel's last would be filled up with blank rows for ever
            raise FileUnreadable(why_zh="行号超出 Excel 的范围", why_en="a row number is beyond Excel's last")
        if len(cells) > limits.columns:
            raise FileTooLarge(what_zh="列数", what_en="columns", most=limits.columns)
        if headings is not None:
            row = _row(line_no, headings, cells)
            if row is not None:
                yield row
            continue
        texts = [text.strip() for text in _cells(cells)[0]]
        first = first or [text for text in texts if text]
        if not missing_columns(texts):
            headings = texts
        elif line_no >= _TITLE_ROWS:
            break
    if headings is None:
        if not first:
            raise FileEmpty
        require_columns(first)


def read_workbook(file: BinaryIO, limits: Limits) -> Iterator[Row]:
    """Reads the rows below the headings of the first sheet; ``check_workbook`` must have passed the file.

    Formulas are not computed and their stored results are not trusted: such a row carries FormulaRefused. Raises
    ColumnsUnknown, FileEmpty or FileUnreadable.
    """
    # Loaded with the first workbook: a start of the program need not wait for it.
    from openpyxl import load_workbook  # noqa: PLC0415

    file.seek(0)
    with _broken_workbooks():
        workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        if not workbook.worksheets:
            raise FileEmpty
        rows = _sheet_rows(workbook.worksheets[0], limits)
        while True:
            with _broken_workbooks():
                row = next(rows, None)
            if row is None:
                return
            yield row
    finally:
        workbook.close()
