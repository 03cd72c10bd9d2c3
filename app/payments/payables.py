"""Payables (应缴款): asked for with a reference for the bank form, paid by a line of the statement, or cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.clock import market_now
from app.ids import uuid7
from app.payments import match_rules
from app.payments.errors import PayableDiffers, PayableMissing, PayableStateForbids
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.match_rules import PayablePurpose
from app.payments.payable_models import Payable
from app.payments.reference import PAYABLE_LETTERS, draw_reference
from app.tasks import promise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.db import Session

PAID_TASK = "payable_paid"


@dataclass(frozen=True)
class Asked:
    """What a payable is for: the row of a higher package, and for a price the deal whose escrow it is paid into."""

    purpose: PayablePurpose
    subject_kind: str
    subject_id: UUID
    deal_id: UUID | None = None


async def request_payable(
    session: Session,
    party_id: UUID,
    purpose: PayablePurpose | str,
    subject_kind: str,
    subject_id: UUID,
    amount_fen: int,
    due_on: date,
    *,
    deal_id: UUID | None = None,
) -> Payable:
    """Makes an amount payable by a day, once for a purpose and subject; asking again gives the same.

    A price or royalty is paid into the escrow of ``deal_id``, or of the subject itself where that is a deal. Who asked
    hears of the payment by the promised task ``payable_paid``. Raises PayableDiffers.
    """
    asked = Asked(PayablePurpose(purpose), subject_kind, subject_id, deal_id)
    if deal_id is None and asked.purpose in {PayablePurpose.PRICE, PayablePurpose.ROYALTY}:
        asked = Asked(asked.purpose, subject_kind, subject_id, subject_id)
    values = {
        "party_id": party_id,
        "purpose": asked.purpose.value,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "deal_id": asked.deal_id,
        "amount_fen": amount_fen,
        "due_on": due_on,
    }
    while True:
        row = insert(Payable).values(id=uuid7(), reference=draw_reference(PAYABLE_LETTERS), **values)
        made = (await session.execute(row.on_conflict_do_nothing().returning(Payable))).scalar_one_or_none()
        # Either the subject has one already, or the reference was drawn before and is drawn again.
        found = made or await _find_open(session, party_id, asked)
        if found is not None:
            if (found.amount_fen, found.due_on, found.deal_id) != (amount_fen, due_on, asked.deal_id):
                raise PayableDiffers(reference=found.reference, amount_fen=found.amount_fen)
            return found


async def _find_open(session: Session, party_id: UUID, asked: Asked) -> Payable | None:
    query = select(Payable).where(
        Payable.party_id == party_id,
        Payable.purpose == asked.purpose.value,
        Payable.subject_kind == asked.subject_kind,
        Payable.subject_id == asked.subject_id,
        Payable.status != "cancelled",
    )
    return (await session.execute(query)).scalar_one_or_none()


async def lock_payable(session: Session, payable_id: UUID) -> Payable:
    """Takes the payable's row lock and returns fresh values; raises PayableMissing."""
    query = select(Payable).where(Payable.id == payable_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise PayableMissing
    return found


def check_due(payable: Payable) -> None:
    """Raises PayableStateForbids unless the payable is due."""
    if payable.status != "due":
        raise PayableStateForbids(payable_status=payable.status)


async def cancel_payable(session: Session, payable_id: UUID) -> Payable:
    """Takes a payable back that is no longer wanted; locks it. Raises PayableMissing, PayableStateForbids."""
    payable = await lock_payable(session, payable_id)
    check_due(payable)
    now = await market_now(session)
    payable.status, payable.settled_at = "cancelled", now
    await session.flush()
    return payable


async def cancel_payables_of(session: Session, subject_kind: str, subject_ids: Sequence[UUID]) -> int:
    """Takes back what is still due of subjects; locks those payables by id. Returns how many."""
    query = (
        select(Payable)
        .where(
            Payable.subject_kind == subject_kind,
            Payable.subject_id.in_(subject_ids),
            Payable.status == "due",
        )
        .order_by(Payable.id)
        .with_for_update()
    )
    rows = (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()
    now = await market_now(session)
    for row in rows:
        row.status, row.settled_at = "cancelled", now
    await session.flush()
    return len(rows)


async def settle_payable(session: Session, payable: Payable, line_id: UUID, *, person_id: UUID) -> None:
    """Moves a locked payable's amount from suspense to where it belongs, and promises that its asker hears of it."""
    check_due(payable)
    account = match_rules.account_of_payable(
        PayablePurpose(payable.purpose), payable.party_id, payable.deal_id
    )
    transfer = match_rules.match_payable(account, payable.amount_fen)
    posting = Posting(Subject("payable", payable.id), transfer, f"line:{line_id}:payable")
    await post_transfers(session, [posting], person_id=person_id)
    now = await market_now(session)
    payable.status, payable.settled_at = "paid", now
    await session.flush()
    await promise(
        session,
        PAID_TASK,
        {
            "payable_id": str(payable.id),
            "purpose": payable.purpose,
            "subject_kind": payable.subject_kind,
            "subject_id": str(payable.subject_id),
        },
        key=str(payable.id),
    )
