"""Refusals of the rulebook: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.errors import Conflict, Forbidden, Invalid, Missing


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


@dataclass(eq=False)
class RuleKeyUnknown(Invalid):
    """The rulebook knows no rule of this name: a new kind of rule comes with the program that reads it."""

    zh = "没有名为“{key}”的规则。可改的规则见规则清单；新种类的规则随程序发布。"
    en = "There is no rule called {key}. The list of rules names those that can be changed."
    key: str


@dataclass(eq=False)
class RuleValueUnfit(Invalid):
    """A rule's new value must be of the kind of its present one."""

    zh = "“{key}”的取值应为{wanted_zh}，例如 {example}。"
    en = "The value of {key} must be {wanted_en}, such as {example}."
    key: str
    wanted_zh: str
    wanted_en: str
    example: str


@dataclass(eq=False)
class RuleInThePast(Invalid):
    """A rule takes effect on a later day: what has happened was judged by the rule of its day."""

    zh = "规则不能自 {valid_from} 起生效：生效日最早为 {earliest}。已发生的事项仍按当时的规则。"
    en = "The rule cannot take effect on {valid_from}: the earliest day is {earliest}."
    valid_from: date
    earliest: date


@dataclass(eq=False)
class RuleDayTaken(Conflict):
    """Another value takes effect on the same day already."""

    zh = "“{key}”已有一项取值自 {valid_from} 起生效，请改用另一天。"
    en = "Another value of {key} takes effect on {valid_from}; take another day."
    key: str
    valid_from: date


@dataclass(eq=False)
class ProposalMissing(Missing):
    """There is no such proposal."""

    zh = "没有这项规则修改。"
    en = "There is no such proposal."
    proposal_id: UUID


@dataclass(eq=False)
class ProposalDecided(Conflict):
    """The proposal has been decided already."""

    zh = "这项规则修改已经办结（{decision}），不能再次办理。需要再改时请另提一项。"
    en = "This proposal has been decided ({decision}). Make another one for another change."
    decision: str


@dataclass(eq=False)
class OwnProposal(Forbidden):
    """Whoever proposed a rule may not approve it."""

    zh = "提出规则修改的人不能自己批准，请由另一位人员办理。"
    en = "Whoever proposed a rule may not approve it; another person does."


@dataclass(eq=False)
class RejectionUnexplained(Invalid):
    """A rejection needs a reason of some words."""

    zh = "否决要写明理由，至少 {shortest} 个字。"
    en = "A rejection needs a reason of at least {shortest} characters."
    shortest: int
