"""Reading what finance needs to choose a payout's way, and what became of its transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.payments.connect_accounts import facts_of
from app.payments.connect_models import ConnectedAccount, ConnectTransfer
from app.payments.connect_rules import PayoutState, state_of
from app.payments.order_queries import get_order_view
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession


@dataclass(frozen=True)
class ConnectView:
    """How the payee's account stands, what is in clearing, and the order's transfer if it goes by one."""

    payout_state: PayoutState
    clearing_fen: int
    transfer: ConnectTransfer | None


async def get_connect_view(session: AnySession, caller: Caller, order_id: UUID) -> ConnectView:
    """Reads it for whoever may read the ledger. Raises NotPermitted, OrderMissing."""
    caller.require(Permission.LEDGER_READ)
    order = (await get_order_view(session, caller, order_id)).order
    accounts = select(ConnectedAccount).where(ConnectedAccount.organisation_id == order.party_id)
    account = (await session.execute(accounts)).scalar_one_or_none()
    transfers = select(ConnectTransfer).where(ConnectTransfer.order_id == order.id)
    transfer = (await session.execute(transfers)).scalar_one_or_none()
    clearing = await get_balance(session, Account(AccountKind.STRIPE_CLEARING))
    return ConnectView(state_of(facts_of(account)), clearing, transfer)
