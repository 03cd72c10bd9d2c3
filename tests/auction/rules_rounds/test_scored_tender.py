"""Scored tender: exact weights and scores, scores locked before prices open, the ranking and its ties."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import (
    AuctionNotOpen,
    AuctionOver,
    AuctionSuspended,
    BidTooLow,
    KindNotOffered,
)
from app.auction.errors_open import BidTooHigh
from app.auction.errors_rounds import NotAssessed, ScoresLocked
from app.auction.rules.game import Kind
from app.auction.rules.terms import commit
from app.auction.rules.words import write_rules
from app.chain import HOST, PUBLIC, canonical
from tests.auction.rules_rounds.making import DEADLINE, RoundsHall, make_raising
from tests.auction.rules_rounds.making_tenders import TenderHall, make_tender, offered, scores
from tests.auction.rules_sealed.making import CODES, OPENS, SEALED_SECONDS, Hall, seconds


def test_a_forward_tender_adds_points_and_the_share_of_the_highest_price() -> None:
    hall = offered(120_00, 150_00, 100_00)
    hall.lock(seconds(100), scores(A01=40, B02=20, C03=45))
    result = hall.finish()
    # A01: 40 + 10 + 120/150*40 = 82; B02: 20 + 10 + 40 = 70; C03: 45 + 10 + 100/150*40 = 81 2/3.
    assert [(item["bidder"], item["total"]) for item in result["ranking"]] == [
        ("A01", "82"),
        ("C03", "245/3"),
        ("B02", "70"),
    ]
    assert result["ranking"][1]["price_score"] == "80/3"
    assert result["ranking"][1]["total_shown"] == "81.67"
    assert (result["winner"], result["price_fen"]) == ("A01", 120_00)
    assert result["candidates"] == ["A01", "C03", "B02"]


def test_a_reverse_tender_gives_the_lowest_price_the_whole_weight() -> None:
    hall = offered(90_00, 60_00, 80_00, direction="reverse")
    hall.lock(seconds(100), scores(A01=45, B02=20, C03=30))
    result = hall.finish()
    assert {item["bidder"]: item["price_score"] for item in result["ranking"]} == {
        "A01": "80/3",
        "B02": "40",
        "C03": "30",
    }
    assert (result["winner"], result["price_fen"]) == ("A01", 90_00)


def test_points_are_the_exact_mean_of_the_experts() -> None:
    hall = offered(100_00, 100_00, 100_00)
    members = scores(A01=0, B02=0, C03=0)
    members["scores"]["A01"]["tech"] = ["0.1", "0.2", "100/3", 0, 7]
    hall.lock(seconds(100), members)
    ranking = hall.finish()["ranking"]
    mean = (Fraction(1, 10) + Fraction(1, 5) + Fraction(100, 3) + 7) / 5
    assert ranking[0]["points"]["tech"] == str(mean)


def test_of_equal_totals_the_higher_price_score_is_better_and_then_the_earlier_offer() -> None:
    hall = offered(150_00, 75_00 + 25_00, 150_00)
    # B02's price score is 40 * 2/3; its points make up exactly what it lacks.
    members = scores(A01=20, B02=20, C03=20)
    members["scores"]["B02"]["tech"] = ["100/3"] * 5
    hall.lock(seconds(100), members)
    ranking = hall.finish()["ranking"]
    assert {item["total"] for item in ranking} == {"70"}
    assert [item["bidder"] for item in ranking] == ["A01", "C03", "B02"]


def test_at_most_three_candidates_are_named() -> None:
    hall = offered(100_00, 110_00, 120_00, 130_00)
    hall.lock(seconds(100), scores(A01=1, B02=1, C03=1, D04=1))
    result = hall.finish()
    assert (result["candidates"], len(result["ranking"])) == (["D04", "C03", "B02"], 4)


def test_a_rejected_offer_is_opened_and_not_ranked_nor_the_measure_of_prices() -> None:
    hall = offered(100_00, 900_00, 120_00)
    hall.lock(seconds(100), scores({"B02": "未按要求签字"}, A01=40, C03=30))
    result = hall.finish()
    assert result["excluded"] == [{"bidder": "B02", "reason": "未按要求签字"}]
    assert result["ranking"][0]["price_score"] == "100/3"
    assert len(hall.events("envelopes_opened")[0]["openings"]) == 3


def test_when_all_are_rejected_nothing_is_sold() -> None:
    hall = offered(100_00, 110_00, 120_00)
    hall.lock(seconds(100), scores(dict.fromkeys(("A01", "B02", "C03"), "不响应")))
    result = hall.finish()
    assert (result["outcome"], result["reason"], result["candidates"]) == ("unsold", "all_rejected", [])


def test_until_prices_open_everybody_has_the_commitment_and_nobody_the_scores() -> None:
    hall = offered(100_00, 110_00, 120_00)
    members = scores(A01=40, B02=30, C03="12.5")
    hall.lock(seconds(100), members)
    locked = hall.streams[PUBLIC][-1]
    body = orjson.loads(locked.body)
    assert (locked.kind, body["panel"]) == ("scores_locked", 5)
    detail, _ = hall.rules.pack(hall.state)
    for text in (locked.body, orjson.dumps(detail).decode()):
        assert "王一" not in text
        assert "12.5" not in text
    assert hall.offer("A01", seconds(101)).own["envelope"]["bidder"] == "A01"
    hall.finish()
    opened = hall.events("scores_opened")[0]
    content = {name: opened[name] for name in ("experts", "scores", "rejected")}
    assert commit(canonical(content), bytes.fromhex(opened["key"])) == body["commitment"]
    assert opened["scores"]["C03"]["tech"][0] == "25/2"


def test_prices_stay_sealed_until_the_scores_are_locked() -> None:
    hall = offered(100_00, 110_00, 120_00)
    assert not hall.rules.wants_openings(hall.game, hall.state)
    hall.work(DEADLINE)
    assert (hall.state.phase, hall.state.stage) == ("open", "scoring")
    assert hall.fold(DEADLINE).due_at() is None
    before = hall.state
    hall.work(DEADLINE + timedelta(days=1))
    assert hall.state == before
    assert isinstance(hall.ask(Kind.SEAL, "D04", DEADLINE + timedelta(days=1)).refusal, AuctionOver)
    hall.lock(DEADLINE + timedelta(days=2), scores(A01=40, B02=30, C03=20))
    assert hall.fold(DEADLINE).due_at() == DEADLINE
    hall.work(DEADLINE + timedelta(days=2, seconds=1))
    assert hall.result["winner"] == "A01"
    assert hall.state.ends_at == DEADLINE


def test_scores_are_locked_once() -> None:
    hall = offered(100_00, 110_00, 120_00)
    hall.lock(seconds(100), scores(A01=40, B02=30, C03=20))
    before = hall.state
    with pytest.raises(ScoresLocked):
        hall.lock(seconds(101), scores(A01=1, B02=1, C03=45))
    assert hall.state == before


def test_after_the_locking_only_those_assessed_may_still_offer() -> None:
    hall = offered(100_00, 110_00, 120_00)
    hall.lock(seconds(100), scores(A01=40, B02=30, C03=20))
    assert isinstance(hall.seal("D04", 130_00, seconds(200)).refusal, NotAssessed)
    assert hall.seal("A01", 140_00, seconds(201)).refusal is None
    assert hall.finish()["price_fen"] == 140_00


def test_an_offer_that_was_withdrawn_is_not_opened() -> None:
    hall = offered(100_00, 110_00, 120_00, 500_00)
    assert hall.ask(Kind.WITHDRAW, "D04", seconds(50)).refusal is None
    hall.lock(seconds(100), scores(A01=40, B02=30, C03=20, D04=45))
    assert "D04" not in [item["bidder"] for item in hall.finish()["ranking"]]


def test_fewer_offers_than_three_stay_sealed_and_the_tender_is_held_again() -> None:
    hall = offered(100_00, 110_00)
    hall.lock(seconds(100), scores(A01=40, B02=30))
    result = hall.finish()
    assert (result["outcome"], result["reason"]) == ("unsold", "too_few_bidders")
    assert {item["bidder"] for item in result["unopened"]} == {"A01", "B02"}
    assert not hall.events("scores_opened")
    assert TenderHall(make_tender()).finish()["reason"] == "no_bid"


def test_an_offer_that_contradicts_its_commitment_voids_the_tender() -> None:
    hall = offered(100_00, 110_00, 120_00)
    hall.lock(seconds(100), scores(A01=40, B02=30, C03=20))
    first, *others = hall.openings()
    hall.work(DEADLINE, [first._replace(amount_fen=1), *others])
    assert hall.state.phase == "void"


def test_a_price_is_within_the_limit() -> None:
    with pytest.raises(BidTooLow):
        TenderHall(make_tender()).seal("A01", 99_99, seconds(1))
    with pytest.raises(BidTooHigh):
        TenderHall(make_tender(direction="reverse")).seal("A01", 100_01, seconds(1))


def test_the_act_belongs_to_an_open_tender() -> None:
    hall = TenderHall(make_tender())
    with pytest.raises(AuctionNotOpen):
        hall.lock(OPENS - timedelta(seconds=1), scores(A01=1))
    fold = hall.fold(seconds(5))
    fold.advance()
    fold.suspend("断电", "power cut", cause="host")
    with pytest.raises(AuctionSuspended):
        fold.act("scores_locked", scores(A01=1))
    with pytest.raises(KindNotOffered):
        fold.act("open_prices", {})
    other = RoundsHall(make_raising()).fold(seconds(5))
    other.advance()
    with pytest.raises(KindNotOffered):
        other.act("scores_locked", {})
    hall = offered(100_00, 110_00, 120_00)
    hall.lock(seconds(100), scores(A01=40, B02=30, C03=20))
    hall.finish()
    with pytest.raises(AuctionOver):
        hall.lock(DEADLINE + timedelta(hours=1), scores(A01=1))


def test_a_suspended_tender_has_its_whole_time_again_and_awaited_scores_leave_it_over() -> None:
    hall = offered(100_00, 110_00, 120_00)
    fold = hall.fold(seconds(100))
    fold.suspend("断电", "power cut", cause="host")
    fold.now = seconds(500)
    fold.resume(None)
    assert fold.state.ends_at == seconds(500 + SEALED_SECONDS)
    hall = offered(100_00, 110_00, 120_00)
    hall.work(DEADLINE)
    fold = hall.fold(DEADLINE + timedelta(hours=1))
    fold.suspend("核查", "being looked into", cause="host")
    fold.resume(None)
    assert (fold.state.stage, fold.state.ends_at) == ("scoring", DEADLINE)
    assert hall.rules.watched_since(hall.game, hall.state) > DEADLINE + timedelta(days=9999)


def test_the_rules_in_words_tell_the_weights() -> None:
    rules = write_rules(make_tender(direction="reverse"))
    assert any("技术方案 45 分、团队 15 分、价格 40 分" in sentence for sentence in rules["zh"])
    assert any("technical solution 45, team 15, price 40" in sentence for sentence in rules["en"])
    assert any("最低价 ÷ 该报价 × 40" in sentence for sentence in rules["zh"])


OFFERS = st.lists(st.tuples(st.sampled_from(CODES), st.integers(100_00, 110_00), st.booleans()), max_size=10)


@given(offers=OFFERS, points=st.lists(st.integers(0, 45), min_size=4, max_size=4), early=st.booleans())
def test_stored_and_read_back_at_each_step_it_ends_as_in_one_go(
    offers: list[Any], points: list[int], *, early: bool
) -> None:
    members = scores(None, **dict(zip(CODES, points, strict=True)))

    def carry(hall: TenderHall) -> TenderHall:
        for second, (bidder, amount, withdraws) in enumerate(offers):
            if withdraws:
                hall.ask(Kind.WITHDRAW, bidder, seconds(second))
            else:
                hall.seal(bidder, amount, seconds(second))
        if early:
            hall.lock(seconds(50), members)
        hall.work(DEADLINE)
        if hall.state.phase == "open":
            hall.lock(DEADLINE + timedelta(hours=1), members)
            hall.work(DEADLINE + timedelta(hours=2))
        return hall

    first, second = carry(TenderHall(make_tender())), carry(TenderHall(make_tender()))
    assert first.state == second.state
    assert first.streams == second.streams
    assert first.state.phase in ("sold", "unsold")
    ranking = first.result.get("ranking", [])
    totals = [Fraction(item["total"]) for item in ranking]
    assert totals == sorted(totals, reverse=True)


def test_a_commitment_alone_is_enough_for_the_record_of_a_sale_that_never_opened() -> None:
    live, record = offered(100_00, 110_00), offered(100_00, 110_00)
    live.lock(seconds(100), scores(A01=40, B02=30))
    record.lock(seconds(100), Hall.body(live.streams[HOST][-1]))
    for hall in (live, record):
        assert isinstance(hall.seal("D04", 130_00, seconds(200)).refusal, NotAssessed)
    assert record.finish() == live.finish()
    assert record.streams == live.streams
    never = offered(100_00, 110_00, 120_00)
    never.lock(seconds(100), {"commitment": "0" * 64})
    never.work(DEADLINE)
    assert (never.state.stage, never.fold(DEADLINE).due_at()) == ("scoring", None)


def test_what_is_opened_is_what_the_act_can_be_repeated_with() -> None:
    live, record = offered(100_00, 110_00, 120_00), offered(100_00, 110_00, 120_00)
    live.lock(seconds(100), scores(A01="40.5", B02=30, C03="1/3"))
    result = live.finish()
    record.lock(seconds(100), live.events("scores_opened")[0])
    assert record.finish() == result
    assert record.streams == live.streams
