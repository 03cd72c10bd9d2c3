"""A listing's sale by bidding called off before it opens, and a new one in its place with the same buyers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.auction.rules.words import write_rules
from app.auction.voiding import call_off, require_not_opened
from app.clock import market_date, market_now
from app.trades.admission import admit, lock_trade
from app.trades.bulletins import times_of
from app.trades.errors import OwnListing
from app.trades.lifecycle_rules import require_before_deadline
from app.trades.listings import offer_of
from app.trades.method import LISTED, has_bidding, terms_of
from app.trades.publication import promise_end_of_notice, schedule_sale
from app.trades.queries import list_intents_of
from app.trades.states import IntentStatus, check_intent_step
from app.trades.subjects import read_subject, require_fit

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.auction.sale import Sale
    from app.db import Session
    from app.trades.bulletins import Said
    from app.trades.lifecycle_rules import Times
    from app.trades.models import Listing


async def lock_for_desk(
    session: Session, caller: Caller, listing_id: UUID
) -> tuple[Listing, Sale | None, datetime]:
    """Locks the auction, then the listing, for the listing desk; returns them with the official time after the locks.

    Raises ListingMissing, OwnListing, SaleReplaced.
    """
    listing, sale = await lock_trade(session, listing_id)
    if caller.organisation_id == listing.seller_id:
        raise OwnListing
    now = await market_now(session)
    return listing, sale, now if sale is None else max(now, sale.official_at)


def require_not_decided(listing: Listing, sale: Sale | None, now: datetime) -> None:
    """Raises SaleHasOpened, SaleIsOver or DeadlineOver once what was announced is being carried out."""
    if sale is not None:
        require_not_opened(sale)
    else:
        require_before_deadline(times_of(listing), now)


async def call_sale_off(
    session: Session, listing: Listing, sale: Sale | None, said: Said, signer: Signer | None
) -> UUID | None:
    """Voids a listing's scheduled sale, whose buyers then wait with their deposits; returns its id. None: there is none.

    Needs the sale's and the listing's locks. Raises SaleHasOpened, SaleIsOver.
    """
    if sale is None:
        return None
    await call_off(session, sale, said.reason_zh, said.reason_en, signer)
    for intent in await list_intents_of(session, listing.id):
        if intent.status == IntentStatus.ADMITTED:
            check_intent_step(intent.status, IntentStatus.PAID)
            intent.status = IntentStatus.PAID
            # A code belongs to one sale; the next gives another.
            intent.bidder_code, intent.admitted_at = None, None
    await session.flush()
    return sale.id


async def require_times_fit(session: Session, listing: Listing, times: Times, now: datetime) -> None:
    """Raises PatentExpired or PatentExpiresBeforeTheClose unless what is sold lasts beyond these times."""
    offer = replace(offer_of(listing), **times.columns())
    require_fit(await read_subject(session, listing), offer, market_date(now))


async def put_up_again(session: Session, listing: Listing, times: Times, now: datetime) -> None:
    """Puts a listing up with new times: its sale is scheduled anew and takes who had paid, or its notice runs on.

    Needs the listing's lock, and that its former sale is over. Whoever has not confirmed a new announcement is not
    admitted. Raises TermsInvalid.
    """
    for name, value in times.columns().items():
        setattr(listing, name, value)
    listing.moves += 1
    if listing.method == LISTED and has_bidding(offer_of(listing)):
        listing.announced_rules = write_rules(terms_of(offer_of(listing)))
    if not times.is_in_sale:
        listing.auction_id = None
        await promise_end_of_notice(session, listing)
        await session.flush()
        return
    auction = await schedule_sale(session, listing)
    await session.flush()
    for intent in await list_intents_of(session, listing.id):
        if intent.status == IntentStatus.PAID and intent.announcement == listing.announcement:
            await admit(session, intent, auction.id, now)
    await session.flush()
