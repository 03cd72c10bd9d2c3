"""Refusals of bidding: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Busy, Conflict, Forbidden, Invalid, MarketError, Missing, PaymentDue


@dataclass(eq=False)
class AuctionMissing(Missing):
    """There is no such auction."""

    zh = "没有这场网络竞价。请从竞价大厅重新进入。"
    en = "There is no such auction. Enter it again from the auction hall."
    auction_id: UUID


@dataclass(eq=False)
class BidMissing(Missing):
    """No bid with this id of yours has arrived."""

    zh = "没有收到你编号为 {bid_id} 的出价，它没有生效。需要时请重新出价。"
    en = "No bid of yours with the id {bid_id} has arrived; it has no effect. Bid again if you want to."
    bid_id: UUID


@dataclass(eq=False)
class BidTooLow(Invalid):
    """The bid is below the lowest amount accepted now."""

    zh = "出价 {amount_fen:yuan} 元低于当前最低可接受价 {minimum_fen:yuan} 元。"
    en = "CNY {amount_fen:yuan} is below the lowest bid accepted now, CNY {minimum_fen:yuan}."
    amount_fen: int
    minimum_fen: int


@dataclass(eq=False)
class BidOffStep(Invalid):
    """The bid does not lie on the step."""

    zh = "出价 {amount_fen:yuan} 元不在价格档位上（每档 {step_fen:yuan} 元）。最近的两档是 {below_fen:yuan} 元和 {above_fen:yuan} 元。"
    en = (
        "CNY {amount_fen:yuan} is off the step of CNY {step_fen:yuan}. "
        "The nearest amounts are CNY {below_fen:yuan} and CNY {above_fen:yuan}."
    )
    amount_fen: int
    step_fen: int
    below_fen: int
    above_fen: int


@dataclass(eq=False)
class BidTooLarge(Invalid):
    """The bid is larger than any amount the market can hold."""

    zh = "出价超出系统可记录的最大金额 {maximum_fen:yuan} 元，请检查是否多输了数字。"
    en = "The bid is larger than the largest amount recorded here, CNY {maximum_fen:yuan}. Check for extra digits."
    maximum_fen: int


@dataclass(eq=False)
class AuctionNotOpen(Conflict):
    """Bidding has not begun yet."""

    zh = "竞价还没有开始，{opens_at:instant} 开始（北京时间，以服务器时间为准）。"
    en = "Bidding has not begun; it opens at {opens_at:instant} (Beijing, server time)."
    opens_at: datetime


@dataclass(eq=False)
class AuctionOver(Conflict):
    """Bidding has ended."""

    zh = "竞价已于 {ended_at:instant} 结束。这次出价判定于 {judged_at:instant}，不生效。"
    en = "Bidding ended at {ended_at:instant}. This bid was judged at {judged_at:instant} and has no effect."
    ended_at: datetime
    judged_at: datetime


@dataclass(eq=False)
class SellerMayNotBid(Forbidden):
    """The seller may not bid on its own sale."""

    zh = "转让方不能在自己的项目中出价（拍卖法第三十条的规则，本市场同样适用）。"
    en = "The seller may not bid on its own sale (the rule of Auction Law article 30 holds here too)."


@dataclass(eq=False)
class ExchangeMayNotBid(Forbidden):
    """Nobody who works for the exchange may bid."""

    zh = "交易机构的工作人员不能参与竞价（拍卖法第二十二条的规则，本市场同样适用）。"
    en = "Nobody who works for the exchange may bid (the rule of Auction Law article 22 holds here too)."


@dataclass(eq=False)
class NotAdmitted(Forbidden):
    """Only admitted bidders may bid."""

    zh = "你还没有取得竞买资格。先登记受让意向，通过资格审查并交纳保证金。"
    en = "You are not admitted. Declare your intent, be qualified and pay the deposit first."


@dataclass(eq=False)
class DepositNotHeld(PaymentDue):
    """The deposit is not held."""

    zh = "保证金 {deposit_fen:yuan} 元没有到账，不能出价。"
    en = "The deposit of CNY {deposit_fen:yuan} is not held, so bids are not accepted."
    deposit_fen: int


@dataclass(eq=False)
class BidIdReused(Conflict):
    """This bid id was used for another amount."""

    zh = "出价编号 {bid_id} 已用于另一笔金额。新的出价要用新的编号。"
    en = "The bid id {bid_id} was used with another amount. A new bid needs a new id."
    bid_id: UUID


@dataclass(eq=False)
class DeskBusy(Busy):
    """Too many bids are waiting; this one was not taken."""

    zh = "等待处理的出价过多，这次没有受理，也没有生效。请立即用同一编号重试。"
    en = "Too many bids are waiting. This one was not taken and has no effect; retry with the same id."


@dataclass(eq=False)
class OutcomeUnknown(Busy):
    """It is not known whether the bid was recorded."""

    zh = "暂时无法确认出价 {bid_id} 是否已记录。请用同一编号再次查询或提交，不会重复出价。"
    en = "Whether the bid {bid_id} was recorded is not known yet. Ask or send again with the same id; it counts once."
    bid_id: UUID


@dataclass(eq=False)
class TermsInvalid(Invalid):
    """The terms of the auction contradict each other."""

    zh = "竞价条件有误：{reason_zh}"
    en = "The auction's terms are not right: {reason_en}"
    reason_zh: str
    reason_en: str


@dataclass(eq=False)
class StageEnded(Conflict):
    """This stage has ended; the next one is being prepared."""

    zh = "本阶段已于 {ended_at:instant} 结束，系统正在开启下一阶段，请稍候。这次请求判定于 {judged_at:instant}，不生效。"
    en = (
        "This stage ended at {ended_at:instant} and the next is being prepared. "
        "This request was judged at {judged_at:instant} and has no effect."
    )
    ended_at: datetime
    judged_at: datetime


@dataclass(eq=False)
class AuctionSuspended(Conflict):
    """Bidding is suspended; the clock stands still."""

    zh = "本场已中止，计时暂停，期间的请求不生效。恢复时间另行公布，恢复后请重新出价。"
    en = "Bidding is suspended and the clock stands still; nothing counts meanwhile. Bid again once it is resumed."


@dataclass(eq=False)
class KindNotOffered(Invalid):
    """This format does not know such a request."""

    zh = "本场竞价方式不接受这种请求（{kind}）。可以用：{offered}。"
    en = "This format does not take such a request ({kind}). It takes: {offered}."
    kind: str
    offered: list[str]


@dataclass(eq=False)
class PriceMoved(Conflict):
    """Price or leader changed after what you saw."""

    zh = "你看到的价格已经变化，这次没有出价。请看过当前价后再出。"
    en = (
        "The price or leader changed after what you saw, so no bid was made. Look at the price now, then bid."
    )
    price_fen: int | None
    leader: str | None
    number: int


def find_refusal(name: str) -> type[MarketError]:
    """The error of this name, among all that are loaded: a repeated id gets its very first refusal again."""
    waiting: list[type[MarketError]] = [MarketError]
    while waiting:
        kind = waiting.pop()
        if kind.__name__ == name:
            return kind
        waiting += kind.__subclasses__()
    raise KeyError(name)
