"""Three rounds of turns: the timetable, whose turn it is, what others may know, and who wins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from app.auction.errors import AuctionOver, BidTooLarge, BidTooLow, StageEnded, TermsInvalid
from app.auction.errors_open import BidTooHigh
from app.auction.errors_rounds import (
    NoFurtherStep,
    NothingToCancel,
    NoTurns,
    NotYourTurn,
    TurnPassed,
    TurnTooHigh,
    TurnTooLow,
)
from app.auction.errors_sealed import CommitmentMissing, KindNotNow, NoEnvelope
from app.auction.rules.engine import publish
from app.auction.rules.game import Kind
from app.auction.rules.words import write_rules
from app.chain import HOST, PUBLIC, instant
from app.money import MAX_FEN
from tests.auction.rules_rounds.making import DEADLINE, RoundsHall, after, begun, make_rounds, told
from tests.auction.rules_sealed.making import OPENS, SEALED_SECONDS, seconds


def test_three_bidders_have_their_last_turn_end_1620_seconds_after_the_opening() -> None:
    hall = begun(150_00, 120_00, 130_00, 170_00)
    assert hall.state.detail.last_ends_at == after(540 + 3 * 4 * 120)
    hall = begun(150_00, 120_00, 130_00)
    assert hall.state.ends_at == after(300)
    assert hall.events("stage_began")[0]["last_ends_at"] == told(after(1620))
    result = hall.finish()
    assert hall.state.ends_at == after(1620)
    turns = hall.events("turn_ended")
    assert len(turns) == 9
    assert turns[-1]["ended_at"] == told(after(1620))
    starts = [item["began_at"] for item in hall.events("stage_began") if item["stage"] == "turn"]
    expected = (
        [300 + 120 * n for n in range(3)]
        + [300 + 360 + 120 + 120 * n for n in range(3)]
        + [300 + 720 + 240 + 120 * n for n in range(3)]
    )
    assert starts == [told(after(count)) for count in expected]
    assert (result["winner"], result["price_fen"]) == ("A01", 150_00)


def test_the_worst_goes_first_and_the_leader_last_and_of_equal_amounts_the_later_first() -> None:
    assert begun(150_00, 120_00, 150_00, 130_00).state.detail.order == ("B02", "D04", "C03", "A01")
    reverse = begun(80_00, 90_00, 80_00, 70_00, direction="reverse")
    assert reverse.state.detail.order == ("B02", "C03", "A01", "D04")


def test_the_order_of_the_next_round_follows_the_amounts_of_this_one() -> None:
    hall = begun(110_00, 120_00)
    hall.turn("A01", 200_00, after(301))
    hall.work(after(540))
    assert (hall.state.stage, hall.state.detail.number) == ("pause", 2)
    assert hall.state.detail.order == ("B02", "A01")


def test_a_turn_counts_from_the_bidders_own_amount_and_not_from_the_leaders() -> None:
    hall = begun(110_00, 150_00)
    assert hall.turn("A01", 120_00, after(310)).refusal is None
    refusal = hall.turn("A01", 119_99, after(311)).refusal
    assert isinstance(refusal, TurnTooLow)
    assert refusal.minimum_fen == 120_00
    assert isinstance(hall.turn("A01", MAX_FEN + 1, after(312)).refusal, BidTooLarge)
    hall.work(after(420))
    assert (hall.state.leader, hall.state.price_fen) == ("B02", 150_00)
    assert hall.state.detail.place_of("A01").amount_fen == 120_00


def test_in_a_reverse_sale_a_turn_lowers_the_bidders_own_amount() -> None:
    hall = begun(90_00, 70_00, direction="reverse")
    refusal = hall.turn("A01", 85_00, after(310)).refusal
    assert isinstance(refusal, TurnTooHigh)
    assert refusal.maximum_fen == 80_00
    assert isinstance(hall.turn("A01", 0, after(310)).refusal, TurnTooLow)
    assert hall.turn("A01", 60_00, after(310)).refusal is None
    hall.work(after(420))
    assert (hall.state.leader, hall.state.price_fen) == ("A01", 60_00)


def test_an_amount_without_room_for_a_step_stays() -> None:
    hall = begun(10_00, 9_99, direction="reverse")
    assert isinstance(hall.turn("A01", 5_00, after(310)).refusal, NoFurtherStep)
    assert hall.offer("A01", after(310)).kinds == ()


def test_until_the_turn_ends_only_its_bidder_can_see_the_bid() -> None:
    hall = begun(110_00, 150_00)
    hall.work(after(300))
    public, host, rival = (list(hall.streams[name]) for name in (PUBLIC, HOST, "B02"))
    shown = hall.state._replace(hidden=None)
    judged = hall.turn("A01", 190_00, after(310))
    assert (judged.audience, judged.event.kind) == ("A01", "turn_received")
    assert b"19000" not in judged.event.body.encode()
    assert hall.state._replace(hidden=None) == shown
    assert (hall.streams[PUBLIC], hall.streams[HOST], hall.streams["B02"]) == (public, host, rival)
    assert hall.offer("A01", after(311)).own["pending_fen"] == 190_00
    assert hall.offer("B02", after(311)).own.get("pending_fen") is None
    detail, _ = hall.rules.pack(hall.state)
    assert b"19000" not in orjson.dumps(detail)
    hall.work(after(420))
    ended = hall.events("turn_ended")[0]
    assert (ended["bidder"], ended["amount_fen"], ended["is_changed"]) == ("A01", 190_00, True)
    assert ended["commitment"] == orjson.loads(judged.event.body)["commitment"]


def test_a_refused_turn_is_told_to_its_bidder_alone_and_without_the_amount() -> None:
    hall = begun(110_00, 150_00)
    judged = hall.turn("B02", 190_00, after(310))
    assert isinstance(judged.refusal, NotYourTurn)
    assert judged.audience == "B02"
    assert b"19000" not in judged.event.body.encode()


def test_within_the_turn_the_last_bid_counts_and_it_can_be_cancelled() -> None:
    hall = begun(110_00, 150_00)
    hall.turn("A01", 190_00, after(310))
    judged = hall.turn("A01", 160_00, after(320))
    assert orjson.loads(judged.event.body)["replaces"] is not None
    hall.work(after(420))
    assert (hall.state.price_fen, hall.state.leader) == (160_00, "A01")
    # The leader of the first round's beginning is B02, whose turn it is now.
    hall.turn("B02", 200_00, after(430))
    assert hall.ask(Kind.WITHDRAW, "B02", after(440)).refusal is None
    assert isinstance(hall.ask(Kind.WITHDRAW, "B02", after(441)).refusal, NothingToCancel)
    hall.work(after(540))
    assert hall.events("turn_ended")[1]["is_changed"] is False
    assert hall.state.price_fen == 160_00


def test_silence_keeps_the_old_amount() -> None:
    hall = begun(110_00, 150_00)
    hall.finish()
    assert [item["amount_fen"] for item in hall.result["ranking"]] == [150_00, 110_00]
    assert not any(item["is_changed"] for item in hall.events("turn_ended"))


def test_of_equal_amounts_the_earlier_reached_one_wins() -> None:
    hall = begun(110_00, 150_00)
    hall.turn("A01", 150_00, after(310))
    assert hall.finish()["winner"] == "B02"
    hall = begun(110_00, 120_00)
    hall.turn("A01", 150_00, after(310))
    hall.turn("B02", 150_00, after(430))
    assert hall.finish()["winner"] == "A01"


def test_a_bid_at_the_turns_last_instant_is_in_the_next_ones_time() -> None:
    hall = begun(110_00, 150_00)
    assert isinstance(hall.turn("A01", 190_00, after(420)).refusal, NotYourTurn)


def test_the_last_turns_bid_counts_and_a_later_one_does_not() -> None:
    hall = begun(110_00, 150_00)
    last = 540 + 6 * 120
    assert hall.turn("B02", 190_00, after(last - 1)).refusal is None
    assert isinstance(hall.turn("B02", 230_00, after(last)).refusal, AuctionOver)
    assert hall.state.stage == "over"
    assert hall.finish()["price_fen"] == 190_00


def test_a_bid_that_names_another_round_is_refused() -> None:
    hall = begun(110_00, 150_00)
    assert isinstance(hall.turn("A01", 190_00, after(310), step=2).refusal, TurnPassed)
    assert hall.turn("A01", 190_00, after(310), step=1).refusal is None


def test_each_request_belongs_to_its_stage() -> None:
    hall = RoundsHall(make_rounds())
    assert isinstance(hall.turn("A01", 190_00, seconds(1)).refusal, KindNotNow)
    assert isinstance(hall.ask(Kind.WITHDRAW, "A01", seconds(1)).refusal, NoEnvelope)
    hall = begun(110_00, 150_00)
    assert isinstance(hall.turn("A01", 190_00, after(10)).refusal, NotYourTurn)
    sealing = hall.ask(Kind.SEAL, "A01", after(310), commitment="0" * 64)
    assert isinstance(sealing.refusal, KindNotNow)
    assert isinstance(hall.turn("C03", 190_00, after(310)).refusal, NoTurns)
    bare = hall.ask(Kind.TURN, "A01", after(310), amount_fen=190_00)
    assert isinstance(bare.refusal, CommitmentMissing)


def test_an_initial_amount_is_at_least_the_start_price_or_at_most_the_ceiling() -> None:
    with pytest.raises(BidTooLow):
        RoundsHall(make_rounds()).seal("A01", 99_99, seconds(1))
    with pytest.raises(BidTooHigh):
        RoundsHall(make_rounds(direction="reverse")).seal("A01", 100_01, seconds(1))


def test_fewer_initial_amounts_than_announced_stay_sealed() -> None:
    hall = RoundsHall(make_rounds())
    hall.seal("A01", 150_00, seconds(1))
    hall.work(DEADLINE)
    assert hall.result["reason"] == "too_few_bidders"
    assert "15000" not in orjson.dumps(hall.result).decode()


def test_nobody_gave_an_initial_amount() -> None:
    hall = RoundsHall(make_rounds())
    assert hall.finish()["reason"] == "no_bid"


def test_an_envelope_that_contradicts_its_commitment_voids_the_sale() -> None:
    hall = RoundsHall(make_rounds())
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 160_00, seconds(2))
    first, second = hall.openings() or (None, None)
    assert first is not None
    assert second is not None
    hall.work(DEADLINE, [first._replace(amount_fen=300_00), second])
    assert (hall.state.phase, hall.result["outcome"]) == ("void", "void")


def test_rounds_begin_when_the_amounts_are_in_fact_open_however_late() -> None:
    hall = RoundsHall(make_rounds())
    for bidder, amount in (("A01", 110_00), ("B02", 150_00)):
        hall.seal(bidder, amount, seconds(1))
    late = after(90)
    assert isinstance(hall.turn("A01", 190_00, late).refusal, StageEnded)
    hall.work(late)
    assert hall.state.ends_at == late + timedelta(seconds=300)
    assert hall.state.detail.last_ends_at == late + timedelta(seconds=540 + 6 * 120)


def test_turns_that_nobody_carried_out_in_time_end_at_their_own_instants() -> None:
    hall = begun(110_00, 150_00)
    hall.turn("A01", 190_00, after(310))
    hall.work(after(5000))
    assert hall.events("turn_ended")[0]["ended_at"] == told(after(420))
    assert hall.result["price_fen"] == 190_00
    assert hall.state.ends_at == after(540 + 6 * 120)


def test_a_reserve_that_no_amount_reaches_sells_nothing() -> None:
    hall = begun(110_00, 150_00, reserve_fen=200_00)
    assert hall.state.reserve_met is False
    assert hall.finish()["reason"] == "reserve_not_met"
    hall = begun(110_00, 150_00, reserve_fen=180_00)
    hall.turn("A01", 180_00, after(310))
    hall.work(after(420))
    assert hall.state.reserve_met is True
    assert hall.finish()["outcome"] == "sold"


def test_a_suspended_turn_is_repeated_in_full_and_keeps_its_bid() -> None:
    hall = begun(110_00, 150_00)
    hall.turn("A01", 190_00, after(310))
    fold = hall.fold(after(400))
    fold.advance()
    fold.suspend("断电", "power cut", cause="interruption")
    fold.now = after(1000)
    fold.resume(None)
    assert (fold.state.stage, fold.state.ends_at) == ("turn", after(1120))
    assert fold.state.detail.last_ends_at == after(1120 + 120 + 120 + 240 + 120 + 240)
    hall.keep(fold)
    assert hall.rules.watched_since(hall.game, hall.state) == after(1000)
    assert hall.finish()["price_fen"] == 190_00


def test_a_last_turn_that_was_interrupted_is_given_again() -> None:
    hall = begun(110_00, 150_00)
    last = 540 + 6 * 120
    fold = hall.fold(after(last + 5))
    fold.advance()
    assert fold.state.stage == "over"
    fold.suspend("断电", "power cut", cause="interruption")
    fold.now = after(2000)
    fold.resume(None)
    assert (fold.state.stage, fold.state.ends_at) == ("turn", after(2120))
    assert fold.state.detail.whose == "B02"


def test_a_suspended_sealed_stage_has_its_whole_time_again() -> None:
    hall = RoundsHall(make_rounds())
    fold = hall.fold(seconds(100))
    fold.advance()
    fold.suspend("断电", "power cut", cause="host")
    fold.now = seconds(500)
    fold.resume(None)
    assert fold.state.ends_at == seconds(500 + SEALED_SECONDS)


def test_what_is_offered_follows_stage_and_turn() -> None:
    hall = RoundsHall(make_rounds())
    hall.work(OPENS)
    assert hall.offer("A01", seconds(1)).kinds == (Kind.SEAL,)
    assert hall.offer(None, seconds(1)).kinds == ()
    hall.seal("A01", 110_00, seconds(1))
    assert hall.offer("A01", seconds(2)).kinds == (Kind.SEAL, Kind.WITHDRAW)
    assert hall.offer("A01", seconds(2)).own["envelope"]["bidder"] == "A01"
    hall = begun(110_00, 150_00)
    assert hall.offer("B02", after(1)).own["turn_begins_at"] == instant(after(420))
    hall.work(after(300))
    mine = hall.offer("A01", after(301))
    assert (mine.kinds, mine.limit_fen, mine.amounts_fen) == (
        (Kind.TURN,),
        120_00,
        (120_00, 130_00, 140_00),
    )
    assert hall.offer("B02", after(301)).kinds == ()
    assert hall.offer("B02", after(301)).own["turn_begins_at"] == instant(after(420))
    hall.finish()
    assert hall.offer("A01", after(9999)).kinds == ()


@pytest.mark.parametrize(
    "over",
    [
        {"min_bidders": 1},
        {"hard_end_at": seconds(9999)},
        {"priority": "in_field"},
        {"options": {"pause_seconds": [300, 120]}},
        {"options": {"pause_seconds": "300"}},
        {"options": {"pause_seconds": [300, 120, 120.5]}},
        {"options": {"slot_seconds": 0}},
        {"options": {"slots": 120}},
    ],
)
def test_terms_that_do_not_fit_are_refused(over: dict[str, Any]) -> None:
    with pytest.raises(TermsInvalid):
        publish(make_rounds(**over))


def test_the_rules_in_words_tell_the_parameters() -> None:
    rules = write_rules(make_rounds(options={"pause_seconds": [240, 60, 90], "slot_seconds": 100}))
    assert any("4 分钟、1 分钟、90 秒" in sentence and "100 秒" in sentence for sentence in rules["zh"])
    assert any("4 min, 1 min, 90 s" in sentence and "100 s" in sentence for sentence in rules["en"])
