"""Disputes of cards: the money stands apart until it is decided, once, in any order; a hold's end is told before it comes."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit import AuditRecord
from app.clock import market_now
from app.payments.card_models import CardDispute
from app.payments.card_payments import store_event
from app.payments.checking import find_faults
from app.payments.rules import Account, AccountKind
from tests.stripe.contract import API
from tests.stripe.paying import balance, card_of, offer, pay, run_due

if TYPE_CHECKING:
    from app.db import Database
    from app.payments.stripe_gateway import StripeGateway
    from tests.conftest import SetNow
    from tests.stripe.paying import Buying
    from tests.stripe.speaking import Speaking

CLEARING, DISPUTED = Account(AccountKind.STRIPE_CLEARING), Account(AccountKind.CARD_DISPUTED)
INCOME = Account(AccountKind.FEE_INCOME)
FEN = 1_000_000
_numbers = itertools.count(1)


def dispute(intent_id: str, status: str) -> dict[str, Any]:
    """What our reading needs of a dispute; each field is one of Stripe's file."""
    return {
        "id": "dp_standin1",
        "object": "dispute",
        "amount": FEN,
        "currency": "cny",
        "payment_intent": intent_id,
        "reason": "fraudulent",
        "status": status,
    }


async def hear(db: Database, stripe: Speaking, gateway: StripeGateway, intent_id: str, status: str) -> None:
    """Stripe's signed event comes over the wire, is stored, and then drawn."""
    kind = "created" if status in {"needs_response", "warning_needs_response"} else "closed"
    event = {
        "id": f"evt_dispute{next(_numbers)}",
        "object": "event",
        "created": int(stripe.state.now()),
        "type": f"charge.dispute.{kind}",
        "data": {"object": dispute(intent_id, status)},
    }
    body, signature = stripe.webhook(event)
    await db.write(store_event, gateway.read_event(body, signature), event)
    await run_due(db, gateway)


async def captured(db: Database, gateway: StripeGateway) -> tuple[Buying, str]:
    """A deposit that was captured at once, because its sale ends after any hold."""
    now = await db.read(market_now)
    offered = await db.write(offer, closes_at=now + timedelta(days=20))
    payment_id = await pay(db, offered.buyers[0])
    await run_due(db, gateway)
    card = await card_of(db, payment_id)
    assert (card.stage, card.intent_id is not None) == ("captured", True)
    return offered.buyers[0], str(card.intent_id)


async def acts(db: Database, *actions: str) -> list[str]:
    async with db.reading() as session:
        query = select(AuditRecord.action).where(AuditRecord.action.in_(actions)).order_by(AuditRecord.id)
        return list(await session.scalars(query))


DISPUTES = ("card.disputed", "card.dispute-won", "card.dispute-lost")


@pytest.mark.parametrize(
    ("told", "clearing", "income", "acted"),
    [
        (("needs_response",), 0, 0, DISPUTES[:1]),
        (("needs_response", "needs_response", "won"), FEN, 0, DISPUTES[:2]),
        (("needs_response", "lost", "lost"), 0, FEN, (DISPUTES[0], DISPUTES[2])),
        (("won", "needs_response"), FEN, 0, DISPUTES[:2]),
        (("lost", "won"), 0, FEN, (DISPUTES[0], DISPUTES[2])),
        (("warning_needs_response",), FEN, 0, ()),
    ],
)
async def test_a_dispute_moves_the_money_once_however_it_is_heard(
    db: Database,
    stripe: Speaking,
    gateway: StripeGateway,
    told: tuple[str, ...],
    clearing: int,
    income: int,
    acted: tuple[str, ...],
) -> None:
    _, intent_id = await captured(db, gateway)
    for status in told:
        await hear(db, stripe, gateway, intent_id, status)
    assert [await balance(db, each) for each in (CLEARING, INCOME)] == [clearing, income]
    assert await balance(db, DISPUTED) == FEN - clearing - income
    assert await acts(db, *DISPUTES) == list(acted)
    assert await db.read(find_faults) == []


async def test_a_dispute_of_somebody_else_s_payment_changes_nothing(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    other = await gateway.client.v1.payment_intents.create_async({"amount": FEN, "currency": "cny"})
    await hear(db, stripe, gateway, other.id, "needs_response")
    async with db.reading() as session:
        assert (await session.scalars(select(CardDispute))).all() == []


async def test_a_decided_dispute_is_final(db: Database, stripe: Speaking, gateway: StripeGateway) -> None:
    _, intent_id = await captured(db, gateway)
    await hear(db, stripe, gateway, intent_id, "won")
    for statement in ("UPDATE card_dispute SET status = 'lost'", "DELETE FROM card_dispute"):
        with pytest.raises(DBAPIError):
            async with db.transaction() as session:
                await session.execute(text(statement))


def test_what_is_read_of_a_dispute_is_in_stripe_s_file() -> None:
    schema = API["components"]["schemas"]["dispute"]["properties"]
    assert set(dispute("pi_1", "won")) <= set(schema)
    words = schema["status"]["enum"]
    assert {"needs_response", "under_review", "won", "lost"} <= set(words)


async def test_a_hold_s_end_is_told_before_it_comes(
    db: Database, stripe: Speaking, gateway: StripeGateway, now_is: SetNow
) -> None:
    now = (await db.read(market_now)).replace(microsecond=0)
    await now_is(db, now)
    stripe.state.now = now.timestamp
    offered = await db.write(offer, closes_at=now + timedelta(days=4))
    payment_id = await pay(db, offered.buyers[0])
    await run_due(db, gateway)
    card = await card_of(db, payment_id)
    assert card.stage == "held"
    assert card.hold_ends_at is not None
    assert await acts(db, "card.hold-ends") == []
    near = card.hold_ends_at - timedelta(days=2)
    await now_is(db, near)
    stripe.state.now = near.timestamp
    await run_due(db, gateway)
    assert await acts(db, "card.hold-ends") == ["card.hold-ends"]
    assert (await card_of(db, payment_id)).stage == "held"
