"""The deposits as finance and the buyers see them (保证金簿): with listing, party and receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.lists import NEWEST
from app.payments.errors import DepositMissing
from app.payments.queries import get_deposit, list_deposits, map_receipts
from app.payments.reference import read_reference
from app.trades.list_shapes import DEPOSITS
from app.trades.queries import map_intents_by_deposit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession
    from app.lists import Asked
    from app.payments.models import Deposit
    from app.payments.queries import ReceiptView
    from app.trades.models import Listing


@dataclass(frozen=True)
class DepositView:
    """A deposit with what it is for; ``due_by`` is the bidding's end, after which nobody is admitted."""

    deposit: Deposit
    party: Organisation
    listing: Listing
    due_by: datetime
    receipt: ReceiptView | None


def _sees_all(caller: Caller) -> bool:
    return caller.may(Permission.DEPOSIT_CONFIRM) or caller.may(Permission.LEDGER_READ)


async def get_deposit_view(session: AnySession, caller: Caller, deposit_id: UUID) -> DepositView:
    """Reads a deposit for its party or for finance. Raises DepositMissing, NotPermitted."""
    deposit = await get_deposit(session, deposit_id)
    if not _sees_all(caller):
        if deposit.party_id != caller.organisation_id:
            raise DepositMissing
        caller.require(Permission.DEPOSIT_READ_OWN)
    views = await _views(session, [deposit])
    if not views:
        raise DepositMissing
    return views[0]


async def list_deposit_views(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    reference: str | None = None,
    asked: Asked = NEWEST,
) -> list[DepositView]:
    """Lists all deposits for finance, their own for others, the newest first or as asked.

    ``reference`` is taken as it was typed on the bank form. Raises NotPermitted, ReferenceNotRead, SortCursorWrong.
    """
    party_id = None
    if not _sees_all(caller):
        caller.require(Permission.DEPOSIT_READ_OWN)
        party_id = caller.organisation_id
    rows = await list_deposits(
        session,
        party_id=party_id,
        status=status,
        reference=read_reference(reference) if reference else None,
        asked=asked,
        shape=DEPOSITS,
    )
    return await _views(session, rows)


async def _views(session: AnySession, deposits: Sequence[Deposit]) -> list[DepositView]:
    ids = [deposit.id for deposit in deposits]
    intents, receipts = await map_intents_by_deposit(session, ids), await map_receipts(session, ids)
    views: list[DepositView] = []
    for deposit in deposits:
        intent = intents[deposit.id]
        ends_at = intent.auction.ends_at if intent.auction else intent.listing.closes_at
        views.append(DepositView(deposit, intent.buyer, intent.listing, ends_at, receipts.get(deposit.id)))
    return views
