"""What becomes of a pending transfer (预留): it is posted, voided, or expires at its time; once, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.clock import market_now
from app.payments.errors import TransferMissing, TransferSettled
from app.payments.ledger import EXPIRE_TASK
from app.payments.models import LedgerOutcome, LedgerTransfer
from app.payments.rules import TransferKind, TransferState, check_outcome, check_two_people
from app.tasks import handles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import AnySession, Session


async def get_state(session: AnySession, transfer_id: UUID) -> tuple[LedgerTransfer, TransferState]:
    """Reads a transfer and its state; raises TransferMissing."""
    query = (
        select(LedgerTransfer, LedgerOutcome.outcome)
        .outerjoin(LedgerOutcome, LedgerOutcome.transfer_id == LedgerTransfer.id)
        .where(LedgerTransfer.id == transfer_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise TransferMissing
    transfer, outcome = found
    if not transfer.is_pending:
        return transfer, TransferState.POSTED
    return transfer, TransferState(outcome or TransferState.PENDING)


async def post_pending(session: Session, transfer_id: UUID, *, person_id: UUID | None) -> None:
    """Lets a pending transfer count; what it drew is reserved, so nothing is locked. Posting it twice is one posting.

    Raises TransferMissing, TransferSettled, CorrectionNotOfTwo.
    """
    await _settle(session, transfer_id, TransferState.POSTED, person_id)


async def void_pending(session: Session, transfer_id: UUID, *, person_id: UUID | None) -> None:
    """Gives back what a pending transfer reserved. Raises TransferMissing, TransferSettled."""
    await _settle(session, transfer_id, TransferState.VOIDED, person_id)


async def settle_pending(
    session: Session, transfer_ids: Sequence[UUID], wanted: TransferState, *, person_id: UUID | None
) -> None:
    """Posts or voids many pending transfers in one statement; raises TransferSettled if any had its outcome before."""
    rows = [
        {"transfer_id": transfer_id, "outcome": wanted.value, "person_id": person_id}
        for transfer_id in sorted(transfer_ids)
    ]
    taken = insert(LedgerOutcome).on_conflict_do_nothing().returning(LedgerOutcome.transfer_id)
    made = set((await session.execute(taken, rows)).scalars())
    for transfer_id in transfer_ids:
        if transfer_id not in made:
            _, present = await get_state(session, transfer_id)
            raise TransferSettled(transfer_state=present.value, wanted=wanted.value)


@handles(EXPIRE_TASK)
async def expire_transfer(session: Session, payload: dict[str, Any]) -> None:
    """Writes that a pending transfer has expired; one that was posted or voided in time stays so."""
    transfer_id = UUID(payload["transfer_id"])
    _, state = await get_state(session, transfer_id)
    if state is TransferState.PENDING:
        await _settle(session, transfer_id, TransferState.EXPIRED, None)


async def _settle(session: Session, transfer_id: UUID, wanted: TransferState, person_id: UUID | None) -> None:
    transfer, present = await get_state(session, transfer_id)
    kind = TransferKind(transfer.kind)
    if wanted is TransferState.POSTED and kind is TransferKind.CORRECTION:
        check_two_people(kind, transfer.person_id, person_id)
    now = await market_now(session)
    if not check_outcome(present, wanted, expires_at=transfer.expires_at, now=now):
        return
    # A transfer has one outcome: whoever comes second waits for the first and is told.
    row = insert(LedgerOutcome).values(transfer_id=transfer_id, outcome=wanted.value, person_id=person_id)
    taken = row.on_conflict_do_nothing().returning(LedgerOutcome.transfer_id)
    if (await session.execute(taken)).scalar_one_or_none() is None:
        _, now_present = await get_state(session, transfer_id)
        if now_present is not wanted:
            raise TransferSettled(transfer_state=now_present.value, wanted=wanted.value)
