"""Prolonging a listing by itself (延牌), as the clause that was announced with it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.calendar_days import Period
from app.clock import market_date
from app.errors import MarketError
from app.holidays import read_calendar
from app.trades.bulletins import News, Said, list_bulletins, publish_bulletin, times_of
from app.trades.kept_rules import get_kept_rule
from app.trades.lifecycle_rules import next_prolongation
from app.trades.rescheduling import put_up_again, require_times_fit
from app.trades.states import ListingAct, next_listing_status

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Session
    from app.trades.models import Listing


async def prolong_if_announced(session: Session, listing: Listing, now: datetime) -> bool:
    """Prolongs a listing that found nobody, while its clause allows; says whether it did. Needs the listing's lock.

    What follows the deadline keeps its distance from it, and a sale by bidding is scheduled anew. A patent that would
    expire meanwhile is not put up again. Source: after 120号 article 20 (each time at least five working days).
    """
    used = sum(
        row.kind == "prolonged" and row.announcement == listing.announcement
        for row in await list_bulletins(session, listing.id)
    )
    least = Period.from_json(
        await get_kept_rule(session, listing, "listing.prolongation", on=market_date(now))
    )
    calendar = await read_calendar(session)
    deadline_at = next_prolongation(listing.prolong_count, listing.prolong_times, used, now, least, calendar)
    if deadline_at is None:
        return False
    before = times_of(listing)
    after = before.moved_to(deadline_at)
    try:
        await require_times_fit(session, listing, after, now)
    except MarketError:
        return False
    listing.status = next_listing_status(listing.status, ListingAct.PROLONG)
    await put_up_again(session, listing, after, now)
    said = Said(
        f"公告期满未征集到意向受让方，按公告的延牌条款延牌（第 {used + 1} 次，最多 {listing.prolong_times} 次）。",
        f"The notice ended without a buyer and is prolonged by its clause ({used + 1} of at most {listing.prolong_times}).",
    )
    await publish_bulletin(session, None, listing, News("prolonged", said, now, before, after))
    return True
