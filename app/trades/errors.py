"""Refusals of listing, buying and dealing: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class ListingMissing(Missing):
    """There is no such listing, or it is not yours to see."""

    zh = "没有这个挂牌项目，或者它还没有公开。"
    en = "There is no such listing, or it is not public."


@dataclass(eq=False)
class ListingStateForbids(Conflict):
    """The listing's present state does not allow this."""

    zh = "挂牌现在是“{present_zh}”，不能{act_zh}。现在可以：{possible_zh}。"
    en = "The listing is {present_en} now and cannot be {act_en}. What is possible now: {possible_en}."
    listing_status: str
    act: str
    possible: list[str]
    present_zh: str
    present_en: str
    act_zh: str
    act_en: str
    possible_zh: str
    possible_en: str


@dataclass(eq=False)
class ListingChanged(Conflict):
    """The listing was changed since you read it."""

    zh = "挂牌内容已被修改为第 {version} 版，你看到的是第 {seen_version} 版。请重新打开再办理。"
    en = "The listing is now at version {version}; you saw version {seen_version}. Open it again first."
    version: int
    seen_version: int


@dataclass(eq=False)
class PatentNotOwned(Forbidden):
    """Only the organisation that holds the patent record may list it."""

    zh = "{application_no} 不在你单位名下，不能挂牌。请先在“我的专利”录入本单位的专利。"
    en = "{application_no} is not held by your organisation. Enter your organisation's own patent first."
    application_no: str


@dataclass(eq=False)
class PatentWithoutApplicant(Invalid):
    """The patent's record has no applicant, so a contract could not name its owner."""

    zh = "{application_no} 的记录没有申请人，合同无法写明权利人（民法典第八百四十五条），不能挂牌。请先补全著录项目。"
    en = (
        "The record of {application_no} has no applicant, so a contract could not name the owner "
        "(Civil Code article 845). Complete the record first."
    )
    application_no: str


@dataclass(eq=False)
class PatentAlreadyListed(Conflict):
    """The patent has an open listing already."""

    zh = "{application_no} 已有未结束的挂牌，一件专利同时只能挂牌一次。"
    en = "{application_no} has a listing that is not finished; a patent is listed once at a time."
    application_no: str


@dataclass(eq=False)
class PatentAlreadySold(Conflict):
    """The patent has been sold already."""

    zh = "{application_no} 已在 {listing_no} 成交，原权利人不能再次挂牌。"
    en = "{application_no} was sold in {listing_no}; its former holder cannot list it again."
    application_no: str
    listing_no: str


@dataclass(eq=False)
class PatentExpired(Invalid):
    """The patent is past its term."""

    zh = "{application_no} 的专利权已于 {expires_on} 届满（专利法第四十二条），不能挂牌转让；请挂牌仍在保护期内的专利。"
    en = "{application_no} expired on {expires_on} (Patent Law article 42) and cannot be assigned; list one in force."
    application_no: str
    expires_on: date


@dataclass(eq=False)
class PatentExpiresBeforeTheClose(Invalid):
    """The patent's term ends before the bidding does."""

    zh = "{application_no} 的专利权 {expires_on} 届满，早于竞价结束（{closes_at:instant}）；请把竞价提前。"
    en = "{application_no} expires on {expires_on}, before the bidding ends ({closes_at:instant}); sell it earlier."
    application_no: str
    expires_on: date
    closes_at: datetime


@dataclass(eq=False)
class BoardUnknown(Invalid):
    """There is no such board here."""

    zh = "没有“{board}”板块；这里可用的板块：{boards}。"
    en = "There is no board “{board}” here; the boards are: {boards}."
    board: str
    boards: str


@dataclass(eq=False)
class RightsUnknown(Invalid):
    """These rights cannot be listed."""

    zh = "标的权利“{rights}”不受理；专利可以是 assignment（专利权转让）、exclusive（独占许可）、sole（排他许可）或 ordinary（普通许可）。"
    en = "The rights “{rights}” are not taken: of a patent there are assignment, exclusive, sole or ordinary licence."
    rights: str


