"""The simulated bidders: they bid by the public API, keep a sale live, let visitors win, and stop at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.demo import keeping
from app.demo.accounts import SELLER_NAME, SIMULATED, VISITORS
from app.demo.crowd import bid_once, highest_fen, pause_seconds
from app.demo.keeping import Lister
from app.demo.patents import LIVE
from app.demo.public_api import PublicApi, RefusedError
from app.demo.simulate import simulate
from tests.live_market import LiveMarket, live_market

if TYPE_CHECKING:
    import pytest

__all__ = ["live_market"]
_TRIES = 240


async def _live_sales(api: PublicApi) -> list[dict[str, Any]]:
    # A sale that opens between the two questions is in both answers.
    found: dict[str, dict[str, Any]] = {}
    for status in ("scheduled", "open"):
        items = (await api.get("auctions", status=status, limit=100))["items"]
        found |= {item["id"]: item for item in items}
    names = {title for title, _ in LIVE}
    return [sale for sale in found.values() if sale["seller_name"] == SELLER_NAME and sale["title"] in names]


async def _wait_until_open(api: PublicApi) -> dict[str, Any]:
    for _ in range(_TRIES):
        (sale,) = await _live_sales(api)
        if sale["status"] == "open":
            return sale
        await asyncio.sleep(0.25)
    raise AssertionError


async def test_a_visitor_bids_in_the_live_sale_at_once_and_the_crowd_bids_too(
    live_market: LiveMarket,
) -> None:
    async with PublicApi(live_market.url) as api:
        sale = await _wait_until_open(api)
        before = await api.get(f"auctions/{sale['id']}", "demo-buyer")
        assert before["me"]["can_bid"]
        bid = {"bid_id": str(uuid4()), "amount_fen": before["offer"]["limit_fen"] + 2 * before["step_fen"]}
        await api.post(f"auctions/{sale['id']}/bids", "demo-buyer", bid)
        assert (await api.get(f"auctions/{sale['id']}", "demo-buyer"))["me"]["leading"]
        for _ in range(_TRIES):
            # Somebody else may be faster in whichever sale the crowd looks at; the simulation goes on then, too.
            with contextlib.suppress(RefusedError):
                await bid_once(api)
            if not (await api.get(f"auctions/{sale['id']}", "demo-buyer"))["me"]["leading"]:
                return
    raise AssertionError


async def test_the_next_live_sale_is_listed_in_time_with_everybody_in_it(
    live_market: LiveMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with PublicApi(live_market.url) as api:
        lister = Lister(api, shows=())
        await lister.look()
        (first,) = await _live_sales(api)
        # As if the present sale were about to end.
        monkeypatch.setattr(keeping, "_PREPARED_BEFORE", timedelta(hours=1))
        await lister.look()
        monkeypatch.undo()
        await lister.look()
        sales = await _live_sales(api)
        (second,) = [sale for sale in sales if sale["id"] != first["id"]]
        assert datetime.fromisoformat(second["opens_at"]) < datetime.fromisoformat(first["ends_at"])
        assert second["title"] != first["title"]
        assert second["bidder_count"] == len(SIMULATED) + len(VISITORS)
        mine = await api.get("intents", "demo-buyer-2", mine=True, status="admitted", limit=100)
        assert second["id"] in {item["auction"]["id"] for item in mine["items"]}


async def test_the_simulation_stops_at_once(live_market: LiveMarket) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(simulate(live_market.url, stop))
    await asyncio.sleep(1)
    began = time.perf_counter()
    stop.set()
    await asyncio.wait_for(running, 5)
    assert time.perf_counter() - began < 1


async def test_a_market_that_is_away_is_waited_for_and_not_flooded() -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(simulate("http://127.0.0.1:9", stop))
    await asyncio.sleep(0.5)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 5)


def test_a_bidder_keeps_his_highest_price_and_the_pace_is_a_persons() -> None:
    prices = {highest_fen("a", party.login, 20_000_000, is_live=True) for party in SIMULATED}
    assert prices == {highest_fen("a", party.login, 20_000_000, is_live=True) for party in SIMULATED}
    assert all(23_000_000 <= price <= 36_000_000 for price in prices)
    assert all(4 <= pause_seconds() <= 20 for _ in range(100))
