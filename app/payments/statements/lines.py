"""What every format comes to: lines of money that came, amounts and dates as they are typed on paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from app.money import MAX_FEN
from app.payments.errors import StatementUnreadable

MOST_BYTES = 4 * 1024 * 1024
MOST_LINES = 20_000
_DATE = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?(?:[T ].*)?")
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z\-/.]{0,63}")


@dataclass(frozen=True)
class StatementLine:
    """One line of money that came, as the bank wrote it."""

    bank_reference: str
    booked_on: date
    amount_fen: int
    payer_name: str
    payer_account: str
    remark: str


@dataclass(frozen=True)
class PaidLine:
    """One line of money that went, as the bank wrote it: the same facts of the other side."""

    bank_reference: str
    booked_on: date
    amount_fen: int
    payee_name: str
    payee_account: str
    remark: str


@dataclass(frozen=True)
class Statement:
    """A file's lines of money that came, and of money that went; ``outgoing`` counts also what has no amount."""

    file_format: Literal["csv", "camt053"]
    account_number: str | None
    lines: tuple[StatementLine, ...]
    outgoing: int
    paid: tuple[PaidLine, ...] = ()


@dataclass
class Faults:
    """What cannot be read: raised at once, or kept for somebody who only looks (``found`` given)."""

    found: list[StatementUnreadable] | None = None

    def meet(self, fault: StatementUnreadable) -> None:
        """Raises the fault, or keeps it with those before it."""
        if self.found is None:
            raise fault
        self.found.append(fault)


def plain(text: str) -> str:
    """A cell without full-width characters and outer spaces."""
    return unicodedata.normalize("NFKC", text).strip()


def plain_account(text: str) -> str:
    """An account number without the spaces and hyphens it is printed with."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def read_amount(text: str, row: int) -> int:
    """Reads yuan as fen: ``1,234.50`` is 123450; an empty cell is nothing. Raises StatementUnreadable."""
    typed = plain(text).replace(",", "").removeprefix("¥").removeprefix("+")
    if typed in {"", "-", "--"}:
        return 0
    try:
        fen = Decimal(typed) * 100
    except InvalidOperation:
        raise StatementUnreadable(row, f"金额“{text[:40]}”", f"the amount “{text[:40]}”") from None
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen > MAX_FEN:
        raise StatementUnreadable(row, f"金额“{text[:40]}”", f"the amount “{text[:40]}”")
    return int(fen)


def read_date(text: str, row: int) -> date:
    """Reads a day as banks write it: 20261122, 2026-11-22, 2026/11/22 or 2026年11月22日, with or without a time."""
    found = _DATE.fullmatch(plain(text))
    try:
        return date(*(int(part) for part in (found.groups() if found else ("0", "0", "0"))))
    except ValueError:
        raise StatementUnreadable(row, f"日期“{text[:40]}”", f"the date “{text[:40]}”") from None


def read_bank_reference(text: str, row: int) -> str:
    """Reads the bank's own number of a line; without one a line could not be told from its repetition."""
    reference = plain(text)
    if _REFERENCE.fullmatch(reference) is None:
        raise StatementUnreadable(row, f"流水号“{text[:40]}”", f"the bank reference “{text[:40]}”")
    return reference
