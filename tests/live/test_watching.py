"""Watching on a real server: every event once, in order, without a gap, whoever joins when."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import OPEN

from app.api import auction_socket, socket_protocol
from app.auction.bidding import place_bids
from app.auction.protocol.heads import SignedHead, verify_head
from app.live import hub as hub_module
from app.live.lines import text_frame
from tests.live.rooms import address_of, app, frame, frames_until, watching
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request

if TYPE_CHECKING:
    from fastapi import FastAPI
    from websockets.asyncio.client import ClientConnection

    from app.db import Database
    from app.live.hub import Hub
    from tests.make_auction import MadeSale

__all__ = ["app"]


async def bid(app: FastAPI, sale: MadeSale, step: int) -> None:
    """The next bid, by the desk, as a socket or POST hands it over."""
    party = sale.bidders[step % len(sale.bidders)]
    await app.state.desk.submit(sale.id, request(party, START_FEN + step * STEP_FEN))


def numbers_of(frames: list[dict[str, Any]]) -> list[int]:
    """The numbers of all public events in frames, in their order."""
    return [event["number"] for found in frames if found["type"] == "events" for event in found["events"]]


async def test_a_guest_sees_the_snapshot_and_then_each_event_once(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        snapshot = await frame(socket, "snapshot")
        assert (snapshot["me"], snapshot["offer"]["limit_fen"], snapshot["number"]) == (None, START_FEN, 1)
        for step in range(3):
            await bid(app, sale, step)
        numbers: list[int] = []
        while len(numbers) < 4:
            numbers += numbers_of([await frame(socket, "events")])
        assert numbers == [2, 3, 4, 5]


async def test_a_frame_carries_the_signed_head_of_its_newest_batch(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await frame(socket, "snapshot")
        await bid(app, sale, 0)
        told = await frame(socket, "events")
    head = SignedHead.read(told["head"])
    assert (head.stream, head.last) == (str(sale.id), told["events"][-1]["number"])
    assert head.hash.hex() == told["events"][-1]["hash"]
    assert verify_head(head, app.state.signer.public_key)


async def test_whoever_joins_a_lively_sale_gets_every_later_event_exactly_once(
    app: FastAPI, db: Database
) -> None:
    sale = await db.write(make_sale)
    bids = 60

    async def follow(delay: float) -> list[int]:
        await asyncio.sleep(delay)
        async with watching(app, sale) as socket:
            snapshot = await frame(socket, "snapshot")
            numbers = list(range(1, snapshot["number"] + 1))
            while len(numbers) < bids + 2:
                numbers += numbers_of([await frame(socket, "events")])
            return numbers

    async def lively() -> None:
        for step in range(bids):
            await bid(app, sale, step)
            await asyncio.sleep(0.012)

    followed, _ = await asyncio.gather(asyncio.gather(*(follow(n * 0.027) for n in range(30))), lively())
    assert all(numbers == list(range(1, bids + 3)) for numbers in followed)


async def test_what_the_channel_sent_while_the_snapshot_was_on_its_way_is_made_up_for(
    app: FastAPI, db: Database
) -> None:
    sale = await db.write(make_sale)
    hub: Hub = app.state.hub
    async with watching(app, sale) as first:
        await frame(first, "snapshot")
        for step in range(4):
            await bid(app, sale, step)
        while hub._channels[sale.id].sent < 6:
            await frame(first, "events")
        line = Kept()
        # A snapshot of number 2, taken before the channel had sent 3 to 6 to others.
        await hub.join(sale.id, hub_module.Audience.PUBLIC, line, 2, 1)
        assert numbers_of(line.frames) == [3, 4, 5, 6]
        await bid(app, sale, 4)
        await frame(first, "events")
        assert numbers_of(line.frames) == [3, 4, 5, 6, 7]


class Kept:
    """A line that keeps what is put to it."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None

    def put(self, frame: bytes) -> None:
        self.frames.append(json.loads(frame[frame.index(b"{") :]))

    def end(self, code: int, reason: str) -> None:
        assert reason
        self.code = code


