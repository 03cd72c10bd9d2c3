"""The last payment against the end of the notice: whoever was let in before it counts, and nobody after it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.payments.queries import get_deposit
from app.trades import admission, notice_end
from app.trades.admission import confirm_receipt
from app.trades.models import Intent, Listing
from app.trades.notice_end import end_notice
from tests.make_accounts import make_caller
from tests.make_payments import make_line
from tests.make_trades import make_intent, make_listed_price
from tests.races import meeting
from tests.races.meeting import Meeting
from tests.trades.test_trades_races import unlocked_listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Database, Session
    from app.payments.deposits import BankLine
    from tests.conftest import SetNow


async def _waiting(session: Session) -> tuple[Listing, Intent, Caller, BankLine]:
    listing = await make_listed_price(session)
    intent = await make_intent(session, listing, status="qualified")
    assert intent.deposit_id is not None
    line = await make_line(session, await get_deposit(session, intent.deposit_id))
    return listing, intent, await make_caller(session, Role.FINANCE), line


async def _states(session: AnySession, listing_id: UUID, intent_id: UUID) -> tuple[str, str]:
    listing = await session.get_one(Listing, listing_id)
    return listing.status, (await session.get_one(Intent, intent_id)).status


async def the_last_payment_and_the_end(db: Database, now_is: SetNow, patch: pytest.MonkeyPatch) -> None:
    """A payment that was let in before the end is counted by the decision that came while it was being written."""
    listing, intent, finance, line = await db.write(_waiting)
    assert listing.notice_ends_at is not None
    assert intent.deposit_id is not None
    place = Meeting()
    patch.setattr(admission, "record_receipt", place.before(admission.record_receipt))
    read = notice_end.list_intents_of

    async def read_and_arrive(session: AnySession, listing_id: UUID) -> Sequence[Intent]:
        found = await read(session, listing_id)
        await place.arrive()
        return found

    patch.setattr(notice_end, "list_intents_of", read_and_arrive)
    await now_is(db, listing.notice_ends_at - timedelta(seconds=1))
    paying = asyncio.create_task(db.write(confirm_receipt, finance, intent.deposit_id, line))
    await place.first_arrived.wait()
    await now_is(db, listing.notice_ends_at)
    await asyncio.gather(paying, db.write(end_notice, {"listing_id": str(listing.id)}))
    assert await db.read(_states, listing.id, intent.id) == ("sold", "won")


async def test_under_the_lock_the_last_payment_counts(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await the_last_payment_and_the_end(db, now_is, monkeypatch)


async def test_without_the_lock_a_buyer_who_paid_in_time_is_sent_away(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (admission, notice_end):
        monkeypatch.setattr(module, "lock_listing", unlocked_listing)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await the_last_payment_and_the_end(db, now_is, monkeypatch)
