"""The bid room's socket: numbered frames to everybody who watches, bids from those who may."""

import contextlib
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from fastapi import Query, WebSocket, WebSocketDisconnect

from app.accounts.caller import Caller
from app.accounts.errors import SignInRequired
from app.accounts.permissions import Permission
from app.api.auction_room import CLOSE_MISSING, Room
from app.api.auction_wire import SnapshotOut, read_snapshot
from app.api.deps import find_caller, language_of, require_own_origin
from app.api.routing import Router
from app.api.socket_protocol import EXTENSION, LineProtocol
from app.auction.queries import find_own_stream
from app.auction.watching import find_host_stream, read_news
from app.db import AnySession, Database
from app.errors import Lang, MarketError
from app.events import get_head
from app.live.frames import Audience, encode, events_frame, reload_frame

router = Router()
_EVENTS_A_FRAME = 1000
# Whoever is further behind reads the record page by page instead of by a socket: see the frame "reload".
LONGEST_RESUME = 5000
Number = Annotated[int | None, Query(ge=0, le=2**53 - 1)]


class _Place(NamedTuple):
    """Where a stream stands as the snapshot is taken, and from where its watcher resumes (None: from here)."""

    audience: Audience
    stream_id: UUID
    epoch: int
    number: int
    after: int | None


class _Resume(NamedTuple):
    """What the socket's address asks for."""

    after: int | None
    own_after: int | None
    epoch: int | None
    wants_host: bool


async def _read_room(
    session: AnySession, auction_id: UUID, caller: Caller | None, lang: Lang, resume: _Resume
) -> tuple[SnapshotOut, list[_Place]]:
    """Reads the heads of the caller's other streams first and the snapshot then: it has what they have, or more."""
    places: list[_Place] = []
    if caller is not None and not caller.is_exchange:
        own = await find_own_stream(session, auction_id, caller.organisation_id)
        if own is not None:
            places.append(await _place(session, Audience.OWN, own, resume.own_after))
    if resume.wants_host:
        host = await find_host_stream(session, auction_id)
        if host is not None:
            places.append(await _place(session, Audience.HOST, host, None))
    snapshot = await read_snapshot(session, auction_id, caller, lang)
    public = _Place(Audience.PUBLIC, auction_id, snapshot.epoch, snapshot.number, resume.after)
    return snapshot, [public, *places]


async def _place(session: AnySession, audience: Audience, stream_id: UUID, after: int | None) -> _Place:
    head = await get_head(session, stream_id)
    return _Place(audience, stream_id, head.epoch, head.number, after)


async def _open(db: Database, room: Room, resume: _Resume) -> None:
    """Sends what was missed, then the snapshot, and takes the seats behind it. Raises AuctionMissing."""
    snapshot, places = await db.read(_read_room, room.auction_id, room.caller, room.lang, resume)
    for place in places:
        await _catch_up(db, room, place, resume.epoch, snapshot.server_time)
    heads = {place.audience: {"epoch": place.epoch, "number": place.number} for place in places}
    await room.line.put_patiently(
        encode(
            {
                "type": "snapshot",
                **snapshot.model_dump(mode="json"),
                "own_head": heads.get(Audience.OWN),
                "host_head": heads.get(Audience.HOST),
            }
        )
    )
    for place in places:
        await room.hear(place.audience, place.stream_id, place.number, place.epoch)


async def _catch_up(db: Database, room: Room, place: _Place, epoch: int | None, now: datetime) -> None:
    """Sends what a watcher missed up to the snapshot, or says that this cannot be done."""
    if (after := place.after) is None:
        return
    is_foreign = epoch is not None and epoch != place.epoch
    if is_foreign or after > place.number or place.number - after > LONGEST_RESUME:
        await room.line.put_patiently(reload_frame(place.audience, place.epoch, place.number, now))
        return
    while after < place.number and not room.line.disconnected:
        limit = min(_EVENTS_A_FRAME, place.number - after)
        news = await read_news(db, place.stream_id, after, limit)
        await room.line.put_patiently(
            events_frame(place.audience, place.epoch, news.events, news.signed, news.now)
        )
        after = news.events[-1].number


async def _find_caller(socket: WebSocket, *, wants_host: bool) -> Caller | None:
    """Finds who asks. Raises OriginForeign, TokenRefused, or what a caller without the host's post is told."""
    require_own_origin(socket, socket.app.state.settings)
    caller = await find_caller(socket)
    if wants_host:
        if caller is None:
            raise SignInRequired
        caller.require(Permission.AUCTION_HOST)
    return caller


@router.websocket("/auctions/{auction_id}/socket")
async def watch(
    socket: WebSocket,
    auction_id: UUID,
    after: Number = None,
    own_after: Number = None,
    epoch: Number = None,
    audience: Literal["public", "host"] = "public",
    lang: str | None = None,
) -> None:
    """Watches a sale; guests may. Refuses foreign origins; ``after`` resumes behind a number without a gap.

    When it returns, the socket lives on as a room: see app/api/socket_protocol.py.
    """
    language: Lang = "en" if lang == "en" else "zh" if lang == "zh" else language_of(socket)
    resume = _Resume(after, own_after, epoch, audience == "host")
    try:
        caller = await _find_caller(socket, wants_host=resume.wants_host)
    except MarketError:
        # Before the handshake there is nobody to explain to: the server answers 403.
        await socket.close()
        return
    line: LineProtocol = socket.scope["extensions"][EXTENSION]["line"]
    await socket.accept()
    room = Room(socket, line, auction_id, caller, language)
    try:
        await _open(socket.app.state.db, room, resume)
    except MarketError as error:
        room.leave()
        room.tell(error)
        # Who left while the room was being opened to him needs no farewell.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(CLOSE_MISSING, error.code)
    except BaseException:
        room.leave()
        raise
    else:
        room.enter()
