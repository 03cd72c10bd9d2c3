"""Rules of an offer and the state machines, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import TermsInvalid
from app.calendar_days import Period, Unit
from app.errors import MarketError
from app.money import MAX_FEN
from app.trades import rules
from app.trades.errors import (
    AmountNotPositive,
    BiddingTooShort,
    DepositTooHigh,
    ExtensionOutOfRange,
    HardEndTooEarly,
    IntentStateForbids,
    ListingStateForbids,
    OpeningPassed,
    PatentExpired,
    PatentExpiresBeforeTheClose,
    ReserveBelowStart,
    ReservedWord,
    RightsUnknown,
    TextOutOfRange,
)
from app.trades.method import bidding_of
from app.trades.rules import BoardRules, Offer
from app.trades.states import (
    IntentStatus,
    ListingAct,
    ListingStatus,
    check_intent_step,
    next_listing_status,
)

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BOARD = BoardRules(
    deposit_max_bp=3000,
    minimum_seconds=86400,
    trigger_seconds=300,
    extension_seconds=300,
    prolongation=Period(5, Unit.WORKING_DAY),
)
OFFER = Offer(
    title="一种虚构的温控装置",
    description="适用于冷链运输，已有样机，可现场验证。",
    encumbrances="",
    start_price_fen=10_000_000,
    step_fen=100_000,
    deposit_fen=3_000_000,
    opens_at=NOW + timedelta(hours=1),
    closes_at=NOW + timedelta(hours=25),
    hard_end_at=None,
    trigger_seconds=300,
    extension_seconds=300,
)


def check(**over: Any) -> None:
    rules.check_offer(replace(OFFER, **over), BOARD, "一种虚构的温控装置")


def test_a_sound_offer_passes() -> None:
    check()
    check(reserve_price_fen=10_000_000, hard_end_at=OFFER.closes_at + timedelta(hours=1))


@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"start_price_fen": 0}, AmountNotPositive),
        ({"start_price_fen": MAX_FEN + 1}, AmountNotPositive),
        ({"step_fen": 0}, AmountNotPositive),
        ({"step_fen": -1}, AmountNotPositive),
        ({"deposit_fen": 0}, AmountNotPositive),
        ({"deposit_fen": 3_000_001}, DepositTooHigh),
        ({"reserve_price_fen": 9_999_999}, ReserveBelowStart),
        ({"reserve_price_fen": 0}, ReserveBelowStart),
        ({"reserve_price_fen": MAX_FEN + 1}, ReserveBelowStart),
        ({"format": "raffle"}, TermsInvalid),
        ({"min_bidders": 0}, TermsInvalid),
        ({"closes_at": OFFER.closes_at - timedelta(microseconds=1)}, BiddingTooShort),
        ({"closes_at": OFFER.opens_at}, BiddingTooShort),
        ({"hard_end_at": OFFER.closes_at}, HardEndTooEarly),
        ({"trigger_seconds": 0}, ExtensionOutOfRange),
        ({"extension_seconds": 3601}, ExtensionOutOfRange),
        ({"rights": "ordinary_licence"}, RightsUnknown),
        ({"title": " "}, TextOutOfRange),
        ({"description": "短"}, TextOutOfRange),
        ({"description": "字" * 5001}, TextOutOfRange),
        ({"description": "本项目将公开拍卖，欢迎各方参加。"}, ReservedWord),
        ({"title": "温控专利拍 卖"}, ReservedWord),
        ({"encumbrances": "另案拍賣中"}, ReservedWord),
    ],
)
def test_what_is_wrong_with_an_offer_is_said(over: dict[str, Any], refusal: type[MarketError]) -> None:
    with pytest.raises(refusal) as raised:
        check(**over)
    assert raised.value.status == 422
    for lang in ("zh", "en"):
        assert raised.value.detail(lang)


def test_a_patent_whose_own_title_says_it_may_be_listed_under_its_title() -> None:
    title = "一种网络拍卖服务器的负载均衡方法"
    rules.check_offer(replace(OFFER, title=title, description=f"{title}，发明专利一件。"), BOARD, title)
    with pytest.raises(ReservedWord):
        rules.check_offer(replace(OFFER, title=f"拍卖：{title}"), BOARD, title)


def test_a_refused_reserve_is_not_repeated_anywhere() -> None:
    with pytest.raises(ReserveBelowStart) as raised:
        check(reserve_price_fen=9_123_457)
    told = f"{raised.value.members()} {raised.value.detail('zh')} {raised.value.detail('en')} {raised.value}"
    assert "9123457" not in told
    assert "91,234.57" not in told
    assert "12345" not in repr(replace(OFFER, reserve_price_fen=12_345_678))


@given(st.integers(1, MAX_FEN), st.integers(0, 10_000))
def test_the_highest_deposit_is_the_share_rounded_down(start_price_fen: int, deposit_max_bp: int) -> None:
    board = replace(BOARD, deposit_max_bp=deposit_max_bp)
    highest = start_price_fen * deposit_max_bp // 10_000
    if highest > 0:
        rules.check_price_terms(replace(OFFER, start_price_fen=start_price_fen, deposit_fen=highest), board)
    if highest < MAX_FEN:
        with pytest.raises(DepositTooHigh):
            rules.check_price_terms(
                replace(OFFER, start_price_fen=start_price_fen, deposit_fen=highest + 1), board
            )


@pytest.mark.parametrize(("points", "words"), [(3000, "30"), (1250, "12.5"), (1, "0.01"), (10_000, "100")])
def test_basis_points_are_written_as_per_cent(points: int, words: str) -> None:
    assert rules.percent_of(points) == words


def test_a_bidding_that_opens_now_has_passed() -> None:
    opens_at = bidding_of(OFFER).opens_at
    rules.check_opening(OFFER, opens_at - timedelta(microseconds=1))
    with pytest.raises(OpeningPassed):
        rules.check_opening(OFFER, opens_at)


@pytest.mark.parametrize(
    ("today", "closes_on", "refusal"),
    [
        (date(2034, 4, 27), date(2034, 4, 27), None),
        (date(2034, 4, 26), date(2034, 4, 28), PatentExpiresBeforeTheClose),
        (date(2034, 4, 28), date(2034, 4, 29), PatentExpired),
    ],
)
def test_a_patent_is_sold_only_within_its_term(
    today: date, closes_on: date, refusal: type[MarketError] | None
) -> None:
    def judge() -> None:
        rules.check_in_term(
            application_no="CN201410174011.1",
            expires_on=date(2034, 4, 28),
            today=today,
            closes_on=closes_on,
            closes_at=NOW,
        )

    if refusal is None:
        judge()
        return
    with pytest.raises(refusal, match="2034-04-28"):
        judge()


def test_a_listing_goes_only_its_way_and_says_what_is_possible() -> None:
    allowed = {
        ("draft", "change"): "draft",
        ("draft", "submit"): "in_review",
        ("returned", "change"): "returned",
        ("returned", "submit"): "in_review",
        ("in_review", "accept"): "accepted",
        ("in_review", "return"): "returned",
        ("accepted", "publish"): "listed",
        ("accepted", "return"): "returned",
        ("listed", "suspend"): "suspended",
        ("listed", "announce"): "listed",
        ("listed", "prolong"): "listed",
        ("suspended", "resume"): "listed",
        ("suspended", "terminate"): "terminated",
        ("listed", "sell"): "sold",
        ("listed", "close_unsold"): "unsold",
        ("listed", "terminate"): "terminated",
        ("sold", "terminate"): "terminated",  # its deal is in default
        ("terminated", "sell"): "sold",  # another deal took its place
    }
    for present in ListingStatus:
        for act in ListingAct:
            wanted = allowed.get((present.value, act.value))
            if wanted is not None:
                assert next_listing_status(present, act) == wanted
                continue
            with pytest.raises(ListingStateForbids) as refusal:
                next_listing_status(present, act)
            possible = {name for status, name in allowed if status == present}
            # A sold one ends by the default of its deal, which nobody is offered here.
            shown = set() if present == "sold" else possible - {"sell", "close_unsold", "prolong"}
            assert set(refusal.value.possible) == shown
            assert refusal.value.listing_status == present


def test_an_intent_goes_only_its_way() -> None:
    allowed = {
        ("submitted", "qualified"),
        ("submitted", "rejected"),
        ("submitted", "lost"),
        ("qualified", "admitted"),
        ("qualified", "lost"),
        ("qualified", "paid"),
        ("paid", "admitted"),
        ("paid", "won"),
        ("paid", "lost"),
        ("admitted", "won"),
        ("admitted", "lost"),
        ("admitted", "paid"),
        ("submitted", "withdrawn"),
        ("qualified", "withdrawn"),
        ("paid", "withdrawn"),
        ("admitted", "withdrawn"),
    }
    for present in IntentStatus:
        for wanted in IntentStatus:
            if (present.value, wanted.value) in allowed:
                check_intent_step(present, wanted)
            else:
                with pytest.raises(IntentStateForbids):
                    check_intent_step(present, wanted)


@pytest.mark.parametrize("reason", ["", "    ", "不行", "字" * 1001])
def test_a_reason_says_enough_and_not_too_much(reason: str) -> None:
    with pytest.raises(TextOutOfRange):
        rules.check_reason(reason)
    assert rules.check_reason("  请补交评估报告。 ") == "请补交评估报告。"
    assert rules.check_reason("", is_needed=False) == ""
