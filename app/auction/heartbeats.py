"""Heartbeats of the taking of bids (受理心跳): each process that takes them says so every few seconds.

A time without any heartbeat is kept as a gap. A process whose own heart stood still takes no bids until the sales that
the gap hit have been suspended: none of them moves on, or is awarded, on what nobody could answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, select, text, update

from app.auction.trouble_models import BiddingGap
from app.db import DATABASE_ERRORS
from app.errors import Busy

if TYPE_CHECKING:
    from app.db import AnySession, Database, Session

_log = structlog.get_logger()

# One statement, so that whoever reads sees the gap under way or the gap on record, and never neither.
BEAT = text("""
WITH last AS (SELECT max(beat_at) AS at FROM heartbeat),
     gap AS (INSERT INTO bidding_gap (began_at, ended_at)
             SELECT last.at, market_now() FROM last WHERE market_now() - last.at > :longest)
INSERT INTO heartbeat (process_id, host) VALUES (:process_id, :host)
    ON CONFLICT (process_id) DO UPDATE SET beat_at = greatest(heartbeat.beat_at, market_now())
""")

# The newest one is the beginning of the next gap, however old it is.
FORGET_OLD = text("""
DELETE FROM heartbeat WHERE beat_at < market_now() - interval '7 days'
   AND beat_at < (SELECT max(beat_at) FROM heartbeat)
""")


@dataclass(eq=False)
class BiddingInterrupted(Busy):
    """The taking of bids was interrupted here and has not begun again."""

    zh = "受理出价曾中断，正在核对受影响的场次，几秒后可再出价。这次没有受理。"
    en = (
        "The taking of bids was interrupted and the sales that it hit are being looked at. Nothing was done; "
        "try again in a few seconds."
    )


async def beat(session: Session, process_id: UUID, longest: timedelta) -> list[UUID]:
    """Writes one heartbeat, and the gap before it if it was longer than ``longest``; returns the gaps not dealt with."""
    await session.execute(BEAT, {"process_id": process_id, "host": socket.gethostname(), "longest": longest})
    return await list_unswept(session)


async def list_unswept(session: AnySession) -> list[UUID]:
    """The gaps whose sales have not all been suspended yet."""
    return list((await session.execute(select(BiddingGap.id).where(BiddingGap.swept_at.is_(None)))).scalars())


async def mark_swept(session: Session, gap_ids: list[UUID]) -> None:
    """Says that the sales which these gaps hit have been suspended."""
    await session.execute(
        update(BiddingGap).where(BiddingGap.id.in_(gap_ids)).values(swept_at=func.market_now())
    )


async def _forget_old(session: Session) -> None:
    await session.execute(FORGET_OLD)


class Heart:
    """The heart of one process that takes bids; ``sweep`` suspends the sales that recorded gaps hit."""

    def __init__(
        self,
        database: Database,
        sweep: Callable[[], Awaitable[None]],
        *,
        every: float,
        longest: float,
    ) -> None:
        """Stands still until ``start``; ``every`` and ``longest`` in seconds."""
        self._database = database
        self._sweep = sweep
        self._every = every
        self._longest = longest
        self._process_id = uuid4()
        self._last: float | None = None

    @property
    def is_steady(self) -> bool:
        """Whether bids may be taken here: the last heartbeat is no older than an interruption would be."""
        return self._last is not None and time.monotonic() - self._last < self._longest

    def require_steady(self) -> None:
        """Raises BiddingInterrupted unless bids may be taken here."""
        if not self.is_steady:
            raise BiddingInterrupted

    async def start(self) -> None:
        """Beats for the first time, and deals with what was interrupted before; then bids may be taken."""
        await self._database.write(_forget_old)
        await self.beat()

    async def beat(self) -> None:
        """Beats once; gaps that nobody has dealt with are dealt with first of all."""
        # Taken before the database's own reading, so that this process never believes itself steadier than it is.
        began = time.monotonic()
        unswept = await self._database.write(beat, self._process_id, timedelta(seconds=self._longest))
        if unswept:
            _log.warning("bidding_was_interrupted", gaps=len(unswept))
            await self._sweep()
            await self._database.write(mark_swept, unswept)
        self._last = began

    async def run(self, stop: asyncio.Event) -> None:
        """Beats until ``stop`` is set, and then a last time: what follows is an interruption from then on."""
        while not stop.is_set():
            try:
                await self.beat()
            except DATABASE_ERRORS as error:
                _log.warning("heartbeat_failed", error=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every)
        with contextlib.suppress(*DATABASE_ERRORS):
            await self.beat()
