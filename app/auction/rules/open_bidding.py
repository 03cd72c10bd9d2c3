"""Open bidding (公开报价): what rising and falling prices share, with or without automatic maxima and priority.

Source: 法释〔2016〕18号 (网络司法拍卖规定) articles 20 (start price, step, extension) and 21 (a holder of priority leads
at an equal price); multiples of the step as exchanges announce them. In a falling sale all comparisons are mirrored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors import KindNotOffered
from app.auction.errors_open import MatchStale, NothingToMatch, PriorityLeads, PriorityNotYours
from app.auction.rules.automatic import MATCHED, Maxima, Move, answer_amount, set_maximum
from app.auction.rules.course import check_amount, limit_fen, sign_of, step_at
from app.auction.rules.game import (
    PRIORITY_STAGE,
    Format,
    Game,
    Kind,
    Offer,
    Opening,
    Request,
    State,
    Step,
    closed,
    extended_end,
)
from app.chain import Event, instant
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms

_PRESSES = 3
# Compared for every bid: a plain text, because comparing with a member of an enum takes ten times as long.
_BID = Kind.BID.value


class OpenDetail(NamedTuple):
    """What everybody may know of an open sale beyond price and leader; kept only where a rule asks for it.

    ``bidders``: who was seen to bid, as far as a least number of bidders or entry by former bids makes it matter; whose
    maximum only made the leader's answer is not among them, see ``have_bid``. ``entered``: who confirmed entry.
    ``began_at``: when the present stage began.
    """

    bidders: frozenset[str] = frozenset()
    entered: frozenset[str] = frozenset()
    began_at: datetime | None = None

    def pack(self) -> dict[str, Any]:
        """The detail as JSON."""
        return {
            "bidders": sorted(self.bidders),
            "entered": sorted(self.entered),
            "began_at": instant(self.began_at) if self.began_at else None,
        }

    @classmethod
    def unpack(cls, stored: Mapping[str, Any]) -> OpenDetail:
        """Reads back what ``pack`` wrote."""
        began_at = stored["began_at"]
        return cls(
            frozenset(stored["bidders"]),
            frozenset(stored["entered"]),
            datetime.fromisoformat(began_at) if began_at else None,
        )


class OpenBidding(Format):
    """Exact bids, secret maxima and matches on one price; a subclass says when the end moves and who takes part."""

    kinds = frozenset({Kind.BID, Kind.MAXIMUM, Kind.MATCH})

    def has_secrets(self, options: Any) -> bool:  # noqa: ANN401 - of the shape
        """Maxima are kept apart, and their setting is told to their bidder alone."""
        return bool(options.automatic)

    def start(self, terms: AuctionTerms, options: Any) -> State:  # noqa: ANN401 - of the shape
        """The state at publication, with what the options need to remember."""
        return State(
            "scheduled",
            terms.closes_at,
            hard_end_at=terms.hard_end_at,
            detail=OpenDetail() if terms.min_bidders > 1 or options.cycle else None,
            hidden=Maxima() if options.automatic else None,
        )

    def end_after(self, game: Game, state: State, now: datetime) -> tuple[datetime, int]:
        """The end and the number of extensions once price or leader has changed now."""
        return extended_end(game, state, now)

    def may_answer(self, game: Game, state: State, bidder: str | None) -> bool:  # noqa: ARG002 - a stage may exclude some
        """Whether this bidder's maximum still answers others' bids."""
        return True

    def remember(self, game: Game, state: State, bidder: str) -> OpenDetail | None:
        """The detail after this bidder has bid; no longer than the least number of bidders makes it matter."""
        detail: OpenDetail | None = state.detail
        if detail is None or bidder in detail.bidders or len(detail.bidders) >= game.terms.min_bidders:
            return detail
        return detail._replace(bidders=detail.bidders | {bidder})

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Accepts an exact bid, a maximum or a match, and lets the leader's maximum answer."""
        amount_fen, kind = request.amount_fen or 0, request.kind
        if kind == _BID:
            check_amount(game, state, amount_fen)
            if not game.options.automatic:
                end = self.end_after(game, state, now)
                after, event = self._show(game, state, request, request.bidder, amount_fen, end, None)
                return after, [event]
            own = Move(request.bidder, amount_fen)
        elif kind == Kind.MATCH:
            own = _match(game, state, request, amount_fen)
        else:
            return self._set_maximum(game, state, request, amount_fen, now)
        if not game.options.automatic:
            return self._show_all(game, state, request, [own], None, now)
        may_answer = self.may_answer(game, state, state.leader)
        moves, maxima = answer_amount(game, state, own, may_answer=may_answer)
        return self._show_all(game, state, request, moves, maxima, now)

    def _set_maximum(
        self, game: Game, state: State, request: Request, amount_fen: int, now: datetime
    ) -> Step:
        if not game.options.automatic:
            raise KindNotOffered(request.kind, offered_kinds(game))
        check_amount(game, state, amount_fen, is_exact=False)
        may_answer = self.may_answer(game, state, state.leader)
        moves, maxima = set_maximum(game, state, request, amount_fen, may_answer=may_answer)
        body = {
            "bidder": request.bidder,
            "bid_id": request.bid_id,
            "commitment": request.commitment,
            "received_at": request.received_at,
        }
        own = Event("maximum_set", body, request.bidder)
        # The leader has bid before: what its raised maximum leaves alone, nobody else can see.
        if not moves:
            return state._replace(hidden=maxima), [own]
        after, events = self._show_all(game, state, request, moves, maxima, now)
        return after, [own, *events]

    def _show_all(
        self,
        game: Game,
        state: State,
        request: Request,
        moves: list[Move],
        hidden: Maxima | None,
        now: datetime,
    ) -> Step:
        """The state and events of all moves that a request brings about; the end moves once, however many they are."""
        end = self.end_after(game, state, now)
        events = []
        for bidder, price_fen, mark in moves:
            state, event = self._show(game, state, request, bidder, price_fen, end, mark)
            events.append(event)
        return state._replace(hidden=hidden), events

    def _show(
        self,
        game: Game,
        state: State,
        request: Request,
        bidder: str,
        price_fen: int,
        end: tuple[datetime, int],
        mark: str | None,
    ) -> tuple[State, Event]:
        """The state and event of one change of price or leader; ``mark`` says if it was automatic or a match."""
        ends_at, extensions = end
        reserve, sequence = game.reserve_fen, state.sequence + 1
        met = None
        if reserve is not None:
            met = price_fen <= reserve if game.terms.direction == "reverse" else price_fen >= reserve
        body = {
            "bidder": bidder,
            "amount_fen": price_fen,
            "sequence": sequence,
            "ends_at": ends_at,
            "extensions": extensions,
            "received_at": request.received_at,
            "reserve_met": met,
        }
        if mark is not None:
            body[mark] = True
        detail = state.detail
        after = State(
            "open",
            ends_at,
            price_fen,
            bidder,
            sequence,
            extensions,
            met,
            state.stage,
            state.hard_end_at,
            state.moved,
            state.moved_at,
            detail if detail is None else self.remember(game, state, bidder),
            state.hidden,
        )
        return after, Event("bid_accepted", body)

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:  # noqa: ARG002 - of the shape
        """Closes: sold to the leader at the price, or unsold for a reason.

        Source: 拍卖法 article 50 (a highest bid below the reserve has no effect); the least number of bidders as announced.
        """
        price, reserve = state.price_fen, game.reserve_fen
        reason = None
        if price is None:
            reason = "no_bid"
        elif game.terms.min_bidders > 1 and len(have_bid(state)) < game.terms.min_bidders:
            reason = "too_few_bidders"
        elif reserve is not None and sign_of(game.terms) * (price - reserve) < 0:
            reason = "reserve_not_met"
        if reason is not None:
            return closed(game, state, winner=None, price_fen=None, reason=reason)
        return closed(game, state, winner=state.leader, price_fen=price)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:  # noqa: ARG002 - of the shape
        """What this bidder may do now, the amounts for one press, and its own maximum."""
        own: dict[str, Any] = {}
        if game.options.automatic and bidder is not None and state.hidden is not None:
            held = state.hidden.held.get(bidder)
            own["maximum_fen"] = held.amount_fen if held is not None else None
        if state.stage == PRIORITY_STAGE or state.phase not in ("scheduled", "open", "suspended"):
            return Offer(own=own)
        limit = limit_fen(game, state)
        if not 1 <= limit <= MAX_FEN:
            return Offer(self._kinds(game, state, bidder, can_bid=False), own=own)
        price = state.price_fen
        step = step_at(game.terms, game.options, game.terms.start_price_fen if price is None else price)
        amounts = (limit + sign_of(game.terms) * step * n for n in range(_PRESSES))
        pressed = tuple(amount for amount in amounts if 1 <= amount <= MAX_FEN)
        return Offer(self._kinds(game, state, bidder, can_bid=True), limit, pressed, own)

    def _kinds(self, game: Game, state: State, bidder: str | None, *, can_bid: bool) -> tuple[str, ...]:
        if bidder is None or state.phase != "open":
            return ()
        kinds = offered_kinds(game) if can_bid else []
        matched = state.price_fen is not None and bidder in game.holders and state.leader not in game.holders
        if Kind.MATCH in kinds:
            kinds.remove(Kind.MATCH)
        return tuple([*kinds, Kind.MATCH] if matched and game.terms.priority == "in_field" else kinds)

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The detail and the maxima as JSON."""
        detail, hidden = state.detail, state.hidden
        return None if detail is None else detail.pack(), None if hidden is None else hidden.pack()

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote."""
        return (
            None if detail is None else OpenDetail.unpack(detail),
            None if hidden is None else Maxima.unpack(hidden),
        )


