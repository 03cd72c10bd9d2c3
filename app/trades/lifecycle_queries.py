"""Reading what was announced about a listing, what its seller asked for, and what it was listed anew from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.trades.bulletins import list_bulletins, times_of
from app.trades.errors import ListingMissing
from app.trades.halting import find_earliest_deadline
from app.trades.models import Listing
from app.trades.petition_rows import list_petitions
from app.trades.queries import get_listing_view
from app.trades.relisting import find_follower
from app.trades.states import PUBLIC_STATUSES

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession
    from app.trades.lifecycle_models import ListingBulletin, ListingPetition


@dataclass(frozen=True)
class Course:
    """What became of a published listing: bulletins, its deadline, how it may be resumed, and its kin."""

    bulletins: list[ListingBulletin]
    announcement: int
    deadline_at: datetime | None
    earliest_deadline_at: datetime | None
    former: Listing | None
    follower: Listing | None


async def get_course(session: AnySession, caller: Caller | None, listing_id: UUID) -> Course:
    """Reads a listing's course for whoever may see the listing. Raises ListingMissing, NotPermitted."""
    listing = (await get_listing_view(session, caller, listing_id)).listing
    former = None
    if listing.former_id is not None:
        former = (await session.execute(select(Listing).where(Listing.id == listing.former_id))).scalar_one()
    return Course(
        await list_bulletins(session, listing.id),
        listing.announcement,
        times_of(listing).deadline_at if listing.status in PUBLIC_STATUSES else None,
        await find_earliest_deadline(session, listing),
        former,
        await find_follower(session, listing.id),
    )


async def read_petitions(
    session: AnySession, caller: Caller, listing_id: UUID, *, is_written: bool = False
) -> list[ListingPetition]:
    """Reads a listing's petitions for its seller, the listing desk and the supervisor.

    ``is_written``: the caller has just written one, so a token for selling alone may read them. Raises ListingMissing,
    NotPermitted.
    """
    if not is_written and not (caller.may(Permission.LISTING_REVIEW) or caller.may(Permission.AUDIT_READ)):
        query = select(Listing.seller_id).where(Listing.id == listing_id)
        if (await session.execute(query)).scalar_one_or_none() != caller.organisation_id:
            raise ListingMissing
        caller.require(Permission.LISTING_READ_OWN)
    return await list_petitions(session, listing_id)
