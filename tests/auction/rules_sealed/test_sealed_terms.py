"""Parameters of sealed sales and the words made from them."""

from __future__ import annotations

from typing import Any

import pytest

from app.auction.errors import TermsInvalid
from app.auction.rules.engine import publish
from app.auction.rules.sealed import SealedOptions
from tests.auction.rules_sealed.making import make_terms, seconds


@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"options": {"one_shots": True}}, "one_shots"),
        ({"options": {"one_shot": 1}}, "one_shot"),
        ({"options": {"tie_rule": "coin"}}, "tie_rule"),
        ({"options": {"tie_rule": ["earliest"]}}, "tie_rule"),
        ({"options": {"tie_rule": "extra_round"}}, "extra_seconds"),
        ({"options": {"tie_rule": "extra_round", "extra_seconds": True}}, "extra_seconds"),
        ({"options": {"extra_seconds": 60}}, "extra_seconds"),
        ({"hard_end_at": seconds(9999)}, "最迟结束时间"),
        ({"priority": "in_field"}, "场内"),
    ],
)
def test_contradictory_parameters_are_refused_in_both_languages(over: dict[str, Any], word: str) -> None:
    with pytest.raises(TermsInvalid) as caught:
        publish(make_terms(**over))
    assert word in caught.value.detail("zh")
    assert caught.value.reason_en


def test_parameters_have_defaults() -> None:
    assert publish(make_terms()).options == SealedOptions()


def words(lang: str, **over: Any) -> str:
    """The sentences of one sealed sale."""
    published = publish(make_terms(**over))
    return "\n".join(published.format.words(published.terms, published.options, lang))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sealed_first_price", "vickrey"])
@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize(
    "over",
    [
        {},
        {"min_bidders": 3, "has_reserve": True},
        {
            "options": {
                "one_shot": True,
                "multiples_only": True,
                "tie_rule": "extra_round",
                "extra_seconds": 600,
            }
        },
    ],
)
def test_both_languages_say_equally_much(name: str, direction: str, over: dict[str, Any]) -> None:
    zh, en = (words(lang, format=name, direction=direction, **over) for lang in ("zh", "en"))
    assert len(zh.splitlines()) == len(en.splitlines())
    assert "拍卖" not in zh
    for part in ("100.00", "2026-12-01 10:00:00"):
        assert part in zh
        assert part in en


def test_the_words_say_what_is_secret_and_what_is_not_promised() -> None:
    assert "工作人员" in words("zh")
    assert "最高权限" in words("zh")
    assert "full control of the settling machine" in words("en").replace("\n", " ")


def test_the_words_follow_each_parameter() -> None:
    plain = words("en")
    variants = [
        words("en", **over)
        for over in (
            {"format": "vickrey"},
            {"direction": "reverse"},
            {"min_bidders": 3},
            {"has_reserve": True},
            {"options": {"one_shot": True}},
            {"options": {"multiples_only": True}},
            {"options": {"tie_rule": "extra_round", "extra_seconds": 90}},
            {"start_price_fen": 90_00},
        )
    ]
    assert len({plain, *variants}) == len(variants) + 1
    assert "90 s" in variants[6]
    assert "fewer than 3" in variants[2]
