"""Importing a statement (导入对账单): each line once, and its money into suspense until it is known what it pays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, tuple_

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments import match_rules
from app.payments.errors import ReceivedInTheFuture, StatementLineDiffers, StatementOfOtherAccount
from app.payments.errors_statement import StatementKnown
from app.payments.import_lock import lock_imports
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.models import Receipt
from app.payments.paid_lines import write_paid_lines
from app.payments.statement_models import BankLine, BankStatement
from app.payments.statements.lines import plain_account
from app.payments.statements.reading import read_statement, unique_lines

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.payments.statements.lines import Statement, StatementLine


@dataclass(frozen=True)
class StatementFile:
    """A file as it was uploaded, for the account that it has to be of."""

    filename: str
    content: bytes
    account_number: str


async def import_statement(session: Session, caller: Caller, file: StatementFile) -> UUID:
    """Imports a statement and returns its id; a line known before is counted and changes nothing.

    The whole file or nothing. Known are lines of earlier statements, and those whose deposit was confirmed by hand
    under their reference. Money that went executes the exported order whose reference, account and amount it repeats.
    Takes the lock of imports, one at a time, then the orders. Raises NotPermitted, StatementUnreadable,
    StatementLineDiffers, StatementOfOtherAccount, StatementPageRepeated, StatementKnown, ReceivedInTheFuture.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    account = plain_account(file.account_number)
    read = await _read(session, file, account)
    lines, paid = unique_lines(read.lines), unique_lines(read.paid)
    statement_id = uuid7()
    await lock_imports(session)
    by_hand = await known_by_hand(session, lines)
    fresh = [
        {"id": uuid7(), "statement_id": statement_id, "account_number": account, **vars(line)}
        for reference, line in sorted(lines.items())
        if reference not in by_hand
    ]
    known = await find_known(session, account, lines)
    fresh = [row for row in fresh if row["bank_reference"] not in known]
    statement = BankStatement(
        id=statement_id,
        account_number=account,
        filename=file.filename[:200],
        file_format=read.file_format,
        sha256=hashlib.sha256(file.content).hexdigest(),
        new_lines=len(fresh),
        known_lines=len(lines) - len(fresh),
        outgoing_lines=read.outgoing,
        imported_by=caller.person_id,
    )
    session.add(statement)
    await session.flush()
    await _write_lines(session, fresh, person_id=caller.person_id)
    gone = await write_paid_lines(session, caller, statement_id, account, paid)
    if (lines or paid) and not (fresh or gone or by_hand):
        raise StatementKnown(lines=len(lines) + len(paid))
    found = {"filename": statement.filename, "new": len(fresh), "known": statement.known_lines, "went": gone}
    await audit(
        session,
        caller,
        "statement.imported",
        subject_kind="bank_statement",
        subject_id=statement_id,
        detail=found,
    )
    return statement_id


async def _read(session: AnySession, file: StatementFile, account: str) -> Statement:
    """Reads a file that must be of the account and of no day to come."""
    read = read_statement(file.content)
    if read.account_number is not None and read.account_number != account:
        raise StatementOfOtherAccount(found=read.account_number, expected=account)
    days = [line.booked_on for line in read.lines] + [line.booked_on for line in read.paid]
    today = market_date(await market_now(session))
    latest = max(days, default=today)
    if latest > today:
        raise ReceivedInTheFuture(received_on=latest.isoformat(), today=today.isoformat())
    return read


async def _write_lines(session: Session, rows: list[dict[str, object]], *, person_id: UUID) -> None:
    if not rows:
        return
    await session.execute(insert(BankLine), rows)
    postings = [
        Posting(
            Subject("bank_line", row["id"]),  # type: ignore[arg-type]
            match_rules.receive_line(row["amount_fen"]),  # type: ignore[arg-type]
            f"line:{row['id']}",
        )
        for row in rows
    ]
    await post_transfers(session, postings, person_id=person_id)


async def find_known(session: AnySession, account: str, lines: dict[str, StatementLine]) -> set[str]:
    """References that were imported before; raises StatementLineDiffers where they stood with other content."""
    keys = [(account, reference) for reference in lines]
    found: set[str] = set()
    for start in range(0, len(keys), 1000):
        query = select(BankLine).where(
            tuple_(BankLine.account_number, BankLine.bank_reference).in_(keys[start : start + 1000])
        )
        for row in (await session.execute(query)).scalars():
            line = lines[row.bank_reference]
            if any(getattr(row, name) != value for name, value in vars(line).items()):
                raise StatementLineDiffers(bank_reference=row.bank_reference)
            found.add(row.bank_reference)
    return found


async def known_by_hand(session: AnySession, lines: dict[str, StatementLine]) -> set[str]:
    """References of deposits confirmed by hand, whose money is in the ledger; raises StatementLineDiffers."""
    found: set[str] = set()
    references = list(lines)
    for start in range(0, len(references), 1000):
        query = select(Receipt.bank_reference, Receipt.amount_fen).where(
            Receipt.bank_reference.in_(references[start : start + 1000])
        )
        for reference, amount_fen in await session.execute(query):
            if lines[reference].amount_fen != amount_fen:
                raise StatementLineDiffers(bank_reference=reference)
            found.add(reference)
    return found
