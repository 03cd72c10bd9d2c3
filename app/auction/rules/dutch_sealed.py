"""A price clock, then sealed bids, then one best bid (减价、密封、最优报价): who takes first may answer last.

The first take stops the clock. Everybody else may seal a bid that betters it; if somebody does, the taker sees the
opened amounts and may better the best of them once. The best amount wins at its own price.
Source: the hybrid format of Ukraine's state property sales (Dutch part, sealed bids of all others, best bid of the
Dutch winner); the limits of the last two stages are the exchange's own: at least a step better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors_sealed import KindNotNow, OnlyTheTaker, TakerWaits
from app.auction.rules.dutch import (
    CLOCK,
    ClockOptions,
    PriceClock,
    accepted,
    check_clock,
    check_take,
    due_at_clock,
    read_clock,
    resume_clock,
    run_clock,
    start_clock,
)
from app.auction.rules.dutch_words import hybrid_words
from app.auction.rules.envelopes import (
    Opened,
    OpeningRecord,
    beyond,
    by_rank,
    can_go,
    check_amount,
    open_together,
    own_envelope,
    pack_envelopes,
    put_in,
    rank,
    take_out,
    unpack_envelopes,
    void_opening,
)
from app.auction.rules.game import ENDED, Format, Game, Kind, Offer, Opening, Request, State, Step, closed
from app.auction.rules.options import flag, known_only, whole
from app.chain import Event

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

SEALED = "sealed"
BEST = "best"
BETTERED = "bettered"
_MOST_STAGE_SECONDS = 7 * 86_400
_KINDS_OF_STAGE: dict[str, tuple[Kind, ...]] = {
    CLOCK: (Kind.TAKE,),
    SEALED: (Kind.SEAL, Kind.WITHDRAW),
    BEST: (Kind.BID,),
}


class HybridOptions(NamedTuple):
    """The clock, and how long the two stages after it last."""

    clock: ClockOptions
    sealed_seconds: int
    best_seconds: int
    multiples_only: bool


class Taken(NamedTuple):
    """Who took the clock's price, by which request."""

    bidder: str
    amount_fen: int
    bid_id: str

    def wire(self) -> dict[str, Any]:
        """The take as state and results carry it."""
        return self._asdict()


class Hybrid(NamedTuple):
    """Public state: the clock, who took it at which price, and after the opening its record."""

    clock: PriceClock
    taken: Taken | None = None
    opened: tuple[Opened, ...] = ()
    rejected: tuple[Mapping[str, Any], ...] = ()


