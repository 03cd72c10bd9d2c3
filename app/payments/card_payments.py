"""Payments of deposits by card: asked for, told apart by what the gateway has, ended with their deposits."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.ids import uuid7
from app.payments.card_models import CardPayment, GatewayEventRow
from app.payments.card_rules import STAGE_WORDS, Act
from app.payments.connect_accounts import CONNECT_ERRAND
from app.payments.errors import CardPaymentMissing, CardPaymentOpen
from app.payments.gateway import GatewayEvent, Stage
from app.payments.rules import DepositStatus
from app.tasks import ERRANDS, promise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from app.db import AnySession, Session
    from app.payments.models import Deposit

CARD_ERRAND = "card_payment"
ERRANDS.add(CARD_ERRAND)
_OPEN = (Stage.ASKED, Stage.WAITING, Stage.HELD, Stage.CAPTURED)
_KEPT = {DepositStatus.CAPTURED, DepositStatus.FORFEITED}


async def get_card_payment(session: AnySession, payment_id: UUID) -> CardPayment:
    """Reads a payment by our id; raises CardPaymentMissing."""
    query = select(CardPayment).where(CardPayment.id == payment_id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise CardPaymentMissing
    return found


async def lock_card_payment(session: Session, payment_id: UUID) -> CardPayment:
    """Takes the payment's row lock and returns fresh values; raises CardPaymentMissing."""
    query = select(CardPayment).where(CardPayment.id == payment_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise CardPaymentMissing
    return found


async def list_card_payments(
    session: AnySession, deposit_id: UUID, *, before_id: UUID | None = None, limit: int = 50
) -> list[CardPayment]:
    """Lists a deposit's payments by card, the newest first."""
    query = select(CardPayment).where(CardPayment.deposit_id == deposit_id)
    if before_id is not None:
        query = query.where(CardPayment.id < before_id)
    return list((await session.execute(query.order_by(CardPayment.id.desc()).limit(limit))).scalars())


async def find_paid_by_card(session: AnySession, deposit_ids: Sequence[UUID]) -> set[UUID]:
    """Of these deposits, those whose money came by card: it goes back by the gateway, never by a bank payment."""
    query = "SELECT deposit_id FROM card_payment WHERE is_deposit AND deposit_id = ANY($1::uuid[])"
    return {row["deposit_id"] for row in await session.swiftly(query, list(deposit_ids))}


async def ask_card_payment(session: Session, deposit: Deposit, card: str, *, person_id: UUID) -> CardPayment:
    """Writes a payment of a due deposit, which is under its lock, and promises to ask the gateway for it.

    Raises CardPaymentOpen.
    """
    query = select(CardPayment.stage).where(
        CardPayment.deposit_id == deposit.id, CardPayment.stage.in_([stage.value for stage in _OPEN])
    )
    present = (await session.execute(query)).scalar_one_or_none()
    if present is not None:
        raise CardPaymentOpen(present, *STAGE_WORDS[Stage(present)])
    payment = CardPayment(
        id=uuid7(),
        deposit_id=deposit.id,
        amount_fen=deposit.amount_fen,
        stage=Stage.ASKED,
        is_deposit=False,
        asked_by=person_id,
    )
    session.add(payment)
    await session.flush()
    await session.refresh(payment)
    await promise_act(session, payment.id, Act.PAY, card=card, reference=deposit.reference)
    return payment


async def promise_act(
    session: Session,
    payment_id: UUID,
    act: Act,
    *,
    run_at: datetime | None = None,
    **more: str,
) -> None:
    """Promises an act at the gateway; one at a later time does not stand in the way of the same one now."""
    payload: dict[str, Any] = {"payment_id": str(payment_id), "act": act.value, **more}
    when = "" if run_at is None else f":{run_at.isoformat()}"
    await promise(session, CARD_ERRAND, payload, run_at=run_at, key=f"{payment_id}:{act}{when}")


async def end_card_payments(session: Session, deposits: Sequence[Deposit]) -> None:
    """Promises what becomes of the cards behind deposits that are settled: kept ones are captured, all others given back."""
    statuses = {deposit.id: DepositStatus(deposit.status) for deposit in deposits}
    # Most deposits come by bank.
    if not await session.swiftly(
        "SELECT FROM card_payment WHERE deposit_id = ANY($1::uuid[]) LIMIT 1", list(statuses)
    ):
        return
    query = select(CardPayment).where(
        CardPayment.deposit_id.in_(statuses), CardPayment.stage.in_([stage.value for stage in _OPEN])
    )
    for payment in (await session.execute(query.order_by(CardPayment.id))).scalars():
        is_kept = payment.is_deposit and statuses[payment.deposit_id] in _KEPT
        await promise_act(session, payment.id, Act.CAPTURE if is_kept else Act.GIVE_BACK)


async def store_event(session: Session, event: GatewayEvent, body: dict[str, Any]) -> bool:
    """Stores the gateway's event once, and promises to ask what has become of what it names; False for one known before."""
    statement = insert(GatewayEventRow).values(
        id=event.id, kind=event.kind, intent_id=event.intent_id, body=body, created_at=event.created_at
    )
    taken = statement.on_conflict_do_nothing(index_elements=["id"]).returning(GatewayEventRow.id)
    if (await session.execute(taken)).scalar_one_or_none() is None:
        return False
    # Each event asks for itself: an errand that is out already may have looked before this happened.
    paid = {"transfer_id": event.transfer_id, "account_id": event.account_id}
    if named := {name: value for name, value in paid.items() if value is not None}:
        await promise(session, CONNECT_ERRAND, {"event_id": event.id, **named}, key=event.id)
        return True
    payload: dict[str, Any] = {"event_id": event.id, "intent_id": event.intent_id, "act": Act.LOOK.value}
    if event.dispute is not None:
        payload["dispute"] = asdict(event.dispute)
    await promise(session, CARD_ERRAND, payload, key=event.id)
    return True


async def is_ours(session: AnySession, payment_id: UUID) -> bool:
    """Whether the payment that the gateway's one names was made here."""
    return (await session.execute(select(exists().where(CardPayment.id == payment_id)))).scalar_one()


async def decline(session: Session, payment_id: UUID, reason: str) -> None:
    """Notes that the gateway refused to take a payment at all; locks it."""
    payment = await lock_card_payment(session, payment_id)
    if payment.stage == Stage.ASKED:
        payment.stage, payment.reason = Stage.DECLINED, reason
        await session.flush()


async def note_handled(session: Session, event_id: str) -> None:
    """Notes that what follows from an event was drawn; the first time stays."""
    row = update(GatewayEventRow).where(GatewayEventRow.id == event_id, GatewayEventRow.handled_at.is_(None))
    await session.execute(row.values(handled_at=func.market_now()))
