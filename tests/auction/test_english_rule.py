"""The English rule: golden test 3, who may bid, the soft close, the reserve, and how a sale ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import (
    AuctionNotOpen,
    AuctionOver,
    BidOffStep,
    BidTooLarge,
    BidTooLow,
    DepositNotHeld,
    ExchangeMayNotBid,
    NotAdmitted,
    SellerMayNotBid,
    TermsInvalid,
)
from app.auction.rules.engine import publish
from app.auction.rules.game import Standing
from app.auction.rules.terms import AuctionTerms, commit_reserve
from app.errors import MarketError
from app.money import MAX_FEN
from tests.auction.rules_open.playing import KEY, TEN, Sale, make_terms

HOUR = timedelta(hours=1)


def test_the_first_bid_may_be_the_start_price() -> None:
    sale = Sale(make_terms())
    state = sale.place("A", 100_000_00)
    assert (state.price_fen, state.leader, state.sequence) == (100_000_00, "A", 1)
    assert sale.offer("B").limit_fen == 110_000_00


def test_a_bid_below_the_start_price_says_the_lowest_amount() -> None:
    with pytest.raises(BidTooLow) as caught:
        Sale(make_terms()).place("A", 99_999_99)
    assert caught.value.minimum_fen == 100_000_00
    assert "100,000.00" in caught.value.detail("zh")
    assert "100,000.00" in caught.value.detail("en")


def test_a_bid_that_only_equals_the_price_is_too_low() -> None:
    sale = Sale(make_terms())
    sale.place("A", 100_000_00)
    with pytest.raises(BidTooLow):
        sale.place("B", 100_000_00)


def test_a_bid_without_an_amount_is_too_low() -> None:
    with pytest.raises(BidTooLow):
        Sale(make_terms()).place("A", None)


def test_a_bid_off_the_step_names_the_amounts_on_either_side() -> None:
    with pytest.raises(BidOffStep) as caught:
        Sale(make_terms()).place("A", 115_000_00)
    assert (caught.value.below_fen, caught.value.above_fen) == (110_000_00, 120_000_00)


def test_where_multiples_are_not_asked_for_any_amount_from_the_lowest_up_will_do() -> None:
    sale = Sale(make_terms(options={"multiples_only": False}))
    sale.place("A", 115_000_01)
    assert sale.offer("B").limit_fen == 125_000_01
    sale.place("B", 125_000_02)


def test_an_amount_no_browser_could_carry_is_refused() -> None:
    with pytest.raises(BidTooLarge):
        Sale(make_terms(step_fen=1)).place("A", MAX_FEN + 1)


@pytest.mark.parametrize(
    ("standing", "refusal"),
    [
        (Standing.SELLER, SellerMayNotBid),
        (Standing.EXCHANGE, ExchangeMayNotBid),
        (Standing.STRANGER, NotAdmitted),
        (Standing.DEPOSIT_DUE, DepositNotHeld),
    ],
)
def test_only_the_admitted_bid(standing: Standing, refusal: type[MarketError]) -> None:
    judged = Sale(make_terms()).ask("A", 100_000_00, standing=standing)
    assert isinstance(judged.refusal, refusal)


def test_a_bid_after_the_close_is_too_late_even_when_the_deposit_has_gone_back() -> None:
    sale = Sale(make_terms())
    sale.settle()
    judged = sale.ask("A", 100_000_00, TEN, standing=Standing.DEPOSIT_DUE)
    assert isinstance(judged.refusal, AuctionOver)


def test_a_bid_before_the_opening_is_refused_with_the_opening_time() -> None:
    terms = make_terms()
    sale = Sale(terms)
    sale.state = sale.published.format.start(terms, sale.published.options)
    with pytest.raises(AuctionNotOpen) as caught:
        sale.place("A", 100_000_00, terms.opens_at - timedelta(seconds=1))
    assert caught.value.opens_at == terms.opens_at


def test_golden_3_late_bids_move_the_end_and_the_closing_instant_is_too_late() -> None:
    sale = Sale(make_terms())
    at = TEN.replace
    assert sale.place("A", 100_000_00, at(hour=1, minute=57)).ends_at == at(minute=2)
    assert sale.place("B", 110_000_00, at(minute=1, second=59)).ends_at == at(minute=6, second=59)
    with pytest.raises(AuctionOver):
        sale.place("A", 120_000_00, at(minute=7))
    with pytest.raises(AuctionOver):
        sale.place("A", 120_000_00, at(minute=6, second=59))


def test_a_bid_earlier_than_the_window_leaves_the_end() -> None:
    state = Sale(make_terms()).place("A", 100_000_00, TEN - timedelta(seconds=301))
    assert (state.ends_at, state.extensions) == (TEN, 0)


def test_an_extension_shorter_than_the_window_never_brings_the_end_forward() -> None:
    state = Sale(make_terms(extension_seconds=60)).place("A", 100_000_00, TEN - timedelta(seconds=200))
    assert (state.ends_at, state.extensions) == (TEN, 0)


def test_the_end_never_passes_the_hard_end() -> None:
    sale = Sale(make_terms(hard_end_at=TEN + timedelta(minutes=2)))
    assert sale.place("A", 100_000_00, TEN - timedelta(seconds=1)).ends_at == TEN + timedelta(minutes=2)
    state = sale.place("B", 110_000_00, TEN + timedelta(seconds=90))
    assert (state.ends_at, state.extensions) == (TEN + timedelta(minutes=2), 1)


def test_a_refused_bid_in_the_last_minutes_moves_nothing() -> None:
    sale = Sale(make_terms())
    before = sale.state
    judged = sale.ask("A", 1, TEN - timedelta(seconds=1))
    assert judged.refusal is not None
    assert sale.state == before


def test_the_public_learns_only_whether_the_reserve_is_met() -> None:
    sale = Sale(make_terms(has_reserve=True), reserve_fen=110_000_00)
    assert sale.place("A", 100_000_00).reserve_met is False
    assert all("11000000" not in event.body for event in sale.public())
    assert sale.place("A", 110_000_00).reserve_met is True


def test_a_highest_bid_below_the_reserve_ends_unsold_and_opens_the_commitment() -> None:
    sale = Sale(make_terms(has_reserve=True), reserve_fen=150_000_00)
    sale.place("A", 100_000_00)
    result = sale.settle()
    assert sale.state.phase == "unsold"
    assert (result["reason"], result["winner"], result["price_fen"]) == ("reserve_not_met", None, None)
    opening = result["reserve_opening"]
    opened = commit_reserve(opening["reserve_fen"], bytes.fromhex(opening["key"]))
    assert opened == commit_reserve(150_000_00, KEY)


def test_nobody_bids_and_the_sale_ends_unsold() -> None:
    sale = Sale(make_terms())
    assert sale.settle()["reason"] == "no_bid"
    assert sale.state.phase == "unsold"


def test_the_highest_bidder_wins_and_pays_his_own_bid() -> None:
    sale = Sale(make_terms())
    sale.place("A", 100_000_00)
    sale.place("B", 140_000_00)
    result = sale.settle()
    assert (result["winner"], result["price_fen"], sale.state.phase) == ("B", 140_000_00, "sold")


def test_with_fewer_bidders_than_announced_the_sale_ends_unsold() -> None:
    sale = Sale(make_terms(min_bidders=2))
    sale.place("A", 100_000_00)
    sale.place("A", 110_000_00)
    assert sale.settle()["reason"] == "too_few_bidders"


def test_with_as_many_bidders_as_announced_the_highest_wins() -> None:
    sale = Sale(make_terms(min_bidders=2))
    sale.place("A", 100_000_00)
    sale.place("B", 110_000_00)
    assert sale.settle()["winner"] == "B"


def test_a_late_close_gives_the_award_that_a_punctual_one_would_have_given() -> None:
    sale = Sale(make_terms())
    sale.place("A", 100_000_00, TEN - HOUR)
    result = sale.settle(TEN + timedelta(days=2))
    assert (result["winner"], result["ends_at"]) == ("A", "2026-12-01T02:00:00Z")


def test_a_sale_does_not_close_before_its_end_nor_twice() -> None:
    sale = Sale(make_terms())
    fold = sale.fold(TEN - timedelta(microseconds=1))
    fold.settle()
    assert fold.state == sale.state
    sale.settle()
    events = len(sale.public())
    again = sale.fold(TEN + timedelta(days=1))
    again.advance()
    again.settle()
    assert (again.state, len(sale.public())) == (sale.state, events)


def test_the_room_is_offered_three_amounts_for_one_press() -> None:
    offer = Sale(make_terms()).offer("A")
    assert (offer.kinds, offer.limit_fen) == (("bid",), 100_000_00)
    assert offer.amounts_fen == (100_000_00, 110_000_00, 120_000_00)


def test_nothing_is_offered_after_the_end() -> None:
    sale = Sale(make_terms())
    sale.settle()
    assert (sale.offer("A").kinds, sale.offer("A").amounts_fen) == ((), ())


def test_after_an_interruption_what_remained_since_the_last_bid_runs_again() -> None:
    sale = Sale(make_terms())
    sale.place("A", 100_000_00, TEN - timedelta(minutes=20))
    fold = sale.fold(TEN - timedelta(minutes=1))
    fold.suspend("断线", "a fault", cause="interruption")
    sale.state = fold.state
    fold = sale.fold(TEN + HOUR)
    fold.resume(None)
    assert fold.state.ends_at == TEN + HOUR + timedelta(minutes=20)


@pytest.mark.parametrize(
    "over",
    [
        {"start_price_fen": 0},
        {"step_fen": 0},
        {"deposit_fen": -1},
        {"closes_at": TEN - timedelta(days=1)},
        {"hard_end_at": TEN - timedelta(seconds=1)},
        {"trigger_seconds": -1},
        {"direction": "reverse", "step_fen": 100_000_00},
        {"options": {"automatik": True}},
        {"options": {"automatic": 1}},
        {"options": {"multiples_only": "yes"}},
        {"options": {"cycle_seconds": 60}},
    ],
)
def test_terms_that_contradict_each_other_are_refused(over: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid) as caught:
        publish(make_terms(**over))
    assert caught.value.detail("zh") != caught.value.detail("en")


def test_terms_survive_being_stored() -> None:
    terms = make_terms(hard_end_at=TEN + HOUR, options={"ladder": [[0, 10_000_00]]})
    assert AuctionTerms.from_json(terms.as_json()) == terms
