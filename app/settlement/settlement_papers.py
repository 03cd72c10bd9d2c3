"""The papers of a settlement: payment notice (付款通知书), receipt (到账凭证), settlement sheet (结算单)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.clock import to_shanghai
from app.money import capital, yuan
from app.settlement.rules import PLAN_WORDS, STATUS_WORDS, PlanKind, SettlementStatus
from app.settlement.sheets import Amount, Row, Sheet

if TYPE_CHECKING:
    from app.settlement.queries import SettlementView

Paper = Literal["payment-notice", "receipt", "settlement-sheet"]
_RELEASE_WORDS = {"requested": "待批准", "approved": "已放款", "rejected": "已驳回"}


def _rows(view: SettlementView) -> list[Row]:
    row = view.settlement
    return [
        Row("挂牌项目", "Listing", view.listing.title, f"挂牌编号　{view.listing.listing_no}"),
        Row("成交编号", "Deal", view.deal.deal_no),
        Row("出让方", "Seller", view.seller.name),
        Row("受让方", "Buyer", view.buyer.name),
        Row(
            "付款方式",
            "Plan",
            PLAN_WORDS[PlanKind(row.kind)][0],
            STATUS_WORDS[SettlementStatus(row.status)][0],
        ),
    ]


def write_paper(paper: Paper, view: SettlementView, exchange_zh: str) -> Sheet:
    """Writes one of the papers from what is recorded."""
    return {"payment-notice": _notice, "receipt": _receipt, "settlement-sheet": _sheet}[paper](
        view, exchange_zh
    )


def _notice(view: SettlementView, exchange_zh: str) -> Sheet:
    row = view.settlement
    return Sheet(
        title_zh="付款通知书",
        title_en="Payment notice",
        number=f"{view.deal.deal_no}-FK",
        issuer_zh=exchange_zh,
        issued_at=row.created_at,
        is_demonstration=view.listing.is_demonstration,
        rows=_rows(view),
        amounts=[
            Amount("成交价", "Price", row.price_fen),
            Amount("保证金抵作价款", "Deposit in the price", row.deposit_fen),
            Amount("迄今应付（含保证金）", "Owed so far with the deposit", row.due_fen),
            Amount("应付余款", "To be paid", row.due_fen - row.deposit_fen),
            Amount("受让方服务费", "Buyer's service fee", row.buyer_fee_fen),
        ],
        heads=["期次", "最迟付款日", "条件", "金额（元）", "大写"],
        lines=[
            [
                str(term.place),
                term.due_on.isoformat(),
                term.condition or "—",
                yuan(term.amount_fen),
                capital(term.amount_fen),
            ]
            for term in view.terms
        ],
        statement_zh="请受让方从本单位账户按期付至本市场资金结算账户。价款由本市场监管，权属变更文件审核通过后放款给出让方。",
        statement_en="The buyer pays from its own account by these days. The price stays in escrow until the document of "
        "the recordal was reviewed.",
    )


def _receipt(view: SettlementView, exchange_zh: str) -> Sheet:
    row = view.settlement
    return Sheet(
        title_zh="到账凭证",
        title_en="Receipt",
        number=f"{view.deal.deal_no}-DZ",
        issuer_zh=exchange_zh,
        issued_at=row.created_at,
        is_demonstration=view.listing.is_demonstration,
        rows=_rows(view),
        amounts=[
            Amount("成交价", "Price", row.price_fen),
            Amount("已到账", "Received", row.received_fen),
            Amount("其中保证金", "Deposit in it", row.deposit_fen),
            Amount("尚未到账", "Outstanding", row.due_fen - row.received_fen),
        ],
        statement_zh="上列金额已到达本市场资金结算账户，按监管约定保管。本凭证不是发票。",
        statement_en="These amounts have come to the market's settlement account and are held in escrow. This is no invoice.",
    )


def _sheet(view: SettlementView, exchange_zh: str) -> Sheet:
    row = view.settlement
    done = [each.release for each in view.releases if each.release.status == "approved"]
    return Sheet(
        title_zh="结算单",
        title_en="Settlement sheet",
        number=f"{view.deal.deal_no}-JS",
        issuer_zh=exchange_zh,
        issued_at=row.completed_at or row.reviewed_at or row.created_at,
        is_demonstration=view.listing.is_demonstration,
        rows=_rows(view),
        amounts=[
            Amount("成交价", "Price", row.price_fen),
            Amount("迄今应付", "Owed so far", row.due_fen),
            Amount("已放款合计", "Released", row.released_fen),
            Amount("其中付出让方", "To the seller", sum(each.seller_fen for each in done)),
            Amount("出让方服务费", "Seller's service fee", sum(each.fee_fen for each in done)),
            Amount("经纪佣金", "Commission", sum(each.commission_fen for each in done)),
            Amount("监管余额", "Left in escrow", row.received_fen - row.released_fen),
        ],
        heads=["申请时间", "状态", "放款（元）", "付出让方（元）", "服务费（元）", "佣金（元）"],
        lines=[
            [
                to_shanghai(each.release.requested_at).strftime("%Y-%m-%d %H:%M"),
                _RELEASE_WORDS[each.release.status],
                yuan(each.release.amount_fen),
                yuan(each.release.seller_fen),
                yuan(each.release.fee_fen),
                yuan(each.release.commission_fen),
            ]
            for each in view.releases
        ],
        statement_zh="迄今到账等于付出让方、服务费、佣金与监管余额之和。每笔放款由资金岗两人分别申请和批准。",
        statement_en="What has come is what went to the seller, the fees, the commission and what is left in escrow. Two people "
        "of the finance desk ask for and approve each release.",
    )
