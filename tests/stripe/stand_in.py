"""A stateful stand-in of Stripe: what its API remembers of payments, refunds, transfers and events.

It speaks over HTTP by ``tests.stripe.speaking``. It stands among the tests and not in the program: what only pretends to
be a bank's door has no place in a market that moves money. ``python -m tests.stripe`` serves it for a demonstration.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from copy import deepcopy

from tests.stripe import objects
from tests.stripe.connecting import Connecting
from tests.stripe.objects import Json
from tests.stripe.refusing import Refused

HOLD_SECONDS = 7 * 24 * 3600
# Stripe's own test cards that are declined, with the issuer's reason.
DECLINES = {
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "expired_card"),
}
NEEDS_THE_PAYER = frozenset({"pm_card_authenticationRequired"})
GOOD_CARDS = frozenset({"pm_card_visa", "pm_card_mastercard", "pm_card_unionpay"})
_CANCELABLE = {"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"}


class StandIn(Connecting):
    """Everything one Stripe account holds."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Begins empty; ``now`` is its own clock, which tests move."""
        super().__init__()
        self.now = now
        self.hold_seconds = HOLD_SECONDS
        self.intents: dict[str, Json] = {}
        self.charges: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self.key: str | None = None
        self._numbers = itertools.count(1)

    def _new(self, prefix: str) -> tuple[str, int]:
        return f"{prefix}_standin{next(self._numbers):06d}", int(self.now())

    def _tell(self, kind: str, item: Json, account: str | None = None) -> None:
        ident, created = self._new("evt")
        event = objects.event(ident, created, kind, deepcopy(item), self.key)
        # Only what happened at a connected account says at which.
        self.events[ident] = event if account is None else event | {"account": account}

    def find(self, shelf: dict[str, Json], ident: str, word: str) -> Json:
        """One object, or the API's 404."""
        self.let_time_pass()
        if ident not in shelf:
            raise Refused(f"No such {word}: '{ident}'", "resource_missing", status=404, param="id")
        return shelf[ident]

    def create_intent(self, asked: Json) -> Json:
        """POST /v1/payment_intents."""
        if int(asked["amount"]) <= 0:
            raise Refused(
                "This value must be greater than or equal to 1.", "parameter_invalid_integer", param="amount"
            )
        intent = objects.payment_intent(*self._new("pi"), asked)
        self.intents[intent["id"]] = intent
        self._tell("payment_intent.created", intent)
        return self.confirm(intent["id"], {}) if asked.get("confirm") == "true" else intent

    def confirm(self, ident: str, asked: Json) -> Json:
        """POST /v1/payment_intents/{intent}/confirm: declined, waiting for its payer, authorized, or captured."""
        intent = self.find(self.intents, ident, "payment_intent")
        if intent["status"] not in {"requires_payment_method", "requires_confirmation"}:
            raise self._unexpected(intent, "confirm")
        card = asked.get("payment_method") or intent["payment_method"]
        if card is None:
            raise Refused("You cannot confirm this PaymentIntent because it's missing a payment method.",
                          "payment_intent_unexpected_state")  # fmt: skip
        if card not in {*GOOD_CARDS, *DECLINES, *NEEDS_THE_PAYER}:
            raise Refused(f"No such PaymentMethod: '{card}'", "resource_missing", param="payment_method")
        intent["payment_method"] = card
        if card in NEEDS_THE_PAYER:
            intent["status"] = "requires_action"
            intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
            self._tell("payment_intent.requires_action", intent)
            return intent
        return self._decline(intent, *DECLINES[card]) if card in DECLINES else self._authorize(intent)

    def _decline(self, intent: Json, code: str, reason: str) -> Json:
        error = {"code": code, "decline_code": reason, "message": "Your card was declined."}
        charge = objects.charge(*self._new("ch"), intent, decline=error, capture_before=None)
        self.charges[charge["id"]] = charge
        intent |= {
            "status": "requires_payment_method",
            "payment_method": None,
            "latest_charge": charge["id"],
            "last_payment_error": {"type": "card_error", "charge": charge["id"], **error},
        }
        self._tell("charge.failed", charge)
        self._tell("payment_intent.payment_failed", intent)
        extra = {"charge": charge["id"], "decline_code": reason, "payment_intent": deepcopy(intent)}
        raise Refused("Your card was declined.", code, "card_error", 402, extra=extra)

    def _authorize(self, intent: Json) -> Json:
        is_manual = intent["capture_method"] == "manual"
        until = int(self.now()) + self.hold_seconds if is_manual else None
        charge = objects.charge(*self._new("ch"), intent, decline=None, capture_before=until)
        self.charges[charge["id"]] = charge
        intent["latest_charge"], amount = charge["id"], intent["amount"]
        if is_manual:
            intent |= {"status": "requires_capture", "amount_capturable": amount}
            self._tell("payment_intent.amount_capturable_updated", intent)
        else:
            intent |= {"status": "succeeded", "amount_received": amount}
            self._tell("charge.succeeded", charge)
            self._tell("payment_intent.succeeded", intent)
        return intent

    def capture(self, ident: str, asked: Json) -> Json:
        """POST /v1/payment_intents/{intent}/capture."""
        intent = self.find(self.intents, ident, "payment_intent")
        if intent["status"] != "requires_capture":
            raise self._unexpected(intent, "capture")
        amount = int(asked.get("amount_to_capture") or intent["amount_capturable"])
        if amount > intent["amount_capturable"]:
            raise Refused("The payment could not be captured because the requested capture amount is greater than the "
                          "amount you can capture for this charge.", "amount_too_large")  # fmt: skip
        charge = self.charges[intent["latest_charge"]]
        charge |= {"captured": True, "amount_captured": amount}
        charge["payment_method_details"]["card"].pop("capture_before")
        intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
        self._tell("charge.captured", charge)
        self._tell("payment_intent.succeeded", intent)
        return intent

    def cancel(self, ident: str, asked: Json) -> Json:
        """POST /v1/payment_intents/{intent}/cancel."""
        intent = self.find(self.intents, ident, "payment_intent")
        if intent["status"] not in _CANCELABLE:
            raise self._unexpected(intent, "cancel")
        self._end(intent, asked.get("cancellation_reason"))
        return intent

    def _end(self, intent: Json, reason: str | None) -> None:
        held = intent["status"] == "requires_capture"
        intent |= {
            "status": "canceled",
            "canceled_at": int(self.now()),
            "cancellation_reason": reason,
            "amount_capturable": 0,
            "next_action": None,
        }
        if held:
            charge = self.charges[intent["latest_charge"]]
            charge |= {"amount_refunded": charge["amount"], "refunded": True}
            self._tell("charge.expired" if reason == "automatic" else "charge.refunded", charge)
        self._tell("payment_intent.canceled", intent)

    def let_time_pass(self) -> None:
        """Ends the holds whose time is over, as Stripe does by itself."""
        for intent in self.intents.values():
            if intent["status"] == "requires_capture" and self.capture_before(intent) <= self.now():
                self._end(intent, "automatic")

    def capture_before(self, intent: Json) -> int:
        """When a hold ends."""
        card = self.charges[intent["latest_charge"]]["payment_method_details"]["card"]
        return int(card["capture_before"])

    def refund(self, asked: Json) -> Json:
        """POST /v1/refunds: never more than was captured and is not yet refunded."""
        intent = self.find(self.intents, asked["payment_intent"], "payment_intent")
        charge = self.charges.get(intent["latest_charge"] or "")
        if charge is None or not charge["captured"]:
            raise Refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                          "payment_intent_unexpected_state")  # fmt: skip
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = int(asked.get("amount") or left)
        if left == 0:
            raise Refused(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
        if amount > left:
            raise Refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
                          param="amount")  # fmt: skip
        refund = objects.refund(*self._new("re"), intent, asked, amount)
        self.refunds[refund["id"]] = refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        self._tell("refund.created", refund)
        self._tell("charge.refunded", charge)
        return refund

    def fail_refund(self, ident: str) -> Json:
        """The card's bank sends a refund back, which may come days later."""
        refund = self.find(self.refunds, ident, "refund")
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        charge = self.charges[refund["charge"]]
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self._tell("refund.failed", refund)
        return refund

    def _unexpected(self, intent: Json, act: str) -> Refused:
        text = f"This PaymentIntent could not be {act}ed because it has a status of {intent['status']}."
        extra = {"payment_intent": deepcopy(intent)}
        return Refused(text, "payment_intent_unexpected_state", extra=extra)
