"""Concluding a deal (成交), whichever way led to it: its number, its confirmation, and the deal's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts.queries import find_exchange, get_organisation
from app.clock import market_now
from app.ids import uuid7
from app.trades.confirmation import Concluded, MemberFacts, fingerprint, write_confirmation
from app.trades.consortium import list_members_of_buyer
from app.trades.licence_register import promise_licence
from app.trades.licence_rules import LICENCES
from app.trades.models import Deal
from app.trades.numbers import DEAL_SERIES, take_number
from app.trades.rights_gate import require_consents
from app.trades.subjects import read_subject

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.auction.queries import SaleView
    from app.db import Session
    from app.trades.models import Intent, Listing


async def conclude(
    session: Session,
    listing: Listing,
    winner_id: UUID,
    price_fen: int,
    *,
    closed_at: datetime,
    series: str = DEAL_SERIES,
    sale: SaleView | None = None,
    intent: Intent | None = None,
    agreed: dict[str, Any] | None = None,
) -> Concluded:
    """Gathers what a confirmation is written about, under the next number of its series."""
    exchange = await find_exchange(session)
    return Concluded(
        number=await take_number(session, series),
        listing=listing,
        subject=await read_subject(session, listing),
        owner=await get_organisation(session, listing.seller_id),
        winner=await get_organisation(session, winner_id),
        exchange_name=exchange.name if exchange else None,
        sale=sale,
        intent=intent,
        price_fen=price_fen,
        closed_at=closed_at,
        confirmed_at=await market_now(session),
        agreed=agreed,
        members=tuple(
            MemberFacts(view.organisation, view.member.share_bp, view.member.is_lead)
            for view in await list_members_of_buyer(session, listing.id, winner_id)
        ),
    )


async def make_deal(session: Session, concluded: Concluded, *, replaces_id: UUID | None = None) -> Deal:
    """Writes the deal with its confirmation; the caller holds the listing's lock and settles the deposits.

    A licence takes its room then, under the patent's lock, or the deal is refused: LicenceOverlaps and the like.
    Without the consents that it needs there is none: ConsentsMissing, ConsentNotVerified. Locks the patents.
    ``replaces_id``: the deal in default whose place it takes.
    """
    await require_consents(session, concluded.listing)
    document = write_confirmation(concluded)
    listing, intent, sale = concluded.listing, concluded.intent, concluded.sale
    deal = Deal(
        id=uuid7(),
        deal_no=concluded.number,
        listing_id=listing.id,
        method=listing.method,
        rights=listing.rights,
        auction_id=sale.auction.id if sale is not None else None,
        seller_id=concluded.owner.id,
        buyer_id=concluded.winner.id,
        price_fen=concluded.price_fen,
        deposit_id=intent.deposit_id if intent is not None else None,
        replaces_id=replaces_id,
        confirmed_at=concluded.confirmed_at,
        confirmation=document,
        confirmation_sha256=fingerprint(document),
    )
    session.add(deal)
    await session.flush()
    if listing.rights in LICENCES:
        await promise_licence(session, concluded, deal.id)
    return deal
