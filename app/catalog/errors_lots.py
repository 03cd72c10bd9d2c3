"""What demands, packages and panels refuse: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class DemandMissing(Missing):
    """There is no such demand, or it is not yours to see."""

    zh = "没有这项需求，或者它不是你单位的。"
    en = "There is no such demand, or it is not your organisation's."


@dataclass(eq=False)
class PackageMissing(Missing):
    """There is no such package, or it is not yours to see."""

    zh = "没有这个成果包，或者它不是你单位的。"
    en = "There is no such package, or it is not your organisation's."


@dataclass(eq=False)
class ItemNotYours(Missing):
    """A patent of the package is not your organisation's."""

    zh = "成果包里的专利 {patent_id} 不是你单位录入的。只能打包自己的成果；他人的成果要由其权利人录入。"
    en = "The patent {patent_id} is not your organisation's. A package holds your own results only."
    patent_id: UUID


@dataclass(eq=False)
class ItemExpired(Invalid):
    """A patent of the package is no longer in force by its term."""

    zh = "成果包里的专利 {application_no} 已经期限届满，不能打包转让。请换一件，或从包中去掉。"
    en = "The patent {application_no} is past its term and cannot be sold. Take another one, or leave it out."
    application_no: str


@dataclass(eq=False)
class PackageTooSmall(Invalid):
    """A package has several items."""

    zh = "成果包至少要有 {least} 项成果；只有一项的请直接挂牌。"
    en = "A package has at least {least} items; a single one is listed by itself."
    least: int


@dataclass(eq=False)
class PackageTooLarge(Invalid):
    """A package has too many items."""

    zh = "一个成果包最多 {most} 项成果，请分成几个包。"
    en = "A package has at most {most} items; make several packages."
    most: int


@dataclass(eq=False)
class ItemTwice(Invalid):
    """An item stands in the package twice."""

    zh = "同一件专利在成果包里出现了两次，请合并为一行。"
    en = "A patent stands in the package twice; put it into one row."


@dataclass(eq=False)
class ShareOff(Invalid):
    """A share is no part of the whole."""

    zh = "每项成果的分配比例应大于 0、小于 100%，以万分之一为单位填写（例如 3333 即 33.33%）。"
    en = "Each share is above 0 and below 100 %, given in hundredths of a percent (3333 is 33.33 %)."


@dataclass(eq=False)
class AllocationOff(Invalid):
    """The shares do not sum to the whole."""

    zh = "分配比例合计应当正好是 100%，现在是 {total}%，差 {rest}%。"
    en = "The shares must sum to exactly 100 %; they sum to {total} %, which leaves {rest} %."
    total: str
    rest: str


@dataclass(eq=False)
class PanelMissing(Missing):
    """There is no such panel."""

    zh = "没有这个评审组。"
    en = "There is no such panel."


@dataclass(eq=False)
class PanelExists(Conflict):
    """This listing has its panel already."""

    zh = "这个项目已经有评审组，专家名单不能更换。"
    en = "This listing has its panel already, and its experts cannot be exchanged."


@dataclass(eq=False)
class PanelLocked(Conflict):
    """The panel's scores are locked."""

    zh = "评审评分已经锁定，不能再填写或更改。"
    en = "The panel's scores are locked; nothing can be entered or changed."


@dataclass(eq=False)
class ExpertsOff(Invalid):
    """The experts do not make up the announced panel."""

    zh = "评审专家应为公布的 {panel_size} 位，逐一写明姓名，不重复。"
    en = "The panel has the announced {panel_size} experts, each named once."
    panel_size: int


@dataclass(eq=False)
class AssessmentUnclear(Invalid):
    """An assessment is either points or a rejection."""

    zh = "评审意见只能是一种：按评审因素评分（points），或写明否决理由（rejection）。"
    en = "An assessment is one of two: points by criterion, or the reason of a rejection."
