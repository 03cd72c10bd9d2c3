"""How near a deadline is, and what waits for whom; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.clock import market_date, to_shanghai

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


class Stage(StrEnum):
    """What is told of a deadline, each once (提醒阶段)."""

    BEFORE = "before"  # 临近
    TODAY = "today"  # 当日
    OVERDUE = "overdue"  # 逾期


class Side(StrEnum):
    """Whose desk it lies on."""

    SELLER = "seller"  # 转让方
    BUYER = "buyer"  # 受让方
    EXCHANGE = "exchange"  # 交易所岗位


@dataclass(frozen=True)
class Waiting:
    """Something that waits for one side of a trade (待办); ``party_id`` is None for the exchange's desks.

    ``subject_id`` is the thing itself, so that of each thing one kind waits once. ``members`` are what the sentence and
    the link name.
    """

    kind: str
    side: Side
    party_id: UUID | None
    subject_id: UUID
    since: datetime
    due_at: datetime | None = None
    amount_fen: int | None = None
    members: dict[str, Any] = field(default_factory=dict)


def last_day_of(due_at: datetime) -> date:
    """The last day on which it can still be done: a deadline at 24:00 is the day's that ends there."""
    return market_date(due_at - timedelta(microseconds=1))


def shown_due(due_at: datetime) -> str:
    """A deadline as people read it: the day alone where it ends with the day."""
    local = to_shanghai(due_at)
    is_whole_day = (local.hour, local.minute, local.second) == (0, 0, 0)
    return last_day_of(due_at).isoformat() if is_whole_day else local.strftime("%Y-%m-%d %H:%M")


def stage_of(due_at: datetime, now: datetime, ahead_days: int) -> Stage | None:
    """The stage that a deadline has reached, or None while it is further off than ``ahead_days``.

    At the deadline itself it is over. What ends today is told as today's only.
    """
    if now >= due_at:
        return Stage.OVERDUE
    days = (last_day_of(due_at) - market_date(now)).days
    if days == 0:
        return Stage.TODAY
    return Stage.BEFORE if days <= ahead_days else None


def in_order(items: list[Waiting]) -> list[Waiting]:
    """What is due first comes first, and what has no deadline last, the oldest of it first."""
    return sorted(items, key=lambda each: (each.due_at is None, each.due_at or each.since, each.since))
