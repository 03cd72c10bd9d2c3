"""Counting how often somebody does something: in Redis for all processes when there is one, else in this process."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from app.api.own_windows import OwnWindows

if TYPE_CHECKING:
    from limits import RateLimitItem

_ANSWER_SECONDS = 0.5
# While Redis does not answer nobody waits for it, but for one attempt each time this has passed.
_TRY_AGAIN_SECONDS = 2.0
_log = structlog.get_logger("market.api")


class RateCounter:
    """Moving windows of all processes together; while Redis does not answer, each process counts for itself."""

    def __init__(self, redis_url: str | None, told: str) -> None:
        """Connects on first use; ``told`` is the line that the log gets when Redis does not answer."""
        self._told = told
        self._own = OwnWindows()
        self._redis: RedisStorage | None = None
        self._shared: MovingWindowRateLimiter | None = None
        self._away_until = 0.0
        if redis_url:
            self._redis = _connect(redis_url)
            self._shared = MovingWindowRateLimiter(self._redis)

    async def hit(self, limit: RateLimitItem, *who: str) -> bool:
        """Counts once; False when the limit is reached, and then nothing is counted."""
        if self._shared is not None and monotonic() >= self._away_until:
            try:
                return await self._shared.hit(limit, *who)
            except StorageError as error:
                self._leave(error)
        return self._own.hit(limit, *who)

    async def free_at(self, limit: RateLimitItem, *who: str) -> float:
        """When somebody who has reached the limit may come again, as seconds since the epoch."""
        if self._shared is not None and monotonic() >= self._away_until:
            try:
                return (await self._shared.get_window_stats(limit, *who)).reset_time
            except StorageError as error:
                self._leave(error)
        return self._own.free_at(limit, *who)

    async def close(self) -> None:
        """Lets the connections go."""
        if self._redis is not None:
            bridge: Any = self._redis.bridge
            await bridge.get_connection().aclose()

    def _leave(self, error: StorageError) -> None:
        self._away_until = monotonic() + _TRY_AGAIN_SECONDS
        _log.warning(self._told, error=repr(error.storage_error))


def _connect(url: str) -> RedisStorage:
    # Loaded only where it is configured: most starts need not wait for it.
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    # One try: the library's own ten would keep a bid waiting for a minute.
    once: Any = Retry(NoBackoff(), 0)
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        wrap_exceptions=True,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=once,
    )
