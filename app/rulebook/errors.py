"""Refusals of the rulebook: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.errors import Conflict, Invalid


@dataclass(eq=False)
class DayHasCome(Conflict):
    """A day that has come is not changed in the calendar any more."""

    zh = "{days} 已经到来，期间已按原安排计算，不能再改。请只改将来的日子。"
    en = "{days} has come and periods were counted by it, so it stays. Change days of the future only."
    days: list[date]


@dataclass(eq=False)
class DayOutsideTheYear(Invalid):
    """A day does not belong to the year that is entered."""

    zh = "{day} 不在 {year} 年内，请把它录入它自己的年份。"
    en = "{day} does not lie in {year}; enter it with its own year."
    day: date
    year: int


@dataclass(eq=False)
class DayTwice(Invalid):
    """A day is named twice in the arrangement."""

    zh = "{day} 出现了两次，每一天只录一次。"
    en = "{day} is there twice; enter each day once."
    day: date


@dataclass(eq=False)
class DayAsEver(Invalid):
    """A worked day that is entered must be a weekend's: other days are worked anyway."""

    zh = "{day} 本来就是工作日，不用录为调休上班。调休上班只录周六、周日。"
    en = "{day} is worked anyway. Only a Saturday or Sunday is entered as worked."
    day: date
