"""Intents to buy (受让意向): what a buyer sees of his own, and the desk's qualification."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.accounts.caller import Caller
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.trades.intents import qualify_intent
from app.trades.queries import IntentView, get_intent_view, list_intents
from app.trades.rules import LONGEST_REASON
from app.trades.states import OPEN_INTENTS

router = Router(prefix="/intents", tags=["intents"])

IntentId = Annotated[UUID, Path(description="受让意向 / the intent's id")]
Status = Literal["submitted", "qualified", "rejected", "paid", "admitted", "won", "lost"]


class IntentIn(Wire):
    """The rules that the buyer has read and accepts, by the fingerprint from the auction's rules."""

    accept_rules_sha256: str = Field(
        pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015" * 2]
    )
    claims_priority: bool = Field(
        default=False,
        description="主张公布的优先购买权，由审核岗认定 / claims the announced right of first refusal",
        examples=[False],
    )


class IntentListingOut(Wire):
    """The listing that the intent is for."""

    id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    status: str
    is_demonstration: bool
    start_price_fen: int
    method: Literal["auction", "listed", "negotiated"]
    notice_ends_at: datetime | None
    deposit_fen: int | None
    opens_at: datetime | None
    auction_id: UUID | None
    priority: Literal["none", "in_field", "post"]
    priority_holders: list[str]


class IntentSaleOut(Wire):
    """The sale as it stands."""

    id: UUID
    status: Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]
    ends_at: datetime


class BuyerOut(Wire):
    """Who wants to buy."""

    id: UUID
    name: str
    kind: str


class IntentDepositOut(Wire):
    """The intent's deposit in short; how to pay it is with the deposit itself."""

    id: UUID
    amount_fen: int
    status: Literal["due", "held", "released", "captured", "forfeited", "lapsed", "cancelled"]
    reference: str = Field(examples=["BZ123456786"])


class IntentOut(Wire):
    """An intent; ``bidder_code`` is shown to the buyer himself, and to the desk only after the close."""

    id: UUID
    status: Status
    listing: IntentListingOut
    auction: IntentSaleOut | None
    buyer: BuyerOut
    rules_sha256: str
    claims_priority: bool
    has_priority: bool
    needs_confirmation: bool = Field(
        description="项目已变更并重新公告，须在公告截止前重新确认 / the listing was announced anew: confirm before its deadline"
    )
    reason: str | None
    deposit: IntentDepositOut | None
    bidder_code: str | None = Field(examples=["E05"])
    created_at: datetime
    decided_at: datetime | None
    admitted_at: datetime | None


class QualificationIn(Wire):
    """The desk's decision; a rejection needs a reason, which the buyer reads as it is."""

    decision: Literal["qualify", "reject"]
    reason: str = Field(default="", max_length=LONGEST_REASON, examples=["主体资格不符合受让条件。"])
    has_priority: bool | None = Field(
        default=None,
        description="主张的优先购买权是否成立 / whether the claimed right of first refusal holds",
        examples=[True],
    )


def intent_out(view: IntentView, caller: Caller) -> IntentOut:
    """Writes an intent for this caller."""
    intent, auction = view.intent, view.auction
    # Until the close nobody but the buyer knows who is behind a code (法释〔2016〕18号 article 18).
    is_told = intent.buyer_id == caller.organisation_id or (
        auction is not None and auction.closed_at is not None
    )
    sale = None
    if auction is not None:
        sale = IntentSaleOut(id=auction.id, status=auction.phase, ends_at=auction.ends_at)
    return IntentOut(
        id=intent.id,
        status=intent.status,
        listing=IntentListingOut.model_validate(view.listing),
        auction=sale,
        buyer=BuyerOut.model_validate(view.buyer),
        rules_sha256=intent.rules_sha256,
        claims_priority=intent.claims_priority,
        has_priority=intent.has_priority,
        needs_confirmation=intent.status in OPEN_INTENTS and intent.announcement < view.listing.announcement,
        reason=intent.reason,
        deposit=None if view.deposit is None else IntentDepositOut.model_validate(view.deposit),
        bidder_code=intent.bidder_code if is_told else None,
        created_at=intent.created_at,
        decided_at=intent.decided_at,
        admitted_at=intent.admitted_at,
    )


@router.get("", operation_id="list_intents", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    status: Annotated[Status | None, Query()] = None,
    listing_id: Annotated[UUID | None, Query()] = None,
    mine: Annotated[bool, Query(description="只看本单位的 / only my organisation's")] = False,  # noqa: FBT002 - a query parameter
) -> PageOf[IntentOut]:
    """Lists one's own intents, or all for the desk, the newest first."""
    rows = await db.read(
        list_intents,
        caller,
        status=status,
        listing_id=listing_id,
        is_mine=mine,
        before_id=page.after_id,
        limit=page.fetch,
    )
    shown, next_cursor = page.cut(rows, lambda view: view.intent.id)
    return PageOf[IntentOut](items=[intent_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get("/{intent_id}", operation_id="get_intent", responses=problems(401, 403, 404, 422))
async def get(intent_id: IntentId, db: DbDep, caller: CallerDep) -> IntentOut:
    """Reads an intent, for its buyer or the desk."""
    return intent_out(await db.read(get_intent_view, caller, intent_id), caller)


@router.post(
    "/{intent_id}/qualifications",
    status_code=201,
    operation_id="qualify_intent",
    responses=problems(401, 403, 404, 409, 422),
)
async def qualify(
    intent_id: IntentId, body: QualificationIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> IntentOut:
    """Qualifies a buyer, which makes the deposit due, or rejects him with a reason."""
    await db.write(
        once,
        caller,
        key,
        "qualify_intent",
        body,
        lambda session: qualify_intent(
            session, caller, intent_id, body.decision, body.reason, has_priority=body.has_priority
        ),
        subject=intent_id,
    )
    return intent_out(await db.read(get_intent_view, caller, intent_id), caller)
