"""Properties of three rounds of turns over any sequence of acts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.auction.rules.game import Kind
from tests.auction.rules_rounds.making import RoundsHall, after, begun
from tests.auction.rules_sealed.making import CODES, replay

BIDS = st.lists(
    st.tuples(st.sampled_from(CODES[:3]), st.integers(0, 1700), st.integers(-2, 4), st.booleans()),
    max_size=25,
)
START = 1000_00


def play(
    amounts: list[int], bids: list[tuple[str, int, int, bool]], direction: str = "forward"
) -> RoundsHall:
    """A sale with these initial amounts, as steps from the start price, and these acts in its rounds."""
    sign = 1 if direction == "forward" else -1
    hall = begun(
        *(START + sign * amount * 10_00 for amount in amounts), direction=direction, start_price_fen=START
    )
    for bidder, second, steps, cancels in sorted(bids, key=lambda bid: bid[1]):
        now = after(second)
        fold = hall.fold(now)
        fold.advance()
        if cancels:
            judged = hall.ask(Kind.WITHDRAW, bidder, now)
        else:
            place = fold.state.detail.place_of(bidder)
            judged = hall.turn(bidder, (place.amount_fen if place else START) + sign * steps * 10_00, now)
        if judged.refusal is not None:
            assert hall.state == fold.state
        assert hall.state._replace(hidden=None) == fold.state._replace(hidden=None)
    hall.finish()
    return hall


@given(amounts=st.lists(st.integers(0, 9), min_size=2, max_size=3), bids=BIDS)
def test_no_amount_ever_worsens_and_replay_equals_live(amounts: list[int], bids: list[Any]) -> None:
    hall = play(amounts, bids)
    prices = [item["price_fen"] for item in hall.events("turn_ended")]
    assert prices == sorted(prices)
    again = replay(hall.acts, RoundsHall(hall.published.terms))
    assert again.state == hall.state
    assert again.streams == hall.streams


@given(amounts=st.lists(st.integers(0, 9), min_size=2, max_size=3), bids=BIDS)
def test_forward_and_reverse_mirror_each_other(amounts: list[int], bids: list[Any]) -> None:
    forward, reverse = play(amounts, bids), play(amounts, bids, "reverse")
    assert [type(judged.refusal) for judged in forward.told if judged.refusal is None] == [
        type(judged.refusal) for judged in reverse.told if judged.refusal is None
    ]
    assert forward.result["winner"] == reverse.result["winner"]
    assert forward.result["price_fen"] - START == START - reverse.result["price_fen"]
