"""A sale carried through the engine without a database: bidders with keys of their own, an edge, a worker."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from app.auction.rules.engine import Fold, Judged, Stream, make_game, publish
from app.auction.rules.game import PRIORITY_STAGE, Kind, Opening, Request, Standing, State
from app.auction.rules.terms import AuctionTerms, commit_amount, commit_reserve
from app.chain import EMPTY_HASH, HOST, PUBLIC, Recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.auction.rules.game import Offer

OPENS = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
CODES = ("A01", "B02", "C03", "D04")
SEALED_SECONDS = 3600


def make_terms(**over: object) -> AuctionTerms:
    """Terms of a sealed sale of one hour from 100.00 yuan, in steps of ten yuan, unless said otherwise."""
    values: dict[str, object] = {
        "start_price_fen": 100_00,
        "step_fen": 10_00,
        "deposit_fen": 0,
        "opens_at": OPENS,
        "closes_at": OPENS + timedelta(seconds=SEALED_SECONDS),
        "hard_end_at": None,
        "trigger_seconds": 0,
        "extension_seconds": 0,
        "has_reserve": False,
        "format": "sealed_first_price",
    }
    return AuctionTerms(**{**values, **over})  # type: ignore[arg-type]


def make_clock(*, tick_seconds: int = 60, steps: int = 5, **over: Any) -> AuctionTerms:
    """Terms of a clock from 100.00 yuan in five steps of ten yuan to 50.00, a minute each, unless said otherwise."""
    direction = over.get("direction", "forward")
    start = over.get("start_price_fen", 100_00)
    step = over.get("step_fen", 10_00)
    last = start - steps * step if direction == "forward" else start + steps * step
    name = "floor_price_fen" if direction == "forward" else "ceiling_price_fen"
    options = {"tick_seconds": tick_seconds, name: last, **over.pop("options", {})}
    values = {
        "format": "dutch",
        "closes_at": OPENS + timedelta(seconds=(steps + 1) * tick_seconds),
        "options": options,
    }
    return make_terms(**{**values, **over})


def make_hybrid(**over: Any) -> AuctionTerms:
    """A clock that ten minutes of sealed bids and five of a best bid follow."""
    later = {"sealed_seconds": 600, "best_seconds": 300, **over.pop("options", {})}
    return make_clock(format="dutch_sealed_best", options=later, **over)


class Act(NamedTuple):
    """One thing that was done to a sale, as a record of it would keep it: a request, or the worker's openings."""

    now: datetime
    request: Request | None
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True)
class Secret:
    """What a bidder's program remembers of a sealed bid."""

    amount_fen: int
    key: bytes


