"""Free period, then limited cycles: golden test 4, both variants of entry, lateness and interruption."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import AuctionOver, BidOffStep, BidTooLow, KindNotOffered, TermsInvalid
from app.auction.errors_open import AlreadyEntered, EntryNotNow, EntryRunning, FreeBidMissing, NotEntered
from app.auction.rules.engine import publish
from tests.auction.rules_open.playing import TEN, Sale, make_terms

HOUR = timedelta(hours=1)
CYCLE = timedelta(seconds=180)
WINDOW = timedelta(seconds=300)


def limited(entry: str = "anybody", holders: tuple[str, ...] = (), **over: Any) -> Sale:
    """A sale from 100 with steps of 10 whose free period ends at ten."""
    options = {"cycle_seconds": 180, "entry": entry, **over.pop("options", {})}
    if entry == "free_bidders":
        options["entry_seconds"] = 300
    reserve_fen = over.pop("reserve_fen", None)
    values = {
        "format": "free_limited",
        "start_price_fen": 100_00,
        "step_fen": 10_00,
        "options": options,
        "has_reserve": reserve_fen is not None,
    }
    return Sale(make_terms(**{**values, **over}), reserve_fen=reserve_fen, holders=holders)


def test_golden_4_off_the_step_is_refused_and_a_cycle_without_a_bid_ends_the_sale() -> None:
    sale = limited()
    sale.place("A", 120_00, TEN - HOUR)
    with pytest.raises(BidTooLow) as caught:
        sale.place("B", 125_00)
    assert caught.value.minimum_fen == 130_00
    with pytest.raises(BidOffStep):
        sale.place("B", 135_00)
    sale.place("B", 130_00)
    state = sale.until(TEN)
    assert (state.stage, state.ends_at) == ("limited", TEN + CYCLE)
    assert sale.settle(TEN + CYCLE)["winner"] == "B"
    assert sale.state.price_fen == 130_00


def test_the_free_period_keeps_its_end_however_late_the_bid() -> None:
    state = limited().place("A", 100_00, TEN - timedelta(microseconds=1))
    assert (state.stage, state.ends_at, state.extensions) == ("free", TEN, 0)


def test_a_bid_at_the_free_periods_end_belongs_to_the_first_cycle() -> None:
    state = limited().place("A", 100_00, TEN)
    assert (state.stage, state.ends_at) == ("limited", TEN + CYCLE)


def test_a_bid_in_a_cycle_starts_a_new_full_cycle() -> None:
    sale = limited()
    sale.place("A", 100_00, TEN + timedelta(seconds=1))
    assert sale.state.ends_at == TEN + CYCLE + timedelta(seconds=1)
    sale.place("B", 110_00, TEN + CYCLE)
    assert sale.state.ends_at == TEN + CYCLE + CYCLE
    with pytest.raises(AuctionOver):
        sale.place("A", 120_00, TEN + CYCLE + CYCLE)


def test_a_refused_bid_starts_no_new_cycle() -> None:
    sale = limited()
    sale.until(TEN)
    judged = sale.ask("A", 105_00, TEN + timedelta(seconds=100))
    assert judged.refusal is not None
    assert sale.state.ends_at == TEN + CYCLE


def test_a_maximum_that_changes_neither_price_nor_leader_starts_no_new_cycle() -> None:
    sale = limited(options={"automatic": True})
    sale.maximum("A", 200_00, TEN - HOUR)
    sale.maximum("A", 300_00, TEN + timedelta(seconds=10))
    assert sale.state.ends_at == TEN + CYCLE
    sale.maximum("B", 250_00, TEN + timedelta(seconds=20))
    assert sale.state.ends_at == TEN + timedelta(seconds=20) + CYCLE


def test_no_cycle_passes_the_hard_end() -> None:
    hard_end = TEN + timedelta(seconds=200)
    sale = limited(hard_end_at=hard_end)
    assert sale.place("A", 100_00, TEN + timedelta(seconds=100)).ends_at == hard_end


def test_the_hard_end_has_to_leave_room_for_the_first_cycle() -> None:
    with pytest.raises(TermsInvalid):
        limited(hard_end_at=TEN + timedelta(seconds=179))
    with pytest.raises(TermsInvalid):
        limited("free_bidders", hard_end_at=TEN + timedelta(seconds=479))


def test_where_anybody_may_take_part_the_first_bid_of_all_may_be_a_limited_one() -> None:
    sale = limited()
    sale.place("A", 100_00, TEN + timedelta(seconds=179))
    assert sale.settle()["winner"] == "A"


def test_nobody_bids_at_all_and_the_sale_ends_unsold_after_one_cycle() -> None:
    sale = limited()
    assert sale.settle(TEN + CYCLE)["reason"] == "no_bid"


def test_stages_begin_at_their_own_instants_however_late_anybody_looks() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    sale.place("A", None, TEN + timedelta(seconds=299), "enter")
    sale.until(TEN + timedelta(days=1))
    stages = [event for event in sale.bodies() if event["kind"] == "stage_opened"]
    assert [(event["stage"], event["ends_at"]) for event in stages] == [
        ("entry", "2026-12-01T02:05:00Z"),
        ("limited", "2026-12-01T02:08:00Z"),
    ]
    result = sale.settle(TEN + timedelta(days=1))
    assert (result["winner"], result["ends_at"]) == ("A", "2026-12-01T02:08:00Z")


def entered() -> Sale:
    """A sale in its limited period: A and B bid freely, A leads and B alone confirmed."""
    sale = limited("free_bidders")
    sale.place("B", 100_00, TEN - HOUR)
    sale.place("A", 110_00)
    sale.place("B", None, TEN + timedelta(seconds=10), "enter")
    sale.until(TEN + WINDOW)
    return sale


def test_who_bid_freely_and_confirmed_may_bid_in_the_cycles() -> None:
    sale = entered()
    assert (sale.state.stage, sale.state.ends_at) == ("limited", TEN + WINDOW + CYCLE)
    sale.place("B", 120_00)
    assert sale.settle()["winner"] == "B"


def test_who_did_not_confirm_may_not_bid_in_the_cycles_but_may_still_win() -> None:
    sale = entered()
    with pytest.raises(NotEntered):
        sale.place("A", 120_00)
    assert sale.settle()["winner"] == "A"


def test_who_did_not_bid_freely_may_not_enter() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    with pytest.raises(FreeBidMissing):
        sale.place("C", None, TEN, "enter")


def test_entry_is_confirmed_once_and_only_in_its_time() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    with pytest.raises(EntryNotNow):
        sale.place("A", None, TEN - HOUR, "enter")
    sale.place("A", None, TEN, "enter")
    with pytest.raises(AlreadyEntered):
        sale.place("A", None, TEN, "enter")
    with pytest.raises(EntryNotNow):
        sale.place("A", None, TEN + WINDOW, "enter")


def test_no_bid_is_taken_while_entry_is_confirmed() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    with pytest.raises(EntryRunning) as caught:
        sale.place("A", 110_00, TEN)
    assert caught.value.ends_at == TEN + WINDOW


def test_if_nobody_confirms_the_best_free_bid_wins_without_a_cycle() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    with pytest.raises(AuctionOver):
        sale.place("A", 110_00, TEN + WINDOW)
    result = sale.settle(TEN + WINDOW)
    assert (result["winner"], result["price_fen"]) == ("A", 100_00)
    assert result["ends_at"] == "2026-12-01T02:05:00Z"


def test_if_nobody_confirms_a_best_free_bid_below_the_reserve_does_not_buy() -> None:
    sale = limited("free_bidders", reserve_fen=150_00)
    sale.place("A", 100_00, TEN - HOUR)
    assert sale.settle(TEN + WINDOW)["reason"] == "reserve_not_met"


def test_if_nobody_bid_freely_nobody_could_enter_and_the_sale_ends_there() -> None:
    sale = limited("free_bidders")
    assert sale.settle(TEN)["reason"] == "no_bid"


def test_where_anybody_may_take_part_entry_is_not_offered() -> None:
    with pytest.raises(KindNotOffered):
        limited().place("A", None, TEN, "enter")


def test_a_maximum_of_who_did_not_confirm_answers_no_more() -> None:
    sale = limited("free_bidders", options={"automatic": True})
    sale.place("B", 100_00, TEN - HOUR)
    sale.maximum("A", 500_00)
    sale.place("B", None, TEN, "enter")
    sale.until(TEN + WINDOW)
    sale.place("B", 120_00)
    assert sale.lead == ("B", 120_00)


def test_a_maximum_counts_as_a_free_bid_and_answers_for_who_confirmed() -> None:
    sale = limited("free_bidders", options={"automatic": True})
    sale.maximum("A", 500_00, TEN - HOUR)
    sale.maximum("B", 200_00)
    for bidder in ("A", "B"):
        sale.place(bidder, None, TEN, "enter")
    sale.until(TEN + WINDOW)
    sale.place("B", 300_00)
    assert sale.lead == ("A", 310_00)


def test_the_room_is_offered_what_the_stage_takes() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    assert sale.offer("A").kinds == ("bid",)
    sale.until(TEN)
    assert (sale.offer("A").kinds, sale.offer("C").kinds) == (("enter",), ())
    sale.place("A", None, TEN, "enter")
    assert (sale.offer("A").kinds, sale.offer("A").own) == ((), {"entered": True})
    sale.until(TEN + WINDOW)
    assert (sale.offer("A").kinds, sale.offer("C").kinds) == (("bid",), ())


def interrupted(sale: Sale, at: Any, until: Any) -> None:
    """Suspends and resumes the sale."""
    fold = sale.fold(at)
    fold.advance()
    fold.suspend("断线", "a fault", cause="interruption")
    sale.state = fold.state
    fold = sale.fold(until)
    fold.resume(None)
    sale.state = fold.state


def test_after_an_interruption_a_cycle_runs_whole() -> None:
    sale = limited()
    sale.place("A", 100_00, TEN + timedelta(seconds=5))
    interrupted(sale, TEN + timedelta(seconds=100), TEN + HOUR)
    assert (sale.state.stage, sale.state.ends_at) == ("limited", TEN + HOUR + CYCLE)


def test_after_a_second_interruption_the_time_of_the_first_is_not_given_again() -> None:
    sale = limited()
    interrupted(sale, TEN + timedelta(seconds=100), TEN + HOUR)
    interrupted(sale, TEN + HOUR + timedelta(seconds=100), TEN + 2 * HOUR)
    assert sale.state.ends_at == TEN + 2 * HOUR + CYCLE


def test_after_an_interruption_of_the_entry_its_time_runs_whole_and_entries_stay() -> None:
    sale = limited("free_bidders")
    sale.place("A", 100_00, TEN - HOUR)
    sale.place("A", None, TEN, "enter")
    interrupted(sale, TEN + timedelta(seconds=100), TEN + HOUR)
    assert (sale.state.stage, sale.state.ends_at) == ("entry", TEN + HOUR + WINDOW)
    assert sale.state.detail.entered == {"A"}


def test_an_interruption_counts_from_the_running_cycles_beginning() -> None:
    sale = limited()
    rules, game = sale.published.format, sale.game
    assert rules.watched_since(game, sale.state) == TEN - CYCLE
    sale.until(TEN)
    assert rules.watched_since(game, sale.state) == TEN
    at = TEN + timedelta(seconds=100)
    sale.place("A", 100_00, at)
    assert rules.watched_since(game, sale.state) == at


@pytest.mark.parametrize(
    "options",
    [
        {"cycle_seconds": 4},
        {"cycle_seconds": "180"},
        {"cycle_seconds": True},
        {"entry": "friends"},
        {"entry_seconds": 0},
        {"cycles": 3},
    ],
)
def test_periods_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid):
        publish(make_terms(format="free_limited", options=options))
