"""Random steps of many sales' money, in batches, doubled, aborted and at once; at the end every invariant is asked."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.clock import market_now
from app.db import Database
from app.errors import MarketError
from app.ids import uuid7
from app.payments.checking import find_faults
from app.payments.deposits import settle_deposits
from app.payments.ledger import for_deposit, post_transfers
from app.payments.models import Deposit, LedgerTransfer
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderStatus
from app.payments.orders import approve_orders, cancel_order, export_orders, settle_orders
from app.payments.refunds import order_refunds
from app.payments.rules import release_deposit
from bench.ledger_world import DEPOSIT_FEN, make_world, receive_deposits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.db import Session
    from bench.ledger_world import World

_WORKERS = 4
_MOST_DEPOSITS = 400
_PARTIES_FOR_A_THOUSAND = 2
_FEWEST_PARTIES = 64
_DOUBLED, _ABORTED = 0.1, 0.05
_SAID_EVERY = 100_000


class AbortedError(Exception):
    """The process died here: the transaction is rolled back."""


@dataclass
class Sale:
    """The money of one sale, and how far it has come."""

    listing_id: UUID = field(default_factory=uuid7)
    deal_id: UUID = field(default_factory=uuid7)
    stage: int = 0
    count: int = 0


@dataclass
class Tally:
    """What was done."""

    steps: int = 0
    doubled: int = 0
    aborted: int = 0
    refused: int = 0
    sales: int = 0


class Steps:
    """Sales that are carried on by random steps until enough have been taken."""

    def __init__(self, database: Database, world: World, steps: int, seed: int) -> None:
        """Begins with nothing."""
        self.database, self.world, self.wanted = database, world, steps
        self.tally = Tally()
        self.luck = random.Random(seed)  # noqa: S311 - not a secret
        self.said = 0

    async def work(self) -> None:
        """Carries sales from their first deposit to their last refund, several of them open at any time."""
        open_sales: list[Sale] = []
        while self.tally.steps < self.wanted:
            if not open_sales or (len(open_sales) < 3 and self.luck.random() < 0.5):  # noqa: PLR2004
                open_sales.append(Sale())
                self.tally.sales += 1
            sale = self.luck.choice(open_sales)
            await self._advance(sale)
            if sale.stage == len(_STAGES):
                open_sales.remove(sale)

    async def _advance(self, sale: Sale) -> None:
        step = _STAGES[sale.stage]
        if self.luck.random() < _ABORTED:
            await self._abort(step, sale)
        count = await self.database.write(step, self, sale)
        self.tally.steps += count
        if self.luck.random() < _DOUBLED and sale.stage:
            self.tally.doubled += 1
            try:
                await self.database.write(step, self, sale)
            except MarketError:
                self.tally.refused += 1
        sale.stage += 1
        if self.tally.steps - self.said >= _SAID_EVERY:
            self.said = self.tally.steps
            sys.stderr.write(f"{self.tally.steps} steps\n")

    async def _abort(self, step: Callable[[Session, Steps, Sale], Awaitable[int]], sale: Sale) -> None:
        async def die(session: Session) -> None:
            await step(session, self, sale)
            raise AbortedError

        try:
            await self.database.write(die)
        except AbortedError:
            self.tally.aborted += 1


async def _receive(session: Session, steps: Steps, sale: Sale) -> int:
    sale.count = steps.luck.randint(2, _MOST_DEPOSITS)
    # Parties meet in many sales at once, so that their accounts are fought for.
    first = steps.luck.randrange(len(steps.world.parties))
    places = range(first, first + sale.count)
    await receive_deposits(session, steps.world, sale.listing_id, places, await market_now(session))
    return 2 * sale.count


async def _settle(session: Session, steps: Steps, sale: Sale) -> int:
    query = select(Deposit.id).where(Deposit.listing_id == sale.listing_id).limit(1)
    winner = (await session.execute(query)).scalar_one() if steps.luck.random() < 0.7 else None  # noqa: PLR2004
    settled = await settle_deposits(
        session,
        listing_id=sale.listing_id,
        winner_deposit_id=winner,
        deal_id=sale.deal_id if winner else None,
    )
    return len(settled)


async def _release_again(session: Session, steps: Steps, sale: Sale) -> int:
    """What was posted for a deposit is asked for once more under the same ids; nothing moves."""
    query = (
        select(LedgerTransfer.client_id, Deposit.id, Deposit.party_id)
        .join(Deposit, Deposit.id == LedgerTransfer.deposit_id)
        .where(Deposit.listing_id == sale.listing_id, LedgerTransfer.kind == "deposit_released")
        .limit(20)
    )
    found = (await session.execute(query)).all()
    again = [for_deposit(row.id, release_deposit(row.party_id, DEPOSIT_FEN), row.client_id) for row in found]
    await post_transfers(session, again, person_id=steps.world.first.person_id)
    return len(again)


async def _order(session: Session, _steps: Steps, sale: Sale) -> int:
    now = await market_now(session)
    return (await order_refunds(session, sale.listing_id, now, limit=_MOST_DEPOSITS)).count


async def _orders_of(session: Session, sale: Sale, *status: OrderStatus) -> list[UUID]:
    query = (
        select(PaymentOrder.id)
        .join(Deposit, Deposit.id == PaymentOrder.subject_id)
        .where(Deposit.listing_id == sale.listing_id, PaymentOrder.status.in_(status))
        .order_by(PaymentOrder.id)
    )
    return list((await session.execute(query)).scalars())


async def _cancel(session: Session, steps: Steps, sale: Sale) -> int:
    orders = await _orders_of(session, sale, OrderStatus.PENDING)
    for order_id in orders[:2]:
        await cancel_order(session, steps.world.first, order_id, reason="收款账号待核实。")
    return len(orders[:2])


async def _approve_first(session: Session, steps: Steps, sale: Sale) -> int:
    orders = await _orders_of(session, sale, OrderStatus.PENDING)
    if orders:
        await approve_orders(session, steps.world.first, orders, payee_account="6222000000000001")
    return len(orders)


async def _approve_second(session: Session, steps: Steps, sale: Sale) -> int:
    orders = await _orders_of(session, sale, OrderStatus.PENDING)
    if orders:
        await approve_orders(session, steps.world.second, orders)
    return len(orders)


async def _export(session: Session, steps: Steps, sale: Sale) -> int:
    orders = await _orders_of(session, sale, OrderStatus.APPROVED)
    if orders:
        await export_orders(session, steps.world.first, orders)
    return len(orders)


async def _fail_some(session: Session, steps: Steps, sale: Sale) -> int:
    orders = await _orders_of(session, sale, OrderStatus.EXPORTED)
    failed = orders[: steps.luck.randint(0, 3)]
    if failed:
        await settle_orders(session, steps.world.first, failed, failure="账号与户名不符")
    return len(failed)


async def _execute(session: Session, steps: Steps, sale: Sale) -> int:
    orders = await _orders_of(session, sale, OrderStatus.EXPORTED)
    if orders:
        await settle_orders(session, steps.world.first, orders)
    return len(orders)


_PAYING = (_order, _approve_first, _approve_second, _export)
# What was cancelled or has failed is ordered and paid once more; the last round leaves nothing owed.
_STAGES = (
    _receive,
    _settle,
    _release_again,
    _order,
    _cancel,
    *_PAYING,
    _fail_some,
    _execute,
    *_PAYING,
    _execute,
)


async def take_random_steps(url: str, steps: int, seed: int) -> dict[str, object]:
    """Takes so many steps by some workers at once, then asks every invariant; returns what was done and found."""
    database = Database(url, pool_size=_WORKERS)
    parties = max(_FEWEST_PARTIES, steps * _PARTIES_FOR_A_THOUSAND // 1000)
    world = await database.write(make_world, parties)
    taking = Steps(database, world, steps, seed)
    began = time.perf_counter()
    await asyncio.gather(*(taking.work() for _ in range(_WORKERS)))
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    faults = await database.read(find_faults)
    checking = time.perf_counter() - began
    await database.close()
    tally = taking.tally
    return {
        "bench": "ledger",
        "random_steps": tally.steps,
        "seconds": round(seconds, 1),
        "steps_a_second": round(tally.steps / seconds),
        "sales": tally.sales,
        "doubled": tally.doubled,
        "aborted": tally.aborted,
        "refused": tally.refused,
        "seed": seed,
        "checking_seconds": round(checking, 1),
        "invariants_hold": not faults,
        "faults": [f"{fault.invariant.name}: {fault.what}" for fault in faults],
    }
