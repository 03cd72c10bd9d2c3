"""Documents of a negotiation under the confidentiality undertaking (保密承诺): laid, seen, and every view recorded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.chain import Event
from app.clock import market_now
from app.events import record
from app.ids import uuid7
from app.trades.errors_rooms import DocumentMissing, DocumentSize, UndertakingDiffers, UndertakingNeeded
from app.trades.export_gate import require_export_cleared
from app.trades.negotiating import check_room_open, undertaking_sha256
from app.trades.queries import lock_listing
from app.trades.room_models import NegotiationRoom, RoomDocument, RoomDocumentView, RoomUndertaking
from app.trades.room_queries import get_document, is_watching, side_of
from app.trades.rooms import lock_table

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

MOST_MIB = 5
MOST_BYTES = MOST_MIB * 1024 * 1024


async def give_undertaking(session: Session, caller: Caller, room_id: UUID, text_sha256: str) -> UUID:
    """Gives the confidentiality undertaking for the caller's side, by the fingerprint of its text; safe to run twice.

    Returns the room's id. Locks the listing, then the room. Raises RoomMissing, NotPermitted, ExportNotCleared,
    UndertakingDiffers.
    Source: 民法典 article 501 (secrets learnt while negotiating).
    """
    listing, room, side = await lock_table(session, caller, room_id)
    await require_export_cleared(session, listing, [room.buyer_id])
    if text_sha256 != undertaking_sha256():
        raise UndertakingDiffers(undertaking_sha256())
    if await _has_given(session, room.id, side):
        return room.id
    session.add(
        RoomUndertaking(room_id=room.id, side=side, person_id=caller.person_id, text_sha256=text_sha256)
    )
    await session.flush()
    await record(session, room.id, Event("undertaking_given", {"side": side}))
    await audit(
        session,
        caller,
        "negotiation.undertaking",
        subject_kind="negotiation_room",
        subject_id=room.id,
        detail={"side": side, "text_sha256": text_sha256},
    )
    return room.id


async def lay_document(session: Session, caller: Caller, room_id: UUID, name: str, content: bytes) -> UUID:
    """Lays a document before the other side; returns the document's id. Locks the listing, then the room.

    Raises RoomMissing, NotPermitted, RoomNotOpen, ExportNotCleared, UndertakingNeeded, DocumentSize.
    """
    listing, room, side = await lock_table(session, caller, room_id)
    check_room_open(room.status)
    await require_export_cleared(session, listing, [room.buyer_id])
    if not await _has_given(session, room.id, side):
        raise UndertakingNeeded
    if not 0 < len(content) <= MOST_BYTES:
        raise DocumentSize(MOST_MIB)
    document = RoomDocument(
        id=uuid7(),
        room_id=room.id,
        side=side,
        person_id=caller.person_id,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    session.add(document)
    await session.flush()
    # The stream tells what was laid, never what is in it.
    body = {"document_id": str(document.id), "side": side, "name": name, "sha256": document.sha256}
    await record(session, room.id, Event("document_laid", body))
    await audit(
        session,
        caller,
        "negotiation.document",
        subject_kind="negotiation_room",
        subject_id=room.id,
        detail=body,
    )
    return document.id


async def see_document(session: Session, caller: Caller, document_id: UUID) -> RoomDocument:
    """Reads a document's content and records who saw it; the operator's view is recorded like any other.

    Raises DocumentMissing, NotPermitted, UndertakingNeeded for a side that has not given its undertaking,
    ExportNotCleared for a foreign buyer. Locks the listing for the buyer's side.
    """
    document = await get_document(session, document_id)
    query = select(NegotiationRoom).where(NegotiationRoom.id == document.room_id)
    room = (await session.execute(query)).scalar_one()
    if not is_watching(caller):
        side = side_of(room, caller.organisation_id)
        if side is None:
            raise DocumentMissing
        caller.require(Permission.DEAL_READ)
        if not await _has_given(session, room.id, side):
            raise UndertakingNeeded
        if side == "buyer":
            listing = await lock_listing(session, room.listing_id)
            await require_export_cleared(session, listing, [room.buyer_id])
    session.add(
        RoomDocumentView(
            document_id=document.id,
            person_id=caller.person_id,
            organisation_id=caller.organisation_id,
            seen_at=await market_now(session),
        )
    )
    await session.flush()
    return document


async def _has_given(session: AnySession, room_id: UUID, side: str) -> bool:
    query = select(RoomUndertaking).where(RoomUndertaking.room_id == room_id, RoomUndertaking.side == side)
    return (await session.execute(query)).first() is not None
