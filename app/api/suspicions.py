"""Suspicions of collusion (串通嫌疑) between two intents: read and decided at the desk that qualifies."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deps import CallerDep, DbDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.intents import IntentId
from app.api.problems import problems
from app.api.routing import Router
from app.trades.intent_cases import list_case_suspicions
from app.trades.rules import LONGEST_REASON
from app.trades.suspicions import SuspicionView, decide_suspicion, get_written_suspicion

router = Router(tags=["intents"])


class SuspicionOut(Wire):
    """A suspicion with the other intent that it is about."""

    id: UUID
    ground: Literal["same_owner", "same_account"]
    evidence: str = Field(examples=["甲某某"])
    other_intent_id: UUID
    other_buyer: str = Field(examples=["北辰材料有限公司"])
    status: Literal["open", "cleared", "upheld"]
    raised_at: datetime
    decided_at: datetime | None
    reason: str | None


class SuspicionsOut(Wire):
    """All suspicions of an intent, the oldest first."""

    items: list[SuspicionOut]


class SuspicionDecisionIn(Wire):
    """Whether the suspicion is cleared, and why."""

    clears: bool = Field(examples=[True])
    reason: str = Field(max_length=LONGEST_REASON, examples=["同名不同人，已核对证件。"])


def _out(view: SuspicionView) -> SuspicionOut:
    row = view.suspicion
    return SuspicionOut(
        id=row.id,
        ground=row.ground,
        evidence=row.evidence,
        other_intent_id=view.other_id,
        other_buyer=view.other_buyer.name,
        status=row.status,
        raised_at=row.raised_at,
        decided_at=row.decided_at,
        reason=row.reason,
    )


@router.get(
    "/intents/{intent_id}/suspicions", operation_id="list_suspicions", responses=problems(401, 403, 404, 422)
)
async def list_(intent_id: IntentId, db: DbDep, caller: CallerDep) -> SuspicionsOut:
    """Lists the suspicions that an intent is under, for the desk."""
    found = await db.read(list_case_suspicions, caller, intent_id)
    return SuspicionsOut(items=[_out(view) for view in found])


@router.post(
    "/suspicions/{suspicion_id}/decisions",
    status_code=201,
    operation_id="decide_suspicion",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    suspicion_id: Annotated[UUID, Path(description="串通嫌疑 / the suspicion's id")],
    body: SuspicionDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> SuspicionOut:
    """Clears a suspicion, so that both intents go on, or upholds it, so that neither does."""
    decided = await db.write(
        once,
        caller,
        key,
        "decide_suspicion",
        body,
        lambda session: decide_suspicion(
            session, caller, suspicion_id, clears=body.clears, reason=body.reason
        ),
        subject=suspicion_id,
    )
    return _out(await db.read(get_written_suspicion, decided))
