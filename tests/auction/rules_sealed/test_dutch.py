"""The price clock: its ticks, the one take that counts, stale takes, lateness, interruptions, the mirror."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import AuctionNotOpen, AuctionOver, KindNotOffered, NotAdmitted, TermsInvalid
from app.auction.errors_sealed import StepPassed, TakeUnclear
from app.auction.rules.engine import publish
from app.auction.rules.game import Kind, Standing
from app.chain import HOST, PUBLIC
from tests.auction.rules_sealed.making import OPENS, Hall, make_clock, make_terms, seconds


def test_the_price_falls_by_the_step_at_each_tick_to_the_floor() -> None:
    hall = Hall(make_clock())
    hall.finish()
    fallen = [hall.body(event) for event in hall.streams[PUBLIC] if event.kind == "price_fell"]
    assert [item["asking_fen"] for item in fallen] == [90_00, 80_00, 70_00, 60_00, 50_00]
    assert [item["step"] for item in fallen] == [1, 2, 3, 4, 5]
    assert hall.state.detail.next_tick_at is None


def test_a_floor_that_nobody_takes_for_one_tick_ends_unsold() -> None:
    hall = Hall(make_clock())
    result = hall.finish()
    assert (result["outcome"], result["reason"], result["price_fen"]) == ("unsold", "no_bid", None)
    assert hall.state.ends_at == seconds(360)


def test_the_first_take_buys_at_the_price_it_saw_and_ends_the_sale_at_once() -> None:
    hall = Hall(make_clock())
    judged = hall.take("B02", seconds(125), 2, 80_00)
    assert (judged.audience, judged.event.kind, judged.ends_at) == (PUBLIC, "bid_accepted", seconds(125))
    assert hall.fold(OPENS).due_at() == seconds(125)
    result = hall.finish()
    assert (result["outcome"], result["winner"], result["price_fen"]) == ("sold", "B02", 80_00)
    assert hall.kinds(PUBLIC) == [
        "auction_opened",
        "price_fell",
        "price_fell",
        "bid_accepted",
        "auction_closed",
    ]


def test_two_takes_in_one_tick_the_first_wins() -> None:
    hall = Hall(make_clock())
    hall.take("B02", seconds(61), 1, 90_00)
    for now in (61, 62):
        assert isinstance(hall.take("A01", seconds(now), 1, 90_00).refusal, AuctionOver)
    assert hall.finish()["winner"] == "B02"


def test_a_stale_step_is_refused_with_both_prices() -> None:
    hall = Hall(make_clock())
    judged = hall.take("A01", seconds(60), 0, 100_00)
    refusal = judged.refusal
    assert isinstance(refusal, StepPassed)
    assert (refusal.seen_fen, refusal.asking_fen) == (100_00, 90_00)
    for lang in ("zh", "en"):
        told = refusal.detail(lang)
        assert "100.00" in told
        assert "90.00" in told
    assert judged.audience == HOST
    assert hall.state.leader is None


@pytest.mark.parametrize(("step", "amount_fen"), [(1, 100_00), (0, 90_00), (2, 80_00)])
def test_a_take_must_name_step_and_price_of_now(step: int, amount_fen: int) -> None:
    hall = Hall(make_clock())
    assert isinstance(hall.take("A01", seconds(61), step, amount_fen).refusal, StepPassed)


def test_a_take_without_step_or_price_is_told_what_to_name() -> None:
    hall = Hall(make_clock())
    for members in ({"step": 1}, {"amount_fen": 90_00}, {}):
        refusal = hall.ask(Kind.TAKE, "A01", seconds(61), **members).refusal
        assert isinstance(refusal, TakeUnclear)
        assert (refusal.step, refusal.asking_fen) == (1, 90_00)


def test_the_tick_belongs_to_the_new_price() -> None:
    early, late = Hall(make_clock()), Hall(make_clock())
    assert early.take("A01", seconds(60) - timedelta(microseconds=1), 0, 100_00).refusal is None
    assert late.take("A01", seconds(60), 1, 90_00).refusal is None


def test_the_floor_may_be_taken_until_its_tick_ends() -> None:
    hall = Hall(make_clock())
    assert isinstance(hall.take("A01", seconds(360), 5, 50_00).refusal, AuctionOver)
    hall = Hall(make_clock())
    assert hall.take("A01", seconds(360) - timedelta(microseconds=1), 5, 50_00).refusal is None


def test_several_due_ticks_are_each_told_with_their_own_instants() -> None:
    hall = Hall(make_clock())
    hall.work(seconds(190))
    fallen = [hall.body(event) for event in hall.streams[PUBLIC] if event.kind == "price_fell"]
    assert [item["began_at"] for item in fallen] == [
        f"2026-12-01T01:0{minute}:00.000000Z" for minute in (1, 2, 3)
    ]
    assert hall.state.detail.next_tick_at == seconds(240)


def test_lateness_moves_no_tick_and_no_end() -> None:
    on_time, late = Hall(make_clock()), Hall(make_clock())
    on_time.finish()
    late.work(seconds(100_000))
    assert late.state == on_time.state
    assert late.kinds(PUBLIC) == on_time.kinds(PUBLIC)


def test_before_the_opening_nothing_can_be_taken() -> None:
    hall = Hall(make_clock())
    assert isinstance(hall.take("A01", seconds(-1), 0, 100_00).refusal, AuctionNotOpen)
    assert isinstance(
        hall.ask(Kind.TAKE, "A01", seconds(1), step=0, amount_fen=100_00, standing=Standing.STRANGER).refusal,
        NotAdmitted,
    )
    assert isinstance(hall.ask(Kind.BID, "A01", seconds(1), amount_fen=100_00).refusal, KindNotOffered)


def test_a_rising_clock_mirrors_a_falling_one() -> None:
    hall = Hall(make_clock(direction="reverse"))
    assert hall.take("A01", seconds(125), 2, 120_00).refusal is None
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 120_00)
    assert "price_rose" in hall.kinds(PUBLIC)
    assert "price_fell" not in hall.kinds(PUBLIC)


def suspend(hall: Hall, at: float, until: float, hard_end: float | None = None) -> None:
    """An interruption as the worker treats it: suspended before any due tick is carried out, resumed later."""
    fold = hall.fold(seconds(at))
    fold.suspend("停电", "power cut", cause="interruption")
    hall.keep(fold)
    fold = hall.fold(seconds(until))
    fold.resume(None if hard_end is None else seconds(hard_end))
    hall.keep(fold)


def test_after_an_interruption_the_price_stands_where_it_stood_for_a_full_tick() -> None:
    hall = Hall(make_clock())
    hall.work(seconds(70))
    suspend(hall, 500, 1000)
    assert (hall.state.detail.step, hall.state.detail.asking_fen) == (1, 90_00)
    assert (hall.state.detail.began_at, hall.state.detail.next_tick_at) == (seconds(1000), seconds(1060))
    assert hall.state.ends_at == seconds(1000 + 5 * 60)
    assert hall.take("A01", seconds(1059), 1, 90_00).refusal is None


def test_what_remained_before_an_interruption_remains_after_it() -> None:
    hall = Hall(make_clock())
    hall.work(seconds(70))
    suspend(hall, 80, 1000)
    hall.finish()
    assert hall.state.ends_at == seconds(1300)
    assert hall.state.detail.asking_fen == 50_00


def test_a_re_announced_hard_end_cuts_the_clock() -> None:
    hall = Hall(make_clock())
    hall.work(seconds(70))
    suspend(hall, 80, 1000, hard_end=1090)
    hall.work(seconds(5000))
    assert hall.state.ends_at == seconds(1090)
    assert hall.state.detail.asking_fen == 80_00
    assert hall.state.phase == "unsold"


def test_a_price_that_was_taken_before_an_interruption_stays_taken() -> None:
    hall = Hall(make_clock())
    hall.take("A01", seconds(70), 1, 90_00)
    suspend(hall, 71, 1000)
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 90_00)


def test_the_taking_of_bids_is_watched_from_the_beginning_of_the_tick() -> None:
    hall = Hall(make_clock())
    hall.work(seconds(130))
    assert hall.rules.watched_since(hall.game, hall.state) == seconds(120)
    hall.take("A01", seconds(140), 2, 80_00)
    assert hall.rules.watched_since(hall.game, hall.state) == seconds(120)


def test_the_one_amount_that_may_be_taken_is_offered() -> None:
    hall = Hall(make_clock())
    assert hall.offer("A01", seconds(-1)).kinds == ()
    hall.work(seconds(70))
    offer = hall.offer("A01", seconds(71))
    assert (offer.kinds, offer.limit_fen, offer.amounts_fen) == ((Kind.TAKE,), 90_00, (90_00,))
    hall.take("A01", seconds(72), 1, 90_00)
    assert hall.offer("B02", seconds(73)).kinds == ()


def test_the_worker_is_due_at_each_tick_and_at_the_end() -> None:
    hall = Hall(make_clock())
    due = []
    while (at := hall.fold(OPENS).due_at()) is not None:
        due.append(at)
        hall.work(at)
    assert due == [seconds(count) for count in (0, 60, 120, 180, 240, 300, 360)]


@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"closes_at": seconds(361)}, "09:06:00"),
        ({"options": {"tick_seconds": 0}}, "tick_seconds"),
        ({"options": {"floor_price_fen": 55_00}}, "幅度的整数倍"),
        ({"options": {"floor_price_fen": 100_00}}, "底价要低于起始价"),
        ({"options": {"floor_price_fen": 110_00}}, "底价要低于起始价"),
        ({"options": {"ceiling_price_fen": 50_00}}, "只填一个"),
        ({"direction": "reverse", "options": {"ceiling_price_fen": 90_00}}, "最高价要高于起始价"),
        ({"options": {"tick": 60}}, "tick"),
        ({"step_fen": 1, "steps": 1001}, "1001"),
        ({"has_reserve": True}, "保留价"),
        ({"min_bidders": 2}, "最少竞买人数"),
        ({"hard_end_at": seconds(9999)}, "最迟结束时间"),
        ({"priority": "in_field"}, "场内"),
    ],
)
def test_terms_that_a_clock_cannot_be_played_by_are_refused(over: dict[str, Any], word: str) -> None:
    with pytest.raises(TermsInvalid) as caught:
        publish(make_clock(**over))
    assert word in caught.value.detail("zh")
    assert caught.value.reason_en


def test_a_falling_clock_wants_a_floor_and_a_rising_one_a_ceiling() -> None:
    for direction, name in (("forward", "ceiling_price_fen"), ("reverse", "floor_price_fen")):
        terms = make_terms(
            format="dutch",
            direction=direction,
            closes_at=seconds(360),
            options={"tick_seconds": 60, name: 50_00 if name.startswith("c") else 150_00},
        )
        with pytest.raises(TermsInvalid):
            publish(terms)


def test_the_words_name_price_step_tick_floor_and_end() -> None:
    terms = make_clock()
    rules = publish(terms)
    zh = "".join(rules.format.words(terms, rules.options, "zh"))
    en = " ".join(rules.format.words(terms, rules.options, "en"))
    for part in ("100.00", "10.00", "50.00", "2026-12-01 09:06:00"):
        assert part in zh
        assert part in en
    assert "1 分钟" in zh
    assert "1 min" in en
    assert "拍卖" not in zh
