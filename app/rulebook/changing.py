"""Changing a dated rule with two hands: one person proposes value, day and source, another one decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select, text

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.dated_rules import DatedRule
from app.ids import uuid7
from app.rulebook.errors import (
    OwnProposal,
    ProposalDecided,
    ProposalMissing,
    RejectionUnexplained,
    RuleDayTaken,
    RuleKeyUnknown,
)
from app.rulebook.models import RuleProposal
from app.rulebook.rules import check_effective, check_value

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

Decision = Literal["approve", "reject"]
_SHORTEST_REASON = 5


@dataclass(frozen=True)
class NewRule:
    """What is proposed: a value for a rule on a board and in a jurisdiction, from a day on, with its source."""

    key: str
    value: Any
    valid_from: date
    source: str
    board: str = "standard"
    jurisdiction: str = "CN"


async def propose_rule(session: Session, caller: Caller, new: NewRule) -> UUID:
    """Proposes a rule's new value; nothing changes before the approval. Returns the proposal's id.

    Raises NotPermitted, RuleKeyUnknown, RuleValueUnfit, RuleInThePast.
    """
    caller.require(Permission.RULE_KEEP)
    present = await _find_model(session, new.key)
    if present is None:
        raise RuleKeyUnknown(new.key)
    check_value(new.key, present.value, new.value)
    check_effective(new.valid_from, market_date(await market_now(session)))
    proposal = RuleProposal(id=uuid7(), proposed_by=caller.person_id, **vars(new))
    session.add(proposal)
    await session.flush()
    await _audit(session, caller, "proposed", proposal)
    return proposal.id


async def lock_proposal(session: Session, proposal_id: UUID) -> RuleProposal:
    """Takes the proposal's row lock and returns fresh values; raises ProposalMissing."""
    query = select(RuleProposal).where(RuleProposal.id == proposal_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise ProposalMissing(proposal_id)
    return found


async def lock_rule_name(session: Session, key: str, board: str, jurisdiction: str) -> None:
    """Keeps everybody else from changing this rule until the transaction ends; there may be no row of it yet."""
    name = chr(31).join((key, board, jurisdiction))
    query = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7))")
    await session.execute(query, {"name": name})


async def decide_proposal(
    session: Session, caller: Caller, proposal_id: UUID, decision: Decision, reason: str = ""
) -> UUID:
    """Approves or rejects a proposal, never by whoever made it; returns its id.

    An approval ends the validity of the row before it on the day on which the new one takes effect; a row that
    follows later ends the new one. Locks the proposal, then the rule's name. Raises NotPermitted, ProposalMissing,
    OwnProposal, ProposalDecided, RejectionUnexplained, RuleInThePast, RuleDayTaken.
    """
    caller.require(Permission.RULE_KEEP)
    proposal = await lock_proposal(session, proposal_id)
    if proposal.proposed_by == caller.person_id:
        raise OwnProposal
    if proposal.decision is not None:
        raise ProposalDecided(proposal.decision)
    words = reason.strip()
    if decision == "reject" and len(words) < _SHORTEST_REASON:
        raise RejectionUnexplained(_SHORTEST_REASON)
    rule_id = await _put_in_force(session, proposal) if decision == "approve" else None
    decided_at = await market_now(session)
    proposal.decision, proposal.reason, proposal.rule_id = decision, words, rule_id
    proposal.decided_by, proposal.decided_at = caller.person_id, decided_at
    await session.flush()
    await _audit(session, caller, "approved" if decision == "approve" else "rejected", proposal)
    return proposal.id


async def _put_in_force(session: Session, proposal: RuleProposal) -> UUID:
    await lock_rule_name(session, proposal.key, proposal.board, proposal.jurisdiction)
    # Read after the locks: an approval that waited over midnight is judged by the new day.
    check_effective(proposal.valid_from, market_date(await market_now(session)))
    rows = await list_rows(session, proposal.key, proposal.board, proposal.jurisdiction)
    starts = proposal.valid_from
    if any(row.valid_from == starts for row in rows):
        raise RuleDayTaken(proposal.key, starts)
    later = [row.valid_from for row in rows if row.valid_from > starts]
    for row in rows:
        if row.valid_from < starts and (row.valid_to is None or row.valid_to > starts):
            row.valid_to = starts
    # The row before it must have ended when the new one is written: the database looks at each statement.
    await session.flush()
    rule = DatedRule(
        id=uuid7(),
        key=proposal.key,
        board=proposal.board,
        jurisdiction=proposal.jurisdiction,
        value=proposal.value,
        valid_from=starts,
        valid_to=min(later, default=None),
        source=proposal.source,
    )
    session.add(rule)
    await session.flush()
    return rule.id


async def list_rows(session: Session, key: str, board: str, jurisdiction: str) -> list[DatedRule]:
    """All rows of one rule, read afresh."""
    query = select(DatedRule).where(
        DatedRule.key == key, DatedRule.board == board, DatedRule.jurisdiction == jurisdiction
    )
    return list((await session.execute(query, execution_options={"populate_existing": True})).scalars())


async def _find_model(session: AnySession, key: str) -> DatedRule | None:
    """A row of the rule, whose value shows of what kind the rule is."""
    query = select(DatedRule).where(DatedRule.key == key).order_by(DatedRule.valid_from.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def _audit(session: Session, caller: Caller, verb: str, proposal: RuleProposal) -> None:
    await audit(
        session,
        caller,
        f"rule.{verb}",
        subject_kind="rule_proposal",
        subject_id=proposal.id,
        detail={
            "key": proposal.key,
            "board": proposal.board,
            "jurisdiction": proposal.jurisdiction,
            "value": proposal.value,
            "valid_from": proposal.valid_from.isoformat(),
            "source": proposal.source,
            "reason": proposal.reason or "",
        },
    )
