"""What can go wrong with an income distribution (收益分配), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class DistributionMissing(Missing):
    """There is no such distribution, or it is not yours to see."""

    zh = "没有这份收益分配方案，或者它不对你公开。"
    en = "There is no such distribution, or it is not yours to see."


@dataclass(eq=False)
class DistributionStateForbids(Conflict):
    """The distribution's present state does not allow this."""

    zh = "这份分配方案现在是“{present_zh}”，不能改为“{wanted_zh}”；请按“起草、单位决定、公示、批准、发放”的次序办理。"
    en = "This distribution is {present_en} now and cannot become {wanted_en}; the order is draft, decided, noticed, approved, paid."
    present_zh: str
    present_en: str
    wanted_zh: str
    wanted_en: str


@dataclass(eq=False)
class SharesNotWhole(Invalid):
    """The shares are not 100 % together."""

    zh = "各人比例合计 {total_bp} 个万分点，必须正好是 10000（100%）。"
    en = "The shares add up to {total_bp} basis points; they must be exactly 10000 (100 %)."
    total_bp: int


@dataclass(eq=False)
class NotOnTheList(Invalid):
    """This person is not on the list of contributors."""

    zh = "{contributor} 不在这笔成交的完成人和贡献人名单上；请先登记到名单，或从分配中删去。"
    en = "{contributor} is not on this deal's list of contributors; record the person there first, or leave the share out."
    contributor: str


@dataclass(eq=False)
class SharedTwice(Invalid):
    """A person has two shares."""

    zh = "{contributor} 在方案中出现了两次；每人只列一次。"
    en = "{contributor} has two shares; list each person once."
    contributor: str


@dataclass(eq=False)
class AuxiliaryIsNoCompleter(Invalid):
    """Auxiliary work makes nobody a completer."""

    zh = "{name} 只做了{work_zh}，不能登记为成果完成人（技术合同解释第六条，专利法实施细则第十四条）。"
    en = "{name} only gave {work_en}, which makes nobody a completer of the achievement."
    name: str
    work_zh: str
    work_en: str


@dataclass(eq=False)
class OfficeIsNoMain(Invalid):
    """Staff of the transfer office are not main contributors to the achievement itself."""

    zh = "{name} 是技术转移机构人员，不能列为主要贡献人；请改为转化贡献人，或取消“主要贡献”。"
    en = "{name} is of the transfer office and cannot be a main contributor; record a contributor to the conversion instead."
    name: str


@dataclass(eq=False)
class RateBelowFloor(Invalid):
    """The rate is below the statutory floor."""

    zh = "奖酬比例 {rate_bp} 个万分点，低于法定下限 {floor_bp}（{source}）；国家设立的研究开发机构、高等院校不得低于下限。"
    en = "The rate is {rate_bp} basis points, below the floor of {floor_bp} ({source}), which binds state research units."
    rate_bp: int
    floor_bp: int
    source: str


@dataclass(eq=False)
class StatutoryRateFixed(Invalid):
    """Without an agreement or a unit rule the statutory rate holds."""

    zh = "没有约定也没有单位规定时适用法定比例 {floor_bp} 个万分点，不能填 {rate_bp}。"
    en = "Without an agreement or a unit rule the statutory rate of {floor_bp} basis points holds, not {rate_bp}."
    rate_bp: int
    floor_bp: int


@dataclass(eq=False)
class MainBelowFloor(Invalid):
    """The main contributors' part is below its floor."""

    zh = "主要贡献人合计 {share_bp} 个万分点，低于下限 {floor_bp}（{source}）。"
    en = "The main contributors have {share_bp} basis points together, below the floor of {floor_bp} ({source})."
    share_bp: int
    floor_bp: int
    source: str


@dataclass(eq=False)
class OfficeBelowFloor(Invalid):
    """The transfer office's part is below its floor."""

    zh = "技术转移机构人员合计 {amount_fen:yuan} 元，低于下限 {floor_fen:yuan} 元（{source}）。"
    en = "The transfer office's staff would get CNY {amount_fen:yuan}, below the floor of CNY {floor_fen:yuan} ({source})."
    amount_fen: int
    floor_fen: int
    source: str


@dataclass(eq=False)
class CostsDeductedOnce(Invalid):
    """Maintenance and direct costs are deducted once, at the first receipt."""

    zh = "维护费和直接交易费用只在第一笔到账时扣一次；这是第 {receipt_no} 笔，只能扣这笔收入的税费。"
    en = "Maintenance and direct costs are deducted once, at the first receipt; this is number {receipt_no}, with its own taxes only."
    receipt_no: int


@dataclass(eq=False)
class PoolTooSmall(Invalid):
    """The pool is too small to keep every floor to the fen."""

    zh = "可分配金额只有 {pool_fen:yuan} 元，按分无法同时满足各项下限；请并入下一笔到账一起分配。"
    en = "The pool of CNY {pool_fen:yuan} cannot keep every floor to the fen; distribute it with the next receipt."
    pool_fen: int


@dataclass(eq=False)
class LeftoverUnknown(Invalid):
    """The account for leftover fen is not among the shares."""

    zh = "尾差要记给方案中的一人；指定的收款人不在方案里。"
    en = "The leftover fen go to one of those who have a share; the one named has none."


@dataclass(eq=False)
class ReceiptsAbovePrice(Conflict):
    """More would be distributed than the deal's price."""

    zh = "这笔成交价款 {price_fen:yuan} 元，已列入分配的到账合计 {before_fen:yuan} 元，再加 {receipt_fen:yuan} 元就超过了。"
    en = "The deal's price is CNY {price_fen:yuan}; CNY {before_fen:yuan} are in distributions already, and CNY {receipt_fen:yuan} more pass it."
    price_fen: int
    before_fen: int
    receipt_fen: int


@dataclass(eq=False)
class NoticeNotOver(Conflict):
    """The notice has not run its days."""

    zh = "公示从 {started_on} 起，到 {ends_on} 24 时结束；之后才能批准。"
    en = "The notice from {started_on} ends with {ends_on}; the distribution can be approved after that."
    started_on: str
    ends_on: str


@dataclass(eq=False)
class SecondPersonNeeded(Conflict):
    """Another person of the unit has to approve."""

    zh = "决定分配方案的人不能自己批准；请由本单位另一人批准。"
    en = "Whoever decided the distribution cannot approve it; another person of the unit has to."


@dataclass(eq=False)
class ListIsClosed(Conflict):
    """The list of contributors is closed."""

    zh = "已有分配方案由单位决定，名单不再增加；需要改动请先与技术转移机构核对。"
    en = "A distribution has been decided, so nobody is added to the list any more."


@dataclass(eq=False)
class ContributorExists(Conflict):
    """This name is on the list already."""

    zh = "{name} 已在名单上，身份或内容不同；名单一经登记不改，同名的人请在姓名后加以区别。"
    en = "{name} is on the list already with other particulars; entries are not changed. Tell namesakes apart by their name."
    name: str


@dataclass(eq=False)
class BasisDocumentMissing(Invalid):
    """An agreement or a unit rule has to be named."""

    zh = "以约定或单位规定为依据时，请写明文件名称和条款（2 到 200 字）。"
    en = "Name the agreement or the unit's rule with its article (2 to 200 characters)."
