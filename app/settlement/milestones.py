"""Milestones (里程碑): one side states that a part's condition is met, the other confirms, and the part is due sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.calendar_days import count_days
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.ids import uuid7
from app.payments.payable_models import Payable
from app.payments.payables import cancel_payables_of
from app.settlement.collecting import TERM, ask_for_term
from app.settlement.errors_plans import (
    MilestoneClaimed,
    MilestoneMissing,
    MilestoneSettled,
    NoCondition,
    OwnStatement,
    TermMissing,
)
from app.settlement.models import SettlementTerm
from app.settlement.plan_models import MilestoneStatement
from app.settlement.queries import get_plan_rules, lock_own_settlement
from app.settlement.rules import OPEN, SettlementStatus, check_status
from app.trades import rules
from app.trades.models import Listing
from app.trades.queries import get_deal

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.settlement.models import Settlement


async def state_milestone(
    session: Session, caller: Caller, settlement_id: UUID, place: int, statement: str
) -> UUID:
    """States that the condition of a part is met, for either side; returns the statement's id.

    Locks the settlement. Raises NotPermitted, SettlementMissing, SettlementStateForbids, TermMissing, NoCondition,
    MilestoneSettled, MilestoneClaimed, TextOutOfRange.
    """
    caller.require(Permission.SETTLEMENT_PLAN)
    plain = rules.check_reason(statement)
    row = await lock_own_settlement(session, caller, settlement_id)
    check_status(SettlementStatus(row.status), OPEN, "申报条件成就", "a statement of a milestone")
    query = select(SettlementTerm).where(
        SettlementTerm.settlement_id == row.id, SettlementTerm.place == place
    )
    term = (await session.execute(query)).scalar_one_or_none()
    if term is None:
        raise TermMissing
    if term.condition is None:
        raise NoCondition(place)
    await _check_unpaid(session, term)
    of_term = select(MilestoneStatement.status).where(
        MilestoneStatement.term_id == term.id, MilestoneStatement.status != "refused"
    )
    before = (await session.execute(of_term)).scalar_one_or_none()
    if before is not None:
        raise MilestoneClaimed(place) if before == "stated" else MilestoneSettled(place)
    made = MilestoneStatement(
        id=uuid7(),
        term_id=term.id,
        side="seller" if caller.organisation_id == row.seller_id else "buyer",
        statement=plain,
        stated_by=caller.person_id,
    )
    session.add(made)
    await session.flush()
    await audit(
        session,
        caller,
        "milestone.stated",
        subject_kind="settlement",
        subject_id=row.id,
        detail={"place": place, "side": made.side},
    )
    return made.id


async def _check_unpaid(session: AnySession, term: SettlementTerm) -> None:
    query = select(Payable.status).where(
        Payable.subject_kind == TERM, Payable.subject_id == term.id, Payable.status != "cancelled"
    )
    if (await session.execute(query)).scalar_one_or_none() == "paid":
        raise MilestoneSettled(term.place)


async def answer_milestone(
    session: Session, caller: Caller, statement_id: UUID, *, confirms: bool, reason: str | None = None
) -> UUID:
    """Confirms the other side's statement, which makes the part due sooner, or refuses it with a reason; returns its id.

    Refused, the part stays due on its own day: the price is owed in any case. Locks the settlement, then the payable.
    Raises NotPermitted, MilestoneMissing, SettlementMissing, OwnStatement, MilestoneSettled, TextOutOfRange.
    """
    caller.require(Permission.SETTLEMENT_PLAN)
    _, term = await _get(session, statement_id)
    row = await lock_own_settlement(session, caller, term.settlement_id)
    made, term = await _get(session, statement_id)
    check_status(SettlementStatus(row.status), OPEN, "确认条件", "an answer to a statement")
    if made.status != "stated":
        raise MilestoneSettled(term.place)
    if caller.organisation_id == (row.seller_id if made.side == "seller" else row.buyer_id):
        raise OwnStatement
    now = await market_now(session)
    if confirms:
        await _check_unpaid(session, term)
        made.due_on = await _sooner(session, row, term, market_date(now))
    else:
        made.reason = rules.check_reason(reason or "")
    made.answered_by, made.answered_at = caller.person_id, now
    made.status = "confirmed" if confirms else "refused"
    await session.flush()
    await audit(
        session,
        caller,
        f"milestone.{made.status}",
        subject_kind="settlement",
        subject_id=row.id,
        detail={"place": term.place, "due_on": made.due_on.isoformat() if made.due_on else None},
    )
    return made.id


async def _get(session: AnySession, statement_id: UUID) -> tuple[MilestoneStatement, SettlementTerm]:
    query = (
        select(MilestoneStatement, SettlementTerm)
        .join(SettlementTerm, SettlementTerm.id == MilestoneStatement.term_id)
        .where(MilestoneStatement.id == statement_id)
    )
    found = (await session.execute(query, execution_options={"populate_existing": True})).one_or_none()
    if found is None:
        raise MilestoneMissing
    statement, term = found
    return statement, term


async def _sooner(session: Session, row: Settlement, term: SettlementTerm, today: date) -> date:
    """Asks for a part by the payment period from today, where that is before its own last day."""
    listing = await session.get_one(Listing, (await get_deal(session, row.deal_id)).listing_id)
    days = (await get_plan_rules(session, board=listing.board, on=today)).payment_days
    due_on = count_days(today, days, await read_calendar(session))
    if due_on >= term.due_on:
        return term.due_on
    await cancel_payables_of(session, TERM, [term.id])
    await ask_for_term(session, row, term, due_on)
    return due_on
