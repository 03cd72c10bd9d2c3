"""Matching a line of the statement to a deposit (匹配保证金): the money, the bidder code and the intent in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.payments.deposits import BankLine, lock_deposit
from app.payments.errors import DepositMissing, MatchMissing
from app.payments.line_matches import (
    begin_decision,
    decide_payable_match,
    end_decision,
    find_same_account,
    get_match,
    incoming_of,
    list_deposits_paid_from,
    lock_line,
    match_payable_line,
    propose_match,
    reopen_line,
    target_of,
)
from app.payments.match_rules import TargetKind, check_line_open, judge_match
from app.payments.rules import DepositStatus, check_deposit_step
from app.trades.admission import confirm_receipt, lock_trade
from app.trades.queries import find_intent_by_deposit
from app.trades.suspicions import raise_suspicion

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.payments.statement_models import BankLine as StoredLine
    from app.trades.models import Intent


async def match_line(
    session: Session, caller: Caller, line_id: UUID, kind: TargetKind, target_id: UUID
) -> UUID:
    """Matches an open line to what it pays, or proposes it to a second person; returns the line's id.

    Raises NotPermitted, LineMissing, LineStateForbids, Underpaid, PayerIsNotTheBuyer and what the target refuses.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    if kind is TargetKind.PAYABLE:
        await match_payable_line(session, caller, line_id, target_id)
    else:
        await _match_deposit_line(session, caller, line_id, target_id)
    return line_id


async def _match_deposit_line(session: Session, caller: Caller, line_id: UUID, deposit_id: UUID) -> None:
    """Locks the auction, the listing, the deposit, then the line: two buyers' lines from one account meet here."""
    intent = await find_intent_by_deposit(session, deposit_id)
    if intent is None:
        raise DepositMissing
    await lock_trade(session, intent.listing_id)
    deposit = await lock_deposit(session, deposit_id)
    check_deposit_step(DepositStatus(deposit.status), DepositStatus.HELD)
    line = await lock_line(session, line_id)
    check_line_open(line.status)
    target = await target_of(session, TargetKind.DEPOSIT, deposit)
    judge_match(incoming_of(line), target)
    ground = await find_same_account(session, deposit, line)
    if ground is not None:
        await propose_match(session, caller, line, target, ground)
        await _suspect(session, intent, line)
        return
    await confirm_receipt(session, caller, deposit_id, _as_typed(line))


async def _suspect(session: Session, intent: Intent, line: StoredLine) -> None:
    """Holds every two intents of a listing that one account pays for (招标投标法实施条例 article 40(六))."""
    for deposit_id in await list_deposits_paid_from(session, line.payer_account):
        other = await find_intent_by_deposit(session, deposit_id)
        if other is not None and other.listing_id == intent.listing_id and other.id != intent.id:
            await raise_suspicion(session, intent, other, "same_account", f"尾号 {line.payer_account[-4:]}")


async def decide_match(
    session: Session, caller: Caller, match_id: UUID, *, is_confirmed: bool, reason: str
) -> UUID:
    """A second person confirms a proposed match, or refuses it so that the line is open again; returns the line's id.

    A confirmed deposit admits its buyer, once the desk has cleared the suspicion. Locks as whoever proposed it did. Raises NotPermitted, MatchMissing,
    MatchDecided, SecondPersonNeeded, and what the target refuses.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    found = await get_match(session, match_id)
    if found.deposit_id is None:
        match = await decide_payable_match(
            session, caller, match_id, is_confirmed=is_confirmed, reason=reason
        )
        return match.line_id
    intent = await find_intent_by_deposit(session, found.deposit_id)
    if intent is None:
        raise MatchMissing
    await lock_trade(session, intent.listing_id)
    await lock_deposit(session, found.deposit_id)
    line, match = await begin_decision(session, caller, match_id)
    await end_decision(session, caller, match, is_confirmed=is_confirmed, reason=reason)
    if is_confirmed:
        await confirm_receipt(session, caller, found.deposit_id, _as_typed(line), cleared_id=match.id)
    else:
        await reopen_line(session, line)
    return line.id


def _as_typed(line: StoredLine) -> BankLine:
    """The line as whoever confirms it by hand would type it."""
    return BankLine(line.amount_fen, line.payer_name, line.bank_reference, line.booked_on)
