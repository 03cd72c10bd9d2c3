"""Which lists are given as workbooks, and their columns."""

from typing import Any

from app.api import (
    audit_records,
    bank_statements,
    contracts,
    deals,
    defaults,
    deposits,
    finance,
    intents,
    ledger,
    listings,
    notices,
    paid_lines,
    payables,
    payment_orders,
    registrations,
)
from app.api.ledger import LedgerTransferOut
from app.api.routing import Router
from app.api.sheets import Column, Sheet, serve_sheet
from app.payments.order_rules import PURPOSE_ZH
from app.payments.rules import TRANSFER_ZH

router = Router(tags=["workbooks"])
_METHOD = {"auction": "网络竞价", "listed": "挂牌价", "negotiated": "协议定价"}
_PURPOSE = {purpose.value: words for purpose, words in PURPOSE_ZH.items()}
_TRANSFER = {kind.value: words for kind, words in TRANSFER_ZH.items()}
_AMOUNT = Column("amount_fen", "金额（元）", "Amount (CNY)", "fen")


class _Entry:
    """One entry with its transfer: a row of the ledger's workbook."""

    def __init__(self, transfer: LedgerTransferOut, entry: Any) -> None:  # noqa: ANN401 - the transfer's own
        self.transfer, self.entry = transfer, entry
        self.debit_fen = entry.amount_fen if entry.amount_fen > 0 else None
        self.credit_fen = -entry.amount_fen if entry.amount_fen < 0 else None


def _entries(transfer: LedgerTransferOut) -> list[_Entry]:
    return [_Entry(transfer, entry) for entry in transfer.entries]


