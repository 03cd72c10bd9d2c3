"""Makers of deposits and bank statement lines for tests."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.deposits import BankLine, record_receipt, request_deposit
from tests.make_accounts import make_caller, make_organisation

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from app.payments.models import Deposit

_lines = itertools.count(1)


async def make_deposit(
    session: Session,
    /,
    *,
    party_id: UUID | None = None,
    listing_id: UUID | None = None,
    amount_fen: int = 8_000_000,
) -> Deposit:
    """A deposit that is due."""
    if party_id is None:
        party_id = (await make_organisation(session)).id
    return await request_deposit(
        session, party_id=party_id, listing_id=listing_id or uuid7(), amount_fen=amount_fen
    )


async def make_line(session: Session, /, deposit: Deposit, **over: Any) -> BankLine:
    """The line of the bank statement that pays a deposit as it should."""
    party = await get_organisation(session, deposit.party_id)
    columns: dict[str, Any] = {
        "amount_fen": deposit.amount_fen,
        "payer_name": party.name,
        "bank_reference": f"LS{next(_lines):010d}",
        "received_on": market_date(await market_now(session)),
    }
    return BankLine(**{**columns, **over})


async def make_held_deposit(session: Session, /, *, finance_id: UUID | None = None, **over: Any) -> Deposit:
    """A deposit whose money has come, with its entries in the ledger."""
    deposit = await make_deposit(session, **over)
    if finance_id is None:
        finance_id = (await make_caller(session, Role.FINANCE)).person_id
    return await record_receipt(session, deposit.id, await make_line(session, deposit), person_id=finance_id)
