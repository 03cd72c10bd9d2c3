"""Documents of an intent (意向材料): laid by the buyer, read by the buyer's side and the desk, every view recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.ids import uuid7
from app.trades.consortium import is_partner
from app.trades.errors import IntentMissing
from app.trades.errors_intents import DocumentsClosed, IntentDocumentMissing, IntentDocumentUnfit
from app.trades.intent_models import IntentDocument, IntentDocumentView
from app.trades.models import Intent
from app.trades.queries import get_intent, lock_listing
from app.trades.states import INTENT_WORDS, IntentStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

DocumentKind = Literal["entity", "funds", "consortium", "other"]
MOST_MIB = 5
MOST_BYTES = MOST_MIB * 1024 * 1024
MOST_DOCUMENTS = 20
# What a file begins with says what it is; its name may say anything.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def media_type_of(name: str, content: bytes) -> str:
    """What kind of file this is by its first bytes. Raises IntentDocumentUnfit for another kind or size."""
    if 0 < len(content) <= MOST_BYTES:
        for beginning, media_type in _BEGINNINGS:
            if content.startswith(beginning):
                return media_type
    raise IntentDocumentUnfit(name, MOST_MIB, MOST_DOCUMENTS)


async def lay_intent_document(
    session: Session, caller: Caller, intent_id: UUID, kind: DocumentKind, name: str, content: bytes
) -> UUID:
    """Lays a document with an intent that waits for its check; returns the document's id. Locks the listing.

    Raises NotPermitted, IntentMissing for strangers, DocumentsClosed, IntentDocumentUnfit.
    """
    caller.require(Permission.INTENT_WRITE)
    await _require_own(session, caller, intent_id)
    await lock_listing(session, (await get_intent(session, intent_id)).listing_id)
    intent = await get_intent(session, intent_id)
    if intent.status != IntentStatus.SUBMITTED:
        raise DocumentsClosed(intent.status, *INTENT_WORDS[IntentStatus(intent.status)])
    media_type = media_type_of(name, content)
    count = select(func.count()).where(IntentDocument.intent_id == intent_id)
    if (await session.execute(count)).scalar_one() >= MOST_DOCUMENTS:
        raise IntentDocumentUnfit(name, MOST_MIB, MOST_DOCUMENTS)
    document = IntentDocument(
        id=uuid7(),
        intent_id=intent_id,
        organisation_id=caller.organisation_id,
        person_id=caller.person_id,
        kind=kind,
        name=name,
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    session.add(document)
    await session.flush()
    detail = {"document_id": str(document.id), "kind": kind, "sha256": document.sha256}
    await audit(
        session, caller, "intent.document", subject_kind="intent", subject_id=intent_id, detail=detail
    )
    return document.id


async def see_intent_document(session: Session, caller: Caller, document_id: UUID) -> IntentDocument:
    """Reads a document with its content, and records who saw it. Raises IntentDocumentMissing, NotPermitted."""
    query = (
        select(IntentDocument)
        .where(IntentDocument.id == document_id)
        .options(undefer(IntentDocument.content))
    )
    document = (await session.execute(query)).scalar_one_or_none()
    if document is None:
        raise IntentDocumentMissing
    try:
        await _require_reader(session, caller, document.intent_id)
    except IntentMissing as error:
        raise IntentDocumentMissing from error
    session.add(
        IntentDocumentView(
            document_id=document.id,
            person_id=caller.person_id,
            organisation_id=caller.organisation_id,
            seen_at=await market_now(session),
        )
    )
    await session.flush()
    return document


@dataclass(frozen=True)
class LaidDocument:
    """A document without its content, and how often it was opened."""

    document: IntentDocument
    views: int


async def list_intent_documents(session: AnySession, caller: Caller, intent_id: UUID) -> list[LaidDocument]:
    """Lists an intent's documents for its members and the desk. Raises IntentMissing, NotPermitted."""
    await _require_reader(session, caller, intent_id)
    return await list_written_documents(session, intent_id)


async def list_written_documents(session: AnySession, intent_id: UUID) -> list[LaidDocument]:
    """Lists the documents of an intent that the caller has just added to."""
    seen = (
        select(func.count())
        .where(IntentDocumentView.document_id == IntentDocument.id)
        .correlate(IntentDocument)
        .scalar_subquery()
    )
    query = select(IntentDocument, seen).where(IntentDocument.intent_id == intent_id)
    rows: Sequence[tuple[IntentDocument, int]] = [
        (row[0], row[1]) for row in await session.execute(query.order_by(IntentDocument.id))
    ]
    return [LaidDocument(document, views) for document, views in rows]


async def _require_own(session: AnySession, caller: Caller, intent_id: UUID) -> Intent:
    """Raises IntentMissing for everybody but the intent's own members."""
    intent = await get_intent(session, intent_id)
    if not await is_partner(session, intent_id, caller.organisation_id):
        raise IntentMissing
    return intent


async def _require_reader(session: AnySession, caller: Caller, intent_id: UUID) -> None:
    """The desk that qualifies and the supervisor read every intent's documents, the members their own."""
    if caller.may(Permission.INTENT_QUALIFY) or caller.may(Permission.AUDIT_READ):
        await get_intent(session, intent_id)
        return
    await _require_own(session, caller, intent_id)
    caller.require(Permission.DEPOSIT_READ_OWN)
