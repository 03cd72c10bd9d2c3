"""Negotiation rooms (协商室): offers and counter-offers of two parties, acceptance, documents under an undertaking."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, File, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel

from app.accounts.caller import Caller
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, Key, once
from app.api.listings import ListingId
from app.api.negotiation_wire import (
    OfferIn,
    RoomDocumentsOut,
    RoomOut,
    UndertakingIn,
    document_out,
    room_out,
)
from app.api.problems import problems
from app.api.routing import Router
from app.catalog.importing import shown_filename
from app.db import Database, Session
from app.trades.agreement import confirm_agreement
from app.trades.room_documents import MOST_BYTES, give_undertaking, lay_document, see_document
from app.trades.room_queries import get_room_view, get_written_room, list_documents, list_rooms
from app.trades.rooms import accept_offer, make_offer, open_room, withdraw_offer

router = Router(tags=["negotiations"])
RoomId = Annotated[UUID, Path(description="协商室 / the room's id")]
OfferNumber = Annotated[int, Path(ge=1, le=10**6, description="报价编号 / the offer's number")]
_ACT = problems(401, 403, 404, 409, 422)


@router.get("/negotiation-rooms", operation_id="list_rooms", responses=problems(401, 403, 422))
async def list_(
    db: DbDep, caller: CallerDep, page: PageDep, listing_id: Annotated[UUID | None, Query()] = None
) -> PageOf[RoomOut]:
    """Lists one's own rooms of either side, or all for a reviewer or a supervisor, the newest first."""
    rows = await db.read(list_rooms, caller, listing_id=listing_id, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda view: view.room.id)
    return PageOf[RoomOut](items=[room_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get("/negotiation-rooms/{room_id}", operation_id="get_room", responses=problems(401, 403, 404, 422))
async def get(room_id: RoomId, db: DbDep, caller: CallerDep) -> RoomOut:
    """Reads a room with all its offers."""
    return room_out(await db.read(get_room_view, caller, room_id), caller)


class _Answered(Wire):
    """What makes two answers to an offer the same request."""

    number: int


class _Laid(Wire):
    """What makes two uploads the same request."""

    name: str
    sha256: str


@dataclass(frozen=True)
class _Press:
    """One press in a room: who acts, under which key, and who is told."""

    request: Request
    db: Database
    caller: Caller
    key: Key | None

    async def act(
        self,
        name: str,
        room_id: UUID,
        make: Callable[[Session], Awaitable[UUID]],
        body: BaseModel | None = None,
    ) -> RoomOut:
        """Carries the act out once for its key, tells whoever listens, and answers with the room as it is then."""
        await self.db.write(once, self.caller, self.key, name, body, make, subject=room_id)
        self.request.app.state.relay.publish(room_id)
        return room_out(await self.db.read(get_written_room, room_id), self.caller)


async def _press(request: Request, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> _Press:
    return _Press(request, db, caller, key)


PressDep = Annotated[_Press, Depends(_press)]


@router.post(
    "/listings/{listing_id}/negotiation-rooms", status_code=201, operation_id="open_room", responses=_ACT
)
async def open_(
    listing_id: ListingId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> RoomOut:
    """Opens a room with the seller of a listing at a negotiated price."""
    room_id = await db.write(
        once,
        caller,
        key,
        "open_room",
        None,
        lambda session: open_room(session, caller, listing_id),
        subject=listing_id,
    )
    return room_out(await db.read(get_written_room, room_id), caller)


@router.post(
    "/negotiation-rooms/{room_id}/offers", status_code=201, operation_id="make_offer", responses=_ACT
)
async def offer(room_id: RoomId, body: OfferIn, press: PressDep) -> RoomOut:
    """Makes an offer, in the place of the one that is open."""
    return await press.act(
        "make_offer",
        room_id,
        lambda session: make_offer(session, press.caller, room_id, body.terms()),
        body,
    )


@router.post(
    "/negotiation-rooms/{room_id}/offers/{number}/acceptance",
    status_code=201,
    operation_id="accept_offer",
    responses=_ACT,
)
async def accept(room_id: RoomId, number: OfferNumber, press: PressDep) -> RoomOut:
    """Accepts the other side's offer, which is final."""
    return await press.act(
        "accept_offer",
        room_id,
        lambda session: accept_offer(session, press.caller, room_id, number),
        _Answered(number=number),
    )


@router.post(
    "/negotiation-rooms/{room_id}/offers/{number}/withdrawal",
    status_code=201,
    operation_id="withdraw_offer",
    responses=_ACT,
)
async def withdraw(room_id: RoomId, number: OfferNumber, press: PressDep) -> RoomOut:
    """Withdraws one's own open offer."""
    return await press.act(
        "withdraw_offer",
        room_id,
        lambda session: withdraw_offer(session, press.caller, room_id, number),
        _Answered(number=number),
    )


@router.post(
    "/negotiation-rooms/{room_id}/deal", status_code=201, operation_id="confirm_agreement", responses=_ACT
)
async def confirm(room_id: RoomId, press: PressDep) -> RoomOut:
    """Makes the deal of what was agreed, once what the seller's regime asks for is completed."""
    return await press.act(
        "confirm_agreement",
        room_id,
        lambda session: confirm_agreement(session, press.caller, room_id),
    )


@router.post(
    "/negotiation-rooms/{room_id}/undertaking",
    status_code=201,
    operation_id="give_undertaking",
    responses=_ACT,
)
async def undertake(room_id: RoomId, body: UndertakingIn, press: PressDep) -> RoomOut:
    """Gives the confidentiality undertaking for one's side."""
    return await press.act(
        "give_undertaking",
        room_id,
        lambda session: give_undertaking(session, press.caller, room_id, body.text_sha256),
        body,
    )


@router.get(
    "/negotiation-rooms/{room_id}/documents",
    operation_id="list_room_documents",
    responses=problems(401, 403, 404, 422),
)
async def documents(room_id: RoomId, db: DbDep, caller: CallerDep) -> RoomDocumentsOut:
    """Lists the documents with everybody who saw them."""
    found = await db.read(list_documents, caller, room_id)
    return RoomDocumentsOut(items=[document_out(view) for view in found])


@router.post(
    "/negotiation-rooms/{room_id}/documents",
    status_code=201,
    operation_id="lay_room_document",
    responses=_ACT,
)
async def lay(
    room_id: RoomId,
    file: Annotated[UploadFile, File(description="至多 5 MiB / at most 5 MiB")],
    press: PressDep,
) -> RoomOut:
    """Lays a document before the other side; one's own undertaking comes first."""
    content = await file.read(MOST_BYTES + 1)
    name = shown_filename(file.filename or "")
    return await press.act(
        "lay_room_document",
        room_id,
        lambda session: lay_document(session, press.caller, room_id, name, content),
        _Laid(name=name, sha256=hashlib.sha256(content).hexdigest()),
    )


@router.get(
    "/negotiation-documents/{document_id}",
    operation_id="see_room_document",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 404, 422),
    },
)
async def see(
    document_id: Annotated[UUID, Path(description="协商文件 / the document's id")],
    db: DbDep,
    caller: CallerDep,
) -> Response:
    """Gives a document's content; who saw it when is recorded and shown to both sides."""
    document = await db.write(see_document, caller, document_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(document.content, media_type="application/octet-stream", headers=headers)
