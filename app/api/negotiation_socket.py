"""A negotiation room's socket: its snapshot and its numbered events to the two parties and the operator."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
from fastapi import Query, WebSocket, WebSocketDisconnect

from app import metrics
from app.accounts.errors import SignInRequired
from app.api.auction_room import CLOSE_FLOOD, CLOSE_MALFORMED, CLOSE_MISSING, CLOSE_SIGNED_OUT, Allowance
from app.api.deps import find_caller, language_of, require_own_origin
from app.api.negotiation_wire import RoomOut, room_out
from app.api.problems import problem_of
from app.api.routing import Router
from app.api.socket_errors import FrameMalformed, FramesTooMany
from app.api.socket_protocol import EXTENSION, LineProtocol
from app.auction.watching import read_news
from app.db import AnySession
from app.errors import Lang, MarketError
from app.events import Head, get_head
from app.live.frames import Audience, encode, events_frame, reload_frame
from app.trades.room_queries import get_room_view

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.live.hub import Seat

router = Router()
_EVENTS_A_FRAME = 1000
_STRIKES = 5
_PONG = encode({"type": "pong"})
_NOT_KNOWN = ("type 应为 ping", "its type must be ping")
Number = Annotated[int | None, Query(ge=0, le=2**53 - 1)]


class Listener:
    """A socket that was let in to a negotiation: it hears, and sends nothing but pings; acts go by POST."""

    __slots__ = ("_allowance", "_seat", "_state", "_strikes", "auction_id", "caller", "lang", "line")

    def __init__(
        self, socket: WebSocket, line: LineProtocol, room_id: UUID, caller: Caller, lang: Lang
    ) -> None:
        """Takes an accepted socket's line and whoever is behind it."""
        self._state = socket.app.state
        self._allowance = Allowance(self._state.settings.socket_messages_per_second)
        self._seat: Seat | None = None
        self._strikes = 0
        # What the watch over sessions calls every room's stream.
        self.auction_id = room_id
        self.caller = caller
        self.lang = lang
        self.line = line

    async def hear(self, number: int, epoch: int) -> None:
        """Hears the room's stream from behind a number on."""
        self._seat = await self._state.hub.join(self.auction_id, Audience.ROOM, self.line, number, epoch)
        if self.line.disconnected:
            self.leave()

    def enter(self) -> None:
        """Takes the line over: from now on it costs no task."""
        metrics.SOCKETS.inc()
        self._state.session_watch.add(self)
        self.line.take_over(self)

    def gone(self) -> None:
        """The line is no more."""
        metrics.SOCKETS.dec()
        self._state.session_watch.discard(self)
        self.leave()

    def leave(self) -> None:
        """Gives the seat back."""
        if self._seat is not None:
            self._state.hub.leave(self.auction_id, self._seat)
            self._seat = None

    def slow(self) -> None:
        """The line is cut off because its reader is too slow."""
        metrics.SOCKETS_CLOSED.labels("slow").inc()

    @property
    def lacks_own_stream(self) -> bool:
        """A negotiation has one stream for all who may hear it."""
        return False

    async def hear_own(self, stream_id: UUID) -> None:
        """Is never called: nothing is lacking."""

    def renew(self, caller: Caller) -> None:
        """Takes the caller as he is now; who has lost his posts hears no more."""
        if caller.roles != self.caller.roles or caller.organisation_id != self.caller.organisation_id:
            self.sign_out()
        self.caller = caller

    def sign_out(self) -> None:
        """Ends the socket: its caller is signed in no more, or no longer in the same posts."""
        metrics.SOCKETS_CLOSED.labels("signed_out").inc()
        self.line.end(CLOSE_SIGNED_OUT, "signed out")

    def may_send(self) -> bool:
        """Counts a frame; a flood ends the socket."""
        if self._allowance.take():
            return True
        metrics.SOCKETS_CLOSED.labels("flood").inc()
        self.tell(FramesTooMany(self._allowance.per_second))
        self.line.shut_out(CLOSE_FLOOD, "too many frames")
        return False

    def take(self, text: str | None) -> None:
        """Answers a ping; repeated nonsense ends the socket."""
        if not self.may_send():
            return
        if _is_ping(text):
            self.line.put(_PONG)
            return
        self.tell(FrameMalformed(*_NOT_KNOWN))
        self._strikes += 1
        if self._strikes >= _STRIKES:
            metrics.SOCKETS_CLOSED.labels("malformed").inc()
            self.line.end(CLOSE_MALFORMED, "malformed frames")

    def tell(self, error: MarketError) -> None:
        """Tells what was wrong."""
        self.line.put(encode({"type": "error", "problem": problem_of(error, self.lang)}))


def _is_ping(text: str | None) -> bool:
    with contextlib.suppress(ValueError):
        frame = orjson.loads(text or "")
        return isinstance(frame, dict) and frame.get("type") == "ping"
    return False


async def _read(session: AnySession, room_id: UUID, caller: Caller) -> tuple[Head, RoomOut]:
    """Reads the stream's head first and the room then: the snapshot has what the head has, or more."""
    head = await get_head(session, room_id)
    return head, room_out(await get_room_view(session, caller, room_id), caller)


async def _open(listener: Listener, socket: WebSocket, after: int | None, epoch: int | None) -> None:
    """Sends what was missed, then the snapshot, and takes the seat behind it. Raises RoomMissing, NotPermitted."""
    db = socket.app.state.db
    head, room = await db.read(_read, listener.auction_id, listener.caller)
    now = (await read_news(db, listener.auction_id, head.number, 0)).now
    if after is not None and (epoch not in (None, head.epoch) or after > head.number):
        await listener.line.put_patiently(reload_frame(Audience.ROOM, head.epoch, head.number, now))
    while after is not None and after < head.number and not listener.line.disconnected:
        limit = min(_EVENTS_A_FRAME, head.number - after)
        news = await read_news(db, listener.auction_id, after, limit)
        frame = events_frame(Audience.ROOM, head.epoch, news.events, news.signed, news.now)
        await listener.line.put_patiently(frame)
        after = news.events[-1].number
    snapshot = {"type": "snapshot", "epoch": head.epoch, "number": head.number, "server_time": now}
    await listener.line.put_patiently(encode({**snapshot, "room": room.model_dump(mode="json")}))
    await listener.hear(head.number, head.epoch)


@router.websocket("/negotiation-rooms/{room_id}/socket")
async def watch(
    socket: WebSocket,
    room_id: UUID,
    after: Number = None,
    epoch: Number = None,
    lang: str | None = None,
) -> None:
    """Listens to a negotiation; its parties and the operator may. ``after`` resumes behind a number without a gap."""
    language: Lang = "en" if lang == "en" else "zh" if lang == "zh" else language_of(socket)
    try:
        require_own_origin(socket, socket.app.state.settings)
        caller = await find_caller(socket)
        if caller is None:
            raise SignInRequired
        # Before the handshake: whoever has no part in it does not learn that there is such a room.
        await socket.app.state.db.read(get_room_view, caller, room_id)
    except MarketError:
        await socket.close()
        return
    line: LineProtocol = socket.scope["extensions"][EXTENSION]["line"]
    await socket.accept()
    listener = Listener(socket, line, room_id, caller, language)
    try:
        await _open(listener, socket, after, epoch)
    except MarketError as error:
        listener.leave()
        listener.tell(error)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(CLOSE_MISSING, error.code)
    except BaseException:
        listener.leave()
        raise
    else:
        listener.enter()
