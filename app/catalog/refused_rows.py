"""The file of refused rows (未受理行): line, reason in both languages, and the row as it came, as CSV; pure."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.catalog.models import PatentImportRefusal

_OWN_HEADINGS = ("行号 / line", "原因代码 / code", "原因", "reason")
_READ_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: what could be one gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_READ_AS_FORMULA) else text


def csv_line(cells: Sequence[str]) -> str:
    """Writes one row of CSV (RFC 4180)."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([plain_cell(cell) for cell in cells])
    return buffer.getvalue()


def heading_line(headings: Sequence[str]) -> str:
    """The first line, with the mark by which Excel knows UTF-8."""
    return "\ufeff" + csv_line([*_OWN_HEADINGS, *headings])


def refusal_line(refusal: PatentImportRefusal, headings: Sequence[str]) -> str:
    """The line of one refused row."""
    own = [str(refusal.line_no), refusal.code, refusal.reason_zh, refusal.reason_en]
    return csv_line([*own, *(str(refusal.row.get(heading, "")) for heading in headings)])