class DutchSealed(Format):
    """A price clock, sealed bids of all others, one best bid of who took the price."""

    name = "dutch_sealed_best"
    kinds = frozenset({Kind.TAKE, Kind.SEAL, Kind.WITHDRAW, Kind.BID})
    needs_seal = True

    def read_options(self, raw: Mapping[str, Any]) -> HybridOptions:
        """The clock's parameters, ``sealed_seconds``, ``best_seconds`` and ``multiples_only``."""
        clock = ("tick_seconds", "floor_price_fen", "ceiling_price_fen")
        known_only(raw, *clock, "sealed_seconds", "best_seconds", "multiples_only")
        return HybridOptions(
            read_clock(raw),
            whole(raw, "sealed_seconds", 1, _MOST_STAGE_SECONDS),
            whole(raw, "best_seconds", 1, _MOST_STAGE_SECONDS),
            flag(raw, "multiples_only"),
        )

    def check(self, terms: AuctionTerms, options: HybridOptions) -> None:
        """``closes_at`` is the end of the clock; the later stages run from the take and from the opening."""
        check_clock(terms, options.clock)

    def start(self, terms: AuctionTerms, options: HybridOptions) -> State:
        """The first price stands from the opening on; no envelope yet."""
        detail = Hybrid(start_clock(terms, options.clock))
        return State("scheduled", terms.closes_at, stage=CLOCK, detail=detail, hidden=())

    def advance(self, game: Game, state: State, now: datetime) -> Step:
        """The ticks that are due."""
        if state.stage != CLOCK:
            return state, []
        detail: Hybrid = state.detail
        clock, events = run_clock(game.terms, game.options.clock, detail.clock, state.ends_at, now)
        return state._replace(detail=detail._replace(clock=clock)), events

    def check_sealed(
        self,
        terms: AuctionTerms,
        options: HybridOptions,
        amount_fen: int,
        price_fen: int | None = None,
    ) -> None:
        """Refuses an amount that does not better the taken price, or, where that is not known, the last price."""
        limit = beyond(terms, options.clock.last_price_fen if price_fen is None else price_fen)
        check_amount(terms, amount_fen, limit, multiples_only=options.multiples_only)

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """A take stops the clock, envelopes of the others follow, then the taker's one bid."""
        offered = _KINDS_OF_STAGE.get(state.stage, ())
        if request.kind not in offered:
            raise KindNotNow(request.kind, list(offered))
        detail: Hybrid = state.detail
        if state.stage == CLOCK:
            return _take(game, state, request, now)
        taker = detail.taken.bidder if detail.taken else None
        if state.stage == BEST:
            if request.bidder != taker:
                raise OnlyTheTaker(taker or "")
            return _better(game, state, request, now)
        if request.bidder == taker:
            raise TakerWaits
        return put_in(state, request, now) if request.kind == Kind.SEAL else take_out(state, request)

    def wants_openings(self, game: Game, state: State) -> bool:  # noqa: ARG002 - of the shape
        """At the end of the sealed stage, if there are envelopes."""
        return state.stage == SEALED and bool(state.hidden)

    def goes_on(self, game: Game, state: State) -> bool:  # noqa: ARG002 - of the shape
        """Perhaps, after the sealed stage: whether there are envelopes is not known before the opening."""
        return state.stage == SEALED

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:
        """Opens the envelopes and gives the taker a full window for its answer, or closes."""
        if state.stage != SEALED or not state.hidden:
            return self._close(game, state)
        detail: Hybrid = state.detail
        check = partial(self.check_sealed, game.terms, game.options, price_fen=state.price_fen)
        record = open_together(state.hidden, openings, check)
        if record.failed:
            return void_opening(state, record)
        detail = detail._replace(opened=record.opened, rejected=record.rejected)
        state = state._replace(detail=detail, hidden=(), sequence=state.sequence + len(record.opened))
        told = Event("envelopes_opened", {"stage": SEALED, **record.members()})
        ranked = by_rank(game.terms, record.opened)
        if not ranked:
            after, events = self._close(game, state)
            return after, [told, *events]
        best = ranked[0]
        state = state._replace(price_fen=best.amount_fen, leader=best.bidder)
        limit = beyond(game.terms, best.amount_fen)
        if not can_go(limit):
            after, events = self._close(game, state)
            return after, [told, *events]
        after = state._replace(stage=BEST, ends_at=now + timedelta(seconds=game.options.best_seconds))
        return after, [told, _stage_opened(after, limit)]

    def _close(self, game: Game, state: State) -> Step:
        """The leader buys at its own amount; nobody, if the clock ran out."""
        detail: Hybrid = state.detail
        record = OpeningRecord(detail.opened, detail.rejected, ())
        return closed(
            game,
            state,
            winner=state.leader,
            price_fen=state.price_fen,
            reason=None if state.leader else "no_bid",
            taken=detail.taken.wire() if detail.taken else None,
            ranking=rank(by_rank(game.terms, detail.opened)),
            **record.members(),
        )

    def due_at(self, game: Game, state: State) -> datetime | None:
        """The next tick, or the end of the stage."""
        if state.stage == CLOCK:
            return due_at_clock(state, state.detail.clock)
        return super().due_at(game, state)

    def watched_since(self, game: Game, state: State) -> datetime:
        """The beginning of the present tick, or of the taker's turn; of the sealed stage its last window."""
        if state.stage == CLOCK:
            began_at: datetime = state.detail.clock.began_at
            return began_at
        if state.stage == BEST:
            return state.ends_at - timedelta(seconds=game.options.best_seconds)
        return super().watched_since(game, state)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:
        """The price where it stood and the ticks after it; a sealed or best stage in full, what was taken stays."""
        options, lengths = (
            game.options,
            {SEALED: game.options.sealed_seconds, BEST: game.options.best_seconds},
        )
        detail = state.detail
        if state.stage == CLOCK:
            clock, ends_at = resume_clock(options.clock, game.terms, detail.clock, at)
            detail = detail._replace(clock=clock)
        elif state.stage in lengths:
            ends_at = at + max(timedelta(seconds=lengths[state.stage]), game.extension)
        elif state.stage == BETTERED:
            ends_at = at
        else:
            return super().resume(game, state, at, hard_end_at)
        if hard_end_at is not None:
            ends_at = min(ends_at, hard_end_at)
        return state._replace(phase="open", ends_at=ends_at, hard_end_at=hard_end_at, detail=detail)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:
        """What this bidder may do in the present stage; its own envelope is for itself alone."""
        detail = state.detail
        if state.phase in ENDED or state.stage not in _KINDS_OF_STAGE:
            return Offer()
        runs = state.phase == "open" and now < state.ends_at
        kinds: tuple[str, ...] = _KINDS_OF_STAGE[state.stage] if runs else ()
        if state.stage == CLOCK:
            return Offer(kinds, detail.clock.asking_fen, (detail.clock.asking_fen,))
        limit = beyond(game.terms, state.price_fen or 0)
        is_taker = bidder == detail.taken.bidder
        if state.stage == BEST:
            return Offer(kinds if is_taker or bidder is None else (), limit, _presses(game, limit))
        own = own_envelope(state, bidder)
        if is_taker:
            return Offer((), limit)
        return Offer(kinds if own.get("envelope") else kinds[:1], limit, (), own)

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The clock, the take and the opening's record; and the envelopes."""
        detail: Any = state.detail
        if isinstance(detail, Hybrid):
            record = OpeningRecord(detail.opened, detail.rejected, ())
            taken = detail.taken.wire() if detail.taken else None
            detail = {**detail.clock.wire(), "taken": taken, **record.members()}
        return detail, pack_envelopes(state.hidden)

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote; the engine's own stage keeps its own detail."""
        read: Any = detail
        if detail is not None and "next_tick_at" in detail:
            read = Hybrid(
                PriceClock.read(detail),
                Taken(**detail["taken"]) if detail["taken"] else None,
                tuple(Opened.read(item) for item in detail["openings"]),
                tuple(detail["rejected"]),
            )
        return read, unpack_envelopes(hidden)

    def words(self, terms: AuctionTerms, options: HybridOptions, lang: Lang) -> list[str]:
        """The sentences of all three stages."""
        return hybrid_words(terms, options, lang)


