"""What can go wrong with a winner's default (成交违约), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class DefaultMissing(Missing):
    """There is no such default, or it is not yours to see."""

    zh = "没有这份违约认定，或者它不对你公开。"
    en = "There is no such default, or it is not yours to see."


@dataclass(eq=False)
class DefaulterExcluded(Forbidden):
    """Who defaulted on this subject may not bid for it again."""

    zh = "你单位在这个标的的前次交易中违约，不能参加重新交易（法释〔2016〕18号第二十四条）。"
    en = "Your organisation defaulted on this subject before and may not take part when it is sold again."


@dataclass(eq=False)
class GroundNotAnnounced(Invalid):
    """The ground was not announced."""

    zh = "“{ground}”不在发布时公告的违约情形之内；公告列明的有：{announced}。"
    en = "{ground} is not among the announced grounds, which are {announced}."
    ground: str
    announced: list[str]


@dataclass(eq=False)
class MayStillSign(Conflict):
    """The contract may still be signed."""

    zh = "签约期限到 {until} 24 时，还不能以此认定违约。"
    en = "The contract may be signed until the end of {until}; there is no default by this ground yet."
    until: str


@dataclass(eq=False)
class ContractWasSigned(Conflict):
    """The contract is in force."""

    zh = "合同已经双方签署生效，不能以逾期不签合同认定违约。"
    en = "The contract is in force, so nobody failed to sign it."


@dataclass(eq=False)
class NothingOverdue(Conflict):
    """Nothing is overdue."""

    zh = "没有逾期未付的款项，不能以逾期不付款认定违约。"
    en = "No payment is overdue, so there is no default by this ground."


@dataclass(eq=False)
class DefaultDeclared(Conflict):
    """A default of this deal waits or is confirmed."""

    zh = "这笔成交已有违约认定，先由第二人确认或驳回它。"
    en = "A default of this deal has been declared; a second person confirms or rejects it first."


@dataclass(eq=False)
class DefaultDecided(Conflict):
    """The default has been decided."""

    zh = "这份违约认定已经办结，不能再次确认或驳回。"
    en = "This default has been decided and cannot be decided again."


@dataclass(eq=False)
class DecidedByAnother(Conflict):
    """Another person has to confirm."""

    zh = "认定违约的人不能自己确认；请由另一岗位的人确认。"
    en = "Whoever declared the default cannot confirm it; somebody of the other desk has to."


@dataclass(eq=False)
class PriceWasReleased(Conflict):
    """A part of the price went to the seller already."""

    zh = "价款已有一部分放给出让方，不能再按成交违约处理；请按合同约定解决。"
    en = "A part of the price went to the seller already; this is settled by the contract, not as a default."
