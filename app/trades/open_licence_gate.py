"""Where an open licence stands in the way, or is not open yet: asked before a licence is offered, sold or recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.trades.errors_open_licences import OpenLicenceNotAnnounced, OpenLicenceRuns
from app.trades.models import Listing
from app.trades.open_licence_models import OpenLicence
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import AnySession

_OVER = (ListingStatus.SOLD, ListingStatus.UNSOLD, ListingStatus.TERMINATED)


async def require_not_open(session: AnySession, patent_id: UUID, application_no: str, kind: str) -> None:
    """Raises OpenLicenceRuns for an exclusive or sole licence of a patent that is open to all (专利法 article 51).

    Under the patent's lock none is opened meanwhile; the database stands behind it.
    """
    if kind == "ordinary":
        return
    query = (
        select(Listing.listing_no)
        .join(OpenLicence, OpenLicence.listing_id == Listing.id)
        .where(
            Listing.patent_id == patent_id,
            Listing.published_at.is_not(None),
            Listing.status.not_in(_OVER),
        )
    )
    listing_no = (await session.execute(query)).scalar()
    if listing_no is not None:
        raise OpenLicenceRuns(application_no, listing_no)


async def require_announced(session: AnySession, listing: Listing) -> None:
    """Raises OpenLicenceNotAnnounced for a declaration whose announcement is not recorded."""
    query = select(OpenLicence.announcement_no).where(OpenLicence.listing_id == listing.id)
    row = (await session.execute(query)).one_or_none()
    if row is not None and row[0] is None:
        raise OpenLicenceNotAnnounced(listing.listing_no)
