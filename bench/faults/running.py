"""The run: waves of sales, bidders at the public API, killed parts; then everything is brought to its end and checked."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.auction.models import Auction
from app.db import DATABASE_ERRORS, Database
from app.errors import MarketError
from app.events import EventRow
from app.tasks import TaskRow
from bench.faults.bidders import Bidders
from bench.faults.checking import check_everything
from bench.faults.injecting import Desks, injure
from bench.faults.parts import Deployment, deployed
from bench.faults.sales import make_crowd, make_sale

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import AnySession
    from bench.faults.sales import Crowd

HANDS = 2
WAVE = 8
_WAVE_SECONDS = 20.0
_END_SECONDS = 240
_WARM_UP_SECONDS, _FIRST_BIDS = 60, 10
_NEVER = ("AssertionError", "desk_batch_broke", "desk_bid_broke", "record_not_replayed")


async def run(
    seconds: float,
    seed: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    rounds: int | None = None,
    patience: int = 120,
) -> dict[str, Any]:
    """Hurts a deployment for so long, or for so many rounds of all kinds of faults if that is shorter.

    Sales that still run after ``patience`` seconds more are voided. Returns what happened and, under ``problems``, what
    was wrong afterwards.
    """
    chosen = random.SystemRandom().randrange(2**32) if seed is None else seed
    async with deployed(say) as deployment:
        database = Database(deployment.database_url, pool_size=4)
        try:
            crowd = await database.write(make_crowd)
            bidders = Bidders(deployment.urls, crowd.tokens, crowd.bidders, chosen)
            play = _Play(deployment, database, crowd, bidders, Desks(bidders), say, patience)
            try:
                await play.run(seconds, chosen, rounds)
                await play.bring_to_an_end()
                await bidders.settle()
                say("check")
                problems = await check_everything(database, bidders.sent)
                outcomes = await database.read(_count_outcomes)
            finally:
                await bidders.close()
        finally:
            await database.close()
        problems += _read_log(deployment)
        return {
            "faults": "run",
            "seconds": seconds,
            "seed": chosen,
            **play.report(),
            "sales": outcomes,
            "problems": problems,
        }


@dataclass
class _Play:
    """Everybody and everything that acts in one run."""

    deployment: Deployment
    database: Database
    crowd: Crowd
    bidders: Bidders
    desks: Desks
    say: Callable[[str], None]
    patience: int

    async def run(self, seconds: float, seed: int, rounds: int | None) -> None:
        """Lets everybody act for so long."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._furnish(stop))
            group.create_task(self.bidders.run(stop, HANDS))
            group.create_task(self.desks.run(stop))
            await self._warm_up()
            group.create_task(injure(self.deployment, stop, seed, self.say, rounds))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
            stop.set()
        await self.deployment.heal()

    async def _warm_up(self) -> None:
        """Waits until bids are accepted: before that there is nothing to lose."""
        for _ in range(_WARM_UP_SECONDS * 10):
            if sum(request.is_accepted for request in self.bidders.sent) >= _FIRST_BIDS:
                return
            await asyncio.sleep(0.1)

    async def _furnish(self, stop: asyncio.Event) -> None:
        """Puts up a wave of sales every while; one that the database fails, or that came too late, is left out."""
        while not stop.is_set():
            for place in range(WAVE):
                try:
                    made = await self.database.write(make_sale, self.crowd, place)
                except (*DATABASE_ERRORS, MarketError):
                    await asyncio.sleep(0.5)
                    continue
                self.bidders.sales.append(str(made))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _WAVE_SECONDS)

    async def bring_to_an_end(self) -> None:
        """Waits until every sale has ended, or voids it after a while, and until every promise is kept."""
        self.say("wait for the ends")
        for second in range(_END_SECONDS):
            await (self.desks.decide() if second < self.patience else self.desks.void())
            if await self.database.read(_is_over):
                return
            await asyncio.sleep(1)

    def report(self) -> dict[str, Any]:
        """What was done and what was answered."""
        kills = Counter(part.name.split()[0] for part in self.deployment.parts for _ in range(part.kills))
        sent = self.bidders.sent
        return {
            "kills": {**kills, "postgres": self.deployment.postgres_kills, "dark": self.deployment.darkness},
            "requests": {
                "sent": len(sent),
                "accepted": sum(request.is_accepted for request in sent),
                "refused": sum(request.is_refused for request in sent),
                "never_arrived": sum(request.status is None for request in sent),
                "kinds": dict(Counter(request.body["kind"] for request in sent if request.is_accepted)),
            },
            "decisions": dict(self.desks.decided),
        }


async def _is_over(session: AnySession) -> bool:
    running = select(func.count()).select_from(Auction).where(Auction.closed_at.is_(None))
    waiting = select(func.count()).select_from(TaskRow).where(TaskRow.done_at.is_(None))
    return not sum([(await session.execute(query)).scalar_one() for query in (running, waiting)])


async def _count_outcomes(session: AnySession) -> dict[str, int]:
    """How the sales ended, and how many had stood still."""
    rows = await session.execute(select(Auction.phase, func.count()).group_by(Auction.phase))
    outcomes = {row[0]: row[1] for row in rows}
    stopped = select(func.count(func.distinct(EventRow.stream_id))).where(
        EventRow.kind == "auction_suspended"
    )
    return {**outcomes, "had_been_suspended": (await session.execute(stopped)).scalar_one()}


def _read_log(deployment: Deployment) -> list[str]:
    """Lines that no fault of a part explains."""
    lines = deployment.log().splitlines()
    found = [place for place, line in enumerate(lines) if any(word in line for word in _NEVER)]
    return [f"log: {lines[place]} {_last_of_trace(lines[place + 1 :])}" for place in found]


def _last_of_trace(after: list[str]) -> str:
    """The exception itself: the last line before the log goes on."""
    trace = list(itertools.takewhile(lambda line: not line.startswith("20"), after))
    return trace[-1] if trace else ""
