"""The hybrid: a clock, sealed bids of all others, one best bid of who took the price."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import AuctionOver, BidOffStep, BidTooLow, StageEnded, TermsInvalid
from app.auction.errors_open import BidTooHigh
from app.auction.errors_sealed import KindNotNow, OnlyTheTaker, StepPassed, TakerWaits
from app.auction.rules.engine import publish
from app.auction.rules.game import Kind
from app.chain import HOST, PUBLIC
from tests.auction.rules_sealed.making import Hall, make_hybrid, seconds


def make_taken(**over: Any) -> Hall:
    """A hybrid sale whose price A01 took at 80.00 (reverse: 120.00), 125 seconds after the opening."""
    hall = Hall(make_hybrid(**over))
    price = 80_00 if over.get("direction") != "reverse" else 120_00
    assert hall.take("A01", seconds(125), 2, price).refusal is None
    return hall


def make_best(**over: Any) -> Hall:
    """The same at the best bid: B02 sealed 95.00 and C03 90.00 (reverse: 105.00 and 110.00)."""
    hall = make_taken(**over)
    amounts = (95_00, 90_00) if over.get("direction") != "reverse" else (105_00, 110_00)
    for code, amount in zip(("B02", "C03"), amounts, strict=True):
        assert hall.seal(code, amount, seconds(200)).refusal is None
    hall.work(hall.state.ends_at + timedelta(seconds=3))
    assert hall.state.stage == "best"
    return hall


def bid(hall: Hall, bidder: str, amount_fen: int) -> Any:
    """An open bid in the last second of the stage."""
    return hall.ask(Kind.BID, bidder, hall.state.ends_at - timedelta(seconds=1), amount_fen=amount_fen)


def test_a_take_stops_the_clock_and_opens_the_sealed_stage() -> None:
    hall = make_taken()
    assert (hall.state.stage, hall.state.ends_at) == ("sealed", seconds(725))
    assert (hall.state.price_fen, hall.state.leader) == (80_00, "A01")
    assert hall.kinds(PUBLIC)[-2:] == ["bid_accepted", "stage_opened"]
    hall.work(seconds(400))
    assert hall.state.detail.clock.asking_fen == 80_00


def test_nobody_takes_and_the_sale_ends_unsold() -> None:
    hall = Hall(make_hybrid())
    result = hall.finish()
    assert (result["outcome"], result["reason"], result["taken"]) == ("unsold", "no_bid", None)


def test_a_stale_take_is_refused_and_a_second_take_is_too_late() -> None:
    hall = Hall(make_hybrid())
    assert isinstance(hall.take("A01", seconds(60), 0, 100_00).refusal, StepPassed)
    hall.take("A01", seconds(61), 1, 90_00)
    assert isinstance(hall.take("B02", seconds(61), 1, 90_00).refusal, KindNotNow)


def test_without_sealed_bids_the_taker_buys_at_the_price_it_took() -> None:
    result = make_taken().finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 80_00)
    assert result["taken"]["amount_fen"] == 80_00


def test_the_taker_may_not_seal() -> None:
    hall = make_taken()
    judged = hall.seal("A01", 100_00, seconds(200))
    assert isinstance(judged.refusal, TakerWaits)
    assert judged.audience == "A01"


def test_a_sealed_bid_has_to_better_the_taken_price_by_a_step() -> None:
    hall = make_taken()
    with pytest.raises(BidTooLow) as caught:
        hall.seal("B02", 89_99, seconds(200))
    assert caught.value.minimum_fen == 90_00
    assert hall.seal("B02", 90_00, seconds(200)).refusal is None


def test_an_envelope_too_low_that_slipped_past_the_edge_is_rejected_in_public() -> None:
    hall = make_taken()
    hall.rules.check_sealed(hall.game.terms, hall.game.options, 70_00)
    state, hall.state = hall.state, hall.state._replace(price_fen=None)
    assert hall.seal("B02", 70_00, seconds(200)).refusal is None
    hall.state = hall.state._replace(price_fen=state.price_fen, leader=state.leader)
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 80_00)
    assert [(item["bidder"], item["refusal"]) for item in result["rejected"]] == [("B02", "bid-too-low")]


def test_the_opening_gives_the_taker_a_full_window_from_when_it_really_opens() -> None:
    hall = make_best()
    assert hall.state.ends_at == seconds(725 + 3 + 300)
    assert (hall.state.price_fen, hall.state.leader) == (95_00, "B02")
    assert hall.kinds(PUBLIC)[-2:] == ["envelopes_opened", "stage_opened"]
    assert hall.body(hall.streams[PUBLIC][-1])["limit_fen"] == 105_00


def test_a_taker_who_betters_the_best_sealed_bid_wins_at_once() -> None:
    hall = make_best()
    assert bid(hall, "A01", 105_00).refusal is None
    assert hall.fold(seconds(0)).due_at() == hall.state.ends_at
    again = hall.ask(Kind.BID, "A01", hall.state.ends_at, amount_fen=200_00)
    assert isinstance(again.refusal, AuctionOver)
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 105_00)


def test_a_silent_taker_leaves_it_to_the_best_sealed_bid() -> None:
    result = make_best().finish()
    assert (result["winner"], result["price_fen"]) == ("B02", 95_00)
    assert [item["bidder"] for item in result["ranking"]] == ["B02", "C03"]


def test_the_best_bid_is_the_takers_alone_and_betters_by_a_step() -> None:
    hall = make_best()
    assert isinstance(bid(hall, "C03", 120_00).refusal, OnlyTheTaker)
    low = bid(hall, "A01", 104_99).refusal
    assert isinstance(low, BidTooLow)
    assert low.minimum_fen == 105_00
    assert isinstance(hall.seal("B02", 130_00, hall.state.ends_at - timedelta(seconds=1)).refusal, KindNotNow)


def test_multiples_are_counted_from_the_price_that_was_taken() -> None:
    hall = make_taken(options={"multiples_only": True})
    with pytest.raises(BidOffStep):
        hall.seal("B02", 95_00, seconds(200))
    hall.seal("B02", 100_00, seconds(200))
    hall.work(hall.state.ends_at)
    assert isinstance(bid(hall, "A01", 115_00).refusal, BidOffStep)
    assert bid(hall, "A01", 120_00).refusal is None


def test_the_reverse_hybrid_goes_down() -> None:
    hall = make_taken(direction="reverse")
    with pytest.raises(BidTooHigh):
        hall.seal("B02", 110_01, seconds(200))
    hall = make_best(direction="reverse")
    assert (hall.state.price_fen, hall.state.leader) == (105_00, "B02")
    assert isinstance(bid(hall, "A01", 95_01).refusal, BidTooHigh)
    bid(hall, "A01", 95_00)
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("A01", 95_00)


def test_of_equal_sealed_bids_the_earlier_leads() -> None:
    hall = make_taken()
    for code in ("C03", "B02"):
        hall.seal(code, 95_00, seconds(200))
    hall.work(hall.state.ends_at)
    assert hall.state.leader == "C03"


def test_a_sealed_bid_that_nobody_could_better_ends_the_sale_at_once() -> None:
    hall = Hall(make_hybrid(direction="reverse", start_price_fen=20_00))
    hall.take("A01", seconds(1), 0, 20_00)
    hall.seal("B02", 10_00, seconds(2))
    hall.work(hall.state.ends_at)
    assert (hall.state.phase, hall.result["winner"], hall.result["price_fen"]) == ("sold", "B02", 10_00)


def test_a_late_envelope_waits_for_the_opening_whether_or_not_there_are_envelopes() -> None:
    told = []
    for has_envelope in (True, False):
        hall = make_taken()
        if has_envelope:
            hall.seal("B02", 95_00, seconds(200))
        told.append(hall.seal("C03", 100_00, hall.state.ends_at).refusal)
    assert all(isinstance(refusal, StageEnded) for refusal in told)


def test_the_sealed_stage_moves_nothing_that_others_see() -> None:
    hall = make_taken()
    before, heads = hall.state, {name: len(events) for name, events in hall.streams.items()}
    hall.seal("B02", 95_00, seconds(200))
    hall.seal("B02", 99_00, seconds(201))
    hall.ask(Kind.WITHDRAW, "B02", seconds(202))
    hall.seal("B02", 93_00, seconds(203))
    assert hall.state._replace(hidden=()) == before
    for name in (PUBLIC, HOST, "A01", "C03"):
        assert len(hall.streams[name]) == heads[name]
    assert hall.fold(seconds(204)).due_at() == before.ends_at


def test_an_opening_that_contradicts_its_commitment_voids_the_sale() -> None:
    hall = make_taken()
    hall.seal("B02", 95_00, seconds(200))
    (good,) = hall.openings()
    hall.work(hall.state.ends_at, [good._replace(amount_fen=999_00)])
    assert (hall.state.phase, hall.result["reason"]) == ("void", "opening_failed")


def resume(hall: Hall, at: float, until: float) -> None:
    """A suspension and its end."""
    fold = hall.fold(seconds(at))
    fold.suspend("停电", "power cut", cause="interruption")
    hall.keep(fold)
    fold = hall.fold(seconds(until))
    fold.resume(None)
    hall.keep(fold)


def test_each_stage_is_resumed_in_full_from_where_it_stood() -> None:
    hall = Hall(make_hybrid())
    hall.work(seconds(70))
    resume(hall, 90, 1000)
    assert (hall.state.detail.clock.asking_fen, hall.state.ends_at) == (90_00, seconds(1300))
    hall = make_taken()
    resume(hall, 300, 1000)
    assert hall.state.ends_at == seconds(1600)
    hall = make_best()
    resume(hall, 800, 2000)
    assert hall.state.ends_at == seconds(2300)
    bid(hall, "A01", 105_00)
    resume(hall, 2400, 3000)
    assert hall.finish()["price_fen"] == 105_00


def test_each_stage_says_from_when_an_interruption_counts() -> None:
    hall = Hall(make_hybrid())
    hall.work(seconds(70))
    assert hall.rules.watched_since(hall.game, hall.state) == seconds(60)
    best = make_best()
    assert best.rules.watched_since(best.game, best.state) == best.state.ends_at - timedelta(seconds=300)


def test_each_bidder_is_offered_what_the_stage_allows() -> None:
    hall = make_taken()
    assert hall.offer("A01", seconds(200)).kinds == ()
    assert hall.offer("B02", seconds(200)).kinds == (Kind.SEAL,)
    hall.seal("B02", 95_00, seconds(200))
    assert hall.offer("B02", seconds(201)).kinds == (Kind.SEAL, Kind.WITHDRAW)
    assert hall.offer(None, seconds(201)).own == {}
    hall = make_best()
    now = hall.state.ends_at - timedelta(seconds=1)
    assert hall.offer("A01", now).kinds == (Kind.BID,)
    assert hall.offer("A01", now).amounts_fen == (105_00, 115_00, 125_00)
    assert hall.offer("B02", now).kinds == ()


@pytest.mark.parametrize("over", [{"sealed_seconds": 0}, {"best_seconds": "5"}, {"one_shot": True}])
def test_parameters_out_of_range_or_unknown_are_refused(over: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid):
        publish(make_hybrid(options=over))


def test_the_words_tell_all_stages_and_their_limits() -> None:
    terms = make_hybrid()
    rules = publish(terms)
    zh, en = (rules.format.words(terms, rules.options, lang) for lang in ("zh", "en"))
    assert len(zh) == len(en)
    assert "10 分钟" in "".join(zh)
    assert "5 min" in " ".join(en)
    assert "拍卖" not in "".join(zh)
