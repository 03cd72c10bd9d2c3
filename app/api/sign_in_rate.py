"""How often a password may be tried: by login and by address, in this process or in Redis for all processes."""

import time

from limits import RateLimitItem, parse
from starlette.requests import HTTPConnection

from app.accounts.errors import SignInsTooMany
from app.api.rate_counter import RateCounter
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
        self._counter = RateCounter(settings.redis_url, "sign_in_rate_without_redis")

    async def check(self, login: str, address: str) -> None:
        """Counts one attempt, before the password is looked at. Raises SignInsTooMany with the time to wait."""
        await self._count(self._by_address, "address", address)
        await self._count(self._by_login, "login", login)

    async def check_address(self, address: str) -> None:
        """Counts one attempt of somebody who has no login yet. Raises SignInsTooMany."""
        await self._count(self._by_address, "registration", address)

    async def close(self) -> None:
        """Lets the connections to Redis go."""
        await self._counter.close()

    async def _count(self, limit: RateLimitItem, *who: str) -> None:
        if not await self._counter.hit(limit, *who):
            free_at = await self._counter.free_at(limit, *who)
            raise SignInsTooMany(retry_after_seconds=max(1, int(free_at - time.time()) + 1))


def sign_in_rate_of(connection: HTTPConnection) -> SignInRate:
    """The application's one counter of attempts."""
    rate: SignInRate = connection.app.state.sign_in_rate
    return rate
