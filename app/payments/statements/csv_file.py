"""A statement as CSV, under the column names that Chinese banks use, in UTF-8 or GB18030."""

from __future__ import annotations

import csv
import io
import re

from app.payments.errors import StatementUnreadable
from app.payments.statements.lines import (
    MOST_LINES,
    Faults,
    PaidLine,
    Statement,
    StatementLine,
    plain,
    plain_account,
    read_amount,
    read_bank_reference,
    read_date,
)

_COLUMNS: dict[str, tuple[str, ...]] = {
    "date": ("交易日期", "记账日期", "入账日期", "交易时间", "日期"),
    "in": ("收入金额", "贷方发生额", "贷方金额", "收入", "贷方"),
    "out": ("支出金额", "借方发生额", "借方金额", "支出", "借方"),
    "name": ("对方户名", "对方名称", "对方账户名称", "付款人名称", "付款方户名", "付款人户名"),
    "account": ("对方账号", "对方账户", "付款人账号", "付款方账号"),
    "reference": ("流水号", "交易流水号", "银行流水号", "核心流水号", "交易流水"),
}
_REMARKS = ("附言", "摘要", "用途", "备注")
_REQUIRED = ("date", "in", "name", "account", "reference")
_PREAMBLE_ROWS = 20
_ACCOUNT = re.compile(r"(?<!对方)(?:账号|账户|帐号)[:\s]*([0-9][0-9 \-]{6,40}[0-9])")
_UNIT = re.compile(r"\(.*\)")


def read_csv(content: bytes, faults: Faults | None = None) -> Statement:
    """Reads the file; rows above the headings may name the account. Raises StatementUnreadable, or keeps rows' faults."""
    faults = faults or Faults()
    text = _decode(content)
    delimiter = "\t" if text.count("\t") > text.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise StatementUnreadable(0, "CSV 格式", "the CSV format") from None
    heading, columns, remarks = _find_heading(rows)
    lines: list[StatementLine] = []
    paid: list[PaidLine] = []
    outgoing = 0
    for number, row in enumerate(rows[heading + 1 :], start=heading + 2):
        cells = {name: row[index] if index < len(row) else "" for name, index in columns.items()}
        # A row of totals or an empty one: it names neither a day's booking nor a reference.
        if not plain(cells["reference"]) and (not plain(cells["date"]) or "计" in cells["date"]):
            continue
        cells["remark"] = " ".join(filter(None, (plain(row[i]) for i in remarks if i < len(row))))
        try:
            line = _read_row(cells, number)
        except StatementUnreadable as fault:
            faults.meet(fault)
            continue
        if isinstance(line, StatementLine):
            lines.append(line)
        else:
            outgoing += 1
            paid.extend([line] if line else [])
        if len(lines) + outgoing > MOST_LINES:
            raise StatementUnreadable(number, f"超过 {MOST_LINES} 行", f"more than {MOST_LINES} lines")
    return Statement("csv", _find_account(rows[:heading]), tuple(lines), outgoing, tuple(paid))


def _read_row(cells: dict[str, str], number: int) -> StatementLine | PaidLine | None:
    """A row of money that came, or that went; None where it names no amount. Raises StatementUnreadable."""
    came_fen, went_fen = read_amount(cells["in"], number), read_amount(cells.get("out", ""), number)
    if not came_fen and (not went_fen or not plain(cells["reference"])):
        return None  # what went without a number of its own is counted, and can be matched to nothing
    if came_fen and went_fen:
        raise StatementUnreadable(
            number, "同一行既有收入又有支出", "money that came and money that went in one row"
        )
    kind = StatementLine if came_fen else PaidLine
    return kind(
        read_bank_reference(cells["reference"], number),
        read_date(cells["date"], number),
        came_fen or went_fen,
        plain(cells["name"])[:200],
        plain_account(cells["account"])[:64],
        cells["remark"][:500],
    )


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise StatementUnreadable(
        0, "文字编码（应为 UTF-8 或 GB18030）", "the encoding (UTF-8 or GB18030 is needed)"
    )


def _find_heading(rows: list[list[str]]) -> tuple[int, dict[str, int], list[int]]:
    """The row of headings with where each column is; raises StatementUnreadable where none has all that is needed."""
    for number, row in enumerate(rows[:_PREAMBLE_ROWS]):
        names = [_UNIT.sub("", plain(cell)).replace(" ", "") for cell in row]
        columns = {
            key: next(names.index(word) for word in words if word in names)
            for key, words in _COLUMNS.items()
            if any(word in names for word in words)
        }
        if all(key in columns for key in _REQUIRED):
            remarks = [names.index(word) for word in _REMARKS if word in names]
            return number, columns, remarks
    raise StatementUnreadable(
        0,
        "表头（需要交易日期、收入金额或贷方发生额、对方户名、对方账号、流水号）",
        "the headings (交易日期, 收入金额 or 贷方发生额, 对方户名, 对方账号 and 流水号 are needed)",
    )


def _find_account(rows: list[list[str]]) -> str | None:
    for row in rows:
        found = _ACCOUNT.search(plain(" ".join(row)))
        if found is not None:
            return plain_account(found[1])
    return None