@dataclass(eq=False)
class AmountNotPositive(Invalid):
    """An amount must be above zero and not above the largest amount recorded here."""

    zh = "{name_zh}要大于 0 元，且不超过 {maximum_fen:yuan} 元。"
    en = "The {name_en} must be above CNY 0 and at most CNY {maximum_fen:yuan}."
    field: str
    name_zh: str
    name_en: str
    maximum_fen: int


@dataclass(eq=False)
class DepositTooHigh(Invalid):
    """The deposit is above the highest share of the start price."""

    zh = "保证金 {deposit_fen:yuan} 元超过上限 {maximum_fen:yuan} 元（起始价的 {percent}%）。"
    en = "The deposit of CNY {deposit_fen:yuan} is above CNY {maximum_fen:yuan} ({percent}% of the start price)."
    deposit_fen: int
    maximum_fen: int
    percent: str


@dataclass(eq=False)
class ReserveBelowStart(Invalid):
    """The reserve is below the start price."""

    # The reserve itself is not repeated: an error may be logged, the reserve may not.
    zh = (
        "保留价不能低于起始价 {start_price_fen:yuan} 元，也不能超过 {maximum_fen:yuan} 元；不设保留价请留空。"
    )
    en = (
        "The reserve must be at least the start price, CNY {start_price_fen:yuan}, and at most "
        "CNY {maximum_fen:yuan}; leave it out for none."
    )
    start_price_fen: int
    maximum_fen: int


@dataclass(eq=False)
class BiddingTooShort(Invalid):
    """The time for bidding is too short."""

    zh = "竞价时长 {seconds} 秒，少于本板块最短的 {minimum_seconds} 秒；结束时间最早为 {earliest:instant}。"
    en = (
        "Bidding would last {seconds} s, less than the {minimum_seconds} s of this board; "
        "the earliest end is {earliest:instant}."
    )
    seconds: int
    minimum_seconds: int
    earliest: datetime


@dataclass(eq=False)
class HardEndTooEarly(Invalid):
    """The hard end is not after the close."""

    zh = "最迟结束时间 {hard_end_at:instant} 要晚于结束时间 {closes_at:instant}；不设上限请留空。"
    en = "The hard end {hard_end_at:instant} must be after the close {closes_at:instant}; leave it out for none."
    hard_end_at: datetime
    closes_at: datetime


@dataclass(eq=False)
class ExtensionOutOfRange(Invalid):
    """The extension is out of range."""

    zh = "延时窗口和延时长度要在 {minimum_seconds} 至 {maximum_seconds} 秒之间。"
    en = "The extension's window and length must lie between {minimum_seconds} and {maximum_seconds} seconds."
    field: str
    minimum_seconds: int
    maximum_seconds: int


@dataclass(eq=False)
class OpeningPassed(Invalid):
    """The opening time has passed."""

    zh = "竞价开始时间 {opens_at:instant} 已过（现在 {now:instant}）；请改为将来的时间。"
    en = "The opening {opens_at:instant} has passed (it is {now:instant} now); choose a time to come."
    opens_at: datetime
    now: datetime


@dataclass(eq=False)
class ReservedWord(Invalid):
    """A word is used that is kept for licensed business."""

    zh = "{name_zh}里有“{word}”：拍卖是特许业务（拍卖法第十一条），本市场的方式是网络竞价；请改写。"
    en = (
        "The {name_en} says “{word}”: 拍卖 is a licensed business (Auction Law article 11) and sales here are "
        "网络竞价; write it another way."
    )
    field: str
    name_zh: str
    name_en: str
    word: str


@dataclass(eq=False)
class TextOutOfRange(Invalid):
    """A text is too short or too long."""

    zh = "{name_zh}要写 {minimum} 至 {maximum} 个字，现在是 {length} 个。"
    en = "The {name_en} must have {minimum} to {maximum} characters; it has {length}."
    field: str
    name_zh: str
    name_en: str
    minimum: int
    maximum: int
    length: int


