"""Raise or accept: one act ends a round, a round without an act ends the sale."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import AuctionOver, BidOffStep, BidTooLarge, BidTooLow, TermsInvalid
from app.auction.errors_open import BidNotPositive, BidTooHigh
from app.auction.errors_rounds import LeadsAlready, RoundPassed, RoundPaused, RoundUnclear
from app.auction.rules.engine import publish
from app.auction.rules.game import Kind
from app.auction.rules.words import write_rules
from app.chain import HOST, PUBLIC
from app.money import MAX_FEN
from tests.auction.rules_rounds.making import RoundsHall, make_raising
from tests.auction.rules_sealed.making import CODES, OPENS, replay, seconds


def accept(hall: RoundsHall, bidder: str, now: datetime, step: int | None, amount_fen: int | None) -> Any:
    """Accepts a round's price as the bidder saw it."""
    return hall.ask(Kind.ACCEPT, bidder, now, step=step, amount_fen=amount_fen)


def raise_to(hall: RoundsHall, bidder: str, now: datetime, step: int | None, amount_fen: int | None) -> Any:
    """Raises above a round's price."""
    return hall.ask(Kind.RAISE, bidder, now, step=step, amount_fen=amount_fen)


def test_an_accepted_round_price_leads_and_the_next_round_is_one_step_on() -> None:
    hall = RoundsHall(make_raising())
    judged = accept(hall, "A01", seconds(10), 1, 100_00)
    assert judged.refusal is None
    assert (hall.state.stage, hall.state.ends_at) == ("pause", seconds(25))
    assert (hall.state.price_fen, hall.state.leader) == (100_00, "A01")
    hall.work(seconds(25))
    assert (hall.state.stage, hall.state.ends_at) == ("round", seconds(25 + 180))
    assert hall.events("stage_began")[0]["round_fen"] == 110_00
    assert accept(hall, "B02", seconds(30), 2, 110_00).refusal is None
    assert hall.state.price_fen == 110_00


def test_a_raise_of_several_steps_ends_the_round_at_its_own_amount() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(1), 1, 100_00)
    raise_to(hall, "B02", seconds(20), 2, 150_00)
    assert hall.state.price_fen == 150_00
    assert hall.state.detail.price_fen == 160_00


def test_a_round_without_an_act_ends_the_sale_and_the_last_actor_wins() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(100), 1, 100_00)
    result = hall.finish(late=timedelta(seconds=40))
    assert (result["winner"], result["price_fen"], result["rounds"]) == ("A01", 100_00, 2)
    assert hall.state.ends_at == seconds(100 + 15 + 180)


def test_nobody_acts_in_the_first_round_and_nothing_is_sold() -> None:
    hall = RoundsHall(make_raising())
    assert hall.finish()["reason"] == "no_bid"
    assert hall.state.ends_at == OPENS + timedelta(seconds=180)


def test_an_act_at_the_rounds_last_instant_is_too_late() -> None:
    hall = RoundsHall(make_raising())
    hall.work(OPENS)
    assert isinstance(accept(hall, "A01", seconds(180), 1, 100_00).refusal, AuctionOver)


def test_the_second_of_two_acts_of_one_round_is_told_the_new_round_and_price() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(5), 1, 100_00)
    refusal = accept(hall, "B02", seconds(5), 1, 100_00).refusal
    assert isinstance(refusal, RoundPassed)
    assert (refusal.seen_round, refusal.seen_fen, refusal.round, refusal.round_fen) == (1, 100_00, 2, 110_00)


def test_during_the_pause_nothing_is_accepted_and_the_beginning_is_told() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(5), 1, 100_00)
    refusal = accept(hall, "B02", seconds(19), 2, 110_00).refusal
    assert isinstance(refusal, RoundPaused)
    assert refusal.begins_at == seconds(20)


def test_a_price_that_was_not_seen_is_refused_with_both() -> None:
    hall = RoundsHall(make_raising())
    refusal = accept(hall, "A01", seconds(5), 1, 90_00).refusal
    assert isinstance(refusal, RoundPassed)
    assert (refusal.seen_fen, refusal.round_fen) == (90_00, 100_00)


