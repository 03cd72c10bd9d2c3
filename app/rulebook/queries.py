"""Reading the rulebook: the dated rules with their history, and proposals to change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.accounts.models import Person
from app.accounts.permissions import Permission
from app.clock import market_date, market_now
from app.dated_rules import DatedRule
from app.rulebook.errors import ProposalMissing
from app.rulebook.models import RuleProposal

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.accounts.caller import Caller
    from app.db import AnySession


@dataclass(frozen=True)
class RuleView:
    """A row of the rulebook, and whether it holds today, held before or will hold."""

    id: UUID
    key: str
    board: str
    jurisdiction: str
    value: Any
    valid_from: date
    valid_to: date | None
    source: str
    standing: str


def _standing(rule: DatedRule, today: date) -> str:
    if rule.valid_from > today:
        return "coming"
    return "past" if rule.valid_to is not None and rule.valid_to <= today else "in_force"


async def list_rules(session: AnySession, key: str | None = None) -> list[RuleView]:
    """Reads the dated rules, all or of one name, in the order of their names and days; open to everybody."""
    today = market_date(await market_now(session))
    query = select(DatedRule).order_by(
        DatedRule.key, DatedRule.board.desc(), DatedRule.jurisdiction.desc(), DatedRule.valid_from
    )
    if key is not None:
        query = query.where(DatedRule.key == key)
    return [
        RuleView(
            row.id,
            row.key,
            row.board,
            row.jurisdiction,
            row.value,
            row.valid_from,
            row.valid_to,
            row.source,
            _standing(row, today),
        )
        for row in (await session.execute(query)).scalars()
    ]


@dataclass(frozen=True)
class ProposalView:
    """A proposal with the names of the two people."""

    proposal: RuleProposal
    proposed_by: str
    decided_by: str | None


def _require_reader(caller: Caller) -> None:
    if not caller.may(Permission.AUDIT_READ):
        caller.require(Permission.RULE_KEEP)


async def list_proposals(
    session: AnySession,
    caller: Caller,
    *,
    is_open: bool = False,
    before_id: UUID | None = None,
    limit: int = 50,
) -> list[ProposalView]:
    """Reads proposals, the newest first, for the desks that keep the rules and the supervisor."""
    _require_reader(caller)
    wanted: list[ColumnElement[bool]] = [RuleProposal.decision.is_(None)] if is_open else []
    if before_id is not None:
        wanted.append(RuleProposal.id < before_id)
    return await _read(session, *wanted, limit=limit)


async def get_proposal(session: AnySession, caller: Caller, proposal_id: UUID) -> ProposalView:
    """Reads one proposal, for the same desks. Raises ProposalMissing."""
    _require_reader(caller)
    found = await _read(session, RuleProposal.id == proposal_id, limit=1)
    if not found:
        raise ProposalMissing(proposal_id)
    return found[0]


async def _read(session: AnySession, *wanted: ColumnElement[bool], limit: int) -> list[ProposalView]:
    proposer, decider = aliased(Person), aliased(Person)
    query = (
        select(RuleProposal, proposer.name, decider.name)
        .join(proposer, proposer.id == RuleProposal.proposed_by)
        .outerjoin(decider, decider.id == RuleProposal.decided_by)
        .where(*wanted)
        .order_by(RuleProposal.id.desc())
        .limit(limit)
    )
    return [ProposalView(*row) for row in await session.execute(query)]
