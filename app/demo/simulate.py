"""Keeping the demonstration alive: one sale is always live, and simulated bidders bid in it by the public API."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog
from httpx2 import HTTPError

from app.demo.crowd import bid_once, pause_seconds
from app.demo.live_sale import keep_a_sale_live
from app.demo.public_api import PublicApi, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_LOOK_SECONDS = 5.0
_AFTER_A_FAILURE_SECONDS = 5.0
_log = structlog.get_logger()


async def simulate(base_url: str, stop: asyncio.Event) -> None:
    """Works until ``stop`` is set, then ends at once; what fails is logged and tried again after a pause."""
    async with PublicApi(base_url) as api:

        async def keep() -> float:
            await keep_a_sale_live(api)
            return _LOOK_SECONDS

        async def bid() -> float:
            await bid_once(api)
            return pause_seconds()

        works = [asyncio.create_task(_repeat(step, stop)) for step in (keep, bid)]
        await stop.wait()
        # A request under way is given up: nothing that it would do is needed any more.
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def _repeat(step: Callable[[], Awaitable[float]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            pause = await step()
        except RefusedError as refusal:
            # Such as a sale that ended meanwhile, or a visitor who was faster: worth a line, no alarm.
            _log.info("simulation_refused", reason=str(refusal))
            pause = _AFTER_A_FAILURE_SECONDS
        except (HTTPError, OSError, KeyError, ValueError) as error:
            _log.warning("simulation_failed", error=repr(error))
            pause = _AFTER_A_FAILURE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
