"""Free period, then limited cycles (自由报价期 + 限时报价期, 网络竞价多次报价), rising or falling.

Source: the network bidding rules of property exchanges (惠州, 汕头 rules 19 to 24): any number of bids until the fixed
end of the free period; then a full cycle runs, each valid bid starts a new one, and a cycle that nobody uses ends the
sale. In one variant only those who bid in the free period and then confirmed their entry take part in the cycles.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.auction.errors import KindNotOffered
from app.auction.errors_open import AlreadyEntered, EntryNotNow, EntryRunning, FreeBidMissing, NotEntered
from app.auction.rules.course import OPEN_OPTIONS, OpenOptions, check_course, read_open_options
from app.auction.rules.game import Game, Kind, Offer, Request, State, Step
from app.auction.rules.open_bidding import OpenBidding, OpenDetail, have_bid, offered_kinds
from app.auction.rules.open_words import cycle_sentences, open_sentences
from app.auction.rules.options import choice, demand, known_only, whole
from app.chain import Event

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

FREE = "free"
ENTRY = "entry"
LIMITED = "limited"
ANYBODY = "anybody"
FREE_BIDDERS = "free_bidders"
_SHORTEST_CYCLE = 5
_LONGEST = 86_400


class FreeThenLimited(OpenBidding):
    """The announced end (``closes_at``) is the free period's; cycles follow for as long as bids come."""

    name = "free_limited"
    kinds = frozenset({Kind.BID, Kind.MAXIMUM, Kind.MATCH, Kind.ENTER})

    def read_options(self, raw: Mapping[str, Any]) -> OpenOptions:
        """Reads the open options, ``cycle_seconds``, ``entry`` (anybody or free_bidders) and ``entry_seconds``."""
        known_only(raw, *OPEN_OPTIONS, "cycle_seconds", "entry", "entry_seconds")
        cycle = whole(raw, "cycle_seconds", _SHORTEST_CYCLE, _LONGEST, 180)
        entry = whole(raw, "entry_seconds", _SHORTEST_CYCLE, _LONGEST, 300)
        must_enter = choice(raw, "entry", (ANYBODY, FREE_BIDDERS)) == FREE_BIDDERS
        return read_open_options(raw)._replace(
            cycle=timedelta(seconds=cycle),
            must_enter=must_enter,
            entry=timedelta(seconds=entry) if must_enter else timedelta(),
        )

    def check(self, terms: AuctionTerms, options: Any) -> None:  # noqa: ANN401 - of the shape
        """Refuses steps that do not fit, and a hard end before the first cycle could run out."""
        check_course(terms, options)
        first = terms.closes_at + options.entry + options.cycle
        demand(
            terms.hard_end_at is None or terms.hard_end_at >= first,
            "最迟结束时间要容得下确认进入和第一个完整的限时周期。",
            "the hard end must leave room for the entry and the first whole cycle.",
        )

    def open(self, game: Game, state: State) -> State:
        """The free period."""
        opened = super().open(game, state)
        return opened._replace(stage=FREE, detail=state.detail._replace(began_at=game.terms.opens_at))

    def advance(self, game: Game, state: State, now: datetime) -> Step:
        """Goes from the free period to the entry, and to the first cycle, each at its own instant however late."""
        events: list[Event] = []
        while now >= state.ends_at:
            following = self._next_stage(game, state)
            if following is None:
                break
            state = following
            body = {"stage": state.stage, "began_at": state.detail.began_at, "ends_at": state.ends_at}
            events.append(Event("stage_opened", body))
        return state, events

    def _next_stage(self, game: Game, state: State) -> State | None:
        """The stage after the present one, or None where its end is the end of the sale."""
        if state.stage not in (FREE, ENTRY):
            return None
        detail: OpenDetail = state.detail
        if state.stage == FREE and game.options.must_enter:
            # Nobody bid, so nobody could enter.
            if not detail.bidders:
                return None
            stage, length = ENTRY, game.options.entry
        elif state.stage == ENTRY and not detail.entered:
            return None
        else:
            stage, length = LIMITED, game.options.cycle
        return state._replace(
            stage=stage,
            ends_at=_at_most(state.ends_at + length, state.hard_end_at),
            detail=detail._replace(began_at=state.ends_at),
        )

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Accepts a bid of the free period or a cycle, or the confirmation of an entry."""
        if request.kind == Kind.ENTER:
            return _enter(game, state, request)
        if state.stage == ENTRY:
            raise EntryRunning(state.ends_at)
        if not self.may_answer(game, state, request.bidder):
            raise NotEntered
        return super().judge(game, state, request, now)

    def end_after(self, game: Game, state: State, now: datetime) -> tuple[datetime, int]:
        """A full new cycle in the limited period; the free period keeps its fixed end."""
        if state.stage != LIMITED:
            return state.ends_at, state.extensions
        ends_at = max(state.ends_at, _at_most(now + game.options.cycle, state.hard_end_at))
        return ends_at, state.extensions + (ends_at > state.ends_at)

    def may_answer(self, game: Game, state: State, bidder: str | None) -> bool:
        """In the limited period only who entered takes part, where entry is asked for; a maximum alone is no entry."""
        return state.stage != LIMITED or not game.options.must_enter or bidder in state.detail.entered

    def remember(self, game: Game, state: State, bidder: str) -> OpenDetail | None:
        """Keeps everybody who was seen to bid in the free period, where that admits to the cycles."""
        if not game.options.must_enter:
            return super().remember(game, state, bidder)
        detail: OpenDetail = state.detail
        return detail if bidder in detail.bidders else detail._replace(bidders=detail.bidders | {bidder})

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:
        """In the entry only its confirmation; in the limited period nothing for who did not enter."""
        offered = super().offer(game, state, bidder, now)
        if not game.options.must_enter or bidder is None or not isinstance(state.detail, OpenDetail):
            return offered
        has_entered = bidder in state.detail.entered
        kinds = offered.kinds
        if state.stage == ENTRY:
            may_enter = kinds and bidder in have_bid(state) and not has_entered
            kinds = (Kind.ENTER,) if may_enter else ()
        elif not self.may_answer(game, state, bidder):
            kinds = ()
        return offered._replace(kinds=kinds, own={**offered.own, "entered": has_entered})

    def watched_since(self, game: Game, state: State) -> datetime:
        """The whole of the running cycle or entry; of the free period a cycle's length before its end."""
        if state.stage not in (ENTRY, LIMITED):
            cycle: timedelta = game.options.cycle
            return state.ends_at - cycle
        return _since(state)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:
        """What remained after the last accepted bid or the stage's beginning, at least one full cycle or entry."""
        least = game.options.entry if state.stage == ENTRY else game.options.cycle
        remaining = max(state.ends_at - _since(state), least)
        return state._replace(
            phase="open",
            ends_at=_at_most(at + remaining, hard_end_at),
            hard_end_at=hard_end_at,
            detail=state.detail._replace(began_at=at),
        )

    def words(self, terms: AuctionTerms, options: Any, lang: Lang) -> list[str]:  # noqa: ANN401 - of the shape
        """How to bid, how the periods follow one another, who wins; then automatic bidding and priority."""
        return open_sentences(terms, options, lang, clock=cycle_sentences(terms, options))


def _at_most(moment: datetime, hard_end_at: datetime | None) -> datetime:
    return moment if hard_end_at is None else min(moment, hard_end_at)


def _since(state: State) -> datetime:
    """When the running clock was last set: by a change of price or leader, or by the stage's beginning."""
    began_at: datetime = state.detail.began_at
    return max(began_at, state.moved_at or began_at)


def _enter(game: Game, state: State, request: Request) -> Step:
    """Takes the confirmation of one who bid in the free period (确认进入限时报价)."""
    detail: OpenDetail = state.detail
    if not game.options.must_enter:
        raise KindNotOffered(request.kind, offered_kinds(game))
    if state.stage != ENTRY:
        raise EntryNotNow
    if request.bidder not in have_bid(state):
        raise FreeBidMissing
    if request.bidder in detail.entered:
        raise AlreadyEntered
    after = state._replace(
        sequence=state.sequence + 1, detail=detail._replace(entered=detail.entered | {request.bidder})
    )
    body = {"bidder": request.bidder, "sequence": after.sequence, "received_at": request.received_at}
    return after, [Event("bidder_entered", body)]
