"""Pure rules of a winner's default (成交违约): the announced grounds, and what becomes of the deposit.

Sources: 拍卖法 article 39 (the defaulter owes both sides' commissions and the shortfall of a resale), 法释〔2016〕18号
articles 24 to 26 (the deposit is not returned and is applied in order; who defaulted does not take part again), 民法典 590
(force majeure) and 587.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.trades.errors_default import GroundNotAnnounced

if TYPE_CHECKING:
    from collections.abc import Collection


class Ground(StrEnum):
    """Why a deal is not carried out (违约情形); the announcement lists those that hold."""

    REFUSE_CONFIRMATION = "refuse_confirmation"  # 拒绝签署成交确认书
    NOT_SIGN_CONTRACT = "not_sign_contract"  # 逾期不签合同
    NOT_PAY = "not_pay"  # 逾期不付款
    FALSE_DOCUMENTS = "false_documents"  # 提供虚假材料
    LEAK_SECRET = "leak_secret"  # noqa: S105 - 泄露商业秘密, a ground and no password
    REFUSE_PROCEDURE = "refuse_procedure"  # 不配合办理手续
    BREACH_AFTER_AWARD = "breach_after_award"  # 成交后其他违约
    FORCE_MAJEURE = "force_majeure"  # 不可抗力
    SELLER_FAULT = "seller_fault"  # 出让方原因


GROUND_ZH = {
    Ground.REFUSE_CONFIRMATION: "拒绝签署成交确认书",
    Ground.NOT_SIGN_CONTRACT: "逾期不签合同",
    Ground.NOT_PAY: "逾期不付款",
    Ground.FALSE_DOCUMENTS: "提供虚假材料",
    Ground.LEAK_SECRET: "泄露商业秘密",
    Ground.REFUSE_PROCEDURE: "不配合办理手续",
    Ground.BREACH_AFTER_AWARD: "成交后其他违约",
    Ground.FORCE_MAJEURE: "不可抗力",
    Ground.SELLER_FAULT: "出让方原因",
}
# The winner is not to blame: the deposit goes back, and he may come again.
BLAMELESS = frozenset({Ground.FORCE_MAJEURE, Ground.SELLER_FAULT})


@dataclass(frozen=True)
class Forfeit:
    """Where a deposit goes: the exchange's fees of both sides, the seller's loss, the rest; what is still owed."""

    fees_fen: int
    seller_fen: int
    rest_fen: int
    returned_fen: int
    shortfall_fen: int


def check_ground(ground: Ground, announced: Collection[str]) -> None:
    """Raises GroundNotAnnounced unless the ground was announced; nobody has to announce that he bears no blame."""
    if ground not in BLAMELESS and ground not in announced:
        raise GroundNotAnnounced(ground.value, sorted(announced))


def split_deposit(ground: Ground, deposit_fen: int, *, fees_fen: int, loss_fen: int) -> Forfeit:
    """Applies a deposit in the announced order; the parts are the deposit to the fen, whatever is owed.

    First the exchange's fees of both sides, then the seller's loss, the rest to the seller as the contract's damages
    (公告约定); a defaulter still owes what the deposit does not cover. By force majeure or the seller's fault all goes back.
    """
    if ground in BLAMELESS:
        return Forfeit(0, 0, 0, deposit_fen, 0)
    return in_order(deposit_fen, fees_fen=fees_fen, loss_fen=loss_fen)


def in_order(deposit_fen: int, *, fees_fen: int, loss_fen: int) -> Forfeit:
    """A deposit that is lost, in the announced order: fees, the seller's loss, the rest; nothing goes back."""
    fees = min(deposit_fen, fees_fen)
    seller = min(deposit_fen - fees, loss_fen)
    return Forfeit(fees, seller, deposit_fen - fees - seller, 0, max(fees_fen + loss_fen - deposit_fen, 0))
