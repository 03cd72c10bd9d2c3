"""Rounds of raise or accept (接受或加价): each round has a price, one act ends it, a round without an act ends the sale.

Source: the land lease auctions of Prozorro.Sale: the round price is the last price plus the step; whoever is first
accepts it or raises it by a multiple of the step; a pause of 15 s, then the next round of at most 3 minutes; after a
round in which nobody acts the last actor wins; a hard stop. Reverse: the same with falling prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors import BidOffStep, BidTooLarge, BidTooLow
from app.auction.errors_open import BidNotPositive, BidTooHigh
from app.auction.errors_rounds import LeadsAlready, RoundPassed, RoundPaused, RoundUnclear
from app.auction.rules.course import sign_of
from app.auction.rules.envelopes import better_or_equal, can_go
from app.auction.rules.game import ENDED, Format, Game, Kind, Offer, Opening, Request, State, Step, closed
from app.auction.rules.options import demand, known_only, whole
from app.auction.rules.rounds_words import raise_or_accept_words
from app.chain import Event, instant
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

ROUND = "round"
PAUSE = "pause"
OVER = "over"
_LISTED_RAISES = 3
_LONGEST_ROUND = 3600
_LONGEST_PAUSE = 600


class RaiseOptions(NamedTuple):
    """The parameters: how long a round waits for an act, and the pause before the next one."""

    round_seconds: int = 180
    pause_seconds: int = 15


class RoundDetail(NamedTuple):
    """The present round, or the one that follows the present pause.

    ``actors``: who has acted so far. ``began_at``: when this round or pause began.
    """

    number: int
    price_fen: int
    began_at: datetime
    actors: frozenset[str] = frozenset()


class RaiseOrAccept(Format):
    """Whoever acts first in a round leads at its price or above; nobody acts, and the leader wins."""

    name = "raise_or_accept"
    kinds = frozenset({Kind.ACCEPT, Kind.RAISE})

    def read_options(self, raw: Mapping[str, Any]) -> RaiseOptions:
        """Reads ``round_seconds`` and ``pause_seconds``."""
        known_only(raw, *RaiseOptions._fields)
        return RaiseOptions(
            whole(raw, "round_seconds", 10, _LONGEST_ROUND, 180),
            whole(raw, "pause_seconds", 0, _LONGEST_PAUSE, 15),
        )

    def check(self, terms: AuctionTerms, options: RaiseOptions) -> None:
        """The announced end is that of the first round: with no act it is the end of the sale."""
        length = terms.closes_at - terms.opens_at
        demand(
            length == timedelta(seconds=options.round_seconds),
            f"公布的结束时间应当是第一轮的结束：开始后 {options.round_seconds} 秒。第一轮无人应价，本场即结束。",
            f"the announced end is that of the first round: {options.round_seconds} s after the opening, because the sale "
            "is over if nobody acts in it.",
        )
        demand(
            terms.priority != "in_field",
            "本方式没有可以跟的当前价；优先购买权请选事后行权或不设。",
            "there is no standing price to match here; let a right of first refusal be asked afterwards, or have none.",
        )

    def open(self, game: Game, state: State) -> State:
        """The first round, at the start price or ceiling."""
        begins_at = game.terms.opens_at
        return (
            super()
            .open(game, state)
            ._replace(
                stage=ROUND,
                ends_at=self._end(game, state, ROUND, begins_at),
                detail=RoundDetail(1, game.terms.start_price_fen, begins_at),
            )
        )

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Takes the first act of a round: it ends the round, and a pause follows."""
        detail: RoundDetail = state.detail
        self._check_seen(state, request)
        if state.stage == PAUSE:
            raise RoundPaused(detail.number, detail.price_fen, state.ends_at)
        if state.leader == request.bidder:
            raise LeadsAlready(state.price_fen or 0)
        amount_fen = request.amount_fen or 0
        if request.kind == Kind.RAISE:
            _check_raise(game, detail, amount_fen)
        after = self._next(game, state, request.bidder, amount_fen, now)
        body = {
            "bidder": request.bidder,
            "amount_fen": amount_fen,
            "kind": request.kind,
            "round": detail.number,
            "sequence": after.sequence,
            "stage": after.stage,
            "ends_at": after.ends_at,
            "extensions": after.extensions,
            "received_at": request.received_at,
            "reserve_met": after.reserve_met,
            "next_round": None if after.stage == OVER else after.detail.number,
            "next_fen": None if after.stage == OVER else after.detail.price_fen,
        }
        return after, [Event("bid_accepted", body)]

    def _check_seen(self, state: State, request: Request) -> None:
        """Refuses an answer to another round than the one that is open or comes next, with both."""
        detail: RoundDetail = state.detail
        seen_round, seen_fen = request.step, request.amount_fen
        if seen_round is None or seen_fen is None:
            raise RoundUnclear(detail.number, detail.price_fen)
        is_stale = seen_round != detail.number
        if is_stale or (request.kind == Kind.ACCEPT and seen_fen != detail.price_fen):
            raise RoundPassed(seen_round, seen_fen, detail.number, detail.price_fen)

    def _next(self, game: Game, state: State, bidder: str, amount_fen: int, now: datetime) -> State:
        """The pause before the next round; nothing more where no further round can begin."""
        detail: RoundDetail = state.detail
        following = amount_fen + sign_of(game.terms) * game.terms.step_fen
        begins_at = now + timedelta(seconds=game.options.pause_seconds)
        hard_end_at = state.hard_end_at
        is_over = not can_go(following) or (hard_end_at is not None and begins_at >= hard_end_at)
        reserve = game.reserve_fen
        return state._replace(
            stage=OVER if is_over else PAUSE,
            ends_at=now if is_over else begins_at,
            price_fen=amount_fen,
            leader=bidder,
            sequence=state.sequence + 1,
            reserve_met=None if reserve is None else better_or_equal(game.terms, amount_fen, reserve),
            detail=RoundDetail(
                detail.number if is_over else detail.number + 1,
                detail.price_fen if is_over else following,
                now,
                detail.actors | {bidder},
            ),
        )

    def advance(self, game: Game, state: State, now: datetime) -> Step:
        """Begins the next round when its pause is over, at that instant however late."""
        if state.stage != PAUSE or now < state.ends_at:
            return state, []
        began_at = state.ends_at
        after = state._replace(
            stage=ROUND,
            ends_at=self._end(game, state, ROUND, began_at),
            detail=state.detail._replace(began_at=began_at),
        )
        body = {
            "stage": ROUND,
            "round": after.detail.number,
            "round_fen": after.detail.price_fen,
            "began_at": began_at,
            "ends_at": after.ends_at,
        }
        return after, [Event("stage_began", body)]

    def _end(self, game: Game, state: State, stage: str, begins_at: datetime) -> datetime:
        seconds = game.options.round_seconds if stage == ROUND else game.options.pause_seconds
        ends_at = begins_at + timedelta(seconds=seconds)
        return ends_at if state.hard_end_at is None else min(ends_at, state.hard_end_at)

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:  # noqa: ARG002 - of the shape
        """Closes after a round without an act: the last actor wins, or nobody.

        Source: 拍卖法 article 50 (no effect below the reserve); the least number of bidders as announced.
        """
        price, reserve = state.price_fen, game.reserve_fen
        members = {"rounds": state.detail.number}
        reason = None
        if price is None:
            reason = "no_bid"
        elif len(state.detail.actors) < game.terms.min_bidders:
            reason = "too_few_bidders"
        elif reserve is not None and not better_or_equal(game.terms, price, reserve):
            reason = "reserve_not_met"
        if reason is not None:
            return closed(game, state, winner=None, price_fen=None, reason=reason, **members)
        return closed(game, state, winner=state.leader, price_fen=price, **members)

    def watched_since(self, game: Game, state: State) -> datetime:
        """The whole of a round or pause: whoever could not act in it has lost it."""
        if isinstance(state.detail, RoundDetail):
            return state.detail.began_at
        return super().watched_since(game, state)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:
        """The interrupted round or pause once more in full, never past the hard stop."""
        if not isinstance(state.detail, RoundDetail):
            return super().resume(game, state, at, hard_end_at)
        if state.stage == OVER:
            # No further round can begin: only the close is left.
            return state._replace(phase="open", ends_at=at, hard_end_at=hard_end_at)
        after = state._replace(phase="open", hard_end_at=hard_end_at)
        return after._replace(
            ends_at=self._end(game, after, state.stage, at), detail=state.detail._replace(began_at=at)
        )

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:  # noqa: ARG002 - of the shape
        """The round price to accept, then raises above it; nothing for the leader."""
        if state.phase in ENDED or state.stage == OVER:
            return Offer()
        detail = state.detail
        if detail is None:
            detail = RoundDetail(1, game.terms.start_price_fen, game.terms.opens_at)
        if not isinstance(detail, RoundDetail):
            return Offer()
        step = sign_of(game.terms) * game.terms.step_fen
        amounts = (detail.price_fen + step * n for n in range(1 + _LISTED_RAISES))
        pressed = tuple(amount for amount in amounts if can_go(amount))
        kinds: tuple[str, ...] = ()
        may_act = state.phase == "open" and state.stage == ROUND
        if may_act and bidder is not None and bidder != state.leader:
            kinds = (Kind.ACCEPT, Kind.RAISE) if len(pressed) > 1 else (Kind.ACCEPT,)
        return Offer(kinds, detail.price_fen, pressed)

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The round as JSON."""
        detail: RoundDetail | None = state.detail
        if detail is None:
            return None, None
        packed = {
            "round": detail.number,
            "round_fen": detail.price_fen,
            "began_at": instant(detail.began_at),
            "actors": sorted(detail.actors),
        }
        return packed, None

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:  # noqa: ARG002 - nothing is secret
        """Reads back what ``pack`` wrote."""
        if detail is None:
            return None, None
        began_at = datetime.fromisoformat(detail["began_at"])
        return RoundDetail(detail["round"], detail["round_fen"], began_at, frozenset(detail["actors"])), None

    def words(self, terms: AuctionTerms, options: RaiseOptions, lang: Lang) -> list[str]:
        """The sentences of rounds."""
        return raise_or_accept_words(terms, options, lang)


def _check_raise(game: Game, detail: RoundDetail, amount_fen: int) -> None:
    """Refuses a raise that is no whole multiple of the step beyond the round price."""
    sign, step = sign_of(game.terms), game.terms.step_fen
    least = detail.price_fen + sign * step
    over = sign * (amount_fen - least)
    if amount_fen > MAX_FEN:
        raise BidTooLarge(MAX_FEN)
    if amount_fen < 1:
        raise BidNotPositive(amount_fen)
    if over < 0:
        raise BidTooLow(amount_fen, least) if sign > 0 else BidTooHigh(amount_fen, least)
    if over % step:
        nearer = least + sign * (over - over % step)
        further = nearer + sign * step
        raise BidOffStep(amount_fen, step, min(nearer, further), max(nearer, further))
