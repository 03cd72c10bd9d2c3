"""A line between a browser and the market that can be cut: a relay on a port of its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HOST = "127.0.0.1"
_BYTES = 65536


class Line:
    """Carries bytes both ways until it is frozen (they vanish) or cut (connections break, new ones are refused)."""

    def __init__(self, market_url: str) -> None:
        """Knows where the market answers; listens nowhere yet."""
        self._target = urlsplit(market_url).port
        self._server: asyncio.Server | None = None
        self._port = 0
        self._pipes: set[asyncio.Task[None]] = set()
        self._is_frozen = False

    @property
    def url(self) -> str:
        """Where the browser finds the market."""
        return f"http://{_HOST}:{self._port}"

    async def mend(self) -> None:
        """Takes connections (again), always on the same port."""
        self._is_frozen = False
        self._server = await asyncio.start_server(self._carry, _HOST, self._port, reuse_address=True)
        self._port = self._server.sockets[0].getsockname()[1]

    def freeze(self) -> None:
        """What is sent from now on arrives nowhere, and nobody is told."""
        self._is_frozen = True

    async def cut(self) -> None:
        """Breaks every connection and refuses new ones."""
        if self._server is not None:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)
        self._server = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection(_HOST, self._target)
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the end of a line is what this is for
        finally:
            self._pipes.discard(task)
            for end in (writer, far_writer):
                if end is not None:
                    end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_BYTES):
            if not self._is_frozen:
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.write_eof()


@asynccontextmanager
async def open_line(market_url: str) -> AsyncIterator[Line]:
    """A line that stands, and is cut at the end."""
    line = Line(market_url)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()
