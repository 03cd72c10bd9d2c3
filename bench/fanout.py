"""``market bench fanout``: CPU time of the server for each delivery of a frame to 2,000 sockets, and memory of idle ones.

Ours: the hub of the serving process, from the event table to the transports, with everything that it does on the way.
Reference: ``websockets.broadcast`` of the same text to as many connections of that library's own server, in the same
process and run. Both send as many frames; the clients run outside. Then 10,000 idle watchers show what one costs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from app.chain import Event
from app.events import record
from bench.market import Market, clients_of, make_sale, running_market

if TYPE_CHECKING:
    from uuid import UUID

SOCKETS = 2_000
FRAMES = 40
PAUSE_SECONDS = 0.15
IDLE_SOCKETS = 10_000
_PAGE_BYTES = 4096


def event_body(place: int) -> dict[str, Any]:
    """A body like that of a bid."""
    return {
        "bidder": "A01",
        "amount_fen": 100_000_000 + place,
        "sequence": place,
        "ends_at": "2026-12-02T01:00:00Z",
        "extensions": 0,
        "received_at": "2026-12-02T00:59:00Z",
        "reserve_met": None,
    }


async def measure_ours(market: Market, auction_id: UUID) -> float:
    """Microseconds of CPU time a delivery, from the hint to the transports; writing the event is the bidder's part."""
    taken = 0.0
    for place in range(FRAMES):
        await market.database.write(record, auction_id, Event("bid_accepted", event_body(place)))
        began = time.process_time()
        market.app.state.hub.hint(auction_id)
        await asyncio.sleep(PAUSE_SECONDS)
        taken += time.process_time() - began
    return taken / (FRAMES * SOCKETS) * 1e6


async def measure_reference(market: Market, text: str) -> float:
    """The same number of frames by the library's own broadcast."""
    connections: set[ServerConnection] = set()

    async def keep(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    async with serve(keep, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        reference = Market(market.app, market.database, "127.0.0.1", port, {})
        async with clients_of(reference) as clients:
            await clients.ask(do="watch", path="/watch", count=SOCKETS)
            began = time.process_time()
            for _ in range(FRAMES):
                broadcast(connections, text)
                await asyncio.sleep(PAUSE_SECONDS)
            taken = time.process_time() - began
    return taken / (FRAMES * SOCKETS) * 1e6


def resident_bytes() -> int:
    """Memory of this process that is in use."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_BYTES


async def measure_memory(market: Market) -> float:
    """Bytes that one idle watcher costs, by opening many."""
    auction_id, _ = await market.database.write(make_sale, 1)
    async with clients_of(market) as clients:
        # What the first sockets load or grow is not theirs.
        await clients.ask(do="watch", path=str(auction_id), count=200)
        gc.collect()
        before = resident_bytes()
        await clients.ask(do="watch", path=str(auction_id), count=IDLE_SOCKETS)
        await asyncio.sleep(1)
        gc.collect()
        after = resident_bytes()
    return (after - before) / IDLE_SOCKETS


async def run() -> dict[str, Any]:
    """Measures ours, the reference with the same text, then memory."""
    async with running_market() as market:
        auction_id, _ = await market.database.write(make_sale, 1)
        async with clients_of(market) as clients:
            await clients.ask(do="watch", path=str(auction_id), count=SOCKETS)
            await asyncio.sleep(1)
            await clients.ask(do="tell")
            ours = await measure_ours(market, auction_id)
            frames = (await clients.ask(do="tell"))["frames"]
            received = sum(frame["count"] for frame in frames)
        if received != FRAMES * SOCKETS:
            message = f"{received} deliveries of {FRAMES * SOCKETS} arrived"
            raise AssertionError(message)
        body = {"number": 3, "kind": "bid_accepted", "body": event_body(1), "hash": "0" * 64}
        text = json.dumps({"type": "events", "epoch": 1, "events": [body], "head": None, "server_time": "-"})
        reference = await measure_reference(market, text)
        memory = await measure_memory(market)
    return {
        "bench": "fanout",
        "unit": "microseconds of server CPU a delivery",
        "ours": round(ours, 2),
        "reference": round(reference, 2),
        "ratio": round(ours / reference, 2),
        "sockets": SOCKETS,
        "frames": FRAMES,
        "idle_sockets": IDLE_SOCKETS,
        "bytes_a_socket": round(memory),
        **market.durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line."""
    print(json.dumps(uvloop.run(run())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
