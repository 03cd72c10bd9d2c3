"""The demonstration's live sale, for tests that need bidding and not the way there."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.demo.keeping import Lister

if TYPE_CHECKING:
    from app.demo.public_api import PublicApi

BUYER, SECOND_BUYER = "demo-buyer", "demo-buyer-2"
_ENOUGH = timedelta(minutes=3)
_QUIET_AFTER = timedelta(seconds=20)  # the simulated bidders' first bids are over
_SECONDS, _PAUSE_SECONDS = 90, 0.5
_PAGE = 100


async def find_live_sale(api: PublicApi) -> dict[str, Any]:
    """An open sale that both demonstration buyers may bid in for some minutes still; lists one when there is none."""
    lister = Lister(api, shows=())
    async with asyncio.timeout(_SECONDS):
        while True:
            await lister.look()
            found = (await api.get("auctions", status="open", limit=_PAGE))["items"]
            for sale in found:
                mine: dict[str, Any] = await api.get(f"auctions/{sale['id']}", BUYER)
                now = datetime.fromisoformat(mine["server_time"])
                left = datetime.fromisoformat(mine["ends_at"]) - now
                ago = now - datetime.fromisoformat(mine["opens_at"])
                if mine["me"]["can_bid"] and left > _ENOUGH and ago > _QUIET_AFTER:
                    return mine
            await asyncio.sleep(_PAUSE_SECONDS)


async def outbid(api: PublicApi, auction_id: str, login: str = SECOND_BUYER) -> int:
    """Bids the lowest amount accepted now, as somebody with a program; gives the amount."""
    sale = await api.get(f"auctions/{auction_id}", login)
    amount: int = sale["offer"]["limit_fen"]
    await api.post(f"auctions/{auction_id}/bids", login, {"bid_id": str(uuid4()), "amount_fen": amount})
    return amount


async def accepted_bids(api: PublicApi, auction_id: str) -> list[tuple[int, str, int]]:
    """What the public record says: number in sequence, code, amount in fen."""
    found = await api.get(f"auctions/{auction_id}/events", after=0, limit=1000)
    bodies = [event["body"] for event in found["events"] if event["kind"] == "bid_accepted"]
    return [(body["sequence"], body["bidder"], body["amount_fen"]) for body in bodies]
