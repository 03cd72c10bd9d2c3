"""A sale played by the rules alone: every request goes through the engine, and the state is stored in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from app.auction.rules.engine import (
    Fold,
    Judged,
    Stream,
    make_game,
    pack_state,
    publish,
    unpack_state,
)
from app.auction.rules.game import Offer, Request, Standing, State
from app.auction.rules.terms import AuctionTerms, commit_amount
from app.chain import HOST, PUBLIC, Recorded

TEN = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
CODES = ("A", "B", "C", "D", "P", "Q")
KEY = bytes(range(32))


def make_terms(**over: Any) -> AuctionTerms:
    """Terms of a plain sale that ends at ten, with the statutory five minutes."""
    values: dict[str, Any] = {
        "start_price_fen": 100_000_00,
        "step_fen": 10_000_00,
        "deposit_fen": 10_000_00,
        "opens_at": TEN - timedelta(days=1),
        "closes_at": TEN,
        "hard_end_at": None,
        "trigger_seconds": 300,
        "extension_seconds": 300,
        "has_reserve": False,
    }
    return AuctionTerms(**{**values, **over})


class Sale:
    """One open sale; ``holders`` hold priority. ``ask`` judges a request, ``place`` insists that it is accepted."""

    def __init__(
        self, terms: AuctionTerms, *, reserve_fen: int | None = None, holders: tuple[str, ...] = ()
    ) -> None:
        self.terms = terms
        self.published = publish(terms)
        key = KEY if reserve_fen is not None else None
        self.game = make_game(self.published, reserve_fen, key, frozenset(holders))
        self.state = self.published.format.start(terms, self.published.options)
        self.streams = {name: Stream(name) for name in (PUBLIC, HOST, *CODES)}
        self.ids = count(1)
        self.now = terms.opens_at
        self.until(terms.opens_at)

    def fold(self, now: datetime) -> Fold:
        """The sale as the next batch finds it: its state read back from what was stored."""
        self.now = now
        return Fold(self.published.format, self.game, self.stored(), self.streams, now)

    def stored(self) -> State:
        """The state after a round trip through its stored form."""
        rules, state = self.published.format, self.state
        detail, hidden = pack_state(rules, state)
        detail, hidden = (orjson.loads(orjson.dumps(part)) for part in (detail, hidden))
        return state._replace(
            **dict(zip(("detail", "hidden"), unpack_state(rules, state.stage, detail, hidden), strict=True))
        )

    def until(self, now: datetime) -> State:
        """Lets time pass: openings, stages, but no close."""
        fold = self.fold(now)
        fold.advance()
        self.state = fold.state
        return self.state

    def settle(self, now: datetime | None = None) -> dict[str, Any]:
        """What the worker does at the end of the sale, or later; the result's event."""
        fold = self.fold(now or self.state.ends_at)
        fold.advance()
        fold.settle()
        self.state = fold.state
        event = self.public()[-1]
        assert event.kind == "auction_closed"
        body: dict[str, Any] = orjson.loads(event.body)
        return body

    def ask(
        self,
        bidder: str,
        amount_fen: int | None,
        now: datetime | None = None,
        kind: str = "bid",
        standing: Standing = Standing.ADMITTED,
    ) -> Judged:
        """Judges one request, with a commitment where it is secret."""
        fold = self.fold(now or self.now)
        fold.advance()
        bid_id = f"bid-{next(self.ids)}"
        is_secret = kind == "maximum" and amount_fen is not None
        commitment = commit_amount(bid_id, amount_fen or 0, KEY) if is_secret else None
        judged = fold.judge(
            Request(
                kind,
                bidder,
                standing,
                fold.now,
                amount_fen,
                bid_id,
                commitment=commitment,
                has_priority=bidder in self.game.holders,
            )
        )
        self.state = fold.state
        return judged

    def place(
        self, bidder: str, amount_fen: int | None, now: datetime | None = None, kind: str = "bid"
    ) -> State:
        """Judges one request and raises its refusal if there is one."""
        judged = self.ask(bidder, amount_fen, now, kind)
        if judged.refusal is not None:
            raise judged.refusal
        return self.state

    def maximum(self, bidder: str, amount_fen: int, now: datetime | None = None) -> State:
        """Sets a maximum of automatic bidding."""
        return self.place(bidder, amount_fen, now, "maximum")

    def match(self, bidder: str, amount_fen: int | None, now: datetime | None = None) -> State:
        """Matches the price as a holder of priority."""
        return self.place(bidder, amount_fen, now, "match")

    @property
    def lead(self) -> tuple[str | None, int | None]:
        """Who leads at what price."""
        return self.state.leader, self.state.price_fen

    def public(self) -> list[Recorded]:
        """Everything on the public stream."""
        return self.streams[PUBLIC].fresh

    def bodies(self, stream: str = PUBLIC) -> list[dict[str, Any]]:
        """The bodies of a stream's events, with their kinds."""
        return [{"kind": event.kind, **orjson.loads(event.body)} for event in self.streams[stream].fresh]

    def offer(self, bidder: str | None) -> Offer:
        """What this bidder may do now."""
        return self.published.format.offer(self.game, self.stored(), bidder, self.now)
