"""What may be wrong with a statement as a whole, and with matching its lines of money that went."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Missing


@dataclass(eq=False)
class StatementPageRepeated(Conflict):
    """Lines of the statement file stand in it more than once."""

    zh = (
        "文件里有 {lines} 条流水重复出现（第一条是 {bank_reference}），像是同一页导出了两次。整份文件没有导入；"
        "请去掉重复的页再上传。"
    )
    en = (
        "{lines} lines stand in the file more than once (the first is {bank_reference}), as if a page was printed "
        "twice. Nothing was imported; take the repeated page out and upload it again."
    )
    lines: int
    bank_reference: str


@dataclass(eq=False)
class StatementKnown(Conflict):
    """Every line of the statement was imported before."""

    zh = "这份文件的 {lines} 条流水以前都导入过，没有新的；不用再导入。要找其中一条，请按流水号查。"
    en = "All {lines} lines of this file were imported before and none is new; there is nothing to import again."
    lines: int


@dataclass(eq=False)
class PaidLineMissing(Missing):
    """There is no such line of money that went."""

    zh = "没有这条付款流水。请从付款流水列表里选择。"
    en = "There is no such line of money that went. Choose one from the list."


@dataclass(eq=False)
class PaidLineMatched(Conflict):
    """The line of money that went is matched already."""

    zh = "流水号 {bank_reference} 已经核销了一张付款单，一条流水只核销一张。请刷新后再看。"
    en = "The line {bank_reference} has executed a payment order already; a line executes one. Reload and look again."
    bank_reference: str


@dataclass(eq=False)
class OrderPaidByLine(Conflict):
    """Another line of the statement executed this order."""

    zh = "付款单 {reference} 已由另一条流水核销。银行付了两次的，请向银行核对并追回。"
    en = "Another line of the statement executed the order {reference}. If the bank paid twice, ask the bank for it back."
    reference: str


@dataclass(eq=False)
class PaidAmountDiffers(Conflict):
    """The bank paid another amount than the order says."""

    zh = "付款单 {reference} 是 {ordered_fen:yuan} 元，这条流水付了 {paid_fen:yuan} 元；金额相同才能核销，请向银行核对。"
    en = "The order {reference} is for CNY {ordered_fen:yuan}, the line paid CNY {paid_fen:yuan}; they must agree. Ask the bank."
    reference: str
    ordered_fen: int
    paid_fen: int


@dataclass(eq=False)
class PayeeDiffers(Conflict):
    """The bank paid another account than the order says."""

    zh = "付款单 {reference} 的收款账号是 {ordered}，这条流水付到了 {paid}；请向银行核对，不要核销。"
    en = "The order {reference} is to the account {ordered}, the line paid {paid}; ask the bank and do not match it."
    reference: str
    ordered: str
    paid: str


@dataclass(eq=False)
class OrderNotWithBank(Conflict):
    """The order is not with the bank."""

    zh = "付款单 {reference} 的状态是 {order_status}；只有已导出给银行或已付的付款单可以由流水核销。"
    en = "The order {reference} is {order_status}; a line matches only one that was exported to the bank or executed."
    reference: str
    order_status: str
