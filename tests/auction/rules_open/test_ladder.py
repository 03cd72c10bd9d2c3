"""Tables of steps: what is refused, and that steps are consistent across thresholds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import BidOffStep, BidTooLow, TermsInvalid
from app.auction.rules.course import OpenOptions, next_amount
from app.auction.rules.engine import publish
from app.auction.rules.ladder import Ladder, read_ladder
from app.money import MAX_FEN
from tests.auction.rules_open.playing import Sale, make_terms

ROWS = [[0, 1_00], [100_00, 5_00], [200_00, 20_00]]
GIVEN: dict[str, Any] = {"start_price_fen": 90_00, "step_fen": 1_00, "options": {"ladder": ROWS}}


def test_the_step_is_that_of_the_price_that_is_left() -> None:
    sale = Sale(make_terms(**GIVEN))
    sale.place("A", 99_00)
    sale.place("B", 103_00)  # four steps of 1.00, over the threshold
    with pytest.raises(BidTooLow) as caught:
        sale.place("A", 104_00)
    assert caught.value.minimum_fen == 108_00
    assert sale.offer("A").amounts_fen == (108_00, 113_00, 118_00)


def test_a_price_on_a_threshold_has_the_new_rows_step() -> None:
    ladder = read_ladder(ROWS)
    assert [ladder.step_at(price) for price in (99_99, 100_00, 199_99, 200_00)] == [1_00, 5_00, 5_00, 20_00]


def test_multiples_count_from_the_price_by_the_step_of_its_row() -> None:
    sale = Sale(make_terms(**GIVEN))
    sale.place("A", 100_00)
    with pytest.raises(BidOffStep) as caught:
        sale.place("B", 107_00)
    assert (caught.value.below_fen, caught.value.above_fen) == (105_00, 110_00)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        "0,1",
        7,
        [[0, 1], "12"],
        [[0]],
        [[0, 1, 2]],
        [[0, True]],
        [[0, 1.5]],
        [[1, 1]],
        [[0, 0]],
        [[0, -1], [5, 3]],
        [[0, 1], [0, 2]],
        [[0, 1], [10, 1]],
        [[0, 2], [10, 1]],
        [[0, 1], [10, 2], [5, 3]],
        [[0, MAX_FEN + 1]],
        [[0, 1], [MAX_FEN + 1, 2]],
        [[n * 10, n + 1] for n in range(51)],
    ],
)
def test_a_table_that_is_no_ladder_is_refused(rows: Any) -> None:
    with pytest.raises(TermsInvalid):
        read_ladder(rows)


def test_the_announced_step_is_that_of_the_start_prices_row() -> None:
    with pytest.raises(TermsInvalid):
        publish(make_terms(start_price_fen=150_00, step_fen=1_00, options={"ladder": ROWS}))


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    count = draw(st.integers(1, 6))
    floors = [0, *sorted(draw(st.sets(st.integers(1, 10_000), min_size=count - 1, max_size=count - 1)))]
    steps = sorted(draw(st.sets(st.integers(1, 2_000), min_size=count, max_size=count)))
    return read_ladder([list(row) for row in zip(floors, steps, strict=True)])


@given(ladders(), st.integers(0, 20_000), st.integers(0, 20_000))
def test_steps_are_consistent_across_thresholds(ladder: Ladder, price: int, other: int) -> None:
    terms, options = make_terms(), OpenOptions(ladder=ladder)
    (row,) = [
        step
        for (floor, step), above in zip(ladder.rows(), [*ladder.floors[1:], None], strict=True)
        if floor <= price and (above is None or price < above)
    ]
    assert ladder.step_at(price) == row
    # A higher price never has a lower next amount, on whichever sides of a threshold the two lie.
    assert (price < other) == (next_amount(terms, options, price) < next_amount(terms, options, other))


@given(ladders(), st.integers(0, 20_000))
def test_a_falling_price_leaves_each_row_by_that_rows_step(ladder: Ladder, price: int) -> None:
    terms, options = make_terms(direction="reverse"), OpenOptions(ladder=ladder)
    assert price - next_amount(terms, options, price) == ladder.step_at(price)
