"""uvicorn's WebSocket, whose line an application may take over: it then costs no task, no queue, and no copy of a frame.

An ASGI application gets it as ``scope["extensions"]["market.line"]["line"]``. Before the application returns it may take
the line over; from then on what comes in goes straight to the taker, and what goes out straight to the transport.
Frames that are put are complete, so they may be mixed with those of ``send`` (RFC 6455 section 5.4 forbids only to cut
into a fragmented message, and nothing here is ever sent in fragments).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

if TYPE_CHECKING:
    from asyncio import Queue

    from uvicorn._types import ASGIReceiveEvent
    from websockets.frames import Frame
    from websockets.http11 import Request

EXTENSION = "market.line"
CLOSE_SLOW = 4408
# What may wait for a reader beside the kernel's own buffer; looked at before each write.
MOST_WAITING_BYTES = 256 * 1024
_CLOSE_SECONDS = 5.0
# Time for the code to arrive before the connection is cut under a peer who is not listened to.
_FAREWELL_SECONDS = 0.5
_SWITCHING_PROTOCOLS = 101
# A flood is looked at in pieces, so that its sender is cut off before all of it was parsed.
_PIECE_BYTES = 4096


class Taker(Protocol):
    """Who took a line over."""

    def take(self, text: str | None) -> None:
        """A message came; None stands for one that is no text."""

    def may_send(self) -> bool:
        """Counts a frame that is no whole message, such as a ping; False when that was one too many."""

    def gone(self) -> None:
        """The line is no more."""

    def slow(self) -> None:
        """The line is ended because its reader is too slow."""


class _Nowhere:
    """Stands in for the queue of a line that was taken over: nobody reads it."""

    def put_nowait(self, _item: object) -> None:
        """Forgets."""


_NOWHERE = cast("Queue[ASGIReceiveEvent]", _Nowhere())


class LineProtocol(WebSocketsSansIOProtocol):
    """One WebSocket connection; a line for the hub once it is taken over."""

    taker: Taker | None = None
    _descriptor = -1
    """Where frames may go past the transport; -1 where something is between it and the kernel, and before the take-over."""

    def handle_connect(self, event: Request) -> None:
        """Hands itself to the application with the handshake."""
        super().handle_connect(event)
        if self.response.status_code == _SWITCHING_PROTOCOLS:
            # The application's task has been made but has not run yet.
            cast("dict[str, Any]", self.scope["extensions"])[EXTENSION] = {"line": self}

    def take_over(self, taker: Taker) -> None:
        """Gives what comes in to the taker from now on, first what came already; to be called once, after ``accept``."""
        queue, self.queue = self.queue, _NOWHERE
        self.taker = taker
        while not queue.empty():
            message = queue.get_nowait()
            if message["type"] == "websocket.receive":
                taker.take(message.get("text"))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        # What only the handshake needed would be kept for as long as the socket is open.
        del self.scope, self.request, self.response
        if self.disconnected:
            taker.gone()
        elif self.transport.get_extra_info("sslcontext") is None:
            self._descriptor = self.transport.get_extra_info("socket").fileno()

    def put(self, frame: bytes) -> None:
        """Writes an encoded frame; a reader with too much waiting for him is cut off and comes back behind what he has."""
        # A crowd's lines are cold in the processor's caches: what is not touched here is what makes this fast.
        transport = self.transport
        # A transport that is not closing still has its descriptor, which nobody else can have got meanwhile.
        if self.close_sent or transport.is_closing():
            return
        waiting = transport.get_write_buffer_size()
        if waiting > MOST_WAITING_BYTES:
            if self.taker is not None:
                self.taker.slow()
            self.end(CLOSE_SLOW, "too slow: come back with ?after=")
        elif waiting or self._descriptor < 0:
            transport.write(frame)
        else:
            self._write(frame)

    def _write(self, frame: bytes) -> None:
        """Gives a frame to the kernel past the transport, whose own work is a third of a crowd's; the rest to the transport.

        Nothing waits in the transport, which writes at once what it can and counts what it keeps: so frames stay in
        their order.
        """
        try:
            taken = os.write(self._descriptor, frame)
        except OSError:  # full, or gone, which the transport finds out for itself
            taken = 0
        if taken < len(frame):
            self.transport.write(frame[taken:])

    async def put_patiently(self, frame: bytes) -> None:
        """Writes an encoded frame once the reader has taken most of what was written before."""
        await self.writable.wait()
        self.put(frame)

    def end(self, code: int, reason: str) -> None:
        """Closes with a code; a peer who does not answer that is cut off after some seconds, whatever still waits."""
        self._close(code, reason, _CLOSE_SECONDS)

    def _close(self, code: int, reason: str, seconds: float) -> None:
        if self.conn.state is not OPEN or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(seconds, self.transport.abort)

    def shut_out(self, code: int, reason: str) -> None:
        """Closes with a code and reads nothing any more: what a flood still sends costs nobody anything."""
        self._close(code, reason, _FAREWELL_SECONDS)
        if not self.transport.is_closing():
            self.transport.pause_reading()

    async def run_asgi(self) -> None:
        """Runs the application; the connection ends with it unless it was taken over."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:  # the server's edge, as in uvicorn itself
            self.logger.exception("Exception in ASGI application")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
            elif self.taker is not None:
                return
        if self.close_timer is None:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Reads in pieces, and no further once the line is ending by our will: a flood costs no more than its first."""
        for start in range(0, len(data), _PIECE_BYTES):
            if start and (self.close_sent or self.transport.is_closing()):
                return
            super().data_received(data[start : start + _PIECE_BYTES])

    def send_receive_event_to_app(self) -> None:
        """Gives a whole message to the taker, else to the application."""
        if self.taker is None:
            super().send_receive_event_to_app()
            return
        frames, self.frames = self.frames, []
        if self.close_sent:
            return
        text = None
        if self.curr_msg_data_type == "text":
            try:
                text = b"".join(frames).decode()
            except UnicodeDecodeError:
                self.end(1007, "text must be UTF-8")  # RFC 6455 section 8.1
                return
        self.taker.take(text)

    def handle_cont(self, event: Frame) -> None:
        """Takes a part of a message; empty ones cost nothing against the size, so they are counted."""
        if self._is_allowed():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answers a ping while they are not too many."""
        if self._is_allowed():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Takes a pong, asked for or not."""
        if self._is_allowed():
            super().handle_pong(event)

    def _is_allowed(self) -> bool:
        return self.taker is None or (not self.close_sent and self.taker.may_send())

    def keepalive_timeout(self) -> None:
        """Ends a connection whose peer is silent; what still waits for him would otherwise keep it for hours."""
        super().keepalive_timeout()
        self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the taker, once."""
        super().connection_lost(exc)
        if self.taker is not None:
            self.taker.gone()
