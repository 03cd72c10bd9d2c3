"""Waiting for a sale: for its opening and its end, as anybody's program would."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from app.smoke.steps import StepFailedError

if TYPE_CHECKING:
    from app.smoke.actor import Actor

_SECONDS, _PAUSE_SECONDS = 120, 0.1


async def wait_for_status(actor: Actor, auction_id: str, *wanted: str) -> dict[str, Any]:
    """Reads a sale until it has one of these statuses; gives its snapshot."""
    status = "nothing"
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                seen: dict[str, Any] = await actor.get(f"auctions/{auction_id}")
                status = seen["status"]
                if status in wanted:
                    return seen
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        expected = f"{' / '.join(wanted)} within {_SECONDS} s"
        raise StepFailedError(expected, status) from None
