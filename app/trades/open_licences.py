"""Open licences (专利开放许可): the owner declares, the desk records the announcement, whoever accepts is licensed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.queries import get_patent, lock_patents
from app.clock import market_date, market_now
from app.trades.errors import ListingMissing, ListingNotOpenToBuyers, NotTheSeller
from app.trades.errors_open_licences import (
    AnnouncementRecorded,
    AnnouncementWrong,
    OpenLicenceFixed,
    OpenLicenceMissing,
    OpenLicenceNeedsOrdinary,
)
from app.trades.licence_register import list_grants
from app.trades.licence_sales import end_sale_to_many, find_open_licence, is_sold_to_many, terms_sha256
from app.trades.models import Listing
from app.trades.open_licence_models import OpenLicence
from app.trades.open_licence_rules import Declaration, check_declaration
from app.trades.queries import get_listing_view, lock_listing
from app.trades.states import (
    LISTING_WORDS,
    PUBLIC_STATUSES,
    ListingAct,
    ListingStatus,
    next_listing_status,
)

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

SHORTEST_NO, LONGEST_NO = 2, 60


async def declare_open_licence(session: Session, caller: Caller, listing_id: UUID, said: Declaration) -> UUID:
    """Declares that the owner licenses anybody on a listing's terms; returns the listing's id.

    The owner's signatory declares, and his declaration later stands for the licensor's signature under each contract.
    While the listing is a draft it may be declared anew. Locks the listing, then the patent. Raises NotPermitted,
    ListingMissing, NotTheSeller, OpenLicenceFixed, OpenLicenceNeedsOrdinary, FeeStandardWrong, OpenLicenceRefused.
    Source: 专利法 article 50, 专利法实施细则 articles 85 and 86.
    """
    caller.require(Permission.CONTRACT_SIGN)
    listing = await _lock_own(session, caller, listing_id)
    if listing.status not in (ListingStatus.DRAFT, ListingStatus.RETURNED):
        raise OpenLicenceFixed(listing.listing_no)
    if not is_sold_to_many(listing) or listing.patent_id is None:
        raise OpenLicenceNeedsOrdinary(listing.listing_no)
    await _check(session, listing, said)
    found = await find_open_licence(session, listing.id)
    if found is None:
        found = OpenLicence(listing_id=listing.id)
        session.add(found)
    for name in ("fee_method", "royalty_bp", "annuity_paid_until", "is_pledged"):
        setattr(found, name, getattr(said, name))
    for name in ("fee_standard", "pledgee_consent", "evaluation_ref"):
        setattr(found, name, getattr(said, name).strip())
    found.declared_by = caller.person_id
    found.declared_at = await market_now(session)
    listing.is_open_licence = True
    listing.version += 1
    await session.flush()
    await _audit(session, caller, "open_licence.declared", listing, {"fee_method": said.fee_method})
    return listing.id


async def record_announcement(
    session: Session, caller: Caller, listing_id: UUID, announcement_no: str, announced_on: date
) -> UUID:
    """Records the patent office's announcement of an accepted declaration; returns the listing's id.

    Locks the listing. Raises NotPermitted, ListingMissing, OpenLicenceMissing, AnnouncementRecorded, AnnouncementWrong,
    ListingStateForbids. Source: 专利法 article 50 (公告), 专利法实施细则 article 85.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing = await lock_listing(session, listing_id)
    found = await get_open_licence(session, listing.id)
    if found.announcement_no is not None:
        raise AnnouncementRecorded(found.announcement_no)
    next_listing_status(listing.status, ListingAct.PUBLISH)
    now = await market_now(session)
    number = announcement_no.strip()
    if not SHORTEST_NO <= len(number) <= LONGEST_NO or announced_on > market_date(now):
        raise AnnouncementWrong(announced_on, market_date(now))
    found.announcement_no, found.announced_on = number, announced_on
    found.announced_by, found.announced_at = caller.person_id, now
    await session.flush()
    await _audit(session, caller, "open_licence.announced", listing, {"announcement_no": number})
    return listing.id


async def withdraw_open_licence(session: Session, caller: Caller, listing_id: UUID) -> UUID:
    """Withdraws an open declaration, which ends its listing; licences given before stay. Returns the listing's id.

    Locks the listing. Raises NotPermitted, ListingMissing, NotTheSeller, OpenLicenceMissing, ListingNotOpenToBuyers.
    Source: 专利法 article 50 (公告后撤回的，不影响在先给予的开放许可的效力).
    """
    caller.require(Permission.CONTRACT_SIGN)
    listing = await _lock_own(session, caller, listing_id)
    found = await get_open_licence(session, listing.id)
    if listing.status != ListingStatus.LISTED:
        raise ListingNotOpenToBuyers(listing.status, *LISTING_WORDS[ListingStatus(listing.status)])
    found.withdrawn_by, found.withdrawn_at = caller.person_id, await market_now(session)
    await end_sale_to_many(session, listing)
    await _audit(session, caller, "open_licence.withdrawn", listing, {})
    return listing.id


async def _lock_own(session: Session, caller: Caller, listing_id: UUID) -> Listing:
    listing = await lock_listing(session, listing_id)
    if listing.seller_id != caller.organisation_id:
        raise NotTheSeller if listing.status in PUBLIC_STATUSES else ListingMissing
    return listing


async def _check(session: Session, listing: Listing, said: Declaration) -> None:
    if listing.patent_id is None:
        raise OpenLicenceNeedsOrdinary(listing.listing_no)
    patent = await get_patent(session, listing.patent_id)
    await lock_patents(session, [patent.id])
    check_declaration(
        said,
        patent_type=patent.patent_type,
        today=market_date(await market_now(session)),
        standing=await list_grants(session, patent.id, except_listing_id=listing.id),
    )


async def get_open_licence(session: AnySession, listing_id: UUID) -> OpenLicence:
    """Reads the declaration over a listing; raises OpenLicenceMissing."""
    found = await find_open_licence(session, listing_id)
    if found is None:
        raise OpenLicenceMissing
    return found


async def read_open_licence(
    session: AnySession, caller: Caller | None, listing_id: UUID
) -> tuple[OpenLicence, str]:
    """Reads the declaration, and its terms' fingerprint, for whoever may see the listing.

    Raises ListingMissing, NotPermitted, OpenLicenceMissing.
    """
    listing = (await get_listing_view(session, caller, listing_id)).listing
    found = await get_open_licence(session, listing_id)
    return found, terms_sha256(listing, found)


async def get_declared(session: AnySession, listing_id: UUID) -> tuple[OpenLicence, str]:
    """Reads what the caller has just declared or recorded, with its terms' fingerprint."""
    found = await get_open_licence(session, listing_id)
    return found, terms_sha256(await session.get_one(Listing, listing_id), found)


async def _audit(
    session: Session, caller: Caller, action: str, listing: Listing, detail: dict[str, str]
) -> None:
    detail = {"listing_no": listing.listing_no, **detail}
    await audit(session, caller, action, subject_kind="listing", subject_id=listing.id, detail=detail)
