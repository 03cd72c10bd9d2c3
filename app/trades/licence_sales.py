"""Ordinary licences at a listed price (普通许可按价办理): whoever accepts the terms has one, and it stays open to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.trades.confirmation import fingerprint
from app.trades.conflicts import require_may_buy
from app.trades.dealing import conclude, make_deal
from app.trades.default_models import DealDefault
from app.trades.errors import (
    ExchangeMayNotBuy,
    ListingMissing,
    ListingNotOpenToBuyers,
    SellerMayNotBuy,
)
from app.trades.errors_licences import (
    LicenceAlreadyTaken,
    LicenceSaleOver,
    LicenceTermsChanged,
    NotSoldToMany,
)
from app.trades.licence_rules import grant_of
from app.trades.method import LISTED, ORDINARY
from app.trades.models import Deal
from app.trades.open_licence_models import OpenLicence
from app.trades.queries import lock_listing
from app.trades.states import (
    LISTING_WORDS,
    PUBLIC_STATUSES,
    ListingAct,
    ListingStatus,
    next_listing_status,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.trades.models import Listing

TAKEN = "licence.taken"


async def take_licence(session: Session, caller: Caller, listing_id: UUID, accept_terms_sha256: str) -> UUID:
    """Takes an ordinary licence at its listed price for the caller's organisation; returns the deal's id.

    The deal has its confirmation at once, and the listing stays open to others until its end. Nobody takes it twice.
    Locks the listing, then the patent. Raises ExchangeMayNotBuy, NotPermitted, ListingMissing, SellerMayNotBuy,
    ListingNotOpenToBuyers, NotSoldToMany, LicenceSaleOver, LicenceAlreadyTaken, LicenceTermsChanged, what
    ``require_may_buy`` raises, and what is in the licence's way: LicenceOverlaps. Source: 民法典 articles 473, 491 and 862.
    """
    if caller.is_exchange:
        raise ExchangeMayNotBuy
    caller.require(Permission.INTENT_WRITE)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id == caller.organisation_id:
        raise SellerMayNotBuy
    if listing.status not in PUBLIC_STATUSES:
        raise ListingMissing
    if not is_sold_to_many(listing):
        raise NotSoldToMany(listing.listing_no)
    await require_may_buy(session, listing, [caller.organisation_id])
    # Read after the lock: whoever waited is judged by when he was let in.
    now = await market_now(session)
    _require_open(listing, now)
    before = await find_own_deal(session, listing.id, caller.organisation_id)
    if before is not None:
        raise LicenceAlreadyTaken(before.deal_no)
    wanted = terms_sha256(listing, await find_open_licence(session, listing.id))
    if accept_terms_sha256 != wanted:
        raise LicenceTermsChanged(wanted)
    made = await conclude(session, listing, caller.organisation_id, listing.start_price_fen, closed_at=now)
    deal = await make_deal(session, made)
    detail: dict[str, Any] = {
        "listing_no": listing.listing_no,
        "deal_no": deal.deal_no,
        "price_fen": deal.price_fen,
        "terms_sha256": wanted,
    }
    await audit(session, caller, TAKEN, subject_kind="deal", subject_id=deal.id, detail=detail)
    return deal.id


def is_sold_to_many(listing: Listing) -> bool:
    """Whether anybody may have this at its price: an ordinary licence at a listed price."""
    return listing.method == LISTED and listing.rights == ORDINARY


def _require_open(listing: Listing, now: datetime) -> None:
    if listing.status != ListingStatus.LISTED:
        raise ListingNotOpenToBuyers(listing.status, *LISTING_WORDS[ListingStatus(listing.status)])
    if now >= listing.closes_at:
        raise LicenceSaleOver(listing.closes_at, now)


def offered_terms(listing: Listing, declared: OpenLicence | None = None) -> dict[str, Any]:
    """What whoever takes the licence accepts, as it is fingerprinted; of an open licence with what was declared."""
    grant = grant_of(listing)
    fee = {}
    if declared is not None:
        names = ("fee_method", "fee_standard", "royalty_bp", "announcement_no")
        fee = {name: getattr(declared, name) for name in names}
    return {
        **fee,
        "listing_no": listing.listing_no,
        "title": listing.title,
        "description": listing.description,
        "encumbrances": listing.encumbrances,
        "price_fen": listing.start_price_fen,
        "kind": grant.kind,
        "territory": grant.territory,
        "field": grant.field,
        "licence_from": grant.starts_on.isoformat(),
        "licence_to": grant.ends_on.isoformat(),
        "sublicence": bool(listing.sublicence),
    }


def terms_sha256(listing: Listing, declared: OpenLicence | None = None) -> str:
    """The fingerprint of a licence's terms, which whoever takes it accepts."""
    return fingerprint(offered_terms(listing, declared))


async def find_open_licence(session: AnySession, listing_id: UUID) -> OpenLicence | None:
    """Finds the declaration over a listing afresh."""
    query = select(OpenLicence).where(OpenLicence.listing_id == listing_id)
    return (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()


async def find_own_deal(session: AnySession, listing_id: UUID, buyer_id: UUID) -> Deal | None:
    """Finds the deal that an organisation has of a listing that is sold to many."""
    query = select(Deal).where(Deal.listing_id == listing_id, Deal.buyer_id == buyer_id)
    return (await session.execute(query)).scalar_one_or_none()


async def end_sale_to_many(session: Session, listing: Listing) -> None:
    """Ends a sale to many at its time: sold if anybody has a licence of it that stands; the caller holds the lock."""
    failed = select(DealDefault.deal_id).where(DealDefault.status == "confirmed")
    query = select(Deal.deal_no).where(Deal.listing_id == listing.id, Deal.id.not_in(failed))
    sold = (await session.execute(query.order_by(Deal.id))).scalars().all()
    act = ListingAct.SELL if sold else ListingAct.CLOSE_UNSOLD
    listing.status = next_listing_status(listing.status, act)
    # Each buyer and the seller were told of each licence when it was taken.
    action = "listing.taken_up" if sold else "listing.unsold"
    detail = {"listing_no": listing.listing_no, "deals": list(sold)}
    await audit(session, None, action, subject_kind="listing", subject_id=listing.id, detail=detail)
