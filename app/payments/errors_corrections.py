"""What can go wrong with a correction of the ledger (更正), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid


@dataclass(eq=False)
class NotACorrection(Conflict):
    """The transfer is no correction."""

    zh = "这笔转账不是更正，不能在这里批准或退回。"
    en = "This transfer is no correction; it is not approved or declined here."


@dataclass(eq=False)
class CorrectionElsewhere(Conflict):
    """An account that follows rows is not corrected in the ledger alone."""

    zh = "科目 {account} 随业务记录变动，不能只改账；请办理相应的业务（如退款、重新匹配、放款）。"
    en = "The account {account} follows its records; use their own act (a refund, a match, a release), not a correction."
    account: str


@dataclass(eq=False)
class CorrectionAmountUnfit(Invalid):
    """The amount of a correction does not fit."""

    zh = "更正金额 {amount_fen} 分不合适：应为正的整数分。"
    en = "The amount of {amount_fen} fen does not fit: a correction moves a positive whole number of fen."
    amount_fen: int


@dataclass(eq=False)
class CorrectionPartyUnfit(Invalid):
    """An account is named with a party it does not have, or without the one it has."""

    zh = "科目 {account} 的归属方填写不对：应退、应付出让方、应付佣金要写明归属方，其他科目不写。"
    en = "The account {account} is somebody's or nobody's: name the party for refunds, sellers and commissions only."
    account: str


@dataclass(eq=False)
class CorrectionReasonUnfit(Invalid):
    """A correction needs a reason."""

    zh = "请写明更正的原因（{shortest} 至 {longest} 字）。"
    en = "Say why it is corrected ({shortest} to {longest} characters)."
    shortest: int
    longest: int
