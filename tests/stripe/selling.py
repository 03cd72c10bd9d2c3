"""A seller who may be paid at the gateway: makers and steps for tests of payouts by transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.ids import uuid7
from app.payments.card_payments import store_event
from app.payments.connect_accounts import facts_of, find_payout_account, open_payout_account
from app.payments.connect_errands import connect_errands
from app.payments.connect_models import ConnectTransfer
from app.payments.connect_rules import PayoutState, state_of
from app.payments.connect_transfers import choose_way
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import Way
from app.payments.orders import approve_orders, order_payment
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.tasks import keep_due_errand, keep_due_task
from tests.make_accounts import make_caller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.payments.connect_gateway import ConnectGateway
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.speaking import Speaking

FEN = 700_000
CLEARING = Account(AccountKind.STRIPE_CLEARING)


@dataclass
class Selling:
    """A seller with a payout that waits, and two people of finance."""

    seller: Caller
    first: Caller
    second: Caller
    order_id: Any = None
    account_id: str = ""

    @property
    def due(self) -> Account:
        """What the seller is owed."""
        return Account(AccountKind.SELLER_DUE, self.seller.organisation_id)


async def run(db: Database, connect: ConnectGateway) -> None:
    """Keeps everything of paying sellers that is due."""
    errands = connect_errands(db, connect)
    while await keep_due_errand(db, errands) or await db.write(keep_due_task):
        pass


async def make_selling(session: Session) -> Selling:
    """The seller is owed a price that came by card: it is in clearing."""
    seller = await make_caller(session, Role.ADMIN)
    made = Selling(seller, await make_caller(session, Role.FINANCE), await make_caller(session, Role.FINANCE))
    entries = (Entry(CLEARING, FEN), Entry(made.due, -FEN))
    owed = Posting(Subject("test", uuid7()), Transfer(TransferKind.PRICE_RELEASED, entries))
    await post_transfers(session, [owed], person_id=None)
    order = await order_payment(
        session, seller.organisation_id, "payout", "release", uuid7(), FEN, "支付成交价款", deal_id=uuid7()
    )
    made.order_id = order.id
    return made


async def sell(db: Database, stripe: Speaking, gateway: StripeGateway, fen: int = FEN) -> Selling:
    """A seller whose account may be paid to, while the gateway has this much of ours."""
    made = await db.write(make_selling)
    await db.write(open_payout_account, made.seller)
    await run(db, gateway.connect)
    row = await db.read(find_payout_account, made.seller.organisation_id)
    assert row is not None
    assert row.account_id is not None
    made.account_id = row.account_id
    stripe.state.submit(made.account_id)
    stripe.state.allow(made.account_id)
    await hear(db, stripe, gateway)
    if fen:
        stripe.state.create_intent(
            {"amount": str(fen), "currency": "cny", "confirm": "true", "payment_method": "pm_card_visa"}
        )
    return made


async def hear(db: Database, stripe: Speaking, gateway: StripeGateway, kinds: str = "") -> None:
    """Takes the stand-in's events of accounts and transfers, in its order, and handles them."""
    for event in list(stripe.state.events.values()):
        if event["type"].startswith(kinds or ("account.", "transfer.")):
            body, signature = stripe.webhook(event)
            await db.write(store_event, gateway.read_event(body, signature), event)
    await run(db, gateway.connect)


async def approve(db: Database, made: Selling) -> None:
    """Two people approve the payout by transfer."""
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    await db.write(approve_orders, made.first, [made.order_id])
    await db.write(approve_orders, made.second, [made.order_id])


async def order_of(db: Database, order_id: Any) -> PaymentOrder:
    """An order as it is now."""
    async with db.reading() as session:
        return await session.get_one(PaymentOrder, order_id)


async def transfer_of(db: Database, order_id: Any) -> ConnectTransfer:
    """An order's transfer as it is now."""
    async with db.reading() as session:
        return await session.get_one(ConnectTransfer, order_id)


async def state(db: Database, made: Selling) -> PayoutState:
    """How the seller's account stands here."""
    return state_of(facts_of(await db.read(find_payout_account, made.seller.organisation_id)))


async def acts(db: Database, prefix: str) -> list[str]:
    """The acts of a kind, in their order."""
    async with db.reading() as session:
        query = select(AuditRecord.action).where(AuditRecord.action.startswith(prefix))
        return list(await session.scalars(query.order_by(AuditRecord.id)))
