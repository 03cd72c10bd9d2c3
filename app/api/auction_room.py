"""One socket in one sale's room: what it hears, and what it may send."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from pydantic import ValidationError

from app import metrics
from app.accounts.errors import SignInRequired
from app.accounts.permissions import Permission
from app.api.auction_wire import require_bidder
from app.api.bid_wire import BidIn, answer_again, answer_of, request_of
from app.api.problems import plain_problem, problem_of, request_id_of
from app.api.socket_errors import BidsUnderWay, FrameMalformed, FramesTooMany
from app.api.wording import explain
from app.auction.watching import read_news
from app.errors import MarketError
from app.live.frames import Audience, encode
from app.live.lines import text_frame

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.websockets import WebSocket

    from app.accounts.caller import Caller
    from app.api.socket_protocol import LineProtocol
    from app.auction.bidding import Answer
    from app.errors import Lang
    from app.live.hub import Seat

CLOSE_MALFORMED, CLOSE_SIGNED_OUT, CLOSE_FORBIDDEN, CLOSE_MISSING, CLOSE_FLOOD = 4400, 4401, 4403, 4404, 4429
_STRIKES = 5
_BIDS_UNDER_WAY = 32
_NOT_TEXT = ("不是文本，或者过长", "it is no text, or too long a one")
_NOT_JSON = ("不是 JSON", "it is not JSON")
_TOO_DEEP = ("嵌套过深", "it is nested too deeply")
_NOT_KNOWN = ("type 应为 bid 或 ping", "its type must be bid or ping")
_PONG = encode({"type": "pong"})
_log = structlog.get_logger("market.api")


class Allowance:
    """How many frames a socket may still send: refilled every second, with a burst of twice that."""

    __slots__ = ("_at", "_left", "per_second")

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
    """A socket that was let in. It has no task of its own: it is called when something comes."""

    __slots__ = (
        "_allowance",
        "_bids",
        "_state",
        "_strikes",
        "auction_id",
        "caller",
        "lang",
        "line",
        "request_id",
        "seats",
    )

    def __init__(
        self, socket: WebSocket, line: LineProtocol, auction_id: UUID, caller: Caller | None, lang: Lang
    ) -> None:
        """Takes an accepted socket, its line and whoever was found behind it; the socket itself is not kept."""
        self._state = socket.app.state
        self._allowance: Allowance | None = None
        self._bids = 0
        self._strikes = 0
        self.auction_id = auction_id
        self.caller = caller
        self.lang = lang
        self.line = line
        self.request_id = request_id_of(socket)
        self.seats: dict[Audience, tuple[UUID, Seat]] = {}

    # What it hears

    async def hear(self, audience: Audience, stream_id: UUID, number: int, epoch: int) -> None:
        """Hears a stream from behind a number on."""
        seat = await self._state.hub.join(stream_id, audience, self.line, number, epoch)
        self.seats[audience] = (stream_id, seat)
        if self.line.disconnected:
            self.leave()

    def enter(self) -> None:
        """Takes the line over: from now on it costs no task."""
        metrics.SOCKETS.inc()
        if self.caller is not None:
            self._state.session_watch.add(self)
        self.line.take_over(self)

    def gone(self) -> None:
        """The line is no more. Requests that were taken are judged all the same."""
        metrics.SOCKETS.dec()
        self._state.session_watch.discard(self)
        self.leave()

    def leave(self) -> None:
        """Gives the seats back."""
        for stream_id, seat in self.seats.values():
            self._state.hub.leave(stream_id, seat)
        self.seats.clear()

    def slow(self) -> None:
        """The line is cut off because its reader is too slow."""
        metrics.SOCKETS_CLOSED.labels("slow").inc()

    # Who is behind it

    @property
    def lacks_own_stream(self) -> bool:
        """Whether its party, once admitted, has a stream that this socket does not hear yet."""
        caller = self.caller
        return caller is not None and not caller.is_exchange and Audience.OWN not in self.seats

    def renew(self, caller: Caller) -> None:
        """Takes the caller as he is now; without the host's post the host's stream ends."""
        self.caller = caller
        if Audience.HOST in self.seats and not caller.may(Permission.AUCTION_HOST):
            self.line.end(CLOSE_FORBIDDEN, "no longer at the host's desk")

    def sign_out(self) -> None:
        """Ends the socket: its caller is signed in no more."""
        metrics.SOCKETS_CLOSED.labels("signed_out").inc()
        self.caller = None
        self.line.end(CLOSE_SIGNED_OUT, "signed out")

    async def hear_own(self, stream_id: UUID) -> None:
        """Hears the own stream of a party that was admitted meanwhile, from its beginning."""
        news = await read_news(self._state.db, stream_id, 0, 0)
        if not self.line.disconnected:
            await self.hear(Audience.OWN, stream_id, 0, news.epoch)

    # What it sends

    def may_send(self) -> bool:
        """Counts a frame; a flood ends the socket."""
        if self._allowance is None:
            self._allowance = Allowance(self._state.settings.socket_messages_per_second)
        if self._allowance.take():
            return True
        metrics.SOCKETS_CLOSED.labels("flood").inc()
        self.tell(FramesTooMany(self._allowance.per_second))
        self.line.shut_out(CLOSE_FLOOD, "too many frames")
        return False

    def take(self, text: str | None) -> None:
        """Takes one frame; repeated nonsense ends the socket."""
        if not self.may_send():
            return
        try:
            bid = self._read(text)
        except FrameMalformed as error:
            self.tell(error)
            self._strikes += 1
            if self._strikes >= _STRIKES:
                metrics.SOCKETS_CLOSED.labels("malformed").inc()
                self.line.end(CLOSE_MALFORMED, "malformed frames")
            return
        if bid is None:
            self.line.put(_PONG)
        elif self._bids >= _BIDS_UNDER_WAY:
            self._refuse(bid, BidsUnderWay(_BIDS_UNDER_WAY))
        else:
            # The desk answers after the commit; meanwhile the socket keeps reading.
            self._bids += 1
            self._state.socket_bids.add(task := asyncio.create_task(self._bid(bid, datetime.now(UTC))))
            task.add_done_callback(self._state.socket_bids.discard)

    def _read(self, text: str | None) -> BidIn | None:
        """Understands one frame: a bid, or None for a ping. Raises FrameMalformed."""
        if text is None or len(text) > self._state.settings.socket_frame_bytes:
            raise FrameMalformed(*_NOT_TEXT)
        try:
            frame: Any = orjson.loads(text)
        except ValueError:
            raise FrameMalformed(*_NOT_JSON) from None
        kind = frame.pop("type", None) if isinstance(frame, dict) else None
        if kind == "ping":
            return None
        if kind != "bid":
            raise FrameMalformed(*_NOT_KNOWN)
        try:
            return BidIn.model_validate_json(orjson.dumps(frame))
        except ValidationError as error:
            first = dict(error.errors(include_url=False)[0])
            raise FrameMalformed(_say(first, "zh"), _say(first, "en")) from None
        except orjson.JSONEncodeError:
            raise FrameMalformed(*_TOO_DEEP) from None

    async def _bid(self, bid: BidIn, received_at: datetime) -> None:
        """Places one bid and sends its answer."""
        try:
            told = await self._place(bid, received_at)
        except MarketError as error:
            self._refuse(bid, error)
        except Exception:  # noqa: BLE001 - the socket's edge: nobody may wait for an answer that never comes
            _log.exception("socket_bid_broke", bid_id=str(bid.bid_id), request_id=self.request_id)
            self._answer(bid, {**plain_problem(500, self.lang), "request_id": self.request_id})
        else:
            self.line.put(text_frame(b'{"type":"answer",' + told[1:]))
        finally:
            self._bids -= 1

    async def _place(self, bid: BidIn, received_at: datetime) -> bytes:
        """The same operation, ids and members as by POST."""
        if self.caller is None:
            raise SignInRequired
        state = self._state
        require_bidder(self.caller)
        await state.bid_rate.check(self.caller.organisation_id)
        request = await request_of(state.db, self.auction_id, bid, self.caller, received_at)
        answer: Answer = await state.desk.submit(self.auction_id, request)
        if answer.batch is not None:
            return answer_of(answer)
        # Given again: what was signed with it then is read from the tables.
        again: bytes = await state.db.read(answer_again, answer)
        return again

    def _refuse(self, bid: BidIn, error: MarketError) -> None:
        self._answer(bid, problem_of(error, self.lang))

    def _answer(self, bid: BidIn, problem: dict[str, Any]) -> None:
        self.line.put(encode({"type": "answer", "bid_id": str(bid.bid_id), "ok": False, "problem": problem}))

    def tell(self, error: MarketError) -> None:
        """Tells what was wrong with a frame, or with the room itself."""
        self.line.put(encode({"type": "error", "problem": problem_of(error, self.lang)}))


def _say(error: dict[str, Any], lang: Lang) -> str:
    """What is wrong with one field of a bid."""
    told = explain(error, lang)
    return f"{told['field'] or 'bid'}: {told['message'].rstrip('。.')}"
