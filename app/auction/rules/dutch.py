"""A price clock (减价竞价, Dutch): the price falls by the step at each tick, the first to take it buys at once.

In a reverse sale the price rises towards a ceiling instead, and the first supplier who takes it has the order. A take
names the step and the price its sender saw: another price than the one now is never bought by accident.
Source: the exchange's own rules; the first valid take wins (时间优先), the lowest price is announced (底价公开).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors_sealed import StepPassed, TakeUnclear
from app.auction.rules.dutch_words import dutch_words
from app.auction.rules.envelopes import check_no_open_terms, is_forward
from app.auction.rules.game import ENDED, Format, Game, Kind, Offer, Opening, Request, State, Step, closed
from app.auction.rules.options import demand, known_only, whole
from app.auction.rules.wording import moment
from app.chain import Event, instant
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

CLOCK = "clock"
TAKEN = "taken"
_MOST_TICK_SECONDS = 7 * 86_400
_MOST_STEPS = 1000


class ClockOptions(NamedTuple):
    """How fast the price goes, and how far: to the floor, or in a reverse sale to the ceiling."""

    tick_seconds: int
    last_price_fen: int


class PriceClock(NamedTuple):
    """Public state of the clock: the step and price that may be taken now, since when, and when they change."""

    step: int
    asking_fen: int
    began_at: datetime
    next_tick_at: datetime | None

    def wire(self) -> dict[str, Any]:
        """The clock as state and JSON carry it."""
        return {
            "step": self.step,
            "asking_fen": self.asking_fen,
            "began_at": instant(self.began_at),
            "next_tick_at": instant(self.next_tick_at) if self.next_tick_at else None,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> PriceClock:
        """Reads back what ``wire`` wrote."""
        began_at, next_tick_at = datetime.fromisoformat(stored["began_at"]), stored["next_tick_at"]
        return cls(
            stored["step"],
            stored["asking_fen"],
            began_at,
            datetime.fromisoformat(next_tick_at) if next_tick_at else None,
        )


def read_clock(raw: Mapping[str, Any]) -> ClockOptions:
    """Reads ``tick_seconds`` and the last price, which is ``floor_price_fen`` or, rising, ``ceiling_price_fen``."""
    demand(
        ("floor_price_fen" in raw) != ("ceiling_price_fen" in raw),
        "请填写底价 floor_price_fen；反向竞价填最高价 ceiling_price_fen，两者只填一个。",
        "give the floor as floor_price_fen; in a reverse sale the ceiling as ceiling_price_fen; one of the two.",
    )
    name = "floor_price_fen" if "floor_price_fen" in raw else "ceiling_price_fen"
    return ClockOptions(whole(raw, "tick_seconds", 1, _MOST_TICK_SECONDS), whole(raw, name, 1, MAX_FEN))


def last_step(terms: AuctionTerms, clock: ClockOptions) -> int:
    """The number of the last step; the first is 0."""
    return abs(terms.start_price_fen - clock.last_price_fen) // terms.step_fen


def asking_fen(terms: AuctionTerms, step: int) -> int:
    """The price of a step."""
    way = -terms.step_fen if is_forward(terms) else terms.step_fen
    return terms.start_price_fen + way * step


def clock_end(opens_at: datetime, terms: AuctionTerms, clock: ClockOptions) -> datetime:
    """When the last price has stood for one tick: the end of a sale that nobody takes."""
    return opens_at + timedelta(seconds=(last_step(terms, clock) + 1) * clock.tick_seconds)


def check_clock(terms: AuctionTerms, options: ClockOptions) -> None:
    """Refuses a clock that does not reach its last price in whole steps, or an announced end that is not its own."""
    distance = terms.start_price_fen - options.last_price_fen
    falls = is_forward(terms)
    has_floor = "floor_price_fen" in terms.options
    demand(
        has_floor == falls,
        "正向竞价填底价 floor_price_fen，反向竞价填最高价 ceiling_price_fen。",
        "a sale needs floor_price_fen, a reverse sale ceiling_price_fen.",
    )
    demand(
        distance > 0 if falls else distance < 0,
        "底价要低于起始价。" if falls else "最高价要高于起始价。",
        "the floor must be below the start price." if falls else "the ceiling must be above the start price.",
    )
    demand(
        distance % terms.step_fen == 0,
        "起始价与底价（反向为最高价）之差要是幅度的整数倍。",
        "start price and floor (reverse: ceiling) must be whole steps apart.",
    )
    steps = last_step(terms, options)
    demand(
        steps <= _MOST_STEPS,
        f"最多 {_MOST_STEPS} 档，现在是 {steps} 档；请加大幅度。",
        f"at most {_MOST_STEPS} steps; these are {steps}. Make the step larger.",
    )
    end = clock_end(terms.opens_at, terms, options)
    demand(
        terms.closes_at == end,
        f"结束时间应为价格走完的时刻 {moment(end)}（最后一档也停留一个时间单位）。",
        f"the end must be when the clock has run out, {moment(end)} (the last price stands for one tick too).",
    )
    demand(
        not terms.has_reserve and terms.min_bidders == 1,
        "本方式的底价公开，不设保留价，也不设最少竞买人数。",
        "the last price is public in this format: no reserve and no least number of bidders.",
    )
    check_no_open_terms(terms)


def start_clock(terms: AuctionTerms, clock: ClockOptions) -> PriceClock:
    """The clock at its first price."""
    opens_at = terms.opens_at
    return PriceClock(0, terms.start_price_fen, opens_at, opens_at + timedelta(seconds=clock.tick_seconds))


def run_clock(
    terms: AuctionTerms, options: ClockOptions, clock: PriceClock, ends_at: datetime, now: datetime
) -> tuple[PriceClock, list[Event]]:
    """Carries the clock over each tick that is due, one event a tick, whatever the lateness of who calls."""
    events: list[Event] = []
    last, tick = last_step(terms, options), timedelta(seconds=options.tick_seconds)
    kind = "price_fell" if is_forward(terms) else "price_rose"
    while (due := clock.next_tick_at) is not None and due <= now and due < ends_at:
        step = clock.step + 1
        clock = PriceClock(step, asking_fen(terms, step), due, due + tick if step < last else None)
        events.append(Event(kind, {**clock.wire(), "ends_at": ends_at}))
    return clock, events


def resume_clock(
    options: ClockOptions, terms: AuctionTerms, clock: PriceClock, at: datetime
) -> tuple[PriceClock, datetime]:
    """The clock after an interruption, at the price where it stood: that one stands for a full tick, then the rest.

    Returns the clock and its end.
    """
    last, tick = last_step(terms, options), timedelta(seconds=options.tick_seconds)
    shifted = clock._replace(began_at=at, next_tick_at=at + tick if clock.step < last else None)
    return shifted, at + (last - clock.step + 1) * tick


def due_at_clock(state: State, clock: PriceClock) -> datetime | None:
    """When the clock's stage needs somebody next: its opening, the next tick, its end."""
    if state.phase == "scheduled":
        return clock.began_at
    if state.phase != "open":
        return None
    return state.ends_at if clock.next_tick_at is None else min(clock.next_tick_at, state.ends_at)


