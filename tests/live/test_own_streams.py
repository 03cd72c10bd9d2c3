"""Own streams on sockets: a bidder hears his own, the host's desk its own, and nobody notices anything of another's."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from app.accounts.permissions import Role, Scope
from app.accounts.tokens import create_token
from app.api import session_watch
from app.auction.admission import admit_bidder
from app.auction.errors import BidTooLow
from app.auction.queries import find_own_stream
from app.auction.watching import find_host_stream
from app.chain import Event
from app.events import record
from app.live import hub as hub_module
from tests.live.rooms import address_of, app, frame, frames_until, make_bidder, watching
from tests.make_accounts import make_caller, token_headers
from tests.make_auction import START_FEN, make_sale, request

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi import FastAPI
    from websockets.asyncio.client import ClientConnection

    from app.db import Database

__all__ = ["app"]


async def tell(app: FastAPI, stream_id: UUID, *kinds: str) -> None:
    """Writes events to a stream and hints at them, as an operation and its edge do."""
    db: Database = app.state.db
    await db.write(record, stream_id, *(Event(kind, {}) for kind in kinds))
    app.state.relay.publish(stream_id)


async def own_stream(db: Database, sale_id: UUID, party_id: UUID) -> UUID:
    """A party's own stream."""
    found = await db.read(find_own_stream, sale_id, party_id)
    assert found is not None
    return found


async def test_a_bidder_hears_his_own_stream_and_resumes_it(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    caller, token, _ = await db.write(make_bidder, sale.id)
    stream = await own_stream(db, sale.id, caller.organisation_id)
    await tell(app, stream, "first")
    async with watching(app, sale, token, own_after=0) as socket:
        frames = await frames_until(socket, "snapshot")
        assert [event["kind"] for event in frames[0]["events"]] == ["bidder_admitted", "first"]
        assert frames[-1]["own_head"] == {"epoch": 1, "number": 2}
        await tell(app, stream, "second")
        told = await frame(socket, "own_events")
    assert [(event["number"], event["kind"]) for event in told["events"]] == [(3, "second")]
    async with watching(app, sale, token, own_after=3) as socket:
        assert [found["type"] for found in await frames_until(socket, "snapshot")] == ["snapshot"]


async def collect(socket: ClientConnection, seconds: float) -> list[str]:
    """All that comes within some seconds."""
    found: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                found.append(str(await socket.recv()))
    return found


async def test_nothing_reaches_others_of_what_a_bidder_alone_may_know(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_SWEEP_EVERY_SECONDS", 600)
    sale = await db.write(make_sale)
    caller, token, _ = await db.write(make_bidder, sale.id)
    _, rival_token, _ = await db.write(make_bidder, sale.id)
    stream = await own_stream(db, sale.id, caller.organisation_id)
    async with (
        watching(app, sale) as guest,
        watching(app, sale, rival_token) as rival,
        watching(app, sale, token) as mine,
    ):
        for socket in (guest, rival, mine):
            await frame(socket, "snapshot")
        await tell(app, stream, "sealed")
        assert (await frame(mine, "own_events"))["events"][0]["kind"] == "sealed"
        assert await collect(guest, 0.3) == []
        assert await collect(rival, 0.1) == []
        # Nor does what was secret hold up what is public: the next frame for everybody goes out at once.
        assert app.state.hub._channels[sale.id].free_at == 0.0


async def test_an_own_stream_is_heard_soon_after_an_admission_while_watching(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_watch, "RECHECK_SECONDS", 0.05)
    sale = await db.write(make_sale)
    caller = await db.write(make_caller, Role.BIDDER)
    _, token = await db.write(create_token, caller, name="t", scopes=[Scope.BUY])
    async with watching(app, sale, token) as socket:
        assert (await frame(socket, "snapshot"))["own_head"] is None
        await db.write(admit_bidder, sale.id, caller.organisation_id, None)
        assert (await frame(socket, "own_events"))["events"][0]["kind"] == "bidder_admitted"


async def test_the_hosts_desk_hears_refusals_that_nobody_else_hears(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    headers = await token_headers(db, Role.HOST)
    url = address_of(app, sale.id, audience="host")
    async with connect(url, additional_headers=headers, proxy=None) as desk:
        snapshot = await frame(desk, "snapshot")
        host = await db.read(find_host_stream, sale.id)
        assert (host is not None, snapshot["host_head"]) == (True, {"epoch": 1, "number": 0})
        with pytest.raises(BidTooLow):
            await app.state.desk.submit(sale.id, request(sale.bidders[0], START_FEN - 1))
        told = await frame(desk, "host_events")
    assert [event["kind"] for event in told["events"]] == ["bid_refused"]


@pytest.mark.parametrize("role", [None, Role.BIDDER, Role.FINANCE])
async def test_the_hosts_stream_is_refused_to_everybody_else(
    app: FastAPI, db: Database, role: Role | None
) -> None:
    sale = await db.write(make_sale)
    headers = {} if role is None else await token_headers(db, role)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address_of(app, sale.id, audience="host"), additional_headers=headers, proxy=None):
            pass
    assert refused.value.response.status_code == 403
