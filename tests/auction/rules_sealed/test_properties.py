"""Properties of sealed bids and price clocks over any sequence of requests, in both directions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.errors import AuctionOver
from app.auction.rules.game import ENDED, Kind
from app.auction.rules.terms import AuctionTerms
from app.chain import HOST, PUBLIC
from app.errors import MarketError
from tests.auction.rules_sealed.making import (
    CODES,
    OPENS,
    Act,
    Hall,
    make_clock,
    make_hybrid,
    make_terms,
    replay,
    seconds,
)

START = 1000_00
STEP = 10_00
FORMATS = ("sealed_first_price", "vickrey", "dutch", "dutch_sealed_best")


class Move(NamedTuple):
    """One thing that somebody tries: how long after the one before, who, what, at which amount.

    The amount lies so many steps on the better side of the start, and some fen more.
    """

    wait: int
    bidder: str
    kind: str
    steps: int
    off: int


moves = st.lists(
    st.builds(
        Move,
        st.integers(0, 150),
        st.sampled_from(CODES),
        st.sampled_from([Kind.SEAL, Kind.SEAL, Kind.SEAL, Kind.WITHDRAW, Kind.TAKE, "stale", Kind.BID]),
        st.integers(-6, 12),
        st.sampled_from([0, 0, 0, 1]),
    ),
    max_size=25,
)
options = st.fixed_dictionaries(
    {"one_shot": st.booleans(), "multiples_only": st.booleans()},
).flatmap(
    lambda chosen: st.sampled_from([chosen, {**chosen, "tie_rule": "extra_round", "extra_seconds": 120}])
)
reserves = st.one_of(st.none(), st.integers(0, 8))


def make_sale(name: str, chosen: dict[str, Any], reserve: int | None, *, is_forward: bool) -> Hall:
    """A sale of a format; its mirror has every amount on the other side of the same start."""
    over: dict[str, Any] = {
        "start_price_fen": START,
        "step_fen": STEP,
        "direction": "forward" if is_forward else "reverse",
    }
    if name == "dutch":
        return Hall(make_clock(**over))
    if name == "dutch_sealed_best":
        return Hall(make_hybrid(options={"multiples_only": chosen["multiples_only"]}, **over))
    terms: AuctionTerms = make_terms(
        format=name,
        closes_at=seconds(900),
        has_reserve=reserve is not None,
        options=chosen,
        min_bidders=2,
        **over,
    )
    return Hall(terms, reserve_fen=None if reserve is None else amount_of(reserve, 0, is_forward=is_forward))


def amount_of(steps: int, off: int, *, is_forward: bool) -> int:
    """An amount so much better than the start."""
    distance = steps * STEP + off
    return START + distance if is_forward else START - distance


def catch_up(hall: Hall, now: datetime) -> None:
    """The worker, punctual at every instant that is due."""
    while (due := hall.fold(now).due_at()) is not None and due <= now:
        hall.work(due)


def play(hall: Hall, script: list[Move], *, is_forward: bool = True, is_punctual: bool = True) -> list[str]:
    """Carries a script out; returns what was said to each move."""
    now, told = OPENS, []
    for move in script:
        now += timedelta(seconds=move.wait)
        if is_punctual:
            catch_up(hall, now)
        told.append(attempt(hall, move, now, is_forward=is_forward))
    return told


def attempt(hall: Hall, move: Move, now: datetime, *, is_forward: bool) -> str:
    """One move: accepted, or the refusal's code; a refusal changes nothing but its own stream."""
    amount = amount_of(move.steps, move.off, is_forward=is_forward)
    before = hall.fold(now)
    before.advance()
    heads = {name: stream.number for name, stream in before.streams.items()}
    clock = getattr(before.state.detail, "clock", before.state.detail)
    step, asking = getattr(clock, "step", 0), getattr(clock, "asking_fen", amount)
    try:
        if move.kind == Kind.SEAL:
            judged = hall.seal(move.bidder, amount, now)
        elif move.kind == Kind.TAKE:
            judged = hall.take(move.bidder, now, step, asking)
        elif move.kind == "stale":
            judged = hall.take(move.bidder, now, step - 1, asking)
        else:
            judged = hall.ask(move.kind, move.bidder, now, amount_fen=amount)
    except MarketError as refusal:
        return f"edge {refusal.code}"
    if judged.refusal is None:
        return "accepted"
    assert hall.state == before.state
    heads[judged.audience] += 1
    assert {name: len(events) for name, events in hall.streams.items()} == heads
    assert judged.refusal.detail("zh")
    assert judged.refusal.detail("en")
    return judged.refusal.code


@pytest.mark.parametrize("name", FORMATS)
@given(script=moves, chosen=options, reserve=reserves)
def test_a_price_never_gets_worse_and_what_is_closed_never_opens(
    name: str, script: list[Move], chosen: dict[str, Any], reserve: int | None
) -> None:
    hall = make_sale(name, chosen, reserve, is_forward=True)
    prices: list[int] = []
    now, was_over = OPENS, False
    for move in script:
        now += timedelta(seconds=move.wait)
        catch_up(hall, now)
        attempt(hall, move, now, is_forward=True)
        if hall.state.price_fen is not None:
            prices.append(hall.state.price_fen)
        assert not (was_over and hall.state.phase not in ENDED)
        was_over = hall.state.phase in ENDED
    result = hall.finish()
    assert prices == sorted(prices)
    assert (result["outcome"] == "sold") == (result["winner"] is not None)
    if prices and result["price_fen"] is not None:
        assert result["price_fen"] >= prices[-1]
    after = hall.state
    late = hall.ask(Kind.TAKE, "A01", after.ends_at + timedelta(seconds=1), step=0, amount_fen=START)
    assert isinstance(late.refusal, AuctionOver)
    assert hall.state == after


