"""A meeting point that steers a race: callers meet inside the critical part, or find that a lock keeps them apart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_PATIENCE_SECONDS = 0.5


class Meeting:
    """Holds each caller until the others have come, or until patience says that they cannot come.

    Under a lock the second caller never comes, so the first goes on alone. Without the lock both stand inside at
    once, every time: the twin of a race test does not depend on luck.
    """

    def __init__(self, parties: int = 2) -> None:
        """Waits for this many callers."""
        self._missing = parties
        self._met = asyncio.Event()
        self.first_arrived = asyncio.Event()

    async def arrive(self) -> None:
        """Waits for the others."""
        self.first_arrived.set()
        self._missing -= 1
        if self._missing <= 0:
            self._met.set()
        try:
            await asyncio.wait_for(self._met.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            self._met.set()

    def before(self, operation: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The operation with a stop at the meeting before it."""

        async def stopped(*args: Any, **kwargs: Any) -> Any:
            await self.arrive()
            return await operation(*args, **kwargs)

        return stopped
