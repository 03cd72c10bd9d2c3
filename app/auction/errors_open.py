"""Refusals of the open formats: falling prices, automatic bidding, matching in the field, the limited period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Forbidden, Invalid


@dataclass(eq=False)
class BidTooHigh(Invalid):
    """The bid is above the highest amount accepted now; the price of this sale falls."""

    zh = "报价 {amount_fen:yuan} 元高于当前最高可接受价 {maximum_fen:yuan} 元（本场价低者得）。"
    en = "CNY {amount_fen:yuan} is above the highest bid accepted now, CNY {maximum_fen:yuan}; the lowest price wins here."
    amount_fen: int
    maximum_fen: int


@dataclass(eq=False)
class BidNotPositive(Invalid):
    """A bid is at least one fen."""

    zh = "报价 {amount_fen:yuan} 元无效，最低为 0.01 元。"
    en = "CNY {amount_fen:yuan} is no price; the least is CNY 0.01."
    amount_fen: int


@dataclass(eq=False)
class NoLowerPrice(Conflict):
    """The price cannot fall by another step."""

    zh = "当前价 {price_fen:yuan} 元已不足再降一档（{step_fen:yuan} 元），不能再报价，请等待结束。"
    en = "The price of CNY {price_fen:yuan} leaves no room for another step of CNY {step_fen:yuan}; wait for the end."
    price_fen: int
    step_fen: int


@dataclass(eq=False)
class MaximumNotHigher(Invalid):
    """A maximum of automatic bidding can only be raised."""

    # Its present maximum is shown to its bidder in the room; a refusal is stored where no maximum is.
    zh = "自动出价上限只能提高：{amount_fen:yuan} 元没有高于你已设定的上限。请设一个更高的数额，或保持不变。"
    en = "A maximum can only be raised: CNY {amount_fen:yuan} is not above yours. Set a higher one, or leave it."
    amount_fen: int


@dataclass(eq=False)
class MaximumNotLower(Invalid):
    """In a falling sale a maximum of automatic bidding, the price one would go down to, can only be lowered."""

    zh = "自动报价下限只能降低：{amount_fen:yuan} 元没有低于你已设定的下限。请设一个更低的数额，或保持不变。"
    en = (
        "A limit can only be lowered: CNY {amount_fen:yuan} is not below yours. Set a lower one, or leave it."
    )
    amount_fen: int


@dataclass(eq=False)
class PriorityNotYours(Forbidden):
    """Only a holder of the right of first refusal may match the price."""

    zh = "只有登记的优先购买权人可以按当前价跟价。其他竞买人须按价格幅度出价。"
    en = "Only a registered holder of the right of first refusal may match the price. Others bid by the step."


@dataclass(eq=False)
class NothingToMatch(Conflict):
    """There is no price yet that could be matched."""

    zh = "还没有人出价，没有可以跟的价格。可以按 {start_price_fen:yuan} 元首次出价。"
    en = "Nobody has bid, so there is no price to match. You may make the first bid at CNY {start_price_fen:yuan}."
    start_price_fen: int


@dataclass(eq=False)
class MatchStale(Conflict):
    """The price is no longer the one that was to be matched."""

    zh = "你要跟的价格是 {amount_fen:yuan} 元，当前价已是 {price_fen:yuan} 元，这次没有跟价。请看过当前价后再行使。"
    en = "You asked to match CNY {amount_fen:yuan}, but the price is CNY {price_fen:yuan} now; nothing was matched."
    amount_fen: int
    price_fen: int


@dataclass(eq=False)
class PriorityLeads(Conflict):
    """A holder of the right of first refusal leads at this price already."""

    zh = "当前价 {price_fen:yuan} 元已由优先购买权人领先（顺序相同的，时间在先）。可以出价 {next_fen:yuan} 元。"
    en = "A holder of the right leads at CNY {price_fen:yuan} already; among equals the earlier one. You may bid CNY {next_fen:yuan}."
    price_fen: int
    next_fen: int


@dataclass(eq=False)
class EntryRunning(Conflict):
    """Entry into the limited period is being confirmed; bids are taken after it."""

    zh = (
        "自由报价期已结束，正在确认进入限时报价，{ends_at:instant} 截止。现在不接受报价，限时报价开始后再出。"
    )
    en = "The free period is over and entry is being confirmed until {ends_at:instant}. Bids are taken after that."
    ends_at: datetime


@dataclass(eq=False)
class EntryNotNow(Conflict):
    """Entry into the limited period is confirmed only in its own time."""

    zh = "现在不是确认进入限时报价的时间。自由报价期结束后，在公布的确认时间内提交。"
    en = "Entry is not being confirmed now. Confirm it in the announced time after the free period."


@dataclass(eq=False)
class FreeBidMissing(Forbidden):
    """Only who bid in the free period may enter the limited period."""

    zh = "你在自由报价期没有有效报价，按公布的规则不能进入限时报价。"
    en = "You made no valid bid in the free period, so by the announced rules you cannot enter the limited period."


@dataclass(eq=False)
class AlreadyEntered(Conflict):
    """Entry was confirmed before."""

    zh = "你已经确认进入限时报价，不用再次提交。"
    en = "You have confirmed your entry already; once is enough."


@dataclass(eq=False)
class NotEntered(Forbidden):
    """Only who confirmed entry may bid in the limited period."""

    zh = "你没有在确认时间内进入限时报价，不能继续报价。你此前的有效报价仍按规则计算。"
    en = "You did not confirm your entry in time, so you cannot bid now. Your earlier bids still count by the rules."
