"""What Stripe's library answers or raises, as plain data or as errors of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stripe

from app.payments.gateway import GatewayRefused, GatewayUnreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Declined(Exception):
    """The card's bank said no; the payment is there all the same, waiting for another card."""

    def __init__(self, intent: dict[str, Any]) -> None:
        super().__init__(intent["id"])
        self.intent = intent


async def answered(asked: Awaitable[Any]) -> dict[str, Any]:
    """The answer as plain data; a refusal, or that nobody knows, as our own errors."""
    try:
        found: dict[str, Any] = (await asked).to_dict()
    except stripe.CardError as error:
        body: Any = error.json_body
        intent = body["error"].get("payment_intent")
        if intent is not None:
            raise Declined(intent) from error
        raise GatewayRefused(gateway_code=error.code or "card_error", text=str(error.user_message)) from error
    except stripe.IdempotencyError as error:
        # The first request under this key is still under way, or was another one: what it did is to be looked up.
        raise GatewayUnreachable from error
    except (stripe.InvalidRequestError, stripe.PermissionError) as error:
        # A permission of ours at a connected account: the request was read, and nothing was done.
        raise GatewayRefused(
            gateway_code=error.code or "invalid_request", text=str(error.user_message)
        ) from error
    except stripe.StripeError as error:
        raise GatewayUnreachable from error
    return found
