"""Public notice (公示) as rules: its states, its clock that objections stop, and what it must say; pure.

Source: 促进科技成果转化法 article 18, 国发〔2016〕16号 (15 days, objections), 浙江 article 17, 山东 article 14.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from app.calendar_days import Calendar, Period, elapsed_in, period_end
from app.trades.errors_notices import (
    NoticeIncomplete,
    NoticeNotOver,
    NoticeStateForbids,
    NoticeTooShort,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class NoticeStatus(StrEnum):
    """Where a public notice stands."""

    DRAFT = "draft"  # 草稿
    RUNNING = "running"  # 公示中
    SUSPENDED = "suspended"  # 异议处理中，公示中止
    COMPLETED = "completed"  # 公示完成
    TERMINATED = "terminated"  # 异议成立，公示终止
    WITHDRAWN = "withdrawn"  # 撤回
    VOID = "void"  # 内容变更，重新公示


class NoticeAct(StrEnum):
    """What can be done to a notice."""

    CHANGE = "change"
    PUBLISH = "publish"
    OBJECT = "object"
    REJECT = "reject"
    UPHOLD = "uphold"
    COMPLETE = "complete"
    REVISE = "revise"
    WITHDRAW = "withdraw"


# One of these at most for a sale: it is the one that a contract is judged by.
LIVE = (NoticeStatus.DRAFT, NoticeStatus.RUNNING, NoticeStatus.SUSPENDED, NoticeStatus.COMPLETED)
STATUS_WORDS = {
    NoticeStatus.DRAFT: ("草稿", "a draft"),
    NoticeStatus.RUNNING: ("公示中", "running"),
    NoticeStatus.SUSPENDED: ("异议处理中", "suspended by an objection"),
    NoticeStatus.COMPLETED: ("公示完成", "completed"),
    NoticeStatus.TERMINATED: ("异议成立，已终止", "terminated by an objection"),
    NoticeStatus.WITHDRAWN: ("已撤回", "withdrawn"),
    NoticeStatus.VOID: ("内容已变更，作废", "void after a change"),
}
_ACT_WORDS = {
    NoticeAct.CHANGE: ("修改", "changed"),
    NoticeAct.PUBLISH: ("发布", "published"),
    NoticeAct.OBJECT: ("提出异议", "objected to"),
    NoticeAct.REJECT: ("驳回异议", "freed of an objection"),
    NoticeAct.UPHOLD: ("采纳异议", "ended by an objection"),
    NoticeAct.COMPLETE: ("完成", "completed"),
    NoticeAct.REVISE: ("变更后重新公示", "begun anew"),
    NoticeAct.WITHDRAW: ("撤回", "withdrawn"),
}
_NEXT: dict[NoticeStatus, dict[NoticeAct, NoticeStatus]] = {
    NoticeStatus.DRAFT: {
        NoticeAct.CHANGE: NoticeStatus.DRAFT,
        NoticeAct.PUBLISH: NoticeStatus.RUNNING,
        NoticeAct.WITHDRAW: NoticeStatus.WITHDRAWN,
    },
    NoticeStatus.RUNNING: {
        NoticeAct.OBJECT: NoticeStatus.SUSPENDED,
        NoticeAct.COMPLETE: NoticeStatus.COMPLETED,
        NoticeAct.REVISE: NoticeStatus.VOID,
        NoticeAct.WITHDRAW: NoticeStatus.WITHDRAWN,
    },
    NoticeStatus.SUSPENDED: {
        NoticeAct.OBJECT: NoticeStatus.SUSPENDED,
        NoticeAct.REJECT: NoticeStatus.RUNNING,
        NoticeAct.UPHOLD: NoticeStatus.TERMINATED,
        NoticeAct.REVISE: NoticeStatus.VOID,
        NoticeAct.WITHDRAW: NoticeStatus.WITHDRAWN,
    },
    NoticeStatus.COMPLETED: {NoticeAct.REVISE: NoticeStatus.VOID},
    NoticeStatus.TERMINATED: {},
    NoticeStatus.WITHDRAWN: {},
    NoticeStatus.VOID: {},
}


def next_status(present: str, act: NoticeAct) -> NoticeStatus:
    """The status after an act; raises NoticeStateForbids, which says what is possible now."""
    status = NoticeStatus(present)
    if act in _NEXT[status]:
        return _NEXT[status][act]
    possible = list(_NEXT[status])
    raise NoticeStateForbids(
        notice_status=status.value,
        act=act.value,
        possible=[item.value for item in possible],
        present_zh=STATUS_WORDS[status][0],
        present_en=STATUS_WORDS[status][1],
        act_zh=_ACT_WORDS[act][0],
        act_en=_ACT_WORDS[act][1],
        possible_zh="、".join(_ACT_WORDS[item][0] for item in possible) or "没有可办的步骤",
        possible_en=", ".join(_ACT_WORDS[item][1] for item in possible) or "nothing",
    )


@dataclass(frozen=True)
class Clock:
    """A notice's time: how long it takes, what has elapsed before the present run, and when that run began and ends.

    ``counted_from`` and ``ends_at`` are None before the publication and while an objection is open.
    """

    period: Period
    elapsed: int = 0
    counted_from: datetime | None = None
    ends_at: datetime | None = None

    def start(self, now: datetime, calendar: Calendar) -> Clock:
        """Runs from now on; the day of the start is not counted (民法典 201)."""
        rest = Period(self.period.count - self.elapsed, self.period.unit)
        return replace(self, counted_from=now, ends_at=period_end(now, rest, calendar))

    def stop(self, now: datetime, calendar: Calendar) -> Clock:
        """Stands still from now on; the day of the objection counts as elapsed, what remains is kept."""
        if self.counted_from is None:
            return self
        rest = Period(self.period.count - self.elapsed, self.period.unit)
        run = elapsed_in(self.counted_from, now, rest, calendar)
        return Clock(self.period, self.elapsed + run)

    def due_at(self, calendar: Calendar) -> datetime | None:
        """When the run ends by the calendar of now: never before the announced end, but a new holiday moves it on."""
        if self.counted_from is None or self.ends_at is None:
            return None
        rest = Period(self.period.count - self.elapsed, self.period.unit)
        return max(self.ends_at, period_end(self.counted_from, rest, calendar))


def require_over(clock: Clock, now: datetime, calendar: Calendar) -> None:
    """Raises NoticeNotOver before the end of the notice; at the end itself it is over."""
    due = clock.due_at(calendar)
    if due is None or now < due:
        raise NoticeNotOver(due or now)


_FIELDS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "name": (("achievement_name",), "科技成果名称", "the achievement's name"),
    "abstract": (("abstract",), "内容摘要", "the abstract"),
    "mode": (("transfer_mode",), "转化方式", "the way of transfer"),
    "price": (("price_fen",), "拟交易价格", "the intended price"),
    "relation": (("relation",), "受让方与完成人的关系说明", "how the transferee is related to the inventors"),
    "place": (("posted_at_unit",), "在本单位公示的地点", "where in the unit it is posted"),
    "procedure": (
        ("objection_channel", "objection_procedure"),
        "异议受理渠道与处理程序",
        "the channel and procedure of objections",
    ),
}


def check_content(content: Mapping[str, object], needed: Iterable[str]) -> None:
    """Raises NoticeIncomplete, which names what the seller's jurisdiction asks for and the notice does not say.

    The intended price, the place at the unit and the channel of objections are asked for everywhere.
    """
    missing = [
        _FIELDS[name]
        for name in dict.fromkeys(["name", "price", "place", "procedure", *needed])
        if name in _FIELDS and not all(_is_said(content.get(field)) for field in _FIELDS[name][0])
    ]
    if missing:
        raise NoticeIncomplete(
            fields=[field for fields, _, _ in missing for field in fields],
            missing_zh="、".join(zh for _, zh, _ in missing),
            missing_en=", ".join(en for _, _, en in missing),
        )


def _is_said(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def check_period(wanted: Period, floor: Period) -> None:
    """Raises NoticeTooShort for less than the jurisdiction's least; longer is the unit's own choice."""
    if wanted.unit != floor.unit or wanted.count < floor.count:
        raise NoticeTooShort(floor.count, floor.unit.value, wanted.count, wanted.unit.value)
