"""The engine: carries one sale through requests, time and the host's acts, whatever its format, and chains the events.

Pure. The desk, the worker, the replay of a file and the verifier of a bundle all go through ``Fold``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from app.auction.errors import (
    AuctionNotOpen,
    AuctionOver,
    AuctionSuspended,
    KindNotOffered,
    PriceMoved,
    StageEnded,
    TermsInvalid,
)
from app.auction.errors_open import MatchStale
from app.auction.rules.formats import FORMATS
from app.auction.rules.game import (
    ENDED,
    PRIORITY_STAGE,
    RESULT_MEMBERS,
    SECRET_KINDS,
    Format,
    Game,
    Kind,
    Opening,
    Request,
    State,
    Step,
    check_standing,
    closed,
)
from app.auction.rules.terms import AuctionTerms
from app.chain import EMPTY_HASH, HOST, PUBLIC, Event, Recorded, canonical, chain_hash, instant
from app.errors import MarketError


class Published(NamedTuple):
    """Terms with the format that plays them and its parsed options; the same text of terms is always the same."""

    terms: AuctionTerms
    format: Format
    options: Any


def publish(terms: AuctionTerms) -> Published:
    """Finds the format of terms and checks both; raises TermsInvalid."""
    chosen = FORMATS.get(terms.format)
    if chosen is None:
        raise TermsInvalid(
            reason_zh=f"没有名为 {terms.format} 的竞价方式。",
            reason_en=f"there is no format named {terms.format}.",
        )
    terms.check()
    options = chosen.read_options(terms.options)
    chosen.check(terms, options)
    return Published(terms, chosen, options)


def needs_bidders(published: Published) -> bool:
    """Whether the rules look at bidders beyond those who ask: their own streams, or who holds priority."""
    return published.terms.priority != "none" or published.format.has_secrets(published.options)


@lru_cache(maxsize=4096)
def read_published(stored: str) -> Published:
    """Reads published terms back; they are frozen, so the same text is read once."""
    terms = AuctionTerms.from_json(orjson.loads(stored))
    chosen = FORMATS[terms.format]
    return Published(terms, chosen, chosen.read_options(terms.options))


def make_game(
    published: Published,
    reserve_fen: int | None = None,
    reserve_key: bytes | None = None,
    holders: frozenset[str] = frozenset(),
) -> Game:
    """Puts a sale's terms and secrets together for its rules."""
    terms = published.terms
    return Game(
        terms,
        published.options,
        timedelta(seconds=terms.trigger_seconds),
        timedelta(seconds=terms.extension_seconds),
        reserve_fen,
        reserve_key,
        holders,
    )


