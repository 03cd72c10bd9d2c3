"""Asking for a transfer (通道转账): an order that goes this way, the seller's account looked at, the promise to pay it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.payments.connect_accounts import CONNECT_ERRAND, facts_of, find_payout_account
from app.payments.connect_models import ConnectTransfer
from app.payments.connect_rules import check_clearing, check_ready
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.tasks import promise

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import AnySession, Session
    from app.payments.order_models import PaymentOrder


async def require_account(session: AnySession, party_id: UUID | None, amount_fen: int) -> str:
    """The account that a party may be paid to, where the gateway owes the exchange as much.

    Both are looked at without a lock: whether it can be paid is the gateway's to say, and it is asked. Raises
    PayoutAccountNotReady, ClearingTooLow.
    """
    account = None if party_id is None else await find_payout_account(session, party_id)
    account_id = check_ready(facts_of(account))
    check_clearing(await get_balance(session, Account(AccountKind.STRIPE_CLEARING)), amount_fen)
    return account_id


async def ask_transfer(session: Session, order: PaymentOrder) -> None:
    """Writes the transfer of an order that two people have just approved, under its lock, and promises to ask for it.

    Raises PayoutAccountNotReady, ClearingTooLow.
    """
    await require_account(session, order.party_id, order.amount_fen)
    made = ConnectTransfer(
        order_id=order.id,
        account_id=order.payee_account,
        amount_fen=order.amount_fen,
        transfer_group=str(order.deal_id or order.id),
        stage="asked",
    )
    session.add(made)
    await session.flush()
    await promise(session, CONNECT_ERRAND, {"order_id": str(order.id)}, key=f"transfer:{order.id}")
