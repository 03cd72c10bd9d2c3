"""Withdrawing an intent (撤回意向): free before the bidding begins, with the deposit back; too late from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.payments.deposits import give_back_deposit
from app.trades.admission import lock_trade
from app.trades.errors import IntentMissing
from app.trades.errors_intents import WithdrawalTooLate
from app.trades.queries import get_intent
from app.trades.states import IntentStatus, check_intent_step

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Intent, Listing


async def withdraw_intent(session: Session, caller: Caller, intent_id: UUID) -> UUID:
    """Withdraws the caller's intent before the deadline; a deposit that is held goes back. Returns the intent's id.

    The deadline is the opening of the bidding, or the end of the notice. Locks the auction, the listing, the deposit,
    then ledger accounts. Raises NotPermitted, IntentMissing for strangers, IntentStateForbids, WithdrawalTooLate.
    Source: 招标投标法实施条例 article 35.
    """
    caller.require(Permission.INTENT_WRITE)
    found = await get_intent(session, intent_id)
    if found.buyer_id != caller.organisation_id:
        raise IntentMissing
    listing, _ = await lock_trade(session, found.listing_id)
    intent = await get_intent(session, intent_id)
    check_intent_step(intent.status, IntentStatus.WITHDRAWN)
    now = await market_now(session)
    until = deadline_of(listing)
    if now >= until:
        raise WithdrawalTooLate(until, now)
    await _give_back(session, caller, intent)
    intent.status, intent.withdrawn_at = IntentStatus.WITHDRAWN, now
    await session.flush()
    detail = {"listing_no": listing.listing_no}
    await audit(
        session, caller, "intent.withdrawn", subject_kind="intent", subject_id=intent.id, detail=detail
    )
    return intent.id


def deadline_of(listing: Listing) -> datetime:
    """Until when an intent is withdrawn freely."""
    return listing.notice_ends_at or listing.opens_at or listing.closes_at


async def _give_back(session: Session, caller: Caller, intent: Intent) -> None:
    if intent.deposit_id is not None:
        await give_back_deposit(session, intent.deposit_id, person_id=caller.person_id)
