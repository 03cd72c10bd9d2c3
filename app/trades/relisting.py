"""Listing anew what found no buyer (重新挂牌): a draft copied from the former listing and linked to it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.trades.announced_models import AnnouncedPlan
from app.trades.bulletins import list_bulletins, times_of
from app.trades.errors import ListingMissing, NotTheSeller
from app.trades.errors_lifecycle import NotRelistable
from app.trades.lifecycle_rules import notice_length
from app.trades.models import Listing
from app.trades.numbers import LISTING_SERIES, take_number
from app.trades.queries import lock_listing
from app.trades.rules import Offer
from app.trades.states import LISTING_WORDS, PUBLIC_STATUSES, ListingStatus
from app.trades.subjects import read_subject, require_owner, require_unlisted

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

_OVER = {ListingStatus.UNSOLD, ListingStatus.TERMINATED}


async def relist(session: Session, caller: Caller, listing_id: UUID) -> UUID:
    """Drafts a new listing of what the former one offered, with times as far apart from now; returns its id.

    Its price, words and times may then be changed as of any draft; both listings name each other. How the price is paid
    is copied too, and the rights in the way are declared anew. Locks the former
    listing, then the patents. Raises NotPermitted, ListingMissing, NotTheSeller, NotRelistable, PatentNotOwned,
    PatentAlreadyListed, PatentAlreadySold, DemandAlreadyListed.
    """
    caller.require(Permission.LISTING_WRITE)
    former = await lock_listing(session, listing_id)
    if former.seller_id != caller.organisation_id:
        raise NotTheSeller if former.status in PUBLIC_STATUSES else ListingMissing
    if former.status not in _OVER:
        raise NotRelistable(former.listing_no, *LISTING_WORDS[ListingStatus(former.status)])
    subject = await read_subject(session, former)
    require_owner(subject, caller.organisation_id)
    await require_unlisted(
        session, subject, caller.organisation_id, is_demo=former.is_demonstration, rights=former.rights
    )
    now = await market_now(session)
    bulletins = await list_bulletins(session, former.id)
    present = times_of(former)
    # The notice as it was announced at first, were it to begin now; nothing is announced before the publication.
    first = bulletins[0].deadline_before if bulletins else present.deadline_at
    times = present.restarted(now + notice_length(first, former.published_at or first))
    kept = {item.name: getattr(former, item.name) for item in fields(Offer)}
    # What stands in the way is declared for each listing anew: it may have changed since.
    kept |= times.columns() | {"approval_ref": "", "rights_declared": False}
    listing = Listing(
        listing_no=await take_number(session, LISTING_SERIES),
        board=former.board,
        seller_id=former.seller_id,
        is_demonstration=former.is_demonstration,
        created_by=caller.person_id,
        former_id=former.id,
        first_price_fen=former.first_price_fen or former.start_price_fen,
        **subject.columns(),
        **kept,
    )
    session.add(listing)
    await session.flush()
    await _copy_plan(session, caller, former.id, listing.id)
    detail = {"listing_no": listing.listing_no, "former_no": former.listing_no, "subject": subject.name}
    await audit(
        session, caller, "listing.relisted", subject_kind="listing", subject_id=listing.id, detail=detail
    )
    return listing.id


async def _copy_plan(session: Session, caller: Caller, former_id: UUID, listing_id: UUID) -> None:
    """Copies how the price was to be paid; the seller may write it anew while it is a draft."""
    former = await session.get(AnnouncedPlan, former_id)
    if former is None:
        return
    kept = {name: getattr(former, name) for name in ("kind", "plan", "words_zh", "words_en")}
    session.add(AnnouncedPlan(listing_id=listing_id, written_by=caller.person_id, **kept))
    await session.flush()


async def find_follower(session: AnySession, listing_id: UUID) -> Listing | None:
    """Finds the published listing by which this one was listed anew."""
    query = select(Listing).where(Listing.former_id == listing_id, Listing.status.in_(PUBLIC_STATUSES))
    return (await session.execute(query.order_by(Listing.id.desc()).limit(1))).scalar_one_or_none()
