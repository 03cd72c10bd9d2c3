"""The facts that are computed for a reviewer (审核要点): each with its basis and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.catalog.patent_facts import (
    APPLICANT_WITHHELD,
    LEGAL_STATUS_UNVERIFIED,
    NO_CHECK_DIGIT,
    names_organisation,
)
from app.clock import market_date, market_now, to_shanghai
from app.money import yuan
from app.trades import method, rules
from app.trades.errors import ListingMissing
from app.trades.licence_checks import licence_checks
from app.trades.listings import offer_of
from app.trades.models import Listing
from app.trades.queries import get_board_rules
from app.trades.review_points import Check, judge, refusal_of
from app.trades.right_checks import right_checks
from app.trades.subjects import Subject, read_subject, require_fit, require_in_term

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.catalog.lot_models import Demand
    from app.catalog.queries import PatentView
    from app.db import AnySession
    from app.trades.review_points import Outcome
    from app.trades.rules import BoardRules, Offer


def check_number(patent: PatentView) -> Check:
    """The application number's check digit, or that it is too old to have one."""
    number = patent.application_no
    outcome: Outcome = "pass"
    fact_zh, fact_en = f"{number}，校验位正确", f"{number}, the check digit is right"
    if NO_CHECK_DIGIT in patent.marks:
        fact_zh, fact_en, outcome = (
            f"{number} 没有校验位（1989 年以前）",
            f"{number} has no check digit",
            "look",
        )
    basis = ("专利申请号标准 ZC 0006-2003", "Standard ZC 0006-2003 on application numbers")
    return Check("number", "申请号", "Application number", fact_zh, fact_en, *basis, outcome)


def check_term(patent: PatentView, offer: Offer, today: date) -> Check:
    """Whether the patent is in its term now and at the end of the bidding."""
    refusal = refusal_of(lambda: require_in_term(patent, offer, today))
    expires_on = patent.expires_on
    months = (
        (expires_on.year - today.year) * 12 + expires_on.month - today.month - (expires_on.day < today.day)
    )
    fact = judge(
        refusal,
        f"申请日 {patent.filing_on}，{expires_on} 届满，剩 {months // 12} 年 {months % 12} 个月",
        f"filed on {patent.filing_on}, ends on {expires_on}, {months // 12} years {months % 12} months left",
    )
    return Check(
        "term", "专利在保护期", "In its term", *fact[:2], "专利法第四十二条", "Patent Law article 42", fact[2]
    )


def check_legal_status(patent: PatentView) -> Check:
    """Whether the legal status was verified; the bibliographic record alone does not tell."""
    is_unverified = LEGAL_STATUS_UNVERIFIED in patent.marks
    fact_zh = "法律状态未核验：请核对登记簿副本和年费缴纳" if is_unverified else "著录项标为已核验"
    fact_en = (
        "legal status not verified: compare the register extract and the annuities"
        if is_unverified
        else "the record is marked as verified"
    )
    basis = ("专利登记簿副本（专利法实施细则第一百零六条）", "Extract of the patent register")
    outcome: Outcome = "look" if is_unverified else "pass"
    return Check("legal_status", "法律状态", "Legal status", fact_zh, fact_en, *basis, outcome)


def check_title(patent: PatentView, seller: Organisation) -> Check:
    """Whether the seller is the one whom the patent record names."""
    basis = ("著录项与单位名称核对", "The record compared with the seller's name")
    head = ("title", "权属清晰", "Clear title")
    if patent.owner_organisation_id != seller.id:
        return Check(*head, f"不在{seller.name}名下", f"not held by {seller.name}", *basis, "fail")
    if patent.applicant is None or APPLICANT_WITHHELD in patent.marks:
        return Check(
            *head,
            "申请人未公开，请核对证书",
            "the applicant is withheld: see the certificate",
            *basis,
            "look",
        )
    if names_organisation(patent.applicant, seller.name):
        fact_zh = f"申请人 {patent.applicant}，与转让方一致"
        return Check(*head, fact_zh, f"applicant {patent.applicant}, the seller itself", *basis, "pass")
    fact_zh = f"申请人 {patent.applicant}，转让方 {seller.name}，名称不一致，请核对转让登记"
    fact_en = (
        f"applicant {patent.applicant}, seller {seller.name}: the names differ, see the recorded transfers"
    )
    return Check(*head, fact_zh, fact_en, *basis, "look")


