"""Refunds of released deposits as payment orders, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, func, select

from app.clock import market_date
from app.errors import MarketError
from app.payments.card_models import CardPayment
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.models import Deposit, LedgerTransfer
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderPurpose
from app.payments.orders import OrderAsked, order_payments
from app.payments.refund_rules import interest_fen
from app.payments.rules import pay_interest
from app.payments.statement_models import BankLine, LineMatch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy import Select

    from app.db import Session

    # A deposit and the account that paid it, where a statement told it.
    _Found = tuple[Deposit, str | None]

INTEREST = "deposit_interest"
_LOCK = "SELECT FROM deposit WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
_log = structlog.get_logger()


@dataclass(frozen=True)
class Ordered:
    """What one run did: how many it ordered, what was refused and why, and after which one the next run begins."""

    count: int
    refused: dict[UUID, MarketError]
    next_after: UUID | None


async def order_refunds(
    session: Session,
    listing_id: UUID,
    due_at: datetime,
    *,
    limit: int,
    interest_bp: int = 0,
    after: UUID | None = None,
) -> Ordered:
    """Orders refunds for released deposits of a listing that have no standing order, many in a few statements.

    With interest where the sale's rule has it, as an order of its own that the exchange bears. Back to the account that
    paid, where a statement told it. If the batch is refused its deposits go one by one: whichever is refused then is
    left out with its reason, and harms no other. Locks the deposits it orders for, by id, so that two workers order
    none twice, then the parties' accounts.
    """
    waiting = _waiting().where(Deposit.listing_id == listing_id).order_by(Deposit.id).limit(limit)
    if after is not None:
        waiting = waiting.where(Deposit.id > after)
    chosen: list[UUID] = list((await session.execute(waiting)).scalars())
    if not chosen:
        return Ordered(0, {}, None)
    await lock_released(session, chosen)
    # Read after the lock, in a statement of its own: what the other worker ordered is seen.
    query = (
        select(Deposit, BankLine.payer_account)
        .outerjoin(LineMatch, and_(LineMatch.deposit_id == Deposit.id, LineMatch.status == "confirmed"))
        .outerjoin(BankLine, BankLine.id == LineMatch.line_id)
        .where(Deposit.id.in_(_waiting().where(Deposit.id == func.any(chosen))))
        .order_by(Deposit.id)
    )
    found = [(deposit, account) for deposit, account in await session.execute(query)]
    refused = await _order_or_leave(session, found, due_at, interest_bp)
    return Ordered(len(found) - len(refused), refused, chosen[-1] if len(chosen) == limit else None)


async def _order_or_leave(
    session: Session, found: Sequence[_Found], due_at: datetime, interest_bp: int
) -> dict[UUID, MarketError]:
    """Orders all at once, or one by one where that is refused; returns what was refused."""
    try:
        async with session.begin_nested():
            await _order(session, found, due_at, interest_bp)
    except MarketError as error:
        if len(found) == 1:
            _log.warning("refund_refused", reference=found[0][0].reference, reason=error.code)
            return {found[0][0].id: error}
    else:
        return {}
    refused: dict[UUID, MarketError] = {}
    for one in found:
        refused |= await _order_or_leave(session, [one], due_at, interest_bp)
    return refused


async def _order(session: Session, found: Sequence[_Found], due_at: datetime, interest_bp: int) -> None:
    await order_payments(session, [_refund_of(deposit, account, due_at) for deposit, account in found])
    await _order_interest(session, found, due_at, interest_bp)


def _waiting() -> Select[Any]:
    """The released deposits that are to be paid back to their party's bank account and have no standing order."""
    ordered = select(PaymentOrder.id).where(
        PaymentOrder.subject_kind == "deposit",
        PaymentOrder.subject_id == Deposit.id,
        PaymentOrder.purpose == OrderPurpose.DEPOSIT_REFUND,
        PaymentOrder.status.not_in(("failed", "cancelled")),
    )
    # What was paid by card goes back to the card: its release owes nothing to the party's account.
    by_card = select(CardPayment.id).where(CardPayment.deposit_id == Deposit.id, CardPayment.is_deposit)
    # One that is held back waits for the decision whether it is lost.
    is_owed = Deposit.withheld_at.is_(None)
    return select(Deposit.id).where(
        Deposit.status == "released", is_owed, ~ordered.exists(), ~by_card.exists()
    )


async def lock_released(session: Session, deposit_ids: Sequence[UUID]) -> None:
    """Takes the row locks of deposits in the order of their ids."""
    await session.swiftly(_LOCK, deposit_ids)


async def _order_interest(
    session: Session, found: Sequence[_Found], due_at: datetime, interest_bp: int
) -> None:
    """Owes and orders the interest on deposits that go back; one that was ordered before, and failed, is not owed twice."""
    owed = []
    for deposit, account in found:
        held_at = deposit.held_at or due_at
        amount = interest_fen(deposit.amount_fen, interest_bp, held_at, due_at)
        if amount:
            owed.append((deposit, account, amount))
    if not owed:
        return
    known = select(LedgerTransfer.subject_id).where(
        LedgerTransfer.subject_kind == INTEREST,
        LedgerTransfer.subject_id.in_([deposit.id for deposit, _, _ in owed]),
    )
    before = set((await session.execute(known)).scalars())
    fresh = [each for each in owed if each[0].id not in before]
    postings = [
        Posting(
            Subject(INTEREST, deposit.id), pay_interest(deposit.party_id, amount), f"interest:{deposit.id}"
        )
        for deposit, _, amount in fresh
    ]
    await post_transfers(session, postings, person_id=None)
    await order_payments(
        session, [_interest_of(deposit, account, amount, due_at) for deposit, account, amount in fresh]
    )


def _interest_of(deposit: Deposit, account: str | None, amount_fen: int, due_at: datetime) -> OrderAsked:
    return OrderAsked(
        deposit.party_id,
        OrderPurpose.REFUND,
        Subject(INTEREST, deposit.id),
        amount_fen,
        f"保证金利息 {deposit.reference}",
        last_day_before(due_at),
        account or None,
        due_at=due_at,
    )


def last_day_before(due_at: datetime) -> date:
    """The day that an instant ends or lies in: midnight is the end of the day before."""
    return market_date(due_at - timedelta(microseconds=1))


def _refund_of(deposit: Deposit, account: str | None, due_at: datetime) -> OrderAsked:
    return OrderAsked(
        deposit.party_id,
        OrderPurpose.DEPOSIT_REFUND,
        Subject("deposit", deposit.id),
        deposit.amount_fen,
        f"退还保证金 {deposit.reference}",
        last_day_before(due_at),
        account or None,
        due_at=due_at,
    )
