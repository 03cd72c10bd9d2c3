"""What is announced about a published listing (项目动态公告): written with its act, and read by everybody who sees the listing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.audit import audit
from app.chain import instant
from app.trades.lifecycle_models import ListingBulletin
from app.trades.lifecycle_rules import Times
from app.trades.rules import check_reason
from app.trades.timeline import tell

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.trades.models import Listing

_ACTIONS = {
    "suspended": "listing.suspended",
    "resumed": "listing.resumed",
    "terminated": "listing.terminated",
    "changed": "listing.announced-anew",
    "prolonged": "listing.prolonged",
}


@dataclass(frozen=True)
class Said:
    """A reason as it is published, in both languages; whose petition it was, if it was one."""

    reason_zh: str
    reason_en: str
    petition_id: UUID | None = None

    def checked(self) -> Said:
        """The same without outer blanks; raises TextOutOfRange when it says too little or too much."""
        return Said(check_reason(self.reason_zh), check_reason(self.reason_en), self.petition_id)


@dataclass(frozen=True)
class News:
    """One thing that happened to a listing, at an official instant, with what it moved."""

    kind: str
    said: Said
    at: datetime
    before: Times
    after: Times | None = None
    until_at: datetime | None = None
    ground: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    voided_auction_id: UUID | None = None


def times_of(listing: Listing) -> Times:
    """The announced times of a published listing."""
    return Times(
        listing.notice_ends_at,
        listing.opens_at,
        listing.closes_at,
        listing.hard_end_at,
        listing.auction_id is not None,
    )


async def publish_bulletin(
    session: Session, caller: Caller | None, listing: Listing, news: News
) -> ListingBulletin:
    """Writes a bulletin with its audit record and its event; the caller holds the listing's lock.

    ``caller`` is None for what the market does by itself.
    """
    await session.flush()
    deadline_at = None if news.after is None else news.after.deadline_at
    row = ListingBulletin(
        listing_id=listing.id,
        number=len(await list_bulletins(session, listing.id)) + 1,
        kind=news.kind,
        ground=news.ground,
        reason_zh=news.said.reason_zh,
        reason_en=news.said.reason_en,
        petition_id=news.said.petition_id,
        person_id=caller.person_id if caller else None,
        at=news.at,
        until_at=news.until_at,
        deadline_before=news.before.deadline_at,
        deadline_after=deadline_at,
        announcement=listing.announcement,
        changes=news.changes,
        voided_auction_id=news.voided_auction_id,
        auction_id=None if listing.auction_id == news.voided_auction_id else listing.auction_id,
    )
    session.add(row)
    await session.flush()
    await _record(session, caller, listing, row)
    return row


async def _record(session: Session, caller: Caller | None, listing: Listing, row: ListingBulletin) -> None:
    """The act in the audit record, by which people are told, and on the listing's time line."""
    until = row.until_at or row.deadline_after
    until_at = None if until is None else instant(until)
    detail = {
        "listing_no": listing.listing_no,
        "reason_zh": row.reason_zh,
        "reason_en": row.reason_en,
        "until_at": until_at,
        "changed": sorted(row.changes),
    }
    action = _ACTIONS[row.kind]
    await audit(session, caller, action, subject_kind="listing", subject_id=listing.id, detail=detail)
    await tell(
        session,
        listing,
        f"listing_{row.kind}",
        number=row.number,
        reason_zh=row.reason_zh,
        reason_en=row.reason_en,
        until_at=until_at,
    )


async def list_bulletins(session: AnySession, listing_id: UUID) -> list[ListingBulletin]:
    """Reads all bulletins of a listing by number."""
    query = select(ListingBulletin).where(ListingBulletin.listing_id == listing_id)
    return list((await session.execute(query.order_by(ListingBulletin.number))).scalars())


async def get_suspension(session: AnySession, listing: Listing) -> ListingBulletin:
    """Reads the bulletin by which a suspended listing was suspended."""
    query = select(ListingBulletin).where(
        ListingBulletin.listing_id == listing.id, ListingBulletin.kind == "suspended"
    )
    return (await session.execute(query.order_by(ListingBulletin.number.desc()).limit(1))).scalar_one()
