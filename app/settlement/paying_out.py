"""What a release leads to (付款): payment orders for the seller and the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.payments.ledger import Subject
from app.payments.order_rules import OrderPurpose
from app.payments.orders import OrderAsked, order_payments

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.db import Session
    from app.settlement.models import EscrowRelease, Settlement


async def order_payouts(
    session: Session, row: Settlement, release: EscrowRelease, broker_id: UUID | None, due_on: date
) -> None:
    """Orders the payment of what a release owes the seller and the broker; two others approve each order."""
    subject = Subject("release", release.id)
    asked = []
    if release.seller_fen:
        words = f"支付成交价款，结算 {row.id}"
        asked.append(
            OrderAsked(
                row.seller_id,
                OrderPurpose.PAYOUT,
                subject,
                release.seller_fen,
                words,
                due_on,
                deal_id=row.deal_id,
            )
        )
    if release.commission_fen and broker_id is not None:
        words = f"支付佣金，结算 {row.id}"
        asked.append(
            OrderAsked(broker_id, OrderPurpose.COMMISSION, subject, release.commission_fen, words, due_on)
        )
    await order_payments(session, asked)
