"""Which format a file has, and its lines once each."""

from __future__ import annotations

from app.payments.errors import StatementLineDiffers, StatementUnreadable
from app.payments.statements.camt import read_camt
from app.payments.statements.csv_file import read_csv
from app.payments.statements.lines import MOST_BYTES, Statement, StatementLine

_XML_STARTS = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")


def read_statement(content: bytes) -> Statement:
    """Reads a statement of either format. Raises StatementUnreadable."""
    if len(content) > MOST_BYTES:
        raise StatementUnreadable(0, "文件超过 4 MB", "a file of more than 4 MB")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:8]
    return read_camt(content) if start.startswith(_XML_STARTS) else read_csv(content)


def unique_lines(lines: tuple[StatementLine, ...]) -> dict[str, StatementLine]:
    """Lines by their bank reference: a repeated page adds nothing. Raises StatementLineDiffers where one says another."""
    found: dict[str, StatementLine] = {}
    for line in lines:
        if found.setdefault(line.bank_reference, line) != line:
            raise StatementLineDiffers(bank_reference=line.bank_reference)
    return found
