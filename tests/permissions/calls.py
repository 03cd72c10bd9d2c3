"""Calling the application as each kind of caller, over HTTP or a socket, in process."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from httpx2 import ASGITransport, AsyncClient

from app.api.socket_protocol import EXTENSION, Taker
from app.ids import uuid7
from tests.permissions.asks import ALL, Ask
from tests.permissions.expected import route_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from fastapi import FastAPI

    from tests.permissions.world import World

_DESKS = frozenset({"reviewer", "host", "finance", "registrar", "supervisor"})


@dataclass(frozen=True)
class Reply:
    """What came back: a status (101 for a socket that was let in) and everything that can be read."""

    status: int
    text: str


def name_of(ask: Ask, caller: str) -> str | None:
    """The person behind a kind of caller; None for a guest and for an ended session, which is a guest's."""
    if caller in {"guest", "ended"}:
        return None
    if caller in _DESKS:
        return f"E/{caller}"
    if caller in {"narrow", "fit"}:
        return ask.holder
    return {
        "stranger": f"X/{ALL}",
        "colleague": ask.colleague,
        "owner": ask.owner,
        "counterparty": ask.counterparty,
    }[caller]


def headers_of(world: World, ask: Ask, caller: str) -> dict[str, str]:
    """How the caller signs in: with a cookie and its CSRF token, or with a personal token."""
    if caller == "guest":
        return {}
    if caller == "ended":
        return world.headers[f"{ask.holder} ended"]
    if caller == "narrow":
        return world.headers[f"{ask.holder} but {ask.scope}" if ask.scope else f"{ask.holder} by token"]
    if caller == "fit":
        return world.headers[f"{ask.holder} only {ask.scope}"]
    name = name_of(ask, caller)
    assert name is not None
    return world.headers[name]


def path_of(world: World, row: str, ask: Ask) -> str:
    """The row's path with its things filled in."""
    ids = iter(ask.ids)
    path = re.sub(r"\{[^}]*\}", lambda _: world.ids[next(ids)], route_of(row).split(" ")[1])
    assert not list(ids), f"{row} names things that its path does not ask for"
    return path + ask.query


async def call(app: FastAPI, world: World, row: str, ask: Ask, caller: str, key: str | None = None) -> Reply:
    """Makes one call, what changes something under an Idempotency-Key: the given one, or one of its own."""
    method, _, _ = row.partition(" ")
    path, headers = path_of(world, row, ask), dict(headers_of(world, ask, caller))
    if method == "POST":
        headers["Idempotency-Key"] = key or str(uuid7())
    if method == "WEBSOCKET":
        return await _open_socket(app, path, headers)
    if method == "MOUNT":
        method, path = "GET", f"{path}/page.js"
    sent: dict[str, Any] = {}
    if ask.body is not None:
        sent["json"] = ask.body(world)
    if ask.file is not None:
        # Beside a file the other fields come as a form's.
        sent = {"data": sent["json"]} if sent else sent
        sent["files"] = {"file": ("patents.jsonl", ask.file)}
    transport = ASGITransport(app=app, client=(ask.address, 50000))
    async with AsyncClient(transport=transport, base_url="http://market.test") as http:
        answer = await http.request(method, path, headers=headers, **sent)
    return Reply(answer.status_code, answer.text)


class _Line:
    """Stands where the server's own line is: the first frame that is put is the answer."""

    disconnected = False

    def __init__(self, first: asyncio.Future[Reply]) -> None:
        self._first = first

    def put(self, frame: bytes) -> None:
        if not self._first.done():
            self._first.set_result(Reply(101, frame.decode(errors="replace")))

    async def put_patiently(self, frame: bytes) -> None:
        self.put(frame)

    def end(self, code: int, reason: str) -> None:
        self.put(f"{code} {reason}".encode())

    def take_over(self, taker: Taker) -> None:
        taker.gone()


async def _open_socket(app: FastAPI, path: str, headers: dict[str, str]) -> Reply:
    """Opens a socket, waits for its first frame, and goes away."""
    first: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    has_connected = False
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"host", b"market.test"),
            *((k.lower().encode(), v.encode()) for k, v in headers.items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("market.test", 80),
        "subprotocols": [],
        "extensions": {EXTENSION: {"line": _Line(first)}},
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        nonlocal has_connected
        if not has_connected:
            has_connected = True
            return {"type": "websocket.connect"}
        await first
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(message: MutableMapping[str, Any]) -> None:
        if first.done():
            return
        if message["type"] == "websocket.send":
            first.set_result(Reply(101, message["text"]))
        elif message["type"] == "websocket.close":
            first.set_result(Reply(403, ""))

    await app(scope, receive, send)
    return await first
