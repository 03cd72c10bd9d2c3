"""Ordering a payment again (重新开单) after it failed or was cancelled: by bank, until another way is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.payments.errors import PaymentOrdered
from app.payments.errors_connect import OrderNotRepeatable
from app.payments.ledger import Subject
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderPurpose, OrderStatus
from app.payments.orders import OrderAsked, lock_orders, order_payments

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

# What goes back to a payer is ordered again by its own operations.
_BY_HAND = {OrderPurpose.PAYOUT, OrderPurpose.COMMISSION}
_ENDED = {OrderStatus.FAILED, OrderStatus.CANCELLED}


async def repeat_order(session: Session, caller: Caller, order_id: UUID) -> UUID:
    """Orders the payment of a failed or cancelled order again, to be approved by two as the first was; returns its id.

    One is enough: while the new one stands, or after it was paid, there is no other. Locks the order, then the account
    drawn on. Raises NotPermitted, OrderMissing, OrderNotRepeatable, PaymentOrdered, AccountOverdrawn.
    """
    caller.require(Permission.PAYMENT_ORDER)
    (order,) = await lock_orders(session, [order_id])
    purpose, status = OrderPurpose(order.purpose), OrderStatus(order.status)
    if purpose not in _BY_HAND or status not in _ENDED:
        raise OrderNotRepeatable(order.reference, status.value)
    other = select(PaymentOrder.id).where(
        PaymentOrder.purpose == order.purpose,
        PaymentOrder.subject_kind == order.subject_kind,
        PaymentOrder.subject_id == order.subject_id,
        PaymentOrder.party_id == order.party_id,
        PaymentOrder.status.not_in(_ENDED),
    )
    if (await session.execute(other.limit(1))).first() is not None:
        raise PaymentOrdered
    asked = OrderAsked(
        order.party_id,
        purpose,
        Subject(order.subject_kind, order.subject_id),
        order.amount_fen,
        order.reason,
        market_date(await market_now(session)),
        deal_id=order.deal_id,
    )
    (made,) = await order_payments(session, [asked])
    await audit(
        session,
        caller,
        "order.repeated",
        subject_kind="payment_order",
        subject_id=made,
        detail={"references": [order.reference], "amount_fen": order.amount_fen},
    )
    return made
