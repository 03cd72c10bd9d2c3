"""Intents after a listing was announced anew (重新确认): confirmed by their buyers in time, or out with their deposit back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.payments.deposits import settle_deposits
from app.tasks import handles, promise
from app.trades.admission import admit, lock_trade
from app.trades.bulletins import times_of
from app.trades.errors import IntentMissing, RulesNotAccepted
from app.trades.errors_lifecycle import NothingToConfirm
from app.trades.intents import require_open_to_buyers
from app.trades.lifecycle_rules import require_before_deadline
from app.trades.models import Intent
from app.trades.queries import get_intent, list_intents_of, lock_listing
from app.trades.states import OPEN_INTENTS, IntentStatus, ListingStatus, check_intent_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

END_OF_CONFIRMING = "end_confirming"


async def confirm_intent(session: Session, caller: Caller, intent_id: UUID, accept_rules_sha256: str) -> UUID:
    """Confirms the caller's intent for the announcement in force and accepts its rules; returns the intent's id.

    Whoever has paid is admitted to the new sale by it. Locks the auction, then the listing. Raises NotPermitted,
    IntentMissing, IntentStateForbids, NothingToConfirm, ListingNotOpenToBuyers, DeadlineOver, RulesNotAccepted.
    """
    caller.require(Permission.INTENT_WRITE)
    own = (Intent.id == intent_id) & (Intent.buyer_id == caller.organisation_id)
    listing_id = (await session.execute(select(Intent.listing_id).where(own))).scalar_one_or_none()
    if listing_id is None:
        raise IntentMissing
    listing, sale = await lock_trade(session, listing_id)
    intent = await get_intent(session, intent_id)
    if intent.status not in OPEN_INTENTS:
        check_intent_step(intent.status, IntentStatus.ADMITTED)
    if intent.announcement == listing.announcement:
        raise NothingToConfirm
    wanted = await require_open_to_buyers(session, listing)
    now = await market_now(session)
    require_before_deadline(times_of(listing), now)
    if accept_rules_sha256 != wanted:
        raise RulesNotAccepted(wanted)
    intent.announcement, intent.rules_sha256 = listing.announcement, wanted
    intent.accepted_by = caller.person_id
    await session.flush()
    if sale is not None and intent.status == IntentStatus.PAID:
        await admit(session, intent, sale.id, max(now, sale.official_at))
    detail = {
        "listing_no": listing.listing_no,
        "announcement": listing.announcement,
        "rules_sha256": wanted,
    }
    await audit(
        session, caller, "intent.confirmed", subject_kind="intent", subject_id=intent.id, detail=detail
    )
    return intent.id


async def promise_end_of_confirming(session: Session, listing: Listing) -> None:
    """Promises to look at the deadline who has confirmed, where a listing was announced anew."""
    if listing.announcement > 1:
        deadline_at = times_of(listing).deadline_at
        await promise(session, END_OF_CONFIRMING, {"listing_id": str(listing.id)}, run_at=deadline_at)


@handles(END_OF_CONFIRMING)
async def end_confirming(session: Session, payload: dict[str, Any]) -> None:
    """At the deadline whoever has not confirmed is out and gets the deposit back; safe to run twice, and early.

    Locks the listing, the deposits, then ledger accounts.
    """
    listing = await lock_listing(session, UUID(payload["listing_id"]))
    if listing.status != ListingStatus.LISTED:
        return
    now = await market_now(session)
    if now < times_of(listing).deadline_at and (
        listing.notice_ends_at is None or now < listing.notice_ends_at
    ):
        return
    await drop_unconfirmed(session, listing, await list_intents_of(session, listing.id))


async def drop_unconfirmed(session: Session, listing: Listing, intents: Sequence[Intent]) -> None:
    """Answers the intents that were given for an earlier announcement and releases their deposits.

    Needs the listing's lock.
    """
    late = [
        intent
        for intent in intents
        if intent.status in OPEN_INTENTS and intent.announcement < listing.announcement
    ]
    if not late:
        return
    for intent in late:
        check_intent_step(intent.status, IntentStatus.LOST)
        intent.status = IntentStatus.LOST
        await audit(
            session,
            None,
            "intent.unconfirmed",
            subject_kind="intent",
            subject_id=intent.id,
            detail={"listing_no": listing.listing_no},
        )
    ids = {intent.deposit_id for intent in late if intent.deposit_id is not None}
    if ids:
        await settle_deposits(session, listing_id=listing.id, only_ids=ids)