def pack_state(rules: Format, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The public and the secret part of a format's state as JSON; while a holder is asked the public one is the engine's."""
    if state.stage == PRIORITY_STAGE:
        return state.detail, rules.pack(state._replace(detail=None))[1]
    return rules.pack(state)


def unpack_state(
    rules: Format, stage: str, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None
) -> tuple[Any, Any]:
    """Reads back what ``pack_state`` wrote."""
    if stage == PRIORITY_STAGE:
        return detail, rules.unpack(None, hidden)[1]
    return rules.unpack(detail, hidden)


@dataclass(slots=True)
class Stream:
    """A stream's head while a batch is carried out; ``before`` is where it stood in the database."""

    id: str
    number: int = 0
    hash: bytes = EMPTY_HASH
    before: int = field(init=False)
    fresh: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before = self.number

    def add(self, event: Event, at: datetime, moment: str) -> Recorded:
        """Numbers and chains one event."""
        self.number += 1
        body = canonical(event.body)
        self.hash = chain_hash(self.hash, self.id, self.number, event.kind, moment, body)
        recorded = Recorded(self.number, event.kind, at, body, self.hash)
        self.fresh.append(recorded)
        return recorded


class Judged(NamedTuple):
    """One judged request: the stream and the event its receipt names, the end afterwards, and the refusal if any."""

    audience: str
    event: Recorded
    ends_at: datetime
    refusal: MarketError | None


class Fold:
    """A sale under its lock at one official instant, carried from state to state; ``streams`` by audience.

    Events land on their streams' ``fresh`` lists. Nothing is written here.
    """

    def __init__(
        self, rules: Format, game: Game, state: State, streams: dict[str, Stream], now: datetime
    ) -> None:
        """Starts from what is stored, at the official time that everything of this batch gets."""
        self.rules = rules
        self.game = game
        self.state = state
        self.streams = streams
        self.now = now
        self._moment = instant(now)

    def _take(self, step: Step) -> tuple[str, Recorded] | None:
        """Takes a step over; returns the first event's place, which is the request's own."""
        before = self.state
        after, events = step
        first: tuple[str, Recorded] | None = None
        for event in events:
            recorded = self.streams[event.audience].add(event, self.now, self._moment)
            first = first or (event.audience, recorded)
        if after.price_fen != before.price_fen or after.leader != before.leader:
            after = after.moved_by(self.streams[PUBLIC].number, self.now)
        self.state = after
        return first

    def open_if_due(self) -> None:
        """Opens a scheduled sale whose time has come."""
        state = self.state
        if state.phase == "scheduled" and self.now >= self.game.terms.opens_at:
            opened = self.rules.open(self.game, state)
            body: dict[str, Any] = {"ends_at": opened.ends_at}
            if opened.stage:
                body["stage"] = opened.stage
            self._take((opened, [Event("auction_opened", body)]))

    def advance(self) -> None:
        """Carries out what time alone brings: the opening, then the format's own steps; never the end."""
        self.open_if_due()
        if self.state.phase == "open" and self.state.stage != PRIORITY_STAGE:
            self._take(self.rules.advance(self.game, self.state, self.now))

    def judge(self, request: Request) -> Judged:
        """Judges one request; a refusal leaves the state and becomes an event that only who may know of it sees."""
        try:
            place = self._take(self._accept(request))
        except MarketError as refusal:
            return self._refuse(request, refusal)
        if place is None:
            message = f"{self.rules.name} accepted a request without an event"
            raise AssertionError(message)
        return Judged(*place, self.state.ends_at, None)

    def _accept(self, request: Request) -> Step:
        state = self.state
        # What is over is over for everybody: by then a deposit may have been released already.
        if state.phase in ENDED:
            raise AuctionOver(state.ends_at, self.now)
        if state.phase == "open" and self.now >= state.ends_at:
            over: type[StageEnded | AuctionOver] = StageEnded if self._goes_on() else AuctionOver
            raise over(state.ends_at, self.now)
        check_standing(self.game.terms, request.standing)
        if state.phase == "suspended":
            raise AuctionSuspended
        if state.phase == "scheduled":
            raise AuctionNotOpen(self.game.terms.opens_at)
        if request.if_number is not None and state.moved > request.if_number:
            raise PriceMoved(state.price_fen, state.leader, state.moved)
        if state.stage == PRIORITY_STAGE:
            return self._answer_priority(request)
        if request.kind not in self.rules.kinds:
            raise KindNotOffered(request.kind, sorted(self.rules.kinds))
        return self.rules.judge(self.game, state, request, self.now)

    def _goes_on(self) -> bool:
        """Whether the present stage, whose end has passed, is followed by another one: by time alone or by the worker."""
        state = self.state
        if state.stage == PRIORITY_STAGE:
            return False
        after, _ = self.rules.advance(self.game, state, self.now)
        return after.ends_at > self.now or self.rules.goes_on(self.game, after)

    def _refuse(self, request: Request, refusal: MarketError) -> Judged:
        # Only its bidder learns that a secret request was made at all; whoever has no code has no stream.
        is_secret = request.kind in SECRET_KINDS or request.kind == Kind.WITHDRAW
        audience = request.bidder if is_secret and request.bidder in self.streams else HOST
        body = {
            "kind": request.kind,
            "bidder": request.bidder or None,
            "amount_fen": None if is_secret else request.amount_fen,
            "received_at": request.received_at,
            "refusal": refusal.code,
        }
        if is_secret:
            # What was asked for is opened after the end, so the event has to fix it as an accepted one's does.
            body |= {"bid_id": request.bid_id, "commitment": request.commitment}
        recorded = self.streams[audience].add(Event("bid_refused", body, audience), self.now, self._moment)
        return Judged(audience, recorded, self.state.ends_at, refusal)

    def settle(self, openings: Sequence[Opening] = ()) -> None:
        """Carries out the end of the present stage: opens what is sealed, goes on, asks a priority holder, or closes."""
        state = self.state
        if state.phase != "open" or self.now < state.ends_at:
            return
        if state.stage == PRIORITY_STAGE:
            self._take(self._close_asked(None))
            return
        after, events = self.rules.settle(self.game, state, self.now, openings)
        asked = self._ask_priority(after, events)
        if asked is not None:
            # A result is not told before the holder has answered: it would be two results. What was opened is told.
            told = [event for event in events if event.kind != "auction_closed"]
            after, events = asked, [*told, _asking(asked)]
        self._take((after, events))

    def _ask_priority(self, after: State, events: Sequence[Event]) -> State | None:
        """The state in which a holder is asked, if the terms say so, one is admitted and another would win.

        What the format added to its result is kept for the end of asking.
        """
        terms, holders = self.game.terms, self.game.holders
        if terms.priority != "post" or after.phase != "sold" or not holders or after.leader in holders:
            return None
        members = {name: value for name, value in events[-1].body.items() if name not in RESULT_MEMBERS}
        return after._replace(
            phase="open",
            stage=PRIORITY_STAGE,
            ends_at=self.now + timedelta(seconds=terms.priority_seconds),
            detail={"waived": [], "members": members},
        )

    def _answer_priority(self, request: Request) -> Step:
        """A holder matches the result or waives; anybody else is told that bidding is over."""
        state, price = self.state, self.state.price_fen
        if not request.has_priority or request.kind not in (Kind.MATCH, Kind.WAIVE):
            raise AuctionOver(state.ends_at, self.now)
        if request.kind == Kind.MATCH:
            # As in the field: nobody buys at a price that he did not name.
            if price is not None and request.amount_fen != price:
                raise MatchStale(request.amount_fen or 0, price)
            exercised = Event("priority_exercised", {"bidder": request.bidder, "price_fen": price})
            after, events = self._close_asked(request.bidder)
            return after, [exercised, *events]
        waived = sorted({*state.detail["waived"], request.bidder})
        own = Event("priority_waived", {"bidder": request.bidder})
        if self.game.holders <= set(waived):
            after, events = self._close_asked(None)
            return after, [own, *events]
        return state._replace(detail={**state.detail, "waived": waived}), [own]

    def _close_asked(self, holder: str | None) -> Step:
        """The end of asking: the holder at the result's price, or whoever had won."""
        state = self.state
        return closed(
            self.game,
            state,
            winner=holder or state.leader,
            price_fen=state.price_fen,
            by_priority=bool(holder),
            **state.detail["members"],
        )

    def suspend(self, reason_zh: str, reason_en: str, *, cause: str) -> None:
        """Stops the clock with a published reason; ``cause`` is ``host`` or ``interruption``."""
        if self.state.phase != "open":
            raise AuctionOver(self.state.ends_at, self.now)
        body = {
            "reason_zh": reason_zh,
            "reason_en": reason_en,
            "cause": cause,
            "ends_at": self.state.ends_at,
        }
        self._take((self.state._replace(phase="suspended"), [Event("auction_suspended", body)]))

    def resume(self, hard_end_at: datetime | None) -> None:
        """Starts the clock again; the hard end may be announced anew."""
        if self.state.phase != "suspended":
            raise AuctionOver(self.state.ends_at, self.now)
        after = self._resumed(hard_end_at)
        body = {"ends_at": after.ends_at, "hard_end_at": after.hard_end_at}
        self._take((after, [Event("auction_resumed", body)]))

    def _resumed(self, hard_end_at: datetime | None) -> State:
        if self.state.stage != PRIORITY_STAGE:
            return self.rules.resume(self.game, self.state, self.now, hard_end_at)
        # Whoever is asked gets the whole time to answer again.
        asked_for = timedelta(seconds=self.game.terms.priority_seconds)
        return self.state._replace(phase="open", ends_at=self.now + asked_for)

    def void(self, reason_zh: str, reason_en: str) -> None:
        """Ends the sale without a result; its record is kept. Source: 法释〔2016〕18号 article 31."""
        if self.state.phase in ENDED:
            raise AuctionOver(self.state.ends_at, self.now)
        body = {
            "outcome": "void",
            "reason": "void",
            "reason_zh": reason_zh,
            "reason_en": reason_en,
            "price_fen": None,
            "winner": None,
            "ends_at": self.state.ends_at,
            "reserve_opening": None,
        }
        self._take((self.state._replace(phase="void"), [Event("auction_closed", body)]))

    def act(self, name: str, members: Mapping[str, Any]) -> Recorded:
        """Carries out a host's act that the format knows, such as locking a panel's scores; raises its refusal."""
        state = self.state
        if state.phase in ENDED:
            raise AuctionOver(state.ends_at, self.now)
        if name not in self.rules.acts:
            raise KindNotOffered(name, sorted(self.rules.acts))
        if state.phase == "suspended":
            raise AuctionSuspended
        if state.phase == "scheduled":
            raise AuctionNotOpen(self.game.terms.opens_at)
        place = self._take(self.rules.act(self.game, state, name, members, self.now))
        if place is None:
            message = f"{self.rules.name} carried out {name} without an event"
            raise AssertionError(message)
        return place[1]

    def tell(self, event: Event) -> Recorded:
        """Records a host's act that changes no state, such as an admission or a key that was opened."""
        return self.streams[event.audience].add(event, self.now, self._moment)

    @property
    def has_ended(self) -> bool:
        """Whether the sale is over, with or without a result."""
        return self.state.phase in ENDED

    def due_at(self) -> datetime | None:
        """When the worker is needed next."""
        state = self.state
        if state.phase not in ("scheduled", "open"):
            return None
        if state.stage == PRIORITY_STAGE:
            return state.ends_at
        return self.rules.due_at(self.game, state)


def _asking(asked: State) -> Event:
    body: Mapping[str, Any] = {
        "price_fen": asked.price_fen,
        "leader": asked.leader,
        "ends_at": asked.ends_at,
    }
    return Event("priority_asked", body)
