"""What two posts decide about sales in trouble (处置决定): the host proposes, a reviewer approves, the worker carries out.

Each sale is carried out under its own lock in a transaction of its own: one that refuses is named and keeps no other
back, and a process that dies leaves the rest to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import select, text

from app.accounts.permissions import Permission
from app.auction.errors import AuctionMissing
from app.auction.models import Auction
from app.auction.recording import Work, write_works
from app.auction.rules.game import ENDED, PRIORITY_STAGE
from app.auction.sale import lock_sales
from app.auction.trouble_models import AuctionDecision, DecidedAuction
from app.audit import audit
from app.clock import market_now
from app.db import DATABASE_ERRORS
from app.errors import Conflict, Forbidden, Invalid, MarketError, Missing
from app.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import asyncpg

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.auction.rules.engine import Fold
    from app.db import AnySession, Database, Session

Act = Literal["resume", "void"]
_log = structlog.get_logger()

LIST_UNSETTLED = text("""
SELECT decided.decision_id, decided.auction_id
  FROM decided_auction AS decided JOIN auction_decision AS decision ON decision.id = decided.decision_id
 WHERE decided.settled_at IS NULL AND decision.approved_by IS NOT NULL
 ORDER BY decision.approved_at, decided.auction_id
 LIMIT 200
""")

# A statement of its own, so that a race test can take the lock away.
LOCK_DECISION = "SELECT id FROM auction_decision WHERE id = :id FOR UPDATE"

# After the sale's lock: what another worker has settled meanwhile is seen, and left alone.
READ_UNSETTLED = """
SELECT decision.act, decision.reason_zh, decision.reason_en, decision.hard_end_at
  FROM decided_auction AS decided JOIN auction_decision AS decision ON decision.id = decided.decision_id
 WHERE decided.decision_id = $1 AND decided.auction_id = $2 AND decided.settled_at IS NULL
   AND decision.approved_by IS NOT NULL
"""

SETTLE = """
UPDATE decided_auction SET settled_at = market_now(), failure = $3, failure_zh = $4, failure_en = $5
 WHERE decision_id = $1 AND auction_id = $2
