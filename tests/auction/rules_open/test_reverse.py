"""Falling prices: the same rules turned round, with a ceiling instead of a start price."""

from __future__ import annotations

from typing import Any

import pytest

from app.auction.errors import BidOffStep
from app.auction.errors_open import BidNotPositive, BidTooHigh, MaximumNotLower, NoLowerPrice
from tests.auction.rules_open.playing import Sale, make_terms


def falling(reserve_fen: int | None = None, **over: Any) -> Sale:
    """A sale with a ceiling of 100 and steps of 10."""
    values: dict[str, Any] = {
        "direction": "reverse",
        "start_price_fen": 100_00,
        "step_fen": 10_00,
        "has_reserve": reserve_fen is not None,
    }
    return Sale(make_terms(**{**values, **over}), reserve_fen=reserve_fen)


def test_the_first_bid_may_be_the_ceiling_and_the_next_is_a_step_lower() -> None:
    sale = falling()
    sale.place("A", 100_00)
    assert sale.offer("B").amounts_fen == (90_00, 80_00, 70_00)
    sale.place("B", 80_00)
    result = sale.settle()
    assert (result["winner"], result["price_fen"]) == ("B", 80_00)


def test_a_bid_above_the_ceiling_says_the_highest_amount() -> None:
    with pytest.raises(BidTooHigh) as caught:
        falling().place("A", 100_01)
    assert caught.value.maximum_fen == 100_00


def test_a_bid_off_the_step_names_the_amounts_on_either_side() -> None:
    sale = falling()
    sale.place("A", 100_00)
    with pytest.raises(BidOffStep) as caught:
        sale.place("B", 85_00)
    assert (caught.value.below_fen, caught.value.above_fen) == (80_00, 90_00)


@pytest.mark.parametrize("amount_fen", [0, -10_00, None])
def test_a_bid_of_nothing_is_no_price(amount_fen: int | None) -> None:
    with pytest.raises(BidNotPositive):
        falling().place("A", amount_fen)


def test_a_price_without_room_for_a_step_takes_no_more_bids() -> None:
    sale = falling()
    sale.place("A", 10_00)
    with pytest.raises(NoLowerPrice):
        sale.place("B", 1)
    assert (sale.offer("B").kinds, sale.offer("B").amounts_fen) == ((), ())


def test_amounts_for_one_press_stop_above_nothing() -> None:
    sale = falling()
    sale.place("A", 20_00)
    assert sale.offer("B").amounts_fen == (10_00,)


def test_a_limit_of_automatic_bidding_goes_down_only_as_far_as_needed() -> None:
    sale = falling(options={"automatic": True})
    sale.maximum("A", 30_00)
    assert sale.lead == ("A", 100_00)
    sale.maximum("B", 60_00)
    assert sale.lead == ("A", 50_00)
    with pytest.raises(MaximumNotLower):
        sale.maximum("A", 30_00)
    sale.place("C", 35_00)
    assert sale.lead == ("A", 30_00)


def test_a_reserve_in_a_falling_sale_is_the_most_that_is_paid() -> None:
    sale = falling(reserve_fen=50_00)
    assert sale.place("A", 60_00).reserve_met is False
    assert sale.place("B", 50_00).reserve_met is True
    assert sale.settle()["winner"] == "B"


def test_a_lowest_bid_above_the_reserve_does_not_win() -> None:
    sale = falling(reserve_fen=50_00)
    sale.place("A", 60_00)
    assert sale.settle()["reason"] == "reserve_not_met"


def test_the_price_falls_to_the_reserve_once_a_limit_reaches_it() -> None:
    sale = falling(reserve_fen=50_00, options={"automatic": True})
    sale.maximum("A", 40_00)
    assert (sale.lead, sale.state.reserve_met) == (("A", 50_00), True)
