"""Scoring (综合评议): criteria with weights, a panel's points, price scores and the ranking, all in exact fractions.

Source: 招标投标法实施条例 articles 49 (only the announced criteria count), 51 (rejected offers) and 53 (at most three
candidates, ranked); the panel's size after 招标投标法 article 37. The price score is P / P_max * W in a sale and
P_min / P * W in a reverse one, as public procurement counts it. Points run from 0 to a criterion's weight, and the
panel's points are the mean of its experts'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors_rounds import ScoresWrong
from app.auction.rules.envelopes import is_forward
from app.auction.rules.terms import commit
from app.chain import canonical

if TYPE_CHECKING:
    from app.auction.rules.envelopes import Opened
    from app.auction.rules.terms import AuctionTerms

MOST_CANDIDATES = 3
FULL_MARKS = Fraction(100)
# Wide enough that what is written of any number read here can be read again.
_EXACT = re.compile(r"\d{1,6}(\.\d{1,6})?|\d{1,12}/[1-9]\d{0,6}", re.ASCII)
_LONGEST_NAME = 60
_LONGEST_REASON = 500
_KEY_LETTERS = re.compile(r"[0-9a-f]{64}")


class Criterion(NamedTuple):
    """One announced criterion (评审因素) apart from the price: its code, its names, its weight out of 100."""

    code: str
    zh: str
    en: str
    weight: Fraction


class Assessment(NamedTuple):
    """What a panel locked: its experts, their points by bidder and criterion in the experts' order, who was rejected."""

    experts: tuple[str, ...]
    points: Mapping[str, Mapping[str, tuple[Fraction, ...]]]
    rejected: Mapping[str, str]
    key: str

    def wire(self) -> dict[str, Any]:
        """The assessment as it is committed to, stored and published: numbers as exact text."""
        return {
            "experts": list(self.experts),
            "scores": {
                bidder: {code: [exact(value) for value in values] for code, values in rows.items()}
                for bidder, rows in self.points.items()
            },
            "rejected": dict(self.rejected),
        }

    def commitment(self) -> str:
        """The commitment that everybody sees from the locking on."""
        return commit(canonical(self.wire()), bytes.fromhex(self.key))


class Ranked(NamedTuple):
    """One offer with what it scored."""

    offer: Opened
    points: Mapping[str, Fraction]
    price_score: Fraction
    total: Fraction

    def wire(self, place: int) -> dict[str, Any]:
        """The place in the ranking as results carry it; ``total_shown`` is rounded for reading, and decides nothing."""
        return {
            "place": place,
            "bidder": self.offer.bidder,
            "bid_id": self.offer.bid_id,
            "amount_fen": self.offer.amount_fen,
            "points": {code: exact(value) for code, value in self.points.items()},
            "price_score": exact(self.price_score),
            "total": exact(self.total),
            "total_shown": shown(self.total),
        }


def exact(value: Fraction) -> str:
    """A fraction as text without loss: 25/2."""
    return str(value)


def shown(value: Fraction) -> str:
    """A fraction rounded half up to two decimals, for reading."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def read_exact(value: object) -> Fraction | None:
    """Reads a number that is not negative from a whole number or text such as 12.5 or 25/2; None for anything else.

    A float is not read: what it was meant to be is not known.
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return Fraction(text) if isinstance(text, str) and _EXACT.fullmatch(text) else None


def read_assessment(criteria: Sequence[Criterion], panel_size: int, members: Mapping[str, Any]) -> Assessment:
    """Reads the members of locking: ``experts``, ``scores``, ``rejected`` and ``key``; raises ScoresWrong."""
    experts = _read_experts(members.get("experts"), panel_size)
    scores, rejected = members.get("scores"), members.get("rejected", {})
    key = members.get("key")
    _demand(
        isinstance(key, str) and _KEY_LETTERS.fullmatch(key) is not None,
        "key 应为 64 位小写十六进制的随机密钥。",
        "the key must be 64 lower-case hex digits, made at random.",
    )
    _demand(
        isinstance(scores, Mapping) and isinstance(rejected, Mapping),
        "scores 应按竞买号和评审因素列出各位专家的分数，rejected 应按竞买号写明否决理由。",
        "scores gives the experts' points by bidder code and criterion, rejected the reasons by bidder code.",
    )
    points = {
        bidder: read_points(criteria, panel_size, bidder, rows) for bidder, rows in (scores or {}).items()
    }
    for bidder, reason in rejected.items():
        _demand(
            isinstance(reason, str) and 0 < len(reason.strip()) <= _LONGEST_REASON and bidder not in points,
            f"竞买号 {bidder}：否决要写明理由（{_LONGEST_REASON} 字以内），被否决的不再评分。",
            f"bidder {bidder}: a rejection says why in at most {_LONGEST_REASON} characters, and is not scored as well.",
        )
    return Assessment(experts, points, dict(rejected), str(key))


