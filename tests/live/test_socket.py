"""The socket on a real server: frames without a gap, bids like by POST, and what bad callers get."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import OPEN

from app.accounts.permissions import Role, Scope
from app.accounts.tokens import create_token, revoke_token
from app.api import auction_room, session_watch, socket_protocol
from app.auction.admission import admit_bidder
from app.auction.bidding import place_bids
from app.commands.serving import listen, serve, web_server
from app.ids import uuid7
from app.live import hub as hub_module
from app.live.lines import text_frame
from app.main import create_app
from app.settings import Settings
from tests.make_accounts import make_caller
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from fastapi import FastAPI
    from websockets.asyncio.client import ClientConnection

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.live.hub import Hub
    from tests.make_auction import MadeSale


@pytest.fixture
async def app(db: Database) -> AsyncIterator[FastAPI]:
    """The application on a real server; its address is in ``app.state.address``."""
    taken = listen("127.0.0.1", 0)
    application = create_app(Settings(bid_limit="1000/second"), db)
    application.state.address = f"127.0.0.1:{taken.getsockname()[1]}"
    server, stop = web_server(application), asyncio.Event()
    serving = asyncio.create_task(serve(server, taken, stop))
    await server.answers.wait()
    yield application
    stop.set()
    await serving


async def make_bidder(session: Session, sale_id: UUID) -> tuple[Caller, str, UUID]:
    """An admitted bidder with a token: caller, token, token id."""
    caller = await make_caller(session, Role.BIDDER)
    await admit_bidder(session, sale_id, caller.organisation_id, None)
    token, secret = await create_token(session, caller, name="t", scopes=[Scope.BUY, Scope.READ])
    return caller, secret, token.id


@asynccontextmanager
async def watching(
    app: FastAPI, sale: MadeSale, token: str | None = None, **query: Any
) -> AsyncIterator[ClientConnection]:
    """A socket in a sale's room."""
    words = "&".join(f"{name}={value}" for name, value in query.items())
    url = f"ws://{app.state.address}/api/v1/auctions/{sale.id}/socket?{words}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


