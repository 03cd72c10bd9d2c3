"""``market bench http-bids``: accepted bids a second by POST, 64 signed-in and admitted callers, all on one sale.

Amounts rise in the order in which requests are sent. One that another overtakes on its way is refused as too low, is
answered like any other, and does not count.

Reference: GET answered 204 through the same middleware, session check, permission, limit and log settings, by the same
clients in the same run.
"""

from __future__ import annotations

import json
from typing import Any

import uvloop

from bench.market import REFERENCE_PATH, STEP_FEN, clients_of, make_sale, running_market

CALLERS = 64
SECONDS = 8.0
WARM_UP_SECONDS = 1.0


async def run() -> dict[str, Any]:
    """Measures the reference and bids in turn, after a warm-up of both."""
    async with running_market() as market:
        auction_id, tokens = await market.database.write(make_sale, CALLERS)
        bids = [f"/api/v1/auctions/{auction_id}/bids"] * CALLERS
        nothing = [REFERENCE_PATH] * CALLERS
        async with clients_of(market) as clients:
            measured: dict[str, dict[str, Any]] = {}
            first_fen = STEP_FEN
            for seconds in (WARM_UP_SECONDS, SECONDS):
                for name, targets in (("reference", nothing), ("ours", bids)):
                    measured[name] = await clients.ask(
                        do="http", targets=targets, tokens=tokens, first_fen=first_fen, seconds=seconds
                    )
                first_fen += STEP_FEN * (measured["ours"]["count"] + measured["ours"]["refused"] + CALLERS)
    ours, reference = measured["ours"], measured["reference"]
    return {
        "bench": "http-bids",
        "unit": "accepted bids a second by POST, answered after commit",
        "ours": round(ours["rate"]),
        "reference": round(reference["rate"]),
        "ratio": round(ours["rate"] / reference["rate"], 2),
        "p50_ms": ours["p50_ms"],
        "p99_ms": ours["p99_ms"],
        "refused": ours["refused"],
        "callers": CALLERS,
        **market.durability,
    }


def main() -> int:
    """Runs the benchmark and prints its one line."""
    print(json.dumps(uvloop.run(run())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
