"""Refusals of sealed bids and falling prices: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Forbidden, Invalid


@dataclass(eq=False)
class CommitmentMissing(Invalid):
    """A sealed bid comes with its id and a commitment to its amount."""

    zh = "密封报价要带上编号和金额的承诺值（HMAC-SHA256，64 位十六进制）。请刷新页面后重新报价。"
    en = (
        "A sealed bid needs its id and the commitment to its amount (HMAC-SHA256, 64 hex digits). "
        "Reload the page and bid again."
    )


@dataclass(eq=False)
class EnvelopeFinal(Conflict):
    """Your envelope is in and is final."""

    zh = "本场密封报价只有一次机会。你的报价 {bid_id} 已于 {at:instant} 收下，不能更换或撤回。"
    en = (
        "A sealed bid can be made only once here. Yours, {bid_id}, was taken in at {at:instant} and can neither be "
        "replaced nor withdrawn."
    )
    bid_id: str
    at: datetime


@dataclass(eq=False)
class NoEnvelope(Conflict):
    """You have no envelope in this stage."""

    zh = "本阶段没有收到你的密封报价，没有可以撤回的。"
    en = "There is no envelope of yours in this stage, so nothing can be withdrawn."


@dataclass(eq=False)
class OpeningsMissing(Conflict):
    """Not all envelopes that count were handed in to be opened; nothing was opened."""

    zh = "缺少这些密封报价的开启结果：{bid_ids}。计入的密封报价必须同时开启。"
    en = "The openings of these sealed bids are missing: {bid_ids}. All that count are opened together."
    bid_ids: list[str]


@dataclass(eq=False)
class NotTied(Forbidden):
    """Only those who are tied take part in the extra round."""

    zh = "加密封一轮只由报出同价 {amount_fen:yuan} 元的竞买人参加：{tied}。"
    en = "The extra sealed round is only for those tied at CNY {amount_fen:yuan}: {tied}."
    amount_fen: int
    tied: list[str]


@dataclass(eq=False)
class KindNotNow(Conflict):
    """This request does not belong to the present stage."""

    zh = "现阶段不接受这种请求（{kind}）。现在可以用：{offered}。"
    en = "The present stage does not take such a request ({kind}). It takes: {offered}."
    kind: str
    offered: list[str]


@dataclass(eq=False)
class TakeUnclear(Invalid):
    """A take names the step and the price that were seen."""

    zh = "应价要写明你看到的档次和价格。现在是第 {step} 档，{asking_fen:yuan} 元。"
    en = "A take names the step and the price that you saw. Now it is step {step} at CNY {asking_fen:yuan}."
    step: int
    asking_fen: int


@dataclass(eq=False)
class StepPassed(Conflict):
    """The price that you took is not the price now."""

    zh = (
        "你应的是第 {seen_step} 档 {seen_fen:yuan} 元，现在是第 {step} 档 {asking_fen:yuan} 元。"
        "这次没有成交；要按现价应价，请再应一次。"
    )
    en = (
        "You took step {seen_step} at CNY {seen_fen:yuan}; now it is step {step} at CNY {asking_fen:yuan}. "
        "Nothing was bought; take again if you want the price now."
    )
    seen_step: int
    seen_fen: int
    step: int
    asking_fen: int


@dataclass(eq=False)
class TakerWaits(Conflict):
    """Whoever took the price does not seal a bid, and may answer afterwards."""

    zh = "你已在价格时钟上应价，不参加密封报价。如有人密封报价，开启后由你一次性报出更优价。"
    en = (
        "You took the price, so you do not take part in the sealed stage. If somebody seals a bid, you may answer "
        "once with a better one after the opening."
    )


@dataclass(eq=False)
class OnlyTheTaker(Forbidden):
    """Only whoever took the price may bid in this stage."""

    zh = "本阶段只由最先应价的竞买人 {taker} 报价。"
    en = "In this stage only {taker}, who took the price first, may bid."
    taker: str
