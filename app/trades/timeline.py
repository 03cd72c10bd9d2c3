"""A listing's time line (办理经过): what happened to it, as numbered events on a stream of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from app.chain import Event
from app.events import EventStream, list_events, record

if TYPE_CHECKING:
    from uuid import UUID

    from app.chain import Recorded
    from app.db import AnySession, Session
    from app.trades.models import Listing


async def tell(session: Session, listing: Listing, kind: str, **body: str | int | None) -> None:
    """Writes what happened on the listing's stream, which everybody reads who sees the listing: it holds no secret.

    Needs the listing's lock.
    """
    new = insert(EventStream).values(id=listing.id, name=f"listing {listing.listing_no}")
    await session.execute(new.on_conflict_do_nothing())
    await record(session, listing.id, Event(kind, {"listing_no": listing.listing_no, **body}))


async def read_timeline(session: AnySession, listing_id: UUID) -> list[Recorded]:
    """Reads what happened to a listing, the oldest first."""
    return await list_events(session, listing_id)
