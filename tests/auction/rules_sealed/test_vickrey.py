"""Second price: golden test 7, its mirror, and ties."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.auction.rules_sealed.making import SEALED_SECONDS, Hall, make_terms, seconds

CASES = [
    ([150, 120], "sold", "A01", 120),
    ([120, 150], "sold", "B02", 120),
    ([150], "sold", "A01", 100),
    ([150, 150], "sold", "A01", 150),
    ([90], "unsold", None, None),
    ([150, 90], "sold", "A01", 100),
    ([150, 140, 130], "sold", "A01", 140),
]


def sell(amounts: list[int], *, reserve: int | None, start: int, direction: str = "forward") -> Hall:
    """A second-price sale of these amounts in yuan, one a second, to its end."""
    terms = make_terms(
        format="vickrey",
        start_price_fen=start,
        step_fen=1_00,
        has_reserve=reserve is not None,
        direction=direction,
    )
    hall = Hall(terms, reserve_fen=reserve)
    for place, (code, amount) in enumerate(zip(("A01", "B02", "C03"), amounts, strict=False), 1):
        hall.seal(code, amount * 100, seconds(place))
    hall.finish()
    return hall


@pytest.mark.parametrize(("amounts", "outcome", "winner", "price"), CASES)
def test_golden_7_the_winner_pays_the_second_valid_bid_or_the_reserve(
    amounts: list[int], outcome: str, winner: str | None, price: int | None
) -> None:
    result = sell(amounts, reserve=100_00, start=50_00).result
    assert (result["outcome"], result["winner"]) == (outcome, winner)
    assert result["price_fen"] == (price * 100 if price else None)


@pytest.mark.parametrize(("amounts", "outcome", "winner", "price"), CASES)
def test_golden_7_turned_round(
    amounts: list[int], outcome: str, winner: str | None, price: int | None
) -> None:
    mirrored = [300 - amount for amount in amounts]
    result = sell(mirrored, reserve=200_00, start=250_00, direction="reverse").result
    assert (result["outcome"], result["winner"]) == (outcome, winner)
    assert result["price_fen"] == ((300 - price) * 100 if price else None)


def test_without_a_reserve_a_single_bidder_pays_the_start_price() -> None:
    result = sell([150], reserve=None, start=50_00).result
    assert (result["price_fen"], result["second_fen"]) == (50_00, None)


def test_the_result_names_the_second_bid() -> None:
    assert sell([150, 120], reserve=100_00, start=50_00).result["second_fen"] == 120_00


def test_a_tie_that_is_bid_out_costs_the_tied_amount() -> None:
    options = {"tie_rule": "extra_round", "extra_seconds": 60}
    hall = Hall(make_terms(format="vickrey", options=options))
    for code in ("A01", "B02"):
        hall.seal(code, 150_00, seconds(1))
    hall.work(seconds(SEALED_SECONDS))
    hall.seal("B02", 200_00, hall.state.ends_at - timedelta(seconds=1))
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("B02", 150_00)
