"""The right of first refusal in the field: golden test 5, what answers a match, and several holders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auction.errors import BidTooLow, KindNotOffered
from app.auction.errors_open import MatchStale, NothingToMatch, PriorityLeads, PriorityNotYours
from tests.auction.rules_open.playing import TEN, Sale, make_terms


def with_holders(*holders: str, reserve_fen: int | None = None, **over: Any) -> Sale:
    """A sale from 100 with steps of 10 in which some hold priority."""
    values: dict[str, Any] = {
        "start_price_fen": 100_00,
        "step_fen": 10_00,
        "priority": "in_field",
        "has_reserve": reserve_fen is not None,
    }
    return Sale(make_terms(**{**values, **over}), holders=holders, reserve_fen=reserve_fen)


def test_golden_5_a_holder_matches_130_and_leads_so_a_rival_must_bid_140() -> None:
    sale = with_holders("P")
    sale.place("A", 130_00)
    sale.match("P", 130_00)
    assert sale.lead == ("P", 130_00)
    with pytest.raises(BidTooLow) as caught:
        sale.place("A", 130_00)
    assert caught.value.minimum_fen == 140_00
    sale.place("A", 140_00)
    sale.match("P", 140_00)
    result = sale.settle()
    assert (result["winner"], result["price_fen"]) == ("P", 140_00)


def test_a_match_is_an_accepted_bid_on_the_public_stream() -> None:
    sale = with_holders("P")
    sale.place("A", 130_00)
    sale.match("P", 130_00)
    event = sale.bodies()[-1]
    assert (event["kind"], event["bidder"], event["amount_fen"], event["matched"]) == (
        "bid_accepted",
        "P",
        130_00,
        True,
    )
    assert sale.state.sequence == 2


def test_a_match_in_the_last_minutes_moves_the_end_because_the_leader_changed() -> None:
    sale = with_holders("P")
    sale.place("A", 130_00, TEN - timedelta(hours=1))
    now = TEN - timedelta(minutes=1)
    assert sale.match("P", 130_00, now).ends_at == now + timedelta(minutes=5)


def test_a_match_in_a_limited_cycle_starts_a_new_one() -> None:
    sale = with_holders("P", format="free_limited", options={"cycle_seconds": 180})
    sale.place("A", 130_00, TEN - timedelta(hours=1))
    now = TEN + timedelta(minutes=1)
    assert sale.match("P", 130_00, now).ends_at == now + timedelta(seconds=180)


def test_a_match_of_another_price_is_refused_with_both() -> None:
    sale = with_holders("P")
    sale.place("A", 130_00)
    with pytest.raises(MatchStale) as caught:
        sale.match("P", 120_00)
    assert (caught.value.amount_fen, caught.value.price_fen) == (120_00, 130_00)
    for lang in ("zh", "en"):
        assert "120.00" in caught.value.detail(lang)
        assert "130.00" in caught.value.detail(lang)


def test_a_match_without_an_amount_is_refused() -> None:
    sale = with_holders("P")
    sale.place("A", 130_00)
    with pytest.raises(MatchStale):
        sale.match("P", None)


def test_only_a_holder_matches() -> None:
    sale = with_holders("P")
    sale.place("A", 130_00)
    with pytest.raises(PriorityNotYours):
        sale.match("B", 130_00)


def test_without_a_price_there_is_nothing_to_match() -> None:
    with pytest.raises(NothingToMatch) as caught:
        with_holders("P").match("P", 100_00)
    assert caught.value.start_price_fen == 100_00


@pytest.mark.parametrize("priority", ["none", "post"])
def test_where_no_right_is_offered_in_the_field_a_match_is_no_request(priority: str) -> None:
    sale = with_holders("P", priority=priority, priority_seconds=3600)
    sale.place("A", 130_00)
    with pytest.raises(KindNotOffered):
        sale.match("P", 130_00)


def test_of_several_holders_the_first_to_match_keeps_the_lead() -> None:
    sale = with_holders("P", "Q")
    sale.place("A", 130_00)
    sale.match("P", 130_00)
    with pytest.raises(PriorityLeads) as caught:
        sale.match("Q", 130_00)
    assert caught.value.next_fen == 140_00
    sale.place("Q", 140_00)
    with pytest.raises(PriorityLeads):
        sale.match("P", 140_00)


def test_a_holder_who_leads_has_nothing_to_match() -> None:
    sale = with_holders("P")
    sale.place("P", 130_00)
    with pytest.raises(PriorityLeads):
        sale.match("P", 130_00)


def test_the_leaders_maximum_answers_a_match() -> None:
    sale = with_holders("P", options={"automatic": True})
    sale.maximum("A", 200_00)
    sale.match("P", 100_00)
    assert sale.lead == ("A", 110_00)
    shown = [(e["bidder"], e.get("matched", False), e.get("automatic", False)) for e in sale.bodies()[-2:]]
    assert shown == [("P", True, False), ("A", False, True)]


def test_a_maximum_of_just_the_price_gives_way_to_a_match() -> None:
    sale = with_holders("P", options={"automatic": True})
    sale.maximum("A", 200_00)
    sale.maximum("B", 200_00)
    assert sale.lead == ("A", 200_00)
    sale.match("P", 200_00)
    assert sale.lead == ("P", 200_00)


def test_a_holder_who_matched_may_set_a_maximum_without_moving_the_price() -> None:
    sale = with_holders("P", options={"automatic": True})
    sale.place("A", 130_00)
    sale.match("P", 130_00)
    sale.maximum("P", 300_00)
    assert sale.lead == ("P", 130_00)
    sale.place("A", 140_00)
    assert sale.lead == ("P", 150_00)


def test_a_match_below_the_reserve_leads_and_does_not_buy() -> None:
    sale = with_holders("P", reserve_fen=200_00)
    sale.place("A", 130_00)
    assert sale.match("P", 130_00).reserve_met is False
    assert sale.settle()["reason"] == "reserve_not_met"


def test_the_room_offers_a_match_to_holders_who_could_make_one() -> None:
    sale = with_holders("P")
    assert sale.offer("P").kinds == ("bid",)
    sale.place("A", 130_00)
    assert (sale.offer("P").kinds, sale.offer("A").kinds) == (("bid", "match"), ("bid",))
    sale.match("P", 130_00)
    assert sale.offer("P").kinds == ("bid",)


def test_in_a_falling_sale_a_holder_matches_the_lowest_price() -> None:
    sale = with_holders("P", direction="reverse")
    sale.place("A", 70_00)
    sale.match("P", 70_00)
    assert sale.lead == ("P", 70_00)
    assert sale.offer("A").limit_fen == 60_00
