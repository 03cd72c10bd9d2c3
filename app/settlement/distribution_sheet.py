"""The distribution sheet (收益分配单), which is the payment list of the unit (发放清单) too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.money import capital, yuan
from app.settlement.distribution_rules import STATUS_WORDS, Basis, DistributionStatus, Part
from app.settlement.sheets import Amount, Row, Sheet

if TYPE_CHECKING:
    from app.settlement.distribution_queries import DistributionView

PART_WORDS = {
    Part.COMPLETER: "成果完成人",
    Part.CONTRIBUTOR: "转化贡献人",
    Part.TRANSFER_OFFICE: "技术转移机构人员",
}
_BASIS_WORDS = {
    Basis.AGREEMENT: "与科技人员的约定",
    Basis.UNIT_RULE: "单位规定",
    Basis.STATUTORY: "法定比例",
}


def percent(bp: int) -> str:
    """Basis points as a percentage: 7000 is 70.00%."""
    return f"{bp // 100}.{bp % 100:02d}%"


def distribution_sheet(view: DistributionView, unit_name: str, *, is_demonstration: bool) -> Sheet:
    """Writes the sheet of a distribution: how the pool came about, and who gets what."""
    made = view.distribution
    status_zh = STATUS_WORDS[DistributionStatus(made.status)][0]
    floors = "；".join(f"{floor['source']}" for floor in made.floors)
    return Sheet(
        title_zh="收益分配单",
        title_en="Distribution sheet and payment list",
        number=f"{view.deal_no}-FP{made.receipt_no}",
        issuer_zh=unit_name,
        issued_at=made.paid_at or made.approved_at or made.decided_at or made.drafted_at,
        is_demonstration=is_demonstration,
        rows=[
            Row("成交编号", "Deal", view.deal_no, f"第 {made.receipt_no} 笔到账"),
            Row("状态", "Status", status_zh),
            Row(
                "奖酬比例",
                "Rate",
                f"净收入的 {percent(made.rate_bp)}",
                f"{_BASIS_WORDS[Basis(made.basis)]}　{made.basis_document}",
            ),
            Row("下限依据", "Floors", f"不低于 {percent(made.floor_bp)}", floors),
        ],
        amounts=[
            Amount("到账收入", "Receipt", made.receipt_fen),
            Amount("相关税费", "Taxes", made.taxes_fen),
            Amount("维护费用", "Maintenance", made.maintenance_fen),
            Amount("直接交易费用", "Direct costs", made.direct_costs_fen),
            Amount("前期不足结转", "Carried shortfall", made.carried_fen),
            Amount("净收入", "Net income", made.net_fen),
            Amount("可分配金额", "Pool", made.pool_fen),
            Amount("单位留存", "Retained by the unit", made.retained_fen),
        ],
        heads=["姓名", "身份", "主要贡献", "比例", "金额（元）", "大写"],
        lines=[
            [
                share.contributor.name,
                PART_WORDS[Part(share.contributor.part)],
                "是" if share.contributor.is_main else "",
                percent(share.share_bp),
                yuan(share.amount_fen),
                capital(share.amount_fen),
            ]
            for share in view.shares
        ],
        statement_zh="上列奖励和报酬计入单位当年工资总额，但不受当年工资总额限制，不纳入工资总额基数（促进科技成果转化法第四十五条）。"
        "比例按可分配金额计算到分，尾差归入指定的收款人。",
        statement_en="These rewards count in the unit's total wages of the year but are not limited by it "
        "(Law on Promoting the Transformation of Achievements, article 45). Amounts are exact to the fen.",
    )
