"""Counting days: the Civil Code's periods and working days, over a calendar that is passed in.

This is the one place where a period becomes a date. Source: 民法典 articles 200 to 204.
"""

from __future__ import annotations

import calendar as months_of_years
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.clock import SHANGHAI, market_date

if TYPE_CHECKING:
    from collections.abc import Mapping

_SATURDAY = 5
LONGEST = 100_000  # in any unit; more would leave the calendar
_MONTHS = 12


class Unit(StrEnum):
    """What a period is counted in."""

    DAY = "day"  # 日
    WORKING_DAY = "working_day"  # 工作日
    MONTH = "month"  # 月
    SECOND = "second"  # 秒: on the demonstration's board alone


@dataclass(frozen=True)
class Period:
    """A length of time as a rule states it (期间): 15 days, 10 working days, 1 month."""

    count: int
    unit: Unit

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Period:
        """Reads ``{"count": 15, "unit": "day"}``, the form of a dated rule's value; raises ValueError."""
        count = value.get("count")
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= LONGEST:
            message = f"a period's count is a whole number, not {count!r}"
            raise ValueError(message)
        return cls(count, Unit(str(value.get("unit"))))

    def as_json(self) -> dict[str, object]:
        """The form of a dated rule's value."""
        return {"count": self.count, "unit": str(self.unit)}


@dataclass(frozen=True)
class Calendar:
    """Days that differ from the plain week (节假日、调休上班), and the years whose arrangement has been proclaimed.

    ``exceptions`` says of a day whether it is worked. A year that is not in ``known_years`` has its weekends only.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether a day is worked: by proclamation where there is one, else from Monday to Friday."""
        return self.exceptions.get(day, day.weekday() < _SATURDAY)

    def is_provisional(self, day: date) -> bool:
        """Whether the day's year has not been proclaimed yet, so that a period that ends in it may still move."""
        return day.year not in self.known_years

    def first_working_day_from(self, day: date) -> date:
        """This day, or the next one that is worked."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day


def count_days(start: date, days: int, calendar: Calendar) -> date:
    """The last day of a period of calendar days that begins on ``start``, which is not counted itself.

    A last day of rest moves on to the first day after it. Weekends are days of rest here as festivals are
    (法定休假日): in doubt a period ends later, never earlier. Source: 民法典 201 and 203.
    """
    return calendar.first_working_day_from(start + timedelta(days=days))


def count_months(start: date, months: int, calendar: Calendar) -> date:
    """The last day of a period of months: the day of the same number, or the month's last where there is none.

    Source: 民法典 202 and 203.
    """
    year, month = divmod(start.year * _MONTHS + start.month - 1 + months, _MONTHS)
    longest = months_of_years.monthrange(year, month + 1)[1]
    return calendar.first_working_day_from(date(year, month + 1, min(start.day, longest)))


def add_working_days(start: date, days: int, calendar: Calendar) -> date:
    """The last day of a period of working days; the day of its beginning is not counted (民法典 201)."""
    day = start
    for _ in range(days):
        day = calendar.first_working_day_from(day + timedelta(days=1))
    return calendar.first_working_day_from(day)


def count_working_days(start: date, end: date, calendar: Calendar) -> int:
    """How many working days lie after ``start`` up to and with ``end``."""
    days = (start + timedelta(days=offset) for offset in range(1, (end - start).days + 1))
    return sum(calendar.is_working_day(day) for day in days)


def end_of_day(day: date) -> datetime:
    """The instant at which a day ends at the exchange: 24:00 in Shanghai (民法典 203)."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def last_day(start: date, period: Period, calendar: Calendar) -> date:
    """The last day of a period that is counted in days or longer units."""
    match period.unit:
        case Unit.DAY:
            return count_days(start, period.count, calendar)
        case Unit.WORKING_DAY:
            return add_working_days(start, period.count, calendar)
        case Unit.MONTH:
            return count_months(start, period.count, calendar)
        case Unit.SECOND:
            message = "a period of seconds has no last day"
            raise ValueError(message)


def period_end(began_at: datetime, period: Period, calendar: Calendar) -> datetime:
    """The instant at which a period that began at an instant is over."""
    if period.unit == Unit.SECOND:
        return began_at + timedelta(seconds=period.count)
    return end_of_day(last_day(market_date(began_at), period, calendar))


def elapsed_in(began_at: datetime, until: datetime, period: Period, calendar: Calendar) -> int:
    """How much of a period has elapsed when it is interrupted, in its unit and never more than the whole.

    The day of the interruption counts as elapsed.
    """
    if period.unit == Unit.SECOND:
        return min(period.count, int((until - began_at).total_seconds()))
    start, end = market_date(began_at), market_date(until)
    if period.unit == Unit.WORKING_DAY:
        return min(period.count, count_working_days(start, end, calendar))
    if period.unit == Unit.MONTH:
        message = "a period of months is not interrupted"
        raise ValueError(message)
    return min(period.count, (end - start).days)
