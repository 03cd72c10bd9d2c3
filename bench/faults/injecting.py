"""What is done to the deployment, again and again: one part is killed, or nobody can bid for longer than the market bears."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.faults.parts import INTERRUPTION_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.faults.bidders import Bidders
    from bench.faults.parts import Deployment, Part

_PAUSE_SECONDS = (1.0, 4.0)
_DEAD_SECONDS = (0.2, 2.0)
# One round has each once; the order is another one each time.
ROUND = ("web", "worker", "postgres", "valkey", "dark")
_WHY = {
    "resume": {
        "reason_zh": "演练：受理中断后恢复。",
        "reason_en": "A drill: on again after an interruption.",
    },
    "void": {
        "reason_zh": "演练结束，未结束的场次作废。",
        "reason_en": "The drill is over; what still runs is void.",
    },
}


async def injure(
    deployment: Deployment,
    stop: asyncio.Event,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
    rounds: int | None = None,
) -> None:
    """Kills part after part until ``stop`` is set, or sets it itself after so many rounds."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    waiting: list[str] = []
    done = 0
    while not stop.is_set():
        if rounds is not None and done >= rounds * len(ROUND):
            stop.set()
        await _wait(stop, chance.uniform(*_PAUSE_SECONDS))
        if stop.is_set():
            break
        if not waiting:
            waiting = chance.sample(ROUND, len(ROUND))
        what = waiting.pop()
        say(what)
        await _strike(deployment, what, chance)
        await deployment.heal()
        done += 1


async def _strike(deployment: Deployment, what: str, chance: random.Random) -> None:
    if what == "postgres":
        await asyncio.to_thread(deployment.kill_postgres)
    elif what == "dark":
        await _darken(deployment)
        return
    else:
        victims: dict[str, list[Part]] = {
            "web": deployment.webs,
            "worker": deployment.workers,
            "valkey": [deployment.valkey],
        }
        chance.choice(victims[what]).kill()
    await asyncio.sleep(chance.uniform(*_DEAD_SECONDS))


async def _darken(deployment: Deployment) -> None:
    """Nobody can bid for longer than the setting: running sales may have to be suspended."""
    for web in deployment.webs:
        web.kill()
    deployment.darkness += 1
    await asyncio.sleep(INTERRUPTION_SECONDS + 1.5)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


class Desks:
    """The two posts: whatever is suspended is decided about, for all sales at once, by the public API."""

    def __init__(self, bidders: Bidders) -> None:
        """Uses the bidders' connections and tokens."""
        self._bidders = bidders
        self.decided: Counter[str] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Decides every second until ``stop`` is set."""
        while not stop.is_set():
            await self.decide()
            await _wait(stop, 1.0)

    async def decide(self) -> int:
        """Goes on with all that stands still; returns how many sales waited for it."""
        found = await self._bidders.list("/suspensions", "demo-host")
        if found:
            hard_ends = [sale["hard_end_at"] for sale in found if sale["hard_end_at"]]
            # Announced anew for those that have one: well after any of them.
            anew = {"hard_end_at": _later(max(hard_ends))} if hard_ends else {}
            await self._settle("resume", [sale["auction_id"] for sale in found], anew)
        return len(found)

    async def void(self) -> int:
        """Voids all that still runs or stands still; returns how many sales there were."""
        found = await self._bidders.list("/auctions?status=open", "demo-host")
        if found:
            await self._settle("void", [sale["id"] for sale in found], {})
        return len(found)

    async def _settle(self, act: str, auction_ids: list[str], more: dict[str, Any]) -> None:
        body = {"auction_ids": auction_ids, "act": act, **_WHY[act], **more}
        proposed = await self._bidders.post("/auction-decisions", "demo-host", body)
        if proposed is None or "id" not in proposed[1]:
            return
        path = f"/auction-decisions/{proposed[1]['id']}/approval"
        approved = await self._bidders.post(path, "demo-reviewer", {})
        if approved is not None and "id" in approved[1]:
            self.decided[act] += 1


def _later(moment: str) -> str:
    """Ten minutes after an instant, or after now if that is later."""
    base = max(datetime.fromisoformat(moment), datetime.now(UTC))
    return (base + timedelta(minutes=10)).isoformat()
