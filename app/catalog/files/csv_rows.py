"""CSV: a heading row, then rows; comma, semicolon or tab."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, BinaryIO

from app.catalog.columns import missing_columns, require_columns
from app.catalog.errors import FileEmpty, FileTooLarge, FormulaRefused, RowUnreadable
from app.catalog.files.rows import Limits, Reason, Row
from app.catalog.files.text import decode, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = (",", "\t", ";")


class _Table:
    """A reader that counts the lines a row spans."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter)

    def next_row(self) -> tuple[int, list[str] | None]:
        """The next row with its first line's number; None for one that is no CSV; StopIteration at the end."""
        first = self._reader.line_num + 1
        try:
            return first, next(self._reader)
        except csv.Error:
            return first, None


def _delimiter(heading: str) -> str:
    def cost(delimiter: str) -> int:
        try:
            return len(missing_columns(next(csv.reader([heading], delimiter=delimiter), [])))
        except csv.Error:
            return len(heading)

    return min(_DELIMITERS, key=cost)


def _text_lines(file: BinaryIO, encoding: str, limits: Limits) -> Iterator[str]:
    for line in read_lines(file, limits):
        yield decode(line, encoding)


def _row(line_no: int, headings: list[str], values: list[str]) -> Row:
    cells = dict(zip(headings, values, strict=False))
    if len(values) > len(headings) and any(value.strip() for value in values[len(headings) :]):
        more = len(values) - len(headings)
        odd = RowUnreadable(
            f"比表头多 {more} 格，可能少了引号",
            f"it has {more} cells more than the headings; quotes may be missing",
        )
        return Row(line_no, cells | {"...": ";".join(values[len(headings) :])}, Reason.of(odd))
    for heading, value in cells.items():
        if value.startswith("="):
            return Row(line_no, cells, Reason.of(FormulaRefused(heading)))
    return Row(line_no, cells)


def read_csv(file: BinaryIO, encoding: str, limits: Limits) -> Iterator[Row]:
    """Reads the rows below the headings; rows without any value are no rows. Raises ColumnsUnknown or FileEmpty."""
    heading_lines = _text_lines(file, encoding, limits)
    heading = next((line for line in heading_lines if line.strip()), None)
    if heading is None:
        raise FileEmpty
    table = _Table(_text_lines(file, encoding, limits), _delimiter(heading.removeprefix("\ufeff")))
    headings: list[str] | None = None
    while True:
        try:
            line_no, values = table.next_row()
        except StopIteration:
            return
        if values is None:
            broken = RowUnreadable(
                "单元格过长或换行不对，多半是引号没有配对；请从这一行起检查引号",
                "a cell is too long or broken off: a quote may not close from this line on",
            )
            yield Row(line_no, {}, Reason.of(broken))
        elif not any(value.strip() for value in values):
            continue
        elif headings is None:
            headings = [value.strip().removeprefix("\ufeff") for value in values]
            if len(headings) > limits.columns:
                raise FileTooLarge(what_zh="列数", what_en="columns", most=limits.columns)
            require_columns(headings)
        else:
            yield _row(line_no, headings, values)