def check_prices(offer: Offer, board: BoardRules) -> Check:
    """The amounts against the board's rules; the reserve is only said to be there."""
    if not method.has_bidding(offer):
        return _check_plain_price(offer)
    bidding = method.bidding_of(offer)
    share = bidding.deposit_fen * 10_000 // offer.start_price_fen
    reserve_zh, reserve_en = (
        ("设有保留价", "with a reserve") if offer.reserve_price_fen else ("不设保留价", "no reserve")
    )
    fact = judge(
        refusal_of(lambda: rules.check_price_terms(offer, board)),
        f"{'最高限价' if offer.direction == 'reverse' else '起始价'} {yuan(offer.start_price_fen)} 元，"
        f"变动幅度 {yuan(bidding.step_fen)} 元，"
        f"保证金为起始价的 {rules.percent_of(share)}%，{reserve_zh}",
        f"{'ceiling' if offer.direction == 'reverse' else 'start'} CNY {yuan(offer.start_price_fen)}, step CNY {yuan(bidding.step_fen)}, "
        f"deposit {rules.percent_of(share)}% of the start price, {reserve_en}",
    )
    limit = rules.percent_of(board.deposit_max_bp)
    basis = (f"保证金上限：起始价的 {limit}%", f"Deposit at most {limit}% of the start price")
    return Check("prices", "价格条件", "Price terms", *fact[:2], *basis, fact[2])


def _check_plain_price(offer: Offer) -> Check:
    """A price that nobody bids on: the listed one, or the one asked for in a negotiation."""
    fact = judge(
        refusal_of(lambda: rules.check_offer_price(offer)),
        f"{'挂牌价' if offer.method == method.LISTED else '意向价'} {yuan(offer.start_price_fen)} 元，不收保证金",
        f"{'listed' if offer.method == method.LISTED else 'asking'} price CNY {yuan(offer.start_price_fen)}, no deposit",
    )
    basis = ("促进科技成果转化法第十八条（协议定价、挂牌交易）", "Law on Promoting Conversion, article 18")
    return Check("prices", "价格条件", "Price terms", *fact[:2], *basis, fact[2])


def check_schedule(offer: Offer, board: BoardRules, now: datetime) -> Check:
    """The times against the board's rules and the market's clock."""
    late = refusal_of(lambda: rules.check_opening(offer, now))
    if not method.has_bidding(offer):
        fact = judge(late, f"{_shown(offer.closes_at)} 结束", f"ends at {_shown(offer.closes_at)}")
        basis = ("挂牌方设定", "Set by the seller")
        return Check("schedule", "结束时间", "End", *fact[:2], *basis, fact[2])
    bidding = method.bidding_of(offer)
    refusal = refusal_of(lambda: rules.check_times(offer, board)) or late
    opens, closes = _shown(bidding.opens_at), _shown(offer.closes_at)
    notice_zh, notice_en = "", ""
    if offer.notice_ends_at is not None:
        ends = _shown(offer.notice_ends_at)
        notice_zh, notice_en = f"公告期至 {ends}；竞价 ", f"notice until {ends}; bidding "
    fact = judge(
        refusal,
        f"{notice_zh}{opens} 至 {closes}，最后 {bidding.trigger_seconds} 秒出价则延时 {bidding.extension_seconds} 秒",
        f"{notice_en}{opens} to {closes}, "
        f"a bid in the last {bidding.trigger_seconds} s extends by {bidding.extension_seconds} s",
    )
    basis = ("法释〔2016〕18号第二十条（本板块参数）", "Fa Shi [2016] 18 article 20 (the board's values)")
    return Check("schedule", "竞价时间", "Times", *fact[:2], *basis, fact[2])


def _shown(moment: datetime) -> str:
    return f"{to_shanghai(moment):%Y-%m-%d %H:%M}"


def check_method(offer: Offer) -> Check:
    """The way of trading, and the format of its bidding checked by the rules that would play it."""
    way_zh, way_en = method.METHOD_WORDS[offer.method]
    if not method.has_bidding(offer):
        fact = judge(refusal_of(lambda: method.check_shape(offer)), way_zh, way_en)
        basis = ("促进科技成果转化法第十八条", "Law on Promoting Conversion, article 18")
        return Check("method", "交易方式", "Way of trading", *fact[:2], *basis, fact[2])
    words_zh, words_en = method.method_words(offer.format, offer.direction)
    if offer.method == method.LISTED:
        words_zh, words_en = f"{way_zh}，两家以上时{words_zh}", f"{way_en}, for two or more {words_en}"
    fact = judge(
        refusal_of(lambda: method.check_method(offer)),
        f"{words_zh}，最少 {offer.min_bidders} 名竞买人",
        f"{words_en}, at least {offer.min_bidders} bidder(s)",
    )
    basis = ("本市场交易规则（由判定程序的同一规则核对）", "The trading rules, by the rules that judge bids")
    return Check("method", "竞价方式", "Format", *fact[:2], *basis, fact[2])


_EXERCISE = {"in_field": ("场内应价", "in the field"), "post": ("结果出来后询问", "asked after the result")}


