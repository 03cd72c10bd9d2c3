"""Refusals of negotiation: rooms, offers, undertakings and documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class RoomMissing(Missing):
    """There is no such negotiation room, or it is not yours to see."""

    zh = "没有这个协商室，或者它不对你公开。"
    en = "There is no such negotiation room, or it is not yours to see."


@dataclass(eq=False)
class NotNegotiated(Conflict):
    """This listing is not sold by negotiation."""

    zh = "{listing_no} 的交易方式是{method_zh}，没有协商室；请按项目页面的方式办理。"
    en = "{listing_no} is sold by {method_en} and has no negotiation rooms; follow its page."
    listing_no: str
    method_zh: str
    method_en: str


@dataclass(eq=False)
class NegotiationOver(Conflict):
    """The negotiation of this listing is over."""

    zh = "这个项目的协商已于 {ended_at:instant} 截止（现在 {now:instant}），不能再开协商室、报价或接受。"
    en = "The negotiation of this listing ended at {ended_at:instant} (it is {now:instant} now)."
    ended_at: datetime
    now: datetime


@dataclass(eq=False)
class RoomExists(Conflict):
    """Your organisation has a room for this listing already."""

    zh = "你单位在这个项目里已有协商室，请到原来的协商室继续。"
    en = "Your organisation has a room for this listing already; go on there."
    room_id: UUID


@dataclass(eq=False)
class RoomNotOpen(Conflict):
    """The room takes no offers any more."""

    zh = "协商室现在是“{present_zh}”，不能再报价、接受或撤回。"
    en = "The room is {present_en} now and takes no offers, acceptances or withdrawals."
    room_status: str
    present_zh: str
    present_en: str


@dataclass(eq=False)
class CurrencyNotTaken(Invalid):
    """Another currency than the market's."""

    zh = "报价币种要是 CNY（人民币），不是 {currency}。"
    en = "An offer is in CNY, not in {currency}."
    currency: str


@dataclass(eq=False)
class ValidityOutOfRange(Invalid):
    """The offer would be valid for too short or too long a time."""

    zh = "报价的有效期要晚于现在（{now:instant}），不晚于协商截止（{closes_at:instant}）。"
    en = "An offer must be valid beyond now ({now:instant}) and no longer than the negotiation ({closes_at:instant})."
    now: datetime
    closes_at: datetime


@dataclass(eq=False)
class RightsNotOffered(Invalid):
    """Other rights than the listing's."""

    zh = "挂牌的是“{offered}”，报价不能改为“{rights}”；要改权利请由转让方重新挂牌。"
    en = "What is listed is {offered}; an offer cannot turn it into {rights}. The seller would have to list that."
    offered: str
    rights: str


@dataclass(eq=False)
class LicenceTermsWrong(Invalid):
    """Territory and term belong to a licence, and to a licence alone."""

    zh = "许可要写明地域和期限（1 至 240 个月）；专利权转让不写这两项。"
    en = "A licence names its territory and its term (1 to 240 months); an assignment has neither."


@dataclass(eq=False)
class PlanWrong(Invalid):
    """The payment plan does not add up."""

    zh = "付款安排不对：{reason_zh}。"
    en = "The payment plan is wrong: {reason_en}."
    reason_zh: str
    reason_en: str


@dataclass(eq=False)
class OfferMissing(Missing):
    """There is no such offer in this room."""

    zh = "这个协商室里没有第 {number} 号报价。"
    en = "There is no offer number {number} in this room."
    number: int


@dataclass(eq=False)
class OfferNotOpen(Conflict):
    """The offer is not open any more."""

    zh = "第 {number} 号报价现在是“{present_zh}”，不能再接受或撤回；请看最新的报价。"
    en = "Offer {number} is {present_en} now and cannot be accepted or withdrawn; see the newest offer."
    number: int
    present_zh: str
    present_en: str


@dataclass(eq=False)
class OfferExpired(Conflict):
    """The offer's validity has ended."""

    zh = "第 {number} 号报价已于 {valid_until:instant} 失效（现在 {now:instant}），请对方重新报价。"
    en = "Offer {number} ended at {valid_until:instant} (it is {now:instant} now); ask for a new one."
    number: int
    valid_until: datetime
    now: datetime


@dataclass(eq=False)
class OwnOffer(Forbidden):
    """Nobody accepts his own offer."""

    zh = "第 {number} 号是本单位的报价，只能由对方接受；本单位可以撤回。"
    en = "Offer {number} is your own: only the other side accepts it; you may withdraw it."
    number: int


@dataclass(eq=False)
class NotYourOffer(Forbidden):
    """Only who made an offer withdraws it."""

    zh = "第 {number} 号是对方的报价，只能由对方撤回；你可以接受或还价。"
    en = "Offer {number} is the other side's: only they withdraw it; you may accept it or make another."
    number: int


@dataclass(eq=False)
class UndertakingNeeded(Forbidden):
    """Documents are seen and laid only under the confidentiality undertaking."""

    zh = "协商文件要在本单位作出保密承诺之后才能查阅和提交；请先阅读并接受保密承诺。"
    en = "Documents are seen and laid only after your side has given the confidentiality undertaking: accept it first."


@dataclass(eq=False)
class UndertakingDiffers(Invalid):
    """What was accepted is not the undertaking of this room."""

    zh = "接受的不是现行的保密承诺，请重新打开后再接受（指纹：{text_sha256}）。"
    en = "What was accepted is not the undertaking in force; read it again ({text_sha256})."
    text_sha256: str


@dataclass(eq=False)
class DocumentMissing(Missing):
    """There is no such document, or it is not yours to see."""

    zh = "没有这份协商文件，或者它不对你公开。"
    en = "There is no such document, or it is not yours to see."


@dataclass(eq=False)
class DocumentSize(Invalid):
    """A document is empty or too large."""

    zh = "协商文件要有内容，且不超过 {most} MiB。"
    en = "A document must not be empty and must have at most {most} MiB."
    most: int


@dataclass(eq=False)
class NotAgreed(Conflict):
    """Nothing is agreed in this room, or its deal is made already."""

    zh = "协商室里没有待确认的一致意见：先由一方接受另一方的报价；已成交的请看成交。"
    en = "Nothing waits for its confirmation here: an offer has to be accepted first; see the deal if there is one."
