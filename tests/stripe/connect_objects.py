"""The objects of Connect as Stripe's API writes them: every field of the version our library is pinned to."""

from __future__ import annotations

from copy import deepcopy

from tests.stripe.objects import Json, listing

_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
_WANTED = ["business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]


def requirements(wanted: list[str], disabled_reason: str | None) -> Json:
    """What Stripe still wants of an account's party, and why it is stopped."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": list(wanted),
        "disabled_reason": disabled_reason,
        "errors": [],
        "eventually_due": list(wanted),
        "past_due": [],
        "pending_verification": [],
    }


def account(ident: str, created: int, asked: Json) -> Json:
    """An account before its party has told Stripe about itself."""
    capabilities = dict.fromkeys(asked.get("capabilities") or {}, "inactive")
    return {
        "id": ident,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": None,
            "minority_owned_business_designation": None,
            "name": None,
            "product_description": None,
            "support_address": dict(_ADDRESS),
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": asked.get("business_type"),
        "capabilities": capabilities,
        "charges_enabled": False,
        "controller": {"is_controller": True, "type": "application"},
        "country": asked.get("country", "US"),
        "created": created,
        "default_currency": "usd",
        "details_submitted": False,
        "email": asked.get("email"),
        "external_accounts": listing([], f"/v1/accounts/{ident}/external_accounts"),
        "future_requirements": requirements([], None),
        "metadata": dict(asked.get("metadata") or {}),
        "payouts_enabled": False,
        "requirements": requirements(_WANTED, "requirements.past_due"),
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": asked.get("type", "standard"),
    }


def _settings() -> Json:
    statement = {
        "statement_descriptor": None,
        "statement_descriptor_kana": None,
        "statement_descriptor_kanji": None,
        "statement_descriptor_prefix_kana": None,
        "statement_descriptor_prefix_kanji": None,
    }
    return {
        # The newer version may leave the name out as null, which the file of 2023-08-16 does not know.
        "bacs_debit_payments": {"display_name": "STANDIN", "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": statement,
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


def account_link(created: int, account_id: str, number: int) -> Json:
    """A link to Stripe's own form, which works for five minutes and once."""
    url = f"https://connect.stripe.com/setup/e/{account_id}/standin{number}"
    return {"object": "account_link", "created": created, "expires_at": created + 300, "url": url}


def transfer_reversal(ident: str, created: int, transfer: Json, amount: int) -> Json:
    """Money taken back from an account."""
    return {
        "id": ident,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": created,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": {},
        "source_refund": None,
        "transfer": transfer["id"],
    }


def ready(item: Json) -> Json:
    """An account as it is once everything was told and found in order."""
    found = deepcopy(item)
    found |= {"details_submitted": True, "payouts_enabled": True, "requirements": requirements([], None)}
    found["capabilities"] = dict.fromkeys(found["capabilities"], "active")
    return found
