"""What tests of sockets share: an application on a real server, sockets in its rooms, and bidders with tokens."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect

from app.accounts.permissions import Role, Scope
from app.accounts.tokens import create_token
from app.auction.admission import admit_bidder
from app.commands.serving import listen, serve, web_server
from app.main import create_app
from app.settings import Settings
from tests.make_accounts import make_caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from fastapi import FastAPI
    from websockets.asyncio.client import ClientConnection

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from tests.make_auction import MadeSale


@asynccontextmanager
async def serving(db: Database, **settings: Any) -> AsyncIterator[FastAPI]:
    """The application on a real server; its address is in ``app.state.address``."""
    taken = listen("127.0.0.1", 0)
    application = create_app(Settings(bid_limit="1000/second", **settings), db)
    application.state.address = f"127.0.0.1:{taken.getsockname()[1]}"
    server, stop = web_server(application), asyncio.Event()
    running = asyncio.create_task(serve(server, taken, stop))
    await server.answers.wait()
    try:
        yield application
    finally:
        stop.set()
        await running


@pytest.fixture
async def app(db: Database) -> AsyncIterator[FastAPI]:
    """The application on a real server."""
    async with serving(db) as application:
        yield application


async def make_bidder(session: Session, sale_id: UUID) -> tuple[Caller, str, UUID]:
    """An admitted bidder with a token: caller, token, token id."""
    caller = await make_caller(session, Role.BIDDER)
    await admit_bidder(session, sale_id, caller.organisation_id, None)
    token, secret = await create_token(session, caller, name="t", scopes=[Scope.BUY, Scope.READ])
    return caller, secret, token.id


def address_of(app: FastAPI, sale_id: UUID, **query: Any) -> str:
    """A room's address."""
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return f"ws://{app.state.address}/api/v1/auctions/{sale_id}/socket?{words}"


@asynccontextmanager
async def watching(
    app: FastAPI, sale: MadeSale, token: str | None = None, **query: Any
) -> AsyncIterator[ClientConnection]:
    """A socket in a sale's room."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = address_of(app, sale.id, **query)
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


async def frame(socket: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next frame of one of these kinds; others are passed over."""
    async with asyncio.timeout(10):
        while True:
            found: dict[str, Any] = json.loads(await socket.recv())
            if found["type"] in kinds:
                return found


async def frames_until(socket: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """All frames up to the next one of this kind, and that one."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not found or found[-1]["type"] != kind:
            found.append(json.loads(await socket.recv()))
    return found
