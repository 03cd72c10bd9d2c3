"""How often a password may be tried: by login and by address, in this process or in Redis for all processes."""

import time
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from starlette.requests import HTTPConnection

from app.accounts.errors import SignInsTooMany
from app.settings import Settings

# Many people may sit behind one address, e.g. a university's.
_ADDRESS_FACTOR = 5


class SignInRate:
    """Bounds the attempts on one login, and those from one address."""

    def __init__(self, settings: Settings) -> None:
        """Counts in Redis when it is configured. While Redis does not answer, each process counts for itself."""
        self._by_login = parse(settings.sign_in_limit)
        self._by_address = type(self._by_login)(
            self._by_login.amount * _ADDRESS_FACTOR, self._by_login.multiples, namespace="address"
        )
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._redis: RedisStorage | None = None
        self._shared: MovingWindowRateLimiter | None = None
        if settings.redis_url:
            self._redis = RedisStorage(
                f"async+{settings.redis_url}",
                implementation="redispy",
                wrap_exceptions=True,
                socket_timeout=1.0,
                socket_connect_timeout=1.0,
            )
            self._shared = MovingWindowRateLimiter(self._redis)

    async def check(self, login: str, address: str) -> None:
        """Counts one attempt, before the password is looked at. Raises SignInsTooMany with the time to wait."""
        await self._count(self._by_address, "address", address)
        await self._count(self._by_login, "login", login)

    async def check_address(self, address: str) -> None:
        """Counts one attempt of somebody who has no login yet. Raises SignInsTooMany."""
        await self._count(self._by_address, "registration", address)

    async def close(self) -> None:
        """Lets the connection to Redis go."""
        if self._redis is not None:
            bridge: Any = self._redis.bridge
            await bridge.get_connection().aclose()

    async def _count(self, limit: RateLimitItem, *who: str) -> None:
        if self._shared is not None:
            try:
                await self._count_in(self._shared, limit, *who)
            except StorageError:
                structlog.get_logger("market.api").warning("sign_in_rate_without_redis")
            else:
                return
        await self._count_in(self._own, limit, *who)

    @staticmethod
    async def _count_in(limiter: MovingWindowRateLimiter, limit: RateLimitItem, *who: str) -> None:
        if await limiter.hit(limit, *who):
            return
        reset_at = (await limiter.get_window_stats(limit, *who)).reset_time
        raise SignInsTooMany(retry_after_seconds=max(1, int(reset_at - time.time()) + 1))


def sign_in_rate_of(connection: HTTPConnection) -> SignInRate:
    """The application's one counter of attempts."""
    rate: SignInRate = connection.app.state.sign_in_rate
    return rate
