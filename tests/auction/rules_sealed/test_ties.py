"""Ties of sealed bids: one more sealed round among those tied, then the earlier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import BidTooLow
from app.auction.errors_open import BidTooHigh
from app.auction.errors_sealed import NoEnvelope, NotTied
from app.auction.rules.game import Kind
from app.chain import PUBLIC
from tests.auction.rules_sealed.making import SEALED_SECONDS, Hall, make_terms, seconds

DEADLINE = seconds(SEALED_SECONDS)


def make_hall(reserve_fen: int | None = None, **over: Any) -> Hall:
    """A sealed sale of one hour."""
    return Hall(make_terms(has_reserve=reserve_fen is not None, **over), reserve_fen=reserve_fen)


def make_tied(**over: Any) -> Hall:
    """A sale whose two best envelopes are equal, at the opening of the extra round."""
    hall = make_hall(options={"tie_rule": "extra_round", "extra_seconds": 600}, **over)
    amounts = (150_00, 150_00, 120_00) if over.get("direction") != "reverse" else (50_00, 50_00, 80_00)
    for code, amount in zip(("A01", "B02", "C03"), amounts, strict=True):
        hall.seal(code, amount, seconds(1))
    hall.work(DEADLINE + timedelta(seconds=7))
    return hall


def test_a_tie_opens_an_extra_round_of_full_length_for_those_tied() -> None:
    hall = make_tied()
    assert hall.kinds(PUBLIC) == ["auction_opened", "envelopes_opened", "stage_opened"]
    assert hall.state.stage == "extra"
    assert hall.state.ends_at == DEADLINE + timedelta(seconds=607)
    assert (hall.state.price_fen, hall.state.leader) == (150_00, "A01")
    body = hall.body(hall.streams[PUBLIC][-1])
    assert (body["tied"], body["limit_fen"]) == (["A01", "B02"], 160_00)


def test_the_extra_round_is_for_those_tied_only() -> None:
    hall = make_tied()
    now = hall.state.ends_at - timedelta(seconds=1)
    judged = hall.seal("C03", 170_00, now)
    assert isinstance(judged.refusal, NotTied)
    assert judged.audience == "C03"
    assert hall.offer("C03", now).kinds == ()
    assert hall.offer("A01", now).kinds == (Kind.SEAL,)


def test_the_extra_round_starts_a_step_above_the_tie() -> None:
    hall = make_tied()
    with pytest.raises(BidTooLow) as caught:
        hall.seal("A01", 159_99, hall.state.ends_at - timedelta(seconds=1))
    assert caught.value.minimum_fen == 160_00


def test_in_the_extra_round_the_better_bid_wins_whoever_was_first() -> None:
    hall = make_tied()
    hall.seal("B02", 160_00, hall.state.ends_at - timedelta(seconds=1))
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("B02", 160_00)
    assert len(result["openings"]) == 4
    assert [item["bidder"] for item in result["ranking"]] == ["B02", "A01", "C03"]


def test_in_a_reverse_extra_round_lower_wins() -> None:
    hall = make_tied(direction="reverse")
    with pytest.raises(BidTooHigh):
        hall.seal("B02", 40_01, hall.state.ends_at - timedelta(seconds=1))
    hall.seal("B02", 40_00, hall.state.ends_at - timedelta(seconds=1))
    assert hall.finish()["winner"] == "B02"


def test_an_extra_round_in_which_nobody_bids_goes_to_the_earlier() -> None:
    assert make_tied().finish()["winner"] == "A01"


def test_an_extra_round_that_ends_in_a_tie_goes_to_the_earlier() -> None:
    hall = make_tied()
    late = hall.state.ends_at
    hall.seal("B02", 170_00, late - timedelta(seconds=9))
    hall.seal("A01", 170_00, late - timedelta(seconds=8))
    assert hall.finish()["winner"] == "B02"
    assert late + timedelta(seconds=1) > hall.state.ends_at


def test_an_envelope_of_the_extra_round_can_be_withdrawn_and_the_first_amount_stands() -> None:
    hall = make_tied()
    now = hall.state.ends_at - timedelta(seconds=5)
    hall.seal("B02", 170_00, now)
    hall.ask(Kind.WITHDRAW, "B02", now)
    assert isinstance(hall.ask(Kind.WITHDRAW, "B02", now).refusal, NoEnvelope)
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 150_00)


def test_a_tie_below_the_reserve_is_no_reason_for_another_round() -> None:
    hall = make_hall(200_00, options={"tie_rule": "extra_round", "extra_seconds": 600})
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 150_00, seconds(1))
    assert hall.finish()["reason"] == "reserve_not_met"


def test_a_tie_that_nobody_could_better_goes_to_the_earlier_at_once() -> None:
    hall = make_hall(direction="reverse", options={"tie_rule": "extra_round", "extra_seconds": 600})
    hall.seal("B02", 10_00, seconds(1))
    hall.seal("A01", 10_00, seconds(2))
    hall.work(DEADLINE)
    assert (hall.state.phase, hall.result["winner"]) == ("sold", "B02")


def test_an_extra_round_is_resumed_in_full_and_watched_in_full() -> None:
    hall = make_tied()
    assert hall.rules.watched_since(hall.game, hall.state) == hall.state.ends_at - timedelta(seconds=600)
    now = hall.state.ends_at - timedelta(seconds=1)
    fold = hall.fold(now)
    fold.suspend("停电", "power cut", cause="interruption")
    hall.keep(fold)
    fold = hall.fold(now + timedelta(seconds=100))
    fold.resume(None)
    hall.keep(fold)
    assert hall.state.ends_at == now + timedelta(seconds=700)
