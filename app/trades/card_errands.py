"""The errands to the card gateway: asked first, then told, and what it has is drawn in one transaction afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.payments.card_payments import (
    CARD_ERRAND,
    decline,
    get_card_payment,
    is_ours,
    note_handled,
)
from app.payments.card_rules import Act, Step, next_step
from app.payments.gateway import CardGateway, CardOrder, DisputeSeen, GatewayRefused, Seen
from app.trades.card_admission import apply_seen
from app.trades.card_disputes import apply_dispute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import Database, Session
    from app.payments.card_models import CardPayment
    from app.tasks import Errand, Outing

    Conclusion = Callable[[Session], Awaitable[None]]

# The gateway may have moved on between our look and our step; then we look again, and step once more.
_ROUNDS = 3


def card_errands(database: Database, gateway: CardGateway) -> dict[str, Errand]:
    """The errands that a worker with a card gateway carries out; without one they wait."""

    async def go(outing: Outing) -> Conclusion:
        act = Act(outing.payload["act"])
        if "event_id" in outing.payload:
            return await _hear(database, gateway, outing.payload)
        payment = await database.read(get_card_payment, UUID(outing.payload["payment_id"]))
        return await _act(gateway, payment, act, outing)

    return {CARD_ERRAND: go}


async def _hear(database: Database, gateway: CardGateway, payload: dict[str, Any]) -> Conclusion:
    """What an event says is asked for anew: it may be old, and it may be of somebody else's payment."""
    event_id, intent_id = payload["event_id"], payload["intent_id"]
    seen = None if intent_id is None else await gateway.look(intent_id)
    payment_id = None if seen is None else seen.payment_id
    knows = payment_id is not None and await database.read(is_ours, payment_id)

    async def conclude(session: Session) -> None:
        if knows and seen is not None and payment_id is not None:
            await apply_seen(session, payment_id, seen)
            if "dispute" in payload:
                await apply_dispute(session, payment_id, DisputeSeen(**payload["dispute"]))
        await note_handled(session, event_id)

    return conclude


async def _act(gateway: CardGateway, payment: CardPayment, act: Act, outing: Outing) -> Conclusion:
    """Takes the steps that the act still needs, by what the gateway has of the payment."""
    seen = await _ask_first(gateway, payment, act, outing)
    refusal: GatewayRefused | None = None
    for _ in range(_ROUNDS):
        step = next_step(act, None if seen is None else seen.stage)
        if step is None:
            break
        try:
            seen, refusal = await _take(gateway, payment, step, seen, outing), None
            break
        except GatewayRefused as error:
            if step is Step.PAY:
                return _declined(payment.id, error)
            refusal = error
            seen = await _look(gateway, seen)
    if refusal is not None and next_step(act, None if seen is None else seen.stage) is not None:
        raise refusal

    async def conclude(session: Session) -> None:
        if seen is not None:
            await apply_seen(session, payment.id, seen)

    return conclude


async def _ask_first(gateway: CardGateway, payment: CardPayment, act: Act, outing: Outing) -> Seen | None:
    """What the gateway has already; a payment that was never asked for before need not be asked about."""
    if payment.intent_id is not None:
        return await gateway.look(payment.intent_id)
    if act is Act.PAY and outing.attempt == 1:
        return None
    return await gateway.find(payment.id, payment.created_at)


async def _look(gateway: CardGateway, seen: Seen | None) -> Seen | None:
    return None if seen is None else await gateway.look(seen.intent_id)


async def _take(
    gateway: CardGateway, payment: CardPayment, step: Step, seen: Seen | None, outing: Outing
) -> Seen:
    # The task's own id is the key: however often it sets out, the gateway takes each of its steps once.
    key = f"{outing.task_id}:{step}"
    if step is Step.PAY or seen is None:
        order = CardOrder(payment.id, payment.amount_fen, outing.payload["card"], outing.payload["reference"])
        return await gateway.pay(order, key)
    if step is Step.CAPTURE:
        return await gateway.capture(seen.intent_id, key)
    if step is Step.CANCEL:
        return await gateway.cancel(seen.intent_id, key)
    return await gateway.refund(seen.intent_id, payment.id, key)


def _declined(payment_id: UUID, error: GatewayRefused) -> Conclusion:
    async def conclude(session: Session) -> None:
        await decline(session, payment_id, error.gateway_code)

    return conclude
