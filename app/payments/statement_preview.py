"""Looking at a statement before it is imported (预览): what was recognised, what cannot be read, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.clock import market_date, market_now
from app.payments.errors import ReceivedInTheFuture, StatementLineDiffers, StatementOfOtherAccount
from app.payments.errors_statement import StatementKnown, StatementPageRepeated
from app.payments.line_queries import list_targets
from app.payments.match_rules import Incoming, suggest
from app.payments.paid_lines import find_paid_lines
from app.payments.statement_import import find_known, known_by_hand
from app.payments.statements.lines import Faults, PaidLine, StatementLine, plain_account
from app.payments.statements.reading import find_repeated, read_statement

if TYPE_CHECKING:
    from datetime import date

    from app.accounts.caller import Caller
    from app.db import AnySession
    from app.errors import MarketError
    from app.payments.errors import StatementUnreadable
    from app.payments.statement_import import StatementFile
    from app.payments.statements.lines import Statement

MOST_SHOWN = 200


@dataclass(frozen=True)
class SeenLine:
    """A line of the file: whether it is new, and of money that came what it probably pays."""

    line: StatementLine | PaidLine
    has_come: bool
    is_known: bool
    pays: str | None


@dataclass(frozen=True)
class Preview:
    """What importing a file would do; ``obstacle`` is what it would be refused with."""

    statement: Statement
    lines: list[SeenLine]
    refused: list[StatementUnreadable]
    obstacle: MarketError | None
    new_fen: int
    new_lines: int
    known_lines: int


@dataclass
class _Known:
    references: set[str] = field(default_factory=set)
    obstacle: MarketError | None = None


async def preview_statement(session: AnySession, caller: Caller, file: StatementFile) -> Preview:
    """Reads a file as importing it would, and writes nothing. Raises NotPermitted, StatementUnreadable for no file at all."""
    caller.require(Permission.DEPOSIT_CONFIRM)
    faults = Faults([])
    read = read_statement(file.content, faults)
    refused = faults.found or []
    account = plain_account(file.account_number)
    known = await _look_up(session, account, read)
    came, went = [list(_first_of_each(lines)) for lines in (read.lines, read.paid)]
    fresh = [line for line in came if line.bank_reference not in known.references]
    all_known = (
        (came or went) and not fresh and known.references.issuperset(line.bank_reference for line in went)
    )
    obstacle = (
        (refused[0] if refused else None)
        or await _in_the_way(session, account, read)
        or known.obstacle
        or (StatementKnown(lines=len(came) + len(went)) if all_known else None)
    )
    return Preview(
        read,
        await _seen(session, [*came, *went], known.references),
        refused,
        obstacle,
        sum(line.amount_fen for line in fresh),
        len(fresh),
        len(came) - len(fresh),
    )


def _first_of_each(lines: tuple[StatementLine | PaidLine, ...]) -> list[StatementLine | PaidLine]:
    found: dict[str, StatementLine | PaidLine] = {}
    for line in lines:
        found.setdefault(line.bank_reference, line)
    return list(found.values())


async def _in_the_way(session: AnySession, account: str, read: Statement) -> MarketError | None:
    if read.account_number is not None and read.account_number != account:
        return StatementOfOtherAccount(found=read.account_number, expected=account)
    try:
        for lines in (read.lines, read.paid):
            repeated = find_repeated(lines)  # type: ignore[type-var]
            if repeated:
                return StatementPageRepeated(lines=len(repeated), bank_reference=repeated[0])
    except StatementLineDiffers as differs:
        return differs
    today: date = market_date(await market_now(session))
    days = [line.booked_on for line in read.lines] + [line.booked_on for line in read.paid]
    latest = max(days, default=today)
    if latest > today:
        return ReceivedInTheFuture(received_on=latest.isoformat(), today=today.isoformat())
    return None


async def _look_up(session: AnySession, account: str, read: Statement) -> _Known:
    """Which of the lines were imported before, or what contradicts an earlier one."""
    known = _Known()
    lines = {line.bank_reference: line for line in read.lines}
    try:
        known.references = await find_known(session, account, lines) | await known_by_hand(session, lines)
    except StatementLineDiffers as differs:
        known.obstacle = differs
    paid = await find_paid_lines(session, account, [line.bank_reference for line in read.paid])
    known.references |= {row.bank_reference for row in paid}
    return known


async def _seen(
    session: AnySession, lines: list[StatementLine | PaidLine], known: set[str]
) -> list[SeenLine]:
    shown = lines[:MOST_SHOWN]
    came = [line for line in shown if isinstance(line, StatementLine)]
    targets = await list_targets(session, [line for line in came if line.bank_reference not in known])
    seen = []
    for line in shown:
        pays = None
        if isinstance(line, StatementLine) and line.bank_reference not in known:
            likely = suggest(Incoming(line.amount_fen, line.payer_name, line.remark), targets, 1)
            pays = likely[0].target.reference if likely and likely[0].has_reference else None
        has_come = isinstance(line, StatementLine)
        seen.append(SeenLine(line, has_come, line.bank_reference in known, pays))
    return seen
