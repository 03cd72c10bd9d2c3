"""The storm at the close: many bidders across the one instant at which hundreds or thousands of sales end.

Half of the sales end then whatever comes; the ends of the others are moved by late bids. Two workers race for the
closes. The market's clock is moved in this run's own database, so that the end comes when everything is ready.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter, defaultdict
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from httpx2 import AsyncClient, HTTPError
from sqlalchemy import func, select

from app.accounts.finding import caller_of
from app.accounts.permissions import Role, Scope
from app.accounts.registering import insert_person
from app.accounts.tokens import create_token
from app.auction.models import Auction, BidRow
from app.auction.protocol.publishing import publish_key
from app.auction.rules.terms import AuctionTerms
from app.auction.sealing import SealedOpener
from app.db import Database
from app.ids import uuid7
from app.worker import Keeper, carry_on_due
from bench.faults.bidders import Sent
from bench.faults.checking import check_records
from bench.faults.parts import deployed
from bench.loading import load_sales

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from app.auction.protocol.heads import Signer
    from app.db import AnySession, Session
    from bench.faults.parts import Deployment

BIDDERS, HANDS, SAMPLE = 8, 48, 50
START_FEN, STEP_FEN = 1_000_000, 10_000
_WARM_UP_SECONDS, _BEFORE_SECONDS, _AFTER_SECONDS = 2.0, 3.0, 2.0
_SOFT_SECONDS = 1
_LAST_SECONDS = 120
_A_DAY = 86_400
_NO_PASSWORD = "!"  # noqa: S105 - nobody signs in with it


def make_terms(ends_at: datetime, *, is_soft: bool) -> AuctionTerms:
    """Terms of sales that end at one instant, or are carried beyond it by late bids."""
    seconds = _SOFT_SECONDS if is_soft else 0
    return AuctionTerms(
        start_price_fen=START_FEN,
        step_fen=STEP_FEN,
        deposit_fen=0,
        opens_at=datetime.now(UTC) - timedelta(seconds=1),
        closes_at=ends_at,
        hard_end_at=None,
        trigger_seconds=seconds,
        extension_seconds=seconds,
        has_reserve=False,
    )


@dataclasses.dataclass
class Group:
    """Sales of one kind, with the tokens of those who may bid in them, by login."""

    ids: list[UUID]
    tokens: dict[str, str]


@dataclasses.dataclass
class Storm:
    """The sales, and what everybody sent and was answered; ``loaded`` are the bids that were there before."""

    urls: list[str]
    groups: list[Group] = dataclasses.field(default_factory=list)
    loaded: list[Sent] = dataclasses.field(default_factory=list)
    sent: list[Sent] = dataclasses.field(default_factory=list)
    offered: Counter[str] = dataclasses.field(default_factory=Counter)

    async def blow(self, stop: asyncio.Event) -> None:
        """Lets all hands bid until ``stop`` is set."""
        async with AsyncClient(timeout=30, trust_env=False) as http, asyncio.TaskGroup() as group:
            for hand in range(HANDS):
                group.create_task(self._bid_until(http, stop, hand))

    async def _bid_until(self, http: AsyncClient, stop: asyncio.Event, hand: int) -> None:
        chance = random.Random(hand)  # noqa: S311 - no secret
        while not stop.is_set():
            group = chance.choice(self.groups)
            sale, (login, token) = str(chance.choice(group.ids)), chance.choice(sorted(group.tokens.items()))
            self.offered[sale] += 1
            amount_fen = START_FEN + self.offered[sale] * STEP_FEN
            request = Sent(sale, login, {"bid_id": str(uuid7()), "kind": "bid", "amount_fen": amount_fen})
            self.sent.append(request)
            await self._send(http, request, token, chance)

    async def _send(self, http: AsyncClient, request: Sent, token: str, chance: random.Random) -> None:
        url = f"{chance.choice(self.urls)}/api/v1/auctions/{request.auction_id}/bids"
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = await http.post(url, json=request.body, headers=headers)
        except HTTPError:
            return
        request.take(answer.status_code, answer.json())


async def make_bidders(session: Session, parties: Sequence[UUID]) -> dict[str, str]:
    """A person with a token for each party, by login."""
    tokens: dict[str, str] = {}
    for number, party in enumerate(parties):
        login = f"storm-{number}-{party.hex[-6:]}"
        person = await insert_person(
            session, party, login=login, name="模拟竞买人", password_hash=_NO_PASSWORD, roles=[Role.BIDDER]
        )
        caller = await caller_of(session, person.id)
        _, tokens[login] = await create_token(session, caller, name="storm", scopes=[Scope.BUY])
    return tokens


async def move_clock(database: Database, ends_at: datetime, in_seconds: float) -> None:
    """Moves the market's clock so that the end comes in so many seconds."""
    ahead = (ends_at - datetime.now(UTC)).total_seconds() - in_seconds
    async with database.driving() as raw:
        await raw.execute(
            "CREATE OR REPLACE FUNCTION market_now() RETURNS timestamptz LANGUAGE sql VOLATILE"
            f" AS $$ SELECT clock_timestamp() + interval '{ahead:.6f} seconds' $$"
        )


