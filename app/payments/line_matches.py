"""Matching a line of the statement (匹配来款): what it pays leaves suspense, or a second person looks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.audit import audit
from app.clock import market_now
from app.ids import uuid7
from app.payments import match_rules
from app.payments.errors import LineMissing, MatchDecided, MatchMissing, SecondPersonNeeded, TargetTaken
from app.payments.import_lock import hold_off_imports
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.match_rules import (
    Ground,
    Incoming,
    LineStatus,
    Target,
    TargetKind,
    check_line_open,
    judge_match,
)
from app.payments.models import Deposit
from app.payments.orders import order_payment
from app.payments.payables import check_due, lock_payable, settle_payable
from app.payments.statement_models import BankLine, LineMatch

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.payments.payable_models import Payable


async def lock_line(session: Session, line_id: UUID) -> BankLine:
    """Takes the line's row lock and returns fresh values; raises LineMissing."""
    query = select(BankLine).where(BankLine.id == line_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise LineMissing
    return found


async def lock_line_by_reference(session: Session, bank_reference: str) -> BankLine | None:
    """Takes the row lock of the line with a reference, if a statement has it; none is imported until the commit."""
    await hold_off_imports(session)
    # Mostly no statement has it yet, which is soon asked.
    locking = "SELECT id FROM bank_line WHERE bank_reference = $1 FOR UPDATE"
    if not await session.swiftly(locking, bank_reference):
        return None
    query = select(BankLine).where(BankLine.bank_reference == bank_reference).with_for_update()
    return (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()


async def lock_match(session: Session, match_id: UUID) -> LineMatch:
    """Takes the match's row lock and returns fresh values; raises MatchMissing."""
    query = select(LineMatch).where(LineMatch.id == match_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise MatchMissing
    return found


async def get_match(session: AnySession, match_id: UUID) -> LineMatch:
    """Reads a match; raises MatchMissing."""
    found = (await session.execute(select(LineMatch).where(LineMatch.id == match_id))).scalar_one_or_none()
    if found is None:
        raise MatchMissing
    return found


def incoming_of(line: BankLine) -> Incoming:
    """What matching looks at of a line."""
    return Incoming(line.amount_fen, line.payer_name, line.remark)


async def target_of(session: AnySession, kind: TargetKind, row: Deposit | Payable) -> Target:
    """A deposit or payable as matching sees it."""
    party = await get_organisation(session, row.party_id)
    return Target(kind, row.id, row.reference, row.amount_fen, row.party_id, party.name)


async def find_same_account(session: AnySession, deposit: Deposit, line: BankLine) -> Ground | None:
    """Whether the line's account also paid, or is proposed to have paid, another buyer's deposit for the listing."""
    if not line.payer_account:
        return None
    query = (
        select(LineMatch.id)
        .join(BankLine, BankLine.id == LineMatch.line_id)
        .join(Deposit, Deposit.id == LineMatch.deposit_id)
        .where(
            BankLine.payer_account == line.payer_account,
            Deposit.listing_id == deposit.listing_id,
            Deposit.party_id != deposit.party_id,
            LineMatch.status != "refused",
        )
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return None if found is None else Ground.SAME_ACCOUNT


async def list_deposits_paid_from(session: AnySession, payer_account: str) -> list[UUID]:
    """The deposits that an account paid, or is proposed to have paid."""
    query = (
        select(LineMatch.deposit_id)
        .join(BankLine, BankLine.id == LineMatch.line_id)
        .where(
            BankLine.payer_account == payer_account,
            LineMatch.deposit_id.is_not(None),
            LineMatch.status != "refused",
        )
    )
    return [found for found in await session.scalars(query) if found is not None]


async def match_payable_line(session: Session, caller: Caller, line_id: UUID, payable_id: UUID) -> LineMatch:
    """Lets a line pay a payable at once; where a third party paid, proposes it to a second person.

    Locks the payable, the line, then ledger accounts. What came above the amount is owed back and ordered. Raises
    NotPermitted, PayableMissing, PayableStateForbids, LineMissing, LineStateForbids, Underpaid.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    payable = await lock_payable(session, payable_id)
    check_due(payable)
    line = await lock_line(session, line_id)
    check_line_open(line.status)
    target = await target_of(session, TargetKind.PAYABLE, payable)
    ground = judge_match(incoming_of(line), target)
    if ground is not None:
        return await propose_match(session, caller, line, target, ground)
    made = await write_match(session, line, target, person_id=caller.person_id)
    await settle_payable(session, payable, line.id, person_id=caller.person_id)
    await close_line(session, line, target, person_id=caller.person_id)
    await _record(session, caller, "line.matched", line, target)
    return made


async def write_match(session: Session, line: BankLine, target: Target, *, person_id: UUID) -> LineMatch:
    """Writes that a locked line pays a locked target; raises TargetTaken where another line's match stands."""
    return await _insert_match(session, line, target, None, person_id)


async def propose_match(
    session: Session, caller: Caller, line: BankLine, target: Target, ground: Ground
) -> LineMatch:
    """Holds a locked, open line until a second person has decided; its money stays in suspense."""
    made = await _insert_match(session, line, target, ground, caller.person_id)
    line.status = LineStatus.HELD
    await session.flush()
    await _record(session, caller, "line.held", line, target, ground)
    return made


async def _insert_match(
    session: Session, line: BankLine, target: Target, ground: Ground | None, person_id: UUID
) -> LineMatch:
    is_deposit = target.kind is TargetKind.DEPOSIT
    column = LineMatch.deposit_id if is_deposit else LineMatch.payable_id
    waiting = select(LineMatch.id).where(column == target.id, LineMatch.status != "refused").limit(1)
    # The target is locked, so nobody else matches it meanwhile; its line is locked too.
    if (await session.execute(waiting)).first() is not None:
        raise TargetTaken(reference=target.reference)
    made = LineMatch(
        id=uuid7(),
        line_id=line.id,
        deposit_id=target.id if is_deposit else None,
        payable_id=None if is_deposit else target.id,
        ground=None if ground is None else ground.value,
        status="confirmed" if ground is None else "proposed",
        proposed_by=person_id,
    )
    session.add(made)
    await session.flush()
    return made


async def close_line(session: Session, line: BankLine, target: Target, *, person_id: UUID) -> None:
    """Marks a locked line as matched; what it has above the target's amount is owed back, and ordered at once."""
    line.status = LineStatus.MATCHED
    await session.flush()
    over_fen = line.amount_fen - target.amount_fen
    if over_fen <= 0:
        return
    transfer = match_rules.return_overpayment(target.party_id, over_fen)
    posting = Posting(Subject("bank_line", line.id), transfer, f"line:{line.id}:over")
    await post_transfers(session, [posting], person_id=person_id)
    await order_payment(
        session,
        target.party_id,
        "refund",
        "bank_line",
        line.id,
        over_fen,
        "多付退回",
        payee_account=line.payer_account or None,
    )


async def begin_decision(session: Session, caller: Caller, match_id: UUID) -> tuple[BankLine, LineMatch]:
    """Locks a proposed match with its line for the second person, who must be another.

    The target is locked by the caller before: target, line, match is everybody's order. Raises MatchMissing,
    MatchDecided, SecondPersonNeeded.
    """
    found = await get_match(session, match_id)
    line = await lock_line(session, found.line_id)
    match = await lock_match(session, match_id)
    if match.status != "proposed":
        raise MatchDecided
    if match.proposed_by == caller.person_id:
        raise SecondPersonNeeded
    check_line_open(line.status, LineStatus.HELD)
    return line, match


async def end_decision(
    session: Session, caller: Caller, match: LineMatch, *, is_confirmed: bool, reason: str
) -> None:
    """Writes what the second person decided."""
    now = await market_now(session)
    match.status = "confirmed" if is_confirmed else "refused"
    match.decided_by, match.decided_at = caller.person_id, now
    match.decision_reason = reason
    await session.flush()


async def decide_payable_match(
    session: Session, caller: Caller, match_id: UUID, *, is_confirmed: bool, reason: str
) -> LineMatch:
    """A second person confirms that a third party may pay a payable, or sends the line back to the open ones.

    Locks the payable, the line, the match, then ledger accounts. Raises NotPermitted, MatchMissing, MatchDecided,
    SecondPersonNeeded, PayableStateForbids.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    found = await get_match(session, match_id)
    if found.payable_id is None:
        raise MatchMissing
    payable = await lock_payable(session, found.payable_id)
    line, match = await begin_decision(session, caller, match_id)
    await end_decision(session, caller, match, is_confirmed=is_confirmed, reason=reason)
    target = await target_of(session, TargetKind.PAYABLE, payable)
    if is_confirmed:
        await settle_payable(session, payable, line.id, person_id=caller.person_id)
        await close_line(session, line, target, person_id=caller.person_id)
    else:
        await reopen_line(session, line)
    await _record(session, caller, "line.confirmed" if is_confirmed else "line.refused", line, target)
    return match


async def reopen_line(session: Session, line: BankLine) -> None:
    """Puts a held line back among the open ones."""
    line.status = LineStatus.OPEN
    await session.flush()


async def return_line(session: Session, caller: Caller, line_id: UUID, reason: str) -> UUID:
    """Orders that an open line's money is sent back to the account it came from; returns the order's id.

    Locks the line. Raises NotPermitted, LineMissing, LineStateForbids.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    line = await lock_line(session, line_id)
    check_line_open(line.status)
    line.status = LineStatus.RETURNED
    await session.flush()
    order = await order_payment(
        session,
        None,
        "line_return",
        "bank_line",
        line.id,
        line.amount_fen,
        reason,
        payee_account=line.payer_account or None,
        payee_name=line.payer_name,
        person_id=caller.person_id,
    )
    await audit(
        session,
        caller,
        "line.returned",
        subject_kind="bank_line",
        subject_id=line.id,
        detail={"reason": reason},
    )
    return order.id


async def _record(
    session: Session,
    caller: Caller,
    action: str,
    line: BankLine,
    target: Target,
    ground: Ground | None = None,
) -> None:
    await audit(
        session,
        caller,
        action,
        subject_kind="bank_line",
        subject_id=line.id,
        detail={
            "bank_reference": line.bank_reference,
            "reference": target.reference,
            "ground": None if ground is None else ground.value,
        },
    )
