"""What can go wrong with a settlement (结算), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class SettlementMissing(Missing):
    """There is no such settlement, or it is not yours to see."""

    zh = "没有这笔结算，或者它不对你公开。"
    en = "There is no such settlement, or it is not yours to see."


@dataclass(eq=False)
class ReleaseMissing(Missing):
    """There is no such release, or it is not yours to see."""

    zh = "没有这笔放款申请，或者它不对你公开。"
    en = "There is no such release, or it is not yours to see."


@dataclass(eq=False)
class SettlementStateForbids(Conflict):
    """The settlement's present state does not allow this."""

    zh = "这笔结算现在是“{present_zh}”，不能{act_zh}。"
    en = "This settlement is {present_en} now; {act_en} is not possible."
    present_zh: str
    present_en: str
    act_zh: str
    act_en: str


@dataclass(eq=False)
class ContractNotInForceYet(Conflict):
    """The contract is not in force."""

    zh = "合同尚未由双方签署生效，不能开始结算；请先完成签署。"
    en = "The contract is not signed by both sides yet, so the settlement cannot begin."


@dataclass(eq=False)
class SettlementExists(Conflict):
    """The deal's settlement has begun."""

    zh = "这笔成交的结算已经开始，付款方式不能再换。"
    en = "This deal's settlement has begun; its plan of payment is settled."


@dataclass(eq=False)
class OwnProposal(Conflict):
    """The other side has to consent."""

    zh = "这份付款方式是本单位提出的，要由对方同意。"
    en = "Your own side proposed this plan; the other side has to consent."


@dataclass(eq=False)
class InstalmentsNotThePrice(Invalid):
    """The instalments and the deposit are not the price together."""

    zh = "各期合计 {total_fen:yuan} 元，加上已转作价款的保证金 {deposit_fen:yuan} 元，必须正好等于成交价 {price_fen:yuan} 元，每期大于零。"
    en = "The instalments are CNY {total_fen:yuan}; with the deposit of CNY {deposit_fen:yuan} they must be the price of CNY {price_fen:yuan}."
    price_fen: int
    deposit_fen: int
    total_fen: int


@dataclass(eq=False)
class FirstInstalmentTooSmall(Invalid):
    """The first instalment is too small."""

    zh = "首期（含保证金）{first_fen:yuan} 元，至少要 {least_fen:yuan} 元。"
    en = "The first instalment with the deposit is CNY {first_fen:yuan}; it must be at least CNY {least_fen:yuan}."
    first_fen: int
    least_fen: int


@dataclass(eq=False)
class InstalmentTooLate(Invalid):
    """An instalment's day is too late, or out of order."""

    zh = "付款日 {due_on} 不符合期限：最迟 {latest_on}，且各期按先后排列。"
    en = "The day {due_on} does not keep the period: at the latest {latest_on}, and the instalments in their order."
    due_on: str
    latest_on: str


@dataclass(eq=False)
class NotRecordedYet(Conflict):
    """The recordal document has not been reviewed."""

    zh = "著录项目变更手续合格通知书还没有审核通过，不能放款；请出让方提交，由登记岗审核。"
    en = "The document of the recordal has not been reviewed, so nothing is released; the seller submits it, the registrar reviews it."


@dataclass(eq=False)
class RecordalMissing(Conflict):
    """No recordal document waits for its review."""

    zh = "还没有提交著录项目变更的文件，无从审核。"
    en = "No document of the recordal was submitted, so there is nothing to review."


@dataclass(eq=False)
class ReleaseAboveEscrow(Conflict):
    """The escrow does not hold that much."""

    zh = "监管账户中这笔成交可放款 {escrow_fen:yuan} 元，不能放出 {amount_fen:yuan} 元。"
    en = "The escrow holds CNY {escrow_fen:yuan} of this deal; CNY {amount_fen:yuan} cannot be released."
    amount_fen: int
    escrow_fen: int


@dataclass(eq=False)
class NothingLeftForSeller(Conflict):
    """Fee and commission pass what is released."""

    zh = "放款 {amount_fen:yuan} 元，服务费 {fee_fen:yuan} 元和佣金 {commission_fen:yuan} 元已超过它；请一次多放一些。"
    en = "Of CNY {amount_fen:yuan} the fee is CNY {fee_fen:yuan} and the commission CNY {commission_fen:yuan}, which is more; release more at once."
    amount_fen: int
    fee_fen: int
    commission_fen: int


@dataclass(eq=False)
class ReleaseWaits(Conflict):
    """A release waits for its second person."""

    zh = "已有一笔放款在等第二人批准；先批准或驳回它。"
    en = "A release waits for its second person; approve or reject it first."


@dataclass(eq=False)
class ReleaseDecided(Conflict):
    """The release has been decided."""

    zh = "这笔放款已经办结，不能再次批准或驳回。"
    en = "This release has been decided and cannot be decided again."


@dataclass(eq=False)
class SecondPersonMustApprove(Conflict):
    """Another person has to approve."""

    zh = "申请放款的人不能自己批准；请由资金岗另一人批准。"
    en = "Whoever asked for the release cannot approve it; another person of the finance desk has to."