SHEETS = (
    Sheet(
        "listings",
        "挂牌项目",
        "listings",
        listings.list_,
        (
            Column("listing_no", "项目号", "No."),
            Column("title", "名称", "Title"),
            Column("status", "状态", "Status"),
            Column("seller.name", "转让方", "Seller"),
            Column("patent.application_no", "申请号", "Application no."),
            Column("method", "交易方式", "Method", words=_METHOD),
            Column("rights", "权利", "Rights"),
            Column("start_price_fen", "挂牌价（元）", "Price (CNY)", "fen"),
            Column("deposit_fen", "保证金（元）", "Deposit (CNY)", "fen"),
            Column("notice_ends_at", "信息披露截止", "Notice ends", "moment"),
            Column("closes_at", "竞价截止", "Closes", "moment"),
            Column("published_at", "发布时间", "Published", "moment"),
        ),
    ),
    Sheet(
        "intents",
        "受让意向",
        "intents",
        intents.list_,
        (
            Column("listing.listing_no", "项目号", "No."),
            Column("listing.title", "项目", "Listing"),
            Column("buyer.name", "意向受让方", "Buyer"),
            Column("status", "状态", "Status"),
            Column("bidder_code", "竞买号", "Bidder code"),
            Column("deposit.amount_fen", "保证金（元）", "Deposit (CNY)", "fen"),
            Column("reason", "理由", "Reason"),
            Column("created_at", "登记时间", "Declared", "moment"),
            Column("decided_at", "资格决定时间", "Decided", "moment"),
        ),
    ),
    Sheet(
        "deals",
        "成交",
        "deals",
        deals.list_,
        (
            Column("deal_no", "成交编号", "Deal no."),
            Column("listing.listing_no", "项目号", "Listing no."),
            Column("listing.title", "项目", "Listing"),
            Column("method", "交易方式", "Method", words=_METHOD),
            Column("seller.name", "转让方", "Seller"),
            Column("buyer.name", "受让方", "Buyer"),
            Column("price_fen", "成交价（元）", "Price (CNY)", "fen"),
            Column("deposit_fen", "保证金（元）", "Deposit (CNY)", "fen"),
            Column("remaining_fen", "余款（元）", "Remaining (CNY)", "fen"),
            Column("confirmed_at", "成交时间", "Confirmed", "moment"),
        ),
    ),
    Sheet(
        "deposits",
        "保证金",
        "deposits",
        deposits.list_,
        (
            Column("reference", "附言", "Reference"),
            Column("party.name", "交款单位", "Party"),
            Column("listing.listing_no", "项目号", "Listing no."),
            Column("listing.title", "项目", "Listing"),
            _AMOUNT,
            Column("status", "状态", "Status"),
            Column("due_by", "截止", "Due by", "moment"),
            Column("held_at", "到账时间", "Held", "moment"),
            Column("settled_at", "结清时间", "Settled", "moment"),
            Column("receipt.bank_reference", "银行流水号", "Bank reference"),
            Column("receipt.payer_name", "付款户名", "Payer"),
        ),
    ),
    Sheet(
        "payables",
        "应缴款",
        "payables",
        payables.list_,
        (
            Column("reference", "附言", "Reference"),
            Column("party_name", "应缴单位", "Party"),
            Column("purpose", "用途", "For"),
            _AMOUNT,
            Column("due_on", "截止日", "Due on", "day"),
            Column("status", "状态", "Status"),
            Column("created_at", "开出时间", "Made", "moment"),
            Column("settled_at", "结清时间", "Settled", "moment"),
        ),
    ),
    Sheet(
        "payment-orders",
        "付款单",
        "payment orders",
        payment_orders.list_,
        (
            Column("reference", "付款单号", "Order"),
            Column("purpose", "用途", "For", words=_PURPOSE),
            Column("payee_name", "收款户名", "Payee"),
            Column("payee_account", "收款账号", "Account"),
            _AMOUNT,
            Column("due_on", "应付日", "Due on", "day"),
            Column("status", "状态", "Status"),
            Column("first_name", "第一人", "First approval"),
            Column("first_at", "第一人批准时间", "First at", "moment"),
            Column("second_name", "第二人", "Second approval"),
            Column("second_at", "第二人批准时间", "Second at", "moment"),
            Column("settled_at", "结果时间", "Settled", "moment"),
            Column("failure", "失败或取消的原因", "Failure"),
            Column("reason", "事由", "Reason"),
        ),
    ),
    Sheet(
        "bank-lines",
        "来款流水",
        "incoming lines",
        bank_statements.lines,
        (
            Column("bank_reference", "银行流水号", "Bank reference"),
            Column("booked_on", "记账日", "Booked on", "day"),
            _AMOUNT,
            Column("payer_name", "付款户名", "Payer"),
            Column("payer_account", "付款账号", "Account"),
            Column("remark", "附言", "Remark"),
            Column("status", "状态", "Status"),
            Column("match.reference", "匹配", "Matched to"),
        ),
    ),
    Sheet(
        "paid-lines",
        "付款流水",
        "outgoing lines",
        paid_lines.list_,
        (
            Column("bank_reference", "银行流水号", "Bank reference"),
            Column("booked_on", "记账日", "Booked on", "day"),
            _AMOUNT,
            Column("payee_name", "收款户名", "Payee"),
            Column("payee_account", "收款账号", "Account"),
            Column("remark", "附言", "Remark"),
            Column("order_reference", "付款单号", "Order"),
            Column("matched_by_name", "核销人", "Matched by"),
            Column("matched_at", "核销时间", "Matched", "moment"),
        ),
    ),
    Sheet(
        "releases",
        "放款",
        "releases",
        finance.releases,
        (
            Column("deal_no", "成交编号", "Deal no."),
            Column("title", "项目", "Listing"),
            Column("seller_name", "出让方", "Seller"),
            Column("buyer_name", "受让方", "Buyer"),
            Column("amount_fen", "放款金额（元）", "Released (CNY)", "fen"),
            Column("seller_fen", "付给出让方（元）", "To the seller (CNY)", "fen"),
            Column("fee_fen", "服务费（元）", "Fee (CNY)", "fen"),
            Column("commission_fen", "佣金（元）", "Commission (CNY)", "fen"),
            Column("status", "状态", "Status"),
            Column("requested_by_name", "申请人", "Asked by"),
            Column("requested_at", "申请时间", "Asked", "moment"),
            Column("decided_by_name", "批准人", "Decided by"),
            Column("decided_at", "办理时间", "Decided", "moment"),
        ),
    ),
    Sheet(
        "ledger-entries",
        "分录",
        "ledger entries",
        ledger.transfers,
        (
            Column("transfer.at", "时间", "At", "moment"),
            Column("transfer.kind", "业务", "Transfer", words=_TRANSFER),
            Column("transfer.reason", "摘要", "Reason"),
            Column("entry.account_kind", "科目", "Account"),
            Column("entry.party_name", "单位", "Party"),
            Column("debit_fen", "借方（元）", "Debit (CNY)", "fen"),
            Column("credit_fen", "贷方（元）", "Credit (CNY)", "fen"),
            Column("transfer.state", "状态", "State"),
            Column("transfer.person_name", "经办", "By"),
            Column("transfer.second_name", "复核", "Second"),
            Column("transfer.id", "转账编号", "Transfer id"),
        ),
        _entries,
    ),
    Sheet(
        "defaults",
        "违约",
        "defaults",
        defaults.list_,
        (
            Column("deal_no", "成交编号", "Deal no."),
            Column("listing.title", "项目", "Listing"),
            Column("ground_zh", "事由", "Ground"),
            Column("reason", "说明", "Reason"),
            Column("status", "状态", "Status"),
            Column("deposit_fen", "保证金（元）", "Deposit (CNY)", "fen"),
            Column("loss_fen", "损失（元）", "Loss (CNY)", "fen"),
            Column("shortfall_fen", "差额（元）", "Shortfall (CNY)", "fen"),
            Column("declared_at", "认定时间", "Declared", "moment"),
            Column("decided_at", "确认时间", "Decided", "moment"),
        ),
    ),
    Sheet(
        "contracts",
        "合同",
        "contracts",
        contracts.page_of_contracts,
        (
            Column("contract_no", "合同编号", "Contract no."),
            Column("project_name", "项目", "Project"),
            Column("status", "状态", "Status"),
            Column("seller.name", "转让方", "Seller"),
            Column("buyer.name", "受让方", "Buyer"),
            Column("price_fen", "价款（元）", "Price (CNY)", "fen"),
            Column("created_at", "起草时间", "Drawn up", "moment"),
            Column("in_force_at", "生效时间", "In force", "moment"),
        ),
    ),
    Sheet(
        "registrations",
        "技术合同登记",
        "registrations",
        registrations.page_of_registrations,
        (
            Column("registration_no_shown", "登记号", "Registration no."),
            Column("contract_no", "合同编号", "Contract no."),
            Column("project_name", "项目", "Project"),
            Column("type_zh", "合同类型", "Type"),
            Column("status", "状态", "Status"),
            Column("total_fen", "合同总额（元）", "Total (CNY)", "fen"),
            Column("tech_fen", "技术交易额（元）", "Technology part (CNY)", "fen"),
            Column("created_at", "申请时间", "Filed", "moment"),
            Column("decided_at", "办理时间", "Decided", "moment"),
        ),
    ),
    Sheet(
        "notices",
        "公示",
        "notices",
        notices.index,
        (
            Column("notice_no", "公示号", "No."),
            Column("achievement_name", "成果", "Achievement"),
            Column("status", "状态", "Status"),
            Column("seller_name", "单位", "Unit"),
            Column("transferee_name", "受让方", "Transferee"),
            Column("price_fen", "价款（元）", "Price (CNY)", "fen"),
            Column("published_at", "公示时间", "Published", "moment"),
            Column("ends_at", "公示截止", "Ends", "moment"),
        ),
    ),
    Sheet(
        "bank-statements",
        "对账单",
        "statements",
        bank_statements.statements,
        (
            Column("filename", "文件", "File"),
            Column("account_number", "账号", "Account"),
            Column("file_format", "格式", "Format"),
            Column("new_lines", "新增来款", "New lines", "count"),
            Column("known_lines", "已有", "Known", "count"),
            Column("outgoing_lines", "付款", "Outgoing", "count"),
            Column("imported_by_name", "导入人", "Imported by"),
            Column("imported_at", "导入时间", "Imported", "moment"),
        ),
    ),
    Sheet(
        "audit-records",
        "操作记录",
        "audit records",
        audit_records.index,
        (
            Column("at", "时间", "At", "moment"),
            Column("person_name", "人员", "Person"),
            Column("organisation_name", "单位", "Organisation"),
            Column("action", "操作", "Act"),
            Column("subject_kind", "对象", "Subject"),
            Column("subject_id", "对象编号", "Subject id"),
            Column("detail", "详情", "Detail"),
        ),
    ),
)
for _sheet in SHEETS:
    serve_sheet(router, _sheet)
