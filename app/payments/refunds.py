"""Refunds of released deposits as payment orders, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from app.payments.deposits import lock_deposits_of
from app.payments.ledger import Subject
from app.payments.models import Deposit, LedgerAccount, LedgerEntry, LedgerTransfer
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderPurpose
from app.payments.orders import OrderAsked, order_payments
from app.payments.statement_models import BankLine, LineMatch

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.db import Session


async def order_refunds(session: Session, listing_id: UUID, due_on: date, *, limit: int) -> int:
    """Orders refunds for released deposits of a listing that have no standing order; returns how many.

    Back to the account that paid, where a statement told it. Locks the listing's deposits, so that two workers order
    none twice, then the parties' accounts.
    """
    await lock_deposits_of(session, listing_id)
    # Read after the lock, in a statement of its own: what the other worker ordered is seen.
    query = (
        select(Deposit, BankLine.payer_account)
        .outerjoin(LineMatch, and_(LineMatch.deposit_id == Deposit.id, LineMatch.status == "confirmed"))
        .outerjoin(BankLine, BankLine.id == LineMatch.line_id)
        .where(
            Deposit.listing_id == listing_id,
            Deposit.status == "released",
            # What was paid by card goes back to the card: its release owes nothing to the party's account.
            select(LedgerEntry.id)
            .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
            .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
            .where(
                LedgerTransfer.deposit_id == Deposit.id,
                LedgerTransfer.kind == "deposit_released",
                LedgerAccount.kind == "refund_due",
            )
            .exists(),
            ~select(PaymentOrder.id)
            .where(
                PaymentOrder.subject_kind == "deposit",
                PaymentOrder.subject_id == Deposit.id,
                PaymentOrder.status.not_in(("failed", "cancelled")),
            )
            .exists(),
        )
        .order_by(Deposit.id)
        .limit(limit)
    )
    found = (await session.execute(query)).all()
    asked = [_refund_of(deposit, account, due_on) for deposit, account in found]
    await order_payments(session, asked)
    return len(asked)


def _refund_of(deposit: Deposit, account: str | None, due_on: date) -> OrderAsked:
    return OrderAsked(
        deposit.party_id,
        OrderPurpose.DEPOSIT_REFUND,
        Subject("deposit", deposit.id),
        deposit.amount_fen,
        f"退还保证金 {deposit.reference}",
        due_on,
        account or None,
    )
