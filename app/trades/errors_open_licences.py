"""Refusals of open licences (专利开放许可): what keeps one from being declared, announced, opened or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class OpenLicenceMissing(Missing):
    """There is no open licence here."""

    zh = "这个挂牌项目不是专利开放许可。"
    en = "This listing is not an open licence."


@dataclass(eq=False)
class OpenLicenceNeedsOrdinary(Conflict):
    """An open licence is an ordinary licence at a listed price."""

    zh = "{listing_no} 不能声明开放许可：开放许可是按挂牌价的普通许可，先把标的权利改为普通许可、交易方式改为挂牌价。"
    en = "{listing_no} cannot be an open licence: that is an ordinary licence at a listed price. Change the listing first."
    listing_no: str


@dataclass(eq=False)
class OpenLicenceFixed(Conflict):
    """What was declared is announced, or with the desk."""

    zh = "{listing_no} 的开放许可声明已经提交，不能修改；退回补正后可以重新声明。"
    en = "The declaration of {listing_no} was submitted and stands; declare anew once the listing was returned."
    listing_no: str


@dataclass(eq=False)
class OpenLicenceRefused(Conflict):
    """The law keeps this patent from being declared open."""

    zh = "不能声明开放许可：{reason_zh}（专利法第五十条，专利法实施细则第八十六条）。"
    en = "It cannot be declared open: {reason_en} (Patent Law article 50, Implementing Regulations article 86)."
    ground: str
    reason_zh: str
    reason_en: str


@dataclass(eq=False)
class FeeStandardWrong(Invalid):
    """The fee is not said as an open licence needs it."""

    zh = "许可使用费的标准要写 5 到 1000 个字；提成比例只在入门费加提成时写，大于 0、不超过 100%。"
    en = "Say the fee's standard in 5 to 1000 characters; a royalty, above 0 and up to 100%, only with an entry fee."


@dataclass(eq=False)
class OpenLicenceNotAnnounced(Conflict):
    """The announcement by the patent office is not recorded yet."""

    zh = "{listing_no} 还没有登记国家知识产权局的公告号和公告日；公告之后才能开放。"
    en = "The announcement of {listing_no} by CNIPA is not recorded: it opens after that."
    listing_no: str


@dataclass(eq=False)
class AnnouncementWrong(Invalid):
    """The announcement's number or day cannot be."""

    zh = "公告号要写 2 到 60 个字，公告日 {announced_on} 不能晚于今天 {today}。"
    en = "Give the announcement's number; its day {announced_on} cannot lie after today, {today}."
    announced_on: date
    today: date


@dataclass(eq=False)
class AnnouncementRecorded(Conflict):
    """The announcement is recorded already."""

    zh = "公告 {announcement_no} 已经登记；一份声明公告一次。"
    en = "The announcement {announcement_no} is recorded already: a declaration is announced once."
    announcement_no: str


@dataclass(eq=False)
class OpenLicenceRuns(Conflict):
    """Beside an open licence no exclusive or sole licence is given."""

    zh = "{application_no} 正在开放许可（{listing_no}），开放期间不能给出独占或者排他许可；请先撤回声明（专利法第五十一条）。"
    en = "{application_no} is under an open licence ({listing_no}): no exclusive or sole licence until it is withdrawn."
    application_no: str
    listing_no: str