"""


@dataclass(eq=False)
class DecisionMissing(Missing):
    """There is no such decision."""

    zh = "没有这项处置决定。"
    en = "There is no such decision."
    decision_id: UUID


@dataclass(eq=False)
class DecisionApproved(Conflict):
    """The decision has been approved already."""

    zh = "这项处置决定已于 {approved_at:instant} 批准。"
    en = "This decision was approved at {approved_at:instant}."
    approved_at: datetime


@dataclass(eq=False)
class OwnDecision(Forbidden):
    """Whoever proposed a decision may not approve it."""

    zh = "提出处置决定的人不能自己批准，请由另一岗位的人员批准。"
    en = "Whoever proposed a decision may not approve it; a person of the other post does."


@dataclass(eq=False)
class NotDecidable(Conflict):
    """Some of these sales cannot be decided about in this way."""

    zh = "以下场次不能这样处置：{listing_nos}。恢复只用于已中止的场次，作废只用于未结束的场次。"
    en = (
        "These sales cannot be decided about in this way: {listing_nos}. Only a suspended sale can be resumed, and only "
        "one that has not ended can be voided."
    )
    listing_nos: str


@dataclass(eq=False)
class HardEndPassed(Invalid):
    """A new hard end must lie in the future."""

    zh = "重新公布的最迟结束时间 {hard_end_at:instant} 已过，请给出将来的时间。"
    en = "The hard end announced anew, {hard_end_at:instant}, has passed; give one in the future."
    hard_end_at: datetime


@dataclass(eq=False)
class NotSuspended(Conflict):
    """The sale is not suspended any more."""

    zh = "本场现在不是中止状态（{phase}），没有恢复。"
    en = "The sale is not suspended now ({phase}); it was not resumed."
    phase: str


@dataclass(eq=False)
class HardEndTooSoon(Conflict):
    """The hard end leaves no full extension window."""

    zh = "最迟结束时间至少应为 {earliest:instant}，才能留足一个完整的延时周期。请另提一项决定，重新公布最迟结束时间。"
    en = (
        "The hard end must be {earliest:instant} or later, so that a full extension window remains. Propose another "
        "decision with a new hard end."
    )
    earliest: datetime


async def propose_decision(
    session: Session,
    caller: Caller,
    *,
    auction_ids: Sequence[UUID],
    act: Act,
    reason_zh: str,
    reason_en: str,
    hard_end_at: datetime | None = None,
) -> UUID:
    """Proposes to resume or to void sales, for the host's desk; nothing happens before the approval. Returns its id.

    ``hard_end_at`` is announced anew for those of the sales that have a hard end. Raises NotPermitted, AuctionMissing,
    NotDecidable, HardEndPassed.
    """
    caller.require(Permission.AUCTION_HOST)
    wanted = list(dict.fromkeys(auction_ids))
    await _check_decidable(session, wanted, act)
    if hard_end_at is not None and hard_end_at <= await market_now(session):
        raise HardEndPassed(hard_end_at)
    decision = AuctionDecision(
        id=uuid7(),
        act=act,
        reason_zh=reason_zh,
        reason_en=reason_en,
        hard_end_at=hard_end_at,
        proposed_by=caller.person_id,
    )
    session.add(decision)
    await session.flush()
    # In the order in which everybody locks sales: the foreign key locks their rows.
    session.add_all(DecidedAuction(decision_id=decision.id, auction_id=item) for item in sorted(wanted))
    await _audit(session, caller, "proposed", decision, {"auction_ids": [str(item) for item in wanted]})
    return decision.id


async def _check_decidable(session: AnySession, wanted: list[UUID], act: Act) -> None:
    query = select(Auction.id, Auction.listing_no, Auction.phase).where(Auction.id.in_(wanted))
    found = {row.id: row for row in (await session.execute(query)).all()}
    for auction_id in wanted:
        if auction_id not in found:
            raise AuctionMissing(auction_id)
    unfit = sorted(
        row.listing_no
        for row in found.values()
        if (row.phase != "suspended" if act == "resume" else row.phase in ENDED)
    )
    if unfit:
        raise NotDecidable(", ".join(unfit))


async def approve_decision(session: Session, caller: Caller, decision_id: UUID) -> UUID:
    """Approves a decision, for the reviewer's desk and never for whoever proposed it; the worker then carries it out.

    Locks the decision. Raises NotPermitted, DecisionMissing, OwnDecision, DecisionApproved.
    """
    caller.require(Permission.AUCTION_DECIDE)
    await session.execute(text(LOCK_DECISION), {"id": decision_id})
    query = select(AuctionDecision).where(AuctionDecision.id == decision_id)
    decision = (
        await session.execute(query, execution_options={"populate_existing": True})
    ).scalar_one_or_none()
    if decision is None:
        raise DecisionMissing(decision_id)
    if decision.proposed_by == caller.person_id:
        raise OwnDecision
    if decision.approved_at is not None:
        raise DecisionApproved(decision.approved_at)
    decision.approved_by, decision.approved_at = caller.person_id, await market_now(session)
    await _audit(session, caller, "approved", decision, {})
    return decision.id


async def _audit(
    session: Session, caller: Caller, verb: str, decision: AuctionDecision, detail: dict[str, Any]
) -> None:
    told = {"act": decision.act, "reason_zh": decision.reason_zh, "reason_en": decision.reason_en}
    await audit(
        session,
        caller,
        f"auction-decision.{verb}",
        subject_kind="auction_decision",
        subject_id=decision.id,
        detail=told | detail,
    )


async def carry_out_decisions(
    database: Database, signer: Signer | None, after_commit: Callable[[UUID], None] = lambda _: None
) -> int:
    """Carries out what was approved and is not settled yet, sale by sale; returns how many were settled.

    Safe to run twice and by several workers at once. A sale that fails for a fault is logged and tried again later.
    """
    settled = 0
    async with database.reading() as session:
        waiting = [(row.decision_id, row.auction_id) for row in await session.execute(LIST_UNSETTLED)]
    for decision_id, auction_id in waiting:
        try:
            settled += await database.drive(carry_out_decision, decision_id, auction_id, signer)
        except DATABASE_ERRORS as error:
            _log.warning("decision_not_carried_out", auction_id=str(auction_id), error=repr(error))
            continue
        after_commit(auction_id)
    return settled


async def carry_out_decision(
    raw: asyncpg.Connection[Any], decision_id: UUID, auction_id: UUID, signer: Signer | None
) -> bool:
    """Resumes or voids one sale under its lock, or keeps the refusal; False when that has been done already.

    Needs a transaction on the driver's connection.
    """
    (sale,) = await lock_sales(raw, [auction_id])
    row = await raw.fetchrow(READ_UNSETTLED, decision_id, auction_id)
    if row is None:
        return False
    fold = sale.fold()
    refusal: MarketError | None = None
    try:
        if row["act"] == "void":
            fold.void(row["reason_zh"], row["reason_en"])
        else:
            _resume(fold, row["hard_end_at"])
    except MarketError as refused:
        refusal = refused
    else:
        await write_works(raw, [Work(sale, fold)], signer)
    told = (refusal.code, refusal.detail("zh"), refusal.detail("en")) if refusal else (None, None, None)
    await raw.execute(SETTLE, decision_id, auction_id, *told)
    _log.info("decision_carried_out", auction_id=str(auction_id), act=row["act"], failure=told[0])
    return True


def _resume(fold: Fold, announced: datetime | None) -> None:
    """Starts the clock again; raises NotSuspended, HardEndTooSoon."""
    state = fold.state
    if state.phase != "suspended":
        raise NotSuspended(state.phase)
    if state.hard_end_at is None or state.stage == PRIORITY_STAGE:
        # Bidding is over once a holder of priority is asked: its hard end bounds nothing any more.
        fold.resume(state.hard_end_at)
        return
    hard_end_at = announced or state.hard_end_at
    earliest = max(state.ends_at, fold.now + max(fold.game.extension, timedelta(seconds=1)))
    if hard_end_at < earliest:
        raise HardEndTooSoon(earliest)
    fold.resume(hard_end_at)
