"""A posted transfer of the world, a correction of it that a colleague has proposed, and payouts that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.payments.correcting import NewCorrection, propose_correction
from app.payments.models import LedgerTransfer
from app.payments.rules import Account, AccountKind
from tests.permissions.asks_connect import order_payouts

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session


async def propose_charge(session: Session, proposer: Caller) -> dict[str, str]:
    """The ids of all of them."""
    posted = select(LedgerTransfer.id).where(~LedgerTransfer.is_pending).order_by(LedgerTransfer.id).limit(1)
    transfer_id = (await session.execute(posted)).scalar_one()
    charge = NewCorrection(
        transfer_id,
        Account(AccountKind.FEE_INCOME),
        Account(AccountKind.BANK),
        1500,
        "银行手续费漏记，按回单补记。",
    )
    return {
        "transfer": str(transfer_id),
        "correction": str(await propose_correction(session, proposer, charge)),
        **await order_payouts(session, proposer),
    }
