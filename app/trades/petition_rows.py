"""The rows of petitions: the open one of a listing, and what becomes of it when the listing ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.trades.lifecycle_models import ListingPetition

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import AnySession, Session

_FRESH = {"populate_existing": True}


async def find_open_petition(session: AnySession, listing_id: UUID) -> ListingPetition | None:
    """Finds the petition of a listing that waits; whoever adds or decides one holds the listing's lock."""
    query = select(ListingPetition).where(
        ListingPetition.listing_id == listing_id, ListingPetition.decision.is_(None)
    )
    return (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()


async def list_petitions(session: AnySession, listing_id: UUID) -> list[ListingPetition]:
    """Reads all petitions of a listing, the oldest first."""
    query = select(ListingPetition).where(ListingPetition.listing_id == listing_id)
    return list((await session.execute(query.order_by(ListingPetition.id))).scalars())


async def lapse_petition(
    session: Session, listing_id: UUID, now: datetime, *, except_id: UUID | None = None
) -> None:
    """Closes the open petition of a listing that has ended: nothing is left to decide. Needs the listing's lock."""
    waiting = await find_open_petition(session, listing_id)
    if waiting is not None and waiting.id != except_id:
        waiting.decision, waiting.decided_at = "lapse", now
        await session.flush()
