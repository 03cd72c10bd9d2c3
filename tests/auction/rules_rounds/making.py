"""Sales by rounds and tenders carried through the engine without a database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from app.auction.rules.game import PRIORITY_STAGE, Kind, Opening
from app.auction.rules.terms import AuctionTerms, commit_amount
from app.chain import PUBLIC, canonical
from tests.auction.rules_sealed.making import CODES, OPENS, SEALED_SECONDS, Hall, make_terms, seconds

if TYPE_CHECKING:
    from app.auction.rules.engine import Judged

DEADLINE = seconds(SEALED_SECONDS)


def make_raising(round_seconds: int = 180, pause_seconds: int = 15, **over: Any) -> AuctionTerms:
    """Terms of rounds of raise or accept from 100.00 yuan in steps of ten, unless said otherwise."""
    values = {
        "format": "raise_or_accept",
        "closes_at": OPENS + timedelta(seconds=round_seconds),
        "options": {"round_seconds": round_seconds, "pause_seconds": pause_seconds},
    }
    return make_terms(**{**values, **over})


def make_rounds(**over: Any) -> AuctionTerms:
    """Terms of three rounds of turns after an hour for the initial amounts, with the default pauses and turns."""
    return make_terms(**{"format": "prozorro_rounds", "min_bidders": 2, **over})


class RoundsHall(Hall):
    """A sale whose secret state is more than its envelopes."""

    def openings(self) -> tuple[Opening, ...]:
        """What the worker could open now: the envelopes that count, if they are to be opened at all."""
        is_wanted = self.state.phase == "open" and self.state.stage != PRIORITY_STAGE
        if not is_wanted or not self.rules.wants_openings(self.game, self.state):
            return ()
        return tuple(
            Opening(item.bidder, item.bid_id, secret.amount_fen, secret.key.hex())
            for item in self.state.hidden.envelopes
            for secret in (self.vault[item.bid_id],)
        )

    def turn(self, bidder: str, amount_fen: int, now: datetime, **over: Any) -> Judged:
        """The bid of a turn, with a commitment as the bidder's program makes it."""
        bid_id = over.pop("bid_id", f"turn-{len(self.acts)}")
        commitment = commit_amount(bid_id, amount_fen, bytes(32))
        return self.ask(
            Kind.TURN, bidder, now, bid_id=bid_id, commitment=commitment, amount_fen=amount_fen, **over
        )

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of the public events of one kind."""
        return [self.body(event) for event in self.streams[PUBLIC] if event.kind == kind]


def begun(*amounts_fen: int, **over: Any) -> RoundsHall:
    """A sale in the pause before its first round: A01, B02 and so on gave these initial amounts in this order."""
    reserve_fen = over.pop("reserve_fen", None)
    hall = RoundsHall(make_rounds(has_reserve=reserve_fen is not None, **over), reserve_fen=reserve_fen)
    for second, (bidder, amount) in enumerate(zip(CODES, amounts_fen, strict=False)):
        assert hall.seal(bidder, amount, seconds(second)).refusal is None
    hall.work(DEADLINE)
    return hall


def told(moment: datetime) -> str:
    """An instant as a body of an event carries it."""
    read: str = orjson.loads(canonical({"at": moment}))["at"]
    return read


def after(count: float) -> datetime:
    """So many seconds after the deadline, when the initial amounts are opened."""
    return seconds(SEALED_SECONDS + count)
