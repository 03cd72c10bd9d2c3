"""Pure rules of a listing's times after its publication: its deadline, how they move, and what may still change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.calendar_days import Period, Unit, period_end
from app.trades.errors_lifecycle import (
    DeadlineOver,
    DeadlineTooEarly,
    FrozenAfterPublication,
    NothingChanged,
    ProlongationOutOfRange,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.calendar_days import Calendar

MOST_PROLONGATIONS = 12
CHANGEABLE = (
    "title",
    "description",
    "encumbrances",
    "start_price_fen",
    "step_fen",
    "notice_ends_at",
    "opens_at",
    "closes_at",
    "hard_end_at",
)
TIMES = ("notice_ends_at", "opens_at", "closes_at", "hard_end_at")
_WORDS = {
    "method": ("交易方式", "the method"),
    "format": ("竞价方式", "the format of bidding"),
    "options": ("竞价参数", "the format's parameters"),
    "min_bidders": ("最少竞买人数", "the least number of bidders"),
    "deposit_fen": ("保证金", "the deposit"),
    "reserve_price_fen": ("保留价", "the reserve"),
    "trigger_seconds": ("延时窗口", "the extension window"),
    "extension_seconds": ("延时长度", "the extension"),
    "priority": ("优先购买权", "the right of first refusal"),
    "rights": ("权利种类", "the rights"),
    "prolong_count": ("延牌条款", "the clause of prolongation"),
    "prolong_times": ("延牌条款", "the clause of prolongation"),
}
UNIT_WORDS = {
    Unit.DAY: ("日", "days"),
    Unit.WORKING_DAY: ("个工作日", "working days"),
    Unit.MONTH: ("个月", "months"),
    Unit.SECOND: ("秒", "seconds"),
}


@dataclass(frozen=True)
class Times:
    """The announced times of a listing; ``is_in_sale`` once a sale by bidding is scheduled."""

    notice_ends_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime
    hard_end_at: datetime | None
    is_in_sale: bool

    @property
    def deadline_at(self) -> datetime:
        """Until when the notice lasts: to the opening of bidding, the end of the notice, or of the negotiation."""
        if self.is_in_sale and self.opens_at is not None:
            return self.opens_at
        return self.notice_ends_at or self.closes_at

    def moved_to(self, deadline_at: datetime) -> Times:
        """The same times with the deadline there: what follows it keeps its distance, what is past stays."""
        by = deadline_at - self.deadline_at

        def later(moment: datetime | None) -> datetime | None:
            return None if moment is None else moment + by

        notice = self.notice_ends_at if self.is_in_sale else later(self.notice_ends_at)
        return Times(
            notice, later(self.opens_at), self.closes_at + by, later(self.hard_end_at), self.is_in_sale
        )

    def restarted(self, deadline_at: datetime) -> Times:
        """As ``moved_to`` for a notice that begins anew: a listed price is in its notice again, not in competition."""
        notice_first = Times(
            self.notice_ends_at,
            self.opens_at,
            self.closes_at,
            self.hard_end_at,
            self.is_in_sale and self.notice_ends_at is None,
        )
        return notice_first.moved_to(deadline_at)

    def columns(self) -> dict[str, Any]:
        """The listing's columns."""
        return {name: getattr(self, name) for name in TIMES}


def require_before_deadline(times: Times, now: datetime) -> None:
    """Raises DeadlineOver from the deadline on: then what was announced decides."""
    if now >= times.deadline_at:
        raise DeadlineOver(times.deadline_at)


def earliest_resumption(
    deadline_at: datetime, suspended_at: datetime, now: datetime, least: Period, calendar: Calendar
) -> datetime:
    """The earliest new deadline of a listing that is resumed now.

    In all the notice is as long as it was announced, and from now it lasts the prescribed time. Source: after 120号
    article 23 (cumulative notice at least the original, ten working days more).
    """
    return max(now + (deadline_at - suspended_at), period_end(now, least, calendar))


def check_deadline(deadline_at: datetime | None, earliest: datetime) -> datetime:
    """The deadline that was chosen, or the earliest one; raises DeadlineTooEarly."""
    if deadline_at is None:
        return earliest
    if deadline_at < earliest:
        raise DeadlineTooEarly(deadline_at, earliest)
    return deadline_at


def next_prolongation(
    count: int | None, most: int, used: int, now: datetime, least: Period, calendar: Calendar
) -> datetime | None:
    """The deadline after another prolongation by the clause, or None where there is none or it is used up."""
    if count is None or used >= most:
        return None
    return period_end(now, Period(count, least.unit), calendar)


def check_prolongation(count: int | None, times: int, least: Period) -> None:
    """Raises ProlongationOutOfRange unless the clause is none, or long enough each time and not too often."""
    if count is None and times == 0:
        return
    if count is None or not least.count <= count <= 1000 or not 1 <= times <= MOST_PROLONGATIONS:  # noqa: PLR2004 - the column's bound
        raise ProlongationOutOfRange(least.count, MOST_PROLONGATIONS, *UNIT_WORDS[least.unit])


def period_words(period: Period) -> tuple[str, str]:
    """A period in words: 10 个工作日, 10 working days."""
    zh, en = UNIT_WORDS[period.unit]
    return f"{period.count} {zh}", f"{period.count} {en}"


def check_changes(changes: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """What really changes; raises FrozenAfterPublication or NothingChanged.

    Source: domain of 国资法 54 and 120号 19: the method and its parameters stand as announced.
    """
    frozen = sorted(set(changes) - set(CHANGEABLE))
    if frozen:
        words = [_WORDS.get(name, (name, name)) for name in frozen]
        raise FrozenAfterPublication(
            frozen, "、".join(dict(words)), ", ".join(dict.fromkeys(en for _, en in words))
        )
    real = {name: value for name, value in changes.items() if value != present[name]}
    if not real:
        raise NothingChanged
    return real


def notice_length(deadline_at: datetime, announced_at: datetime) -> timedelta:
    """How long a notice was announced to last."""
    return deadline_at - announced_at
