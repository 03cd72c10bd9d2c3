"""The card gateway of this process, for edges that need an answer at once and hold no transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.payments.gateway import GatewayNotConfigured, open_gateway

if TYPE_CHECKING:
    from fastapi import Request

    from app.payments.stripe_gateway import StripeGateway
    from app.settings import Settings


def gateway_of(request: Request, settings: Settings) -> StripeGateway:
    """This process's card gateway, opened with its first use. Raises GatewayNotConfigured."""
    gateway: StripeGateway | None = getattr(request.app.state, "card_gateway", None)
    if gateway is None:
        gateway = request.app.state.card_gateway = open_gateway(settings)
    if gateway is None:
        raise GatewayNotConfigured
    return gateway
