"""A row of a file before its facts are judged, and the bounds of what is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.errors import MarketError

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Reason:
    """Why a row is refused: the error's stable name and its text in both languages."""

    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, error: MarketError) -> Reason:
        """Keeps an error as the reason of a row."""
        return cls(error.code, error.detail("zh"), error.detail("en"))


@dataclass(frozen=True)
class Row:
    """One row as it came: its line (in Excel: its row) number, its cells by heading, and why it cannot be read."""

    line_no: int
    cells: dict[str, str]
    problem: Reason | None = None


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most; a file beyond is refused as a whole, before any row of it is taken."""

    rows: int = 200_000
    unpacked_bytes: int = 256 * MEBIBYTE
    line_bytes: int = MEBIBYTE
    columns: int = 200