def _presses(game: Game, limit_fen: int) -> tuple[int, ...]:
    """Amounts for one press of the best bid."""
    second = beyond(game.terms, limit_fen)
    return tuple(item for item in (limit_fen, second, beyond(game.terms, second)) if can_go(item))


def _stage_opened(state: State, limit_fen: int) -> Event:
    body = {
        "stage": state.stage,
        "ends_at": state.ends_at,
        "price_fen": state.price_fen,
        "leader": state.leader,
        "limit_fen": limit_fen,
    }
    return Event("stage_opened", body)


def _take(game: Game, state: State, request: Request, now: datetime) -> Step:
    """The first take at the price of now stops the clock and opens the sealed stage."""
    detail: Hybrid = state.detail
    clock = detail.clock
    check_take(clock, request)
    after = state._replace(
        stage=SEALED,
        ends_at=now + timedelta(seconds=game.options.sealed_seconds),
        price_fen=clock.asking_fen,
        leader=request.bidder,
        sequence=state.sequence + 1,
        detail=detail._replace(
            clock=clock._replace(next_tick_at=None),
            taken=Taken(request.bidder, clock.asking_fen, request.bid_id),
        ),
    )
    limit = beyond(game.terms, clock.asking_fen)
    return after, [accepted(after, request, step=clock.step), _stage_opened(after, limit)]


def _better(game: Game, state: State, request: Request, now: datetime) -> Step:
    """The taker's one answer, at least a step better than the best sealed bid; it ends the stage."""
    amount_fen = request.amount_fen or 0
    limit = beyond(game.terms, state.price_fen or 0)
    check_amount(game.terms, amount_fen, limit, multiples_only=game.options.multiples_only)
    after = state._replace(
        stage=BETTERED,
        ends_at=now,
        price_fen=amount_fen,
        leader=request.bidder,
        sequence=state.sequence + 1,
    )
    return after, [accepted(after, request)]
