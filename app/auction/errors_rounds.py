"""Refusals of rounds, turns and tenders: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Forbidden, Invalid


@dataclass(eq=False)
class FirstStageOver(Conflict):
    """The first amounts of this sale are in, so nobody new can take part."""

    zh = "本场首次报价已截止，之后入场的竞买人无法参加后续阶段，因此不再办理登记、资格审查和入场；已到账的款项请原路退回。"
    en = (
        "The first amounts of this sale are in: whoever came now could not take part in what follows, so nobody is "
        "registered, qualified or admitted any more; send back any money that has come."
    )


@dataclass(eq=False)
class RoundUnclear(Invalid):
    """A request names the round and the amount that were seen."""

    zh = "请求要写明你看到的轮次和金额。现在是第 {round} 轮，本轮价 {round_fen:yuan} 元。"
    en = "Name the round and the amount that you saw. Now it is round {round} at CNY {round_fen:yuan}."
    round: int
    round_fen: int


@dataclass(eq=False)
class RoundPassed(Conflict):
    """The round that you answered is not the round now."""

    zh = (
        "你回应的是第 {seen_round} 轮 {seen_fen:yuan} 元，现在是第 {round} 轮，本轮价 {round_fen:yuan} 元。"
        "这次不生效；要按现在的轮次报价，请再报一次。"
    )
    en = (
        "You answered round {seen_round} at CNY {seen_fen:yuan}; now it is round {round} at CNY {round_fen:yuan}. "
        "Nothing was bid; answer again if you want the price now."
    )
    seen_round: int
    seen_fen: int
    round: int
    round_fen: int


@dataclass(eq=False)
class RoundPaused(Conflict):
    """The next round has not begun yet."""

    zh = "第 {round} 轮于 {begins_at:instant} 开始，本轮价 {round_fen:yuan} 元。请到时再报。"
    en = "Round {round} begins at {begins_at:instant}, at CNY {round_fen:yuan}. Answer then."
    round: int
    round_fen: int
    begins_at: datetime


@dataclass(eq=False)
class LeadsAlready(Conflict):
    """You lead already; there is nothing to answer."""

    zh = "你以 {price_fen:yuan} 元领先，本轮不用操作。有人接受或加价以后，你可以在下一轮再报。"
    en = "You lead at CNY {price_fen:yuan} and need not answer. Once somebody else has acted you may, in the next round."
    price_fen: int


@dataclass(eq=False)
class NotYourTurn(Conflict):
    """It is another bidder's turn, or a pause."""

    zh = "现在是第 {round} 轮{whose_zh}，{until:instant} 结束。轮到你时再报价。"
    en = "Round {round}: {whose_en} until {until:instant}. Bid when it is your turn."
    round: int
    whose_zh: str
    whose_en: str
    until: datetime


@dataclass(eq=False)
class NoTurns(Forbidden):
    """Only those who gave an initial amount take turns."""

    zh = "你没有在开启前提交首次密封报价，不参加轮次竞价。"
    en = "You gave no initial sealed amount before the opening, so you take no turns."


@dataclass(eq=False)
class TurnPassed(Conflict):
    """The round that you bid in is over."""

    zh = "你的报价写的是第 {seen_round} 轮，现在是第 {round} 轮，这次不生效。请看过现在的排名后再报。"
    en = "Your bid names round {seen_round}, but it is round {round} now; it has no effect. Look at the ranking, then bid."
    seen_round: int
    round: int


@dataclass(eq=False)
class TurnTooLow(Invalid):
    """The amount does not raise your own by the step."""

    zh = "报价 {amount_fen:yuan} 元太低：要比你自己现在的报价至少高一个幅度，不低于 {minimum_fen:yuan} 元。不报就保留原报价。"
    en = (
        "CNY {amount_fen:yuan} is too low: it has to be at least one step above your own amount, CNY {minimum_fen:yuan} "
        "or more. Without a bid your amount stays."
    )
    amount_fen: int
    minimum_fen: int


@dataclass(eq=False)
class TurnTooHigh(Invalid):
    """The amount does not lower your own by the step; the lowest wins here."""

    zh = (
        "报价 {amount_fen:yuan} 元太高：要比你自己现在的报价至少低一个幅度，不高于 {maximum_fen:yuan} 元（本场价低者得）。"
        "不报就保留原报价。"
    )
    en = (
        "CNY {amount_fen:yuan} is too high: it has to be at least one step below your own amount, CNY "
        "{maximum_fen:yuan} or less; the lowest wins here. Without a bid your amount stays."
    )
    amount_fen: int
    maximum_fen: int


@dataclass(eq=False)
class NoFurtherStep(Conflict):
    """Your own amount leaves no room for another step."""

    zh = "你现在的报价 {own_fen:yuan} 元已经没有再走一个幅度的余地，原报价保留。"
    en = "Your amount of CNY {own_fen:yuan} leaves no room for another step; it stays."
    own_fen: int


@dataclass(eq=False)
class NothingToCancel(Conflict):
    """There is no bid of yours in this turn."""

    zh = "你在这次轮次里还没有报价，没有可以取消的。不报就保留原报价。"
    en = "You have made no bid in this turn, so nothing can be cancelled. Without a bid your amount stays."


@dataclass(eq=False)
class NotAssessed(Forbidden):
    """The panel has locked its scores and you are not among those assessed."""

    zh = "评审评分已经锁定，你不在评审名单中，不能再提交密封报价。请向交易机构查询。"
    en = "The panel's scores are locked and you are not among those assessed, so no offer is taken. Ask the exchange."


@dataclass(eq=False)
class ScoresLocked(Conflict):
    """The panel's scores are locked; nothing in them can change."""

    zh = "评审评分已经锁定，不能再改。价格开启后随结果一并公布。"
    en = "The panel's scores are locked and cannot change. They are published with the result, after prices open."


@dataclass(eq=False)
class ScoresWrong(Invalid):
    """The panel's scores do not fit the announced criteria."""

    zh = "评分不符合公布的评审办法：{reason_zh}"
    en = "The scores do not follow the announced method: {reason_en}"
    reason_zh: str
    reason_en: str
