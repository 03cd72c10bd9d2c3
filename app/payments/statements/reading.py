"""Which format a file has, and its lines once each."""

from __future__ import annotations

from typing import TypeVar

from app.payments.errors import StatementLineDiffers, StatementUnreadable
from app.payments.errors_statement import StatementPageRepeated
from app.payments.statements.camt import read_camt
from app.payments.statements.csv_file import read_csv
from app.payments.statements.lines import MOST_BYTES, Faults, PaidLine, Statement, StatementLine

_XML_STARTS = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")
_Line = TypeVar("_Line", StatementLine, PaidLine)


def read_statement(content: bytes, faults: Faults | None = None) -> Statement:
    """Reads a statement of either format. Raises StatementUnreadable; with ``faults`` only for the file as a whole."""
    if len(content) > MOST_BYTES:
        raise StatementUnreadable(0, "文件超过 4 MB", "a file of more than 4 MB")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:8]
    return read_camt(content, faults) if start.startswith(_XML_STARTS) else read_csv(content, faults)


def find_repeated(lines: tuple[_Line, ...]) -> list[str]:
    """The bank references that stand more than once, as on a page that was printed twice; in the file's order.

    Raises StatementLineDiffers where one stands with other content.
    """
    found: dict[str, _Line] = {}
    repeated: dict[str, None] = {}
    for line in lines:
        known = found.setdefault(line.bank_reference, line)
        if known is not line:
            if known != line:
                raise StatementLineDiffers(bank_reference=line.bank_reference)
            repeated[line.bank_reference] = None
    return list(repeated)


def unique_lines(lines: tuple[_Line, ...]) -> dict[str, _Line]:
    """Lines by their bank reference. Raises StatementPageRepeated, StatementLineDiffers."""
    repeated = find_repeated(lines)
    if repeated:
        raise StatementPageRepeated(lines=len(repeated), bank_reference=repeated[0])
    return {line.bank_reference: line for line in lines}
