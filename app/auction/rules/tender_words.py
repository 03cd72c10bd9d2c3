"""The trading rules of a scored tender in words, from the parameters that the engine uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auction.rules.open_words import Sentence
from app.auction.rules.scoring import MOST_CANDIDATES, exact
from app.auction.rules.sealed_words import opening_words, secrecy_words
from app.auction.rules.wording import amount, moment

if TYPE_CHECKING:
    from app.auction.rules.scored_tender import TenderOptions
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


def tender_words(terms: AuctionTerms, options: TenderOptions, lang: Lang) -> list[str]:
    """All sentences of a scored tender, in the order in which a bidder meets them."""
    sentences = [
        _offers(terms),
        *(Sentence(*both) for both in zip(secrecy_words("zh"), secrecy_words("en"), strict=True)),
        _criteria(options),
        _panel(options),
        _locking(),
        Sentence(opening_words("zh"), opening_words("en")),
        _price_score(terms, options),
        _result(terms),
    ]
    return [sentence.zh if lang == "zh" else sentence.en for sentence in sentences]


def _offers(terms: AuctionTerms) -> Sentence:
    at = moment(terms.closes_at)
    start = Sentence(amount(terms.start_price_fen, "zh"), amount(terms.start_price_fen, "en"))
    side = (
        Sentence(f"不高于最高限价 {start.zh}", f"at most the ceiling price of {start.en}")
        if terms.direction == "reverse"
        else Sentence(f"不低于起始价 {start.zh}", f"at least the start price of {start.en}")
    )
    return Sentence(
        f"报价：{at}（北京时间）前每位竞买人密封报一个价，{side.zh}。截止前可以更换或撤回，以最后一次收下的为准"
        "（招标投标法实施条例第三十五条）；截止时间不因报价延长。",
        f"Offers: until {at} (Beijing) each bidder seals one price, {side.en}. It may be replaced or withdrawn until then, and "
        "the last one accepted counts (Regulations on Tendering, article 35); no offer moves the deadline.",
    )


def _criteria(options: TenderOptions) -> Sentence:
    zh = "、".join(f"{item.zh} {exact(item.weight)} 分" for item in options.criteria)
    en = ", ".join(f"{item.en} {exact(item.weight)}" for item in options.criteria)
    price = exact(options.price_weight)
    return Sentence(
        f"评审因素（满分 100 分）：{zh}、价格 {price} 分。只按公布的因素评审（招标投标法实施条例第四十九条）。",
        f"Criteria (100 points in all): {en}, price {price}. Only what is announced counts (Regulations on Tendering, "
        "article 49).",
    )


def _panel(options: TenderOptions) -> Sentence:
    return Sentence(
        f"评审：由 {options.experts} 位专家逐项打分，每项取平均分，按分数精确计算，不四舍五入。"
        "专家名单在结果公布前保密（招标投标法第三十七条）。不符合要求的可以否决，理由随结果公布"
        "（招标投标法实施条例第五十一条）。",
        f"Panel: {options.experts} experts score each criterion, and their mean counts, in exact fractions without rounding. "
        "Their names are secret until the result (Tendering Law, article 37). An offer that does not meet what is required "
        "may be rejected; the reason is published with the result (Regulations on Tendering, article 51).",
    )


def _locking() -> Sentence:
    return Sentence(
        "先评分、后开价：评分锁定后才开启价格，锁定时公布评分的承诺值，此后不能更改；截止时尚未锁定的，价格不开启，等待锁定。"
        "评分和专家名单随价格一并公开，任何人可以核对承诺值。",
        "Scores before prices: prices open only after the scores are locked. At the locking a commitment to them is "
        "published and nothing in them can change; if they are not locked at the deadline, prices stay sealed until they are. "
        "Scores and experts are published with the prices, and anybody can check them against the commitment.",
    )


def _price_score(terms: AuctionTerms, options: TenderOptions) -> Sentence:
    weight = exact(options.price_weight)
    if terms.direction == "reverse":
        return Sentence(
            f"价格分：有效报价中的最低价 ÷ 该报价 × {weight}。",
            f"Price score: the lowest valid price divided by the offer's price, times {weight}.",
        )
    return Sentence(
        f"价格分：该报价 ÷ 有效报价中的最高价 × {weight}。",
        f"Price score: the offer's price divided by the highest valid price, times {weight}.",
    )


def _result(terms: AuctionTerms) -> Sentence:
    least = terms.min_bidders
    return Sentence(
        f"结果：总分最高者按自己的报价成交；总分相同的，价格分高者为先，再相同的，先收下者为先。按名次公布不超过 "
        f"{MOST_CANDIDATES} 名候选人（招标投标法实施条例第五十三条）。报价少于 {least} 份的，全部不开启，本场不成交，"
        "应当重新组织（招标投标法第二十八条）。",
        f"Result: the highest total wins at its own price; of equal totals the higher price score is better, then the earlier "
        f"offer. At most {MOST_CANDIDATES} candidates are published in order (Regulations on Tendering, article 53). With fewer "
        f"than {least} offers none is opened, nothing is sold, and the tender is to be held again (Tendering Law, article 28).",
    )
