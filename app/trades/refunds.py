"""Refunds of deposits (退还保证金): after a sale, payment orders for all who did not win, due by their board's rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.calendar_days import add_working_days
from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.holidays import read_calendar
from app.payments.deposits import REFUND_TASK
from app.payments.refunds import order_refunds
from app.tasks import handles, promise
from app.trades.models import Listing

if TYPE_CHECKING:
    from app.db import Session

AT_ONCE = 500


@handles(REFUND_TASK)
async def refund_deposits(session: Session, payload: dict[str, Any]) -> None:
    """Orders the refunds of a listing's released deposits that have no order yet, some hundreds in one transaction.

    Due so many working days after the day on which they were released (domain: 法释〔2016〕18号 article 23 for court
    sales, the exchanges' own rules for the others). A second run finds nothing left to order.
    """
    listing_id = UUID(payload["listing_id"])
    board = (
        await session.execute(select(Listing.board).where(Listing.id == listing_id))
    ).scalar_one_or_none()
    today = market_date(await market_now(session))
    days = await get_rule(session, "deposit.refund_working_days", board=board or "standard", on=today)
    due_on = add_working_days(today, int(days), await read_calendar(session))
    ordered = await order_refunds(session, listing_id, due_on, limit=AT_ONCE)
    if ordered == AT_ONCE:
        await promise(session, REFUND_TASK, payload)
