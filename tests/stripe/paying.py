"""A sale with a buyer who pays by card: its steps for tests, and running all that is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.payments.card_models import CardPayment
from app.payments.models import Deposit
from app.tasks import TaskRow, keep_due_errand, keep_due_task
from app.trades.card_admission import pay_by_card
from app.trades.card_errands import card_errands
from tests.make_trades import make_buyer, make_intent, make_listing, make_seller

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.payments.gateway import CardGateway
    from app.trades.models import Listing

VISA = "pm_card_visa"


@dataclass(frozen=True)
class Buying:
    """Somebody qualified to buy, with the deposit that he owes."""

    buyer: Caller
    deposit_id: UUID


@dataclass(frozen=True)
class Offered:
    """A listed sale with its buyers."""

    listing: Listing
    buyers: list[Buying]


async def offer(session: Session, /, buyers: int = 1, **over: Any) -> Offered:
    """Lists a sale and qualifies buyers for it."""
    listing = await make_listing(session, status="listed", seller=await make_seller(session), **over)
    found = []
    for _ in range(buyers):
        buyer = await make_buyer(session)
        intent = await make_intent(session, listing, status="qualified", buyer=buyer)
        assert intent.deposit_id is not None
        found.append(Buying(buyer, intent.deposit_id))
    return Offered(listing, found)


async def pay(db: Database, buying: Buying, card: str = VISA) -> UUID:
    """Asks for the deposit from a card."""
    return await db.write(pay_by_card, buying.buyer, buying.deposit_id, card)


async def run_due(db: Database, gateway: CardGateway) -> None:
    """Keeps everything that is due, errands and others, until nothing is."""
    errands = card_errands(db, gateway)
    while await keep_due_errand(db, errands) or await db.write(keep_due_task):
        pass


async def card_of(db: Database, payment_id: UUID) -> CardPayment:
    """A card payment as it is now."""
    async with db.reading() as session:
        return (await session.execute(select(CardPayment).where(CardPayment.id == payment_id))).scalar_one()


async def deposit_of(db: Database, deposit_id: UUID) -> Deposit:
    """A deposit as it is now."""
    async with db.reading() as session:
        return (await session.execute(select(Deposit).where(Deposit.id == deposit_id))).scalar_one()


async def hasten(db: Database) -> None:
    """Lets what was put off after a failure be due now; what is for a later time stays."""

    async def write(session: Session) -> None:
        rows = update(TaskRow).where(TaskRow.done_at.is_(None), TaskRow.attempts > 0)
        await session.execute(rows.values(run_at=TaskRow.created_at))

    await db.write(write)


async def open_errands(db: Database) -> list[tuple[str, datetime]]:
    """The acts that are promised and not done, with when."""
    async with db.reading() as session:
        rows = await session.execute(
            select(TaskRow.payload, TaskRow.run_at).where(
                TaskRow.done_at.is_(None), TaskRow.name == "card_payment"
            )
        )
        return sorted((row.payload["act"], row.run_at) for row in rows)
