"""Refusals about how a listing is sold: its reserve, and the right of first refusal."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class ReserveAboveCeiling(Invalid):
    """The reserve of a reverse sale is above its ceiling."""

    zh = "反向竞价的保留价要大于 0，且不高于最高限价 {ceiling_fen:yuan} 元；不设保留价请留空。"
    en = (
        "The reserve of a reverse sale must be above 0 and at most the ceiling, CNY {ceiling_fen:yuan}; "
        "leave it out for none."
    )
    ceiling_fen: int


@dataclass(eq=False)
class PriorityNotAnswered(Invalid):
    """Whether anybody holds the statutory priority has not been said."""

    zh = (
        "还没有说明优先受让权：转让职务技术成果，完成人在同等条件下优先受让（民法典第八百四十七条）。"
        "请写明权利人和行使方式，或者声明没有人享有、享有的人都已书面放弃。"
    )
    en = (
        "The statutory priority is not answered: when a service invention is assigned its completers come first at "
        "equal terms (Civil Code article 847). Name the holders and how they exercise it, or declare that nobody holds it."
    )


@dataclass(eq=False)
class PriorityNeedsHolders(Invalid):
    """A right of first refusal and its holders go together."""

    zh = "行使方式（{priority}）和优先购买权人要一起写：选“场内”或“场外”就写明是谁，没有人享有就两项都不写。"
    en = (
        "How the right is exercised ({priority}) and who holds it go together: name the holders for in_field or post, "
        "and leave both out where nobody holds it."
    )
    priority: str


@dataclass(eq=False)
class HolderUnnamed(Invalid):
    """A holder of the right of first refusal is not named properly."""

    zh = "优先购买权人要逐个写明姓名或单位全称，每个不超过 {longest} 个字，不重复，最多 {most} 个。"
    en = (
        "Each holder is named in full, in at most {longest} characters and once; there can be {most} at most."
    )
    most: int
    longest: int


@dataclass(eq=False)
class PriorityNotOffered(Invalid):
    """Nobody has a right of first refusal in this sale."""

    zh = "这个项目没有公布优先购买权人，不能按优先购买权人登记；请按一般受让方登记，或先请转让方改正公告。"
    en = (
        "No holder of a right of first refusal was announced for this listing, so none can be claimed. "
        "Declare your intent without it, or ask the seller to correct the announcement."
    )


@dataclass(eq=False)
class PriorityUndecided(Invalid):
    """The claimed right of first refusal has not been decided."""

    zh = "这家登记时主张优先购买权，请同时写明是否成立（公布的权利人：{holders}）。"
    en = (
        "This buyer claims a right of first refusal: say whether it holds (the announced holders: {holders})."
    )
    holders: str


@dataclass(eq=False)
class PriorityUnclaimed(Invalid):
    """The buyer has claimed no right of first refusal."""

    zh = "这家登记时没有主张优先购买权，不能认定它享有。"
    en = "This buyer has claimed no right of first refusal, so it cannot be found to hold one."


@dataclass(eq=False)
class FormatUnknown(Missing):
    """There is no such format."""

    zh = "没有名为 {format} 的竞价方式。有：{formats}。"
    en = "There is no format named {format}. There are: {formats}."
    format: str
    formats: list[str]


@dataclass(eq=False)
class SubjectUnclear(Invalid):
    """What is put up is not clear."""

    zh = "请只写一样标的：一件专利（patent_id）、一个成果包（package_id）或一项技术需求（demand_id）。"
    en = "Name exactly one thing: a patent (patent_id), a package (package_id) or a demand (demand_id)."


@dataclass(eq=False)
class CeilingExceeded(Invalid):
    """The price may go above the demand's ceiling."""

    zh = "{amount_fen:yuan} 元超过了这项需求的最高限价 {ceiling_fen:yuan} 元。"
    en = "CNY {amount_fen:yuan} is above this demand's ceiling, CNY {ceiling_fen:yuan}."
    amount_fen: int
    ceiling_fen: int


@dataclass(eq=False)
class DemandAlreadyListed(Conflict):
    """The demand has an open listing already."""

    zh = "这项需求已有未结束的挂牌，一项需求同时只能挂牌一次。"
    en = "This demand has a listing that is not finished; a demand is listed once at a time."


@dataclass(eq=False)
class SubjectHasNoPatent(Conflict):
    """There is no single patent whose assignment a contract could be drawn up for."""

    zh = "{listing_no} 不是单件专利的转让：成果包要逐件写明六项事实，技术需求要订技术开发合同，系统还不能起草。请双方按成交文件自行订立。"
    en = (
        "{listing_no} is no assignment of one patent: a package needs the six facts of each item and a demand a "
        "development contract, which are not drawn up here yet. Conclude it by the confirmation."
    )
    listing_no: str
