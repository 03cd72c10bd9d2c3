"""The simulated bidders: they bid by the public API at a person's pace, each up to a price of his own."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.demo.accounts import SELLER_NAME, SIMULATED
from app.ids import uuid7

if TYPE_CHECKING:
    from app.demo.public_api import PublicApi

PAUSE_SECONDS = (4.0, 20.0)
_LIVE_SHARE = 0.8
_AMONG_THEMSELVES = 0.5
# How likely a visitor's bid is answered, by the seconds left: he shall be able to win.
_ANSWERS = ((120.0, 0.6), (30.0, 0.35), (0.0, 0.1))
_RISES = (0, 0, 0, 1, 1, 2)
_PAGE = 50
_chance = random.SystemRandom()


def pause_seconds() -> float:
    """How long the crowd thinks before its next bid."""
    return _chance.uniform(*PAUSE_SECONDS)


def highest_fen(auction_id: str, login: str, start_price_fen: int, *, is_live: bool) -> int:
    """The price at which a bidder gives up: his own for each sale, and the same after a restart."""
    share = random.Random(f"{auction_id} {login}").random()  # noqa: S311 - no secret
    low, high = (1.15, 1.8) if is_live else (1.05, 1.3)
    return int(start_price_fen * (low + (high - low) * share))


async def bid_once(api: PublicApi) -> bool:
    """Lets one of the crowd look at one open sale and perhaps bid; True when he bid."""
    sales = (await api.get("auctions", status="open", limit=_PAGE))["items"]
    sales = [sale for sale in sales if sale["is_demonstration"]]
    live = [sale for sale in sales if sale["seller_name"] == SELLER_NAME]
    others = [sale for sale in sales if sale["seller_name"] != SELLER_NAME]
    is_live = bool(live) and (not others or _chance.random() < _LIVE_SHARE)
    if not (live if is_live else others):
        return False
    sale = _chance.choice(live if is_live else others)
    seen = {
        party.login: await api.get(f"auctions/{sale['id']}", party.login)
        for party in _chance.sample(SIMULATED, len(SIMULATED))
    }
    codes = {snapshot["me"]["bidder_code"] for snapshot in seen.values()} - {None}
    for login, snapshot in seen.items():
        me = snapshot["me"]
        if not me["can_bid"] or me["leading"]:
            continue
        if not _wants(snapshot, codes):
            return False
        amount_fen = snapshot["offer"]["limit_fen"] + _chance.choice(_RISES) * snapshot["step_fen"]
        if amount_fen > highest_fen(sale["id"], login, snapshot["start_price_fen"], is_live=is_live):
            continue
        body = {"bid_id": str(uuid7()), "amount_fen": amount_fen}
        await api.post(f"auctions/{sale['id']}/bids", login, body)
        return True
    return False


def _wants(snapshot: dict[str, Any], codes: set[str]) -> bool:
    """Whether the crowd answers now: among themselves now and then, a visitor the less the nearer the end is."""
    if snapshot["leader_code"] is None:
        return True
    if snapshot["leader_code"] in codes:
        return _chance.random() < _AMONG_THEMSELVES
    left = datetime.fromisoformat(snapshot["ends_at"]) - datetime.fromisoformat(snapshot["server_time"])
    seconds = left.total_seconds()
    return _chance.random() < next((odds for least, odds in _ANSWERS if seconds > least), 0.0)
