"""``market bench socket-bids``: accepted bids a second by socket, 64 admitted bidders in one sale's room.

Reference: the same bidders by POST, and the GET that is answered 204 (see ``http-bids``), in the same run.
"""

from __future__ import annotations

import json
from typing import Any

import uvloop

from bench.market import REFERENCE_PATH, STEP_FEN, clients_of, make_sale, running_market

CALLERS = 64
SECONDS = 6.0
WARM_UP_SECONDS = 1.0


async def run() -> dict[str, Any]:
    """Measures in turn, after a warm-up of each."""
    async with running_market() as market:
        auction_id, tokens = await market.database.write(make_sale, CALLERS)
        first_fen = STEP_FEN
        measured: dict[str, dict[str, Any]] = {}
        async with clients_of(market) as clients:
            for seconds in (WARM_UP_SECONDS, SECONDS):
                common = {"tokens": tokens, "seconds": seconds}
                measured["nothing"] = await clients.ask(
                    do="http", targets=[REFERENCE_PATH] * CALLERS, first_fen=0, **common
                )
                for name, command in (
                    ("http", {"do": "http", "targets": [f"/api/v1/auctions/{auction_id}/bids"] * CALLERS}),
                    ("socket", {"do": "bid", "auction_ids": [str(auction_id)] * CALLERS}),
                ):
                    told = measured[name] = await clients.ask(first_fen=first_fen, **command, **common)
                    first_fen += STEP_FEN * (told["count"] + told["refused"] + CALLERS)
    ours, http, nothing = measured["socket"], measured["http"], measured["nothing"]
    return {
        "bench": "socket-bids",
        "unit": "accepted bids a second by socket, answered after commit",
        "ours": round(ours["rate"]),
        "reference": round(http["rate"]),
        "ratio": round(ours["rate"] / http["rate"], 2),
        "ratio_to_get": round(ours["rate"] / nothing["rate"], 2),
        "get": round(nothing["rate"]),
        "p50_ms": ours["p50_ms"],
        "p99_ms": ours["p99_ms"],
        "refused": ours["refused"],
        "refused_by_post": http["refused"],
        "callers": CALLERS,
        **market.durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line."""
    print(json.dumps(uvloop.run(run())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
