"""The relay: hints between processes that a sale has new events; a lost hint costs a second, never an event."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

_CHANNEL = "market:auction-hints"
_RETRY_SECONDS = 1.0
_log = structlog.get_logger()


class Relay(Protocol):
    """Tells other processes about new events."""

    def publish(self, auction_id: UUID) -> None:
        """Sends a hint soon; never blocks, never raises."""

    async def close(self) -> None:
        """Lets the connection go."""


class LocalRelay:
    """The relay of a single process: the hub beside it is told directly."""

    def __init__(self, tell: Callable[[UUID], None]) -> None:
        """Takes what is told of each hint."""
        self._tell = tell

    def publish(self, auction_id: UUID) -> None:
        """Tells the hub of this process."""
        self._tell(auction_id)

    async def close(self) -> None:
        """Has nothing to let go."""


class RedisRelay:
    """The relay over Redis pub/sub: own hints go to the own hub at once and to the others through the server."""

    def __init__(self, url: str, tell: Callable[[UUID], None]) -> None:
        """Makes a relay; it connects on first use and again after each failure."""
        # Loaded only where it is configured: most starts need not wait for it.
        from redis.asyncio import Redis  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415

        self._failures = (RedisError, OSError)
        self._tell = tell
        # A connection that waits for messages must not time out while it is quiet.
        self._redis = Redis.from_url(url, socket_timeout=None)
        self._sending: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Task[None] | None = None

    def publish(self, auction_id: UUID) -> None:
        """Tells the own hub, and the others soon."""
        self._tell(auction_id)
        task = asyncio.create_task(self._send(auction_id))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def listen(self) -> None:
        """Begins to pass on the hints of other processes."""
        self._listener = asyncio.create_task(self._listen_forever())

    async def close(self) -> None:
        """Stops listening and closes the connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        with contextlib.suppress(*self._failures):
            await self._redis.aclose()

    async def _send(self, auction_id: UUID) -> None:
        try:
            await self._redis.publish(_CHANNEL, str(auction_id))
        except self._failures as error:
            _log.warning("relay_send_failed", error=repr(error))

    async def _listen_forever(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(_CHANNEL)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._tell(UUID(message["data"].decode()))
            except self._failures as error:
                _log.warning("relay_listen_failed", error=repr(error))
            await asyncio.sleep(_RETRY_SECONDS)
