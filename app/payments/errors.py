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


@dataclass(eq=False)
class StatementUnreadable(Invalid):
    """The statement file could not be read."""

    zh = "对账单读不了（第 {row} 行）：{what_zh}。整份文件没有导入，请更正后重新上传。"
    en = "The statement could not be read (row {row}): {what_en}. Nothing of the file was imported; mend it and upload it again."
    row: int
    what_zh: str
    what_en: str


@dataclass(eq=False)
class StatementLineDiffers(Conflict):
    """A statement line was imported before with other content."""

    zh = "流水号 {bank_reference} 已经以另一金额、日期或付款方出现过；整份文件没有导入，请向银行核对。"
    en = (
        "The bank reference {bank_reference} stood before with another amount, day or payer; nothing of the file "
        "was imported. Check it with the bank."
    )
    bank_reference: str


@dataclass(eq=False)
class StatementOfOtherAccount(Invalid):
    """The statement is of another account."""

    zh = "这份对账单是账户 {found} 的，不是资金结算账户 {expected} 的；请上传结算账户的对账单。"
    en = "This statement is of the account {found}, not of the settlement account {expected}; upload that account's."
    found: str
    expected: str


@dataclass(eq=False)
class LineMissing(Missing):
    """There is no such statement line, or it is not yours to see."""

    zh = "没有这条来款，或者它不对你公开。"
    en = "There is no such statement line, or it is not yours to see."


@dataclass(eq=False)
class LineStateForbids(Conflict):
    """The statement line's present state does not allow this."""

    zh = "这条来款的状态是 {line_status}，不能再这样处理；只有待匹配的来款可以匹配或退回。"
    en = "This statement line is {line_status}; only an open one can be matched or sent back."
    line_status: str


@dataclass(eq=False)
class LineDiffers(Conflict):
    """What was typed differs from the statement."""

    zh = "流水号 {bank_reference} 已在对账单里：{amount_fen:yuan} 元，付款方“{payer_name}”；请按对账单匹配。"
    en = (
        "The bank reference {bank_reference} is on the statement with CNY {amount_fen:yuan} from “{payer_name}”; "
        "match that line."
    )
    bank_reference: str
    amount_fen: int
    payer_name: str


@dataclass(eq=False)
class Underpaid(Conflict):
    """Less came than is due."""

    zh = "到账 {amount_fen:yuan} 元，少于应缴 {due_fen:yuan} 元；款项留在待查，请付款方补足重付，或者退回这笔来款。"
    en = (
        "CNY {amount_fen:yuan} came and CNY {due_fen:yuan} is due; the money stays in suspense. "
        "Ask for the whole amount, or send this payment back."
    )
    amount_fen: int
    due_fen: int


@dataclass(eq=False)
class SamePayerAccount(Conflict):
    """The same account paid the deposit of another buyer of this listing."""

    zh = "付款账户也为同一项目的另一位竞买人缴过保证金，疑似串通；请从对账单匹配，由第二人核查。"
    en = (
        "This account also paid the deposit of another buyer of the same listing, which is presumed collusion; "
        "match it from the statement, so that a second person looks into it."
    )


@dataclass(eq=False)
class MatchMissing(Missing):
    """There is no such match, or it is not yours to see."""

    zh = "没有这条匹配，或者它不对你公开。"
    en = "There is no such match, or it is not yours to see."


@dataclass(eq=False)
class MatchDecided(Conflict):
    """This match has been decided."""

    zh = "这条匹配已经处理过了，请刷新后查看结果。"
    en = "This match has been decided; reload to see how."


@dataclass(eq=False)
class SecondPersonNeeded(Conflict):
    """The second of two people must be another."""

    zh = "这一步须由另一个人复核，提出人或第一位批准人不能自己复核；请另一位资金岗人员办理。"
    en = "This takes a second person: whoever proposed or approved it first cannot do it. Ask another finance officer."


@dataclass(eq=False)
class PayableMissing(Missing):
    """There is no such payable, or it is not yours to see."""

    zh = "没有这笔应缴款，或者它不对你公开。"
    en = "There is no such payable, or it is not yours to see."


@dataclass(eq=False)
class PayableStateForbids(Conflict):
    """The payable's present state does not allow this."""

    zh = "这笔应缴款的状态是 {payable_status}，只有待缴的可以缴款或取消。"
    en = "This payable is {payable_status}; only one that is due can be paid or cancelled."
    payable_status: str


@dataclass(eq=False)
class PayableDiffers(Conflict):
    """The same thing was made payable before with another amount, day or party."""

    zh = "这一事项已有应缴款 {reference}（{amount_fen:yuan} 元），内容不同；请先取消原来的应缴款。"
    en = "There is a payable {reference} of CNY {amount_fen:yuan} for this already; cancel that one first."
    reference: str
    amount_fen: int


@dataclass(eq=False)
class OrderMissing(Missing):
    """There is no such payment order, or it is not yours to see."""

    zh = "没有这张付款单，或者它不对你公开。"
    en = "There is no such payment order, or it is not yours to see."


@dataclass(eq=False)
class OrderStateForbids(Conflict):
    """The payment order's present state does not allow this."""

    zh = "付款单 {reference} 的状态是 {order_status}，不能改为 {wanted}；请刷新后再办。"
    en = "The payment order {reference} is {order_status} and cannot become {wanted}; reload and look again."
    reference: str
    order_status: str
    wanted: str


@dataclass(eq=False)
class PayeeAccountMissing(Conflict):
    """The payment order has no account to pay to."""

    zh = "付款单 {reference} 没有收款账号；请先向收款方核实账号，由第一位批准人填入。"
    en = "The payment order {reference} has no account to pay to; the first approver enters the one the payee confirmed."
    reference: str


@dataclass(eq=False)
class PaymentOrdered(Conflict):
    """A payment for this has been ordered before."""

    zh = "这一事项已经有付款单，不能再付一次；失败或取消后才能重新付款。"
    en = "A payment order exists for this; it can be ordered again only after that one failed or was cancelled."


@dataclass(eq=False)
class NothingToExport(Conflict):
    """No approved payment order is there to be exported."""

    zh = "没有已批准的付款单可以导出；请先由两人批准。"
    en = "No approved payment order is there to be exported; two people approve first."


@dataclass(eq=False)
class TargetTaken(Conflict):
    """Another line of the statement is matched to this already."""

    zh = "{reference} 已有另一条来款匹配或待复核；请先处理那一条。"
    en = "Another line is matched to {reference} or waits for a second person; decide that one first."
    reference: str


@dataclass(eq=False)
class NothingToExecute(Conflict):
    """No order of this file waits for the bank's answer."""

    zh = "这份付款文件里没有等待银行结果的付款单；请核对文件编号，或刷新后查看各单结果。"
    en = "No order of this file waits for the bank's answer; check the file, or reload to see what became of each order."
