"""Rates: how often one party may bid, counted in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.errors import TooMany

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(eq=False)
class BidsTooFast(TooMany):
    """Bids come too fast."""

    zh = "出价过于频繁（上限 {limit}），这次没有受理，也没有生效。稍等再出。"
    en = "Bids come too fast (limit {limit}). This one was not taken and has no effect; wait a moment."
    limit: str
    retry_after_seconds: int = 1


class BidRate:
    """Bounds how many bids a party sends; what is stopped here is not in the protocol."""

    def __init__(self, limit: str) -> None:
        """Takes a limit such as ``20/second``; it is counted by each web process for itself."""
        self._limit = parse(limit)
        self._text = limit
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(self, party_id: UUID) -> None:
        """Counts one bid; raises BidsTooFast above the limit."""
        if not await self._limiter.hit(self._limit, str(party_id)):
            raise BidsTooFast(self._text)
