"""Keeping the demonstration alive: sales of every format, and simulated bidders in them, by the public API alone."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog
from httpx2 import HTTPError

from app.demo.crowd import LOOK_SECONDS, bid_once, keep_pace, pause_seconds
from app.demo.keeping import Lister
from app.demo.public_api import PublicApi, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_LOOK_SECONDS, _NEXT_SECONDS = 5.0, 1.0
_AFTER_A_FAILURE_SECONDS = 5.0
_log = structlog.get_logger()


async def simulate(base_url: str, stop: asyncio.Event) -> None:
    """Works until ``stop`` is set, then ends at once; what fails is logged and tried again after a pause."""
    async with PublicApi(base_url) as api:
        lister = Lister(api)

        async def keep() -> float:
            return _NEXT_SECONDS if await lister.look() else _LOOK_SECONDS

        async def pace() -> float:
            await keep_pace(api)
            return LOOK_SECONDS

        async def bid() -> float:
            await bid_once(api)
            return pause_seconds()

        works = [asyncio.create_task(_repeat(step, stop)) for step in (keep, bid, pace)]
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
