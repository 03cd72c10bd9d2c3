"""The bid room's socket: numbered frames to everybody who watches, bids from those who may."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from app import metrics
from app.accounts.caller import Caller
from app.api.auction_wire import read_snapshot, require_bidder
from app.api.bid_wire import BidIn, answer_again, answer_of, request_of
from app.api.deps import find_caller, language_of, require_own_origin
from app.api.problems import problem_of
from app.api.wording import explain
from app.auction.queries import get_sale_view
from app.errors import Invalid, Lang, MarketError, TooMany, Unauthenticated
from app.events import list_events
from app.live.frames import encode, events_frame
from app.live.hub import Watcher

router = APIRouter()
RECHECK_SECONDS = 4.0
CLOSE_MALFORMED, CLOSE_SIGNED_OUT, CLOSE_MISSING, CLOSE_SLOW, CLOSE_FLOOD = 4400, 4401, 4404, 4408, 4429
_STRIKES = 5
_NOT_TEXT = ("不是文本，或者过长", "it is no text, or too long a one")
_NOT_JSON = ("不是 JSON", "it is not JSON")
_TOO_DEEP = ("嵌套过深", "it is nested too deeply")
_NOT_KNOWN = ("type 应为 bid 或 ping", "its type must be bid or ping")
_BIDS_UNDER_WAY = 32
_CATCH_UP = 1000


@dataclass(eq=False)
class FrameMalformed(Invalid):
    """The frame cannot be read."""

    zh = "无法读取这条消息：{reason_zh}。出价消息应为 {example}。"
    en = "This frame cannot be read: {reason_en}. A bid looks like {example}."
    reason_zh: str
    reason_en: str
    example: str = '{"type":"bid","bid_id":"<uuid>","amount_fen":130000000}'


@dataclass(eq=False)
class FramesTooMany(TooMany):
    """Frames come too fast."""

    zh = "消息过于频繁（每秒最多 {per_second} 条），连接将被关闭。"
    en = "Frames come too fast (at most {per_second} a second); the connection is about to be closed."
    per_second: int


@dataclass(eq=False)
class BidsUnderWay(TooMany):
    """Too many bids of this socket are waiting for their answers."""

    zh = "这个连接上已有 {most} 次出价在等待答复，这次没有受理，也没有生效。请等到答复后用同一编号重试。"
    en = (
        "{most} bids of this socket are waiting for their answers. This one was not taken and has no effect; "
        "retry with the same id when they have come."
    )
    most: int


class Allowance:
    """How many frames a socket may still send: refilled every second, with a burst of twice that."""

    def __init__(self, per_second: int) -> None:
        """Starts full."""
        self.per_second = per_second
        self._left = 2.0 * per_second
        self._at = monotonic()

    def take(self) -> bool:
        """Takes one; False when none is left."""
        now = monotonic()
        self._left = min(2.0 * self.per_second, self._left + (now - self._at) * self.per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Room:
    """One socket in one sale's room."""

    def __init__(self, socket: WebSocket, auction_id: UUID, caller: Caller | None, lang: Lang) -> None:
        """Takes an accepted socket and whoever was found behind it."""
        self.socket = socket
        self.auction_id = auction_id
        self.caller = caller
        self.lang = lang
        self.state = socket.app.state
        self.watcher: Watcher | None = None
        self.bids: set[asyncio.Task[None]] = set()
        self.sending = asyncio.Lock()

    async def send(self, frame: str) -> None:
        """Sends one frame; one at a time."""
        async with self.sending:
            await self.socket.send_text(frame)

    async def send_problem(self, error: MarketError) -> None:
        """Tells what was wrong with a frame."""
        await self.send(encode({"type": "error", "problem": problem_of(error, self.lang)}))

    async def open(self, after: int | None) -> None:
        """Subscribes, sends what was missed after a number, then the snapshot. Raises AuctionMissing."""
        before = await self.state.db.read(get_sale_view, self.auction_id)
        self.watcher = self.state.hub.join(self.auction_id, before.number, before.epoch, before.number)
        snapshot = await self.state.db.read(read_snapshot, self.auction_id, self.caller, self.lang)
        if after is not None and 0 <= after < snapshot.number:
            await self._catch_up(after, snapshot.number, snapshot.epoch, snapshot.server_time)
        await self.send(encode({"type": "snapshot", **snapshot.model_dump(mode="json")}))
        self.watcher.seen = snapshot.number

    async def _catch_up(self, after: int, head: int, epoch: int, now: datetime) -> None:
        while after < head:
            events = await self.state.db.read(
                list_events, self.auction_id, after, min(_CATCH_UP, head - after)
            )
            await self.send(events_frame(epoch, events, now))
            after = events[-1].number

    async def pump(self) -> None:
        """Sends the hub's frames until the watcher is cut off."""
        watcher = self.watcher
        if watcher is None:
            return
        while (item := await watcher.frames.get()) is not None:
            number, frame = item
            if number >= watcher.seen:
                await self.send(frame)
        if watcher.is_slow:
            metrics.SOCKETS_CLOSED.labels("slow").inc()
            await self.socket.close(CLOSE_SLOW, "too slow: come back with ?after=")

    async def watch_session(self) -> None:
        """Ends the socket within seconds of a sign-out, a ban or a revoked token."""
        while self.caller is not None:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                caller = await find_caller(self.socket)
            except Unauthenticated:
                caller = None
            if caller is None:
                metrics.SOCKETS_CLOSED.labels("signed_out").inc()
                await self.socket.close(CLOSE_SIGNED_OUT, "signed out")
                return
            self.caller = caller

    async def listen(self) -> None:
        """Reads frames until the socket ends; floods and repeated nonsense end it."""
        allowance = Allowance(self.state.settings.socket_messages_per_second)
        strikes = 0
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if not allowance.take():
                metrics.SOCKETS_CLOSED.labels("flood").inc()
                await self.send_problem(FramesTooMany(allowance.per_second))
                await self.socket.close(CLOSE_FLOOD, "too many frames")
                return
            try:
                await self.take(message.get("text"))
            except MarketError as error:
                await self.send_problem(error)
                strikes += isinstance(error, FrameMalformed)
            if strikes >= _STRIKES:
                metrics.SOCKETS_CLOSED.labels("malformed").inc()
                await self.socket.close(CLOSE_MALFORMED, "malformed frames")
                return

    async def take(self, text: str | None) -> None:
        """Understands one frame. Raises FrameMalformed."""
        if text is None or len(text) > self.state.settings.socket_frame_bytes:
            raise FrameMalformed(*_NOT_TEXT)
        try:
            frame: Any = orjson.loads(text)
        except ValueError:
            raise FrameMalformed(*_NOT_JSON) from None
        kind = frame.pop("type", None) if isinstance(frame, dict) else None
        if kind == "ping":
            await self.send('{"type":"pong"}')
            return
        if kind != "bid":
            raise FrameMalformed(*_NOT_KNOWN)
        try:
            bid = BidIn.model_validate_json(orjson.dumps(frame))
        except ValidationError as error:
            first = dict(error.errors(include_url=False)[0])
            raise FrameMalformed(_say(first, "zh"), _say(first, "en")) from None
        except orjson.JSONEncodeError:
            raise FrameMalformed(*_TOO_DEEP) from None
        if len(self.bids) >= _BIDS_UNDER_WAY:
            await self.refuse(bid, BidsUnderWay(_BIDS_UNDER_WAY))
            return
        # The desk answers after the commit; meanwhile the socket keeps reading.
        task = asyncio.create_task(self.bid(bid, datetime.now(UTC)))
        self.bids.add(task)
        task.add_done_callback(self.bids.discard)

    async def bid(self, bid: BidIn, received_at: datetime) -> None:
        """Places one bid and sends its answer: the same operation, ids and members as by POST."""
        try:
            if self.caller is None:
                raise Unauthenticated
            require_bidder(self.caller)
            await self.state.bid_rate.check(self.caller.organisation_id)
            request = request_of(bid, self.caller, received_at)
            answer = await self.state.desk.submit(self.auction_id, request)
        except MarketError as error:
            await self.refuse(bid, error)
        else:
            out = (
                answer_of(answer)
                if answer.batch is not None
                else await self.state.db.read(answer_again, answer)
            )
            await self.answer({"type": "answer", **out.model_dump(mode="json")})

    async def refuse(self, bid: BidIn, error: MarketError) -> None:
        """Answers a bid with what stands against it."""
        problem = problem_of(error, self.lang)
        await self.answer({"type": "answer", "bid_id": str(bid.bid_id), "ok": False, "problem": problem})

    async def answer(self, frame: dict[str, Any]) -> None:
        """Sends a bid's answer, unless its sender has gone away: then he asks for it by the bid's id."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self.send(encode(frame))

    def leave(self) -> None:
        """Gives the place at the hub back; bids that were taken are judged all the same."""
        if self.watcher is not None:
            self.state.hub.leave(self.auction_id, self.watcher)


def _say(error: dict[str, Any], lang: Lang) -> str:
    """What is wrong with one field of a bid."""
    told = explain(error, lang)
    return f"{told['field'] or 'bid'}: {told['message'].rstrip('。.')}"


async def _run(room: Room, after: int | None) -> None:
    await room.open(after)
    parts = [asyncio.create_task(part) for part in (room.pump(), room.listen())]
    if room.caller is not None:
        parts.append(asyncio.create_task(room.watch_session()))
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for part in parts:
            part.cancel()
        results = await asyncio.gather(*parts, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | RuntimeError):
            raise result


@router.websocket("/auctions/{auction_id}/socket")
async def watch(
    socket: WebSocket, auction_id: UUID, after: int | None = None, lang: str | None = None
) -> None:
    """Watches a sale; guests may. Refuses foreign origins; ``after`` resumes behind a number without a gap."""
    language: Lang = "en" if lang == "en" else "zh" if lang == "zh" else language_of(socket)
    try:
        require_own_origin(socket, socket.app.state.settings)
        caller = await find_caller(socket)
    except MarketError:
        # Before the handshake there is nobody to explain to: the server answers 403.
        await socket.close()
        return
    await socket.accept()
    room = Room(socket, auction_id, caller, language)
    metrics.SOCKETS.inc()
    try:
        # Who leaves while the room is being opened to him is no fault.
        with contextlib.suppress(WebSocketDisconnect):
            await _run(room, after)
    except MarketError as error:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await room.send_problem(error)
            await socket.close(CLOSE_MISSING, error.code)
    finally:
        metrics.SOCKETS.dec()
        room.leave()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(1000)
