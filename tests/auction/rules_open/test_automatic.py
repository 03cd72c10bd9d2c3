"""Automatic bidding: golden test 6, then every row in which auction engines disagree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import BidTooLarge, BidTooLow, KindNotOffered
from app.auction.errors_open import MaximumNotHigher
from app.auction.rules.terms import commit_amount
from app.chain import HOST
from app.errors import MarketError
from app.money import MAX_FEN
from tests.auction.rules_open.playing import KEY, TEN, Sale, make_terms

# The increments of eBay's table, in cents as in fen.
USD = [
    [0, 5],
    [1_00, 25],
    [5_00, 50],
    [25_00, 1_00],
    [100_00, 2_50],
    [250_00, 5_00],
    [500_00, 10_00],
    [1000_00, 25_00],
    [2500_00, 50_00],
    [5000_00, 100_00],
]


def automatic(reserve_fen: int | None = None, holders: tuple[str, ...] = (), **over: Any) -> Sale:
    """A sale from 10 with steps of 1 and automatic bidding."""
    values: dict[str, Any] = {
        "start_price_fen": 10_00,
        "step_fen": 1_00,
        "options": {"automatic": True},
        "has_reserve": reserve_fen is not None,
    }
    return Sale(make_terms(**{**values, **over}), reserve_fen=reserve_fen, holders=holders)


def test_golden_6_proxy_bidding_by_the_table_of_ebay() -> None:
    sale = automatic(step_fen=50, options={"automatic": True, "ladder": USD})
    sale.maximum("A", 50_00)
    assert sale.lead == ("A", 10_00)
    sale.maximum("B", 30_00)
    assert sale.lead == ("A", 31_00)
    sale.maximum("C", 50_00)
    assert sale.lead == ("A", 50_00)
    with pytest.raises(BidTooLow) as caught:
        sale.maximum("D", 50_50)
    assert caught.value.minimum_fen == 51_00
    sale.maximum("D", 60_00)
    assert sale.lead == ("D", 51_00)


def test_the_first_maximum_makes_the_start_price_and_no_more() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    assert sale.lead == ("A", 10_00)


def test_the_first_exact_bid_becomes_the_price() -> None:
    sale = automatic()
    sale.place("A", 12_00)
    assert sale.lead == ("A", 12_00)


def test_of_two_equal_maxima_the_earlier_leads_at_that_amount() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.maximum("B", 30_00)
    assert sale.lead == ("A", 30_00)


def test_an_exact_bid_of_the_leaders_maximum_leaves_him_the_lead_at_that_amount() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.place("B", 30_00)
    assert sale.lead == ("A", 30_00)


def test_the_leader_who_raises_his_maximum_leaves_the_price() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.maximum("B", 20_00)
    assert sale.lead == ("A", 21_00)
    sale.maximum("A", 40_00)
    assert sale.lead == ("A", 21_00)


def test_a_capped_price_catches_up_to_second_plus_step_when_its_leader_raises_the_maximum() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.maximum("B", 30_00)
    assert sale.lead == ("A", 30_00)
    sale.maximum("A", 40_00)
    assert sale.lead == ("A", 31_00)


def test_a_maximum_short_of_second_plus_step_caps_the_price_at_itself() -> None:
    sale = automatic()
    sale.maximum("A", 30_40)
    sale.maximum("B", 30_00)
    assert sale.lead == ("A", 30_40)


def test_a_capped_winner_may_outbid_by_less_than_a_step() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.maximum("B", 30_40)
    assert sale.lead == ("B", 30_40)
    sale.maximum("B", 35_00)
    assert sale.lead == ("B", 31_00)


def test_an_exact_bid_is_never_capped_so_a_later_maximum_leaves_its_price() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.place("B", 30_40)
    assert sale.lead == ("B", 30_40)
    sale.maximum("B", 50_00)
    assert sale.lead == ("B", 30_40)


def test_the_price_jumps_to_the_reserve_once_a_maximum_reaches_it() -> None:
    sale = automatic(reserve_fen=50_00)
    sale.maximum("A", 49_99)
    assert (sale.lead, sale.state.reserve_met) == (("A", 10_00), False)
    sale.maximum("A", 60_00)
    assert (sale.lead, sale.state.reserve_met) == (("A", 50_00), True)
    sale.maximum("B", 52_00)
    assert sale.lead == ("A", 53_00)


def test_a_challenger_who_takes_the_lead_jumps_to_the_reserve() -> None:
    sale = automatic(reserve_fen=50_00)
    sale.maximum("A", 20_00)
    sale.maximum("B", 50_00)
    assert (sale.lead, sale.state.reserve_met) == (("B", 50_00), True)


def test_a_reserve_that_no_maximum_reaches_leaves_the_price_to_the_steps() -> None:
    sale = automatic(reserve_fen=50_00)
    sale.maximum("A", 30_00)
    sale.maximum("B", 25_00)
    assert (sale.lead, sale.state.reserve_met) == (("A", 26_00), False)
    assert sale.settle()["reason"] == "reserve_not_met"


def test_the_public_learns_of_the_reserve_only_whether_it_is_met() -> None:
    sale = automatic(reserve_fen=50_00)
    sale.maximum("A", 49_00)
    sale.maximum("B", 30_00)
    assert all("50_00" not in event.body and "5000" not in event.body for event in sale.public())


def test_an_exact_bid_is_shown_and_then_answered() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.place("B", 20_00)
    shown = [(e["bidder"], e["amount_fen"], e.get("automatic", False)) for e in sale.bodies()[1:]]
    assert shown == [("A", 10_00, True), ("B", 20_00, False), ("A", 21_00, True)]
    assert [e["sequence"] for e in sale.bodies()[1:]] == [1, 2, 3]


def test_an_exact_bid_over_all_maxima_is_the_price_even_a_small_way_over() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.place("B", 45_00)
    assert sale.lead == ("B", 45_00)


def test_a_maximum_that_changes_nothing_public_puts_nothing_on_the_public_stream_and_moves_no_end() -> None:
    sale = automatic()
    late = TEN - timedelta(minutes=1)
    sale.maximum("A", 30_00, TEN - timedelta(hours=1))
    sale.maximum("B", 20_00, TEN - timedelta(minutes=2))
    end, numbers = sale.state.ends_at, (len(sale.public()), len(sale.streams[HOST].fresh))
    sale.maximum("A", 40_00, late)
    assert sale.state.ends_at == end
    assert (len(sale.public()), len(sale.streams[HOST].fresh)) == numbers


def test_a_maximum_that_is_outbid_at_once_moves_the_end_because_the_price_moved() -> None:
    sale = automatic()
    sale.maximum("A", 30_00, TEN - timedelta(hours=1))
    now = TEN - timedelta(minutes=2)
    sale.maximum("B", 20_00, now)
    assert sale.lead == ("A", 21_00)
    assert (sale.state.ends_at, sale.state.extensions) == (now + timedelta(minutes=5), 1)


def test_a_bid_and_its_answer_move_the_end_once() -> None:
    sale = automatic()
    sale.maximum("A", 30_00, TEN - timedelta(hours=1))
    sale.place("B", 20_00, TEN - timedelta(minutes=2))
    assert sale.state.extensions == 1


def test_a_refused_maximum_moves_nothing_and_is_told_to_its_bidder_alone() -> None:
    sale = automatic()
    sale.maximum("A", 30_00, TEN - timedelta(hours=1))
    before = sale.state
    judged = sale.ask("B", 10_50, TEN - timedelta(minutes=1), "maximum")
    assert isinstance(judged.refusal, BidTooLow)
    assert (judged.audience, sale.state) == ("B", before)
    assert "1050" not in judged.event.body


@pytest.mark.parametrize("amount_fen", [20_00, 25_00])
def test_a_maximum_can_only_be_raised(amount_fen: int) -> None:
    sale = automatic()
    sale.maximum("A", 25_00)
    with pytest.raises(MaximumNotHigher) as caught:
        sale.maximum("A", amount_fen)
    assert caught.value.members() == {"amount_fen": amount_fen}  # a refusal is stored: it names no maximum


def test_a_leader_without_a_maximum_may_set_one_from_the_next_step_on() -> None:
    sale = automatic()
    sale.place("A", 12_00)
    with pytest.raises(BidTooLow):
        sale.maximum("A", 12_50)
    sale.maximum("A", 20_00)
    assert sale.lead == ("A", 12_00)


def test_a_maximum_may_lie_between_the_steps_even_where_bids_are_multiples_only() -> None:
    sale = automatic(options={"automatic": True, "multiples_only": True})
    sale.maximum("A", 15_37)
    sale.maximum("B", 15_00)
    assert sale.lead == ("A", 15_37)
    with pytest.raises(MarketError) as caught:
        sale.place("B", 17_00)
    assert caught.value.members()["below_fen"] == 16_37
    sale.place("B", 16_37)
    assert sale.lead == ("B", 16_37)


def test_an_amount_that_no_browser_could_carry_is_no_maximum() -> None:
    sale = automatic()
    with pytest.raises(BidTooLarge):
        sale.maximum("A", MAX_FEN + 1)


def test_without_the_option_a_maximum_is_refused_with_what_is_offered() -> None:
    sale = Sale(make_terms())
    with pytest.raises(KindNotOffered) as caught:
        sale.maximum("A", 200_000_00)
    assert caught.value.offered == ["bid"]


def test_setting_a_maximum_is_told_to_its_bidder_with_the_commitment_and_without_the_amount() -> None:
    sale = automatic()
    sale.maximum("A", 37_21)
    (event,) = sale.bodies("A")
    assert event["kind"] == "maximum_set"
    assert event["commitment"] == commit_amount(event["bid_id"], 37_21, KEY)
    for stream in sale.streams.values():
        assert all("3721" not in recorded.body for recorded in stream.fresh)


def test_the_receipt_of_a_maximum_names_the_event_on_its_bidders_own_stream() -> None:
    sale = automatic()
    judged = sale.ask("A", 30_00, kind="maximum")
    assert (judged.audience, judged.event.kind) == ("A", "maximum_set")
    assert sale.public()[-1].kind == "bid_accepted"


def test_the_own_maximum_is_offered_to_its_bidder_and_to_nobody_else() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    assert sale.offer("A").own == {"maximum_fen": 30_00}
    assert sale.offer("B").own == {"maximum_fen": None}
    assert sale.offer(None).own == {}
    assert sale.offer("B").kinds == ("bid", "maximum")
    assert sale.offer(None).kinds == ()


def test_the_winner_pays_the_price_and_not_his_maximum() -> None:
    sale = automatic()
    sale.maximum("A", 90_00)
    sale.maximum("B", 30_00)
    result = sale.settle()
    assert (result["winner"], result["price_fen"]) == ("A", 31_00)


def test_the_winners_maximum_is_needed_only_as_far_as_the_price_went() -> None:
    sale = automatic()
    sale.maximum("A", 90_00)
    sale.maximum("B", 30_00)
    assert sale.state.hidden.held["A"].needed_fen == 31_00
    assert sale.state.hidden.held["B"].needed_fen == 30_00


def test_a_maximum_that_was_beaten_by_another_is_needed_whole() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.maximum("B", 90_00)
    assert sale.state.hidden.held["A"].needed_fen == 30_00


def test_a_raised_maximum_is_needed_above_the_one_before() -> None:
    sale = automatic()
    sale.maximum("A", 30_00)
    sale.maximum("A", 90_00)
    assert sale.state.hidden.held["A"].needed_fen == 30_01
