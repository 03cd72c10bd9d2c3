"""Suspending a listing (中止挂牌) and resuming it (恢复挂牌), for the listing desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.accounts.permissions import Permission
from app.audit import audit
from app.calendar_days import Period, period_end
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.tasks import handles, promise
from app.trades.bulletins import News, get_suspension, publish_bulletin, times_of
from app.trades.confirming import promise_end_of_confirming
from app.trades.kept_rules import get_kept_rule
from app.trades.lifecycle_rules import check_deadline, earliest_resumption
from app.trades.queries import lock_listing
from app.trades.rescheduling import (
    call_sale_off,
    lock_for_desk,
    put_up_again,
    require_not_decided,
    require_times_fit,
)
from app.trades.rights_gate import require_consents
from app.trades.states import ListingAct, ListingStatus, next_listing_status

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.db import AnySession, Session
    from app.trades.bulletins import Said
    from app.trades.models import Listing

SUSPENSION_OVER = "suspension_over"


async def suspend_listing(
    session: Session, caller: Caller, listing_id: UUID, said: Said, signer: Signer | None = None
) -> UUID:
    """Suspends a published listing with a published reason; returns its id. Nobody comes in, pays, buys or agrees meanwhile.

    A sale by bidding that has not opened is called off; deposits stay held. It lasts at most as long as the sale's
    rules say, which the desk is then told. Locks the auction, then the listing. Raises NotPermitted, OwnListing,
    ListingMissing, ListingStateForbids, SaleHasOpened, SaleIsOver, DeadlineOver, TextOutOfRange.
    Source: the exchange's own rule after 国资发产权〔2009〕120号 article 23.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing, sale, now = await lock_for_desk(session, caller, listing_id)
    status = next_listing_status(listing.status, ListingAct.SUSPEND)
    said = said.checked()
    require_not_decided(listing, sale, now)
    before = times_of(listing)
    voided = await call_sale_off(session, listing, sale, said, signer)
    longest = await _period(session, listing, "listing.suspension", now)
    until_at = period_end(now, longest, await read_calendar(session))
    listing.status = status
    news = News("suspended", said, now, before, until_at=until_at, voided_auction_id=voided)
    row = await publish_bulletin(session, caller, listing, news)
    await promise(
        session, SUSPENSION_OVER, {"bulletin_id": str(row.id), "listing_id": str(listing.id)}, run_at=until_at
    )
    return listing.id


async def resume_listing(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    said: Said,
    *,
    deadline_at: datetime | None = None,
) -> UUID:
    """Resumes a suspended listing with a deadline that leaves the notice as long as announced; returns its id.

    A sale by bidding is scheduled anew, and whoever had paid gets a new code. What follows the deadline keeps its
    distance from it. Locks the auction, then the listing. Raises NotPermitted, OwnListing, ListingMissing,
    ListingStateForbids, DeadlineTooEarly, TextOutOfRange, PatentExpiresBeforeTheClose, ConsentsMissing,
    ConsentNotVerified.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing, _, now = await lock_for_desk(session, caller, listing_id)
    status = next_listing_status(listing.status, ListingAct.RESUME)
    said = said.checked()
    before = times_of(listing)
    after = before.moved_to(check_deadline(deadline_at, await _earliest(session, listing, now)))
    await require_times_fit(session, listing, after, now)
    await require_consents(session, listing)
    listing.status = status
    await put_up_again(session, listing, after, now)
    await promise_end_of_confirming(session, listing)
    await publish_bulletin(session, caller, listing, News("resumed", said, now, before, after))
    return listing.id


async def find_earliest_deadline(session: AnySession, listing: Listing) -> datetime | None:
    """The earliest deadline with which a suspended listing could be resumed now; None for any other."""
    if listing.status != ListingStatus.SUSPENDED:
        return None
    return await _earliest(session, listing, await market_now(session))


async def _earliest(session: AnySession, listing: Listing, now: datetime) -> datetime:
    suspension = await get_suspension(session, listing)
    least = await _period(session, listing, "listing.resume_notice", now)
    calendar = await read_calendar(session)
    return earliest_resumption(suspension.deadline_before, suspension.at, now, least, calendar)


async def _period(session: AnySession, listing: Listing, key: str, now: datetime) -> Period:
    return Period.from_json(await get_kept_rule(session, listing, key, on=market_date(now)))


@handles(SUSPENSION_OVER)
async def end_suspension(session: Session, payload: dict[str, Any]) -> None:
    """Tells the desk that a suspension has lasted its longest time: it has to resume or terminate. Locks the listing."""
    listing = await lock_listing(session, UUID(payload["listing_id"]))
    if listing.status != ListingStatus.SUSPENDED:
        return
    suspension = await get_suspension(session, listing)
    if str(suspension.id) != payload["bulletin_id"]:
        return
    detail = {"listing_no": listing.listing_no, "number": suspension.number}
    await audit(
        session, None, "listing.suspension-over", subject_kind="listing", subject_id=listing.id, detail=detail
    )
