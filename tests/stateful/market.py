"""A market that a seed plays on: its people, its random trades, and how a step is taken, repeated and broken off."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select, text

from app.accounts.permissions import Role
from app.errors import MarketError
from app.tasks import HANDLERS, TaskRow, keep_due_errand, keep_due_task
from app.trades.card_errands import card_errands
from app.worker import HANDLING_MODULES
from tests.make_accounts import make_caller
from tests.stateful.dying import DiedError, dying
from tests.stripe.paying import hasten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    from sqlalchemy import Executable

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.speaking import Speaking

T = TypeVar("T")
_DIES, _REPEATED, _MOST_STATEMENTS = 0.2, 0.2, 25
_ROUNDS = 2000
# Whatever is promised has its handler, as in the worker.
assert HANDLING_MODULES


@dataclass
class Trade:
    """A listing with its seller and those who may want to buy."""

    listing_id: UUID
    seller: Caller
    buyers: list[Caller]
    rooms: list[tuple[UUID, Caller]] = field(default_factory=list)


class Market:
    """The market, its desks and what has been done on it, in words that tell how to do the same again."""

    def __init__(self, db: Database, stripe: Speaking, gateway: StripeGateway, seed: int) -> None:
        """Begins without any trade."""
        self.db, self.stripe, self.gateway = db, stripe, gateway
        self.chance = random.Random(seed)
        self.trades: list[Trade] = []
        self.done: list[str] = []
        self.counts: dict[str, int] = {}
        self.later = timedelta()
        self.finance: list[Caller] = []

    async def staff(self) -> None:
        """Lets the desks be filled: two people of finance, one of each other."""
        self.finance = [await self.db.write(make_caller, Role.FINANCE) for _ in range(2)]
        self.host = await self.db.write(make_caller, Role.HOST)
        self.reviewer = await self.db.write(make_caller, Role.REVIEWER)
        self.registrar = await self.db.write(make_caller, Role.REGISTRAR)

    async def do(
        self, name: str, operation: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> bool:
        """Takes one step as a careless client does: the process may die in it, and the call may come twice."""
        if self.chance.random() < _DIES:
            try:
                with dying(self.db, self.chance.randrange(_MOST_STATEMENTS)):
                    await self.db.write(operation, *args, **kwargs)
            except DiedError:
                self._note(f"{name} died")
            except MarketError as refusal:
                self._note(f"{name} refused: {refusal.code}")
        times = 1 + (self.chance.random() < _REPEATED)
        is_done = False
        for _ in range(times):
            try:
                await self.db.write(operation, *args, **kwargs)
                self._note(name)
                is_done = True
            except MarketError as refusal:
                self._note(f"{name} refused: {refusal.code}")
        return is_done

    def _note(self, what: str) -> None:
        self.done.append(what)
        self.counts[what] = self.counts.get(what, 0) + 1

    async def pick(self, query: Executable) -> Any:
        """One of the rows that a query finds, or None."""
        async with self.db.reading() as session:
            found = (await session.execute(query)).all()
        return self.chance.choice(found) if found else None

    def one_of(self, things: Sequence[T]) -> T:
        """One of some things."""
        return self.chance.choice(things)

    async def keep_promises(self, *, until_none: bool = False) -> None:
        """The worker keeps what is due; it may die in a task, and what was put off comes again."""
        errands = card_errands(self.db, self.gateway)
        await hasten(self.db)
        for _ in range(_ROUNDS if until_none else 1 + self.chance.randrange(6)):
            if not until_none and self.chance.random() < _DIES:
                try:
                    with dying(self.db, self.chance.randrange(_MOST_STATEMENTS)):
                        await self.db.write(keep_due_task)
                except DiedError:
                    self._note("worker died")
            kept = await self.db.write(keep_due_task)
            went = await keep_due_errand(self.db, errands)
            if not kept and not went:
                return

    async def keep_again(self) -> None:
        """A task that was kept is kept once more, as after a restart from an older copy of the queue."""
        row = await self.pick(select(TaskRow.name, TaskRow.payload).where(TaskRow.done_at.is_not(None)))
        handler = HANDLERS.get(row.name) if row else None
        if handler is None:
            return

        async def again(session: Session) -> None:
            await handler(session, row.payload)

        await self.do(f"task {row.name} again", again)

    async def pass_time(self, span: timedelta) -> None:
        """The market's clock goes on."""
        self.later += span
        seconds = int(self.later.total_seconds())
        async with self.db.transaction() as session:
            await session.execute(
                text(
                    "CREATE OR REPLACE FUNCTION market_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
                    f"$now$ SELECT clock_timestamp() + make_interval(secs => {seconds}) $now$".replace(
                        ">", ">"
                    )
                )
            )
        self._note(f"{span} pass")
