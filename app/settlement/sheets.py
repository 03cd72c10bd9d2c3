"""Sheets as PDF (单据): one form for all, with every amount in figures and capitals; made from what was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.clock import market_date
from app.contracts.certificate import chinese_date
from app.contracts.papers import make_pdf, qr_svg
from app.money import capital, yuan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Row:
    """A fact of a sheet, with a note below it."""

    zh: str
    en: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Amount:
    """An amount of a sheet."""

    zh: str
    en: str
    fen: int


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet."""

    title_zh: str
    title_en: str
    number: str
    issuer_zh: str
    issued_at: datetime
    is_demonstration: bool
    rows: Sequence[Row]
    amounts: Sequence[Amount]
    statement_zh: str
    statement_en: str
    heads: Sequence[str] = ()
    lines: Sequence[Sequence[str]] = field(default=())
    # Where anybody checks it, as a QR code, and the fingerprint of the document that it shows.
    verify_url: str = ""
    fingerprint: str = ""


def render_sheet(sheet: Sheet) -> bytes:
    """Sets a sheet; CPU work, call it in a thread."""
    data: dict[str, Any] = {
        "is_demonstration": sheet.is_demonstration,
        "title_zh": sheet.title_zh,
        "title_en": sheet.title_en,
        "number": sheet.number,
        "issuer_zh": sheet.issuer_zh,
        "rows": [{"zh": row.zh, "en": row.en, "value": row.value, "note": row.note} for row in sheet.rows],
        "amounts": [
            {"zh": each.zh, "en": each.en, "yuan": yuan(each.fen), "capital": capital(each.fen)}
            for each in sheet.amounts
        ],
        "heads": list(sheet.heads),
        "lines": [list(line) for line in sheet.lines],
        "statement_zh": sheet.statement_zh,
        "statement_en": sheet.statement_en,
        "verify_url": sheet.verify_url,
        "qr_svg": qr_svg(sheet.verify_url) if sheet.verify_url else "",
        "fingerprint": sheet.fingerprint,
        "dated_zh": chinese_date(market_date(sheet.issued_at)),
    }
    return make_pdf("sheet", data, sheet.issued_at)