async def frame(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of a kind; others are passed over."""
    async with asyncio.timeout(10):
        while True:
            found: dict[str, Any] = json.loads(await socket.recv())
            if found["type"] == kind:
                return found


async def test_a_guest_sees_the_snapshot_and_then_each_event_once(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        snapshot = await frame(socket, "snapshot")
        assert (snapshot["me"], snapshot["offer"]["limit_fen"], snapshot["number"]) == (None, START_FEN, 1)
        for step in range(3):
            await app.state.desk.submit(sale.id, request(sale.bidders[0], START_FEN + step * STEP_FEN))
        numbers: list[int] = []
        while len(numbers) < 4:
            numbers += [event["number"] for event in (await frame(socket, "events"))["events"]]
        assert numbers == [2, 3, 4, 5]


async def test_a_cut_connection_heals_without_a_gap(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        last = (await frame(socket, "snapshot"))["number"]
    for step in range(5):
        await db.write(place_bids, sale.id, [request(sale.bidders[step % 2], START_FEN + step * STEP_FEN)])
    async with watching(app, sale, after=last) as socket:
        missed = (await frame(socket, "events"))["events"]
        snapshot = await frame(socket, "snapshot")
    assert [event["number"] for event in missed] == list(range(last + 1, snapshot["number"] + 1))
    assert missed[-1]["hash"] == snapshot["head_hash"]


async def test_a_lost_hint_is_repaired_by_the_sweep(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await frame(socket, "snapshot")
        # Another process commits, and its hint never comes.
        await db.write(place_bids, sale.id, [request(sale.bidders[0], START_FEN)])
        events = (await frame(socket, "events"))["events"]
        assert events[-1]["kind"] == "bid_accepted"


async def test_a_bid_by_socket_is_the_same_operation_as_by_post(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    _, token, _ = await db.write(make_bidder, sale.id)
    bid = {"type": "bid", "bid_id": str(uuid7()), "amount_fen": START_FEN}
    async with watching(app, sale, token) as socket:
        await frame(socket, "snapshot")
        await socket.send(json.dumps(bid))
        first = await frame(socket, "answer")
        await socket.send(json.dumps(bid))
        again = await frame(socket, "answer")
        await socket.send(json.dumps({**bid, "amount_fen": START_FEN + STEP_FEN}))
        reused = await frame(socket, "answer")
        await socket.send(json.dumps({**bid, "bid_id": str(uuid7())}))
        low = await frame(socket, "answer")
    assert first["ok"] is True
    assert again == first
    assert (reused["ok"], reused["problem"]["code"]) == (False, "bid-id-reused")
    assert (low["problem"]["code"], low["problem"]["minimum_fen"]) == ("bid-too-low", START_FEN + STEP_FEN)


async def test_a_guest_who_bids_is_told_to_sign_in(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await socket.send(json.dumps({"type": "bid", "bid_id": str(uuid7()), "amount_fen": START_FEN}))
        assert (await frame(socket, "answer"))["problem"]["status"] == 401


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"type":"shout"}',
        '{"type":"bid","bid_id":"x","amount_fen":1}',
        '{"type":"bid","bid_id":"01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b","amount_fen":1.5}',
        '{"type":"bid","bid_id":"01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b","amount_fen":"100"}',
        '{"type":"bid","bid_id":"01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b","amount_fen":99999999999999999999}',
        '{"type":"bid","bid_id":"01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b","amount_fen":-5}',
        '{"type":"bid","bid_id":"01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b","amount_fen":1,"extra":1}',
        "x" * 5000,
        '{"type":"bid","extra":' + "[" * 600 + "]" * 600 + "}",
    ],
)
async def test_a_malformed_frame_is_answered_with_what_would_be_right(
    app: FastAPI, db: Database, text: str
) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale, lang="en") as socket:
        await socket.send(text)
        problem = (await frame(socket, "error"))["problem"]
        assert (problem["code"], problem["status"]) == ("frame-malformed", 422)
        assert '"amount_fen"' in problem["detail"]


async def test_a_wrong_amount_is_explained_in_the_callers_language(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await socket.send(json.dumps({"type": "bid", "bid_id": str(uuid7()), "amount_fen": 1.5}))
        detail = (await frame(socket, "error"))["problem"]["detail"]
    assert "amount_fen: 应为整数" in detail
    assert "integer" not in detail


async def test_more_bids_at_once_than_a_socket_may_have_are_each_answered(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auction_room, "_BIDS_UNDER_WAY", 0)
    sale = await db.write(make_sale)
    bid_id = str(uuid7())
    async with watching(app, sale) as socket:
        await socket.send(json.dumps({"type": "bid", "bid_id": bid_id, "amount_fen": START_FEN}))
        answer = await frame(socket, "answer")
    assert (answer["bid_id"], answer["ok"], answer["problem"]["code"]) == (bid_id, False, "bids-under-way")


async def test_repeated_nonsense_ends_the_socket(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        for _ in range(5):
            await socket.send("nonsense")
            await frame(socket, "error")
        with pytest.raises(ConnectionClosed) as closed:
            await frame(socket, "never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == auction_room.CLOSE_MALFORMED


async def test_a_flood_ends_the_socket_that_sends_it_and_no_other(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as calm, watching(app, sale) as flood:
        await frame(calm, "snapshot")
        for _ in range(100):
            await flood.send('{"type":"ping"}')
        with pytest.raises(ConnectionClosed) as closed:
            await frame(flood, "never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == auction_room.CLOSE_FLOOD
        await calm.send('{"type":"ping"}')
        assert await frame(calm, "pong") == {"type": "pong"}


async def test_a_socket_from_a_foreign_origin_is_refused(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    url = f"ws://{app.state.address}/api/v1/auctions/{sale.id}/socket"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, origin="https://evil.example", proxy=None):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_an_unknown_sale_is_said_and_the_socket_closed(app: FastAPI) -> None:
    url = f"ws://{app.state.address}/api/v1/auctions/{uuid7()}/socket"
    async with connect(url, proxy=None) as socket:
        assert (await frame(socket, "error"))["problem"]["code"] == "auction-missing"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == auction_room.CLOSE_MISSING


async def test_a_revoked_token_ends_its_socket_within_seconds(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session_watch.RECHECK_SECONDS < 5
    monkeypatch.setattr(session_watch, "RECHECK_SECONDS", 0.1)
    sale = await db.write(make_sale)
    caller, token, token_id = await db.write(make_bidder, sale.id)
    async with watching(app, sale, token) as socket:
        await frame(socket, "snapshot")
        await db.write(revoke_token, caller, token_id)
        with pytest.raises(ConnectionClosed) as closed:
            await frame(socket, "never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == auction_room.CLOSE_SIGNED_OUT


async def read_to_the_end(socket: ClientConnection) -> None:
    """Reads until the socket is closed."""
    while True:
        await socket.recv()


async def test_a_slow_watcher_is_cut_off_and_comes_back_without_a_gap(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_protocol, "MOST_WAITING_BYTES", 0)
    sale = await db.write(make_sale, bidders=2)
    url = f"ws://{app.state.address}/api/v1/auctions/{sale.id}/socket"
    async with connect(url, proxy=None, max_queue=1) as socket:
        snapshot = await frame(socket, "snapshot")
        # Nobody reads until far more was sent than the kernel keeps for a slow reader.
        socket.transport.pause_reading()
        hub: Hub = app.state.hub
        channel = hub._channels[sale.id]
        (seat,) = channel.seats
        filler = text_frame(b'{"type":"filler"}' + b" " * 60_000)
        for _ in range(400):
            seat.line.put(filler)
        assert not channel.seats or seat.line.conn.state is not OPEN  # type: ignore[attr-defined]
        socket.transport.resume_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await read_to_the_end(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == socket_protocol.CLOSE_SLOW
    await db.write(place_bids, sale.id, [request(sale.bidders[0], START_FEN)])
    async with connect(f"{url}?after={snapshot['number']}", proxy=None) as socket:
        events = (await frame(socket, "events"))["events"]
    assert [event["number"] for event in events] == [snapshot["number"] + 1, snapshot["number"] + 2]


async def test_a_tick_tells_the_time_and_the_head(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_TICK_EVERY_SWEEPS", 1)
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        tick = await frame(socket, "tick")
    assert tick["number"] == 1
    assert tick["ends_at"].startswith(f"{sale.ends_at:%Y-%m-%dT%H:%M:%S}")