@dataclass(eq=False)
class OwnListing(Forbidden):
    """Nobody reviews or publishes the listing of his own organisation."""

    zh = "不能审核或发布本单位的挂牌（回避）；请由其他审核人员办理。"
    en = "Nobody reviews or publishes the listing of his own organisation; another reviewer has to."


@dataclass(eq=False)
class ChecksFailed(Conflict):
    """A check of the listing fails, so it cannot be accepted."""

    zh = "有审核要点不合格，不能受理：{facts_zh}。请退回补正。"
    en = "A check fails, so the listing cannot be accepted: {facts_en}. Return it with the reason."
    failed: list[str]
    facts_zh: str
    facts_en: str


@dataclass(eq=False)
class IntentMissing(Missing):
    """There is no such intent, or it is not yours to see."""

    zh = "没有这条受让意向，或者它不对你公开。"
    en = "There is no such intent, or it is not yours to see."


@dataclass(eq=False)
class IntentExists(Conflict):
    """Your organisation has declared its intent already."""

    zh = "你单位已登记过这个项目的受让意向（现在是“{present_zh}”），不用重复登记。"
    en = "Your organisation has declared its intent to buy this already (it is {present_en} now)."
    intent_id: UUID
    present_zh: str
    present_en: str


@dataclass(eq=False)
class IntentStateForbids(Conflict):
    """The intent's present state does not allow this."""

    zh = "受让意向现在是“{present_zh}”，不能改为“{wanted_zh}”。"
    en = "The intent is {present_en} now and cannot become {wanted_en}."
    intent_status: str
    wanted: str
    present_zh: str
    present_en: str
    wanted_zh: str
    wanted_en: str


@dataclass(eq=False)
class SellerMayNotBuy(Forbidden):
    """The seller may not buy its own listing."""

    zh = "转让方不能受让自己的项目（拍卖法第三十条的规则，本市场同样适用）。"
    en = "The seller may not buy its own listing (the rule of Auction Law article 30 holds here too)."


@dataclass(eq=False)
class ExchangeMayNotBuy(Forbidden):
    """Nobody who works for the exchange may buy."""

    zh = "交易机构及其工作人员不能受让（拍卖法第二十二条的规则，本市场同样适用）。"
    en = "Nobody who works for the exchange may buy (the rule of Auction Law article 22 holds here too)."


@dataclass(eq=False)
class ListingNotOpenToBuyers(Conflict):
    """The listing takes no intents now."""

    zh = "这个项目现在不接受受让意向：它是“{present_zh}”，只有“挂牌中”的项目才接受。"
    en = "This listing takes no intents now: it is {present_en}; only one that is listed does."
    listing_status: str
    present_zh: str
    present_en: str


@dataclass(eq=False)
class TooLate(Conflict):
    """The bidding has ended, so nobody is admitted any more."""

    zh = "竞价已于 {ended_at:instant} 结束（现在 {now:instant}），不再办理登记、资格审查和入场；已到账的款项请原路退回。"
    en = (
        "Bidding ended at {ended_at:instant} (it is {now:instant} now), so nobody is registered, qualified or "
        "admitted any more; send back any money that has come."
    )
    ended_at: datetime
    now: datetime


@dataclass(eq=False)
class RulesNotAccepted(Invalid):
    """What was accepted are not the rules of this sale."""

    zh = "接受的不是本场的竞价规则。请重新打开规则，读后再接受（现行规则的指纹：{rules_sha256}）。"
    en = (
        "What was accepted are not the rules of this sale. Read them again and accept those ({rules_sha256})."
    )
    rules_sha256: str


@dataclass(eq=False)
class DealMissing(Missing):
    """There is no such deal, or it is not yours to see."""

    zh = "没有这笔成交，或者它不对你公开。"
    en = "There is no such deal, or it is not yours to see."


@dataclass(eq=False)
class NotTheSeller(Forbidden):
    """Only the seller's own people may do this."""

    zh = "只有转让方本单位的人员可以办理这一步。"
    en = "Only the people of the seller itself may do this."
