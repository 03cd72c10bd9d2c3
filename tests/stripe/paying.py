"""A sale with a buyer who pays by card: its steps for tests, and running all that is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text, update

from app.auction.bidding import place_bids
from app.payments.card_models import CardPayment
from app.payments.card_payments import lock_card_payment, store_event
from app.payments.connect_errands import connect_errands
from app.payments.models import Deposit
from app.payments.queries import get_balance
from app.tasks import TaskRow, keep_due_errand, keep_due_task
from app.trades.award import award_auction
from app.trades.card_admission import pay_by_card
from app.trades.card_errands import card_errands
from app.trades.models import Intent, Listing
from tests.make_auction import request
from tests.make_trades import close_sale, make_buyer, make_intent, make_listing, make_seller

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Database, Session
    from app.payments.gateway import CardGateway
    from app.payments.rules import Account
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.speaking import Speaking

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
    errands = card_errands(db, gateway) | connect_errands(db, gateway.connect)
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


async def balance(db: Database, account: Account) -> int:
    """An account's balance, debits less credits."""
    return await db.read(get_balance, account)


async def intent_of(session: AnySession, buying: Buying) -> Intent:
    """The intent that a deposit is for."""
    return (await session.execute(select(Intent).where(Intent.deposit_id == buying.deposit_id))).scalar_one()


async def close(db: Database, offered: Offered, winner: Buying | None) -> None:
    """Ends the sale, won by somebody or unsold, and draws the consequences."""

    async def end(session: Session) -> None:
        won = None if winner is None else await intent_of(session, winner)
        listing = await session.get_one(Listing, offered.listing.id)
        await close_sale(session, listing, won, 12_000_000 if won else None)
        await award_auction(session, {"auction_id": str(offered.listing.auction_id)})

    await db.write(end)


async def bid(db: Database, offered: Offered, buying: Buying, amount_fen: int) -> str | None:
    """Bids; the name of the refusal, or None for an accepted bid."""
    assert offered.listing.auction_id is not None
    asked = request(buying.buyer.organisation_id, amount_fen)
    (answer,) = await db.write(place_bids, offered.listing.auction_id, [asked])
    refusal: Any = getattr(answer, "refusal", answer)
    return None if refusal is None else type(refusal).__name__


async def card_of_deposit(db: Database, buying: Buying) -> Any:
    """The card payment that holds a deposit."""
    async with db.transaction() as session:
        found = await session.execute(
            text("SELECT id FROM card_payment WHERE deposit_id = :id AND is_deposit"),
            {"id": buying.deposit_id},
        )
        return await lock_card_payment(session, found.scalar_one())


async def hear_all(db: Database, stripe: Speaking, gateway: StripeGateway) -> None:
    """Takes every event that the stand-in has, in its order, and handles them."""
    for event in list(stripe.state.events.values()):
        body, signature = stripe.webhook(event)
        await db.write(store_event, gateway.read_event(body, signature), event)
    await run_due(db, gateway)
