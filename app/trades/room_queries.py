"""Reading and locking negotiation rooms: their two parties and the operator's reviewers and supervisors, nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import defer

from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.trades.errors_rooms import DocumentMissing, OfferMissing, RoomMissing
from app.trades.models import Listing
from app.trades.room_models import (
    NegotiationOffer,
    NegotiationRoom,
    RoomDocument,
    RoomDocumentView,
    RoomUndertaking,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session
    from app.trades.negotiating import Side

_FRESH = {"populate_existing": True}


async def lock_room(session: Session, room_id: UUID) -> NegotiationRoom:
    """Takes the room's row lock and returns fresh values; raises RoomMissing. After the listing's lock, where both are."""
    query = select(NegotiationRoom).where(NegotiationRoom.id == room_id).with_for_update()
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise RoomMissing
    return found


async def lock_other_rooms(session: Session, listing_id: UUID, room_id: UUID) -> Sequence[NegotiationRoom]:
    """Locks the listing's other open rooms by id; whoever does so holds the listing's lock."""
    wanted = (NegotiationRoom.listing_id == listing_id) & (NegotiationRoom.id != room_id)
    query = select(NegotiationRoom).where(wanted, NegotiationRoom.status == "open")
    rows = await session.execute(
        query.order_by(NegotiationRoom.id).with_for_update(), execution_options=_FRESH
    )
    return rows.scalars().all()


async def find_agreed_room(session: AnySession, listing_id: UUID) -> NegotiationRoom | None:
    """Finds the room of a listing in which an offer was accepted."""
    query = select(NegotiationRoom).where(
        NegotiationRoom.listing_id == listing_id, NegotiationRoom.status == "agreed"
    )
    return (await session.execute(query)).scalar_one_or_none()


async def get_offer(session: AnySession, room_id: UUID, number: int) -> NegotiationOffer:
    """Reads an offer afresh; raises OfferMissing. Who changes one holds its room's lock."""
    query = select(NegotiationOffer).where(
        NegotiationOffer.room_id == room_id, NegotiationOffer.number == number
    )
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise OfferMissing(number)
    return found


async def list_offers(session: AnySession, room_id: UUID) -> list[NegotiationOffer]:
    """Reads all offers of a room by number."""
    query = select(NegotiationOffer).where(NegotiationOffer.room_id == room_id)
    rows = await session.execute(query.order_by(NegotiationOffer.number), execution_options=_FRESH)
    return list(rows.scalars())


def side_of(room: NegotiationRoom, organisation_id: UUID) -> Side | None:
    """On which side of a room an organisation stands."""
    if organisation_id == room.seller_id:
        return "seller"
    return "buyer" if organisation_id == room.buyer_id else None


def is_watching(caller: Caller) -> bool:
    """Whether the caller reads all rooms for the operator: a reviewer or a supervisor does."""
    return caller.may(Permission.LISTING_REVIEW) or caller.may(Permission.AUDIT_READ)


@dataclass(frozen=True)
class RoomView:
    """A room with its listing, its two parties, and which sides have given the confidentiality undertaking."""

    room: NegotiationRoom
    listing: Listing
    seller: Organisation
    buyer: Organisation
    offers: list[NegotiationOffer]
    undertakings: list[RoomUndertaking]


async def get_room_view(session: AnySession, caller: Caller, room_id: UUID) -> RoomView:
    """Reads a room for its parties and the operator. Raises RoomMissing, NotPermitted within a party's own house."""
    views = await _views(session, NegotiationRoom.id == room_id, 1)
    if not views:
        raise RoomMissing
    if not is_watching(caller):
        if side_of(views[0].room, caller.organisation_id) is None:
            raise RoomMissing
        caller.require(Permission.DEAL_READ)
    return views[0]


async def get_written_room(session: AnySession, room_id: UUID) -> RoomView:
    """Reads the room in which the caller has just acted, whatever else his token may read."""
    return (await _views(session, NegotiationRoom.id == room_id, 1))[0]


async def list_rooms(
    session: AnySession,
    caller: Caller,
    *,
    listing_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = 50,
) -> list[RoomView]:
    """Lists the caller's rooms of either side, or all for the operator, the newest first. Raises NotPermitted."""
    wanted: ColumnElement[bool] = true()
    if not is_watching(caller):
        caller.require(Permission.DEAL_READ)
        own = caller.organisation_id
        wanted = or_(NegotiationRoom.seller_id == own, NegotiationRoom.buyer_id == own)
    if listing_id is not None:
        wanted = wanted & (NegotiationRoom.listing_id == listing_id)
    if before_id is not None:
        wanted = wanted & (NegotiationRoom.id < before_id)
    return await _views(session, wanted, limit)


async def _views(session: AnySession, wanted: ColumnElement[bool], limit: int) -> list[RoomView]:
    query = select(NegotiationRoom, Listing).join(Listing, Listing.id == NegotiationRoom.listing_id)
    query = query.where(wanted).order_by(NegotiationRoom.id.desc()).limit(limit)
    rows = (await session.execute(query, execution_options=_FRESH)).all()
    parties = await list_organisations(
        session, {party for room, _ in rows for party in (room.seller_id, room.buyer_id)}
    )
    ids = [room.id for room, _ in rows]
    offers = select(NegotiationOffer).where(NegotiationOffer.room_id.in_(ids))
    found = list(
        (await session.execute(offers.order_by(NegotiationOffer.number), execution_options=_FRESH)).scalars()
    )
    given = select(RoomUndertaking).where(RoomUndertaking.room_id.in_(ids))
    undertakings = list((await session.execute(given.order_by(RoomUndertaking.side))).scalars())
    return [
        RoomView(
            room,
            listing,
            parties[room.seller_id],
            parties[room.buyer_id],
            [offer for offer in found if offer.room_id == room.id],
            [one for one in undertakings if one.room_id == room.id],
        )
        for room, listing in rows
    ]


@dataclass(frozen=True)
class DocumentView:
    """A document of a room without its content, and who saw it when."""

    document: RoomDocument
    views: list[RoomDocumentView]


async def list_documents(session: AnySession, caller: Caller, room_id: UUID) -> list[DocumentView]:
    """Lists a room's documents with who saw them, for its parties and the operator. Raises RoomMissing, NotPermitted."""
    await get_room_view(session, caller, room_id)
    query = select(RoomDocument).options(defer(RoomDocument.content, raiseload=True))
    query = query.where(RoomDocument.room_id == room_id).order_by(RoomDocument.id)
    documents = list((await session.execute(query)).scalars())
    seen = select(RoomDocumentView).where(RoomDocumentView.document_id.in_([one.id for one in documents]))
    views = list((await session.execute(seen.order_by(RoomDocumentView.id))).scalars())
    return [DocumentView(one, [view for view in views if view.document_id == one.id]) for one in documents]


async def get_document(session: AnySession, document_id: UUID) -> RoomDocument:
    """Reads a document; raises DocumentMissing."""
    query = select(RoomDocument).where(RoomDocument.id == document_id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise DocumentMissing
    return found
