"""What can go wrong with paying sellers by the card gateway, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, MarketError, Missing


@dataclass(eq=False)
class PayoutAccountMissing(Missing):
    """There is no account at the gateway yet."""

    zh = "还没有收款账户；请先开通，等通道开立之后再填写资料。"
    en = "There is no payout account yet; open one first, and give your particulars once the gateway has made it."


@dataclass(eq=False)
class PayoutAccountOpened(Conflict):
    """The party has an account at the gateway already."""

    zh = "贵机构已有收款账户，不必再开；请在账户页查看它的状态。"
    en = "Your organisation has a payout account already; look at its state instead of opening another."


@dataclass(eq=False)
class PayoutAccountNotReady(Conflict):
    """The seller's account cannot be paid to."""

    zh = (
        "出让方的通道收款账户现在是“{state_zh}”，不能转账；请改用银行付款，或等账户可以收款之后再选通道转账。"
    )
    en = (
        "The seller's account at the gateway is {state_en} and cannot be paid to; pay by bank, "
        "or choose the transfer once the account is ready."
    )
    payout_state: str
    state_zh: str
    state_en: str


@dataclass(eq=False)
class OrderNotByConnect(Conflict):
    """Only what a seller is owed goes by the gateway."""

    zh = "付款单 {reference} 不是支付给出让方的价款，只能由银行付款。"
    en = "The payment order {reference} is no payout to a seller and goes by bank only."
    reference: str


@dataclass(eq=False)
class WayIsSettled(Conflict):
    """The way of this order can be chosen no more."""

    zh = "付款单 {reference} 已有批准或已了结，付款方式不能再改；要改请先取消，再重新开付款单。"
    en = (
        "The payment order {reference} has an approval or is settled, so its way stays; "
        "cancel it and order the payment again to choose another."
    )
    reference: str


@dataclass(eq=False)
class ClearingTooLow(Conflict):
    """The gateway does not owe the exchange so much."""

    zh = "卡收款在途只有 {clearing_fen:yuan} 元，不够转账 {amount_fen:yuan} 元；请改用银行付款。"
    en = "CNY {clearing_fen:yuan} is in clearing at the gateway, less than the CNY {amount_fen:yuan} to be paid; pay by bank."
    clearing_fen: int
    amount_fen: int


@dataclass(eq=False)
class OrderNotRepeatable(Conflict):
    """Only a payment that failed or was cancelled is ordered again."""

    zh = "付款单 {reference} 的状态是 {order_status}；只有付款失败或已取消的价款、佣金付款单可以重新开单。"
    en = (
        "The payment order {reference} is {order_status}; only a payout or a commission that failed "
        "or was cancelled is ordered again."
    )
    reference: str
    order_status: str


@dataclass(eq=False)
class TransferDiffers(MarketError):
    """The gateway has another transfer than the one that was asked for."""

    kind_zh = "通道转账不符"
    zh = "通道上的转账 {gateway_id} 是 {seen_fen:yuan} 元，与付款单的 {asked_fen:yuan} 元或收款账户不符，没有入账；请在通道后台核对。"
    en = (
        "The gateway has the transfer {gateway_id} of CNY {seen_fen:yuan}, which is not the order's CNY {asked_fen:yuan} "
        "to its account; nothing was entered. Check it at the gateway."
    )
    asked_fen: int
    seen_fen: int
    gateway_id: str
