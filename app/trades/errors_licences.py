"""Refusals of licences: beyond the patent's life, in the way of another, or not the caller's to record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