@pytest.mark.parametrize(("step", "amount_fen"), [(None, 100_00), (1, None)])
def test_a_request_that_names_no_round_or_amount_is_unclear(step: int | None, amount_fen: int | None) -> None:
    hall = RoundsHall(make_raising())
    assert isinstance(accept(hall, "A01", seconds(5), step, amount_fen).refusal, RoundUnclear)


def test_the_leader_need_not_answer_and_cannot() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(5), 1, 100_00)
    assert isinstance(raise_to(hall, "A01", seconds(30), 2, 130_00).refusal, LeadsAlready)
    assert hall.offer("A01", seconds(30)).kinds == ()
    assert hall.offer("B02", seconds(30)).kinds == (Kind.ACCEPT, Kind.RAISE)
    assert hall.offer(None, seconds(30)).amounts_fen[0] == 110_00


@pytest.mark.parametrize(
    ("amount_fen", "refusal"),
    [(100_00, BidTooLow), (115_00, BidOffStep), (MAX_FEN + 1, BidTooLarge), (0, BidNotPositive)],
)
def test_a_raise_is_a_whole_number_of_steps_above_the_round_price(amount_fen: int, refusal: type) -> None:
    hall = RoundsHall(make_raising())
    assert isinstance(raise_to(hall, "A01", seconds(5), 1, amount_fen).refusal, refusal)


def test_an_amount_off_the_step_is_told_its_neighbours_in_both_directions() -> None:
    for direction, neighbours in (("forward", (120_00, 130_00)), ("reverse", (70_00, 80_00))):
        hall = RoundsHall(make_raising(direction=direction))
        refusal = raise_to(hall, "A01", seconds(5), 1, 125_00 if direction == "forward" else 75_00).refusal
        assert isinstance(refusal, BidOffStep)
        assert (refusal.below_fen, refusal.above_fen) == neighbours


def test_in_a_reverse_sale_the_round_price_falls() -> None:
    hall = RoundsHall(make_raising(direction="reverse"))
    accept(hall, "A01", seconds(1), 1, 100_00)
    assert hall.state.detail.price_fen == 90_00
    assert isinstance(raise_to(hall, "B02", seconds(20), 2, 95_00).refusal, BidTooHigh)
    raise_to(hall, "B02", seconds(20), 2, 70_00)
    assert (hall.state.price_fen, hall.state.detail.price_fen) == (70_00, 60_00)


def test_a_reverse_sale_that_can_fall_no_further_is_over_at_once() -> None:
    hall = RoundsHall(make_raising(direction="reverse"))
    raise_to(hall, "A01", seconds(1), 1, 10_00)
    assert (hall.state.stage, hall.state.ends_at) == ("over", seconds(1))
    assert isinstance(accept(hall, "B02", seconds(1), 1, 100_00).refusal, AuctionOver)
    assert hall.finish()["winner"] == "A01"


def test_no_round_goes_past_the_hard_stop() -> None:
    hall = RoundsHall(make_raising(hard_end_at=seconds(300)))
    accept(hall, "A01", seconds(170), 1, 100_00)
    hall.work(seconds(190))
    assert hall.state.ends_at == seconds(300)
    accept(hall, "B02", seconds(290), 2, 110_00)
    # The pause would reach the hard stop, so there is nothing left to wait for.
    assert (hall.state.stage, hall.state.ends_at) == ("over", seconds(290))
    assert hall.finish()["winner"] == "B02"


def test_fewer_actors_than_announced_sell_nothing() -> None:
    hall = RoundsHall(make_raising(min_bidders=2))
    accept(hall, "A01", seconds(1), 1, 100_00)
    assert hall.finish()["reason"] == "too_few_bidders"


def test_a_reserve_that_is_not_met_sells_nothing_and_is_opened() -> None:
    hall = RoundsHall(make_raising(has_reserve=True), reserve_fen=120_00)
    accept(hall, "A01", seconds(1), 1, 100_00)
    assert hall.state.reserve_met is False
    result = hall.finish()
    assert (result["reason"], result["reserve_opening"]["reserve_fen"]) == ("reserve_not_met", 120_00)


