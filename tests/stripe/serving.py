"""The stand-in on a port of its own, in the tests' loop; every exchange is held to Stripe's file."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn

from tests.stripe.contract import check
from tests.stripe.speaking import ConnectionLost, Exchange, Speaking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def serving(speaking: Speaking) -> AsyncIterator[str]:
    """Serves the stand-in and gives its address; afterwards every exchange must have been as Stripe's file says."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # A lost connection is what a test wants, not what it should read about.
        config = uvicorn.Config(speaking, lifespan="off", log_level="critical")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
    for exchange in speaking.exchanges:
        if exchange.answer:
            check(exchange)


async def lose(exchange: Exchange) -> None:
    """The connection of what changes something breaks: before it is read if set as ``before``, else after it was done."""
    if exchange.method == "POST":
        raise ConnectionLost
