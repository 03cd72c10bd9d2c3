"""What can go wrong with a deposit that is held back (暂缓退还), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict


@dataclass(eq=False)
class DepositGoes(Conflict):
    """The refund is at the bank, at the card's gateway, or done."""

    zh = "这笔保证金的退款已经交给银行或者卡通道，不能再暂缓；有损失的，由受损方另行向对方主张。"
    en = (
        "This deposit's refund has gone to the bank or the card gateway and cannot be held back; whoever bears a loss "
        "claims it from the party itself."
    )


@dataclass(eq=False)
class DepositWithheld(Conflict):
    """Whether the deposit is lost is being decided."""

    zh = "这笔保证金正在认定是否不予退还，办结以前不能另作处理；请先确认或者驳回那份认定。"
    en = "Whether this deposit is lost is being decided; confirm or refuse that first."
