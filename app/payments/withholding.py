"""Deposits held back (暂缓退还): while it is decided whether one is lost, it is neither refunded nor anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import market_now
from app.payments import rules
from app.payments.card_payments import end_card_payments, find_paid_by_card
from app.payments.deposits import lock_deposit, promise_refunds, release_deposit
from app.payments.errors_withholding import DepositGoes, DepositWithheld
from app.payments.ledger import Posting, Subject, for_deposit, post_transfers
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderPurpose, OrderStatus
from app.payments.orders import lock_orders, stop_order
from app.payments.rules import Account, AccountKind, DepositStatus, Entry, Transfer, TransferKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.db import Session
    from app.payments.models import Deposit

_ON_ITS_WAY = frozenset({OrderStatus.EXPORTED, OrderStatus.EXECUTED})


async def withhold_deposit(session: Session, deposit_id: UUID, *, person_id: UUID, reason: str) -> Deposit:
    """Holds a deposit back; a refund that is ordered and not in a file yet is taken back, and its money stays reserved here.

    Locks the deposit, then its refund's order. Raises DepositMissing, DepositStateForbids, DepositWithheld, DepositGoes
    where the money is on its way back.
    """
    deposit = await lock_deposit(session, deposit_id)
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.FORFEITED)
    if deposit.status == DepositStatus.RELEASED:
        await _stop_refund(session, deposit, person_id, reason)
    if deposit.withheld_at is not None:
        raise DepositWithheld
    deposit.withheld_at = await market_now(session)
    await session.flush()
    return deposit


async def _stop_refund(session: Session, deposit: Deposit, person_id: UUID, reason: str) -> None:
    if await find_paid_by_card(session, [deposit.id]):
        raise DepositGoes
    query = select(PaymentOrder.id).where(
        PaymentOrder.purpose == OrderPurpose.DEPOSIT_REFUND,
        PaymentOrder.subject_kind == "deposit",
        PaymentOrder.subject_id == deposit.id,
        PaymentOrder.status.not_in((OrderStatus.FAILED, OrderStatus.CANCELLED)),
    )
    ordered = (await session.execute(query)).scalar_one_or_none()
    if ordered is None:
        return
    (order,) = await lock_orders(session, [ordered])
    # Read after the lock: whoever made the bank's file meanwhile came first.
    if order.status in _ON_ITS_WAY:
        raise DepositGoes
    await stop_order(session, order, person_id=person_id, reason=reason)


async def stop_withholding(session: Session, deposit_id: UUID, *, is_over: bool, person_id: UUID) -> None:
    """Lets a deposit go its way again: back at once where its sale ``is_over``, else as the sale decides.

    Locks the deposit. One that became part of a price meanwhile is left alone.
    """
    deposit = await lock_deposit(session, deposit_id)
    deposit.withheld_at = None
    await session.flush()
    if deposit.status == DepositStatus.HELD and is_over:
        await release_deposit(session, deposit_id, person_id=person_id)
    elif deposit.status == DepositStatus.RELEASED:
        await promise_refunds(session, deposit.listing_id)


async def forfeit_deposit(
    session: Session,
    deposit_id: UUID,
    to: Sequence[Entry],
    *,
    subject: Subject,
    person_id: UUID,
    second_id: UUID,
) -> Deposit:
    """Takes a deposit that is held back, and applies it: ``to`` are the credits that make it up.

    Held, it is taken from what is held; released, from what is owed back. By two people. Locks the deposit, then ledger
    accounts. Raises DepositStateForbids, TransferUnbalanced, CorrectionNotOfTwo.
    """
    deposit = await lock_deposit(session, deposit_id)
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.FORFEITED)
    is_released = deposit.status == DepositStatus.RELEASED
    now = await market_now(session)
    deposit.status, deposit.withheld_at = DepositStatus.FORFEITED, None
    deposit.settled_at = deposit.settled_at or now
    await session.flush()
    taken = rules.forfeit_deposit(deposit.party_id, deposit.amount_fen, is_released=is_released)
    # One after the other: what is taken first is applied then.
    await post_transfers(
        session, [for_deposit(deposit.id, taken, f"forfeit:{subject.id}")], person_id=person_id
    )
    forfeited = Account(AccountKind.FORFEITED, deposit.party_id)
    applied = Transfer(TransferKind.FORFEIT_APPLIED, (Entry(forfeited, deposit.amount_fen), *to))
    posting = Posting(subject, applied, client_id=f"forfeit:{subject.id}:applied", approved_by=second_id)
    await post_transfers(session, [posting], person_id=person_id)
    await end_card_payments(session, [deposit])
    return deposit
