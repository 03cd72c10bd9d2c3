"""Watching over the signed-in sockets of this process: a sign-out, a ban or a revoked token ends them within seconds.

All are looked at together, by one query for each way of signing in; guests are not here and cost nothing.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from app.accounts.rechecking import list_signed_in, list_with_token, mark_seen
from app.auction.watching import list_own_streams
from app.db import DATABASE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database
    from app.settings import Settings

RECHECK_SECONDS = 3.0
_MARK_EVERY_RECHECKS = 10
# A query with more ids than the protocol has parameters for would fail.
_AT_ONCE = 5000
_log = structlog.get_logger()


class SignedInRoom(Protocol):
    """One signed-in socket in a sale's room."""

    caller: Caller
    auction_id: UUID

    @property
    def lacks_own_stream(self) -> bool:
        """Whether it would hear an own stream if its party were admitted meanwhile."""

    def renew(self, caller: Caller) -> None:
        """The caller as he is now."""

    def sign_out(self) -> None:
        """He is signed in no more."""

    async def hear_own(self, stream_id: UUID) -> None:
        """His party was admitted: its own stream is heard from now on."""


class SessionWatch:
    """The signed-in sockets of this process, and the one task that looks after them while there are any."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Starts empty."""
        self._database = database
        self._idle = timedelta(hours=settings.session_idle_hours)
        self._rooms: dict[SignedInRoom, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, room: SignedInRoom) -> None:
        """Looks after a socket from now on."""
        self._rooms[room] = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_after())

    def discard(self, room: SignedInRoom) -> None:
        """Forgets a socket that has ended."""
        self._rooms.pop(room, None)

    async def close(self) -> None:
        """Looks after nobody any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look_after(self) -> None:
        count = 0
        while self._rooms:
            await asyncio.sleep(RECHECK_SECONDS)
            rooms = list(self._rooms)
            try:
                for start in range(0, len(rooms), _AT_ONCE):
                    await self._recheck(rooms[start : start + _AT_ONCE], is_marking=count == 0)
            except DATABASE_ERRORS as error:
                # Without the database nobody can bid either; the next look comes soon.
                _log.warning("sockets_not_rechecked", count=len(rooms), error=repr(error))
            count = (count + 1) % _MARK_EVERY_RECHECKS

    async def _recheck(self, rooms: Sequence[SignedInRoom], *, is_marking: bool) -> None:
        sign_ins = {room.caller.sign_in_id for room in rooms if room.caller.sign_in_id is not None}
        tokens = {room.caller.token_id for room in rooms if room.caller.token_id is not None}
        callers: list[Caller] = []
        if sign_ins:
            callers += await self._database.read(list_signed_in, sign_ins, self._idle)
        if tokens:
            callers += await self._database.read(list_with_token, tokens)
        found = {caller.sign_in_id or caller.token_id: caller for caller in callers}
        for room in rooms:
            caller = found.get(room.caller.sign_in_id or room.caller.token_id)
            if caller is None:
                room.sign_out()
            else:
                room.renew(caller)
        if is_marking:
            await self._database.write(mark_seen, sign_ins, tokens)
        await self._admit([room for room in rooms if room.lacks_own_stream])

    async def _admit(self, rooms: Sequence[SignedInRoom]) -> None:
        """Whoever was admitted while his socket was open hears his own stream too."""
        if rooms:
            pairs = {(room.auction_id, room.caller.organisation_id) for room in rooms}
            streams = await self._database.read(list_own_streams, list(pairs))
            for room in rooms:
                stream_id = streams.get((room.auction_id, room.caller.organisation_id))
                if stream_id is not None:
                    await room.hear_own(stream_id)
