"""Fees by tier with caps, and releases: nothing is lost, whatever the steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settlement.errors import NothingLeftForSeller, ReleaseAboveEscrow
from app.settlement.fee_rules import FeeTable, Released, Tier, fee_of, split_release

TABLE = FeeTable(
    tiers=(Tier(100_000_000, 200), Tier(1_000_000_000, 100), Tier(None, 50)),
    least_fen=100_000,
    greatest_fen=50_000_000,
    cap_bp=500,
)
prices = st.integers(min_value=1, max_value=2**53 - 1)


@pytest.mark.parametrize(
    ("price_fen", "fee_fen"),
    [
        (10_000_000, 200_000),
        (100_000_000, 2_000_000),
        (200_000_000, 3_000_000),
        (1_000_000_000, 11_000_000),
        (2_000_000_000, 16_000_000),
        (1_000_000, 50_000),  # the least fee would pass the law's five per cent
        (3_000_000, 100_000),
        (10**12, 50_000_000),
    ],
)
def test_a_fee_goes_tier_by_tier_between_its_bounds(price_fen: int, fee_fen: int) -> None:
    """拍卖法 56: not more than five per cent, falling as the price rises."""
    assert fee_of(TABLE, price_fen) == fee_fen


@given(prices, prices)
def test_a_fee_never_falls_with_the_price_and_never_passes_five_per_cent(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert fee_of(TABLE, low) <= fee_of(TABLE, high)
    assert fee_of(TABLE, low) * 20 <= low


@given(price=prices, cuts=st.lists(st.floats(0.01, 0.99), max_size=5), rate=st.integers(0, 3000))
def test_price_is_seller_and_fee_and_commission_however_it_is_released(
    *, price: int, cuts: list[float], rate: int
) -> None:
    fee = fee_of(TABLE, price)
    marks = sorted({int(price * cut) for cut in cuts} - {0})
    steps = [b - a for a, b in zip([0, *marks], [*marks, price], strict=True) if b > a]
    done = Released()
    left = price
    for step in steps:
        try:
            part = split_release(
                step, price_fen=price, escrow_fen=left, before=done, fee_total_fen=fee, commission_bp=rate
            )
        except NothingLeftForSeller:
            assert step < 10  # only where a step is a few fen
            return
        assert part.total_fen == step
        assert min(part.seller_fen, part.fee_fen, part.commission_fen) >= 0
        left -= step
        done = Released(
            done.seller_fen + part.seller_fen,
            done.fee_fen + part.fee_fen,
            done.commission_fen + part.commission_fen,
        )
    assert (left, done.total_fen) == (0, price)
    assert (done.fee_fen, done.commission_fen) == (fee, price * rate // 10_000)


def test_no_more_is_released_than_is_there() -> None:
    for amount in (0, -1, 101):
        with pytest.raises(ReleaseAboveEscrow):
            split_release(
                amount, price_fen=1000, escrow_fen=100, before=Released(), fee_total_fen=10, commission_bp=0
            )
    with pytest.raises(ReleaseAboveEscrow):
        split_release(
            100, price_fen=1000, escrow_fen=1000, before=Released(901), fee_total_fen=10, commission_bp=0
        )
