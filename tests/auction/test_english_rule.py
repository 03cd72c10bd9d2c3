"""The English rule: examples from the golden tests, then properties over any sequence of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import (
    AuctionNotOpen,
    AuctionOver,
    BidOffStep,
    BidTooLarge,
    BidTooLow,
    DepositNotHeld,
    ExchangeMayNotBid,
    NotAdmitted,
    SellerMayNotBid,
    TermsInvalid,
)
from app.auction.rules.english import (
    Bid,
    Standing,
    State,
    close_if_due,
    judge_bid,
    minimum_fen,
    open_if_due,
)
from app.auction.rules.terms import AuctionTerms, commit_reserve
from app.auction.rules.words import write_rules
from app.errors import MarketError
from app.money import MAX_FEN

TEN = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def make_terms(**over: object) -> AuctionTerms:
    """Terms of a plain sale that ends at ten, with the statutory five minutes."""
    values: dict[str, object] = {
        "start_price_fen": 100_000_00,
        "step_fen": 10_000_00,
        "deposit_fen": 10_000_00,
        "opens_at": TEN - timedelta(days=1),
        "closes_at": TEN,
        "hard_end_at": None,
        "trigger_seconds": 300,
        "extension_seconds": 300,
        "has_reserve": False,
    }
    return AuctionTerms(**{**values, **over})  # type: ignore[arg-type]


def open_state(terms: AuctionTerms) -> State:
    """The sale just after its opening."""
    return open_if_due(terms, State("scheduled", terms.closes_at), terms.opens_at)[0]


def bid(amount_fen: int, bidder: str = "A01", standing: Standing = Standing.ADMITTED) -> Bid:
    """A bid by an admitted bidder unless said otherwise."""
    return Bid(bidder, amount_fen, standing, TEN)


def place(terms: AuctionTerms, state: State, amount_fen: int, now: datetime, bidder: str = "A01") -> State:
    """The state after one bid without a reserve."""
    return judge_bid(terms, state, bid(amount_fen, bidder), now, None)[0]


def test_the_first_bid_may_be_the_start_price() -> None:
    terms = make_terms()
    state = place(terms, open_state(terms), 100_000_00, TEN - timedelta(hours=1))
    assert (state.price_fen, state.leader, state.sequence) == (100_000_00, "A01", 1)
    assert minimum_fen(terms, state) == 110_000_00


def test_a_bid_below_the_start_price_says_the_lowest_amount() -> None:
    terms = make_terms()
    with pytest.raises(BidTooLow) as caught:
        place(terms, open_state(terms), 99_999_99, TEN - timedelta(hours=1))
    assert caught.value.minimum_fen == 100_000_00
    assert "100,000.00" in caught.value.detail("zh")
    assert "100,000.00" in caught.value.detail("en")


def test_a_bid_that_only_equals_the_price_is_too_low() -> None:
    terms = make_terms()
    state = place(terms, open_state(terms), 100_000_00, TEN - timedelta(hours=1))
    with pytest.raises(BidTooLow):
        place(terms, state, 100_000_00, TEN - timedelta(hours=1), "B02")


def test_a_bid_off_the_step_names_the_amounts_on_either_side() -> None:
    terms = make_terms()
    with pytest.raises(BidOffStep) as caught:
        place(terms, open_state(terms), 115_000_00, TEN - timedelta(hours=1))
    assert (caught.value.below_fen, caught.value.above_fen) == (110_000_00, 120_000_00)


def test_an_amount_no_browser_could_carry_is_refused() -> None:
    terms = make_terms(step_fen=1)
    with pytest.raises(BidTooLarge):
        place(terms, open_state(terms), MAX_FEN + 1, TEN - timedelta(hours=1))


@pytest.mark.parametrize(
    ("standing", "refusal"),
    [
        (Standing.SELLER, SellerMayNotBid),
        (Standing.EXCHANGE, ExchangeMayNotBid),
        (Standing.STRANGER, NotAdmitted),
        (Standing.DEPOSIT_DUE, DepositNotHeld),
    ],
)
def test_only_the_admitted_bid(standing: Standing, refusal: type[MarketError]) -> None:
    terms = make_terms()
    with pytest.raises(refusal):
        judge_bid(
            terms, open_state(terms), bid(100_000_00, standing=standing), TEN - timedelta(hours=1), None
        )


def test_a_bid_after_the_close_is_too_late_even_when_the_deposit_has_gone_back() -> None:
    terms = make_terms()
    closed, _ = close_if_due(open_state(terms), TEN, None, None)
    with pytest.raises(AuctionOver):
        judge_bid(terms, closed, bid(100_000_00, standing=Standing.DEPOSIT_DUE), TEN, None)


def test_a_bid_before_the_opening_is_refused_with_the_opening_time() -> None:
    terms = make_terms()
    with pytest.raises(AuctionNotOpen) as caught:
        place(terms, State("scheduled", TEN), 100_000_00, terms.opens_at - timedelta(seconds=1))
    assert caught.value.opens_at == terms.opens_at


def test_golden_3_late_bids_move_the_end_and_the_closing_instant_is_too_late() -> None:
    terms = make_terms()
    at = TEN.replace
    state = place(terms, open_state(terms), 100_000_00, at(hour=1, minute=57))
    assert state.ends_at == at(minute=2)
    state = place(terms, state, 110_000_00, at(minute=1, second=59))
    assert state.ends_at == at(minute=6, second=59)
    with pytest.raises(AuctionOver):
        place(terms, state, 120_000_00, at(minute=7))
    with pytest.raises(AuctionOver):
        place(terms, state, 120_000_00, at(minute=6, second=59))


def test_a_bid_earlier_than_the_window_leaves_the_end() -> None:
    terms = make_terms()
    state = place(terms, open_state(terms), 100_000_00, TEN - timedelta(seconds=301))
    assert (state.ends_at, state.extensions) == (TEN, 0)


def test_an_extension_shorter_than_the_window_never_brings_the_end_forward() -> None:
    terms = make_terms(extension_seconds=60)
    state = place(terms, open_state(terms), 100_000_00, TEN - timedelta(seconds=200))
    assert (state.ends_at, state.extensions) == (TEN, 0)


def test_the_end_never_passes_the_hard_end() -> None:
    terms = make_terms(hard_end_at=TEN + timedelta(minutes=2))
    state = place(terms, open_state(terms), 100_000_00, TEN - timedelta(seconds=1))
    assert state.ends_at == TEN + timedelta(minutes=2)
    state = place(terms, state, 110_000_00, TEN + timedelta(seconds=90))
    assert (state.ends_at, state.extensions) == (TEN + timedelta(minutes=2), 1)


def test_the_public_learns_only_whether_the_reserve_is_met() -> None:
    terms = make_terms(has_reserve=True)
    below, (event,) = judge_bid(
        terms, open_state(terms), bid(100_000_00), TEN - timedelta(hours=1), 110_000_00
    )
    assert below.reserve_met is False
    assert "110000" not in str(event.body)
    met, _ = judge_bid(terms, below, bid(110_000_00), TEN - timedelta(hours=1), 110_000_00)
    assert met.reserve_met is True


def test_a_highest_bid_below_the_reserve_ends_unsold_and_opens_the_commitment() -> None:
    terms, key = make_terms(has_reserve=True), bytes(range(32))
    state, _ = judge_bid(terms, open_state(terms), bid(100_000_00), TEN - timedelta(hours=1), 150_000_00)
    closed, (event,) = close_if_due(state, TEN, 150_000_00, key)
    assert closed.phase == "unsold"
    assert (event.body["reason"], event.body["winner"], event.body["price_fen"]) == (
        "reserve_not_met",
        None,
        None,
    )
    opening = event.body["reserve_opening"]
    assert commit_reserve(opening["reserve_fen"], bytes.fromhex(opening["key"])) == commit_reserve(
        150_000_00, key
    )


def test_nobody_bids_and_the_sale_ends_unsold() -> None:
    terms = make_terms()
    closed, (event,) = close_if_due(open_state(terms), TEN, None, None)
    assert (closed.phase, event.body["reason"]) == ("unsold", "no_bid")


def test_the_highest_bidder_wins_and_pays_his_own_bid() -> None:
    terms = make_terms()
    state = place(terms, open_state(terms), 100_000_00, TEN - timedelta(hours=2))
    state = place(terms, state, 140_000_00, TEN - timedelta(hours=1), "B02")
    closed, (event,) = close_if_due(state, TEN, None, None)
    assert closed.phase == "sold"
    assert (event.body["winner"], event.body["price_fen"]) == ("B02", 140_000_00)


def test_a_sale_does_not_close_before_its_end_nor_twice() -> None:
    terms = make_terms()
    state = open_state(terms)
    assert close_if_due(state, TEN - timedelta(microseconds=1), None, None) == (state, [])
    closed, _ = close_if_due(state, TEN, None, None)
    assert close_if_due(closed, TEN + timedelta(days=1), None, None) == (closed, [])


@pytest.mark.parametrize(
    "over",
    [
        {"start_price_fen": 0},
        {"step_fen": 0},
        {"deposit_fen": -1},
        {"closes_at": TEN - timedelta(days=1)},
        {"hard_end_at": TEN - timedelta(seconds=1)},
        {"trigger_seconds": -1},
    ],
)
def test_terms_that_contradict_each_other_are_refused(over: dict[str, object]) -> None:
    with pytest.raises(TermsInvalid):
        make_terms(**over).check()


def test_terms_survive_being_stored() -> None:
    terms = make_terms(hard_end_at=TEN + timedelta(hours=1))
    assert AuctionTerms.from_json(terms.as_json()) == terms


def test_the_words_follow_the_parameters_and_never_say_auction_house() -> None:
    plain, other = make_terms(), make_terms(extension_seconds=60, step_fen=5_000_00)
    assert write_rules(plain)["sha256"] != write_rules(other)["sha256"]
    chinese = "".join(write_rules(other)["zh"])
    assert "5,000.00" in chinese
    assert "1 分钟" in chinese
    assert "拍卖" not in chinese
    assert len(write_rules(plain)["zh"]) == len(write_rules(plain)["en"])


requests = st.lists(
    st.tuples(
        st.integers(min_value=-5, max_value=60),  # steps above the start price
        st.sampled_from(["A01", "B02", "C03"]),
        st.integers(min_value=0, max_value=700),  # seconds since the request before
        st.sampled_from([0, 0, 0, 1]),  # fen off the step
    ),
    max_size=30,
)


@given(requests, st.one_of(st.none(), st.integers(min_value=0, max_value=1000)))
def test_price_and_end_never_fall_and_refused_requests_change_nothing(
    steps: list[tuple[int, str, int, int]], hard_seconds: int | None
) -> None:
    hard_end = None if hard_seconds is None else TEN + timedelta(seconds=hard_seconds)
    terms = make_terms(hard_end_at=hard_end)
    state, now = open_state(terms), TEN - timedelta(minutes=30)
    told: list[str] = []
    for count, bidder, wait, off in steps:
        now += timedelta(seconds=wait)
        amount = terms.start_price_fen + count * terms.step_fen + off
        try:
            after, events = judge_bid(terms, state, bid(amount, bidder), now, None)
        except MarketError as refusal:
            told.append(refusal.detail("zh") + refusal.detail("en"))
            continue
        assert now < state.ends_at
        assert after.price_fen == amount >= minimum_fen(terms, state)
        assert after.ends_at >= state.ends_at
        assert hard_end is None or after.ends_at <= hard_end
        assert after.sequence == state.sequence + 1
        assert [event.kind for event in events] == ["bid_accepted"]
        state = after
    assert all(told)
    closed, _ = close_if_due(state, state.ends_at, None, None)
    assert closed.phase == ("sold" if state.sequence else "unsold")
    assert (closed.price_fen, closed.leader) == (state.price_fen, state.leader)
    with pytest.raises(AuctionOver):
        judge_bid(terms, closed, bid(terms.start_price_fen + 1000 * terms.step_fen), state.ends_at, None)
