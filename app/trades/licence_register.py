"""The room that a patent's licences leave (许可的空间): what is taken, whether an offer fits, and what a deal takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, exists, or_, select

from app.audit import audit
from app.catalog.queries import get_patent, lock_patents
from app.ids import uuid7
from app.trades.confirmation import bought_grant
from app.trades.default_models import DealDefault
from app.trades.licence_models import DealLicence, Licence
from app.trades.licence_rules import (
    LICENCES,
    Grant,
    check_grant,
    check_overlap,
    grant_of,
    offered_grant,
)
from app.trades.method import AUCTION, LISTED, ORDINARY
from app.trades.models import Listing
from app.trades.open_licence_gate import require_not_open
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.trades.confirmation import Concluded
    from app.trades.licence_rules import Kind
    from app.trades.models import Deal
    from app.trades.rules import Offer
    from app.trades.subjects import Subject


async def list_grants(
    session: AnySession,
    patent_id: UUID,
    *,
    except_listing_id: UUID | None = None,
    except_deal_id: UUID | None = None,
) -> list[Grant]:
    """Reads what of a patent is taken, for the overlap's rule; under the patent's lock nobody adds to it.

    That is what was granted, what deals promise that are neither signed nor defaulted, and what is being bid for: a
    competition that was announced ends in a deal. What is on offer at a price or in a negotiation is not taken yet.
    """
    granted = (await session.execute(select(Licence).where(Licence.patent_id == patent_id))).scalars()
    promises = select(DealLicence).where(_promises(patent_id))
    if except_deal_id is not None:
        promises = promises.where(DealLicence.deal_id != except_deal_id)
    promised = (await session.execute(promises)).scalars()
    grants = [_grant(row) for row in (*granted, *promised)]
    bid_for = select(Listing).where(_bid_for(patent_id))
    if except_listing_id is not None:
        bid_for = bid_for.where(Listing.id != except_listing_id)
    return [*grants, *map(grant_of, (await session.execute(bid_for)).scalars())]


def _grant(row: Licence | DealLicence) -> Grant:
    return Grant(cast("Kind", row.kind), row.territory, row.field, row.starts_on, row.ends_on)


def _promises(patent_id: UUID) -> ColumnElement[bool]:
    """Promises that still hold: a contract in force has a row of its own, and a confirmed default ended the rest."""
    signed = exists().where(Licence.deal_id == DealLicence.deal_id)
    failed = exists().where(DealDefault.deal_id == DealLicence.deal_id, DealDefault.status == "confirmed")
    return (DealLicence.patent_id == patent_id) & ~signed & ~failed


def _bid_for(patent_id: UUID) -> ColumnElement[bool]:
    over = (ListingStatus.SOLD, ListingStatus.UNSOLD, ListingStatus.TERMINATED)
    has_bidding = or_(Listing.method == AUCTION, (Listing.method == LISTED) & (Listing.rights != ORDINARY))
    is_out = Listing.published_at.is_not(None) & Listing.status.not_in(over)
    return (Listing.patent_id == patent_id) & Listing.rights.in_(LICENCES) & has_bidding & is_out


async def require_room(
    session: AnySession, offer: Offer, subject: Subject, *, except_listing_id: UUID | None = None
) -> None:
    """Raises LicenceOverlaps or EarlierLicenceInTheWay where an offered licence is in the way of what is taken."""
    if offer.rights not in LICENCES:
        return
    patent = subject.patents[0]
    await require_not_open(session, patent.id, patent.application_no, offer.rights)
    taken = await list_grants(session, patent.id, except_listing_id=except_listing_id)
    check_overlap(offered_grant(offer), taken, accepts_earlier=offer.accepts_earlier)


async def promise_licence(session: Session, made: Concluded, deal_id: UUID) -> DealLicence:
    """Takes the room of the licence that a deal gives; whoever bought accepted the listing's word on earlier ones.

    Locks the patent. Raises LicenceBeyondOffer, LicenceBeyondPatent, LicenceOverlaps, EarlierLicenceInTheWay; the
    database refuses what comes past this. Source: 民法典 article 865, 技术合同解释 article 25.
    """
    listing, patent = made.listing, made.subject.patents[0]
    grant = bought_grant(made)
    check_grant(grant, application_no=patent.application_no, expires_on=patent.expires_on)
    await lock_patents(session, [patent.id])
    await require_not_open(session, patent.id, patent.application_no, grant.kind)
    taken = await list_grants(session, patent.id, except_listing_id=listing.id)
    check_overlap(grant, taken, accepts_earlier=listing.accepts_earlier)
    promised = DealLicence(
        deal_id=deal_id,
        patent_id=patent.id,
        **vars(grant),
        expires_on=patent.expires_on,
        sublicence=bool(listing.sublicence),
        accepts_earlier=listing.accepts_earlier,
    )
    session.add(promised)
    await session.flush()
    return promised


async def enter_licence(
    session: Session, caller: Caller | None, deal: Deal, licensee_name: str, *, recorded_by: UUID
) -> UUID:
    """Enters a deal's licence into the register, when its condition is met; returns the entry's id.

    What was granted before is judged once more. Locks the patent. Raises LicenceBeyondPatent, LicenceOverlaps,
    EarlierLicenceInTheWay; the database refuses what comes past this.
    """
    promised = await get_deal_licence(session, deal.id)
    patent = await get_patent(session, promised.patent_id)
    grant = _grant(promised)
    check_grant(grant, application_no=patent.application_no, expires_on=patent.expires_on)
    await lock_patents(session, [patent.id])
    taken = await list_grants(session, patent.id, except_listing_id=deal.listing_id, except_deal_id=deal.id)
    check_overlap(grant, taken, accepts_earlier=promised.accepts_earlier)
    licence = Licence(
        id=uuid7(),
        patent_id=patent.id,
        licensor_id=deal.seller_id,
        licensee_name=licensee_name,
        **vars(grant),
        expires_on=patent.expires_on,
        accepts_earlier=promised.accepts_earlier,
        deal_id=deal.id,
        recorded_by=recorded_by,
    )
    session.add(licence)
    await session.flush()
    detail = {"application_no": patent.application_no, "kind": licence.kind, "deal_no": deal.deal_no}
    await audit(
        session, caller, "licence.recorded", subject_kind="licence", subject_id=licence.id, detail=detail
    )
    return licence.id


async def get_deal_licence(session: AnySession, deal_id: UUID) -> DealLicence:
    """Reads the licence that a deal promises."""
    return (await session.execute(select(DealLicence).where(DealLicence.deal_id == deal_id))).scalar_one()
