"""Open bidding over any sequence of requests: what never happens, whatever the format, options and direction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.auction.errors import AuctionOver
from app.auction.rules.automatic import Maximum, opened_as
from app.auction.rules.course import sign_of
from app.auction.rules.engine import Fold, Stream
from app.auction.rules.game import Request, Standing
from app.auction.rules.ladder import Ladder
from app.chain import HOST, PUBLIC
from app.errors import MarketError
from tests.auction.rules_open.playing import CODES, TEN, Sale, make_terms

START = 1_000
CEILING = 10_000_000
STEP = 10
LADDER = ([0, STEP], [1_100, 25], [1_300, 60], [1_700, 200])


class Ask(NamedTuple):
    """One request: how far past the price it goes, in steps and odd fen, and the seconds since the one before."""

    kind: str
    bidder: str
    steps: int
    off: int
    wait: int


class Way(NamedTuple):
    """A way to sell: format, options, reserve as fen past the start, holders of priority, a hard end."""

    format: str
    options: dict[str, Any]
    reserve: int | None
    holders: tuple[str, ...]
    hard_seconds: int | None
    min_bidders: int


asks = st.lists(
    st.builds(
        Ask,
        st.sampled_from(["bid", "bid", "maximum", "maximum", "match", "enter"]),
        st.sampled_from(CODES),
        st.integers(-1, 12),
        st.sampled_from([0, 0, 0, 1, 7]),
        st.sampled_from([0, 1, 20, 60, 100, 250]),
    ),
    max_size=25,
)


@st.composite
def ways(draw: st.DrawFn) -> Way:
    options: dict[str, Any] = {"automatic": draw(st.booleans()), "multiples_only": draw(st.booleans())}
    if draw(st.booleans()):
        options["ladder"] = [list(row) for row in LADDER]
    form = draw(st.sampled_from(["english", "free_limited"]))
    if form == "free_limited":
        options["cycle_seconds"] = 120
        options["entry"] = draw(st.sampled_from(["anybody", "free_bidders"]))
        options["entry_seconds"] = 60
    return Way(
        form,
        options,
        draw(st.none() | st.integers(0, 400)),
        draw(st.sampled_from([(), ("P",), ("P", "Q")])),
        draw(st.none() | st.integers(180, 1_200)),
        draw(st.sampled_from([1, 1, 2, 3])),
    )


def sell(way: Way, direction: str = "forward") -> Sale:
    """Opens a sale; the falling one is the mirror image of the rising one, also in its ladder."""
    is_reverse = direction == "reverse"
    options = {key: value for key, value in way.options.items() if key != "ladder" or not is_reverse}
    start = CEILING if is_reverse else START
    reserve = None if way.reserve is None else mirror(START + way.reserve, direction)
    terms = make_terms(
        format=way.format,
        direction=direction,
        options=options,
        start_price_fen=start,
        step_fen=STEP,
        priority="in_field" if way.holders else "none",
        has_reserve=reserve is not None,
        hard_end_at=None if way.hard_seconds is None else TEN + timedelta(seconds=way.hard_seconds),
        min_bidders=way.min_bidders,
    )
    sale = Sale(terms, reserve_fen=reserve, holders=way.holders)
    if is_reverse and "ladder" in way.options:
        # A table read downwards with growing steps is no ladder that could be announced; the rule plays it all the same.
        above = [CEILING + START - floor + 1 for floor, _ in LADDER[1:]]
        steps = [step for _, step in reversed(LADDER)]
        ladder = Ladder((0, *reversed(above)), tuple(steps))
        sale.game = sale.game._replace(options=sale.game.options._replace(ladder=ladder))
    return sale


def mirror(fen: int, direction: str) -> int:
    """The amount as the direction has it: 10 above the start is 10 below the ceiling."""
    return CEILING + START - fen if direction == "reverse" else fen


def height(sale: Sale, fen: int) -> int:
    """An amount turned back into the rising sale's."""
    return mirror(fen, sale.terms.direction)


def amount_of(sale: Sale, ask: Ask) -> int | None:
    if ask.kind == "enter":
        return None
    price = sale.state.price_fen
    base = START if price is None else height(sale, price)
    if ask.kind == "match":
        return mirror(base + ask.off, sale.terms.direction)
    return mirror(base + ask.steps * STEP + ask.off, sale.terms.direction)