@pytest.mark.parametrize("name", FORMATS)
@given(script=moves, chosen=options, reserve=reserves, is_punctual=st.booleans())
def test_a_replay_of_the_acts_reaches_the_same_events_and_state(
    name: str, script: list[Move], chosen: dict[str, Any], reserve: int | None, *, is_punctual: bool
) -> None:
    hall = make_sale(name, chosen, reserve, is_forward=True)
    play(hall, script, is_punctual=is_punctual)
    hall.finish(timedelta(seconds=1))
    again = replay(hall.acts, make_sale(name, chosen, reserve, is_forward=True))
    assert again.state == hall.state
    assert again.streams == hall.streams
    assert [item.event for item in again.told] == [item.event for item in hall.told]


@pytest.mark.parametrize("name", FORMATS)
@given(script=moves, chosen=options, reserve=reserves)
def test_forward_and_reverse_mirror_each_other(
    name: str, script: list[Move], chosen: dict[str, Any], reserve: int | None
) -> None:
    ways = []
    for is_forward in (True, False):
        hall = make_sale(name, chosen, reserve, is_forward=is_forward)
        told = play(hall, script, is_forward=is_forward)
        result = hall.finish()
        price = result["price_fen"]
        distance = None if price is None else (price - START) * (1 if is_forward else -1)
        codes = [code.replace("too-high", "too-low") for code in told]
        ways.append((codes, result["outcome"], result["reason"], result["winner"], distance))
    assert ways[0] == ways[1]


def seen_by(hall: Hall, audiences: tuple[str, ...], now: datetime) -> Any:
    """All that these audiences can see of a sale: streams, public state, countdown, what they are offered."""
    state = hall.state._replace(hidden=None)
    bidders = [code for code in audiences if code in CODES]
    return (
        [hall.streams[name] for name in audiences],
        state,
        hall.fold(now).due_at(),
        hall.rules.goes_on(hall.game, hall.state),
        [hall.offer(code, now) for code in (None, *bidders)],
    )


@pytest.mark.parametrize("name", ["sealed_first_price", "vickrey", "dutch_sealed_best"])
@given(script=moves, chosen=options, reserve=reserves)
def test_until_the_opening_others_see_the_same_with_and_without_secret_acts(
    name: str, script: list[Move], chosen: dict[str, Any], reserve: int | None
) -> None:
    secret = {Kind.SEAL, Kind.WITHDRAW}
    secretive = {"C03", "D04"}
    full, bare = (make_sale(name, chosen, reserve, is_forward=True) for _ in range(2))
    now, others = OPENS, (PUBLIC, HOST, "A01", "B02")
    for move in script:
        now += timedelta(seconds=move.wait)
        if full.state.stage != "clock" and now >= full.state.ends_at:
            break
        catch_up(full, now)
        catch_up(bare, now)
        done = len(full.acts)
        attempt(full, move, now, is_forward=True)
        if not (move.kind in secret and move.bidder in secretive):
            do_too(bare, full.acts[done:])
        assert seen_by(full, others, now) == seen_by(bare, others, now)


def do_too(hall: Hall, acts: list[Act]) -> None:
    """Asks the same of another sale."""
    for act in acts:
        if act.request is not None:
            fold = hall.fold(act.now)
            fold.advance()
            fold.judge(act.request)
            hall.keep(fold)


@given(
    amounts=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    reserve=reserves,
    is_forward=st.booleans(),
)
def test_the_second_price_lies_between_the_reserve_and_the_winners_own_bid(
    amounts: list[int], reserve: int | None, *, is_forward: bool
) -> None:
    floor_fen = amount_of(reserve or 0, 0, is_forward=is_forward)
    terms = make_terms(
        format="vickrey",
        start_price_fen=START,
        direction="forward" if is_forward else "reverse",
        has_reserve=reserve is not None,
    )
    hall = Hall(terms, reserve_fen=None if reserve is None else floor_fen)
    for code, steps in zip(CODES, amounts, strict=False):
        hall.seal(code, amount_of(steps, 0, is_forward=is_forward), seconds(1))
    result = hall.finish()
    best = max(amounts)
    if best < (reserve or 0):
        assert result["outcome"] == "unsold"
        return
    rest = sorted(amounts)[:-1]
    expected = max([reserve or 0, *rest])
    assert result["winner"] == CODES[amounts.index(best)]
    assert result["price_fen"] == amount_of(expected, 0, is_forward=is_forward)


@given(
    script=moves,
    chosen=options,
    guesses=st.just([amount_of(steps, 0, is_forward=True) for steps in range(13)]),
)
def test_no_published_text_contains_an_amount_before_the_opening(
    script: list[Move], chosen: dict[str, Any], guesses: list[int]
) -> None:
    hall = make_sale("vickrey", chosen, None, is_forward=True)
    for move in script:
        if move.kind == Kind.SEAL:
            attempt(hall, move, seconds(1), is_forward=True)
    text = "".join(event.body for events in hall.streams.values() for event in events)
    assert not [guess for guess in guesses if f":{guess}," in text or f":{guess}}}" in text]
