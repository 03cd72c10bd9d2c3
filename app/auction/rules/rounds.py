"""Three rounds of turns (三轮竞价): sealed initial amounts, then each bidder betters its own amount in its own turn.

Source: Ukraine's public procurement auctions (Prozorro): three rounds after pauses of 5, 2 and 2 minutes, turns of
2 minutes, the worst first and the leader last; a bid counts from the bidder's own amount, may be changed or cancelled
within the turn and becomes public when the turn ends; silence keeps the old amount; of equal amounts the earlier one
is better; nothing extends the timetable. Forward and reverse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from app.auction.errors_rounds import NoTurns
from app.auction.errors_sealed import KindNotNow
from app.auction.rules.envelopes import (
    better_or_equal,
    check_amount,
    check_no_open_terms,
    find_envelope,
    open_together,
    put_in,
    take_out,
    void_opening,
)
from app.auction.rules.game import ENDED, Format, Game, Kind, Offer, Opening, Request, State, Step, closed
from app.auction.rules.options import demand, known_only, whole
from app.auction.rules.rounds_words import rounds_words
from app.auction.rules.sealed import SEALED
from app.auction.rules.turn_taking import cancel_turn, not_your_turn, offer_turn, take_turn
from app.auction.rules.turns import (
    Pending,
    RoundsOptions,
    RoundsSecret,
    Turns,
    first_pause,
    order_of,
    ranked,
    with_timetable,
)
from app.chain import Event

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

PAUSE = "pause"
TURN = "turn"
OVER = "over"
_ROUNDS = 3
_LEAST_SECONDS = 5
_MOST_SECONDS = 3600
_LEAST_BIDDERS = 2


class Rounds(Format):
    """Sealed initial amounts, then three rounds in which each bidder in turn may better its own."""

    name = "prozorro_rounds"
    newcomers_until = SEALED  # the first amounts make the order of the turns
    kinds = frozenset({Kind.SEAL, Kind.WITHDRAW, Kind.TURN})
    needs_seal = True

    def read_options(self, raw: Mapping[str, Any]) -> RoundsOptions:
        """Reads ``pause_seconds`` (one before each of the three rounds) and ``slot_seconds``."""
        known_only(raw, *RoundsOptions._fields)
        pauses = raw.get("pause_seconds", list(RoundsOptions().pause_seconds))
        demand(
            isinstance(pauses, Sequence) and not isinstance(pauses, str) and len(pauses) == _ROUNDS,
            f"pause_seconds 应为 {_ROUNDS} 个整数：每轮开始前暂停的秒数。",
            f"pause_seconds must be {_ROUNDS} whole numbers: the seconds of pause before each round.",
        )
        return RoundsOptions(
            tuple(
                whole({"pause_seconds": pause}, "pause_seconds", _LEAST_SECONDS, _MOST_SECONDS)
                for pause in pauses
            ),
            whole(raw, "slot_seconds", _LEAST_SECONDS, _MOST_SECONDS, RoundsOptions().slot_seconds),
        )

    def check(self, terms: AuctionTerms, options: RoundsOptions) -> None:  # noqa: ARG002 - of the shape
        """The announced end is the deadline of the initial amounts; turns need two bidders."""
        check_no_open_terms(terms)
        demand(
            terms.min_bidders >= _LEAST_BIDDERS,
            f"轮次竞价至少要有 {_LEAST_BIDDERS} 位竞买人，最少竞买人数请填 {_LEAST_BIDDERS} 或更多。",
            f"turns need at least {_LEAST_BIDDERS} bidders; make that the least number of bidders.",
        )

    def start(self, terms: AuctionTerms, options: RoundsOptions) -> State:  # noqa: ARG002 - of the shape
        """No envelope yet; when the turns end is announced once the number of bidders is known."""
        return State("scheduled", terms.closes_at, stage=SEALED, hidden=RoundsSecret())

    def check_sealed(
        self,
        terms: AuctionTerms,
        options: RoundsOptions,  # noqa: ARG002 - of the shape
        amount_fen: int,
        price_fen: int | None = None,  # noqa: ARG002 - of the shape
    ) -> None:
        """An initial amount is any from the start price up, or from the ceiling down."""
        check_amount(terms, amount_fen, terms.start_price_fen, multiples_only=False)

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Takes an initial envelope, or the bid of the one whose turn it is."""
        if state.stage == SEALED:
            return _judge_envelope(state, request, now)
        if request.kind == Kind.SEAL:
            raise KindNotNow(request.kind, [Kind.TURN, Kind.WITHDRAW])
        turns: Turns = state.detail
        if request.bidder not in turns.order:
            raise NoTurns
        if turns.whose != request.bidder:
            raise not_your_turn(state, turns)
        if request.kind == Kind.WITHDRAW:
            return cancel_turn(state, request)
        return take_turn(game, state, request)

    def advance(self, game: Game, state: State, now: datetime) -> Step:
        """Goes from pauses to turns to pauses, each at its own instant however late; a turn's bid is told at its end."""
        events: list[Event] = []
        while now >= state.ends_at and state.stage in (PAUSE, TURN):
            if state.stage == TURN:
                state, told = _end_turn(game, state)
                events.append(told)
            state = _next_stage(game, state)
            if state.stage != OVER:
                events.append(_began(state))
        return state, events

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:
        """Opens the initial amounts and begins the first round, or ranks the last amounts."""
        if state.stage == SEALED:
            return self._open(game, state, now, openings)
        state, events = self.advance(game, state, now)
        if state.stage != OVER:
            return state, events
        after, end = _close(game, state)
        return after, [*events, *end]

    def _open(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:
        """Rounds begin when the amounts are in fact open: whoever opens them late costs nobody a turn."""
        secret: RoundsSecret = state.hidden
        if self._is_too_few(game, state):
            # As in every sealed sale: their commitments are told, their amounts never are.
            return closed(
                game,
                state,
                winner=None,
                price_fen=None,
                reason="too_few_bidders" if secret.envelopes else "no_bid",
                unopened=[item.wire() for item in secret.envelopes],
            )
        check = partial(self.check_sealed, game.terms, game.options)
        record = open_together(secret.envelopes, openings, check)
        if record.failed:
            return void_opening(state, record)
        opened = Event("envelopes_opened", {"stage": state.stage, **record.members()})
        if not record.opened:
            after, events = closed(game, state, winner=None, price_fen=None, reason="no_bid")
            return after, [opened, *events]
        turns, ends_at = first_pause(game.terms, game.options, record.opened, now)
        after = state._replace(
            stage=PAUSE,
            ends_at=ends_at,
            sequence=state.sequence + len(record.opened),
            detail=turns,
            hidden=RoundsSecret(),
        )
        after = _shown(game, after)
        return after, [opened, _began(after)]

    def _is_too_few(self, game: Game, state: State) -> bool:
        return len(state.hidden.envelopes) < game.terms.min_bidders

    def wants_openings(self, game: Game, state: State) -> bool:
        """Initial amounts are opened once, and too few stay sealed for ever."""
        return state.stage == SEALED and not self._is_too_few(game, state)

    def goes_on(self, game: Game, state: State) -> bool:  # noqa: ARG002 - of the shape
        """After the initial amounts come the rounds; that there are too few is not known before."""
        return state.stage == SEALED

    def watched_since(self, game: Game, state: State) -> datetime:
        """The whole of a pause or turn: whoever could not act in it has lost it."""
        return super().watched_since(game, state) if state.stage == SEALED else state.detail.began_at

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:  # noqa: ARG002 - no hard end here
        """The interrupted pause or turn once more in full, with what was taken in; of the sealed stage its whole time.

        When the last envelope came is secret, so that stage's time counts from the opening. An interruption of the
        last turn that is seen after its end gives that turn again.
        """
        after = state._replace(phase="open")
        if state.stage == SEALED:
            return after._replace(
                ends_at=at + max(game.terms.closes_at - game.terms.opens_at, game.extension)
            )
        turns: Turns = state.detail
        options: RoundsOptions = game.options
        is_pause = state.stage == PAUSE
        seconds = options.pause_seconds[turns.number - 1] if is_pause else options.slot_seconds
        ends_at = at + timedelta(seconds=seconds)
        turns = with_timetable(options, turns._replace(began_at=at), ends_at)
        return after._replace(stage=PAUSE if is_pause else TURN, ends_at=ends_at, detail=turns)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:
        """An initial amount before the deadline; in the bidder's own turn the least that betters its own amount."""
        if state.phase in ENDED or state.stage not in (SEALED, PAUSE, TURN):
            return Offer()
        runs = state.phase == "open" and now < state.ends_at
        if state.stage != SEALED:
            return offer_turn(game, state, bidder) if runs and bidder is not None else Offer()
        mine = None if bidder is None else find_envelope(state.hidden.envelopes, bidder)
        own = {} if bidder is None else {"envelope": mine.wire() if mine else None}
        kinds: tuple[str, ...] = ()
        if runs and bidder is not None:
            kinds = (Kind.SEAL, Kind.WITHDRAW) if mine else (Kind.SEAL,)
        return Offer(kinds, game.terms.start_price_fen, (), own)

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """Turns and secrets as JSON."""
        detail: Turns | None = state.detail
        return None if detail is None else detail.pack(), state.hidden.pack()

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote."""
        return (
            None if detail is None else Turns.unpack(detail),
            RoundsSecret() if hidden is None else RoundsSecret.unpack(hidden),
        )

    def words(self, terms: AuctionTerms, options: RoundsOptions, lang: Lang) -> list[str]:
        """The sentences of turns."""
        return rounds_words(terms, options, lang)


def _judge_envelope(state: State, request: Request, now: datetime) -> Step:
    """Puts an initial amount in or gives it back."""
    if request.kind == Kind.TURN:
        raise KindNotNow(request.kind, [Kind.SEAL, Kind.WITHDRAW])
    bare = state._replace(hidden=state.hidden.envelopes)
    after, events = put_in(bare, request, now) if request.kind == Kind.SEAL else take_out(bare, request)
    return after._replace(hidden=state.hidden._replace(envelopes=after.hidden)), events


def _end_turn(game: Game, state: State) -> tuple[State, Event]:
    """The turn's end at its own instant: its bid becomes the bidder's amount and public; silence keeps the old one."""
    turns: Turns = state.detail
    pending: Pending | None = state.hidden.pending
    bidder = turns.order[turns.turn - 1]
    if pending is not None:
        turns = turns.moved(bidder, pending.amount_fen)
        state = state._replace(sequence=state.sequence + 1)
    after = _shown(game, state._replace(detail=turns, hidden=state.hidden._replace(pending=None)))
    place = turns.place_of(bidder)
    body = {
        "bidder": bidder,
        "round": turns.number,
        "turn": turns.turn,
        "amount_fen": place.amount_fen if place else None,
        "is_changed": pending is not None,
        "bid_id": pending.bid_id if pending else None,
        "commitment": pending.commitment if pending else None,
        "ended_at": state.ends_at,
        "price_fen": after.price_fen,
        "leader": after.leader,
        "reserve_met": after.reserve_met,
        "sequence": after.sequence,
    }
    return after, Event("turn_ended", body)


def _next_stage(game: Game, state: State) -> State:
    """The next turn of the round, the pause before the next round, or the end of the turns."""
    turns: Turns = state.detail
    options: RoundsOptions = game.options
    began_at = state.ends_at
    if turns.turn < len(turns.order):
        ends_at = began_at + timedelta(seconds=options.slot_seconds)
        turns = turns._replace(turn=turns.turn + 1, began_at=began_at)
        return state._replace(stage=TURN, ends_at=ends_at, detail=turns)
    if turns.number < len(options.pause_seconds):
        ends_at = began_at + timedelta(seconds=options.pause_seconds[turns.number])
        order = order_of(game.terms, turns.places)
        turns = turns._replace(number=turns.number + 1, turn=0, order=order, began_at=began_at)
        return state._replace(stage=PAUSE, ends_at=ends_at, detail=turns)
    return state._replace(stage=OVER)


def _shown(game: Game, state: State) -> State:
    """The state with the leader, the price and whether the reserve is met, as the amounts now stand."""
    best = ranked(game.terms, state.detail.places)[0]
    reserve = game.reserve_fen
    return state._replace(
        price_fen=best.amount_fen,
        leader=best.bidder,
        reserve_met=None if reserve is None else better_or_equal(game.terms, best.amount_fen, reserve),
    )


def _began(state: State) -> Event:
    turns: Turns = state.detail
    body = {
        "stage": state.stage,
        "round": turns.number,
        "turn": turns.turn,
        "whose": turns.whose,
        "order": list(turns.order),
        "price_fen": state.price_fen,
        "leader": state.leader,
        "reserve_met": state.reserve_met,
        "began_at": turns.began_at,
        "ends_at": state.ends_at,
        "last_ends_at": turns.last_ends_at,
    }
    return Event("stage_began", body)


def _close(game: Game, state: State) -> Step:
    """The best amount wins; below the reserve nothing is sold (拍卖法 article 50)."""
    places = ranked(game.terms, state.detail.places)
    ranking = [
        {"place": place, "bidder": item.bidder, "amount_fen": item.amount_fen}
        for place, item in enumerate(places, 1)
    ]
    best, reserve = places[0], game.reserve_fen
    if reserve is not None and not better_or_equal(game.terms, best.amount_fen, reserve):
        return closed(game, state, winner=None, price_fen=None, reason="reserve_not_met", ranking=ranking)
    return closed(game, state, winner=best.bidder, price_fen=best.amount_fen, ranking=ranking)
