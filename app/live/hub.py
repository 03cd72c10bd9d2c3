"""The hub: fans the events of streams out to the lines of this process, from the event table and without a gap.

One channel for each stream that is watched here, whoever its audience is: what goes to one moves nothing on another,
neither a number nor the moment of a frame.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from app.auction.watching import list_ends, list_positions, read_news
from app.db import DATABASE_ERRORS
from app.live.frames import Audience, events_frame, reload_frame, tick_frame

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.auction.watching import News
    from app.db import Database
    from app.live.lines import Line

CLOSE_RELOAD = 4410
_FRAME_EVERY_SECONDS = 0.1
_SWEEP_EVERY_SECONDS = 1.0
_TICK_EVERY_SWEEPS = 5
# So many that a hot sale, whose frames are bounded, is still followed.
_EVENTS_A_FRAME = 1000
# Lines are written to in slices, and others have their turn between them: a bidder's answer does not wait for a crowd.
_LINES_A_SLICE = 256
_log = structlog.get_logger()


class Seat:
    """One line's place at a channel, with the last number that it has by its snapshot."""

    __slots__ = ("line", "seen")

    def __init__(self, line: Line, seen: int) -> None:
        """Frames that end at or before ``seen`` are not put to the line."""
        self.line = line
        self.seen = seen


@dataclass(eq=False)
class _Channel:
    """One stream that is watched: who watches, what was sent last, and the task that alone writes to them."""

    stream_id: UUID
    audience: Audience
    epoch: int
    sent: int
    seats: dict[Seat, None] = field(default_factory=dict)
    is_stale: bool = True
    end: tuple[datetime, datetime] | None = None
    free_at: float = 0.0
    sender: asyncio.Task[None] | None = None


class Hub:
    """Watches for this process. Hints may be lost: a slow sweep compares heads and repairs."""

    def __init__(self, database: Database) -> None:
        """Makes a hub that reads from this database; nothing runs before somebody watches."""
        self._database = database
        self._channels: dict[UUID, _Channel] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def hint(self, stream_id: UUID) -> None:
        """Says that a stream has new events; cheap, may be called for streams that nobody watches here."""
        channel = self._channels.get(stream_id)
        if channel is not None:
            channel.is_stale = True
            self._wake(channel)

    async def join(self, stream_id: UUID, audience: Audience, line: Line, number: int, epoch: int) -> Seat:
        """Gives a line its seat behind the number that its snapshot has: no event comes twice, and none is left out.

        What the channel has sent to others beyond that number is read and put to this line first. Between the last
        look at the channel and the taking of the seat nothing is awaited, so nothing slips through.
        """
        while (channel := self._channels.get(stream_id)) is not None and number < channel.sent:
            news = await read_news(self._database, stream_id, number, _EVENTS_A_FRAME)
            if not news.events:
                break  # The stream was set back; the channel's own next read says so to everybody.
            line.put(events_frame(audience, epoch, news.events, news.signed, news.now))
            number = news.events[-1].number
        if channel is None:
            channel = self._channels[stream_id] = _Channel(stream_id, audience, epoch, number)
            # What came between the snapshot and this moment was hinted at to nobody.
            self._wake(channel)
        seat = Seat(line, number)
        channel.seats[seat] = None
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep_forever())
        return seat

    def leave(self, stream_id: UUID, seat: Seat) -> None:
        """Takes a seat away; a stream that nobody watches is forgotten."""
        channel = self._channels.get(stream_id)
        if channel is not None:
            channel.seats.pop(seat, None)
            if not channel.seats:
                del self._channels[stream_id]

    async def close(self) -> None:
        """Stops sending."""
        tasks = [self._sweeper, *(channel.sender for channel in self._channels.values())]
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
        self._channels.clear()

    def _wake(self, channel: _Channel) -> None:
        if channel.sender is None or channel.sender.done():
            channel.sender = asyncio.create_task(self._send(channel))

    async def _send(self, channel: _Channel) -> None:
        """Sends what is new: the first event after quiet at once, then at most ten frames a second."""
        while channel.seats and (channel.is_stale or channel.end is not None):
            await asyncio.sleep(max(0.0, channel.free_at - monotonic()))
            if channel.is_stale:
                channel.is_stale = False
                try:
                    news = await read_news(self._database, channel.stream_id, channel.sent, _EVENTS_A_FRAME)
                except DATABASE_ERRORS as error:
                    # Nothing is lost: the next hint or sweep reads the same events again.
                    _log.warning("hub_read_failed", stream_id=str(channel.stream_id), error=repr(error))
                    return
                await self._tell(channel, news)
            if channel.end is not None:
                (ends_at, now), channel.end = channel.end, None
                await _put_to_all(channel, tick_frame(channel.epoch, channel.sent, ends_at, now))

    async def _tell(self, channel: _Channel, news: News) -> None:
        if news.epoch != channel.epoch or news.head < channel.sent:
            self._begin_anew(channel, news)
        elif news.events:
            first, channel.sent = news.events[0].number, news.events[-1].number
            channel.is_stale = channel.is_stale or channel.sent < news.head
            channel.free_at = monotonic() + _FRAME_EVERY_SECONDS
            frame = events_frame(channel.audience, channel.epoch, news.events, news.signed, news.now)
            await _put_to_all(channel, frame, first, channel.sent, news)

    def _begin_anew(self, channel: _Channel, news: News) -> None:
        """The numbers were given anew (the database was set back): everybody is told, and comes back without a past."""
        _log.warning(
            "hub_stream_set_back", stream_id=str(channel.stream_id), epoch=news.epoch, head=news.head
        )
        frame = reload_frame(channel.audience, news.epoch, news.head, news.now)
        self._channels.pop(channel.stream_id, None)
        for seat in channel.seats:
            seat.line.put(frame)
            seat.line.end(CLOSE_RELOAD, "the record was begun anew")
        channel.seats.clear()

    async def _sweep_forever(self) -> None:
        """Compares heads with what was sent, and tells the time, until nobody watches."""
        count = 0
        while self._channels:
            await asyncio.sleep(_SWEEP_EVERY_SECONDS)
            count += 1
            with contextlib.suppress(*DATABASE_ERRORS):
                await self._sweep()
                if count % _TICK_EVERY_SWEEPS == 0:
                    await self._tick()

    async def _sweep(self) -> None:
        for stream_id, epoch, head in await self._database.read(list_positions, list(self._channels)):
            channel = self._channels.get(stream_id)
            # A head behind what was sent was read before it was sent, unless the stream was set back: a look tells.
            if channel is not None and (head, epoch) != (channel.sent, channel.epoch):
                self.hint(stream_id)

    async def _tick(self) -> None:
        public = [stream for stream, channel in self._channels.items() if channel.audience is Audience.PUBLIC]
        for auction_id, ends_at, now in await self._database.read(list_ends, public):
            channel = self._channels.get(auction_id)
            if channel is not None:
                channel.end = (ends_at, now)
                self._wake(channel)


async def _put_to_all(
    channel: _Channel, frame: bytes, first: int = 0, last: int = 0, news: News | None = None
) -> None:
    """Puts a frame to every line; one whose snapshot has some of its events gets only the others, or nothing."""
    seats = list(channel.seats)
    for start in range(0, len(seats), _LINES_A_SLICE):
        if start:
            await asyncio.sleep(0)
        for seat in seats[start : start + _LINES_A_SLICE]:
            if news is None or seat.seen < first:
                seat.line.put(frame)
            elif seat.seen < last:
                rest = [event for event in news.events if event.number > seat.seen]
                seat.line.put(events_frame(channel.audience, channel.epoch, rest, news.signed, news.now))
