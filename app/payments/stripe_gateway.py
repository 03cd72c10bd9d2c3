"""Stripe as the card gateway, over its library."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import stripe

from app.payments.gateway import (
    CardOrder,
    DisputeSeen,
    GatewayEvent,
    Seen,
    SignatureRefused,
    Stage,
)
from app.payments.stripe_answers import Declined, answered
from app.payments.stripe_connect import StripeConnect

# Stripe's own default tolerance between the stamp in a signature and our clock.
_TOLERANCE_SECONDS = 300
_TIMEOUT_SECONDS = 20
_PAGE = 100
# A payment of ours is looked for from a little before its row was written: the two clocks differ.
_CLOCKS_DIFFER_SECONDS = 300
_STAGES = {
    "requires_confirmation": Stage.WAITING,
    "requires_action": Stage.WAITING,
    "processing": Stage.WAITING,
    "requires_payment_method": Stage.DECLINED,
    "requires_capture": Stage.HELD,
    "succeeded": Stage.CAPTURED,
    "canceled": Stage.CANCELLED,
}


_DISPUTED: dict[str, Literal["open", "won", "lost"]] = {
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
}


class StripeGateway:
    """Stripe's API at one account, over its asynchronous client; the library repeats nothing by itself."""

    def __init__(self, secret_key: str, webhook_secret: str, api_base: str | None = None) -> None:
        """Connects to nothing before the first call."""
        self.http = stripe.HTTPXClient(timeout=_TIMEOUT_SECONDS)
        self.client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=self.http,
            max_network_retries=0,
        )
        self.connect = StripeConnect(self.client)
        self.webhook_secret = webhook_secret

    async def close(self) -> None:
        """Closes its connections."""
        await self.http.close_async()  # type: ignore[no-untyped-call]

    async def pay(self, order: CardOrder, key: str) -> Seen:
        """Asks for a payment that is to be captured by hand, confirmed with the payer's card at once."""
        asked = self.client.v1.payment_intents.create_async(
            {
                "amount": order.amount_fen,
                "currency": "cny",
                "capture_method": "manual",
                "confirm": True,
                "payment_method": order.card,
                # The pinned version names no types any more: what is switched on, but nothing that leads away.
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "description": order.reference,
                "metadata": {"payment_id": str(order.payment_id)},
                "expand": ["latest_charge"],
            },
            {"idempotency_key": key},
        )
        try:
            return _seen(await answered(asked))
        except Declined as error:
            return _seen(error.intent)

    async def capture(self, intent_id: str, key: str) -> Seen:
        """Takes the money that is held."""
        options: Any = {"idempotency_key": key}
        asked = self.client.v1.payment_intents.capture_async(
            intent_id, {"expand": ["latest_charge"]}, options
        )
        return _seen(await answered(asked))

    async def cancel(self, intent_id: str, key: str) -> Seen:
        """Gives a hold up."""
        options: Any = {"idempotency_key": key}
        asked = self.client.v1.payment_intents.cancel_async(intent_id, {"expand": ["latest_charge"]}, options)
        return _seen(await answered(asked))

    async def refund(self, intent_id: str, payment_id: UUID, key: str) -> Seen:
        """Gives back all that was captured; Stripe refuses a second time."""
        asked = self.client.v1.refunds.create_async(
            {"payment_intent": intent_id, "metadata": {"payment_id": str(payment_id)}},
            {"idempotency_key": key},
        )
        await answered(asked)
        return await self.look(intent_id)

    async def look(self, intent_id: str) -> Seen:
        """A payment as it is now, with what became of its refund."""
        asked = self.client.v1.payment_intents.retrieve_async(intent_id, {"expand": ["latest_charge"]})
        return await self._with_refund(_seen(await answered(asked)))

    async def find(self, payment_id: UUID, since: datetime) -> Seen | None:
        """Looks through the payments made since then for ours: Stripe's search lags behind, its list does not."""
        params: Any = {
            "created": {"gte": int(since.timestamp()) - _CLOCKS_DIFFER_SECONDS},
            "limit": _PAGE,
            "expand": ["data.latest_charge"],
        }
        while True:
            page = await answered(self.client.v1.payment_intents.list_async(params))
            for intent in page["data"]:
                if intent["metadata"].get("payment_id") == str(payment_id):
                    return await self._with_refund(_seen(intent))
            if not page["has_more"]:
                return None
            params = {**params, "starting_after": page["data"][-1]["id"]}

    async def _with_refund(self, seen: Seen) -> Seen:
        if seen.stage is not Stage.CAPTURED:
            return seen
        asked = self.client.v1.refunds.list_async({"payment_intent": seen.intent_id, "limit": _PAGE})
        refunds = (await answered(asked))["data"]
        back_fen = sum(refund["amount"] for refund in refunds if refund["status"] == "succeeded")
        failed = [refund for refund in refunds if refund["status"] in {"failed", "canceled"}]
        if back_fen >= seen.amount_fen:
            return _at(seen, Stage.REFUNDED, None)
        if failed:
            return _at(seen, Stage.REFUND_FAILED, failed[0].get("failure_reason"))
        return seen

    def read_event(self, body: bytes, signature: str | None) -> GatewayEvent:
        """Reads a webhook whose signature fits; raises SignatureRefused, also for a body that is no event."""
        try:
            stripe.WebhookSignature.verify_header(body, signature, self.webhook_secret, _TOLERANCE_SECONDS)
            event = json.loads(body)
            item = event["data"]["object"]
            named = {item["object"]: item["id"]}
            return GatewayEvent(
                id=str(event["id"]),
                kind=str(event["type"]),
                intent_id=named.get("payment_intent", item.get("payment_intent")),
                created_at=datetime.fromtimestamp(event["created"], UTC),
                dispute=_dispute(item),
                transfer_id=named.get("transfer"),
                account_id=named.get("account"),
            )
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignatureRefused from error


def _seen(intent: dict[str, Any]) -> Seen:
    charge = intent.get("latest_charge")
    card = charge["payment_method_details"]["card"] if isinstance(charge, dict) else {}
    until = card.get("capture_before")
    error = intent.get("last_payment_error") or {}
    ours = intent["metadata"].get("payment_id")
    stage = _STAGES[intent["status"]]
    return Seen(
        intent_id=intent["id"],
        payment_id=UUID(ours) if ours else None,
        stage=stage,
        amount_fen=intent["amount"],
        hold_ends_at=None if until is None else datetime.fromtimestamp(until, UTC),
        reason=(error.get("decline_code") or error.get("code")) if stage is Stage.DECLINED else None,
    )


def _dispute(item: dict[str, Any]) -> DisputeSeen | None:
    """A dispute that has taken money back; an inquiry (warning) has taken none and is nothing here."""
    status = item.get("status", "")
    if item["object"] != "dispute" or status not in _DISPUTED:
        return None
    return DisputeSeen(item["id"], item["amount"], _DISPUTED[status], str(item["reason"]))


def _at(seen: Seen, stage: Stage, reason: str | None) -> Seen:
    return Seen(seen.intent_id, seen.payment_id, stage, seen.amount_fen, None, reason)