def check_take(clock: PriceClock, request: Request) -> None:
    """Refuses a take that does not name the step and price of now; the refusal names both prices."""
    if request.step is None or request.amount_fen is None:
        raise TakeUnclear(clock.step, clock.asking_fen)
    if (request.step, request.amount_fen) != (clock.step, clock.asking_fen):
        raise StepPassed(request.step, request.amount_fen, clock.step, clock.asking_fen)


def accepted(state: State, request: Request, **members: Any) -> Event:  # noqa: ANN401 - a format's own additions
    """An accepted open request as everybody sees it; ``state`` is the one after it."""
    body = {
        "bidder": request.bidder,
        "amount_fen": request.amount_fen,
        "kind": request.kind,
        "sequence": state.sequence,
        "ends_at": state.ends_at,
        "extensions": state.extensions,
        "received_at": request.received_at,
        "reserve_met": state.reserve_met,
        **members,
    }
    return Event("bid_accepted", body)


class Dutch(Format):
    """The price clock alone: who takes first buys."""

    name = "dutch"
    kinds = frozenset({Kind.TAKE})

    def read_options(self, raw: Mapping[str, Any]) -> ClockOptions:
        """``tick_seconds`` and ``floor_price_fen``, or ``ceiling_price_fen`` in a reverse sale."""
        known_only(raw, "tick_seconds", "floor_price_fen", "ceiling_price_fen")
        return read_clock(raw)

    def check(self, terms: AuctionTerms, options: ClockOptions) -> None:
        """``closes_at`` has to be the clock's own end: one published instant, which a buyer can work out."""
        check_clock(terms, options)

    def start(self, terms: AuctionTerms, options: ClockOptions) -> State:
        """The first price stands from the opening on."""
        return State("scheduled", terms.closes_at, stage=CLOCK, detail=start_clock(terms, options))

    def advance(self, game: Game, state: State, now: datetime) -> Step:
        """The ticks that are due."""
        if state.stage != CLOCK:
            return state, []
        clock, events = run_clock(game.terms, game.options, state.detail, state.ends_at, now)
        return state._replace(detail=clock), events

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:  # noqa: ARG002 - of the shape
        """The first take at the price of now ends the sale: whoever comes after it is too late."""
        clock: PriceClock = state.detail
        check_take(clock, request)
        after = state._replace(
            stage=TAKEN,
            ends_at=now,
            price_fen=clock.asking_fen,
            leader=request.bidder,
            sequence=state.sequence + 1,
            detail=clock._replace(next_tick_at=None),
        )
        return after, [accepted(after, request, step=clock.step)]

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:  # noqa: ARG002 - of the shape
        """Sold to who took the price; unsold when the last one has stood for a tick untaken."""
        reason = None if state.leader else "no_bid"
        return closed(game, state, winner=state.leader, price_fen=state.price_fen, reason=reason)

    def due_at(self, game: Game, state: State) -> datetime | None:
        """The next tick, or the end."""
        return due_at_clock(state, state.detail) if state.stage == CLOCK else super().due_at(game, state)

    def watched_since(self, game: Game, state: State) -> datetime:
        """The beginning of the present tick, or of the one in which the price was taken."""
        clock = state.detail
        return clock.began_at if isinstance(clock, PriceClock) else super().watched_since(game, state)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:
        """The price where it stood, for a full tick, then the remaining ones; a price that was taken stays taken."""
        if state.stage == TAKEN:
            return state._replace(phase="open", ends_at=at, hard_end_at=hard_end_at)
        if state.stage != CLOCK:
            return super().resume(game, state, at, hard_end_at)
        clock, ends_at = resume_clock(game.options, game.terms, state.detail, at)
        if hard_end_at is not None:
            ends_at = min(ends_at, hard_end_at)
        return state._replace(phase="open", ends_at=ends_at, hard_end_at=hard_end_at, detail=clock)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:  # noqa: ARG002 - of the shape
        """The one amount that may be taken now."""
        if state.stage != CLOCK or state.phase in ENDED:
            return Offer()
        asking = state.detail.asking_fen
        runs = state.phase == "open" and now < state.ends_at
        return Offer((Kind.TAKE,) if runs else (), asking, (asking,))

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The clock; a stage of the engine's own keeps its own detail."""
        detail: Any = state.detail
        return detail.wire() if isinstance(detail, PriceClock) else detail, None

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote."""
        is_clock = detail is not None and "next_tick_at" in detail
        return PriceClock.read(detail) if detail is not None and is_clock else detail, hidden

    def words(self, terms: AuctionTerms, options: ClockOptions, lang: Lang) -> list[str]:
        """The sentences of the price clock."""
        return dutch_words(terms, options, lang)