async def test_a_cut_connection_heals_without_a_gap(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        last = (await frame(socket, "snapshot"))["number"]
    for step in range(5):
        await db.write(place_bids, sale.id, [request(sale.bidders[step % 2], START_FEN + step * STEP_FEN)])
    async with watching(app, sale, after=last, epoch=1) as socket:
        frames = await frames_until(socket, "snapshot")
    snapshot = frames[-1]
    assert numbers_of(frames) == list(range(last + 1, snapshot["number"] + 1))
    assert frames[0]["events"][-1]["hash"] == snapshot["head_hash"]


@pytest.mark.parametrize("asked", [{"after": 0, "epoch": 2}, {"after": 9}, {"after": 0, "longest": 1}])
async def test_a_gap_that_cannot_be_filled_is_said_before_the_snapshot(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    monkeypatch.setattr(auction_socket, "LONGEST_RESUME", asked.pop("longest", 5000))
    sale = await db.write(make_sale)
    await db.write(place_bids, sale.id, [request(sale.bidders[0], START_FEN)])
    async with watching(app, sale, **asked) as socket:
        told, snapshot = await frames_until(socket, "snapshot")
        assert (told["type"], told["audience"], told["number"]) == ("reload", "public", snapshot["number"])
        await bid(app, sale, 1)
        assert numbers_of([await frame(socket, "events")]) == [snapshot["number"] + 1]


async def test_a_record_that_was_set_back_is_said_and_its_watchers_come_back(
    app: FastAPI, db: Database
) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await frame(socket, "snapshot")
        async with db.transaction() as session:
            await session.execute(
                text("UPDATE event_stream SET epoch = 2 WHERE id = :id"), {"id": str(sale.id)}
            )
        told = await frame(socket, "reload")
        with pytest.raises(ConnectionClosed) as closed:
            await frame(socket, "never")
    assert (told["epoch"], told["number"]) == (2, 1)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == hub_module.CLOSE_RELOAD


async def test_a_lost_hint_is_repaired_by_the_sweep(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await frame(socket, "snapshot")
        # Another process commits, and its hint never comes.
        await db.write(place_bids, sale.id, [request(sale.bidders[0], START_FEN)])
        events = (await frame(socket, "events"))["events"]
        assert events[-1]["kind"] == "bid_accepted"


async def test_what_comes_together_travels_together_and_at_most_ten_frames_a_second(
    app: FastAPI, db: Database
) -> None:
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await frame(socket, "snapshot")
        began = asyncio.get_running_loop().time()
        for step in range(40):
            await bid(app, sale, step)
        frames = [await frame(socket, "events")]
        while numbers_of(frames)[-1] < 42:
            frames.append(await frame(socket, "events"))
        seconds = asyncio.get_running_loop().time() - began
    assert numbers_of(frames) == list(range(2, 43))
    assert len(frames) <= 2 + seconds / 0.1


async def test_the_first_event_after_quiet_does_not_wait(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_SWEEP_EVERY_SECONDS", 600)
    monkeypatch.setattr(hub_module, "_FRAME_EVERY_SECONDS", 600)
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        await frame(socket, "snapshot")
        await bid(app, sale, 0)
        assert numbers_of([await frame(socket, "events")]) == [2, 3]


async def test_a_tick_tells_the_time_and_the_head(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_TICK_EVERY_SWEEPS", 1)
    sale = await db.write(make_sale)
    async with watching(app, sale) as socket:
        tick = await frame(socket, "tick")
    assert tick["number"] == 1
    assert tick["ends_at"].startswith(f"{sale.ends_at:%Y-%m-%dT%H:%M:%S}")


async def read_to_the_end(socket: ClientConnection) -> None:
    """Reads until the socket is closed."""
    while True:
        await socket.recv()


async def test_a_slow_watcher_is_cut_off_and_comes_back_without_a_gap(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    url = address_of(app, sale.id)
    async with connect(url, proxy=None, max_queue=1) as socket:
        snapshot = await frame(socket, "snapshot")
        # Nobody reads until far more was sent than the kernel keeps for a slow reader.
        socket.transport.pause_reading()
        (seat,) = app.state.hub._channels[sale.id].seats
        line: Any = seat.line
        filler = text_frame(b'{"type":"filler"}' + b" " * 60_000)
        puts = 0
        while line.conn.state is OPEN:
            line.put(filler)
            puts += 1
            assert line.transport.get_write_buffer_size() <= socket_protocol.MOST_WAITING_BYTES + len(filler)
        assert puts > 4
        socket.transport.resume_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await read_to_the_end(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == socket_protocol.CLOSE_SLOW
    await db.write(place_bids, sale.id, [request(sale.bidders[0], START_FEN)])
    async with watching(app, sale, after=snapshot["number"]) as back:
        assert numbers_of(await frames_until(back, "snapshot")) == [2, 3]


async def test_a_watcher_who_never_reads_again_does_not_stay(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_protocol, "_CLOSE_SECONDS", 0.05)
    sale = await db.write(make_sale)
    hub: Hub = app.state.hub
    async with connect(address_of(app, sale.id), proxy=None, max_queue=1) as socket:
        await frame(socket, "snapshot")
        socket.transport.pause_reading()
        (seat,) = hub._channels[sale.id].seats
        for _ in range(400):
            seat.line.put(text_frame(b" " * 60_000))
        async with asyncio.timeout(5):
            while sale.id in hub._channels:  # noqa: ASYNC110 - a table, and no event of it
                await asyncio.sleep(0.01)
        socket.transport.abort()