def check_priority(offer: Offer) -> Check:
    """What the seller says about the statutory priority; whether it is so, a person has to see."""
    basis = (
        "民法典第八百四十七条；法释〔2016〕18号第十六条（通知）",
        "Civil Code article 847; Fa Shi [2016] 18 article 16",
    )
    head = ("priority", "优先购买权", "Right of first refusal")
    refusal = refusal_of(lambda: method.require_priority_answer(offer))
    if refusal is not None:
        return Check(*head, refusal.detail("zh"), refusal.detail("en"), *basis, "fail")
    if offer.priority == "none":
        fact_zh = "转让方声明没有人享有，或者享有的人都已书面放弃，请核对完成人的书面放弃"
        fact_en = "the seller declares that nobody holds one: see the completers' written waivers"
        return Check(*head, fact_zh, fact_en, *basis, "look")
    way_zh, way_en = _EXERCISE[offer.priority]
    names = "、".join(offer.priority_holders)
    fact_zh = f"{way_zh}；权利人：{names}，请核对通知已经送达"
    fact_en = f"{way_en}; holders: {names}: see that they were notified"
    return Check(*head, fact_zh, fact_en, *basis, "look")


def check_wording(offer: Offer, own_words: str) -> Check:
    """Words kept for licensed business in the seller's own text."""
    fact = judge(
        refusal_of(lambda: rules.check_words(offer, own_words)),
        "标题、说明和负担中没有特许业务用语",
        "no words of licensed business in title, description and encumbrances",
    )
    basis = ("拍卖法第十一条", "Auction Law article 11")
    return Check("wording", "用语", "Wording", *fact[:2], *basis, fact[2])


def check_seller(seller: Organisation) -> Check:
    """Who sells: a registered organisation, never the exchange itself (回避)."""
    basis = (
        "统一社会信用代码；拍卖法第二十二条（回避）",
        "Unified social credit code; Auction Law article 22",
    )
    head = ("seller", "主体与回避", "Seller and recusal")
    if seller.kind == "exchange":
        return Check(*head, "转让方是本交易机构", "the seller is the exchange itself", *basis, "fail")
    if seller.uscc is None:
        return Check(
            *head,
            "没有统一社会信用代码，请核对主体",
            "no unified social credit code: see who it is",
            *basis,
            "look",
        )
    fact_zh = f"{seller.name}，{seller.uscc}，与本所无隶属"
    return Check(*head, fact_zh, f"{seller.name}, {seller.uscc}, not of the exchange", *basis, "pass")


def check_demand(demand: Demand, offer: Offer) -> Check:
    """What a demand allows: its ceiling (最高限价), and who pays."""
    fact = judge(
        refusal_of(lambda: require_fit(Subject((), demand=demand), offer, offer.closes_at.date())),
        f"最高限价 {yuan(demand.ceiling_fen)} 元；发布方付款，应答方中选后收款",
        f"ceiling CNY {yuan(demand.ceiling_fen)}; whoever put it out pays the one who is chosen",
    )
    basis = ("招标投标法实施条例第二十七条（最高限价）", "Regulations on Tendering, article 27")
    return Check("demand", "需求与限价", "Demand and ceiling", *fact[:2], *basis, fact[2])


def _subject_checks(subject: Subject, seller: Organisation, offer: Offer, today: date) -> list[Check]:
    """The points of the thing itself; those of a package's patents one after the other, each by its number."""
    if subject.demand is not None:
        return [check_demand(subject.demand, offer)]
    found: list[Check] = []
    for place, patent in enumerate(subject.patents):
        checks = [
            check_number(patent),
            check_term(patent, offer, today),
            check_legal_status(patent),
            check_title(patent, seller),
        ]
        if place:
            # Keys are one of a kind: the desk ticks each point by its key.
            checks = [replace(check, key=f"{check.key}_{place + 1}") for check in checks]
        if len(subject.patents) > 1:
            number = patent.application_no
            checks = [
                replace(check, name_zh=f"{check.name_zh}（{number}）", name_en=f"{check.name_en} ({number})")
                for check in checks
            ]
        found += checks
    return found


async def compute_checks(session: AnySession, listing: Listing) -> list[Check]:
    """Computes all checks of a listing as it stands at the market's time now."""
    now = await market_now(session)
    subject = await read_subject(session, listing)
    seller = await get_organisation(session, listing.seller_id)
    board = await get_board_rules(session, listing.board, on=market_date(now))
    offer = offer_of(listing)
    sells = subject.demand is None
    return [
        *_subject_checks(subject, seller, offer, market_date(now)),
        *(await right_checks(session, listing, offer, market_date(now)) if sells else []),
        *await licence_checks(session, listing, subject, offer),
        check_prices(offer, board),
        check_schedule(offer, board, now),
        check_method(offer),
        *([check_priority(offer)] if sells else []),
        check_wording(offer, subject.own_words),
        check_seller(seller),
    ]


async def review_checks(session: AnySession, caller: Caller, listing_id: UUID) -> list[Check]:
    """Computes a listing's checks for a reviewer. Raises NotPermitted, ListingMissing."""
    caller.require(Permission.LISTING_REVIEW)
    listing = (await session.execute(select(Listing).where(Listing.id == listing_id))).scalar_one_or_none()
    if listing is None:
        raise ListingMissing
    return await compute_checks(session, listing)
