"""Consents of co-owners and pledgees (同意书): laid by the seller, verified or refused by the desk, seen by these two alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.ids import uuid7
from app.trades.errors import ListingMissing, NotTheSeller, OwnListing
from app.trades.errors_rights import (
    ConsentDecided,
    ConsentLaid,
    ConsentNotNeeded,
    ListingOver,
    RightConsentMissing,
    RightMissing,
)
from app.trades.intent_documents import media_type_of
from app.trades.models import Listing
from app.trades.queries import lock_listing
from app.trades.rights_gate import list_rights
from app.trades.rights_models import RightConsent
from app.trades.rights_rules import check_consent, scope_of
from app.trades.rules import check_reason
from app.trades.states import LISTING_WORDS, PUBLIC_STATUSES, ListingStatus

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

Decision = Literal["verify", "refuse"]
_STATUS = {"verify": "verified", "refuse": "refused"}
_WORDS = {"verified": ("核验通过", "verified"), "refused": ("退回", "refused")}
# While it is out or over, what was published of its rights stands.
_SETTLED = (ListingStatus.LISTED, ListingStatus.SOLD, ListingStatus.UNSOLD, ListingStatus.TERMINATED)


@dataclass(frozen=True)
class NewConsent:
    """A consent as the seller lays it: whose right it frees, who gave it on which day, and the document."""

    right_id: UUID
    given_by: str
    given_on: date
    name: str
    content: bytes


async def lay_consent(session: Session, caller: Caller, listing_id: UUID, new: NewConsent) -> UUID:
    """Lays a holder's consent to what a listing of the caller's own offers; returns the consent's id. Locks the listing.

    Raises NotPermitted, ListingMissing, NotTheSeller, ListingOver, RightMissing, ConsentNotNeeded, ConsentLaid,
    HolderUnclear, ConsentOutOfTime, IntentDocumentUnfit.
    """
    caller.require(Permission.LISTING_WRITE)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id != caller.organisation_id:
        raise NotTheSeller if listing.status in PUBLIC_STATUSES else ListingMissing
    _require_open(listing)
    view = next(
        (one for one in await list_rights(session, listing) if one.right.id == new.right_id),
        None,
    )
    if view is None:
        raise RightMissing
    if not view.needs_consent:
        raise ConsentNotNeeded
    if view.consent in ("waiting", "verified"):
        raise ConsentLaid
    check_consent(new.given_by.strip(), new.given_on, market_date(await market_now(session)))
    consent = RightConsent(
        id=uuid7(),
        right_id=new.right_id,
        listing_id=listing.id,
        scope=scope_of(listing.rights, is_open=listing.is_open_licence),
        given_by=new.given_by.strip(),
        given_on=new.given_on,
        name=new.name,
        media_type=media_type_of(new.name, new.content),
        sha256=hashlib.sha256(new.content).hexdigest(),
        content=new.content,
        laid_by=caller.person_id,
    )
    session.add(consent)
    await session.flush()
    detail = {"consent_id": str(consent.id), "holder": view.right.holder_name, "sha256": consent.sha256}
    await _audit(session, caller, "consent.laid", listing, detail)
    return consent.id


async def decide_consent(
    session: Session, caller: Caller, consent_id: UUID, decision: Decision, reason: str = ""
) -> UUID:
    """Verifies a consent, or refuses it with a reason; returns its id. Locks the listing.

    Raises NotPermitted, RightConsentMissing, OwnListing, ListingOver, ConsentDecided, TextOutOfRange.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing_id = (await get_consent(session, consent_id)).listing_id
    listing = await lock_listing(session, listing_id)
    if listing.seller_id == caller.organisation_id:
        raise OwnListing
    _require_open(listing)
    # Read again under the lock: another reviewer may have been first.
    consent = await get_consent(session, consent_id)
    if consent.status != "waiting":
        raise ConsentDecided(*_WORDS[consent.status])
    words = check_reason(reason, is_needed=decision == "refuse")
    consent.status, consent.reason = _STATUS[decision], words
    consent.decided_by, consent.decided_at = caller.person_id, await market_now(session)
    await session.flush()
    detail = {"consent_id": str(consent.id), "given_by": consent.given_by, "reason": words}
    await _audit(session, caller, f"consent.{consent.status}", listing, detail)
    return consent.id


async def see_consent(session: AnySession, caller: Caller, consent_id: UUID) -> RightConsent:
    """Reads a consent with its document, for the seller's own people and the desk. Raises RightConsentMissing, NotPermitted."""
    query = (
        select(RightConsent, Listing.seller_id)
        .join(Listing, Listing.id == RightConsent.listing_id)
        .where(RightConsent.id == consent_id)
        .options(undefer(RightConsent.content))
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise RightConsentMissing
    if not sees_consents(caller):
        if row.seller_id != caller.organisation_id:
            raise RightConsentMissing
        caller.require(Permission.LISTING_READ_OWN)
    found: RightConsent = row[0]
    return found


def sees_consents(caller: Caller) -> bool:
    """Whether the caller sees the consents of every listing: the desk that reviews, and the supervisor."""
    return caller.may(Permission.LISTING_REVIEW) or caller.may(Permission.AUDIT_READ)


async def get_consent(session: AnySession, consent_id: UUID) -> RightConsent:
    """Reads a consent afresh, without its document. Raises RightConsentMissing."""
    query = select(RightConsent).where(RightConsent.id == consent_id)
    found = await session.execute(query, execution_options={"populate_existing": True})
    consent = found.scalar_one_or_none()
    if consent is None:
        raise RightConsentMissing
    return consent


def _require_open(listing: Listing) -> None:
    if listing.status in _SETTLED:
        raise ListingOver(*LISTING_WORDS[ListingStatus(listing.status)])


async def _audit(
    session: Session, caller: Caller, action: str, listing: Listing, detail: dict[str, str]
) -> None:
    await audit(
        session,
        caller,
        action,
        subject_kind="listing",
        subject_id=listing.id,
        detail={"listing_no": listing.listing_no, **detail},
    )
