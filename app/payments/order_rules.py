"""Pure rules of payment orders (付款单): two approvals by two people, then a file for the bank, then its answer."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.money import yuan
from app.payments.errors import OrderStateForbids, PayeeAccountMissing, SecondPersonNeeded
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind, check_transfer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


class OrderPurpose(StrEnum):
    """What an order pays (付款用途)."""

    DEPOSIT_REFUND = "deposit_refund"  # 退还保证金
    REFUND = "refund"  # 退款: overpaid or returned
    PAYOUT = "payout"  # 支付出让方
    COMMISSION = "commission"  # 支付佣金
    DISTRIBUTION = "distribution"  # 支付收益分配
    LINE_RETURN = "line_return"  # 退回来款: nobody knows what it was for


# What goes back to whom it came from: its day is set by law or by the announced terms.
REFUNDS = (OrderPurpose.DEPOSIT_REFUND, OrderPurpose.REFUND, OrderPurpose.LINE_RETURN)

PURPOSE_ZH = {
    OrderPurpose.DEPOSIT_REFUND: "退还保证金",
    OrderPurpose.REFUND: "退款",
    OrderPurpose.PAYOUT: "支付成交价款",
    OrderPurpose.COMMISSION: "支付佣金",
    OrderPurpose.DISTRIBUTION: "支付收益分配",
    OrderPurpose.LINE_RETURN: "退回来款",
}


class Way(StrEnum):
    """How an order is carried out (付款方式)."""

    BANK = "bank"  # 银行付款: in a file for the bank
    CONNECT = "connect"  # 通道转账: a transfer to the payee's account at the card gateway


class OrderStatus(StrEnum):
    """The life of an order."""

    PENDING = "pending"  # 待批准: none or one of two has approved
    APPROVED = "approved"  # 已批准, by two
    EXPORTED = "exported"  # 已导出: in a file for the bank
    EXECUTED = "executed"  # 已付
    FAILED = "failed"  # 付款失败
    CANCELLED = "cancelled"  # 已取消


_NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.APPROVED, OrderStatus.CANCELLED}),
    OrderStatus.APPROVED: frozenset({OrderStatus.EXPORTED, OrderStatus.CANCELLED}),
    OrderStatus.EXPORTED: frozenset({OrderStatus.EXECUTED, OrderStatus.FAILED}),
    OrderStatus.EXECUTED: frozenset(),
    OrderStatus.FAILED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
# Approved by two, a transfer is on its way: it is in no file, and nobody takes it back.
_NEXT_BY_CONNECT = _NEXT | {OrderStatus.APPROVED: frozenset({OrderStatus.EXECUTED, OrderStatus.FAILED})}


@dataclass(frozen=True)
class OrderFacts:
    """What the rules look at of an order."""

    reference: str
    status: OrderStatus
    first_by: UUID | None
    payee_account: str | None


def check_order_step(reference: str, present: OrderStatus, wanted: OrderStatus, way: Way = Way.BANK) -> None:
    """Raises OrderStateForbids unless an order that goes this way may go from ``present`` to ``wanted``."""
    if wanted not in (_NEXT if way is Way.BANK else _NEXT_BY_CONNECT)[present]:
        raise OrderStateForbids(reference=reference, order_status=present.value, wanted=wanted.value)


def check_approval(order: OrderFacts, person_id: UUID) -> bool:
    """Says whether this approval is the second, which approves the order; never by who gave the first.

    Raises OrderStateForbids, PayeeAccountMissing, SecondPersonNeeded.
    """
    check_order_step(order.reference, order.status, OrderStatus.APPROVED)
    if order.payee_account is None:
        raise PayeeAccountMissing(reference=order.reference)
    if order.first_by is None:
        return False
    if order.first_by == person_id:
        raise SecondPersonNeeded
    return True


def source_of(purpose: OrderPurpose, party_id: UUID | None, deal_id: UUID | None) -> Account:
    """The account that an order draws on."""
    match purpose:
        case OrderPurpose.DEPOSIT_REFUND | OrderPurpose.REFUND:
            return Account(AccountKind.REFUND_DUE, party_id)
        case OrderPurpose.PAYOUT:
            return Account(AccountKind.SELLER_DUE, party_id)
        case OrderPurpose.COMMISSION:
            return Account(AccountKind.COMMISSION_DUE, party_id)
        case OrderPurpose.DISTRIBUTION:
            return Account(AccountKind.DISTRIBUTION_POOL, deal_id=deal_id)
        case OrderPurpose.LINE_RETURN:
            return Account(AccountKind.SUSPENSE)


def pay_out(source: Account, amount_fen: int, way: Way = Way.BANK) -> Transfer:
    """Money leaves for whom it was kept for (借 what was owed, 贷 资金结算账户 or 卡收款在途)."""
    asset = Account(AccountKind.BANK if way is Way.BANK else AccountKind.STRIPE_CLEARING)
    return check_transfer(
        Transfer(TransferKind.PAYMENT_EXECUTED, (Entry(source, amount_fen), Entry(asset, -amount_fen)))
    )


@dataclass(frozen=True)
class ExportLine:
    """A row of the file for the bank."""

    reference: str
    payee_name: str
    payee_account: str
    amount_fen: int
    purpose: OrderPurpose


def write_export(lines: Iterable[ExportLine]) -> bytes:
    """The file for the bank's batch payment: CSV in UTF-8 with a mark, every cell quoted; equal orders, equal bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("付款单号", "收款户名", "收款账号", "金额", "币种", "用途"))
    for line in lines:
        amount = yuan(line.amount_fen).replace(",", "")
        # A spreadsheet takes a cell that begins so for a formula.
        name = line.payee_name.lstrip("=+-@\t\r")
        writer.writerow((line.reference, name, line.payee_account, amount, "CNY", PURPOSE_ZH[line.purpose]))
    return b"\xef\xbb\xbf" + text.getvalue().encode()
