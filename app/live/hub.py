"""The hub: fans the events of sales out to the watchers of this process, from the event table and without a gap."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from app.auction.queries import find_sale_end
from app.clock import market_now
from app.db import DATABASE_ERRORS
from app.chain import Recorded
from app.events import list_events, list_heads
from app.live.frames import events_frame, tick_frame

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import AnySession, Database

FRAMES_WAITING = 256
_FRAME_EVERY_SECONDS = 0.1
_SWEEP_EVERY_SECONDS = 1.0
_TICK_EVERY_SWEEPS = 5
_EVENTS_A_FRAME = 200
_log = structlog.get_logger()


class Watcher:
    """One socket's place at the hub: a bounded queue of encoded frames, each with the number it ends at."""

    def __init__(self, seen: int) -> None:
        """Starts after a number; frames that end at or before it are not delivered."""
        self.seen = seen
        self.is_slow = False
        self.frames: asyncio.Queue[tuple[int, str] | None] = asyncio.Queue(FRAMES_WAITING)

    def offer(self, number: int, frame: str) -> None:
        """Queues a frame; a watcher that reads too slowly is cut off loudly and comes back with ``?after=``.

        All that still waits for him is dropped then: were only some of it, he would come back from behind a gap.
        """
        if self.is_slow:
            return
        try:
            self.frames.put_nowait((number, frame))
        except asyncio.QueueFull:
            self.is_slow = True
            while not self.frames.empty():
                self.frames.get_nowait()
            self.frames.put_nowait(None)


@dataclass
class _Channel:
    """One sale that is watched: who watches, what was sent last, and the task that sends."""

    watchers: set[Watcher] = field(default_factory=set)
    epoch: int = 1
    sent: int = 0
    is_stale: bool = True
    sender: asyncio.Task[None] | None = None


class Hub:
    """Watches for this process. Hints may be lost: a slow sweep compares heads and repairs."""

    def __init__(self, database: Database) -> None:
        """Makes a hub that reads from this database; nothing runs before somebody watches."""
        self._database = database
        self._channels: dict[UUID, _Channel] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def hint(self, auction_id: UUID) -> None:
        """Says that a sale has new events; cheap, may be called for sales that nobody watches."""
        channel = self._channels.get(auction_id)
        if channel is not None:
            self._wake(auction_id, channel)

    def join(self, auction_id: UUID, seen: int, epoch: int, head: int) -> Watcher:
        """Takes a watcher in. Subscribe first, then send the snapshot, then what the snapshot does not have."""
        channel = self._channels.setdefault(auction_id, _Channel(epoch=epoch, sent=head))
        watcher = Watcher(seen)
        channel.watchers.add(watcher)
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep_forever())
        self._wake(auction_id, channel)
        return watcher

    def leave(self, auction_id: UUID, watcher: Watcher) -> None:
        """Lets a watcher go; a sale that nobody watches is forgotten."""
        channel = self._channels.get(auction_id)
        if channel is None:
            return
        channel.watchers.discard(watcher)
        if not channel.watchers:
            self._channels.pop(auction_id, None)

    async def close(self) -> None:
        """Stops sending and lets every watcher end."""
        tasks = [self._sweeper, *(channel.sender for channel in self._channels.values())]
        for channel in self._channels.values():
            for watcher in channel.watchers:
                with contextlib.suppress(asyncio.QueueFull):
                    watcher.frames.put_nowait(None)
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)

    def _wake(self, auction_id: UUID, channel: _Channel) -> None:
        channel.is_stale = True
        if channel.sender is None or channel.sender.done():
            channel.sender = asyncio.create_task(self._send(auction_id, channel))

    async def _send(self, auction_id: UUID, channel: _Channel) -> None:
        """Sends what is new: the first event after quiet at once, then at most ten frames a second."""
        while channel.is_stale and channel.watchers:
            channel.is_stale = False
            try:
                events, now = await self._database.read(_read_news, auction_id, channel.sent)
            except DATABASE_ERRORS as error:
                # Nothing is lost: the next hint or sweep reads the same events again.
                _log.warning("hub_read_failed", auction_id=str(auction_id), error=repr(error))
                return
            if not events:
                continue
            channel.sent = events[-1].number
            channel.is_stale = channel.is_stale or len(events) == _EVENTS_A_FRAME
            frame = events_frame(channel.epoch, events, now)
            for watcher in list(channel.watchers):
                _deliver(watcher, channel.epoch, events, frame, now)
            await asyncio.sleep(_FRAME_EVERY_SECONDS)

    async def _sweep_forever(self) -> None:
        """Compares heads with what was sent, and tells the time, until nobody watches."""
        count = 0
        while self._channels:
            await asyncio.sleep(_SWEEP_EVERY_SECONDS)
            count += 1
            with contextlib.suppress(*DATABASE_ERRORS):
                heads = await self._database.read(list_heads, list(self._channels))
                for auction_id, head in heads.items():
                    channel = self._channels.get(auction_id)
                    if channel is not None and head > channel.sent:
                        self._wake(auction_id, channel)
                if count % _TICK_EVERY_SWEEPS == 0:
                    await self._tick()

    async def _tick(self) -> None:
        for auction_id, channel in list(self._channels.items()):
            end = await self._database.read(find_sale_end, auction_id)
            if end is None:
                continue
            now, ends_at = end
            frame = tick_frame(channel.epoch, channel.sent, ends_at, now)
            for watcher in list(channel.watchers):
                watcher.offer(channel.sent, frame)


async def _read_news(session: AnySession, auction_id: UUID, after: int) -> tuple[list[Recorded], datetime]:
    events = await list_events(session, auction_id, after, _EVENTS_A_FRAME)
    return events, await market_now(session)


def _deliver(watcher: Watcher, epoch: int, events: list[Recorded], frame: str, now: datetime) -> None:
    """Offers a watcher the shared frame, or only the part that its snapshot does not have."""
    if events[-1].number <= watcher.seen:
        return
    if events[0].number <= watcher.seen:
        frame = events_frame(epoch, [event for event in events if event.number > watcher.seen], now)
    watcher.offer(events[-1].number, frame)
