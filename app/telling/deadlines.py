"""Telling people of deadlines: before, on the day and when one is over, once each, however many workers look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import find_exchange, list_people_who_may
from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.db import DATABASE_ERRORS
from app.desks.gathering import list_waiting
from app.desks.stages import Stage, stage_of
from app.desks.words import TOLD_PREFIX, WORDS, link_of, members_of_deadline
from app.ids import uuid7
from app.telling.mailing import promise_mail
from app.telling.models import DeadlineTold, Notification

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import AnySession, Database, Session
    from app.desks.stages import Waiting

_log = structlog.get_logger()


async def tell_deadlines(database: Database) -> int:
    """Tells of every deadline that has reached a stage nobody was told of yet; returns of how many.

    Each is told in a transaction of its own, so that one that cannot be told keeps no other back.
    """
    told = 0
    for item, stage in await database.read(list_untold):
        try:
            told += await database.write(tell_deadline, item, stage)
        except DATABASE_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - the worker loop is the edge: the next deadline is another one's
            _log.exception("deadline_not_told", kind=item.kind, subject_id=str(item.subject_id))
    return told


async def list_untold(session: AnySession) -> list[tuple[Waiting, Stage]]:
    """What waits with a deadline that has reached a stage which nobody was told of; the nearest first."""
    now = await market_now(session)
    ahead_days = int(await get_rule(session, "deadline.ahead_days", on=market_date(now)))
    reached = [
        (item, stage)
        for item in await list_waiting(session)
        if item.due_at is not None and (stage := stage_of(item.due_at, now, ahead_days)) is not None
    ]
    query = select(
        DeadlineTold.kind,
        DeadlineTold.subject_id,
        DeadlineTold.party_id,
        DeadlineTold.due_at,
        DeadlineTold.stage,
    ).where(DeadlineTold.subject_id.in_({item.subject_id for item, _ in reached}))
    told = {tuple(row) for row in await session.execute(query)}
    return [
        (item, stage)
        for item, stage in reached
        if (item.kind, item.subject_id, item.party_id, item.due_at, stage.value) not in told
    ]


async def tell_deadline(session: Session, item: Waiting, stage: Stage) -> bool:
    """Tells of one stage of one deadline; False when somebody else has told of it.

    The row that says so, the notifications and the mail are one commit: a worker that dies leaves none of them, and
    of two that look at once the second waits for the first and finds it told.
    """
    act_id = await claim(session, item, stage)
    if act_id is None:
        return False
    organisation_id = item.party_id
    if organisation_id is None:
        exchange = await find_exchange(session)
        if exchange is None:
            return False
        organisation_id = exchange.id
    people = await list_people_who_may(session, [organisation_id], WORDS[item.kind].permission)
    members, link = members_of_deadline(item, stage), link_of(item)
    session.add_all(
        Notification(
            person_id=person_id, act_id=act_id, kind=TOLD_PREFIX + item.kind, members=members, link=link
        )
        for person_id in sorted(people)
    )
    await promise_mail(session, people, members["zh"], members["en"], link)
    return True


async def claim(session: Session, item: Waiting, stage: Stage) -> UUID | None:
    """Writes that a stage of a deadline is told; None where it is written already. The constraint decides."""
    values = {
        "id": uuid7(),
        "kind": item.kind,
        "subject_id": item.subject_id,
        "party_id": item.party_id,
        "due_at": item.due_at,
        "stage": stage.value,
    }
    statement = insert(DeadlineTold).values(values).on_conflict_do_nothing().returning(DeadlineTold.id)
    return (await session.execute(statement)).scalar_one_or_none()
