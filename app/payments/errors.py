"""What can go wrong with money, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, MarketError, Missing


@dataclass(eq=False)
class TransferUnbalanced(MarketError):
    """The entries of a transfer do not sum to zero."""

    kind_zh = "账目不平"
    zh = "这笔转账有 {entries} 条分录，合计 {total_fen:yuan} 元；至少要两条，每个科目一条，合计为零。"
    en = (
        "This transfer has {entries} entries with a total of CNY {total_fen:yuan}; it needs two or more, "
        "one for an account, that sum to zero."
    )
    total_fen: int
    entries: int


@dataclass(eq=False)
class DepositMissing(Missing):
    """There is no such deposit, or it is not yours to see."""

    zh = "没有这笔保证金，或者它不对你公开。"
    en = "There is no such deposit, or it is not yours to see."


@dataclass(eq=False)
class DepositStateForbids(Conflict):
    """The deposit's present state does not allow this."""

    zh = "这笔保证金现在是“{present_zh}”，不能改为“{wanted_zh}”。"
    en = "This deposit is {present_en} now and cannot become {wanted_en}."
    deposit_status: str
    wanted: str
    present_zh: str
    present_en: str
    wanted_zh: str
    wanted_en: str


@dataclass(eq=False)
class ReceiptDiffersFromDeposit(Invalid):
    """The amount received is not the deposit."""

    zh = "到账 {amount_fen:yuan} 元，应缴保证金 {due_fen:yuan} 元；两者必须相等，多缴少缴都要退回重缴。"
    en = (
        "CNY {amount_fen:yuan} was received and the deposit is CNY {due_fen:yuan}; they must be equal. "
        "Send the payment back and ask for the exact amount."
    )
    due_fen: int
    amount_fen: int


@dataclass(eq=False)
class PayerIsNotTheBuyer(Invalid):
    """The payer is not the buyer."""

    zh = "付款户名是“{payer_name}”，保证金必须从竞买人“{buyer_name}”自己的账户付来。"
    en = "The payer is “{payer_name}”; a deposit must come from the account of the buyer itself, “{buyer_name}”."
    payer_name: str
    buyer_name: str


@dataclass(eq=False)
class BankReferenceUsed(Conflict):
    """This bank statement line has been recorded before."""

    zh = "银行流水号 {bank_reference} 已经登记过，一笔流水只能登记一次；请核对流水号。"
    en = (
        "The bank reference {bank_reference} has been recorded before; a statement line is recorded once. "
        "Check the reference."
    )
    bank_reference: str


@dataclass(eq=False)
class ReceivedInTheFuture(Invalid):
    """The day of receipt has not come yet."""

    zh = "到账日期 {received_on} 晚于今天 {today}；请填银行流水上的日期。"
    en = "The day of receipt, {received_on}, is after today, {today}; give the date on the bank statement."
    received_on: str
    today: str


@dataclass(eq=False)
class ReferenceNotRead(Invalid):
    """This is not a payment reference."""

    zh = "“{typed}”不是缴款码：缴款码是 BZ 加 9 位数字，最后一位是校验位；请对照缴款通知再输一次。"
    en = (
        "“{typed}” is not a payment reference: it is BZ and 9 digits, the last of them a check digit. "
        "Compare it with the payment notice and type it again."
    )
    typed: str


@dataclass(eq=False)
class AccountOverdrawn(Conflict):
    """The account does not hold that much."""

    zh = "科目 {account} 只有 {balance_fen:yuan} 元，不够划出 {amount_fen:yuan} 元；请先核对账目。"
    en = (
        "The account {account} holds CNY {balance_fen:yuan}, not the CNY {amount_fen:yuan} to be moved; "
        "check the books first."
    )
    account: str
    balance_fen: int
    amount_fen: int


@dataclass(eq=False)
class TransferIdUsed(Conflict):
    """This client-made id stands for another transfer."""

    zh = "转账编号 {client_id} 已经用于另一笔内容不同的转账；重发请保持内容不变，新的转账请用新的编号。"
    en = (
        "The transfer id {client_id} has been used for a transfer of other content; repeat it unchanged, "
        "or give a new transfer a new id."
    )
    client_id: str


@dataclass(eq=False)
class TransferMissing(Missing):
    """There is no such transfer, or it is not yours to see."""

    zh = "没有这笔转账，或者它不对你公开。"
    en = "There is no such transfer, or it is not yours to see."


@dataclass(eq=False)
class TransferSettled(Conflict):
    """The transfer is no longer, or not yet, in a state that allows this."""

    zh = "这笔转账的状态是 {transfer_state}，不能改为 {wanted}；只有预留中的转账可以入账或撤销，到期后才算过期。"
    en = (
        "This transfer is {transfer_state} and cannot become {wanted}; only a pending one is posted or voided, "
        "and it expires at its time only."
    )
    transfer_state: str
    wanted: str


@dataclass(eq=False)
class CorrectionNotOfTwo(Conflict):
    """A correction takes two different people."""

    zh = "更正须由一人提出、另一人批准，不能是同一个人；请由另一位资金岗人员批准。"
    en = "A correction is proposed by one person and approved by another; ask a second finance officer."


@dataclass(eq=False)
class CardPaymentMissing(Missing):
    """There is no such card payment."""

    zh = "没有这笔卡支付。"
    en = "There is no such card payment."


@dataclass(eq=False)
class CardPaymentOpen(Conflict):
    """A card payment of this deposit is open already."""

    zh = "这笔保证金已有一次卡支付，现在是“{present_zh}”；请等它有结果，不要重复付款。"
    en = "A card payment of this deposit is {present_en} already; wait for its result rather than paying twice."
    stage: str
    present_zh: str
    present_en: str


@dataclass(eq=False)
class CardPaymentDiffers(Conflict):
    """The gateway's payment is not the one that was asked for."""

    zh = "支付通道上的这笔款是 {seen_fen:yuan} 元，应为 {amount_fen:yuan} 元；没有入账，请资金岗核对。"
    en = (
        "The gateway has CNY {seen_fen:yuan} for this payment instead of CNY {amount_fen:yuan}; "
        "nothing was entered, and finance has to look into it."
    )
    amount_fen: int
    seen_fen: int
