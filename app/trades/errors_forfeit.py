"""What can go wrong when a deposit is not given back to who did not win (不予退还保证金), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Conflict, Invalid, Missing

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(eq=False)
class ForfeitureMissing(Missing):
    """There is no such claim, or it is not yours to see."""

    zh = "没有这份不予退还认定，或者它不对你公开。"
    en = "There is no such claim on a deposit, or it is not yours to see."


@dataclass(eq=False)
class NoDepositPaid(Conflict):
    """Nothing was paid that could be kept."""

    zh = "这条意向没有缴纳保证金，没有可以不予退还的款项。"
    en = "No deposit was paid for this intent; there is nothing to keep."


@dataclass(eq=False)
class WinnerDefaults(Conflict):
    """The winner's deposit is dealt with as a default."""

    zh = "这一方已经成交，它的保证金按成交违约认定处理，不走不予退还。"
    en = "This party won; its deposit is dealt with by declaring a default of its deal."


@dataclass(eq=False)
class LossBeyondAll(Invalid):
    """More is claimed for the exchange than its fees."""

    zh = "交易机构的费用损失最多为按挂牌价计算的双方交易服务费 {most_fen} 分。"
    en = "The exchange's loss is at most both sides' fees at the asking price, {most_fen} fen."
    most_fen: int


@dataclass(eq=False)
class HearingRuns(Conflict):
    """The party may still answer."""

    zh = "对方可以在 {until_at} 前陈述申辩；答复以后或者期满以后才能确认。"
    en = "The party may answer until {until_at}; it is confirmed after its answer or after that."
    until_at: datetime


@dataclass(eq=False)
class HearingOver(Conflict):
    """The period to answer is over."""

    zh = "陈述申辩期已于 {until_at} 届满，不再接收答复。"
    en = "The period to answer ended at {until_at}."
    until_at: datetime


@dataclass(eq=False)
class ForfeitureAnswered(Conflict):
    """The party answered before."""

    zh = "你方已经答复过这份认定，答复不能更改；补充材料请提交给审核岗。"
    en = "You have answered this claim and the answer stands; lay further papers before the reviewing desk."


@dataclass(eq=False)
class ForfeitureDecided(Conflict):
    """The claim has been decided."""

    zh = "这份不予退还认定已经办结，不能再次办理。"
    en = "This claim on a deposit has been decided."


@dataclass(eq=False)
class DecidedByDeclarer(Conflict):
    """Another person has to decide."""

    zh = "提出认定的人不能自己决定；请由资金岗的另一人决定。"
    en = "Whoever declared it cannot decide it; another person, of the finance desk, has to."
