"""Scoring: exact numbers only, whole assessments only, weights of exactly one hundred."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import TermsInvalid
from app.auction.errors_rounds import ScoresWrong
from app.auction.rules.engine import publish
from app.auction.rules.scoring import price_score, read_assessment, read_exact, shown
from tests.auction.rules_rounds.making_tenders import CRITERIA, EXPERTS, make_tender, offered, scores
from tests.auction.rules_sealed.making import seconds

WRONG: list[dict[str, Any]] = [
    {"experts": EXPERTS[:4]},
    {"experts": [*EXPERTS[:4], "王一"]},
    {"experts": "王一王二王三王四王五"},
    {"key": "ab"},
    {"key": None},
    {"scores": None},
    {"scores": {"A01": {"tech": [1] * 5}}},
    {"scores": {"A01": {"tech": [1] * 5, "team": [1] * 4}}},
    {"scores": {"A01": {"tech": [46] * 5, "team": [1] * 5}}},
    {"scores": {"A01": {"tech": [1.5] * 5, "team": [1] * 5}}},
    {"scores": {"A01": {"tech": ["-1"] * 5, "team": [1] * 5}}},
    {"scores": {"A01": {"tech": [True] * 5, "team": [1] * 5}}},
    {"scores": {"A01": {"tech": ["1/0"] * 5, "team": [1] * 5}}},
    {"rejected": {"A01": "已评分又否决"}},
    {"rejected": {"B02": " "}},
]


@pytest.mark.parametrize("over", WRONG)
def test_scores_that_do_not_follow_the_announcement_are_refused(over: dict[str, Any]) -> None:
    hall = offered(100_00)
    before = hall.state
    with pytest.raises(ScoresWrong):
        hall.lock(seconds(100), {**scores(A01=40), **over})
    assert hall.state == before


BAD_TERMS: list[dict[str, Any]] = [
    {"options": {"price_weight": "39.9"}},
    {"options": {"price_weight": 40.0}},
    {"options": {"price_weight": "100"}},
    {"options": {"price_weight": None}},
    {"options": {"experts": 4}},
    {"options": {"experts": 6}},
    {"options": {"criteria": []}},
    {"options": {"criteria": [{"code": "Tech", "zh": "技术", "en": "tech", "weight": 60}]}},
    {"options": {"criteria": [{"code": "tech", "zh": "技术", "weight": 60}]}},
    {"options": {"criteria": [{**CRITERIA[0], "weight": 30}, {**CRITERIA[0], "weight": 30}]}},
    {"options": {"panel": 5}},
    {"has_reserve": True},
    {"min_bidders": 1},
    {"hard_end_at": seconds(9999)},
    {"priority": "in_field"},
]


@pytest.mark.parametrize("over", BAD_TERMS)
def test_terms_that_do_not_fit_are_refused(over: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid):
        publish(make_tender(**over))


def test_thirds_sum_to_exactly_one_hundred() -> None:
    thirds = [{"code": f"c{n}", "zh": "项", "en": "item", "weight": "100/3"} for n in range(2)]
    options = publish(make_tender(options={"price_weight": "100/3", "criteria": thirds})).options
    assert options.price_weight == Fraction(100, 3)


def test_a_shown_total_is_rounded_half_up() -> None:
    assert [shown(Fraction(n, 1000)) for n in (5, 4, 1005, 99_995)] == ["0.01", "0.00", "1.01", "100.00"]


@given(
    st.one_of(
        st.fractions(0, 100, max_denominator=9_999_999).map(str),
        st.decimals(0, 999_999, places=6).map(lambda number: f"{number:f}"),
    )
)
def test_what_was_read_is_written_so_that_it_reads_the_same(text: str) -> None:
    value = read_exact(text)
    assert value == Fraction(text)
    assert read_exact(str(value)) == value


PRICES = st.lists(st.integers(1, 10**9), min_size=1, max_size=6)


@given(prices=PRICES, weight=st.fractions(1, 100, max_denominator=1000))
def test_price_scores_mirror_each_other_between_forward_and_reverse(
    prices: list[int], weight: Fraction
) -> None:
    forward, reverse = make_tender(), make_tender(direction="reverse")
    for price in prices:
        up = price_score(forward, weight, max(prices), price)
        down = price_score(reverse, weight, min(prices), price)
        assert 0 < up <= weight
        assert 0 < down <= weight
        # One price turned into its inverse gives the other's score.
        assert up == price * weight / max(prices)
        assert down == min(prices) * weight / price
    assert price_score(forward, weight, max(prices), max(prices)) == weight
    assert price_score(reverse, weight, min(prices), min(prices)) == weight


def test_an_assessment_reads_back_as_it_was_locked() -> None:
    options = publish(make_tender()).options
    read = read_assessment(options.criteria, 5, scores({"B02": "不响应"}, A01="12.5"))
    again = read_assessment(options.criteria, 5, {**read.wire(), "key": read.key})
    assert again == read
    assert again.commitment() == read.commitment()
