"""Reading statements, their lines with what they probably pay, and payables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation, Person
from app.accounts.permissions import Permission
from app.clock import market_date, market_now
from app.lists import NEWEST, Asked
from app.payments.errors import LineMissing, PayableMissing
from app.payments.line_matches import incoming_of
from app.payments.list_shapes import LINES, PAYABLES, STATEMENTS
from app.payments.match_rules import Suggestion, Target, TargetKind, suggest
from app.payments.models import Deposit
from app.payments.payable_models import Payable
from app.payments.reference import find_references
from app.payments.statement_models import BankLine, BankStatement, LineMatch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession

_MOST_TARGETS = 200


@dataclass(frozen=True)
class MatchView:
    """What a line is, or is proposed to be, matched to."""

    id: UUID
    target_kind: TargetKind
    target_id: UUID
    reference: str
    ground: str | None
    status: str
    proposed_by: UUID
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str | None


@dataclass(frozen=True)
class LineView:
    """A line with its standing match and, while it is open, with what it probably pays."""

    line: BankLine
    match: MatchView | None
    suggestions: list[Suggestion]


async def list_statements(
    session: AnySession, caller: Caller, asked: Asked = NEWEST
) -> list[tuple[BankStatement, str]]:
    """Lists imported statements with who imported them. Raises NotPermitted, SortCursorWrong."""
    caller.require(Permission.DEPOSIT_CONFIRM)
    query = select(BankStatement, Person.name).join(Person, Person.id == BankStatement.imported_by)
    query = STATEMENTS.ask(query, asked)
    return [(statement, name) for statement, name in await session.execute(query)]


async def get_statement(session: AnySession, caller: Caller, statement_id: UUID) -> tuple[BankStatement, str]:
    """Reads one statement with who imported it. Raises NotPermitted, LineMissing."""
    caller.require(Permission.DEPOSIT_CONFIRM)
    query = (
        select(BankStatement, Person.name)
        .join(Person, Person.id == BankStatement.imported_by)
        .where(BankStatement.id == statement_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise LineMissing
    return found[0], found[1]


async def list_lines(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    statement_id: UUID | None = None,
    line_id: UUID | None = None,
    asked: Asked = NEWEST,
) -> list[LineView]:
    """Lists lines with their matches and suggestions, the newest first or by a column. Raises NotPermitted."""
    caller.require(Permission.DEPOSIT_CONFIRM)
    query = LINES.ask(select(BankLine), asked)
    for column, wanted in (
        (BankLine.status, status),
        (BankLine.statement_id, statement_id),
        (BankLine.id, line_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    lines = (await session.execute(query)).scalars().all()
    matches = await _map_matches(session, [line.id for line in lines])
    targets = await list_targets(session, [line for line in lines if line.status == "open"])
    return [
        LineView(
            line,
            matches.get(line.id),
            suggest(incoming_of(line), targets) if line.status == "open" else [],
        )
        for line in lines
    ]


async def get_line_view(session: AnySession, caller: Caller, line_id: UUID) -> LineView:
    """Reads one line. Raises NotPermitted, LineMissing."""
    found = await list_lines(session, caller, line_id=line_id)
    if not found:
        raise LineMissing
    return found[0]


class Payment(Protocol):
    """What is looked at of a line, imported or not."""

    @property
    def amount_fen(self) -> int:
        """How much came."""

    @property
    def payer_name(self) -> str:
        """Who paid, as the bank wrote it."""

    @property
    def remark(self) -> str:
        """What the payer wrote."""


async def list_targets(session: AnySession, lines: Sequence[Payment]) -> list[Target]:
    """What is due and has to do with any of the lines: by a reference in the remark, the amount or the payer's name."""
    if not lines:
        return []
    references = {reference for line in lines for reference in find_references(line.remark)}
    amounts, names = {line.amount_fen for line in lines}, {line.payer_name for line in lines}
    targets: list[Target] = []
    tables: tuple[tuple[TargetKind, type[Deposit | Payable]], ...] = (
        (TargetKind.DEPOSIT, Deposit),
        (TargetKind.PAYABLE, Payable),
    )
    for kind, table in tables:
        has_reference = table.reference.in_(references)
        fits = or_(has_reference, table.amount_fen.in_(amounts), Organisation.name.in_(names))
        query = (
            select(
                table.id, table.reference, table.amount_fen, table.party_id, Organisation.name.label("name")
            )
            .join(Organisation, Organisation.id == table.party_id)
            .where(table.status == "due", fits)
            .order_by(has_reference.desc(), table.id.desc())
            .limit(_MOST_TARGETS)
        )
        targets.extend(
            Target(kind, row.id, row.reference, row.amount_fen, row.party_id, row.name)
            for row in await session.execute(query)
        )
    return targets


async def _map_matches(session: AnySession, line_ids: Sequence[UUID]) -> dict[UUID, MatchView]:
    """The standing matches of lines; one that was refused is shown only until another stands."""
    if not line_ids:
        return {}
    proposer, decider = aliased(Person), aliased(Person)
    query = (
        select(LineMatch, proposer.name, decider.name, Deposit.reference, Payable.reference)
        .join(proposer, proposer.id == LineMatch.proposed_by)
        .outerjoin(decider, decider.id == LineMatch.decided_by)
        .outerjoin(Deposit, Deposit.id == LineMatch.deposit_id)
        .outerjoin(Payable, Payable.id == LineMatch.payable_id)
        .where(LineMatch.line_id.in_(line_ids))
        .order_by(LineMatch.id)
    )
    found: dict[UUID, MatchView] = {}
    for match, proposed_by, decided_by, of_deposit, of_payable in await session.execute(query):
        target_id = match.deposit_id or match.payable_id
        if target_id is None:
            continue  # a constraint holds that there is one
        found[match.line_id] = MatchView(
            id=match.id,
            target_kind=TargetKind.DEPOSIT if match.deposit_id else TargetKind.PAYABLE,
            target_id=target_id,
            reference=of_deposit or of_payable,
            ground=match.ground,
            status=match.status,
            proposed_by=match.proposed_by,
            proposed_by_name=proposed_by,
            proposed_at=match.proposed_at,
            decided_by_name=decided_by,
            decided_at=match.decided_at,
            decision_reason=match.decision_reason,
        )
    return found


async def list_payables(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    payable_id: UUID | None = None,
    reference: str | None = None,
    purpose: str | None = None,
    is_overdue: bool = False,
    asked: Asked = NEWEST,
) -> list[tuple[Payable, str]]:
    """Lists all payables for finance, their own for others, the newest first or by a column, with the party's name.

    Raises NotPermitted.
    """
    query = select(Payable, Organisation.name).join(Organisation, Organisation.id == Payable.party_id)
    query = PAYABLES.ask(query, asked)
    if is_overdue:
        today = market_date(await market_now(session))
        query = query.where(Payable.status == "due", Payable.due_on < today)
    if not caller.may(Permission.LEDGER_READ):
        caller.require(Permission.PAYABLE_READ_OWN)
        query = query.where(Payable.party_id == caller.organisation_id)
    for column, wanted in (
        (Payable.status, status),
        (Payable.id, payable_id),
        (Payable.reference, reference),
        (Payable.purpose, purpose),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [(payable, name) for payable, name in await session.execute(query)]


async def get_payable_view(session: AnySession, caller: Caller, payable_id: UUID) -> tuple[Payable, str]:
    """Reads one payable; a stranger's is missing. Raises NotPermitted, PayableMissing."""
    found = await list_payables(session, caller, payable_id=payable_id)
    if not found:
        raise PayableMissing
    return found[0]
