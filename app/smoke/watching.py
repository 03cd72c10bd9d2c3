"""Watching a sale by its socket: frames as they come, events without a gap, answers to one's own bids."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.smoke.steps import StepFailedError, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.smoke.actor import Actor

_SECONDS = 10.0


class Watcher:
    """One socket in a sale's room, as a guest or as an actor with a token."""

    def __init__(self, actor: Actor, auction_id: str) -> None:
        """Connects to nothing yet."""
        scheme, _, rest = actor.base_url.partition("://")
        self._url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/api/v1/auctions/{auction_id}/socket"
        self._headers = {"Authorization": f"Bearer {actor.token}"} if actor.token else {}
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.frames: list[dict[str, Any]] = []
        self.seen = 0

    async def join(self, after: int | None = None) -> dict[str, Any]:
        """Connects, with ``after`` behind a number, and waits for the snapshot."""
        url = self._url if after is None else f"{self._url}?after={after}"
        self._socket = await connect(url, additional_headers=self._headers, proxy=None)
        self.frames = []
        self.seen = after or 0
        self._reader = asyncio.create_task(self._read(self._socket, is_resumed=after is not None))
        return await self.wait("a snapshot frame", lambda frame: frame["type"] == "snapshot")

    async def _read(self, socket: ClientConnection, *, is_resumed: bool) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                frame = json.loads(text)
                if frame["type"] == "snapshot" and not is_resumed:
                    self.seen = frame["number"]
                for event in frame.get("events", []):
                    # What the snapshot had may come again; a gap would be a bid that a watcher never hears of.
                    expect(event["number"] <= self.seen + 1, f"event {self.seen + 1}", event)
                    self.seen = max(self.seen, event["number"])
                async with self._news:
                    self.frames.append(frame)
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def wait(
        self, what: str, fits: Callable[[dict[str, Any]], bool], seconds: float = _SECONDS
    ) -> dict[str, Any]:
        """Waits for a frame that fits, among those that came already too."""
        try:
            async with asyncio.timeout(seconds), self._news:
                while True:
                    self._raise_what_failed()
                    found = next((frame for frame in self.frames if fits(frame)), None)
                    if found is not None:
                        return found
                    await self._news.wait()
        except TimeoutError:
            expected = f"{what} within {seconds:.0f} s"
            raise StepFailedError(expected, self.frames[-3:]) from None

    def _raise_what_failed(self) -> None:
        if self._reader is not None and self._reader.done():
            if (error := self._reader.exception()) is not None:
                raise error
            expected = "an open socket"
            raise StepFailedError(expected, "closed")

    async def event(
        self, what: str, fits: Callable[[dict[str, Any]], bool], seconds: float = _SECONDS
    ) -> dict[str, Any]:
        """Waits for an event that fits."""

        def has(frame: dict[str, Any]) -> bool:
            return any(fits(event) for event in frame.get("events", []))

        frame = await self.wait(what, has, seconds)
        return next(event for event in frame["events"] if fits(event))

    async def bid(self, amount_fen: object, bid_id: str | None = None) -> dict[str, Any]:
        """Bids by socket and waits for the answer."""
        sent = bid_id or str(uuid4())
        await self.send({"type": "bid", "bid_id": sent, "amount_fen": amount_fen})
        return await self.wait(
            f"an answer to {sent}", lambda frame: frame["type"] == "answer" and frame["bid_id"] == sent
        )

    async def send(self, frame: dict[str, Any] | str) -> None:
        """Sends a frame, or a text that is none."""
        if self._socket is None:
            expected = "a joined socket"
            raise StepFailedError(expected, "none")
        await self._socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def cut(self) -> int:
        """Cuts the connection without a farewell, as a tunnel does; gives the last number seen."""
        if self._socket is not None:
            self._socket.transport.abort()
        return self.seen

    async def leave(self) -> None:
        """Leaves calmly."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            with contextlib.suppress(StepFailedError):
                await self._reader
