"""Time: one market clock in the database, instants in UTC, dates and deadlines shown in Shanghai's time."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from app.db import AnySession

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def market_now(session: AnySession) -> datetime:
    """Reads the official time; call it after the lock it is to be judged under, in a statement of its own."""
    (row,) = await session.swiftly("SELECT market_now()")
    moment: datetime = row[0]
    return moment


def to_shanghai(moment: datetime) -> datetime:
    """Shows an instant in the time of the exchange."""
    return moment.astimezone(SHANGHAI)


def market_date(moment: datetime) -> date:
    """The calendar day of an instant at the exchange."""
    return to_shanghai(moment).date()


def add_years(day: date, years: int) -> date:
    """The same day years later; 29 February becomes the month's last day (民法典 202: 月末日为到期日)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
