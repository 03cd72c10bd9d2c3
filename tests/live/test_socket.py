"""The socket on a real server: bids like by POST, and what bad callers get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.api import auction_room
from app.ids import uuid7
from tests.live.rooms import address_of, app, frame, make_bidder, watching
from tests.make_auction import START_FEN, STEP_FEN, make_sale

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.db import Database

__all__ = ["app"]


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


@pytest.mark.parametrize(
    "opcode", [pytest.param(0x89, id="ping"), pytest.param(0x8A, id="pong"), pytest.param(0x00, id="part")]
)
async def test_a_flood_of_frames_that_say_nothing_ends_its_socket_too(
    app: FastAPI, db: Database, opcode: int
) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as calm, watching(app, sale) as flood:
        await frame(flood, "snapshot")
        await frame(calm, "snapshot")
        empty = bytes((opcode, 0x80, 0, 0, 0, 0))
        opening = bytes((0x01, 0x80, 0, 0, 0, 0)) if opcode == 0 else b""
        flood.transport.write(opening + empty * 5000)
        with pytest.raises(ConnectionClosed) as closed:
            await frame(flood, "never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == auction_room.CLOSE_FLOOD
        await calm.send('{"type":"ping"}')
        assert await frame(calm, "pong") == {"type": "pong"}


async def test_a_bid_that_breaks_the_market_is_answered_all_the_same(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(app.state.desk, "submit", breaks)
    sale = await db.write(make_sale)
    _, token, _ = await db.write(make_bidder, sale.id)
    bid_id = str(uuid7())
    async with watching(app, sale, token) as socket:
        await socket.send(json.dumps({"type": "bid", "bid_id": bid_id, "amount_fen": START_FEN}))
        answer = await frame(socket, "answer")
    assert (answer["bid_id"], answer["ok"], answer["problem"]["code"]) == (bid_id, False, "internal-error")
    assert len(answer["problem"]["request_id"]) >= 8


async def test_a_socket_from_a_foreign_origin_is_refused(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    url = address_of(app, sale.id)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, origin="https://evil.example", proxy=None):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_an_unknown_sale_is_said_and_the_socket_closed(app: FastAPI) -> None:
    url = address_of(app, uuid7())
    async with connect(url, proxy=None) as socket:
        assert (await frame(socket, "error"))["problem"]["code"] == "auction-missing"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == auction_room.CLOSE_MISSING
