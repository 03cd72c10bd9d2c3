"""Holds requests and answers to Stripe's own OpenAPI file of 2023-08-16 and its sample objects of 2026-08."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.stripe.objects import Json
from tests.stripe.speaking import Exchange

DATA = Path(__file__).resolve().parent / "data"
API: Json = json.loads((DATA / "openapi_2023_08_16.json").read_text("utf-8"))
SAMPLES: Json = json.loads((DATA / "fixtures_2026_08.json").read_text("utf-8"))

# Fields that the pinned library's API version (2026-10-28) has and the file of 2023-08-16 does not, each with why.
NEWER_FIELDS = {
    "account.business_profile.annual_revenue": "new late in 2023; Stripe's form asks for it, we do not read it",
    "account.business_profile.estimated_worker_count": "new late in 2023; Stripe's form asks for it, we do not read it",
    "account.business_profile.minority_owned_business_designation": "new with 2025; always null here",
    "account.settings.bacs_debit_payments.service_user_number": "new with 2024; always null here",
    "account.settings.invoices": "new with 2024; invoices are not used",
    "payment_intent.customer_account": "a customer may be an account since 2025; always null here",
    "payment_intent.excluded_payment_method_types": "new with 2025; always null here",
    "payment_intent.payment_method_configuration_details": "new late in 2023; always null here",
    "refund.customer": "in the samples of 2026; always null here",
    "refund.customer_account": "a customer may be an account since 2025; always null here",
    "refund.destination_details": "how the money goes back, new late in 2023; we do not read it",
    "refund.payment_method": "in the samples of 2026; we do not read it",
    "charge.billing_details.tax_id": "new with 2025; always null here",
    "charge.outcome.advice_code": "the network's advice, new with 2024; always null here",
    "charge.outcome.network_advice_code": "the network's advice, new with 2024; always null here",
    "charge.outcome.network_decline_code": "the network's own code, new with 2024; always null here",
    "charge.payment_method_details.card.amount_authorized": "came with extended holds, late in 2023",
    "charge.payment_method_details.card.authorization_code": "new with 2024; always null here",
    "charge.payment_method_details.card.capture_before": "the end of a hold, late in 2023: our rule decides by it",
    "charge.payment_method_details.card.extended_authorization": "came with extended holds, late in 2023",
    "charge.payment_method_details.card.incremental_authorization": "came with extended holds, late in 2023",
    "charge.payment_method_details.card.multicapture": "came with extended holds, late in 2023",
    "charge.payment_method_details.card.network_transaction_id": "new with 2024; always null here",
    "charge.payment_method_details.card.overcapture": "came with extended holds, late in 2023",
    "charge.payment_method_details.card.regulated_status": "new with 2024; always null here",
    "charge.payment_method_details.card.transaction_link_id": "new with 2025; always null here",
}
# Fields of the file of 2023-08-16 that the pinned version answers no more, each with why.
GONE_FIELDS = {
    "account.company": "answered only to whoever collects the particulars itself; here Stripe's own form does",
    "account.individual": "answered only to whoever collects the particulars itself; here Stripe's own form does",
    "payment_intent.invoice": "removed with 2025-03-31: invoices have payments of their own",
    "charge.invoice": "removed with 2025-03-31: invoices have payments of their own",
    "charge.radar_options": "answered only for a session of Radar, which we do not use",
    "charge.refunds": "not in the answer unless expanded, since 2022-11-15; refunds are read from /v1/refunds",
    "charge.transfer": "answered only for a charge with a destination, which we do not make",
    "refund.description": "answered only for a refund without a card",
    "refund.failure_balance_transaction": "answered only for a refund that failed",
    "refund.instructions_email": "answered only for a refund that a customer must claim",
    "refund.next_action": "answered only for a refund that a customer must claim",
}


def check(exchange: Exchange) -> None:
    """Raises unless the request and its answer are as Stripe's file says."""
    operation = _operation(exchange.method, exchange.path)
    if exchange.method == "POST":
        content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
        schema = content["schema"]
        _validate(schema, _typed(schema, exchange.asked))
    else:
        known = {parameter["name"]: parameter["schema"] for parameter in operation["parameters"]}
        for name, value in exchange.asked.items():
            _validate(known[name], _typed(known[name], value))
    answers = operation["responses"]["200" if exchange.status == 200 else "default"]
    schema = answers["content"]["application/json"]["schema"]
    if exchange.status >= 500:
        return
    _validate(schema, exchange.answer)
    for item in exchange.answer["data"] if exchange.answer.get("object") == "list" else [exchange.answer]:
        if "object" in item:
            strange = [name for name in unknown_fields(item["object"], item) if name not in NEWER_FIELDS]
            assert not strange, f"{exchange.method} {exchange.path} answers what no file knows: {strange}"


def _operation(method: str, path: str) -> Json:
    # The literal address comes before the one with a name in it.
    for pattern in sorted(API["paths"], key=lambda each: each.count("{")):
        if (
            re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path)
            and method.lower() in API["paths"][pattern]
        ):
            found: Json = API["paths"][pattern][method.lower()]
            return found
    raise AssertionError(f"{method} {path} is not in Stripe's file")


def _validate(schema: Json, value: Any) -> None:
    text = json.dumps(schema, sort_keys=True)
    for error in _validator(text).iter_errors(value):
        raise AssertionError(f"{list(error.instance_path)}: {error.message}")


@cache
def _validator(text: str) -> Any:
    return jsonschema_rs.Draft7Validator(_plain(json.loads(text)) | {"components": _components()})


@cache
def _components() -> Any:
    return _plain(API["components"])


def _plain(node: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema says it."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {name: _plain(each) for name, each in node.items() if name not in {"nullable", "format"}}
    return {"anyOf": [{"type": "null"}, inner]} if node.get("nullable") is True else inner


def _typed(schema: Json, value: Any) -> Any:
    """A form's texts as the schema's types, where they are of them; the rest is left for the validator to refuse."""
    options = schema.get("anyOf", [schema])
    for option in options:
        if isinstance(value, dict) and option.get("type") == "object":
            known = option.get("properties", {})
            return {name: _typed(known.get(name, {}), each) for name, each in value.items()}
        if isinstance(value, list) and option.get("type") == "array":
            return [_typed(option["items"], each) for each in value]
        if option.get("type") == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            return int(value)
        if option.get("type") == "boolean" and value in {"true", "false"}:
            return value == "true"
    return value


def unknown_fields(name: str, item: Json) -> list[str]:
    """The fields of an object that Stripe's file does not know, by their path."""
    schema = API["components"]["schemas"][name]
    return [
        each for key, value in item.items() for each in _unknown(f"{name}.{key}", _of(schema, key), value)
    ]


def _unknown(path: str, schema: Json | None, value: Any) -> list[str]:
    if schema is None:
        return [path]
    if not isinstance(value, dict) or "object" in value or path.endswith((".metadata", ".fraud_details")):
        return []
    return [
        each for key, inner in value.items() for each in _unknown(f"{path}.{key}", _of(schema, key), inner)
    ]


def _of(schema: Json, key: str) -> Json | None:
    """The schema of a field of an object's schema, through references and alternatives."""
    for option in schema.get("anyOf", [schema]):
        found = option
        while "$ref" in found:
            found = API["components"]["schemas"][found["$ref"].rsplit("/", 1)[-1]]
        if key in found.get("properties", {}):
            inner: Json = found["properties"][key]
            return inner
        if "additionalProperties" in found or ("properties" not in found and found.get("type") == "object"):
            return {"type": "object", "additionalProperties": True}
    return None
