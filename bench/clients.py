"""The clients of benchmarks, in a process of their own: bidders by HTTP or socket, and thousands of watchers.

They speak the bare protocols, so that two cores are enough for them and the server. Commands come as JSON on the input,
one a line; each gets one line of JSON on the output.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import itertools
import json
import os
import statistics
import sys
import time
from typing import Any

import uvloop

from app.ids import uuid7
from bench.market import raise_file_limit

_CONNECTS_AT_ONCE = 200
_SHORT, _MEDIUM = 126, 127


def masked(text: str) -> bytes:
    """A client's text frame; the mask is zero, which leaves the text as it is (RFC 6455 section 5.3)."""
    payload = text.encode()
    size = len(payload)
    if size < _SHORT:
        return bytes((0x81, 0x80 | size)) + bytes(4) + payload
    return bytes((0x81, 0x80 | _SHORT)) + size.to_bytes(2, "big") + bytes(4) + payload


class Socket(asyncio.Protocol):
    """A WebSocket client that hands whole text payloads on; a ping of the server is answered."""

    def __init__(self, request: bytes) -> None:
        """Sends the handshake once connected."""
        self._request = request
        self._buffer = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        self.transport = transport  # type: ignore[assignment]
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Cuts what came into frames."""
        data = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if b" 101 " not in head[:20]:
                self.opened.set_exception(RuntimeError(head[:200].decode()))
                return
            self.opened.set_result(None)
        while len(data) > 1:
            size, start = data[1], 2
            if size == _SHORT:
                size, start = int.from_bytes(data[2:4], "big"), 4
            elif size == _MEDIUM:
                size, start = int.from_bytes(data[2:10], "big"), 10
            if len(data) < start + size:
                break
            if data[0] == 0x81:  # noqa: PLR2004 - a whole text message
                self.text(data[start : start + size])
            elif data[0] == 0x89 and self.transport is not None:  # noqa: PLR2004 - a ping
                payload = data[start : start + size]
                self.transport.write(bytes((0x8A, 0x80 | size)) + bytes(4) + payload)
            data = data[start + size :]
        self._buffer = data

    def text(self, payload: bytes) -> None:
        """Takes one text message."""


class Watcher(Socket):
    """Counts frames of events and remembers when the last watcher had each."""

    arrived: dict[bytes, list[float]]

    def text(self, payload: bytes) -> None:
        """Notes the frame: how many have it, and when the latest had it."""
        if payload.startswith(b'{"type":"events"'):
            seen = self.arrived.get(payload)
            if seen is None:
                self.arrived[payload] = [1, time.monotonic()]
            else:
                seen[0] += 1
                seen[1] = time.monotonic()


class Bidder(Socket):
    """Waits for the answers to its own bids and forgets everything else."""

    def __init__(self, request: bytes) -> None:
        """Has no answer yet."""
        super().__init__(request)
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()

    def text(self, payload: bytes) -> None:
        """Keeps answers."""
        if payload.startswith(b'{"type":"answer"'):
            self.answers.put_nowait(payload)


class Bench:
    """One run's clients."""

    def __init__(self, host: str, port: int) -> None:
        """Takes the server's address."""
        self.host, self.port = host, port
        self.watchers: list[Watcher] = []
        self.arrived: dict[bytes, list[float]] = {}

    def handshake(self, auction_id: str, token: str | None) -> bytes:
        """The upgrade of a socket in a sale's room."""
        lines = [
            f"GET /api/v1/auctions/{auction_id}/socket HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def watch(self, path: str, count: int) -> dict[str, Any]:
        """Opens so many watchers of a sale, or of a bare server when the path begins with a slash."""
        loop = asyncio.get_running_loop()

        def make() -> Watcher:
            request = self.handshake(path, None)
            if path.startswith("/"):
                request = request.replace(f"/api/v1/auctions/{path}/socket".encode(), path.encode())
            watcher = Watcher(request)
            watcher.arrived = self.arrived
            return watcher

        async def connect() -> None:
            _, watcher = await loop.create_connection(make, self.host, self.port)
            await asyncio.wait_for(watcher.opened, 60)
            self.watchers.append(watcher)

        for start in range(0, count, _CONNECTS_AT_ONCE):
            await asyncio.gather(*(connect() for _ in range(min(_CONNECTS_AT_ONCE, count - start))))
        return {"watchers": len(self.watchers)}

    async def tell(self) -> dict[str, Any]:
        """What the watchers saw: for each frame the number it ends at, how many had it, when the last one did."""
        frames = [
            {"last": json.loads(payload)["events"][-1]["number"], "count": int(count), "at": at}
            for payload, (count, at) in self.arrived.items()
        ]
        self.arrived.clear()
        return {"frames": sorted(frames, key=lambda frame: frame["last"])}

    async def forget(self) -> dict[str, Any]:
        """Closes all watchers."""
        for watcher in self.watchers:
            if watcher.transport is not None:
                watcher.transport.abort()
        self.watchers.clear()
        self.arrived.clear()
        return {}

    async def http(
        self, targets: list[str], tokens: list[str], first_fen: int, seconds: float
    ) -> dict[str, Any]:
        """Sends requests over one connection a token, each to its own target; bids if the targets end so."""
        amounts = itertools.count(first_fen, 100)
        is_bid = targets[0].endswith("/bids")
        taken: list[float] = []
        refused = 0
        deadline = time.perf_counter() + seconds

        async def call(target: str, token: str) -> None:
            nonlocal refused
            reader, writer = await asyncio.open_connection(self.host, self.port)
            head = f"Host: {self.host}:{self.port}\r\nAuthorization: Bearer {token}\r\n"
            while (began := time.perf_counter()) < deadline:
                if is_bid:
                    body = json.dumps({"bid_id": str(uuid7()), "amount_fen": next(amounts)})
                    request = f"POST {target} HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
                    writer.write(f"{request}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                else:
                    writer.write(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode())
                answer = await reader.readuntil(b"\r\n\r\n")
                size = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                if size:
                    await reader.readexactly(int(size))
                if answer[9:12] == (b"201" if is_bid else b"204"):
                    taken.append(time.perf_counter() - began)
                else:
                    refused += 1
            writer.close()

        began = time.perf_counter()
        await asyncio.gather(*map(call, targets, tokens))
        return summary(taken, refused, time.perf_counter() - began)

    async def bid(
        self, auction_ids: list[str], tokens: list[str], first_fen: int, seconds: float
    ) -> dict[str, Any]:
        """Bids over one socket a token, one bid after another, each on its own sale."""
        amounts = itertools.count(first_fen, 100)
        taken: list[float] = []
        refused = 0
        loop = asyncio.get_running_loop()
        bidders: list[Bidder] = []
        for auction_id, token in zip(auction_ids, tokens, strict=True):
            make = functools.partial(Bidder, self.handshake(auction_id, token))
            _, bidder = await loop.create_connection(make, self.host, self.port)
            await asyncio.wait_for(bidder.opened, 30)
            bidders.append(bidder)
        began = time.perf_counter()
        deadline = began + seconds

        async def call(bidder: Bidder) -> None:
            nonlocal refused
            while (sent := time.perf_counter()) < deadline and bidder.transport is not None:
                body = {"type": "bid", "bid_id": str(uuid7()), "amount_fen": next(amounts)}
                bidder.transport.write(masked(json.dumps(body)))
                answer = await bidder.answers.get()
                if b'"ok":true' in answer:
                    taken.append(time.perf_counter() - sent)
                else:
                    refused += 1

        await asyncio.gather(*(call(bidder) for bidder in bidders))
        told = summary(taken, refused, time.perf_counter() - began)
        for bidder in bidders:
            if bidder.transport is not None:
                bidder.transport.abort()
        return told


def summary(taken: list[float], refused: int, seconds: float) -> dict[str, Any]:
    """Rate and latencies of what was accepted."""
    cuts = statistics.quantiles(taken, n=100) if len(taken) > 1 else [0.0] * 99
    return {
        "rate": len(taken) / seconds,
        "count": len(taken),
        "refused": refused,
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
    }


async def main(host: str, port: int) -> None:
    """Carries out commands until the input ends."""
    raise_file_limit()
    bench = Bench(host, port)
    reader = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        answer = await getattr(bench, command.pop("do"))(**command)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def start() -> None:
    """Runs as a program; the arguments are the server's host and port."""
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
