"""Fixtures: the stand-in on its port, and our gateway speaking to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.payments.stripe_gateway import StripeGateway
from tests.stripe.serving import serving
from tests.stripe.speaking import SECRET_KEY, WEBHOOK_SECRET, Speaking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def stripe() -> Speaking:
    """The stand-in, empty."""
    return Speaking()


@pytest.fixture
async def address(stripe: Speaking) -> AsyncIterator[str]:
    """Where the stand-in listens."""
    async with serving(stripe) as address:
        yield address


@pytest.fixture
async def gateway(address: str) -> AsyncIterator[StripeGateway]:
    """Our gateway with the stand-in behind it."""
    opened = StripeGateway(SECRET_KEY, WEBHOOK_SECRET, address)
    yield opened
    await opened.close()
