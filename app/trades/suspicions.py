"""Suspicions of collusion (串通嫌疑): raised by the market between two intents, which wait until the desk has decided.

Sources: 招标投标法实施条例 articles 39 and 40 (same account, same hand behind two bidders), 法释〔2016〕18号 article 31.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.audit import audit
from app.clock import market_now
from app.ids import uuid7
from app.trades import rules
from app.trades.declaring_rules import shared_owners
from app.trades.errors_intents import SuspicionDecided, SuspicionHolds, SuspicionMissing
from app.trades.intent_models import IntentSuspicion
from app.trades.models import Intent
from app.trades.queries import list_intents_of, lock_listing
from app.trades.states import IntentStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session

SuspicionGround = Literal["same_owner", "same_account"]
GROUND_WORDS = {
    "same_owner": ("实际控制人相同", "the same beneficial owner"),
    "same_account": ("保证金出自同一账户", "deposits from one account"),
}
_OVER = (IntentStatus.REJECTED, IntentStatus.WITHDRAWN)


async def raise_same_owner(session: Session, intent: Intent) -> None:
    """Holds an intent and every other of its listing behind which the same owner stands. Needs the listing's lock."""
    for other in await list_intents_of(session, intent.listing_id):
        if other.id == intent.id or other.status in _OVER:
            continue
        shared = shared_owners(intent.beneficial_owners, other.beneficial_owners)
        if shared:
            await raise_suspicion(session, intent, other, "same_owner", "、".join(shared))


async def raise_suspicion(
    session: Session, one: Intent, other: Intent, ground: SuspicionGround, evidence: str
) -> None:
    """Writes that two intents are suspected, once for each pair and ground. Needs the listing's lock."""
    first, second = sorted((one, other), key=lambda intent: intent.id)
    row_id = uuid7()
    statement = (
        insert(IntentSuspicion)
        .values(
            id=row_id,
            listing_id=first.listing_id,
            intent_id=first.id,
            other_id=second.id,
            ground=ground,
            evidence=evidence,
        )
        .on_conflict_do_nothing()
        .returning(IntentSuspicion.id)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        return
    detail = {"intent_id": str(first.id), "other_id": str(second.id), "ground": ground}
    await audit(session, None, "suspicion.raised", subject_kind="intent", subject_id=one.id, detail=detail)


async def require_no_suspicion(session: AnySession, intent_id: UUID) -> None:
    """Raises SuspicionHolds while a suspicion of the intent is open or upheld; a trigger stands behind it."""
    rows = [row for row in await list_suspicions_of(session, intent_id) if row.status != "cleared"]
    if rows:
        words = [GROUND_WORDS[row.ground] for row in rows]
        raise SuspicionHolds(
            [row.ground for row in rows],
            "、".join(zh for zh, _ in words),
            ", ".join(en for _, en in words),
        )


async def list_suspicions_of(session: AnySession, intent_id: UUID) -> Sequence[IntentSuspicion]:
    """Reads all suspicions of an intent afresh, the oldest first."""
    query = (
        select(IntentSuspicion)
        .where(or_(IntentSuspicion.intent_id == intent_id, IntentSuspicion.other_id == intent_id))
        .order_by(IntentSuspicion.id)
    )
    return (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()


async def decide_suspicion(
    session: Session, caller: Caller, suspicion_id: UUID, *, clears: bool, reason: str
) -> UUID:
    """The desk clears a suspicion, so that both intents go on, or upholds it, so that neither does; returns its id.

    Upheld it stays on both intents, which the desk then rejects with the reason. Locks the listing. Raises
    NotPermitted, SuspicionMissing, SuspicionDecided, TextOutOfRange.
    """
    caller.require(Permission.INTENT_QUALIFY)
    words = rules.check_reason(reason)
    found = await _get(session, suspicion_id)
    await lock_listing(session, found.listing_id)
    row = await _get(session, suspicion_id)
    if row.status != "open":
        raise SuspicionDecided
    row.decided_at = await market_now(session)
    row.status = "cleared" if clears else "upheld"
    row.decided_by, row.reason = caller.person_id, words
    await session.flush()
    detail = {"intent_id": str(row.intent_id), "other_id": str(row.other_id), "reason": words}
    await audit(
        session,
        caller,
        f"suspicion.{row.status}",
        subject_kind="intent",
        subject_id=row.intent_id,
        detail=detail,
    )
    return row.id


async def _get(session: AnySession, suspicion_id: UUID) -> IntentSuspicion:
    query = select(IntentSuspicion).where(IntentSuspicion.id == suspicion_id)
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise SuspicionMissing
    return found


@dataclass(frozen=True)
class SuspicionView:
    """A suspicion as the case of one of its intents shows it: the other intent and its buyer."""

    suspicion: IntentSuspicion
    other_id: UUID
    other_buyer: Organisation


async def list_suspicion_views(session: AnySession, intent_id: UUID) -> list[SuspicionView]:
    """Reads the suspicions of an intent with the other side of each; the caller checks who may."""
    rows = await list_suspicions_of(session, intent_id)
    others = {row.id: row.other_id if row.intent_id == intent_id else row.intent_id for row in rows}
    query = select(Intent.id, Intent.buyer_id).where(Intent.id.in_(others.values()))
    buyers = {each.id: each.buyer_id for each in await session.execute(query)}
    parties = await list_organisations(session, buyers.values())
    return [SuspicionView(row, others[row.id], parties[buyers[others[row.id]]]) for row in rows]


async def get_written_suspicion(session: AnySession, suspicion_id: UUID) -> SuspicionView:
    """Reads the suspicion that the caller has just decided, from the first of its two intents."""
    row = await _get(session, suspicion_id)
    (view,) = [
        each for each in await list_suspicion_views(session, row.intent_id) if each.suspicion.id == row.id
    ]
    return view
