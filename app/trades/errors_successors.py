"""What can go wrong with asking the next bidder after a default (递补征询), and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class SuccessorOfferMissing(Missing):
    """There is no such offer to a next bidder, or it is not yours to see."""

    zh = "没有这份递补征询，或者它不对你公开。"
    en = "There is no such offer to a next bidder, or it is not yours to see."


@dataclass(eq=False)
class DealNotDefaulted(Conflict):
    """The deal is not in default."""

    zh = "这笔成交没有经确认的违约，不能征询其他竞买人；请先由场务岗认定、审核岗确认。"
    en = "No default of this deal is confirmed, so nobody else is asked; the desks declare and confirm one first."


@dataclass(eq=False)
class DealReplacedAlready(Conflict):
    """Another deal has taken this one's place."""

    zh = "这笔成交已由后来的成交 {deal_no} 接替；请在那一笔上办理。"
    en = "The deal {deal_no} has taken this one's place; act on that one."
    deal_no: str


@dataclass(eq=False)
class NotSoldByBidding(Conflict):
    """Nobody bid for this, so there is no next bidder."""

    zh = "这笔成交不是经竞价产生的，没有次高出价人；请重新挂牌。"
    en = "This deal did not come of bidding, so there is no next bidder; list the subject anew."


@dataclass(eq=False)
class SuccessionNotAnnounced(Conflict):
    """The announcement does not allow that the next bidder is asked."""

    zh = "发布时公告的规则不允许征询次高出价人；请重新挂牌。"
    en = "The rules announced for this sale do not let the next bidder be asked; list the subject anew."


@dataclass(eq=False)
class NobodyNext(Conflict):
    """There is nobody left to ask."""

    zh = "没有可以征询的下一位竞买人：其他人没有有效出价，或者已经征询过；请重新挂牌。"
    en = "There is nobody left to ask: nobody else made a valid bid, or he was asked before. List the subject anew."


@dataclass(eq=False)
class SuccessorOfferOpen(Conflict):
    """An offer waits for its answer."""

    zh = "已有一份征询在等答复，到 {expires_at:instant} 为止；附承诺期限的要约不得撤销（民法典第四百七十六条）。"
    en = (
        "An offer waits for its answer until {expires_at:instant}; one with a period for acceptance is not "
        "revoked (Civil Code article 476)."
    )
    expires_at: datetime


@dataclass(eq=False)
class SubjectListedAnew(Conflict):
    """The subject has been listed anew."""

    zh = "这个标的已经在 {listing_no} 重新挂牌，不能再向前次的竞买人另行转让。"
    en = "The subject has been listed anew in {listing_no}, so it is not sold to a bidder of the former sale."
    listing_no: str


@dataclass(eq=False)
class AnswerTimeUnfit(Invalid):
    """The time for an answer does not fit."""

    zh = "答复期限 {expires_at:instant} 不合适：要晚于现在（{now:instant}），不晚于 {latest:instant}。"
    en = "The answer is wanted by {expires_at:instant}; it must be after now ({now:instant}) and by {latest:instant}."
    expires_at: datetime
    now: datetime
    latest: datetime


@dataclass(eq=False)
class SuccessorOfferOver(Conflict):
    """The offer has its answer."""

    zh = "这份征询已经结束（{present_zh}），不能再答复。"
    en = "This offer is over ({present_en}) and takes no answer any more."
    offer_status: str
    present_zh: str
    present_en: str


@dataclass(eq=False)
class SuccessorOfferLapsed(Conflict):
    """The time for an answer is over."""

    zh = "答复期限已于 {expired_at:instant} 届满（现在 {now:instant}），征询失效（民法典第四百八十一条）。"
    en = "The answer was wanted by {expired_at:instant} (it is {now:instant} now); the offer has lapsed."
    expired_at: datetime
    now: datetime
