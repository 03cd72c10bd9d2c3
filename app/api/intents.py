"""Intents to buy (受让意向): what a buyer sees of his own, and the desk's qualification."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.intent_wire import IntentOut, IntentState, intent_out
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.trades.consortium import answer_consortium
from app.trades.intent_cases import get_case, get_written_case, list_cases
from app.trades.intents import qualify_intent
from app.trades.list_shapes import INTENTS
from app.trades.queries import list_intents
from app.trades.rules import LONGEST_REASON
from app.trades.withdrawing import withdraw_intent

router = Router(prefix="/intents", tags=["intents"])

IntentId = Annotated[UUID, Path(description="受让意向 / the intent's id")]


class QualificationIn(Wire):
    """The desk's decision; a rejection needs a reason, which the buyer reads as it is."""

    decision: Literal["qualify", "reject"]
    reason: str = Field(default="", max_length=LONGEST_REASON, examples=["主体资格不符合受让条件。"])
    has_priority: bool | None = Field(
        default=None,
        description="主张的优先购买权是否成立 / whether the claimed right of first refusal holds",
        examples=[True],
    )


class ConsentIn(Wire):
    """Whether a partner buys together with the others."""

    consents: bool = Field(examples=[True])


@router.get("", operation_id="list_intents", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(INTENTS)],
    status: Annotated[IntentState | None, Query()] = None,
    listing_id: Annotated[UUID | None, Query()] = None,
    mine: Annotated[bool, Query(description="只看本单位的 / only my organisation's")] = False,  # noqa: FBT002 - a query parameter
) -> PageOf[IntentOut]:
    """Lists one's own intents, or all for the desk, the newest first or as asked."""
    rows = await db.read(
        list_intents,
        caller,
        status=status,
        listing_id=listing_id,
        is_mine=mine,
        asked=asked.at(page.after, page.fetch),
    )
    shown, next_cursor = page.cut(rows, lambda view: INTENTS.key(view, asked))
    cases = await db.read(list_cases, shown)
    return PageOf[IntentOut](items=[intent_out(case, caller) for case in cases], next_cursor=next_cursor)


@router.get("/{intent_id}", operation_id="get_intent", responses=problems(401, 403, 404, 422))
async def get(intent_id: IntentId, db: DbDep, caller: CallerDep) -> IntentOut:
    """Reads an intent, for its buyer or the desk."""
    return intent_out(await db.read(get_case, caller, intent_id), caller)


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
    return intent_out(await db.read(get_case, caller, intent_id), caller)


@router.post(
    "/{intent_id}/consents",
    status_code=201,
    operation_id="answer_consortium",
    responses=problems(401, 403, 404, 409, 422),
)
async def consent(
    intent_id: IntentId, body: ConsentIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> IntentOut:
    """Consents as a partner of a consortium to buy with the others, or declines; once."""
    await db.write(
        once,
        caller,
        key,
        "answer_consortium",
        body,
        lambda session: answer_consortium(session, caller, intent_id, consents=body.consents),
        subject=intent_id,
    )
    return intent_out(await db.read(get_written_case, intent_id), caller)


@router.post(
    "/{intent_id}/withdrawal",
    status_code=201,
    operation_id="withdraw_intent",
    responses=problems(401, 403, 404, 409, 422),
)
async def withdraw(
    intent_id: IntentId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> IntentOut:
    """Withdraws one's own intent before the bidding opens or the notice ends; a held deposit goes back."""
    await db.write(
        once,
        caller,
        key,
        "withdraw_intent",
        None,
        lambda session: withdraw_intent(session, caller, intent_id),
        subject=intent_id,
    )
    return intent_out(await db.read(get_written_case, intent_id), caller)
