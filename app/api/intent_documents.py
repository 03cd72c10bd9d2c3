"""Documents of an intent (意向材料): laid by the buyer, read by his side and the desk, with every view recorded."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import File, Form, Path, Response, UploadFile
from pydantic import Field

from app.api.deps import CallerDep, DbDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.intents import IntentId
from app.api.problems import problems
from app.api.routing import Router
from app.catalog.importing import shown_filename
from app.trades.intent_documents import (
    MOST_BYTES,
    LaidDocument,
    lay_intent_document,
    list_intent_documents,
    list_written_documents,
    see_intent_document,
)

router = Router(tags=["intents"])
DocumentKinds = Literal["entity", "funds", "consortium", "other"]


class IntentDocumentOut(Wire):
    """A document without its content; ``views`` is how often it was opened."""

    id: UUID
    kind: DocumentKinds
    name: str = Field(examples=["存款证明.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    laid_at: datetime
    views: int = Field(examples=[1])


class IntentDocumentsOut(Wire):
    """All documents of an intent, the oldest first."""

    items: list[IntentDocumentOut]


class _LaidWithIntent(Wire):
    """What makes two uploads the same request."""

    kind: str
    name: str
    sha256: str


def _out(found: list[LaidDocument]) -> IntentDocumentsOut:
    return IntentDocumentsOut(
        items=[
            IntentDocumentOut(
                id=laid.document.id,
                kind=laid.document.kind,
                name=laid.document.name,
                media_type=laid.document.media_type,
                sha256=laid.document.sha256,
                laid_at=laid.document.laid_at,
                views=laid.views,
            )
            for laid in found
        ]
    )


@router.get(
    "/intents/{intent_id}/documents",
    operation_id="list_intent_documents",
    responses=problems(401, 403, 404, 422),
)
async def list_(intent_id: IntentId, db: DbDep, caller: CallerDep) -> IntentDocumentsOut:
    """Lists an intent's documents, for its members and the desk."""
    return _out(await db.read(list_intent_documents, caller, intent_id))


@router.post(
    "/intents/{intent_id}/documents",
    status_code=201,
    operation_id="lay_intent_document",
    responses=problems(401, 403, 404, 409, 422),
)
async def lay(
    intent_id: IntentId,
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, 至多 5 MiB / at most 5 MiB")],
    db: DbDep,
    caller: CallerDep,
    kind: Annotated[DocumentKinds, Form()] = "other",
    key: IdempotencyKeyDep = None,
) -> IntentDocumentsOut:
    """Lays a document with an intent that waits for its check; returns all of them."""
    content = await file.read(MOST_BYTES + 1)
    name = shown_filename(file.filename or "")
    await db.write(
        once,
        caller,
        key,
        "lay_intent_document",
        _LaidWithIntent(kind=kind, name=name, sha256=hashlib.sha256(content).hexdigest()),
        lambda session: lay_intent_document(session, caller, intent_id, kind, name, content),
        subject=intent_id,
    )
    return _out(await db.read(list_written_documents, intent_id))


@router.get(
    "/intent-documents/{document_id}",
    operation_id="see_intent_document",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 404, 422),
    },
)
async def see(
    document_id: Annotated[UUID, Path(description="意向材料 / the document's id")],
    db: DbDep,
    caller: CallerDep,
) -> Response:
    """Gives a document's content; who opened it when is recorded."""
    document = await db.write(see_intent_document, caller, document_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(document.content, media_type="application/octet-stream", headers=headers)
