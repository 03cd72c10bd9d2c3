"""How sellers' accounts at the card gateway, and transfers that did not stay, are told; pure."""

from __future__ import annotations

from app.accounts.permissions import Permission
from app.telling.sides import Side, Telling


def _seller(kind: str, zh: str, en: str) -> tuple[Telling, ...]:
    return (Telling(kind, Side.SELLER, Permission.PAYOUT_READ, "/organisation", zh, en),)


def _desk(kind: str, zh: str, en: str) -> tuple[Telling, ...]:
    return (Telling(kind, Side.DESK, Permission.PAYMENT_ORDER, "/desk/orders/{id}?tab=all", zh, en),)


CONNECT_TELLINGS: dict[str, tuple[Telling, ...]] = {
    "payout-account.ready": _seller(
        "payout_ready",
        "通道收款账户已可收款，成交价款可以由交易所直接转入",
        "Your payout account is ready: the exchange may pay prices straight into it",
    ),
    "payout-account.restricted": _seller(
        "payout_restricted",
        "通道收款账户受限（{reason}），请到机构页面按通道的要求补充资料；其间价款由银行支付",
        "Your payout account is restricted ({reason}); give the gateway what it asks for on your organisation's page. "
        "Until then prices are paid by bank",
    ),
    "payout-account.refused": _seller(
        "payout_refused",
        "通道没有受理收款账户的开立（{reason}），价款仍由银行支付",
        "The gateway opened no payout account ({reason}); prices are paid by bank as before",
    ),
    "order.transfer-refused": _desk(
        "transfer_refused",
        "付款单 {reference}（{amount} 元）的通道转账被拒（{reason}），请决定是否改由银行付款",
        "The transfer of {reference}, CNY {amount}, was refused ({reason}); decide whether to pay by bank",
    ),
    "order.transfer-reversed": _desk(
        "transfer_reversed",
        "付款单 {reference} 的通道转账被撤回 {reversed} 元，已另开付款单待批准",
        "CNY {reversed} of the transfer of {reference} came back; another payment order waits for approval",
    ),
}
