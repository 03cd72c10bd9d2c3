"""Negotiating in a room (协商): opening it, making offers, accepting and withdrawing them, and the deal that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.chain import Event, instant
from app.clock import market_now
from app.events import open_stream, record
from app.ids import uuid7
from app.trades.conflicts import require_may_buy
from app.trades.errors import (
    ExchangeMayNotBuy,
    ListingMissing,
    ListingNotOpenToBuyers,
    SellerMayNotBuy,
)
from app.trades.errors_rooms import NegotiationOver, NotNegotiated, RoomExists, RoomMissing
from app.trades.export_gate import require_export_cleared
from app.trades.licence_rules import LICENCES, check_negotiated, grant_of
from app.trades.method import METHOD_WORDS, NEGOTIATED
from app.trades.negotiating import (
    OfferTerms,
    Side,
    Standing,
    check_acceptance,
    check_room_open,
    check_terms,
    check_withdrawal,
)
from app.trades.queries import lock_listing
from app.trades.room_models import NegotiationOffer, NegotiationRoom
from app.trades.room_queries import get_offer, list_offers, lock_other_rooms, lock_room, side_of
from app.trades.states import LISTING_WORDS, PUBLIC_STATUSES, ListingStatus

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing


async def open_room(session: Session, caller: Caller, listing_id: UUID) -> UUID:
    """Opens a room with the seller for the caller's organisation; returns its id. Locks the listing.

    Raises ExchangeMayNotBuy, NotPermitted, ListingMissing, SellerMayNotBuy, ListingNotOpenToBuyers, NotNegotiated,
    NegotiationOver, RoomExists and what ``require_may_buy`` raises.
    """
    if caller.is_exchange:
        raise ExchangeMayNotBuy
    caller.require(Permission.INTENT_WRITE)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id == caller.organisation_id:
        raise SellerMayNotBuy
    if listing.status not in PUBLIC_STATUSES:
        raise ListingMissing
    require_negotiable(listing, await market_now(session))
    await require_may_buy(session, listing, [caller.organisation_id])
    query = select(NegotiationRoom.id).where(
        NegotiationRoom.listing_id == listing.id, NegotiationRoom.buyer_id == caller.organisation_id
    )
    before = (await session.execute(query)).scalar_one_or_none()
    if before is not None:
        raise RoomExists(before)
    room = NegotiationRoom(
        id=uuid7(),
        listing_id=listing.id,
        seller_id=listing.seller_id,
        buyer_id=caller.organisation_id,
        opened_by=caller.person_id,
    )
    session.add(room)
    await session.flush()
    await open_stream(session, room.id, f"negotiation:{room.id}")
    await record(session, room.id, Event("room_opened", {"listing_no": listing.listing_no}))
    await _audit(session, caller, "negotiation.opened", room.id, {"listing_no": listing.listing_no})
    return room.id


def require_negotiable(listing: Listing, now: datetime) -> None:
    """Raises ListingNotOpenToBuyers, NotNegotiated or NegotiationOver; ``now`` is read under the lock."""
    if listing.status != ListingStatus.LISTED:
        raise ListingNotOpenToBuyers(listing.status, *LISTING_WORDS[ListingStatus(listing.status)])
    if listing.method != NEGOTIATED:
        raise NotNegotiated(listing.listing_no, *METHOD_WORDS[listing.method])
    if now >= listing.closes_at:
        raise NegotiationOver(listing.closes_at, now)


async def lock_table(
    session: Session, caller: Caller, room_id: UUID
) -> tuple[Listing, NegotiationRoom, Side]:
    """Locks the listing, then the room, for one of its two sides. Raises RoomMissing, NotPermitted."""
    query = select(NegotiationRoom.listing_id).where(NegotiationRoom.id == room_id)
    listing_id = (await session.execute(query)).scalar_one_or_none()
    if listing_id is None:
        raise RoomMissing
    listing = await lock_listing(session, listing_id)
    room = await lock_room(session, room_id)
    side = side_of(room, caller.organisation_id)
    if side is None:
        raise RoomMissing
    caller.require(Permission.LISTING_WRITE if side == "seller" else Permission.INTENT_WRITE)
    return listing, room, side


async def make_offer(session: Session, caller: Caller, room_id: UUID, terms: OfferTerms) -> UUID:
    """Makes an offer in the room, in the place of the one that is open, whoever made it; returns the offer's id.

    Locks the listing, then the room. Raises RoomMissing, NotPermitted, ListingNotOpenToBuyers, NegotiationOver,
    RoomNotOpen, ExportNotCleared and the rules' errors.
    """
    listing, room, side = await lock_table(session, caller, room_id)
    now = await market_now(session)
    check_room_open(room.status)
    require_negotiable(listing, now)
    await require_export_cleared(session, listing, [room.buyer_id])
    check_terms(terms, rights=listing.rights, now=now, closes_at=listing.closes_at)
    if listing.rights in LICENCES:
        check_negotiated(grant_of(listing), terms.territory, terms.term_months)
    offers = await list_offers(session, room.id)
    for before in offers:
        if before.status == "open":
            lapsed = now >= before.valid_until
            _end(before, "lapsed" if lapsed else "replaced", now, caller, side)
    # The one that was open gives its place up before the new one takes it.
    await session.flush()
    offer = NegotiationOffer(
        id=uuid7(),
        room_id=room.id,
        number=len(offers) + 1,
        side=side,
        person_id=caller.person_id,
        price_fen=terms.price_fen,
        currency=terms.currency,
        payment_plan=terms.plan(),
        rights=terms.rights,
        territory=terms.territory,
        term_months=terms.term_months,
        words=terms.words,
        made_at=now,
        valid_until=terms.valid_until,
    )
    session.add(offer)
    await session.flush()
    await record(session, room.id, Event("offer_made", offer_body(offer)), at=now)
    detail = {"number": offer.number, "side": side, "price_fen": offer.price_fen}
    await _audit(session, caller, "negotiation.offered", room.id, detail)
    return offer.id


async def accept_offer(session: Session, caller: Caller, room_id: UUID, number: int) -> UUID:
    """Accepts the other side's offer, which is final; the listing's other rooms close. Returns the room's id.

    Locks the listing, then the room and the others. Raises RoomMissing, NotPermitted, RoomNotOpen,
    ListingNotOpenToBuyers, NegotiationOver, ExportNotCleared, OfferMissing, OfferNotOpen, OwnOffer, OfferExpired.
    """
    listing, room, side = await lock_table(session, caller, room_id)
    # Read after the locks: an acceptance that waited is judged by when it was let in.
    now = await market_now(session)
    check_room_open(room.status)
    require_negotiable(listing, now)
    await require_export_cleared(session, listing, [room.buyer_id])
    offer = await get_offer(session, room.id, number)
    check_acceptance(_standing(offer), side, now)
    _end(offer, "accepted", now, caller, side)
    room.status, room.ended_at = "agreed", now
    await session.flush()
    body = {"number": number, "side": side, "price_fen": offer.price_fen}
    await record(session, room.id, Event("offer_accepted", body), at=now)
    await close_rooms(session, listing, room.id, now)
    await _audit(session, caller, "negotiation.agreed", room.id, body)
    return room.id


async def withdraw_offer(session: Session, caller: Caller, room_id: UUID, number: int) -> UUID:
    """Withdraws the caller's own open offer; returns the room's id. Locks the listing, then the room.

    Raises RoomMissing, NotPermitted, RoomNotOpen, OfferMissing, OfferNotOpen, NotYourOffer.
    """
    _, room, side = await lock_table(session, caller, room_id)
    now = await market_now(session)
    check_room_open(room.status)
    offer = await get_offer(session, room.id, number)
    check_withdrawal(_standing(offer), side)
    _end(offer, "withdrawn", now, caller, side)
    await session.flush()
    body = {"number": number, "side": side}
    await record(session, room.id, Event("offer_withdrawn", body), at=now)
    await _audit(session, caller, "negotiation.withdrawn", room.id, body)
    return room.id


async def close_rooms(session: Session, listing: Listing, except_id: UUID, now: datetime) -> None:
    """Closes the listing's other rooms: there is nothing left to agree on. Locks them by id."""
    for other in await lock_other_rooms(session, listing.id, except_id):
        other.status, other.ended_at = "closed", now
        for offer in await list_offers(session, other.id):
            if offer.status == "open":
                offer.status, offer.ended_at = "lapsed", now
        await session.flush()
        await record(session, other.id, Event("room_closed", {"reason": "listing_taken"}), at=now)


def _standing(offer: NegotiationOffer) -> Standing:
    side: Side = "seller" if offer.side == "seller" else "buyer"
    return Standing(offer.number, side, offer.status, offer.valid_until)


def _end(offer: NegotiationOffer, status: str, now: datetime, caller: Caller, side: Side) -> None:
    offer.status, offer.ended_at = status, now
    offer.ended_by, offer.ended_for = caller.person_id, side


def offer_body(offer: NegotiationOffer) -> dict[str, Any]:
    """An offer as the room's stream tells it."""
    return {
        "number": offer.number,
        "side": offer.side,
        "price_fen": offer.price_fen,
        "currency": offer.currency,
        "payment_plan": offer.payment_plan,
        "rights": offer.rights,
        "territory": offer.territory,
        "term_months": offer.term_months,
        "words": offer.words,
        "valid_until": instant(offer.valid_until),
    }


async def _audit(
    session: Session, caller: Caller, action: str, room_id: UUID, detail: dict[str, Any]
) -> None:
    await audit(session, caller, action, subject_kind="negotiation_room", subject_id=room_id, detail=detail)
