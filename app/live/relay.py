"""The relay: hints between processes that streams have new events; a lost hint costs a second, never an event.

A hint is a stream's id and nothing else. It stays between the market's own processes: no socket ever carries one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

_CHANNEL = "market:stream-hints"
_RETRY_SECONDS = 1.0
_SENDING_SECONDS = 1.0
_ID_BYTES = 16
_log = structlog.get_logger()


class Relay(Protocol):
    """Tells other processes about new events."""

    def publish(self, stream_id: UUID) -> None:
        """Sends a hint soon; never blocks, never raises."""

    async def close(self) -> None:
        """Lets the connection go."""


class LocalRelay:
    """The relay of a single process: the hub beside it is told directly."""

    def __init__(self, tell: Callable[[UUID], None]) -> None:
        """Takes what is told of each hint."""
        self._tell = tell

    def publish(self, stream_id: UUID) -> None:
        """Tells the hub of this process."""
        self._tell(stream_id)

    async def close(self) -> None:
        """Has nothing to let go."""


class RedisRelay:
    """The relay over Redis pub/sub: own hints go to the own hub at once and to the others through the server.

    Hints that come while others are being sent go together; while the server does not answer they are dropped.
    """

    def __init__(self, url: str, tell: Callable[[UUID], None]) -> None:
        """Makes a relay; it connects on first use and again after each failure."""
        # Loaded only where it is configured: most starts need not wait for it.
        from redis.asyncio import Redis  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415

        self._failures = (RedisError, OSError)
        self._tell = tell
        once = Retry(NoBackoff(), 0)
        self._out = Redis.from_url(
            url, socket_timeout=_SENDING_SECONDS, socket_connect_timeout=_SENDING_SECONDS, retry=once
        )
        # The connection that waits for messages must not time out while it is quiet.
        self._in = Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=_SENDING_SECONDS, retry=once
        )
        # What this process has told its own hub already need not come back to it.
        self._mark = os.urandom(8)
        self._waiting: set[UUID] = set()
        self._sender: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    def publish(self, stream_id: UUID) -> None:
        """Tells the own hub, and the others soon."""
        self._tell(stream_id)
        self._waiting.add(stream_id)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    def listen(self) -> None:
        """Begins to pass on the hints of other processes."""
        self._listener = asyncio.create_task(self._listen_forever())

    async def close(self) -> None:
        """Stops listening and closes the connections."""
        tasks = [task for task in (self._listener, self._sender) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in (self._in, self._out):
            with contextlib.suppress(*self._failures):
                await connection.aclose()

    async def _send(self) -> None:
        while self._waiting:
            hints, self._waiting = self._waiting, set()
            message = self._mark + b"".join(stream_id.bytes for stream_id in hints)
            try:
                await self._out.publish(_CHANNEL, message)
            except self._failures as error:
                _log.warning("relay_send_failed", error=repr(error))
                await asyncio.sleep(_RETRY_SECONDS)

    async def _listen_forever(self) -> None:
        while True:
            try:
                async with self._in.pubsub() as pubsub:
                    await pubsub.subscribe(_CHANNEL)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._hear(message["data"])
            except self._failures as error:
                _log.warning("relay_listen_failed", error=repr(error))
            await asyncio.sleep(_RETRY_SECONDS)

    def _hear(self, message: bytes) -> None:
        mark = len(self._mark)
        if message[:mark] != self._mark:
            for start in range(mark, len(message) - _ID_BYTES + 1, _ID_BYTES):
                self._tell(UUID(bytes=message[start : start + _ID_BYTES]))


def relay_to_others(url: str | None) -> Relay:
    """The relay of a process on which no socket hangs, such as a worker: hints are for the other processes."""
    return LocalRelay(_nobody) if url is None else RedisRelay(url, _nobody)


def _nobody(_: UUID) -> None:
    pass
