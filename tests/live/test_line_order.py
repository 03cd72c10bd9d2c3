"""Frames of one line go past the transport or by it, and arrive whole and in their order all the same.

On the loop that the program is served by.
"""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
import uvloop
from websockets.asyncio.client import connect

from app.api.socket_protocol import EXTENSION, LineProtocol
from app.commands.serving import WebServer, listen
from app.live.lines import text_frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

FRAMES = 300


class Room:
    """An application of sockets alone, which takes every line over; it also is who takes them."""

    def __init__(self) -> None:
        self.lines: list[LineProtocol] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        line: LineProtocol = scope["extensions"][EXTENSION]["line"]
        line.take_over(self)
        line.put(text_frame(b'"welcome"'))
        self.lines.append(line)

    def take(self, text: str | None) -> None:
        """Nobody says anything here."""

    def may_send(self) -> bool:
        return True

    def gone(self) -> None:
        """Nobody asks."""

    def slow(self) -> None:
        raise AssertionError


@asynccontextmanager
async def open_room() -> AsyncIterator[tuple[Room, str]]:
    room, taken = Room(), listen("127.0.0.1", 0)
    application: Any = room
    config = uvicorn.Config(application, ws=LineProtocol, log_config=None, lifespan="off")
    server = WebServer(application, config)
    running = asyncio.create_task(server.serve(sockets=[taken]))
    await server.answers.wait()
    try:
        yield room, f"ws://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


def numbered(number: int, size: int) -> bytes:
    """A frame whose text says which it is."""
    return text_frame(json.dumps({"number": number, "filler": " " * size}).encode())


async def send_to_one_who_stops_and_goes_on(size: int) -> tuple[list[int], bool]:
    """Returns the numbers that arrived, and whether the kernel refused to take some at once."""
    has_waited = False
    async with open_room() as (room, url), connect(url, proxy=None, max_queue=1, max_size=None) as socket:
        assert await socket.recv() == '"welcome"'
        (line,) = room.lines

        async def put_all() -> None:
            nonlocal has_waited
            for number in range(FRAMES):
                line.put(numbered(number, size))
                has_waited |= line.transport.get_write_buffer_size() > 0
                if number % 7 == 0:
                    await asyncio.sleep(0)
                while line.transport.get_write_buffer_size() > 100_000:  # noqa: ASYNC110 - a number, and no event of it
                    await asyncio.sleep(0.001)

        socket.transport.pause_reading()
        putting = asyncio.create_task(put_all())
        await asyncio.sleep(0.1)
        socket.transport.resume_reading()
        told = [json.loads(await socket.recv())["number"] for _ in range(FRAMES)]
        await putting
    return told, has_waited


@pytest.mark.parametrize(("size", "must_wait"), [(10, False), (20_000, True), (40_000, True)])
def test_a_reader_who_stops_and_goes_on_gets_every_frame_whole_and_in_order(
    size: int,
    must_wait: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    told, has_waited = uvloop.run(send_to_one_who_stops_and_goes_on(size))
    assert told == list(range(FRAMES))
    assert has_waited == must_wait


async def write_to_one_who_has_gone() -> None:
    async with open_room() as (room, url):
        async with connect(url, proxy=None) as socket:
            await socket.recv()
            (line,) = room.lines
            socket.transport.abort()
            while not line.transport.is_closing():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.001)
        # Whoever opens a socket now may get the descriptor that the line had.
        async with connect(url, proxy=None) as other:
            assert await other.recv() == '"welcome"'
            for number in range(10):
                line.put(numbered(number, 10))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(other.recv(), 0.1)


def test_a_line_that_has_gone_writes_to_nobody() -> None:
    uvloop.run(write_to_one_who_has_gone())


async def open_bare_line() -> tuple[LineProtocol, socket.socket]:
    """A line that was just taken over, its handshake just given to the transport, and the peer's bare socket."""
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    theirs.settimeout(0)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    line: Any = LineProtocol.__new__(LineProtocol)
    line.transport, line.loop, line.close_sent, line.disconnected = transport, loop, False, False
    line.queue, line.read_paused = asyncio.Queue(), False
    line.scope = line.request = line.response = None
    transport.write(b"handshake")
    line.take_over(Room())
    return line, theirs


async def read_all(peer: socket.socket, size: int) -> bytes:
    loop, told = asyncio.get_running_loop(), b""
    while len(told) < size:
        told += await asyncio.wait_for(loop.sock_recv(peer, 1 << 20), 5)
    return told


async def write_before_the_loop_turns() -> tuple[bytes, bytes, bool]:
    """Returns what was put and what arrived, where the peer makes room while the transport keeps the rest of a frame.

    And whether there was such a rest.
    """
    line, peer = await open_bare_line()
    line.put(b"first")
    put, number = b"handshakefirst", 0
    while not line.transport.get_write_buffer_size() and number < FRAMES:
        # Of one size that is no power of two: some frame is taken in part.
        line.put(frame := bytes((number,)) * 30_001)
        put, number = put + frame, number + 1
    has_rest = line.transport.get_write_buffer_size() > 0
    told = peer.recv(100_000)
    line.put(b"last")
    put += b"last"
    told += await read_all(peer, len(put) - len(told))
    line.put(b"again")
    told += peer.recv(100)
    line.transport.abort()
    peer.close()
    return put + b"again", told, has_rest


def test_nothing_overtakes_what_the_transport_keeps() -> None:
    put, told, has_rest = uvloop.run(write_before_the_loop_turns())
    assert has_rest
    assert told == put
