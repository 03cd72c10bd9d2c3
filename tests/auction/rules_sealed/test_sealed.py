"""Sealed bids: what is taken in, who learns of it, the opening, ties, and the ends without a result."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import AuctionOver, BidOffStep, BidTooLarge, BidTooLow, KindNotOffered, StageEnded
from app.auction.errors_open import BidNotPositive, BidTooHigh
from app.auction.errors_sealed import (
    CommitmentMissing,
    EnvelopeFinal,
    NoEnvelope,
    OpeningsMissing,
)
from app.auction.rules.game import Kind, Opening
from app.auction.rules.terms import commit_amount
from app.chain import HOST, PUBLIC
from app.money import MAX_FEN
from tests.auction.rules_sealed.making import OPENS, SEALED_SECONDS, Hall, make_terms, seconds

DEADLINE = seconds(SEALED_SECONDS)


def make_hall(reserve_fen: int | None = None, **over: Any) -> Hall:
    """A sealed sale of one hour."""
    return Hall(make_terms(has_reserve=reserve_fen is not None, **over), reserve_fen=reserve_fen)


def test_the_highest_sealed_bid_wins_and_pays_its_own_amount() -> None:
    hall = make_hall()
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 170_00, seconds(2))
    hall.seal("C03", 160_01, seconds(3))
    result = hall.finish()
    assert (result["outcome"], result["winner"], result["price_fen"]) == ("sold", "B02", 170_00)
    assert [item["bidder"] for item in result["ranking"]] == ["B02", "C03", "A01"]


def test_in_a_reverse_sale_the_lowest_sealed_bid_wins() -> None:
    hall = make_hall(direction="reverse")
    for bidder, amount in (("A01", 90_00), ("B02", 70_00), ("C03", 80_00)):
        hall.seal(bidder, amount, seconds(1))
    result = hall.finish()
    assert (result["winner"], result["price_fen"]) == ("B02", 70_00)


def test_an_envelope_is_an_event_of_its_bidder_alone() -> None:
    hall = make_hall()
    hall.work(OPENS)
    before = hall.state
    judged = hall.seal("A01", 150_00, seconds(5))
    assert (judged.audience, judged.event.kind, judged.ends_at) == ("A01", "envelope_received", DEADLINE)
    assert hall.kinds(PUBLIC) == ["auction_opened"]
    assert hall.kinds(HOST) == []
    assert hall.kinds("B02") == []
    assert hall.state._replace(hidden=()) == before
    assert "15000" not in judged.event.body


def test_the_last_accepted_envelope_counts_and_only_it_is_opened() -> None:
    hall = make_hall()
    first = hall.body(hall.seal("A01", 200_00, seconds(1)).event)
    second = hall.body(hall.seal("A01", 120_00, seconds(2)).event)
    assert second["replaces"] == first["bid_id"]
    result = hall.finish()
    assert result["price_fen"] == 120_00
    assert [item["bid_id"] for item in result["openings"]] == [second["bid_id"]]
    assert first["bid_id"] not in "".join(event.body for event in hall.streams[PUBLIC])


def test_a_withdrawn_envelope_does_not_count_and_can_be_sealed_anew() -> None:
    hall = make_hall()
    hall.seal("A01", 200_00, seconds(1))
    hall.seal("B02", 110_00, seconds(2))
    judged = hall.ask(Kind.WITHDRAW, "A01", seconds(3))
    assert (judged.audience, judged.event.kind) == ("A01", "envelope_withdrawn")
    assert isinstance(hall.ask(Kind.WITHDRAW, "A01", seconds(4)).refusal, NoEnvelope)
    hall.seal("A01", 115_00, seconds(5))
    assert hall.finish()["price_fen"] == 115_00


def test_one_shot_takes_one_envelope_and_gives_none_back() -> None:
    hall = make_hall(options={"one_shot": True})
    hall.seal("A01", 120_00, seconds(1))
    again, back = hall.seal("A01", 130_00, seconds(2)), hall.ask(Kind.WITHDRAW, "A01", seconds(3))
    assert isinstance(again.refusal, EnvelopeFinal)
    assert isinstance(back.refusal, EnvelopeFinal)
    assert again.audience == back.audience == "A01"
    assert hall.finish()["price_fen"] == 120_00


def test_an_envelope_at_the_deadline_is_late() -> None:
    hall = make_hall()
    hall.seal("A01", 120_00, DEADLINE - timedelta(microseconds=1))
    assert isinstance(hall.seal("B02", 130_00, DEADLINE).refusal, AuctionOver)
    assert hall.finish()["winner"] == "A01"


def test_where_an_extra_round_may_follow_the_late_are_told_to_wait() -> None:
    hall = make_hall(options={"tie_rule": "extra_round", "extra_seconds": 60})
    assert isinstance(hall.seal("A01", 130_00, DEADLINE).refusal, StageEnded)


@pytest.mark.parametrize(
    ("amount_fen", "direction", "refusal"),
    [
        (99_99, "forward", BidTooLow),
        (105_00, "forward", BidOffStep),
        (MAX_FEN + 1, "forward", BidTooLarge),
        (0, "forward", BidNotPositive),
        (100_01, "reverse", BidTooHigh),
        (95_00, "reverse", BidOffStep),
        (0, "reverse", BidNotPositive),
    ],
)
def test_an_amount_that_could_never_count_is_refused_before_it_is_sealed(
    amount_fen: int, direction: str, refusal: type[Exception]
) -> None:
    hall = make_hall(direction=direction, options={"multiples_only": True})
    with pytest.raises(refusal):
        hall.seal("A01", amount_fen, seconds(1))
    assert hall.kinds("A01") == []


def test_off_the_step_names_the_amounts_on_either_side_in_both_directions() -> None:
    for direction, amount, sides in (
        ("forward", 105_00, (100_00, 110_00)),
        ("reverse", 95_00, (90_00, 100_00)),
    ):
        hall = make_hall(direction=direction, options={"multiples_only": True})
        with pytest.raises(BidOffStep) as caught:
            hall.seal("A01", amount, seconds(1))
        assert (caught.value.below_fen, caught.value.above_fen) == sides


def test_a_sealed_bid_needs_its_commitment() -> None:
    hall = make_hall()
    judged = hall.ask(Kind.SEAL, "A01", seconds(1), commitment="ab")
    assert isinstance(judged.refusal, CommitmentMissing)
    assert judged.audience == "A01"


def test_an_open_bid_is_no_kind_of_this_format() -> None:
    hall = make_hall()
    assert isinstance(hall.ask(Kind.BID, "A01", seconds(1), amount_fen=120_00).refusal, KindNotOffered)


def test_nobody_seals_and_the_sale_ends_unsold() -> None:
    result = make_hall().finish()
    assert (result["outcome"], result["reason"], result["openings"]) == ("unsold", "no_bid", [])


def test_too_few_envelopes_are_never_opened() -> None:
    hall = make_hall(min_bidders=3)
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 160_00, seconds(2))
    hall.work(OPENS + timedelta(seconds=3))
    assert hall.openings() == ()
    result = hall.finish()
    assert (result["outcome"], result["reason"]) == ("unsold", "too_few_bidders")
    assert [item["bidder"] for item in result["unopened"]] == ["A01", "B02"]
    public = "".join(event.body for event in hall.streams[PUBLIC])
    assert "15000" not in public
    assert "16000" not in public
    assert "envelopes_opened" not in hall.kinds(PUBLIC)


def test_a_highest_bid_below_the_reserve_ends_unsold_and_is_opened_all_the_same() -> None:
    hall = make_hall(150_00)
    hall.seal("A01", 149_99, seconds(1))
    result = hall.finish()
    assert (result["outcome"], result["reason"]) == ("unsold", "reserve_not_met")
    assert result["reserve_opening"]["reserve_fen"] == 150_00
    assert hall.state.reserve_met is False


def test_the_reserve_of_a_reverse_sale_is_the_most_that_is_paid() -> None:
    for amount, outcome in ((80_01, "unsold"), (80_00, "sold")):
        hall = make_hall(80_00, direction="reverse")
        hall.seal("A01", amount, seconds(1))
        assert hall.finish()["outcome"] == outcome


def test_of_equal_bids_the_earlier_wins_and_a_replacement_loses_its_place() -> None:
    hall = make_hall()
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 150_00, seconds(2))
    hall.seal("A01", 150_00, seconds(3))
    assert hall.finish()["winner"] == "B02"


def test_of_equal_bids_of_one_instant_the_one_judged_first_wins() -> None:
    hall = make_hall()
    hall.seal("B02", 150_00, seconds(1))
    hall.seal("A01", 150_00, seconds(1))
    assert hall.finish()["winner"] == "B02"


def test_every_opening_proves_its_commitment() -> None:
    hall = make_hall()
    told = [hall.body(hall.seal(code, 150_00, seconds(1)).event) for code in ("A01", "B02")]
    result = hall.finish()
    made = [
        commit_amount(item["bid_id"], item["amount_fen"], bytes.fromhex(item["key"]))
        for item in result["openings"]
    ]
    assert made == [item["commitment"] for item in told]


def test_an_opening_that_is_missing_settles_nothing() -> None:
    hall = make_hall()
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 160_00, seconds(1))
    before, whole = hall.state, hall.openings()
    with pytest.raises(OpeningsMissing) as caught:
        hall.work(DEADLINE, whole[:1])
    assert caught.value.bid_ids == [whole[1].bid_id]
    assert hall.state == before


@pytest.mark.parametrize("key", ["00" * 32, "no key at all"])
def test_an_opening_that_contradicts_its_commitment_voids_the_sale_and_drops_nobody(key: str) -> None:
    hall = make_hall()
    hall.seal("A01", 150_00, seconds(1))
    hall.seal("B02", 160_00, seconds(1))
    good, bad = hall.openings()
    hall.work(DEADLINE, [good, bad._replace(key=key)])
    result = hall.result
    assert (hall.state.phase, result["outcome"], result["reason"]) == ("void", "void", "opening_failed")
    assert result["winner"] is None
    assert [item["bidder"] for item in result["failed"]] == ["B02"]
    assert [item["bidder"] for item in result["openings"]] == ["A01"]
    assert "B02" in result["reason_zh"]


def test_an_opening_in_anothers_name_is_none() -> None:
    hall = make_hall()
    hall.seal("A01", 150_00, seconds(1))
    (good,) = hall.openings()
    with pytest.raises(OpeningsMissing):
        hall.work(DEADLINE, [good._replace(bidder="B02")])


def test_two_bidders_whose_programs_made_the_same_id_both_count() -> None:
    hall = make_hall()
    bid_id, keys = "00000000-0000-0000-0000-000000000001", (bytes(32), bytes(range(32)))
    for code, amount, key in zip(("A01", "B02"), (150_00, 160_00), keys, strict=True):
        hall.ask(Kind.SEAL, code, seconds(1), bid_id=bid_id, commitment=commit_amount(bid_id, amount, key))
    hall.work(
        DEADLINE,
        [
            Opening("A01", bid_id, 150_00, keys[0].hex()),
            Opening("B02", bid_id, 160_00, keys[1].hex()),
        ],
    )
    assert hall.result["winner"] == "B02"


def test_an_amount_that_slipped_past_the_edge_is_rejected_in_public() -> None:
    hall = make_hall()
    bid_id, key = "00000000-0000-0000-0000-000000000001", bytes(32)
    hall.ask(Kind.SEAL, "A01", seconds(1), bid_id=bid_id, commitment=commit_amount(bid_id, 1, key))
    hall.seal("B02", 120_00, seconds(2))
    (rest,) = [
        Opening("B02", found, secret.amount_fen, secret.key.hex()) for found, secret in hall.vault.items()
    ]
    hall.work(DEADLINE, [Opening("A01", bid_id, 1, key.hex()), rest])
    assert hall.result["winner"] == "B02"
    assert [(item["bidder"], item["refusal"]) for item in hall.result["rejected"]] == [("A01", "bid-too-low")]


def test_a_late_worker_changes_nothing_of_the_result() -> None:
    halls = []
    for late in (timedelta(0), timedelta(hours=9)):
        hall = make_hall()
        hall.seal("A01", 150_00, seconds(1))
        hall.seal("B02", 160_00, seconds(2))
        halls.append(hall.finish(late))
    assert halls[0] == halls[1]


def test_after_a_suspension_the_stage_is_given_whole_and_envelopes_stay() -> None:
    hall = make_hall()
    hall.seal("A01", 150_00, seconds(1))
    for at in (1000, 3000):
        fold = hall.fold(seconds(at))
        fold.suspend("停电", "power cut", cause="host")
        hall.keep(fold)
        fold = hall.fold(seconds(at + 500))
        fold.resume(None)
        hall.keep(fold)
        assert hall.state.ends_at == seconds(at + 500 + SEALED_SECONDS)
    assert hall.finish()["winner"] == "A01"


def test_a_re_announced_hard_end_caps_what_a_suspension_gives_back() -> None:
    hall = make_hall()
    hall.work(OPENS)
    fold = hall.fold(seconds(1000))
    fold.suspend("停电", "power cut", cause="host")
    hall.keep(fold)
    fold = hall.fold(seconds(2000))
    fold.resume(seconds(2600))
    hall.keep(fold)
    assert hall.state.ends_at == seconds(2600)


def test_only_its_bidder_is_offered_its_envelope() -> None:
    hall = make_hall()
    bid_id = hall.body(hall.seal("A01", 150_00, seconds(1)).event)["bid_id"]
    mine, other, guest = (hall.offer(code, seconds(2)) for code in ("A01", "B02", None))
    assert mine.own["envelope"]["bid_id"] == bid_id
    assert mine.kinds == (Kind.SEAL, Kind.WITHDRAW)
    assert (other.kinds, other.own) == ((Kind.SEAL,), {"envelope": None})
    assert (guest.limit_fen, guest.own) == (100_00, {})
    assert "15000" not in str(mine)
    assert hall.offer("A01", DEADLINE).kinds == ()
    hall.finish()
    assert hall.offer("A01", DEADLINE).limit_fen is None


def test_a_holder_asked_afterwards_leaves_the_record_of_the_opening_whole() -> None:
    terms = make_terms(priority="post", priority_seconds=900)
    hall = Hall(terms, holders=frozenset({"D04"}))
    hall.seal("A01", 150_00, seconds(1))
    hall.work(DEADLINE)
    assert hall.kinds(PUBLIC)[-2:] == ["envelopes_opened", "priority_asked"]
    judged = hall.ask(
        Kind.MATCH, "D04", DEADLINE + timedelta(seconds=5), amount_fen=150_00, has_priority=True
    )
    assert judged.refusal is None
    assert (hall.result["winner"], hall.result["price_fen"], hall.result["by_priority"]) == (
        "D04",
        150_00,
        True,
    )
    assert [item["amount_fen"] for item in hall.result["openings"]] == [150_00]