def have_bid(state: State) -> frozenset[str]:
    """Everybody who counts as a bidder: who was seen to bid, and who holds a maximum, which only its bidder knows of."""
    seen: frozenset[str] = state.detail.bidders
    return seen if state.hidden is None else seen | state.hidden.held.keys()


def offered_kinds(game: Game) -> list[str]:
    """The kinds of request that this sale takes, by its terms."""
    kinds: list[str] = [Kind.BID]
    if game.options.automatic:
        kinds.append(Kind.MAXIMUM)
    if game.terms.priority == "in_field":
        kinds.append(Kind.MATCH)
    return kinds


def _match(game: Game, state: State, request: Request, amount_fen: int) -> Move:
    """A holder of the right of first refusal takes the lead at the price as it stands (场内行使优先购买权).

    All holders here have the same rank, so among them the earlier one keeps the lead and the next has to bid more.
    Source: 法释〔2016〕18号 article 21.
    """
    if game.terms.priority != "in_field":
        raise KindNotOffered(request.kind, offered_kinds(game))
    if not request.has_priority:
        raise PriorityNotYours
    price = state.price_fen
    if price is None:
        raise NothingToMatch(game.terms.start_price_fen)
    if amount_fen != price:
        raise MatchStale(amount_fen, price)
    if state.leader == request.bidder or state.leader in game.holders:
        raise PriorityLeads(price, limit_fen(game, state))
    return Move(request.bidder, price, MATCHED)
