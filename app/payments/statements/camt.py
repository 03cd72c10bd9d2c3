"""A statement as ISO 20022 camt.053 (BankToCustomerStatement), of any of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers import expat

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

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 32


def read_camt(content: bytes, faults: Faults | None = None) -> Statement:
    """Reads the booked entries of a file; raises StatementUnreadable, also for any document type or entity.

    With ``faults`` what is wrong with an entry is kept there, and the others are read.
    """
    faults = faults or Faults()
    _refuse_declarations(content)
    root = ET.fromstring(content)  # noqa: S314 - no DTD, so no entity; size and depth are bounded
    statements = [found for found in root.iter() if _name(found) == "Stmt"]
    if not statements:
        raise StatementUnreadable(0, "XML：没有 Stmt", "the XML: there is no Stmt")
    lines: list[StatementLine] = []
    paid: list[PaidLine] = []
    outgoing = 0
    accounts = {account for one in statements if (account := _account(_at(one, "Acct")))}
    if len(accounts) > 1:
        raise StatementUnreadable(
            0, "多个账号的对账单，请分开导入", "statements of several accounts; import each alone"
        )
    entries = (entry for one in statements for entry in one if _name(entry) == "Ntry")
    for number, entry in enumerate(entries, start=1):
        if _text(entry, "Sts", "Cd") != "BOOK" and _text(entry, "Sts") != "BOOK":
            continue
        has_come = _text(entry, "CdtDbtInd") == "CRDT"
        outgoing += not has_come
        try:
            read = list(_read_entry(entry, number, has_come=has_come))
        except StatementUnreadable as fault:
            faults.meet(fault)
            continue
        lines.extend(line for line in read if isinstance(line, StatementLine))
        paid.extend(line for line in read if isinstance(line, PaidLine))
        if len(lines) + len(paid) > MOST_LINES:
            raise StatementUnreadable(number, f"超过 {MOST_LINES} 行", f"more than {MOST_LINES} lines")
    return Statement("camt053", next(iter(accounts), None), tuple(lines), outgoing, tuple(paid))


def _refuse_declarations(content: bytes) -> None:
    """Looks through the file without building anything: no document type, no entity, no bottomless nesting."""
    parser = expat.ParserCreate()
    depth = 0

    def forbidden(*_: object) -> None:
        raise StatementUnreadable(
            0, "XML：不接受 DOCTYPE 和实体", "the XML: no DOCTYPE and no entity is taken"
        )

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise StatementUnreadable(0, "XML：嵌套过深", "the XML: it is nested too deeply")

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise StatementUnreadable(error.lineno, "XML 格式", "the XML format") from None


def _read_entry(entry: ET.Element, number: int, *, has_come: bool) -> Iterator[StatementLine | PaidLine]:
    """An entry is one line, or a line for each of its transactions, which then sum to it."""
    total = _amount(_at(entry, "Amt"), number)
    reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    if not has_come and not reference:
        return  # what went without a number of its own is counted, and can be matched to nothing
    booked_on = read_date(_text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm"), number)
    parts = [one for details in _all(entry, "NtryDtls") for one in _all(details, "TxDtls")]
    sums = [_transaction_amount(part, number) for part in parts]
    if len(parts) > 1 and sum(sums) != total:
        raise StatementUnreadable(
            number, "明细合计与入账金额不符", "its transactions do not sum to the entry"
        )
    kind, side = (StatementLine, "Dbtr") if has_come else (PaidLine, "Cdtr")
    for place, part in enumerate(parts or [entry], start=1):
        own = _text(part, "Refs", "AcctSvcrRef")
        apart = f"{reference}-{place}" if len(parts) > 1 else reference
        other = _at(part, "RltdPties", side)
        yield kind(
            read_bank_reference(own or apart, number),
            booked_on,
            sums[place - 1] if len(parts) > 1 else total,
            plain(_text(other, "Pty", "Nm") or _text(other, "Nm"))[:200],
            (_account(_at(part, "RltdPties", f"{side}Acct")) or "")[:64],
            _remark(part) or plain(_text(entry, "AddtlNtryInf"))[:500],
        )


def _remark(part: ET.Element) -> str:
    info = _at(part, "RmtInf")
    words = [] if info is None else [plain(one.text or "") for one in _all(info, "Ustrd")]
    return " ".join(filter(None, words))[:500]


def _transaction_amount(part: ET.Element, number: int) -> int:
    found = _at(part, "AmtDtls", "TxAmt", "Amt")
    found = _at(part, "Amt") if found is None else found
    return 0 if found is None else _amount(found, number)


def _amount(found: ET.Element | None, number: int) -> int:
    if found is None or found.get("Ccy") != "CNY":
        raise StatementUnreadable(number, "币种（只收人民币 CNY）", "the currency (CNY only)")
    fen = read_amount(found.text or "", number)
    if fen == 0:
        raise StatementUnreadable(number, "金额", "the amount")
    return fen


def _account(found: ET.Element | None) -> str | None:
    number = _text(found, "Id", "IBAN") or _text(found, "Id", "Othr", "Id")
    return plain_account(number) or None


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: ET.Element, name: str) -> list[ET.Element]:
    return [child for child in element if _name(child) == name]


def _at(element: ET.Element | None, *path: str) -> ET.Element | None:
    """The first element down a path of names, whatever their namespace."""
    for name in path:
        element = next(iter(_all(element, name)), None) if element is not None else None
    return element


def _text(element: ET.Element | None, *path: str) -> str:
    found = _at(element, *path)
    return "" if found is None else (found.text or "").strip()
