"""Disputes of card payments (卡争议): the money a card's bank took back stands apart until it is decided, and the desk is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from app.audit import audit
from app.clock import market_now
from app.payments.card_models import CardDispute
from app.payments.card_payments import lock_card_payment
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.rules import close_dispute, open_dispute

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from app.payments.gateway import DisputeSeen
    from app.payments.rules import Transfer


async def apply_dispute(session: Session, payment_id: UUID, seen: DisputeSeen) -> None:
    """Enters what a signed event says of a dispute; heard twice or out of order it changes nothing more.

    A decision that is heard before its beginning enters both. Nothing is taken from the deposit: whether the payer is
    to make it good is for the desk, which is told. Locks the payment.
    """
    payment = await lock_card_payment(session, payment_id)
    made = insert(CardDispute).values(
        id=seen.id, payment_id=payment.id, amount_fen=seen.amount_fen, reason=seen.reason
    )
    taken = made.on_conflict_do_nothing().returning(CardDispute.id)
    if (await session.execute(taken)).scalar_one_or_none() is not None:
        await _enter(session, payment_id, seen, "disputed", open_dispute(seen.amount_fen))
        await _tell(session, payment.deposit_id, "card.disputed", seen)
    row = await session.get_one(CardDispute, seen.id, populate_existing=True)
    if seen.status == "open" or row.status != "open":
        return
    is_won = seen.status == "won"
    await _enter(session, payment_id, seen, "closed", close_dispute(row.amount_fen, is_won=is_won))
    row.status, row.closed_at = seen.status, await market_now(session)
    await session.flush()
    await _tell(session, payment.deposit_id, "card.dispute-won" if is_won else "card.dispute-lost", seen)


async def _enter(
    session: Session, payment_id: UUID, seen: DisputeSeen, what: str, transfer: Transfer
) -> None:
    posting = Posting(Subject("card_payment", payment_id), transfer, f"dispute:{seen.id}:{what}")
    await post_transfers(session, [posting], person_id=None)


async def _tell(session: Session, deposit_id: UUID, action: str, seen: DisputeSeen) -> None:
    detail = {"dispute_id": seen.id, "amount_fen": seen.amount_fen, "reason": seen.reason}
    await audit(session, None, action, subject_kind="deposit", subject_id=deposit_id, detail=detail)
