"""Our requests and the stand-in's answers are as Stripe's own file says, and each known difference is a real one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import stripe as library

from app.ids import uuid7
from app.payments.connect_gateway import TransferOrder
from app.payments.gateway import CardOrder, GatewayRefused
from tests.stripe import connect_objects, objects
from tests.stripe.contract import API, GONE_FIELDS, NEWER_FIELDS, SAMPLES, check, unknown_fields
from tests.stripe.speaking import SECRET_KEY, Exchange

if TYPE_CHECKING:
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.speaking import Speaking


def order(card: str = "pm_card_visa", **over: Any) -> CardOrder:
    """A payment of 800 yuan."""
    given: dict[str, Any] = {
        "payment_id": uuid7(),
        "amount_fen": 80_000,
        "card": card,
        "reference": "BZ123456786",
    }
    return CardOrder(**given | over)


async def journey(stripe: Speaking, gateway: StripeGateway) -> None:
    """Everything that our gateway ever asks, good and bad; the fixture holds each exchange to the file."""
    first, second = await gateway.pay(order(), "1"), await gateway.pay(order(), "2")
    await gateway.capture(first.intent_id, "3")
    await gateway.cancel(second.intent_id, "4")
    await gateway.refund(first.intent_id, uuid7(), "5")
    await gateway.look(first.intent_id)
    await gateway.pay(order("pm_card_visa_chargeDeclined"), "6")
    await gateway.pay(order("pm_card_authenticationRequired"), "7")
    stripe.state.fail_refund(next(iter(stripe.state.refunds)))
    await gateway.look(first.intent_id)
    await connect_journey(stripe, gateway)


async def connect_journey(stripe: Speaking, gateway: StripeGateway) -> None:
    """Everything that paying sellers ever asks, good and bad."""
    began, party, connect = datetime.now(UTC), uuid7(), gateway.connect
    account = await connect.open_account(party, "8")
    assert await connect.find_account(party, began) == account
    await connect.link(account.account_id, "https://market.example/organisation/payout-account")
    paid = TransferOrder(uuid7(), 900, account.account_id, "deal", "FK123456786")
    with pytest.raises(GatewayRefused):
        await connect.transfer(paid, "9")
    stripe.state.submit(account.account_id)
    stripe.state.restrict(account.account_id)
    stripe.state.allow(account.account_id)
    await connect.look_account(account.account_id)
    held = await gateway.pay(order(), "10")
    await gateway.capture(held.intent_id, "11")
    made = await connect.transfer(paid, "12")
    stripe.state.relabel(made.id, "FK123456786, seller")
    stripe.state.reverse(made.id, {"amount": "300"})
    assert [each.amount_fen for each in (await connect.look_transfer(made.id)).reversals] == [300]
    assert (await connect.find_transfer(paid.order_id, "deal")) == await connect.look_transfer(made.id)


async def raw(address: str, method: str, path: str, **form: Any) -> httpx2.Response:
    """A request without our gateway."""
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {SECRET_KEY}"}) as client:
        if method == "POST":
            return await client.post(address + path, data=form)
        return await client.get(address + path, params=form)


async def test_every_request_and_every_answer_is_as_stripe_s_file_says(
    stripe: Speaking, gateway: StripeGateway, address: str
) -> None:
    await journey(stripe, gateway)
    pays = await raw(address, "POST", "/v1/payment_intents", amount=900, currency="cny")
    again = await raw(
        address, "POST", f"/v1/payment_intents/{pays.json()['id']}/confirm", payment_method="pm_card_visa"
    )
    assert again.json()["status"] == "succeeded"
    moved = await raw(
        address, "POST", "/v1/transfers", amount=900, currency="cny", destination="acct_standin1"
    )
    for shelf, word in (
        (stripe.state.intents, "payment_intents"),
        (stripe.state.charges, "charges"),
        (stripe.state.refunds, "refunds"),
        (stripe.state.transfers, "transfers"),
        (stripe.state.accounts, "accounts"),
        (stripe.state.events, "events"),
    ):
        for ident in shelf:
            assert (await raw(address, "GET", f"/v1/{word}/{ident}")).json()["id"] == ident
    for word in ("payment_intents", "refunds", "transfers", "accounts", "events"):
        assert (await raw(address, "GET", f"/v1/{word}", limit=2)).json()["data"]
    too_much = await raw(
        address, "POST", "/v1/transfers", amount=9999999, currency="cny", destination="acct_standin1"
    )
    assert moved.status_code == 200
    assert too_much.json()["error"]["code"] == "balance_insufficient"
    asked = {(exchange.method, exchange.path.split("/")[2]) for exchange in stripe.exchanges}
    assert len(asked) == 11


async def test_a_request_that_stripe_does_not_know_would_be_caught() -> None:
    for form in (
        {"amount": "80000", "currency": "cny", "capture": "manual"},
        {"amount": "many", "currency": "cny"},
    ):
        with pytest.raises(AssertionError):
            check(Exchange("POST", "/v1/payment_intents", form, None, 402, {"error": {"type": "card_error"}}))
    with pytest.raises(AssertionError, match="not in Stripe's file"):
        check(Exchange("POST", "/v1/charges", {}, None))


async def test_each_listed_difference_from_the_file_is_there_and_no_other(
    stripe: Speaking, gateway: StripeGateway, address: str
) -> None:
    await journey(stripe, gateway)
    await raw(address, "POST", "/v1/payment_intents", amount=900, currency="cny", confirm="true",
              payment_method="pm_card_visa")  # fmt: skip
    await raw(address, "POST", "/v1/transfers", amount=900, currency="cny", destination="acct_standin1")
    everything: dict[str, list[dict[str, Any]]] = {
        "payment_intent": list(stripe.state.intents.values()),
        "charge": list(stripe.state.charges.values()),
        "refund": list(stripe.state.refunds.values()),
        "transfer": list(stripe.state.transfers.values()),
        "transfer_reversal": list(stripe.state.reversals.values()),
        "account": list(stripe.state.accounts.values()),
        "account_link": stripe.state.links,
        "event": list(stripe.state.events.values()),
    }
    newer = {
        path for name, items in everything.items() for item in items for path in unknown_fields(name, item)
    }
    assert newer == set(NEWER_FIELDS)
    told = {f"{name}.{field}" for name, items in everything.items() for item in items for field in item}
    known = {
        f"{name}.{field}" for name in everything for field in API["components"]["schemas"][name]["properties"]
    }
    assert known - told == set(GONE_FIELDS)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_stand_in_has_every_field_of_stripe_s_own_samples(name: str) -> None:
    intent = objects.payment_intent("pi_1", 1, {"amount": "1", "currency": "cny"})
    transfer = objects.transfer("tr_1", 1, {"amount": "1", "currency": "cny", "destination": "acct_1"})
    made = {
        "payment_intent": intent,
        "charge": objects.charge("ch_1", 1, intent, decline=None, capture_before=1),
        "refund": objects.refund("re_1", 1, intent, {}, 1),
        "transfer": transfer,
        "transfer_reversal": connect_objects.transfer_reversal("trr_1", 1, transfer, 1),
        "account": connect_objects.account("acct_1", 1, {}),
        "account_link": connect_objects.account_link(1, "acct_1", 1),
        "event": objects.event("evt_1", 1, "x", intent, None),
    }[name]
    missing = set(SAMPLES[name]) - set(made)
    # Fields of what we do not use: sources and managed payments are answered to accounts that have them.
    assert missing <= {"source", "managed_payments", "refunds"}
    assert {key for key in made if key not in SAMPLES[name]} <= {"transfer", "description"}


def test_the_stand_in_speaks_the_version_that_the_library_is_pinned_to() -> None:
    assert library.api_version == objects.API_VERSION
    assert json.dumps(API["info"]["version"]) == '"2023-08-16"'
