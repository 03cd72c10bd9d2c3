"""The objects of the stand-in as Stripe's API writes them: every field of the version our library is pinned to."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
API_VERSION = "2026-10-28.endive"


def payment_intent(ident: str, created: int, asked: Json) -> Json:
    """A PaymentIntent before its first confirmation."""
    return {
        "id": ident,
        "object": "payment_intent",
        "amount": int(asked["amount"]),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": _switched_on(asked.get("automatic_payment_methods")),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": asked.get("capture_method", "automatic"),
        "client_secret": f"{ident}_secret_{created}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": asked["currency"],
        "customer": None,
        "customer_account": None,
        "description": asked.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": dict(asked.get("metadata") or {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": asked.get("payment_method"),
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_confirmation" if asked.get("payment_method") else "requires_payment_method",
        "transfer_data": None,
        "transfer_group": asked.get("transfer_group"),
    }


def charge(
    ident: str, created: int, intent: Json, *, decline: Json | None, capture_before: int | None
) -> Json:
    """The charge of one confirmation: declined, authorized to be captured by hand, or captured at once."""
    is_captured = decline is None and intent["capture_method"] == "automatic"
    return {
        "id": ident,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": None,
        "captured": is_captured,
        "created": created,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline["code"] if decline else None,
        "failure_message": decline["message"] if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"card": _card(intent["amount"], capture_before), "type": "card"},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "failed" if decline else "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def _outcome(decline: Json | None) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline["decline_code"] if decline else None,
        "seller_message": "The bank declined." if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def _card(amount: int, capture_before: int | None) -> Json:
    card: Json = {
        "amount_authorized": amount,
        "authorization_code": None,
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "exp_month": 8,
        "exp_year": 2030,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": "standInFingerprint",
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": "4242",
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": None,
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }
    # Stripe leaves the field out of a charge that is not waiting for its capture.
    return card if capture_before is None else card | {"capture_before": capture_before}


def refund(ident: str, created: int, intent: Json, asked: Json, amount: int) -> Json:
    """A refund that succeeded at once, as a card's does."""
    return {
        "id": ident,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": intent["latest_charge"],
        "created": created,
        "currency": intent["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": dict(asked.get("metadata") or {}),
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "reason": asked.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def transfer(ident: str, created: int, asked: Json) -> Json:
    """Money moved to a connected account."""
    return {
        "id": ident,
        "object": "transfer",
        "amount": int(asked["amount"]),
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": created,
        "currency": asked["currency"],
        "description": asked.get("description"),
        "destination": asked["destination"],
        "destination_payment": f"py_{ident}",
        "livemode": False,
        "metadata": dict(asked.get("metadata") or {}),
        "reversals": listing([], f"/v1/transfers/{ident}/reversals"),
        "reversed": False,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": asked.get("transfer_group"),
    }


def event(ident: str, created: int, kind: str, item: Json, key: str | None) -> Json:
    """What happened, with the object as it was then."""
    return {
        "id": ident,
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": item},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": key},
        "type": kind,
    }


def listing(items: list[Json], url: str, *, has_more: bool = False) -> Json:
    """A list as the API writes it."""
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def _switched_on(asked: Json | None) -> Json | None:
    return None if asked is None else {**asked, "enabled": asked["enabled"] == "true"}