def play(sale: Sale, requests: Sequence[Ask]) -> list[tuple[Request, datetime]]:
    """Asks everything in turn, from ten minutes before the end; what was asked, for a replay."""
    now = TEN - timedelta(minutes=10)
    asked: list[tuple[Request, datetime]] = []
    for ask in requests:
        now += timedelta(seconds=ask.wait)
        amount = amount_of(sale, ask)
        bid_id = f"bid-{len(asked) + 1}"
        sale.ask(ask.bidder, amount, now, ask.kind)
        asked.append(
            (
                Request(
                    ask.kind,
                    ask.bidder,
                    Standing.ADMITTED,
                    now,
                    amount,
                    bid_id,
                    commitment="c" if ask.kind == "maximum" else None,
                    has_priority=ask.bidder in sale.game.holders,
                ),
                now,
            )
        )
    return asked


def replay(sale: Sale, asked: Sequence[tuple[Request, datetime]]) -> tuple[Fold, dict[str, Stream]]:
    """Judges the same requests again from the published terms, with nothing stored in between."""
    streams = {name: Stream(name) for name in (PUBLIC, HOST, *CODES)}
    rules = sale.published.format
    state = rules.start(sale.terms, sale.published.options)
    fold = Fold(rules, sale.game, state, streams, sale.terms.opens_at)
    fold.advance()
    for request, now in asked:
        fold = Fold(rules, sale.game, fold.state, streams, now)
        fold.advance()
        fold.judge(request)
    return fold, streams


def expected_end(sale: Sale, before: Any, now: datetime) -> datetime:
    """Where the end lies after a change of price or leader, said again in the plainest words."""
    end: datetime = before.ends_at
    if sale.terms.format == "english":
        moved = now + timedelta(minutes=5) if end - now <= timedelta(minutes=5) else end
    else:
        moved = now + timedelta(seconds=120) if before.stage == "limited" else end
    hard_end = sale.terms.hard_end_at
    return max(end, moved if hard_end is None else min(moved, hard_end))


@given(ways(), asks, st.sampled_from(["forward", "reverse"]))
def test_no_request_takes_the_price_back_and_the_end_moves_with_price_or_leader_alone(
    way: Way, requests: list[Ask], direction: str
) -> None:
    sale, now = sell(way, direction), TEN - timedelta(minutes=10)
    for ask in requests:
        now += timedelta(seconds=ask.wait)
        before = sale.until(now)
        counts = {name: len(stream.fresh) for name, stream in sale.streams.items()}
        judged = sale.ask(ask.bidder, amount_of(sale, ask), now, ask.kind)
        after = sale.state
        assert sale.stored() == after
        told = {name: len(stream.fresh) - counts[name] for name, stream in sale.streams.items()}
        if judged.refusal is not None:
            assert after == before
            assert sum(told.values()) == told[judged.audience] == 1
            assert told[PUBLIC] == 0
            assert judged.refusal.detail("zh") != judged.refusal.detail("en")
            continue
        assert now < before.ends_at
        has_moved = (after.price_fen, after.leader) != (before.price_fen, before.leader)
        assert after.ends_at == (expected_end(sale, before, now) if has_moved else before.ends_at)
        assert after.extensions == before.extensions + (after.ends_at != before.ends_at)
        assert (told[PUBLIC] > 0) == (has_moved or ask.kind == "enter")
        assert after.sequence == before.sequence + told[PUBLIC]
        if after.price_fen is not None:
            least = START if before.price_fen is None else height(sale, before.price_fen)
            assert height(sale, after.price_fen) >= least
            if ask.kind == "bid":
                assert height(sale, after.price_fen) >= height(sale, amount_of_accepted(judged))
        if way.reserve is not None and after.price_fen is not None:
            assert after.reserve_met == (height(sale, after.price_fen) >= START + way.reserve)


def amount_of_accepted(judged: Any) -> int:
    """The amount that an accepted bid's own event names."""
    body: dict[str, Any] = judged.event.wire()["body"]
    return int(body["amount_fen"])