def _demand(holds: bool, reason_zh: str, reason_en: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not holds:
        raise ScoresWrong(reason_zh, reason_en)


def _read_experts(given: object, panel_size: int) -> tuple[str, ...]:
    """The experts by name, each once (评标委员会成员)."""
    names = (
        [name.strip() for name in given if isinstance(name, str)]
        if isinstance(given, Sequence) and not isinstance(given, str)
        else []
    )
    fits = len(names) == len(set(names)) == panel_size and all(
        0 < len(name) <= _LONGEST_NAME for name in names
    )
    _demand(
        fits,
        f"评审专家应为公布的 {panel_size} 位，逐一写明姓名，不重复。",
        f"the panel has the announced {panel_size} experts, each named once.",
    )
    return tuple(names)


def read_points(
    criteria: Sequence[Criterion], panel_size: int, bidder: str, rows: object
) -> dict[str, tuple[Fraction, ...]]:
    """One bidder's points: for each criterion one number of each expert, from 0 to the weight."""
    codes = [criterion.code for criterion in criteria]
    _demand(
        isinstance(rows, Mapping) and set(rows) == set(codes),
        f"竞买号 {bidder}：应当按公布的评审因素逐项评分（{'、'.join(codes)}），不多不少。",
        f"bidder {bidder}: the announced criteria are scored, all of them and no other: {', '.join(codes)}.",
    )
    points: dict[str, tuple[Fraction, ...]] = {}
    for criterion in criteria:
        given = rows[criterion.code] if isinstance(rows, Mapping) else ()
        values = [read_exact(value) for value in given] if isinstance(given, list | tuple) else []
        read = tuple(value for value in values if value is not None and value <= criterion.weight)
        _demand(
            len(read) == len(values) == panel_size,
            f"竞买号 {bidder} 的“{criterion.zh}”应有 {panel_size} 位专家的分数，每个为 0 至 {exact(criterion.weight)}，"
            "写成整数、小数文本（如 12.5）或分数文本（如 25/2）。",
            f"bidder {bidder}, {criterion.en}: {panel_size} numbers from 0 to {exact(criterion.weight)}, each whole, or text "
            "such as 12.5 or 25/2.",
        )
        points[criterion.code] = read
    return points


def price_score(terms: AuctionTerms, weight: Fraction, best_fen: int, amount_fen: int) -> Fraction:
    """The score of a price against the best one: the whole weight for the best."""
    share = Fraction(amount_fen, best_fen) if is_forward(terms) else Fraction(best_fen, amount_fen)
    return share * weight


def evaluate(
    terms: AuctionTerms, price_weight: Fraction, assessment: Assessment, opened: Sequence[Opened]
) -> list[Ranked]:
    """Ranks the offers that were assessed and not rejected; ``opened`` is in order of acceptance.

    The highest total first; of equal totals the higher price score, then the earlier offer.
    """
    offers = [offer for offer in opened if offer.bidder in assessment.points]
    amounts = [offer.amount_fen for offer in offers]
    if not amounts:
        return []
    best = max(amounts) if is_forward(terms) else min(amounts)
    ranked = []
    for offer in offers:
        means = {
            code: sum(values, Fraction(0)) / len(values)
            for code, values in assessment.points[offer.bidder].items()
        }
        score = price_score(terms, price_weight, best, offer.amount_fen)
        ranked.append(Ranked(offer, means, score, score + sum(means.values(), Fraction(0))))
    return sorted(ranked, key=lambda item: (-item.total, -item.price_score))
