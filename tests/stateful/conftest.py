"""Fixtures: the card gateway's stand-in on its port, as the tests of cards have it."""

from tests.stripe.conftest import address, gateway, stripe

__all__ = ["address", "gateway", "stripe"]