def test_a_suspended_round_is_repeated_in_full() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(1), 1, 100_00)
    fold = hall.fold(seconds(100))
    fold.advance()
    fold.suspend("断电", "power cut", cause="host")
    fold.now = seconds(1000)
    fold.resume(None)
    assert (fold.state.stage, fold.state.ends_at) == ("round", seconds(1180))
    assert fold.state.detail.began_at == seconds(1000)


def test_an_interruption_counts_from_the_beginning_of_the_round() -> None:
    hall = RoundsHall(make_raising())
    accept(hall, "A01", seconds(1), 1, 100_00)
    hall.work(seconds(16))
    assert hall.rules.watched_since(hall.game, hall.state) == seconds(16)


@pytest.mark.parametrize(
    "over",
    [
        {"closes_at": seconds(3600)},
        {"priority": "in_field"},
        {"options": {"round_seconds": 1}},
        {"options": {"round_seconds": "180"}},
        {"options": {"rounds": 3}},
    ],
)
def test_terms_that_do_not_fit_are_refused(over: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid):
        publish(make_raising(**over))


def test_the_rules_in_words_tell_the_parameters() -> None:
    terms = make_raising(round_seconds=120, pause_seconds=20, hard_end_at=seconds(7200), min_bidders=2)
    rules = write_rules(terms)
    for word in ("100.00 元", "2 分钟", "20 秒", "少于 2 人"):
        assert any(word in sentence for sentence in rules["zh"])
    for word in ("CNY 100.00", "2 min", "20 s", "fewer than 2"):
        assert any(word in sentence for sentence in rules["en"])


ASKS = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.sampled_from([Kind.ACCEPT, Kind.RAISE]),
        st.integers(0, 60),
        st.integers(-1, 1),
        st.integers(-1, 4),
        st.sampled_from([0, 0, 0, 500]),
    ),
    max_size=25,
)


def play(asks: list[tuple[str, str, int, int, int, int]], direction: str = "forward") -> RoundsHall:
    """A sale with these requests, each so long after the one before, in rounds and amounts near the present ones."""
    start = 1000_00
    hall = RoundsHall(make_raising(60, 15, direction=direction, start_price_fen=start))
    hall.work(OPENS)
    now, sign = OPENS, 1 if direction == "forward" else -1
    for bidder, kind, wait, off, steps, skew in asks:
        now += timedelta(seconds=wait)
        fold = hall.fold(now)
        fold.advance()
        detail = fold.state.detail
        amount = detail.price_fen + sign * (10_00 * (steps if kind == Kind.RAISE else 0) + skew)
        before = hall.state
        judged = hall.ask(kind, bidder, now, step=detail.number + off, amount_fen=amount)
        if judged.refusal is not None:
            assert hall.state == fold.state
            assert judged.event.kind == "bid_refused"
        elif before.price_fen is not None and hall.state.price_fen is not None:
            assert sign * (hall.state.price_fen - before.price_fen) >= 10_00
    hall.finish()
    return hall


@given(asks=ASKS)
def test_the_price_never_runs_back_and_replay_equals_live(asks: list[Any]) -> None:
    hall = play(asks)
    again = replay(hall.acts, RoundsHall(hall.published.terms))
    assert (again.state, again.streams[PUBLIC], again.streams[HOST]) == (
        hall.state,
        hall.streams[PUBLIC],
        hall.streams[HOST],
    )


@given(asks=ASKS)
def test_forward_and_reverse_mirror_each_other(asks: list[Any]) -> None:
    forward, reverse = play(asks), play(asks, "reverse")
    assert [judged.refusal is None for judged in forward.told] == [
        judged.refusal is None for judged in reverse.told
    ]
    assert forward.state.leader == reverse.state.leader
    if forward.state.price_fen is not None and reverse.state.price_fen is not None:
        assert forward.state.price_fen - 1000_00 == 1000_00 - reverse.state.price_fen
