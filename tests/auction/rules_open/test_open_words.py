"""The rules in words: each decision is said, in both languages, from the parameters that the engine uses."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from app.auction.rules.words import write_rules
from tests.auction.rules_open.playing import TEN, make_terms

AUTOMATIC: dict[str, Any] = {"options": {"automatic": True}}


def texts(**over: Any) -> tuple[str, str]:
    """All sentences of a sale, in each language."""
    rules = write_rules(make_terms(**over))
    return "".join(rules["zh"]), " ".join(rules["en"])


def test_the_words_follow_the_parameters() -> None:
    plain, other = make_terms(), make_terms(extension_seconds=60, step_fen=5_000_00)
    assert write_rules(plain)["sha256"] != write_rules(other)["sha256"]
    assert write_rules(plain) == write_rules(make_terms())
    zh, en = texts(extension_seconds=60, step_fen=5_000_00)
    assert "5,000.00" in zh
    assert "5,000.00" in en
    assert "1 分钟" in zh
    assert "1 min" in en


def test_every_combination_is_said_in_both_languages_and_never_called_an_auction_house_sale() -> None:
    for direction, form, automatic, entry, priority, has_reserve, ladder in product(
        ("forward", "reverse"),
        ("english", "free_limited"),
        (False, True),
        ("anybody", "free_bidders"),
        ("none", "in_field", "post"),
        (False, True),
        (None, [[0, 1_000_00], [50_000_00, 10_000_00]]),
    ):
        options: dict[str, Any] = {"automatic": automatic}
        if form == "free_limited":
            options["entry"] = entry
        if ladder:
            options["ladder"] = ladder
        terms = make_terms(
            direction=direction,
            format=form,
            options=options,
            priority=priority,
            priority_seconds=3600,
            has_reserve=has_reserve,
            min_bidders=2,
        )
        rules = write_rules(terms)
        assert len(rules["zh"]) == len(rules["en"])
        chinese = "".join(rules["zh"]).replace("拍卖法", "")
        assert "拍卖" not in chinese
        assert ("加价" in chinese or "起始价" in chinese) == (direction == "forward")


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("第一个自动出价上限使当前价为起始价", "The first maximum makes the start price the price"),
        ("先设的领先，当前价为该数额", "the maximum set earlier leads and the price is that amount"),
        ("才补足到对手报价再加一档", "moves to the full step"),
        ("当前价就是该自动出价上限", "the price is that maximum"),
        ("只能提高", "can only be raised"),
        ("没有改变当前价或领先者的请求和被拒绝的出价不延时", "What changes neither price nor leader"),
        ("结束后在核验包中按竞买号公开", "are opened under bidder codes"),
        ("以得到同样过程的最小幅度数额代替", "replaced by the least that gives the same course"),
    ],
)
def test_each_point_in_which_engines_differ_is_said(zh: str, en: str) -> None:
    chinese, english = texts(**AUTOMATIC)
    assert zh in chinese
    assert en in english


def test_a_hidden_reserve_and_its_jump_are_said_where_there_is_one() -> None:
    with_reserve, without = texts(**AUTOMATIC, has_reserve=True), texts(**AUTOMATIC)
    assert "当前价立即变为保留价" in with_reserve[0]
    assert "the price becomes the reserve at once" in with_reserve[1]
    assert "只公布已达到或未达到" in with_reserve[0]
    assert "立即变为保留价" not in without[0]
    assert "不设保留价" in without[0]


def test_without_automatic_bidding_no_maximum_is_mentioned() -> None:
    zh, en = texts()
    assert "上限" not in zh
    assert "maximum" not in en


def test_a_match_and_who_answers_it_are_said() -> None:
    zh, en = texts(**AUTOMATIC, priority="in_field")
    assert "让位于优先购买权" in zh
    assert "gives way to the right" in en
    assert "先跟价的保持领先" in zh
    zh, en = texts(priority="post", priority_seconds=1800)
    assert "逾期不答复视为放弃" in zh
    assert "30 分钟" in zh
    assert "Silence waives" in en


def test_the_periods_and_both_variants_of_entry_are_said() -> None:
    zh, en = texts(format="free_limited", options={"cycle_seconds": 180})
    assert "重新计一个完整周期" in zh
    assert "3 分钟" in zh
    assert "Every admitted bidder may".lower() in en.lower()
    zh, en = texts(format="free_limited", options={"entry": "free_bidders", "entry_seconds": 240})
    assert "4 分钟内确认进入" in zh
    assert "无人确认的，不进行限时报价" in zh
    assert "If nobody confirms" in en


def test_a_ladder_is_published_row_by_row() -> None:
    zh, en = texts(options={"ladder": [[0, 1_000_00], [50_000_00, 10_000_00]]})
    assert "50,000.00 元起每档 10,000.00 元" in zh
    assert "from CNY 50,000.00 CNY 10,000.00" in en


def test_ends_are_said_in_beijing_time() -> None:
    zh, en = texts(hard_end_at=TEN + timedelta(hours=1))
    assert "2026-12-01 10:00:00 结束" in zh
    assert "任何延时都不超过 2026-12-01 11:00:00" in zh
    assert "No extension goes past 2026-12-01 11:00:00" in en


def test_what_remains_after_a_suspension_is_said_by_the_format() -> None:
    zh, en = texts()
    assert "至少一个完整的延时时间" in zh
    assert "at least one full extension" in en
    zh, en = texts(format="free_limited", options={})
    assert "至少一个完整周期" in zh
    assert "at least one full cycle" in en


def test_a_falling_sale_speaks_of_a_ceiling_and_the_lowest_bid() -> None:
    zh, en = texts(direction="reverse", **AUTOMATIC)
    assert "最高限价" in zh
    assert "最低的有效报价" in zh
    assert "自动报价下限" in zh
    assert "ceiling price" in en
    assert "lowest valid bid" in en
