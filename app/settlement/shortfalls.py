"""What a defaulter owes above the deposit (违约差额): asked for, and applied in the announced order when it is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit import audit
from app.calendar_days import count_days
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.match_rules import PayablePurpose
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderPurpose
from app.payments.orders import OrderAsked, order_payments
from app.payments.payables import request_payable
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.settlement.queries import get_plan_rules
from app.trades.defaults import get_default

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.default_models import DealDefault
    from app.trades.models import Deal, Listing

DEFAULT = "default"
# The seller's part of it has a payment order of its own, beside the one of the deposit.
SHORTFALL = "default_shortfall"


async def ask_for_shortfall(
    session: Session, caller: Caller, made: DealDefault, deal: Deal, listing: Listing
) -> None:
    """Makes payable to a defaulter what the deposit does not cover, within the period of a price; he is told.

    Source: 拍卖法 39, 法释〔2016〕18号 24. The caller holds the default's listing.
    """
    if not made.shortfall_fen:
        return
    today = market_date(await market_now(session))
    rules = await get_plan_rules(session, board=listing.board, on=today)
    due_on = count_days(today, rules.payment_days, await read_calendar(session))
    await request_payable(
        session, made.buyer_id, PayablePurpose.SHORTFALL, DEFAULT, made.id, made.shortfall_fen, due_on
    )
    detail = {"deal_no": deal.deal_no, "shortfall_fen": made.shortfall_fen, "due_on": due_on.isoformat()}
    await audit(
        session, caller, "default.shortfall", subject_kind="default", subject_id=made.id, detail=detail
    )


async def apply_shortfall(session: Session, default_id: UUID) -> None:
    """Applies a shortfall that was paid: what is left of the fees, then the seller's loss. A second run changes nothing.

    Locks ledger accounts.
    """
    made = await get_default(session, default_id)
    to_seller = made.loss_fen - made.seller_fen
    parts = (
        Entry(Account(AccountKind.FORFEITED, made.buyer_id), made.shortfall_fen),
        Entry(Account(AccountKind.FEE_INCOME), -(made.shortfall_fen - to_seller)),
        Entry(Account(AccountKind.SELLER_DUE, made.seller_id), -to_seller),
    )
    entries = tuple(entry for entry in parts if entry.amount_fen)
    posting = Posting(
        Subject(DEFAULT, made.id),
        Transfer(TransferKind.FORFEIT_APPLIED, entries),
        client_id=f"default:{made.id}:shortfall",
        approved_by=made.decided_by,
    )
    await post_transfers(session, [posting], person_id=made.declared_by)
    if to_seller:
        await order_to_seller(session, made, SHORTFALL, to_seller)


async def order_to_seller(session: Session, made: DealDefault, kind: str, amount_fen: int) -> None:
    """Orders the payment of what a default gives the seller, once for the deposit and once for the shortfall."""
    query = select(PaymentOrder.id).where(
        PaymentOrder.subject_kind == kind, PaymentOrder.subject_id == made.id
    )
    if (await session.execute(query.limit(1))).first() is not None:
        return
    today = market_date(await market_now(session))
    words = f"支付违约赔付，违约 {made.id}"
    subject = Subject(kind, made.id)
    asked = OrderAsked(
        made.seller_id, OrderPurpose.PAYOUT, subject, amount_fen, words, today, deal_id=made.deal_id
    )
    await order_payments(session, [asked])
