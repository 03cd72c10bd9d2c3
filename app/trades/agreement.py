"""From an accepted offer to the deal (协议成交): at once, or once what the seller's regime asks for is completed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.audit import audit
from app.chain import Event
from app.clock import market_now
from app.events import record
from app.trades.dealing import conclude, make_deal
from app.trades.errors_rooms import NotAgreed
from app.trades.notices import require_notice_completed
from app.trades.room_queries import list_offers
from app.trades.rooms import lock_table, offer_body
from app.trades.states import ListingAct, ListingStatus, next_listing_status

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Deal


async def confirm_agreement(session: Session, caller: Caller, room_id: UUID) -> UUID:
    """Makes the deal of what was agreed in a room, at its price and with its buyer; returns the room's id.

    Either side may ask for it. Locks the listing, then the room. Raises RoomMissing, NotPermitted, NotAgreed, and what
    the public notice lacks that the seller's regime asks for: NoticeNeeded, NotTheNoticedTransferee, BelowNoticedPrice.
    """
    listing, room, _ = await lock_table(session, caller, room_id)
    if room.status != "agreed" or room.deal_id is not None or listing.status != ListingStatus.LISTED:
        raise NotAgreed
    offer = next(one for one in await list_offers(session, room.id) if one.status == "accepted")
    await require_notice_completed(session, listing, offer.price_fen, room.buyer_id)
    now = await market_now(session)
    made = await conclude(
        session,
        listing,
        room.buyer_id,
        offer.price_fen,
        closed_at=offer.ended_at or now,
        agreed={"room_id": str(room.id), **offer_body(offer)},
    )
    deal = await make_deal(session, made)
    room.deal_id = deal.id
    listing.status = next_listing_status(listing.status, ListingAct.SELL)
    await session.flush()
    await record(session, room.id, Event("deal_confirmed", {"deal_no": deal.deal_no}), at=now)
    await _audit(session, caller, deal, listing.listing_no)
    return room.id


async def _audit(session: Session, caller: Caller, deal: Deal, listing_no: str) -> None:
    detail: dict[str, Any] = {"listing_no": listing_no, "deal_no": deal.deal_no, "price_fen": deal.price_fen}
    await audit(
        session, caller, "listing.sold", subject_kind="listing", subject_id=deal.listing_id, detail=detail
    )
