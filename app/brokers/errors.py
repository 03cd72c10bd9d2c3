"""What can go wrong with a mandate (经纪委托), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class MandateMissing(Missing):
    """There is no such mandate, or it is not yours to see."""

    zh = "没有这份委托，或者它不对你公开。"
    en = "There is no such mandate, or it is not yours to see."


@dataclass(eq=False)
class MandateSigned(Conflict):
    """This sale is under a signed mandate."""

    zh = "这个项目已有一份双方签署的经纪委托；一个项目只有一位经纪人。"
    en = "This sale is under a mandate that both have signed; there is one broker for a sale."


@dataclass(eq=False)
class MandateTermsWrong(Invalid):
    """The mandate's terms do not hold."""

    zh = "委托的结束日期必须在开始日期之后，且不能委托本单位自己或交易所。"
    en = "A mandate ends after it begins, and neither one's own organisation nor the exchange is a broker."


@dataclass(eq=False)
class MandateExpired(Conflict):
    """The mandate's dates are over."""

    zh = "委托期限到 {valid_to} 已满，不能再签署；请另立一份。"
    en = "The mandate ended on {valid_to} and can no longer be signed; make a new one."
    valid_to: str
