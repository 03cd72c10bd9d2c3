"""Objections to a notice (异议): filed by real name, they stop its clock; decided with a text by somebody uninvolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.holidays import read_calendar
from app.ids import uuid7
from app.trades import notice_rules
from app.trades.errors_notices import (
    DeciderInvolved,
    DeskDoesNotObject,
    NoticeMissing,
    NotUnrelated,
    ObjectionDecided,
    ObjectionMissing,
    ObjectionTooLate,
)
from app.trades.notice_models import NoticeObjection, PublicNotice
from app.trades.notice_rules import NoticeAct, NoticeStatus
from app.trades.notices import clock_of, lock_notice, run_clock, set_clock
from app.trades.timeline import tell

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session


@dataclass(frozen=True)
class NewObjection:
    """What an objector states: what he has to do with it, why he objects, and what proves it."""

    relation: str
    reason: str
    evidence: str


@dataclass(frozen=True)
class ObjectionDecision:
    """What the unit decided, by which body, and that whoever records it is not involved."""

    decision: Literal["reject", "uphold"]
    text: str
    body: str
    is_unrelated: bool


async def file_objection(session: Session, caller: Caller, notice_id: UUID, new: NewObjection) -> UUID:
    """Files an objection in the caller's own name; the notice stands still until all are decided. Returns its id.

    The day of the objection counts as elapsed. Locks the listing and the notice. Raises SessionNeeded,
    DeskDoesNotObject, NoticeMissing, NoticeStateForbids, ObjectionTooLate.
    """
    # In person: a program's token has no real name.
    caller.require_session()
    if caller.is_exchange:
        raise DeskDoesNotObject
    listing, notice = await lock_notice(session, notice_id)
    if notice.published_at is None:
        raise NoticeMissing
    status = notice_rules.next_status(notice.status, NoticeAct.OBJECT)
    # Read after the locks: an objection that waited is judged by when it was let in.
    now = await market_now(session)
    clock, calendar = clock_of(notice), await read_calendar(session)
    due = clock.due_at(calendar)
    if due is not None and now >= due:
        raise ObjectionTooLate(due)
    count = select(func.count()).where(NoticeObjection.notice_id == notice_id)
    objection = NoticeObjection(
        id=uuid7(),
        notice_id=notice_id,
        number=(await session.execute(count)).scalar_one() + 1,
        objector_id=caller.person_id,
        objector_organisation_id=caller.organisation_id,
        objector_name=caller.name,
        filed_at=now,
        **vars(new),
    )
    session.add(objection)
    notice.status = status
    set_clock(notice, clock.stop(now, calendar))
    await session.flush()
    await _audit(session, caller, "filed", notice, objection)
    await tell(session, listing, "objection_filed", notice_no=notice.notice_no, objection=objection.number)
    return objection.id


async def decide_objection(
    session: Session, caller: Caller, objection_id: UUID, made: ObjectionDecision
) -> UUID:
    """Records the decision about an objection, for the reviewer's desk; returns the notice's id.

    One that is upheld ends the notice; when the last one has been rejected, the remaining days run on. Locks the
    listing and the notice. Raises NotPermitted, NotUnrelated, ObjectionMissing, ObjectionDecided,
    DeciderInvolved, NoticeStateForbids.
    """
    caller.require(Permission.NOTICE_DECIDE)
    if not made.is_unrelated:
        raise NotUnrelated
    found = select(NoticeObjection.notice_id).where(NoticeObjection.id == objection_id)
    notice_id = (await session.execute(found)).scalar_one_or_none()
    if notice_id is None:
        raise ObjectionMissing
    listing, notice = await lock_notice(session, notice_id)
    objections = await _list_objections(session, notice_id)
    objection = next(item for item in objections if item.id == objection_id)
    if objection.decision is not None:
        raise ObjectionDecided
    if caller.person_id == objection.objector_id or caller.name in notice.involved:
        raise DeciderInvolved(caller.name)
    is_upheld = made.decision == "uphold"
    status = notice_rules.next_status(notice.status, NoticeAct.UPHOLD if is_upheld else NoticeAct.REJECT)
    now, calendar = await market_now(session), await read_calendar(session)
    objection.decision, objection.decision_text = made.decision, made.text.strip()
    objection.decided_body, objection.is_unrelated = made.body.strip(), made.is_unrelated
    objection.decided_by, objection.decided_at = caller.person_id, now
    is_last = all(item.decision is not None for item in objections)
    await session.flush()
    if is_upheld or is_last:
        notice.status = status
    if status == NoticeStatus.RUNNING and is_last:
        await run_clock(session, notice, clock_of(notice).start(now, calendar))
    await session.flush()
    await _audit(session, caller, made.decision, notice, objection)
    await tell(
        session,
        listing,
        "objection_upheld" if is_upheld else "objection_rejected",
        notice_no=notice.notice_no,
        objection=objection.number,
        text=objection.decision_text if notice.publishes_result else None,
    )
    return notice.id


async def _list_objections(session: Session, notice_id: UUID) -> list[NoticeObjection]:
    query = (
        select(NoticeObjection).where(NoticeObjection.notice_id == notice_id).order_by(NoticeObjection.number)
    )
    return list((await session.execute(query, execution_options={"populate_existing": True})).scalars())


async def _audit(
    session: Session, caller: Caller, verb: str, notice: PublicNotice, objection: NoticeObjection
) -> None:
    await audit(
        session,
        caller,
        f"objection.{verb}",
        subject_kind="public_notice",
        subject_id=notice.id,
        detail={
            "notice_no": notice.notice_no,
            "objection": objection.number,
            "objector": objection.objector_name,
            "decision": objection.decision,
            "decided_body": objection.decided_body,
        },
    )
