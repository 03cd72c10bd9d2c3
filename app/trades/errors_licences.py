"""Refusals of licences: beyond the patent's life, in the way of another, or not the caller's to record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.errors import Conflict, Invalid


@dataclass(eq=False)
class TerritoryUnknown(Invalid):
    """The territory cannot be read."""

    zh = "许可地域“{territory}”读不出：全球写 WW，国家写两位代码如 CN，中国的省份写 CN-33。"
    en = "The territory “{territory}” cannot be read: WW for the world, a country such as CN, or CN-33 for a province."
    territory: str


@dataclass(eq=False)
class LicencePeriodWrong(Invalid):
    """The licence would end before it begins."""

    zh = "许可的截止日 {ends_on} 早于起始日 {starts_on}。"
    en = "The licence would end on {ends_on}, before it begins on {starts_on}."
    starts_on: date
    ends_on: date


@dataclass(eq=False)
class LicenceBeyondPatent(Invalid):
    """The licence would outlive the patent."""

    zh = (
        "{application_no} 的专利权 {expires_on} 届满，许可不能到 {ends_on}：专利实施许可合同只在专利权存续期间有效"
        "（民法典第八百六十五条）；截止日要早于届满日。"
    )
    en = (
        "{application_no} expires on {expires_on}, so no licence runs until {ends_on}: it holds only while the patent is "
        "in force (Civil Code article 865); end it before that day."
    )
    application_no: str
    ends_on: date
    expires_on: date


@dataclass(eq=False)
class LicenceOverlaps(Conflict):
    """An exclusive or sole licence leaves no room for another."""

    zh = (
        "这件专利在 {territory}、{starts_on} 至 {ends_on} 已有{licence_zh}，同一地域、领域和期间不能再许可他人"
        "（技术合同解释第二十五条）；请改期间、地域或领域。"
    )
    en = (
        "There is {licence_en} licence of this patent in {territory} from {starts_on} to {ends_on}: nobody else is licensed "
        "in the same territory, field and time. Choose others."
    )
    licence_zh: str
    licence_en: str
    territory: str
    starts_on: date
    ends_on: date


@dataclass(eq=False)
class EarlierLicenceInTheWay(Conflict):
    """An ordinary licence runs already, which the taker of an exclusive or sole one has not accepted."""

    zh = (
        "这件专利在 {territory}、{starts_on} 至 {ends_on} 已有普通许可，再给{licence_zh}要被许可人书面接受在先许可；"
        "已接受的请注明。"
    )
    en = (
        "An ordinary licence runs in {territory} from {starts_on} to {ends_on}: a new {licence_en} one needs its taker to "
        "accept that. Say so where it was accepted."
    )
    licence_zh: str
    licence_en: str
    territory: str
    starts_on: date
    ends_on: date


@dataclass(eq=False)
class SelfLicence(Invalid):
    """Nobody licenses itself."""

    zh = "被许可人不能是许可人自己；权利人实施自己的专利不用许可。"
    en = "The licensee cannot be the licensor itself: an owner needs no licence of its own patent."


@dataclass(eq=False)
class LicenceTermsMissing(Invalid):
    """A licence is offered without saying for what."""

    zh = "{licence_zh}还要写明许可条件：{names}（地域、使用领域、起止日、能否分许可）。"
    en = "An offer of a {licence_en} licence still needs: {names} (territory, field of use, first and last day, sublicence)."
    licence_zh: str
    licence_en: str
    missing: list[str]
    names: str


@dataclass(eq=False)
class LicenceTermsNotWanted(Invalid):
    """Terms of a licence are given for something that is no licence."""

    zh = "只有许可才写许可条件，请不要写：{names}。"
    en = "Only a licence has these terms: leave out {names}."
    unwanted: list[str]
    names: str


@dataclass(eq=False)
class FieldOfUseTooLong(Invalid):
    """The field of use says too much."""

    zh = "使用领域最多 {maximum} 个字，现在 {length} 个；不限领域的留空。"
    en = "The field of use has at most {maximum} characters, this has {length}; leave it empty for every field."
    maximum: int
    length: int


@dataclass(eq=False)
class LicenceEndsBeforeSale(Invalid):
    """The licence would have ended before anybody can have it."""

    zh = "许可到 {ends_on} 为止，而挂牌 {last_on} 才结束；请把许可的截止日推后，或者提前结束挂牌。"
    en = "The licence ends on {ends_on}, while its listing lasts until {last_on}: let the licence end later."
    ends_on: date
    last_on: date


@dataclass(eq=False)
class LicenceBeyondOffer(Invalid):
    """More is negotiated than was offered."""

    zh = "许可地域 {territory} 或期限超出了挂牌的范围：挂牌的地域是 {offered}，最迟到 {ends_on}。"
    en = "The territory {territory} or the term lies beyond what was listed: {offered}, until {ends_on} at the latest."
    territory: str
    offered: str
    ends_on: date


@dataclass(eq=False)
class LicenceOfSinglePatent(Invalid):
    """A package is sold, not licensed."""

    zh = "成果包只能整体转让；许可请以单件专利挂牌，每件各有自己的期限。"
    en = "A package is only assigned as a whole: list licences of single patents, each has a term of its own."


@dataclass(eq=False)
class PatentLicenceOffered(Conflict):
    """A licence of the patent is being offered."""

    zh = "{application_no} 正以 {listing_no} 挂牌许可；先等它结束，再挂牌转让。"
    en = "A licence of {application_no} is on offer as {listing_no}: wait for its end before the patent itself is sold."
    application_no: str
    listing_no: str


@dataclass(eq=False)
class NotSoldToMany(Conflict):
    """This listing is not an ordinary licence at a price."""

    zh = "{listing_no} 不是按挂牌价许可多家的项目：只有挂牌价的普通许可可以直接按价办理。"
    en = "{listing_no} is not sold to many at its price: only an ordinary licence at a listed price is."
    listing_no: str


@dataclass(eq=False)
class LicenceAlreadyTaken(Conflict):
    """The buyer has this licence already."""

    zh = "贵单位已经办理了这项许可：{deal_no}。一家办理一次。"
    en = "Your organisation has taken this licence already: {deal_no}. One takes it once."
    deal_no: str


@dataclass(eq=False)
class LicenceTermsChanged(Invalid):
    """Other terms were accepted than those of this licence."""

    zh = "你接受的不是这项许可的条件，它的指纹是 {terms_sha256}；请重新打开页面核对。"
    en = "What you accepted are not this licence's terms, whose fingerprint is {terms_sha256}: open the page again."
    terms_sha256: str


@dataclass(eq=False)
class PatentAssignedAway(Conflict):
    """The patent was assigned before the licence was signed."""

    zh = "{application_no} 的转让合同已于本许可签署前生效，让与人不能再许可；请由新的权利人许可（专利法第十条、第十二条）。"
    en = "{application_no} was assigned by a contract in force before this licence was signed; its new owner licenses it."
    application_no: str


@dataclass(eq=False)
class LicenceSaleOver(Conflict):
    """The licence is no longer on offer."""

    zh = "这项许可的挂牌已于 {ended_at:instant} 结束（现在 {now:instant}），不再办理；可以与权利人另行协商。"
    en = "This licence was on offer until {ended_at:instant} (it is {now:instant} now): ask its owner for another."
    ended_at: datetime
    now: datetime
