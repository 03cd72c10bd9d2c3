"""Webhooks over the API: stored once, in any order, twice, late; what has no fitting signature leaves no trace."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.payments.card_models import GatewayEventRow
from app.payments.card_rules import Act, Step, later, next_step
from app.payments.gateway import GatewayUnreachable, Seen, Stage
from app.tasks import TaskRow
from tests.stripe.paying import card_of, close, deposit_of, hasten, offer, pay, run_due

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from app.db import Database
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.paying import Buying
    from tests.stripe.speaking import Speaking

HOOK = "/api/v1/payment-hooks/stripe"


async def send(client: AsyncClient, body: bytes, signature: str | None) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json"}
    if signature is not None:
        headers["Stripe-Signature"] = signature
    answer = await client.post(HOOK, content=body, headers=headers)
    return answer.status_code, answer.json()


async def stored(db: Database) -> int:
    async with db.reading() as session:
        return (await session.execute(select(func.count()).select_from(GatewayEventRow))).scalar_one()


async def promised(db: Database) -> int:
    async with db.reading() as session:
        query = select(func.count()).select_from(TaskRow).where(TaskRow.payload.has_key("event_id"))
        return (await session.execute(query)).scalar_one()


async def test_an_event_is_stored_once_then_answered_then_handled(
    db: Database, client: AsyncClient, stripe: Speaking, gateway: StripeGateway
) -> None:
    offered = await db.write(offer)
    await pay(db, offered.buyers[0])
    await run_due(db, gateway)
    event = list(stripe.state.events.values())[-1]
    asked = len(stripe.exchanges)
    body, signature = stripe.webhook(event)
    assert await send(client, body, signature) == (200, {"id": event["id"], "is_new": True})
    assert await send(client, body, signature) == (200, {"id": event["id"], "is_new": False})
    assert (await stored(db), await promised(db), len(stripe.exchanges)) == (1, 1, asked)
    await run_due(db, gateway)
    assert await send(client, body, signature) == (200, {"id": event["id"], "is_new": False})
    async with db.reading() as session:
        row = (await session.execute(select(GatewayEventRow))).scalar_one()
    assert (row.kind, row.intent_id, row.body) == (event["type"], event["data"]["object"]["id"], event)
    assert row.handled_at is not None
    assert await promised(db) == 1


async def test_a_bad_signature_is_refused_and_nothing_is_stored(
    db: Database, client: AsyncClient, stripe: Speaking, gateway: StripeGateway
) -> None:
    offered = await db.write(offer)
    await pay(db, offered.buyers[0])
    await run_due(db, gateway)
    event = list(stripe.state.events.values())[-1]
    body, fits = stripe.webhook(event)
    now = int(stripe.state.now())
    for given_body, signature in (
        (body, None),
        (body, "t=1,v1=00"),
        (body.replace(b"cny", b"usd"), fits),
        (body, stripe.webhook(event, secret="whsec_other")[1]),
        (body, stripe.webhook(event, at=now - 301)[1]),
        stripe.webhook({"id": "evt_1", "data": {"object": 5}}),
    ):
        status, problem = await send(client, given_body, signature)
        assert (status, problem["code"]) == (422, "signature-refused")
        assert "Stripe-Signature" in problem["detail"]
    assert (await stored(db), await promised(db)) == (0, 0)


async def test_an_event_of_somebody_else_s_payment_changes_nothing(
    db: Database, client: AsyncClient, stripe: Speaking, gateway: StripeGateway
) -> None:
    stripe.state.create_intent(
        {"amount": "900", "currency": "cny", "confirm": "true", "payment_method": "pm_card_visa"}
    )
    stripe.state.move({"amount": "900", "currency": "cny", "destination": "acct_standin1"})
    for event in stripe.state.events.values():
        assert (await send(client, *stripe.webhook(event)))[0] == 200
    await run_due(db, gateway)
    async with db.reading() as session:
        rows = (await session.execute(select(GatewayEventRow))).scalars().all()
    assert len(rows) == 4
    assert all(row.handled_at is not None for row in rows)


async def test_a_stored_event_stays_as_it_came(
    db: Database, client: AsyncClient, stripe: Speaking, gateway: StripeGateway
) -> None:
    stripe.state.create_intent({"amount": "900", "currency": "cny"})
    (event,) = stripe.state.events.values()
    await send(client, *stripe.webhook(event))
    for change in ("kind = 'other'", "body = '{}'", "handled_at = NULL, intent_id = 'pi_9'"):
        with pytest.raises(DBAPIError, match="stays as it came"):
            async with db.transaction() as session:
                await session.execute(text(f"UPDATE gateway_event SET {change}"))
    with pytest.raises(DBAPIError, match="append-only"):
        async with db.transaction() as session:
            await session.execute(text("DELETE FROM gateway_event"))
    await run_due(db, gateway)


# The ways that a payment can go at the gateway, each as the stages that can be seen of it one after the other.
WAYS = [
    [Stage.DECLINED],
    [Stage.WAITING, Stage.DECLINED],
    [Stage.WAITING, Stage.CANCELLED],
    [Stage.WAITING, Stage.HELD, Stage.CANCELLED],
    [Stage.HELD, Stage.CAPTURED],
    [Stage.HELD, Stage.CAPTURED, Stage.REFUNDED],
    [Stage.HELD, Stage.CAPTURED, Stage.REFUND_FAILED],
    [Stage.HELD, Stage.CAPTURED, Stage.REFUNDED, Stage.REFUND_FAILED],
]


@given(st.sampled_from(WAYS), st.data())
def test_whatever_the_order_and_however_often_it_is_heard_the_stage_is_the_last(
    way: list[Stage], data: st.DataObject
) -> None:
    words = data.draw(st.permutations(way * data.draw(st.integers(1, 3))))
    stage = Stage.ASKED
    for word in words:
        stage = later(stage, word)
    assert stage is way[-1]


@given(st.sampled_from(list(Act)), st.sampled_from([None, *Stage]))
def test_no_act_is_asked_for_that_is_done(act: Act, seen: Stage | None) -> None:
    step = next_step(act, seen)
    if step is not None:
        assert (step, seen) in {
            (Step.PAY, None),
            (Step.CAPTURE, Stage.HELD),
            (Step.CANCEL, Stage.WAITING),
            (Step.CANCEL, Stage.HELD),
            (Step.REFUND, Stage.CAPTURED),
        }


class Flaky:
    """Our gateway whose process may die before a step, after it, or whose answers may be old by the time they are told."""

    def __init__(self, inner: StripeGateway, chance: random.Random) -> None:
        self.inner, self.chance = inner, chance

    def __getattr__(self, name: str) -> Any:
        act = getattr(self.inner, name)
        if name in {"read_event", "find"}:
            return act

        async def may_fail(*args: Any) -> Seen:
            if self.chance.random() < 0.15:
                raise GatewayUnreachable
            seen: Seen = await act(*args)
            if self.chance.random() < 0.2:
                raise GatewayUnreachable
            return seen

        return may_fail


@pytest.mark.parametrize("seed", range(8))
async def test_events_doubled_reordered_and_late_and_crashes_between_steps_end_in_the_same_state(
    db: Database, client: AsyncClient, stripe: Speaking, gateway: StripeGateway, seed: int
) -> None:
    chance = random.Random(seed)
    flaky: Any = Flaky(gateway, chance)
    offered = await db.write(offer, 2)
    payments = [await pay(db, buying) for buying in offered.buyers]

    async def hear(share: float) -> None:
        events = [event for event in stripe.state.events.values() if chance.random() < share]
        for event in chance.sample(events * 2, len(events) * 2):
            await send(client, *stripe.webhook(event))

    async def settle() -> None:
        for _ in range(40):
            await run_due(db, flaky)
            await hasten(db)

    await hear(0.5)
    await settle()
    await hear(0.5)
    stages = [(await card_of(db, payment_id)).stage for payment_id in payments]
    assert stages == ["held", "held"]
    winner: Buying | None = offered.buyers[0] if seed % 3 else None
    await close(db, offered, winner)
    await hear(0.4)
    await settle()
    await hear(1)
    await settle()
    await run_due(db, gateway)
    stages = [(await card_of(db, payment_id)).stage for payment_id in payments]
    assert stages == ["captured" if winner else "cancelled", "cancelled"]
    statuses = [(await deposit_of(db, buying.deposit_id)).status for buying in offered.buyers]
    assert statuses == ["captured" if winner else "released", "released"]
    assert len(stripe.state.intents) == 2
    assert not stripe.state.refunds
    async with db.reading() as session:
        open_now = text("SELECT count(*) FROM task WHERE done_at IS NULL AND run_at <= market_now()")
        assert (await session.execute(open_now)).scalar_one() == 0
        sums = text(
            "SELECT count(*) FROM (SELECT FROM ledger_entry GROUP BY transfer_id HAVING sum(amount_fen) <> 0) x"
        )
        assert (await session.execute(sums)).scalar_one() == 0
