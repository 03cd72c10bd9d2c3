"""A serving market for benchmarks: the real application on a real port in this process, bidders with tokens, clients outside.

The clients run in a process of their own (``bench.clients``), so that this process's CPU time is the server's.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request

from app.accounts.finding import caller_of
from app.accounts.models import Organisation, Person, PersonRole
from app.accounts.permissions import Role, Scope
from app.accounts.tokens import create_token
from app.api.auction_wire import require_bidder
from app.api.deps import CallerDep
from app.auction.admission import admit_bidder
from app.auction.closing import advance_auction
from app.auction.protocol.heads import Signer
from app.auction.rules.terms import AuctionTerms
from app.auction.scheduling import schedule_auction
from app.commands.serving import keep_loaded, listen, serve, web_server
from app.db import Database
from app.ids import uuid7
from app.logs import configure_logs
from app.main import create_app
from app.settings import Settings
from bench.server import durable_database, read_durability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from fastapi import FastAPI

    from app.db import Session

STEP_FEN = 100
ROOT = Path(__file__).resolve().parent.parent
REFERENCE_PATH = "/api/v1/bench-nothing"


@dataclass(frozen=True)
class Market:
    """The running application, its database and address."""

    app: FastAPI
    database: Database
    host: str
    port: int
    durability: dict[str, str]


@asynccontextmanager
async def running_market() -> AsyncIterator[Market]:
    """Serves the application until the block ends, with the logs that a deployment has."""
    raise_file_limit()
    settings = Settings(bid_limit="100000/second", socket_messages_per_second=100_000, log_level="warning")
    configure_logs(settings)
    async with durable_database() as url:
        database, durability = Database(url), await read_durability(url)
        app = create_app(settings, database, Signer(Ed25519PrivateKey.generate()))
        _add_reference(app)
        taken, stop = listen("127.0.0.1", 0), asyncio.Event()
        server = web_server(app)
        serving = asyncio.create_task(serve(server, taken, stop))
        await server.answers.wait()
        keep_loaded()
        try:
            yield Market(app, database, "127.0.0.1", taken.getsockname()[1], durability)
        finally:
            stop.set()
            await serving
            await database.close()
            structlog.reset_defaults()


def _add_reference(app: FastAPI) -> None:
    """A route that does nothing, behind the same middleware, session check, permission and limit as a bid."""

    async def nothing(caller: CallerDep, request: Request) -> None:
        require_bidder(caller)
        await request.app.state.bid_rate.check(caller.organisation_id)

    app.add_api_route(REFERENCE_PATH, nothing, methods=["GET"], status_code=204)
    # Before the route of the pages, which takes every address.
    app.router.routes.insert(0, app.router.routes.pop())


def raise_file_limit() -> None:
    """Lets this process open as many sockets as the system allows it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def make_sales(session: Session, count: int) -> tuple[list[UUID], list[str]]:
    """Open sales, each with one admitted bidder of its own, and the tokens of these."""
    made = [await make_sale(session, 1) for _ in range(count)]
    return [auction_id for auction_id, _ in made], [tokens[0] for _, tokens in made]


async def make_sale(session: Session, bidders: int) -> tuple[UUID, list[str]]:
    """An open sale, and a token of one person for each of its admitted bidders."""
    now = datetime.now(UTC)
    seller = Organisation(name="演示转让方（虚构）", kind="institute", is_fictional=True)
    session.add(seller)
    await session.flush()
    terms = AuctionTerms(
        start_price_fen=STEP_FEN,
        step_fen=STEP_FEN,
        deposit_fen=0,
        opens_at=now - timedelta(seconds=1),
        closes_at=now + timedelta(hours=1),
        hard_end_at=None,
        trigger_seconds=300,
        extension_seconds=300,
        has_reserve=False,
    )
    auction = await schedule_auction(
        session,
        listing_id=uuid7(),
        listing_no="B2026-0001",
        seller_id=seller.id,
        title="演示标的",
        terms=terms,
        reserve_fen=None,
        is_demonstration=True,
    )
    tokens = [await _make_bidder(session, auction.id, place) for place in range(bidders)]
    await advance_auction(session, auction.id)
    return auction.id, tokens


async def _make_bidder(session: Session, auction_id: UUID, place: int) -> str:
    party = Organisation(name=f"演示买方{place}（虚构）", kind="company", is_fictional=True)
    session.add(party)
    await session.flush()
    person = Person(
        organisation_id=party.id,
        login=f"bench-{place}-{uuid7().hex}",
        name="演示竞买人",
        password_hash=STEP_FEN.__str__(),
    )
    session.add(person)
    await session.flush()
    session.add(PersonRole(person_id=person.id, role=Role.BIDDER))
    await session.flush()
    await admit_bidder(session, auction_id, party.id, None)
    caller = await caller_of(session, person.id)
    _, secret = await create_token(session, caller, name="bench", scopes=[Scope.BUY, Scope.READ])
    return secret


class Clients:
    """A process of clients: it is told what to do as JSON on its input, and answers on its output, a line each."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Takes a started process."""
        self._process = process

    async def ask(self, **command: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Sends one command and waits for its answer."""
        if self._process.stdin is None or self._process.stdout is None:
            message = "the clients have no pipes"
            raise AssertionError(message)
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            message = "the clients ended"
            raise AssertionError(message)
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def clients_of(market: Market) -> AsyncIterator[Clients]:
    """Starts a process of clients for this market; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bench.clients import start; start()", market.host, str(market.port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        limit=2**26,
    )
    try:
        yield Clients(process)
    finally:
        process.kill()
        await process.wait()
