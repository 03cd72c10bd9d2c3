"""Rights in the way (权利负担): declared by the owner, consented to by their holders, verified by the desk."""

import hashlib
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import File, Form, Path, Response, UploadFile
from pydantic import BeforeValidator, Field

from app.api.deps import CallerDep, DbDep, OptionalCallerDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.listings import ListingId
from app.api.problems import problems
from app.api.rights_wire import Kind, ListedRightsOut, RightConsentOut, listed_rights_out
from app.api.routing import Router
from app.api.wire import Line, temporal
from app.catalog.importing import shown_filename
from app.trades.consents import NewConsent, decide_consent, get_consent, lay_consent, see_consent
from app.trades.export_gate import find_export_class
from app.trades.export_rules import LONGEST_CODE, LONGEST_EVIDENCE, LONGEST_LICENCE_NO
from app.trades.intent_documents import MOST_BYTES
from app.trades.right_queries import get_listed_rights, get_written_rights
from app.trades.rights import NewRight, declare_right, end_right, get_right
from app.trades.rights_rules import LONGEST_NAME, LONGEST_NO
from app.trades.rules import LONGEST_REASON

router = Router(tags=["rights"])
PatentId = Annotated[UUID, Path(description="专利 / the patent's id")]
RightId = Annotated[UUID, Path(description="权利申报 / the declared right's id")]
ConsentId = Annotated[UUID, Path(description="同意书 / the consent's id")]
Reason = Annotated[str, Field(max_length=LONGEST_REASON, examples=["质押登记已于本月注销，见注销通知书。"])]


class PatentRightIn(Wire):
    """A co-owner or a pledge as the register would name it."""

    kind: Kind = Field(description="co_owner 共有人, pledge 质押", examples=["pledge"])
    holder_name: str = Field(
        max_length=LONGEST_NAME, description="权利人全称 / the holder's full name", examples=["示例银行"]
    )
    holder_uscc: str | None = Field(
        default=None, max_length=60, description="统一社会信用代码 / credit code", examples=[None]
    )
    since_on: date | None = Field(
        default=None, description="质押登记日；质押必填 / needed for a pledge", examples=["2025-06-03"]
    )
    register_no: str = Field(
        default="",
        max_length=LONGEST_NO,
        description="登记号 / its registration",
        examples=["Y2025980001234"],
    )


class DeclaredRightOut(Wire):
    """A right as it was just declared or ended."""

    id: UUID
    patent_id: UUID
    kind: Kind
    holder_name: str
    is_ended: bool


class RightEndIn(Wire):
    """Why a declared right no longer stands."""

    reason: Reason


class ConsentDecisionIn(Wire):
    """What the desk finds of a consent; a refusal needs a reason, which the seller reads."""

    decision: Literal["verify", "refuse"] = Field(examples=["refuse"])
    reason: Reason = ""


class ExportFindingIn(Wire):
    """To which class a patent's technology belongs, and by which evidence."""

    export_class: Literal["free", "restricted", "prohibited"] = Field(
        description="free 自由, restricted 限制, prohibited 禁止", examples=["free"]
    )
    catalogue_code: str = Field(
        default="", max_length=LONGEST_CODE, description="目录编号 / the catalogue's code", examples=[""]
    )
    evidence: str = Field(
        max_length=LONGEST_EVIDENCE,
        description="依据 / the evidence",
        examples=["对照《中国禁止出口限制出口技术目录》逐项核对，未列入。"],
    )
    licence_no: str = Field(
        default="",
        max_length=LONGEST_LICENCE_NO,
        description="限制出口的许可意向书或许可证号 / letter of intent or licence of what is restricted",
        examples=[""],
    )


class FoundOut(Wire):
    """The finding that was recorded."""

    id: UUID


class _LaidConsent(Wire):
    """What makes two uploads the same request."""

    right_id: UUID
    given_by: str
    given_on: date
    name: str
    sha256: str


async def _declared(db: DbDep, right_id: UUID) -> DeclaredRightOut:
    right = await db.read(get_right, right_id)
    return DeclaredRightOut(
        id=right.id,
        patent_id=right.patent_id,
        kind=right.kind,
        holder_name=right.holder_name,
        is_ended=right.ended_at is not None,
    )


