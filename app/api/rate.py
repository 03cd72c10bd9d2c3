"""Rates: how often one party may bid, counted in this process or in Redis for all processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from limits import parse

from app.api.rate_counter import RateCounter
from app.errors import TooMany

if TYPE_CHECKING:
    from uuid import UUID

    from app.settings import Settings


@dataclass(eq=False)
class BidsTooFast(TooMany):
    """Bids come too fast."""

    zh = "出价过于频繁（上限 {limit}），这次没有受理，也没有生效。稍等再出。"
    en = "Bids come too fast (limit {limit}). This one was not taken and has no effect; wait a moment."
    limit: str
    retry_after_seconds: int = 1


class BidRate:
    """Bounds how many bids a party sends; what is stopped here is not in the protocol."""

    def __init__(self, settings: Settings) -> None:
        """Counts in Redis when it is configured. While Redis does not answer, each process counts for itself."""
        self._limit = parse(settings.bid_limit)
        self._text = settings.bid_limit
        self._counter = RateCounter(settings.redis_url, "bid_rate_without_redis")

    async def check(self, party_id: UUID) -> None:
        """Counts one bid; raises BidsTooFast above the limit."""
        if not await self._counter.hit(self._limit, "bid", str(party_id)):
            raise BidsTooFast(self._text)

    async def close(self) -> None:
        """Lets the connections to Redis go."""
        await self._counter.close()
