"""Pure rules of paying by card (卡支付): what a late or repeated word changes, what is asked next, how long a hold will do.

An authorization sets money aside on a card for some days only; Stripe says until when in ``capture_before``. Source:
Stripe, "Place a hold on a payment method".
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from app.payments.gateway import Stage

if TYPE_CHECKING:
    from datetime import datetime, timedelta

# What the gateway may still say of a payment after a stage; whatever else comes is old or said twice.
_LATER: dict[Stage, frozenset[Stage]] = {
    Stage.ASKED: frozenset(Stage) - {Stage.ASKED},
    Stage.WAITING: frozenset(Stage) - {Stage.ASKED, Stage.WAITING},
    Stage.HELD: frozenset({Stage.CAPTURED, Stage.CANCELLED, Stage.REFUNDED, Stage.REFUND_FAILED}),
    Stage.CAPTURED: frozenset({Stage.REFUNDED, Stage.REFUND_FAILED}),
    Stage.REFUNDED: frozenset({Stage.REFUND_FAILED}),
    Stage.DECLINED: frozenset(),
    Stage.CANCELLED: frozenset(),
    Stage.REFUND_FAILED: frozenset(),
}

STAGE_WORDS: dict[Stage, tuple[str, str]] = {
    Stage.ASKED: ("处理中", "under way"),
    Stage.WAITING: ("等待付款人", "waiting for the payer"),
    Stage.DECLINED: ("被拒", "declined"),
    Stage.HELD: ("已授权", "held on the card"),
    Stage.CANCELLED: ("已撤销", "cancelled"),
    Stage.CAPTURED: ("已扣款", "captured"),
    Stage.REFUNDED: ("已退款", "refunded"),
    Stage.REFUND_FAILED: ("退款失败", "refund failed"),
}


class Act(StrEnum):
    """What a promise wants of the gateway (通道动作)."""

    PAY = "pay"  # 授权
    CAPTURE = "capture"  # 扣款
    GIVE_BACK = "give_back"  # 撤销或退款
    LOOK = "look"  # 查询


class Step(StrEnum):
    """One request to the gateway (通道请求)."""

    PAY = "pay"
    CAPTURE = "capture"
    CANCEL = "cancel"
    REFUND = "refund"


def later(present: Stage, seen: Stage) -> Stage:
    """The stage after a word from the gateway: the same whatever the order, and however often it is heard."""
    return seen if seen in _LATER[present] else present


def next_step(act: Act, seen: Stage | None) -> Step | None:
    """What to ask of the gateway for an act, by what it has: None where it is done already or cannot be done any more.

    ``seen`` is None where the gateway knows no such payment.
    """
    if act is Act.PAY:
        return Step.PAY if seen is None else None
    if act is Act.CAPTURE:
        return Step.CAPTURE if seen is Stage.HELD else None
    if act is Act.GIVE_BACK:
        return {
            Stage.WAITING: Step.CANCEL,
            Stage.HELD: Step.CANCEL,
            Stage.CAPTURED: Step.REFUND,
        }.get(seen or Stage.ASKED)
    return None


def may_wait(hold_ends_at: datetime, planned_close: datetime, margin: timedelta) -> bool:
    """Whether a hold lasts past the planned close and a margin; if not, it is captured at once and losers get refunds."""
    return hold_ends_at > planned_close + margin
