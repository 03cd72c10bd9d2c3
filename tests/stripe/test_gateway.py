"""Our gateway against the stand-in over HTTP: what it sees, what it refuses, what it does not know."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.ids import uuid7
from app.payments.gateway import (
    GatewayRefused,
    GatewayUnreachable,
    SignatureRefused,
    Stage,
    open_gateway,
)
from app.payments.stripe_gateway import StripeGateway
from app.settings import Settings
from tests.stripe.serving import lose
from tests.stripe.speaking import SECRET_KEY, WEBHOOK_SECRET, Exchange
from tests.stripe.test_contract import order, raw

if TYPE_CHECKING:
    from tests.stripe.speaking import Speaking


async def test_a_payment_is_held_captured_and_given_back(stripe: Speaking, gateway: StripeGateway) -> None:
    wanted = order()
    held = await gateway.pay(wanted, "pay")
    assert (held.stage, held.payment_id, held.amount_fen) == (Stage.HELD, wanted.payment_id, 80_000)
    assert held.hold_ends_at is not None
    assert held.hold_ends_at - datetime.now(UTC) > timedelta(days=6, hours=23)
    assert (await gateway.capture(held.intent_id, "capture")).stage is Stage.CAPTURED
    assert (await gateway.refund(held.intent_id, wanted.payment_id, "refund")).stage is Stage.REFUNDED
    stripe.state.fail_refund(next(iter(stripe.state.refunds)))
    assert (await gateway.look(held.intent_id)).stage is Stage.REFUND_FAILED


@pytest.mark.parametrize(
    ("card", "stage", "reason"),
    [
        ("pm_card_visa_chargeDeclined", Stage.DECLINED, "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", Stage.DECLINED, "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", Stage.DECLINED, "expired_card"),
        ("pm_card_authenticationRequired", Stage.WAITING, None),
    ],
)
async def test_a_card_that_is_declined_or_wants_its_payer_is_seen_as_such(
    gateway: StripeGateway, card: str, stage: Stage, reason: str | None
) -> None:
    seen = await gateway.pay(order(card), "pay")
    assert (seen.stage, seen.reason) == (stage, reason)
    assert (await gateway.look(seen.intent_id)).stage is stage


async def test_a_hold_lapses_by_itself_and_cannot_be_captured_then(
    stripe: Speaking, gateway: StripeGateway
) -> None:
    began = stripe.state.now()
    held = await gateway.pay(order(), "pay")
    stripe.state.now = lambda: began + stripe.state.hold_seconds + 1
    with pytest.raises(GatewayRefused, match="canceled") as refused:
        await gateway.capture(held.intent_id, "capture")
    assert refused.value.gateway_code == "payment_intent_unexpected_state"
    assert (await gateway.look(held.intent_id)).stage is Stage.CANCELLED
    assert [event["type"] for event in stripe.state.events.values()][-2:] == [
        "charge.expired",
        "payment_intent.canceled",
    ]


async def test_no_more_is_refunded_than_was_captured(gateway: StripeGateway, address: str) -> None:
    held = await gateway.pay(order(), "pay")
    with pytest.raises(GatewayRefused, match="does not have a successful charge"):
        await gateway.refund(held.intent_id, uuid7(), "early")
    await gateway.capture(held.intent_id, "capture")
    more = await raw(address, "POST", "/v1/refunds", payment_intent=held.intent_id, amount=80_001)
    assert more.json()["error"]["message"].startswith("Refund amount (80001) is greater than")
    await gateway.refund(held.intent_id, uuid7(), "first")
    with pytest.raises(GatewayRefused) as refused:
        await gateway.refund(held.intent_id, uuid7(), "second")
    assert refused.value.gateway_code == "charge_already_refunded"


async def test_the_same_key_does_a_thing_once_and_another_request_under_it_is_refused(
    stripe: Speaking, gateway: StripeGateway
) -> None:
    wanted = order()
    first = await gateway.pay(wanted, "pay")
    assert await gateway.pay(wanted, "pay") == first
    assert len(stripe.state.intents) == 1
    with pytest.raises(GatewayUnreachable):
        await gateway.pay(order(), "pay")
    declined = order("pm_card_visa_chargeDeclined")
    assert await gateway.pay(declined, "no") == await gateway.pay(declined, "no")
    assert len(stripe.state.intents) == 2


async def test_a_key_that_is_in_flight_leaves_the_outcome_open(
    stripe: Speaking, gateway: StripeGateway
) -> None:
    stripe.in_flight.add("pay")
    with pytest.raises(GatewayUnreachable):
        await gateway.pay(order(), "pay")
    assert stripe.exchanges[-1].status == 409


async def test_what_was_done_behind_a_broken_connection_is_found_again(
    stripe: Speaking, gateway: StripeGateway
) -> None:
    began, wanted = datetime.now(UTC), order()
    stripe.after = lose
    with pytest.raises(GatewayUnreachable):
        await gateway.pay(wanted, "pay")
    stripe.after = None
    for number in range(101):
        await gateway.pay(order(), f"other {number}")
    found = await gateway.find(wanted.payment_id, began)
    assert found is not None
    assert found.stage is Stage.HELD
    assert await gateway.find(uuid7(), began) is None


async def test_a_request_that_never_arrived_did_nothing(stripe: Speaking, gateway: StripeGateway) -> None:
    stripe.before = lose
    with pytest.raises(GatewayUnreachable):
        await gateway.pay(order(), "pay")
    assert not stripe.state.intents


async def test_a_wrong_key_of_the_account_is_no_refusal_of_the_payment(address: str) -> None:
    stranger = StripeGateway("sk_test_other", WEBHOOK_SECRET, address)
    with pytest.raises(GatewayUnreachable):
        await stranger.pay(order(), "pay")
    await stranger.close()


async def test_an_event_is_read_when_its_signature_fits(stripe: Speaking, gateway: StripeGateway) -> None:
    held = await gateway.pay(order(), "pay")
    await gateway.capture(held.intent_id, "capture")
    for event in stripe.state.events.values():
        read = gateway.read_event(*stripe.webhook(event))
        assert (read.id, read.kind, read.intent_id) == (event["id"], event["type"], held.intent_id)


async def test_a_signature_that_is_old_foreign_altered_or_missing_is_refused(
    stripe: Speaking, gateway: StripeGateway
) -> None:
    await gateway.pay(order(), "pay")
    event = next(iter(stripe.state.events.values()))
    body, fits = stripe.webhook(event)
    now = int(stripe.state.now())
    wrong = [
        (body, stripe.webhook(event, at=now - 301)[1]),
        (body, stripe.webhook(event, secret="whsec_other")[1]),
        (body.replace(b"payment_intent", b"payment_other"), fits),
        (body, None),
        (body, ""),
        (body, "t=,v1="),
        (body, "v1=abc"),
        stripe.webhook({"id": "evt_1"}),
        stripe.webhook({"data": 5}),
    ]
    for given in wrong:
        with pytest.raises(SignatureRefused):
            gateway.read_event(*given)


async def test_fifty_payments_at_once_are_fifty(stripe: Speaking, gateway: StripeGateway) -> None:
    await asyncio.gather(*(gateway.pay(order(), f"pay {number}") for number in range(50)))
    assert len(stripe.state.intents) == 50


async def test_every_request_carries_the_pinned_version_and_its_key(
    stripe: Speaking, gateway: StripeGateway
) -> None:
    await gateway.pay(order(), "the key")
    exchange: Exchange = stripe.exchanges[-1]
    assert exchange.key == "the key"
    assert exchange.version == "2026-10-28.endive"


def test_without_a_key_there_is_no_gateway_and_half_a_configuration_is_refused() -> None:
    assert open_gateway(Settings()) is None
    whole = Settings(stripe_secret_key=SECRET_KEY, stripe_webhook_secret=WEBHOOK_SECRET)
    assert isinstance(open_gateway(whole), StripeGateway)
    with pytest.raises(ValueError, match="must be set together"):
        Settings(stripe_secret_key=SECRET_KEY)