@asynccontextmanager
async def closing(database: Database, signer: Signer, workers: int = 2) -> AsyncIterator[None]:
    """Workers' own steps in loops that race for the closes; what follows a close is left as promised."""
    stop, keeper = asyncio.Event(), Keeper(signer, SealedOpener(None), timedelta(seconds=_A_DAY))

    async def work() -> None:
        while not stop.is_set():
            pause = await carry_on_due(database, keeper, lambda _: None)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())
        yield
        stop.set()


async def count_open(session: AnySession) -> int:
    """How many sales have not ended."""
    query = select(func.count()).select_from(Auction).where(Auction.closed_at.is_(None))
    return int((await session.execute(query)).scalar_one())


async def list_bids(session: AnySession) -> list[Sent]:
    """The bids that are there, as if somebody had sent them and heard nothing."""
    rows = await session.execute(select(BidRow.auction_id, BidRow.bid_id))
    return [Sent(str(row.auction_id), "", {"bid_id": str(row.bid_id)}) for row in rows]


async def storm(sales: int, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Lets so many sales end at once under a storm of bids; returns what happened and what was wrong."""
    # The clock is moved by an hour, which would else look like an interruption.
    async with deployed(say, workers=0, interruption_seconds=_A_DAY) as deployment:
        database = Database(deployment.database_url, pool_size=8)
        try:
            return await _storm(deployment, database, sales, say)
        finally:
            await database.close()


async def _storm(
    deployment: Deployment, database: Database, sales: int, say: Callable[[str], None]
) -> dict[str, Any]:
    signer, ends_at = deployment.signer, datetime.now(UTC) + timedelta(hours=1)
    await database.write(publish_key, signer)
    say(f"load {sales}")
    made = Storm(deployment.urls)
    for is_soft in (False, True):
        terms = make_terms(ends_at, is_soft=is_soft)
        loaded = await load_sales(database, signer, terms, count=sales // 2, bidders=BIDDERS, bids=1)
        made.groups.append(Group(loaded.ids, await database.write(make_bidders, loaded.parties)))
    made.loaded = await database.read(list_bids)
    say("storm")
    stop = asyncio.Event()
    async with closing(database, signer), asyncio.TaskGroup() as group:
        group.create_task(made.blow(stop))
        # Every hand has its connection before the end comes near.
        await asyncio.sleep(_WARM_UP_SECONDS)
        await move_clock(database, ends_at, _BEFORE_SECONDS)
        await asyncio.sleep(_BEFORE_SECONDS + _AFTER_SECONDS)
        stop.set()
        for _ in range(_LAST_SECONDS):
            if not await database.read(count_open):
                break
            await asyncio.sleep(1)
    say("check")
    problems = await _check(database, made)
    return {**await database.read(_report, made), "problems": problems}


async def _check(database: Database, made: Storm) -> list[str]:
    if waiting := await database.read(count_open):
        return [f"{waiting} sales have not ended"]
    problems = [*_contradictions(made.sent)]
    by_sale: dict[str, list[Sent]] = defaultdict(list)
    for request in (*made.loaded, *made.sent):
        by_sale[request.auction_id].append(request)
    busiest = sorted(by_sale, key=lambda sale: -len(by_sale[sale]))[:SAMPLE]
    chosen = {UUID(sale): by_sale[sale] for sale in busiest}
    return problems + await check_records(database, chosen)


def _contradictions(sent: Sequence[Sent]) -> list[str]:
    """Answers that cannot be: accepted at or after the end, or told that it is over before it."""
    found: list[str] = []
    for request in sent:
        answer = request.answer
        if request.is_accepted and answer["official_at"] >= answer["ends_at"]:
            found.append(f"{request.bid_id} was accepted at {answer['official_at']}, end {answer['ends_at']}")
        if answer.get("code") == "auction-over" and answer["judged_at"] < answer["ended_at"]:
            found.append(f"{request.bid_id} was late at {answer['judged_at']}, end {answer['ended_at']}")
    return found


async def _report(session: AnySession, made: Storm) -> dict[str, Any]:
    late = func.max(func.extract("epoch", Auction.closed_at - Auction.ends_at))
    count, worst = (await session.execute(select(func.count(Auction.closed_at), late))).one()
    told = Counter(
        "accepted" if request.is_accepted else request.answer.get("code", "unknown") for request in made.sent
    )
    return {
        "faults": "storm",
        "sales": sum(len(group.ids) for group in made.groups),
        "closed": count,
        "worst_lateness_seconds": round(float(worst or 0), 3),
        "requests": dict(told),
    }