@router.get(
    "/listings/{listing_id}/rights", operation_id="get_listed_rights", responses=problems(401, 403, 404, 422)
)
async def listed(listing_id: ListingId, db: DbDep, caller: OptionalCallerDep) -> ListedRightsOut:
    """Reads co-owners, pledges, earlier licences and the export class; the consents themselves for seller and desk."""
    return listed_rights_out(await db.read(get_listed_rights, caller, listing_id))


@router.post(
    "/patents/{patent_id}/rights",
    status_code=201,
    operation_id="declare_right",
    responses=problems(401, 403, 404, 409, 422),
)
async def declare(
    patent_id: PatentId, body: PatentRightIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> DeclaredRightOut:
    """Declares a co-owner or a pledge in a patent of one's own."""
    new = NewRight(**body.model_dump())
    right_id = await db.write(
        once,
        caller,
        key,
        "declare_right",
        body,
        lambda session: declare_right(session, caller, patent_id, new),
        subject=patent_id,
    )
    return await _declared(db, right_id)


@router.post(
    "/rights/{right_id}/ends",
    status_code=201,
    operation_id="end_right",
    responses=problems(401, 403, 404, 409, 422),
)
async def end(
    right_id: RightId, body: RightEndIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> DeclaredRightOut:
    """Ends a declared right with the reason, which the reviewer reads."""
    await db.write(
        once,
        caller,
        key,
        "end_right",
        body,
        lambda session: end_right(session, caller, right_id, body.reason),
        subject=right_id,
    )
    return await _declared(db, right_id)


@router.post(
    "/listings/{listing_id}/consents",
    status_code=201,
    operation_id="lay_consent",
    responses=problems(401, 403, 404, 409, 422),
)
async def lay(
    listing_id: ListingId,
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, 至多 5 MiB / at most 5 MiB")],
    right_id: Annotated[
        UUID, Form(description="谁的权利 / whose right", examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    ],
    given_by: Annotated[Line, Form(description="出具人 / who gave it", examples=["示例银行"])],
    given_on: Annotated[
        date, BeforeValidator(temporal), Form(description="出具日期 / on which day", examples=["2026-11-02"])
    ],
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> ListedRightsOut:
    """Lays a holder's consent to what the listing offers; returns all that stands in its way."""
    content = await file.read(MOST_BYTES + 1)
    name = shown_filename(file.filename or "")
    new = NewConsent(right_id, given_by, given_on, name, content)
    await db.write(
        once,
        caller,
        key,
        "lay_consent",
        _LaidConsent(
            right_id=right_id,
            given_by=given_by,
            given_on=given_on,
            name=name,
            sha256=hashlib.sha256(content).hexdigest(),
        ),
        lambda session: lay_consent(session, caller, listing_id, new),
        subject=listing_id,
    )
    return listed_rights_out(await db.read(get_written_rights, listing_id, caller))


@router.post(
    "/consents/{consent_id}/decisions",
    status_code=201,
    operation_id="decide_consent",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    consent_id: ConsentId,
    body: ConsentDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> RightConsentOut:
    """Verifies a consent, or refuses it with a reason."""
    await db.write(
        once,
        caller,
        key,
        "decide_consent",
        body,
        lambda session: decide_consent(session, caller, consent_id, body.decision, body.reason),
        subject=consent_id,
    )
    return RightConsentOut.model_validate(await db.read(get_consent, consent_id))


@router.get(
    "/consents/{consent_id}/document",
    operation_id="see_consent",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 404, 422),
    },
)
async def see(consent_id: ConsentId, db: DbDep, caller: CallerDep) -> Response:
    """Gives a consent's document to the seller's own people and the desk."""
    consent = await db.read(see_consent, caller, consent_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(consent.name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(consent.content, media_type="application/octet-stream", headers=headers)


@router.post(
    "/patents/{patent_id}/export-findings",
    status_code=201,
    operation_id="find_export_class",
    responses=problems(401, 403, 404, 409, 422),
)
async def find(
    patent_id: PatentId, body: ExportFindingIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> FoundOut:
    """Records a patent's export class with the evidence; the newest finding holds."""
    found_id = await db.write(
        once,
        caller,
        key,
        "find_export_class",
        body,
        lambda session: find_export_class(
            session,
            caller,
            patent_id,
            body.export_class,
            evidence=body.evidence,
            catalogue_code=body.catalogue_code,
            licence_no=body.licence_no,
        ),
        subject=patent_id,
    )
    return FoundOut(id=found_id)
