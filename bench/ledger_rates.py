"""What the ledger does in a second: real operations, the usual locked balance row, and refunds by the batch."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import select

from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.deposits import record_receipt, release_deposit, settle_deposits
from app.payments.ledger import Subject
from app.payments.models import Deposit
from app.payments.order_rules import OrderPurpose
from app.payments.orders import OrderAsked, order_payments
from app.payments.refunds import order_refunds
from app.settlement.releasing import decide_release
from app.trades.refunds import AT_ONCE
from bench.ledger_world import receive_deposits
from bench.server import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import date
    from uuid import UUID

    from app.db import Database, Session
    from app.payments.deposits import BankLine
    from bench.ledger_world import World

    # Does one transaction; False when there was nothing left to do.
    Act = Callable[[], Awaitable[bool]]

PARTIES = 64
_REFERENCE = f"""
DROP TABLE IF EXISTS reference_entry, reference_transfer, reference_account;
CREATE TABLE reference_account (id int PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE reference_transfer (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE reference_entry (id uuid PRIMARY KEY, transfer uuid NOT NULL REFERENCES reference_transfer,
                              account int NOT NULL REFERENCES reference_account, amount bigint NOT NULL);
INSERT INTO reference_account SELECT n, 0 FROM generate_series(0, {PARTIES}) n;
"""
_MOVE = "UPDATE reference_account SET balance = balance + 1 WHERE id = 0"


@dataclass(frozen=True)
class Measured:
    """Transactions and the time they took."""

    count: int
    seconds: float

    @property
    def rate(self) -> float:
        """Transactions a second."""
        return self.count / self.seconds


async def repeat(acts: list[Act], seconds: float) -> Measured:
    """Lets callers repeat their acts until the time is over or nothing is left to do."""
    began, counted = time.perf_counter(), 0

    async def call(act: Act) -> None:
        nonlocal counted
        while time.perf_counter() < began + seconds and await act():
            counted += 1

    await asyncio.gather(*(call(act) for act in acts))
    return Measured(counted, time.perf_counter() - began)


async def measure_reference(url: str, callers: int, seconds: float, *, keeps_books: bool) -> Measured:
    """Contended updates of one balance row by raw connections with prepared statements, alone or with their books."""
    setup = await asyncpg.connect(plain(url))
    await setup.execute(_REFERENCE)
    await setup.close()
    connections = [await asyncpg.connect(plain(url)) for _ in range(callers)]

    async def act_of(connection: asyncpg.Connection[asyncpg.Record], account: int) -> Act:
        head = await connection.prepare("INSERT INTO reference_transfer (id) VALUES ($1)")
        side = await connection.prepare("INSERT INTO reference_entry VALUES ($1, $2, $3, $4)")
        move = await connection.prepare(_MOVE)

        async def act() -> bool:
            async with connection.transaction():
                if keeps_books:
                    transfer = uuid7()
                    await head.fetch(transfer)
                    await side.fetch(uuid7(), transfer, 0, 1)
                    await side.fetch(uuid7(), transfer, account, -1)
                await move.fetch()
            return True

        return act

    acts = [await act_of(connection, place % PARTIES + 1) for place, connection in enumerate(connections)]
    measured = await repeat(acts, seconds)
    for connection in connections:
        await connection.close()
    return measured


@dataclass
class Work:
    """What waits to be done: deposits with the lines that pay them, what is held already, releases."""

    due: list[tuple[UUID, BankLine]]
    releases: list[UUID]
    held: list[UUID]


async def measure_operations(
    database: Database, world: World, work: Work, callers: int, seconds: float
) -> dict[str, Measured]:
    """Each kind of operation alone, then all three in turn, a transaction for each."""

    async def confirm() -> bool:
        if not work.due:
            return False
        deposit_id, line = work.due.pop()
        await database.write(record_receipt, deposit_id, line, person_id=world.first.person_id)
        work.held.append(deposit_id)
        return True

    async def refund() -> bool:
        if not work.held:
            return False
        await database.write(release_deposit, work.held.pop(), person_id=world.first.person_id)
        return True

    async def release() -> bool:
        if not work.releases:
            return False
        await database.write(decide_release, world.second, work.releases.pop(), approves=True)
        return True

    def mixed(place: int) -> Act:
        turn = place

        async def act() -> bool:
            nonlocal turn
            turn += 1
            return await (confirm, refund, release)[turn % 3]()

        return act

    confirmed = await repeat([confirm] * callers, seconds)
    both = await repeat([mixed(place) for place in range(callers)], seconds)
    refunded = await repeat([refund] * callers, seconds / 2)
    released = await repeat([release] * callers, seconds / 2)
    return {"mixed": both, "deposit_confirmed": confirmed, "refund": refunded, "release": released}


async def measure_refunds(database: Database, world: World, losers: int, callers: int) -> dict[str, float]:
    """Refunds a second of a sale's losers: in batches as the worker orders them, and one by one by all callers."""
    batched, single = uuid7(), uuid7()
    now = await database.read(market_now)
    due_on = market_date(now)
    for listing_id in (batched, single):
        await database.write(receive_deposits, world, listing_id, range(losers), now)
    left = await database.write(_deposits_of, single)
    began = time.perf_counter()
    await database.write(settle_deposits, listing_id=batched)
    after: UUID | None = None
    while True:
        ordered = await database.write(order_refunds, batched, now, limit=AT_ONCE, after=after)
        after = ordered.next_after
        if after is None:
            break
    in_batches = time.perf_counter() - began

    async def one() -> bool:
        if not left:
            return False
        await database.write(_refund_alone, world, left.pop(), due_on)
        return True

    alone = await repeat([one] * callers, 3600)
    return {"in_batches": losers / in_batches, "one_by_one": alone.rate}


async def _deposits_of(session: Session, listing_id: UUID) -> list[UUID]:
    query = select(Deposit.id).where(Deposit.listing_id == listing_id)
    return list((await session.execute(query)).scalars())


async def _refund_alone(session: Session, world: World, deposit_id: UUID, due_on: date) -> None:
    deposit = await release_deposit(session, deposit_id, person_id=world.first.person_id)
    subject, words = Subject("deposit", deposit.id), f"退还保证金 {deposit.reference}"
    await order_payments(
        session,
        [
            OrderAsked(
                deposit.party_id, OrderPurpose.DEPOSIT_REFUND, subject, deposit.amount_fen, words, due_on
            )
        ],
    )
