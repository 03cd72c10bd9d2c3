"""The panel of a demonstration's tender: invented experts, whose points the host's desk enters by the public API."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.demo.public_api import PublicApi

_HOST = "demo-host"
_EXPERTS = tuple(f"评审专家{word}（虚构）" for word in "甲乙丙丁戊")
_LEFT_TO_VISITORS = timedelta(seconds=60)
_LOW, _HIGH = 0.6, 0.98


async def score_offers(api: PublicApi, sale: dict[str, Any], *, is_quick: bool) -> None:
    """Names the panel of a tender whose deadline has passed, enters its points and locks them.

    A visitor at the host's desk may be faster: he is left a minute, and what he has entered stays.
    """
    now = datetime.fromisoformat((await api.get("market"))["server_time"])
    if not is_quick and now < datetime.fromisoformat(sale["ends_at"]) + _LEFT_TO_VISITORS:
        return
    found = (await api.get("panels", _HOST, listing_id=sale["listing_id"], limit=1))["items"]
    if found:
        panel = found[0]
    else:
        experts = [{"name": name} for name in _EXPERTS]
        panel = await api.post("panels", _HOST, {"listing_id": sale["listing_id"], "experts": experts})
    assessed = {item["bidder"] for item in panel["assessments"]}
    for bidder in panel["bidders"]:
        if bidder not in assessed:
            points = invent_points(f"{sale['id']} {bidder}", panel["criteria"], len(panel["experts"]))
            await api.put(f"panels/{panel['id']}/assessments/{bidder}", _HOST, {"points": points})
    await api.post(f"panels/{panel['id']}/lock", _HOST)


def invent_points(seed: str, criteria: list[dict[str, str]], experts: int) -> dict[str, list[str]]:
    """Each expert's points by criterion, whole ones within its weight; the same for one seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return {
        item["code"]: [str(int(int(item["weight"]) * chance.uniform(_LOW, _HIGH))) for _ in range(experts)]
        for item in criteria
    }
