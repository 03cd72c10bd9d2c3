"""Turns (轮次): who stands where, who comes next and until when; the public and secret state of a sale by rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.rules.course import sign_of
from app.auction.rules.envelopes import Envelopes, Opened, pack_envelopes, unpack_envelopes
from app.chain import instant

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms


class RoundsOptions(NamedTuple):
    """The parameters: the pause before each round, as many as there are rounds, and the length of a turn."""

    pause_seconds: tuple[int, ...] = (300, 120, 120)
    slot_seconds: int = 120


class Place(NamedTuple):
    """One bidder's present amount; ``since`` counts amounts in the order in which they were reached."""

    bidder: str
    amount_fen: int
    since: int


class Turns(NamedTuple):
    """What everybody knows once the initial amounts are open.

    ``turn`` is the place in ``order`` of whose turn it is, from 1; 0 in the pause before a round. ``began_at`` is the
    beginning of the present pause or turn, ``last_ends_at`` the end of the last turn of all.
    """

    number: int
    turn: int
    order: tuple[str, ...]
    places: tuple[Place, ...]
    began_at: datetime
    last_ends_at: datetime

    @property
    def whose(self) -> str | None:
        """Whose turn it is; nobody's in a pause."""
        return self.order[self.turn - 1] if self.turn else None

    def place_of(self, bidder: str | None) -> Place | None:
        """A bidder's present amount."""
        return next((place for place in self.places if place.bidder == bidder), None)

    def moved(self, bidder: str, amount_fen: int) -> Turns:
        """The same after a bidder has reached a new amount: the latest of all."""
        since = 1 + max(place.since for place in self.places)
        places = tuple(
            Place(bidder, amount_fen, since) if place.bidder == bidder else place for place in self.places
        )
        return self._replace(places=places)

    def pack(self) -> dict[str, Any]:
        """The state as JSON."""
        return {
            "round": self.number,
            "turn": self.turn,
            "whose": self.whose,
            "order": list(self.order),
            "places": [place._asdict() for place in self.places],
            "began_at": instant(self.began_at),
            "last_ends_at": instant(self.last_ends_at),
        }

    @classmethod
    def unpack(cls, stored: Mapping[str, Any]) -> Turns:
        """Reads back what ``pack`` wrote."""
        return cls(
            stored["round"],
            stored["turn"],
            tuple(stored["order"]),
            tuple(Place(**place) for place in stored["places"]),
            datetime.fromisoformat(stored["began_at"]),
            datetime.fromisoformat(stored["last_ends_at"]),
        )


class Pending(NamedTuple):
    """The bid of the turn that is under way: only its bidder may know it, and may still change or cancel it."""

    bidder: str
    bid_id: str
    amount_fen: int
    commitment: str


class RoundsSecret(NamedTuple):
    """What only bidders may know: the initial envelopes until they are opened, later the bid of the present turn."""

    envelopes: Envelopes = ()
    pending: Pending | None = None

    def pack(self) -> dict[str, Any]:
        """The secret as JSON."""
        pending = None if self.pending is None else self.pending._asdict()
        return {**(pack_envelopes(self.envelopes) or {}), "pending": pending}

    @classmethod
    def unpack(cls, stored: Mapping[str, Any]) -> RoundsSecret:
        """Reads back what ``pack`` wrote."""
        pending = stored["pending"]
        return cls(unpack_envelopes(stored) or (), None if pending is None else Pending(**pending))


def ranked(terms: AuctionTerms, places: Sequence[Place]) -> list[Place]:
    """The best amount first, of equal ones the earlier (价格优先、时间优先)."""
    return sorted(places, key=lambda place: (-sign_of(terms) * place.amount_fen, place.since))


def order_of(terms: AuctionTerms, places: Sequence[Place]) -> tuple[str, ...]:
    """The order of a round: the worst first, of equal amounts the later first, the leader last."""
    return tuple(place.bidder for place in reversed(ranked(terms, places)))


def first_pause(
    terms: AuctionTerms, options: RoundsOptions, opened: Sequence[Opened], begins_at: datetime
) -> tuple[Turns, datetime]:
    """The state in the pause before the first round, with its end; ``opened`` is in order of acceptance."""
    places = tuple(Place(item.bidder, item.amount_fen, since) for since, item in enumerate(opened))
    ends_at = begins_at + timedelta(seconds=options.pause_seconds[0])
    turns = Turns(1, 0, order_of(terms, places), places, begins_at, ends_at)
    return with_timetable(options, turns, ends_at), ends_at


def with_timetable(options: RoundsOptions, turns: Turns, ends_at: datetime) -> Turns:
    """The same with the end of the last turn of all, counted from the end of the present pause or turn."""
    count = len(turns.order)
    seconds = (count - turns.turn) * options.slot_seconds
    for pause in options.pause_seconds[turns.number :]:
        seconds += pause + count * options.slot_seconds
    return turns._replace(last_ends_at=ends_at + timedelta(seconds=seconds))


def begins_at(options: RoundsOptions, turns: Turns, ends_at: datetime, bidder: str) -> datetime | None:
    """When a bidder's turn of the present round begins; None when it is under way or over."""
    if bidder not in turns.order:
        return None
    ahead = turns.order.index(bidder) - turns.turn
    return None if ahead < 0 else ends_at + timedelta(seconds=ahead * options.slot_seconds)