@given(ways(), asks)
def test_a_falling_sale_is_the_mirror_image_of_a_rising_one(way: Way, requests: list[Ask]) -> None:
    rising, falling = sell(way), sell(way, "reverse")
    now = TEN - timedelta(minutes=10)
    names = {"BidTooHigh": "BidTooLow", "MaximumNotLower": "MaximumNotHigher"}
    for ask in requests:
        now += timedelta(seconds=ask.wait)
        up = rising.ask(ask.bidder, amount_of(rising, ask), now, ask.kind)
        down = falling.ask(ask.bidder, amount_of(falling, ask), now, ask.kind)
        refusals = [None if one.refusal is None else type(one.refusal).__name__ for one in (up, down)]
        assert refusals[0] == names.get(refusals[1] or "", refusals[1])
        assert up.ends_at == down.ends_at
        ours, theirs = rising.state, falling.state
        assert (ours.leader, ours.reserve_met, ours.stage, ours.sequence) == (
            theirs.leader,
            theirs.reserve_met,
            theirs.stage,
            theirs.sequence,
        )
        if ours.price_fen is not None and theirs.price_fen is not None:
            assert ours.price_fen == height(falling, theirs.price_fen)
    results = [sale.settle(sale.state.ends_at + timedelta(hours=1)) for sale in (rising, falling)]
    assert [result["reason"] for result in results] == [results[0]["reason"]] * 2
    assert results[0]["winner"] == results[1]["winner"]


@given(ways(), asks, st.sampled_from(["forward", "reverse"]))
def test_a_replay_gives_the_same_state_and_the_same_chain(
    way: Way, requests: list[Ask], direction: str
) -> None:
    sale = sell(way, direction)
    asked = play(sale, requests)
    fold, streams = replay(sale, asked)
    assert streams[PUBLIC].hash == sale.streams[PUBLIC].hash
    assert streams[HOST].hash == sale.streams[HOST].hash
    ours = sale.state if sale.state.hidden is None else sale.state._replace(hidden=None)
    assert fold.state._replace(hidden=None) == ours


@given(ways(), asks, st.sampled_from(["forward", "reverse"]))
def test_a_closed_auction_never_opens(way: Way, requests: list[Ask], direction: str) -> None:
    sale = sell(way, direction)
    play(sale, requests)
    sale.settle(sale.until(sale.now + timedelta(days=1)).ends_at + timedelta(days=2))
    closed = sale.state
    assert closed.phase in {"sold", "unsold"}
    for ask in [*requests, Ask("bid", "A", 50, 0, 0)]:
        judged = sale.ask(ask.bidder, amount_of(sale, ask), sale.now, ask.kind)
        assert isinstance(judged.refusal, AuctionOver)
        assert sale.until(sale.now + timedelta(days=3)) == closed


@given(ways(), asks, st.sampled_from(["forward", "reverse"]))
def test_the_winners_maximum_could_have_been_what_was_needed_of_it_and_no_less(
    way: Way, requests: list[Ask], direction: str
) -> None:
    way.options["automatic"] = True
    sale = sell(way, direction)
    asked = play(sale, requests)
    held = sale.state.hidden.held.get(sale.state.leader)
    assume(held is not None)
    least, sign = opened_as(held, refused_later(sale, asked, held), sale.terms), sign_of(sale.terms)
    assert sign * least <= sign * held.amount_fen
    assume(least != held.amount_fen)

    def played_with(amount_fen: int) -> dict[str, list[tuple[str, str]]]:
        changed = [
            (request._replace(amount_fen=amount_fen) if request.bid_id == held.bid_id else request, now)
            for request, now in asked
        ]
        _, streams = replay(sale, changed)
        return {name: [(e.kind, e.body) for e in stream.fresh] for name, stream in streams.items()}

    ours = played_with(held.amount_fen)
    assert played_with(least) == ours
    assert played_with(least - sign) != ours


def refused_later(sale: Sale, asked: Sequence[tuple[Request, datetime]], held: Maximum) -> list[int]:
    """The amounts with which its bidder asked for a maximum again and was told that it is no further."""
    refused = iter(event for event in sale.bodies(held.bidder) if event["kind"] != "bid_accepted")
    amounts = []
    for request, _ in asked:
        if request.bidder == held.bidder and request.kind == "maximum":
            told = next(refused)
            if told.get("refusal") in {"maximum-not-higher", "maximum-not-lower"}:
                amounts.append(request.amount_fen or 0)
            elif told.get("bid_id") == held.bid_id:
                amounts.clear()
    return amounts


@pytest.mark.parametrize("others", [[20_00, 35_00], [60_00]])
def test_traffic_is_the_same_byte_for_byte_whatever_the_leaders_unneeded_maximum(others: list[int]) -> None:
    heads = set()
    for maximum in (100_00, 500_00, 777_77):
        terms = make_terms(start_price_fen=10_00, step_fen=1_00, options={"automatic": True})
        sale = Sale(terms)
        sale.maximum("A", maximum)
        for amount in others:
            sale.maximum("B", amount)
        with pytest.raises(MarketError):
            sale.place("C", 1)
        heads.add((sale.streams[PUBLIC].hash, sale.streams[HOST].hash))
    assert len(heads) == 1
