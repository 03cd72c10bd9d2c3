"""How a listing is sold: format, reserve and the right of first refusal, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.auction.rules.engine import publish
from app.auction.rules.formats import FORMATS
from app.auction.rules.words import write_rules
from app.errors import MarketError
from app.trades import rules
from app.trades.errors import ReserveBelowStart
from app.trades.errors_method import (
    HolderUnnamed,
    PriorityNeedsHolders,
    PriorityNotAnswered,
    ReserveAboveCeiling,
)
from app.trades.general_rules import GENERAL
from app.trades.method import (
    FORMAT_WORDS,
    bidding_of,
    check_method,
    check_priority,
    check_reserve,
    method_words,
    require_priority_answer,
    terms_of,
)
from app.trades.trading_rules import example_terms, write_general_rules
from tests.trades.test_rules import BOARD, OFFER

HOLDERS = ["发明人甲", "发明人乙"]


def test_every_format_has_its_words_and_every_word_its_format() -> None:
    assert set(FORMAT_WORDS) == set(FORMATS)
    assert len({words.zh for words in FORMAT_WORDS.values()}) == len(FORMAT_WORDS)
    assert "反向" in method_words("english", "reverse")[0]


def test_the_terms_of_an_offer_are_what_the_engine_plays() -> None:
    offer = replace(
        OFFER,
        reserve_price_fen=11_000_000,
        min_bidders=2,
        priority="post",
        priority_seconds=600,
        priority_holders=HOLDERS,
    )
    published = check_method(offer)
    terms = published.terms
    assert (terms.format, terms.direction, terms.has_reserve) == ("english", "forward", True)
    assert (terms.min_bidders, terms.priority, terms.priority_seconds) == (2, "post", 600)
    assert "11000000" not in str(terms.as_json())
    assert terms == terms_of(offer)


@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"priority": "in_field"}, PriorityNeedsHolders),
        ({"priority_holders": HOLDERS}, PriorityNeedsHolders),
        ({"priority": "in_field", "priority_holders": ["  "]}, HolderUnnamed),
        ({"priority": "in_field", "priority_holders": ["甲", "甲 "]}, HolderUnnamed),
        ({"priority": "in_field", "priority_holders": ["甲" * 101]}, HolderUnnamed),
        ({"priority": "in_field", "priority_holders": [f"发明人{n}" for n in range(21)]}, HolderUnnamed),
    ],
)
def test_holders_are_named_where_a_right_is_offered_and_nowhere_else(
    over: dict[str, Any], refusal: type[MarketError]
) -> None:
    with pytest.raises(refusal) as raised:
        check_priority(replace(OFFER, **over))
    for lang in ("zh", "en"):
        assert raised.value.detail(lang)


def test_the_statutory_priority_of_an_assignment_has_to_be_answered() -> None:
    with pytest.raises(PriorityNotAnswered, match="847"):
        require_priority_answer(OFFER)
    require_priority_answer(replace(OFFER, priority_declared=True))


def test_a_reserve_lies_on_the_buyers_side_of_the_start_price() -> None:
    check_reserve(replace(OFFER, reserve_price_fen=OFFER.start_price_fen))
    with pytest.raises(ReserveBelowStart):
        check_reserve(replace(OFFER, reserve_price_fen=OFFER.start_price_fen - 1))
    reverse = replace(OFFER, direction="reverse")
    check_reserve(replace(reverse, reserve_price_fen=OFFER.start_price_fen))
    with pytest.raises(ReserveAboveCeiling) as raised:
        check_reserve(replace(reverse, reserve_price_fen=OFFER.start_price_fen + 7))
    assert str(OFFER.start_price_fen + 7) not in f"{raised.value} {raised.value.members()}"


@pytest.mark.parametrize("name", sorted(FORMAT_WORDS))
def test_each_formats_example_can_be_played_and_says_how(name: str) -> None:
    words = FORMAT_WORDS[name]
    for is_reverse in (False, True):
        terms = example_terms(name, words, BOARD, is_reverse=is_reverse)
        publish(terms)
        sentences = write_rules(terms)
        assert len(sentences["zh"]) == len(sentences["en"]) > 3


@pytest.mark.parametrize("name", sorted(FORMAT_WORDS))
def test_the_boards_shortest_time_holds_for_formats_that_are_free_all_the_time(name: str) -> None:
    short = replace(OFFER, format=name, closes_at=bidding_of(OFFER).opens_at + timedelta(seconds=1))
    if FORMAT_WORDS[name].is_free:
        with pytest.raises(MarketError, match="Bidding would last"):
            rules.check_times(short, BOARD)
    else:
        rules.check_times(short, BOARD)


def test_the_general_rules_name_the_values_that_the_checks_use() -> None:
    sections = write_general_rules(replace(BOARD, deposit_max_bp=1250, trigger_seconds=90), 45)
    assert [section.key for section in sections] == [part.key for part in GENERAL]
    text = str(sections)
    assert "12.5%" in text
    assert "90 秒" in text
    assert "45 s" in text
    assert "{" not in text
    for section in sections:
        assert len(section.sentences_zh) == len(section.sentences_en)
