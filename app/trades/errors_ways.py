"""Refusals about the way in which a buyer is found (交易方式): its terms, its notice, and what it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Invalid


@dataclass(eq=False)
class MethodUnknown(Invalid):
    """There is no such way of trading."""

    zh = "没有“{method}”这种交易方式；有：{methods}。"
    en = "There is no way of trading “{method}”; there are: {methods}."
    method: str
    methods: str


@dataclass(eq=False)
class BiddingTermsMissing(Invalid):
    """Terms are left out that this way of trading needs."""

    zh = "{method_zh}还要写明：{names}。"
    en = "For {method_en} these are still to be given: {names}."
    method_zh: str
    method_en: str
    missing: list[str]
    names: str


@dataclass(eq=False)
class BiddingTermsNotWanted(Invalid):
    """Terms are given that this way of trading does not have."""

    zh = "{method_zh}在这里不进入竞价，请不要写：{names}。"
    en = "By {method_en} it never comes to bidding here: leave out {names}."
    method_zh: str
    method_en: str
    unwanted: list[str]
    names: str


@dataclass(eq=False)
class DemandNeedsBidding(Invalid):
    """A demand is put out by reverse bidding only."""

    zh = "技术需求以反向竞价征集，交易方式要选 auction（网络竞价）。"
    en = "A demand is put out by reverse bidding: choose auction."


@dataclass(eq=False)
class OrdinaryLicenceNotBidFor(Invalid):
    """An ordinary licence is not sold by bidding."""

    zh = "普通许可可以许可给多家，不用竞价；请选 listed（挂牌价）或 negotiated（协议定价）。"
    en = "An ordinary licence can be granted to many and is not bid for: choose listed or negotiated."


@dataclass(eq=False)
class NoticeAfterOpening(Invalid):
    """The notice ends after the announced competition opens."""

    zh = "公告期到 {notice_ends_at:instant} 才结束，不早于竞价开始 {opens_at:instant}；两家以上合格时先结束公告再竞价，请把竞价推后。"
    en = (
        "The notice ends at {notice_ends_at:instant}, not before the competition opens at {opens_at:instant}; "
        "let the competition open later."
    )
    notice_ends_at: datetime
    opens_at: datetime


@dataclass(eq=False)
class NoticeEndPassed(Invalid):
    """The end of the notice has passed."""

    zh = "公告期的结束时间 {notice_ends_at:instant} 已过（现在 {now:instant}）；请改为将来的时间。"
    en = "The notice's end {notice_ends_at:instant} has passed (it is {now:instant} now); choose a time to come."
    notice_ends_at: datetime
    now: datetime


@dataclass(eq=False)
class EndPassed(Invalid):
    """The listing's end has passed."""

    zh = "结束时间 {closes_at:instant} 已过（现在 {now:instant}）；请改为将来的时间。"
    en = "The end {closes_at:instant} has passed (it is {now:instant} now); choose a time to come."
    closes_at: datetime
    now: datetime


@dataclass(eq=False)
class NoticeOver(Conflict):
    """The notice is over, so nobody is registered, qualified or entered any more."""

    zh = "公告期已于 {ended_at:instant} 结束（现在 {now:instant}），不再办理登记、资格审查和保证金；已到账的款项请原路退回。"
    en = (
        "The notice ended at {ended_at:instant} (it is {now:instant} now), so nobody is registered or qualified and "
        "no deposit is taken any more; send back any money that has come."
    )
    ended_at: datetime
    now: datetime


@dataclass(eq=False)
class NotByIntent(Conflict):
    """This listing takes no intents: it is bought in another way."""

    zh = "这个项目的交易方式是{method_zh}，不登记受让意向；{instead_zh}。"
    en = "This listing is sold by {method_en} and takes no intents: {instead_en}."
    method_zh: str
    method_en: str
    instead_zh: str
    instead_en: str


@dataclass(eq=False)
class NothingAnnounced(Conflict):
    """No competition is announced with this listing."""

    zh = "{listing_no} 没有公布竞价规则：只有已发布的挂牌价项目才公布两家以上时的竞价；网络竞价的规则在竞价页面。"
    en = (
        "{listing_no} announces no competition: only a published listing at a listed price does; the rules of a sale "
        "by bidding are with that sale."
    )
    listing_no: str