class Hall:
    """One sale; each act is a batch of its own, and the state is stored and read back after each."""

    def __init__(
        self, terms: AuctionTerms, *, reserve_fen: int | None = None, holders: frozenset[str] = frozenset()
    ) -> None:
        """A published sale with four admitted bidders."""
        self.published = publish(terms)
        key = bytes(range(32)) if reserve_fen is not None else None
        self.game = make_game(self.published, reserve_fen, key, holders)
        self.commitment = commit_reserve(reserve_fen, key) if reserve_fen is not None and key else None
        self.rules = self.published.format
        self.state: State = self.rules.start(terms, self.published.options)
        self.streams: dict[str, list[Recorded]] = {name: [] for name in (PUBLIC, HOST, *CODES)}
        self.vault: dict[str, Secret] = {}
        self.acts: list[Act] = []
        self.told: list[Judged] = []
        self._random = random.Random(7)

    def fold(self, now: datetime) -> Fold:
        """The sale under its lock."""
        heads = {
            name: Stream(name, events[-1].number if events else 0, events[-1].hash if events else EMPTY_HASH)
            for name, events in self.streams.items()
        }
        return Fold(self.rules, self.game, self.state, heads, now)

    def keep(self, fold: Fold) -> None:
        """Stores what a batch left, as the tables would, and reads it back."""
        for name, stream in fold.streams.items():
            self.streams[name] += stream.fresh
        detail, hidden = self.rules.pack(fold.state)
        stored = orjson.loads(orjson.dumps([detail, hidden]))
        read, secret = self.rules.unpack(*stored)
        self.state = fold.state._replace(detail=read, hidden=secret)
        assert self.state == fold.state

    def ask(self, kind: str, bidder: str, now: datetime, **over: Any) -> Judged:
        """One request of an admitted bidder, judged."""
        over.setdefault("bid_id", str(UUID(int=self._random.getrandbits(128))))
        request = Request(kind, bidder, over.pop("standing", Standing.ADMITTED), now, **over)
        self.acts.append(Act(now, request))
        fold = self.fold(now)
        fold.advance()
        judged = fold.judge(request)
        self.keep(fold)
        self.told.append(judged)
        return judged

    def seal(self, bidder: str, amount_fen: int, now: datetime) -> Judged:
        """A sealed bid as the edge lets it pass; the edge's refusal of an amount is raised."""
        if self.rules.needs_seal:
            terms, options = self.game.terms, self.game.options
            self.rules.check_sealed(terms, options, amount_fen, self.state.price_fen)
        bid_id, key = str(UUID(int=self._random.getrandbits(128))), self._random.randbytes(32)
        commitment = commit_amount(bid_id, amount_fen, key)
        judged = self.ask(Kind.SEAL, bidder, now, bid_id=bid_id, commitment=commitment)
        if judged.refusal is None:
            self.vault[bid_id] = Secret(amount_fen, key)
        return judged

    def take(self, bidder: str, now: datetime, step: int, amount_fen: int) -> Judged:
        """A take of the step and price that its bidder saw."""
        return self.ask(Kind.TAKE, bidder, now, step=step, amount_fen=amount_fen)

    def openings(self) -> tuple[Opening, ...]:
        """What the worker could open now: the envelopes that count, if they are to be opened at all."""
        is_wanted = self.state.phase == "open" and self.state.stage != PRIORITY_STAGE
        if not is_wanted or not self.rules.wants_openings(self.game, self.state):
            return ()
        return tuple(
            Opening(
                item.bidder,
                item.bid_id,
                self.vault[item.bid_id].amount_fen,
                self.vault[item.bid_id].key.hex(),
            )
            for item in self.state.hidden
        )

    def work(self, now: datetime, openings: Sequence[Opening] | None = None) -> None:
        """The worker's turn at an instant: what is due, then the end of the stage with what it opened."""
        opened = self.openings() if openings is None else tuple(openings)
        self.acts.append(Act(now, None, opened))
        fold = self.fold(now)
        fold.advance()
        if fold.state.phase == "open" and now >= fold.state.ends_at:
            fold.settle(opened)
        self.keep(fold)

    def finish(self, late: timedelta = timedelta(0)) -> dict[str, Any]:
        """The worker until the sale is over, each time so late; returns the result."""
        while (due := self.fold(OPENS).due_at()) is not None:
            self.work(due + late)
        return self.result

    @property
    def result(self) -> dict[str, Any]:
        """The body of the last public event, which has to be the result."""
        assert self.streams[PUBLIC][-1].kind == "auction_closed"
        return self.body(self.streams[PUBLIC][-1])

    def offer(self, bidder: str | None, now: datetime) -> Offer:
        """What a bidder, or a guest, is offered."""
        return self.rules.offer(self.game, self.state, bidder, now)

    def kinds(self, audience: str) -> list[str]:
        """The kinds of a stream's events."""
        return [event.kind for event in self.streams[audience]]

    @staticmethod
    def body(event: Recorded) -> dict[str, Any]:
        """An event's body."""
        read: dict[str, Any] = orjson.loads(event.body)
        return read


def replay(acts: Sequence[Act], hall: Hall) -> Hall:
    """The same acts on a fresh sale; those of one instant in one batch, and nothing stored in between."""
    at = 0
    while at < len(acts):
        now, fold = acts[at].now, hall.fold(acts[at].now)
        fold.advance()
        while at < len(acts) and acts[at].now == now:
            act = acts[at]
            if act.request is not None:
                hall.told.append(fold.judge(act.request))
            elif fold.state.phase == "open" and now >= fold.state.ends_at:
                fold.settle(act.openings)
            at += 1
        for name, stream in fold.streams.items():
            hall.streams[name] += stream.fresh
        hall.state = fold.state
    return hall


def seconds(count: float) -> datetime:
    """So many seconds after the opening."""
    return OPENS + timedelta(seconds=count)
