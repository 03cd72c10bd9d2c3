"""Replaying a sale (重放): acts in their order through the rules that the market runs, without database or clock.

A bundle's acts and a file of requests go through the same ``Replay``; what comes out are the events that the live
market would have written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors import TermsInvalid
from app.auction.protocol.findings import Unreadable
from app.auction.protocol.reading import (
    read_instant,
    read_list,
    read_number,
    read_object,
    read_text,
    read_text_or_none,
    read_whole,
)
from app.auction.rules.engine import Fold, Judged, Published, Stream, make_game, needs_bidders, publish
from app.auction.rules.formats import FORMATS
from app.auction.rules.game import PRIORITY_STAGE, Kind, Opening, Request, Standing, State
from app.auction.rules.terms import AuctionTerms
from app.chain import HOST, PUBLIC, Event, Recorded, instant

if TYPE_CHECKING:
    from app.auction.rules.game import Game

ADMITTED = "bidder_admitted"
_TERMS = "terms"
_OPENINGS = "openings"


class Told(NamedTuple):
    """One event that an act brought, with the audience of its stream."""

    audience: str
    event: Recorded


class Outcome(NamedTuple):
    """What one act brought: its events in the order in which they were made, and of a request the judgement."""

    events: list[Told]
    judged: Judged | None = None


@dataclass(slots=True)
class LoggedStream(Stream):
    """A stream that hands its events on instead of keeping them."""

    audience: str = PUBLIC
    log: list[Told] = field(default_factory=list)

    def add(self, event: Event, at: datetime, moment: str) -> Recorded:
        """Numbers and chains one event, and hands it on."""
        recorded = Stream.add(self, event, at, moment)
        self.fresh.clear()
        self.log.append(Told(self.audience, recorded))
        return recorded


def read_terms(stored: object, *, check: bool) -> Published:
    """Reads terms as they are published; raises Unreadable, and with ``check`` TermsInvalid.

    What a sale was once published with stays as it is, even if today nobody could publish it.
    """
    terms = read_object(stored, _TERMS)
    try:
        read = AuctionTerms.from_json(terms)
        if check:
            return publish(read)
        chosen = FORMATS[read.format]
        return Published(read, chosen, chosen.read_options(read.options))
    except TermsInvalid:
        if check:
            raise
        raise Unreadable(_TERMS, "terms") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable(_TERMS, "terms") from None


def read_request(act: Mapping[str, Any]) -> Request:
    """Reads one judged request; raises Unreadable."""
    kind, standing = read_text(act, "kind"), read_text(act, "standing")
    if kind not in set(Kind):
        raise Unreadable(kind, "kind")
    if standing not in set(Standing):
        raise Unreadable(standing, "standing")
    return Request(
        kind,
        read_text_or_none(act, "bidder") or "",
        Standing(standing),
        read_instant(act, "received_at"),
        read_whole(act, "amount_fen"),
        read_text(act, "bid_id"),
        read_whole(act, "if_number"),
        read_whole(act, "step"),
        read_text_or_none(act, "commitment"),
        act.get("has_priority") is True,
    )


def read_openings(act: Mapping[str, Any]) -> list[Opening]:
    """Reads the sealed amounts that were opened; raises Unreadable."""
    openings = [read_object(item, _OPENINGS) for item in read_list(act.get(_OPENINGS, []), _OPENINGS)]
    return [
        Opening(
            read_text(item, "bidder"),
            read_text(item, "bid_id"),
            read_number(item, "amount_fen"),
            read_text(item, "key"),
        )
        for item in openings
    ]


class Replay:
    """One sale from its publication on, carried by its acts; holds the rules' own secret state while it runs."""

    def __init__(
        self,
        published: Published,
        *,
        reserve_fen: int | None = None,
        reserve_key: bytes | None = None,
        streams: Mapping[str, str] | None = None,
    ) -> None:
        """``streams`` names the streams' ids by audience; a missing one gets its audience for an id."""
        self.published = published
        self.game: Game = make_game(published, reserve_fen, reserve_key)
        self.state: State = published.format.start(published.terms, published.options)
        self.log: list[Told] = []
        self._ids = dict(streams or {})
        self._all: dict[str, LoggedStream] = {}
        # As in the live market the rules see a bidder's own stream only where they can have something to say on it.
        self._seen: dict[str, Stream] = {audience: self.stream(audience) for audience in (PUBLIC, HOST)}
        self._sees_bidders = needs_bidders(published)
        self._fold: Fold | None = None
        self._now = published.terms.opens_at

    def stream(self, audience: str) -> LoggedStream:
        """The stream of an audience, opened when it is first asked for."""
        found = self._all.get(audience)
        if found is None:
            found = LoggedStream(self._ids.get(audience, audience), audience=audience, log=self.log)
            self._all[audience] = found
        return found

    def admit(self, code: str, *, has_priority: bool) -> None:
        """Lets the rules know of an admitted bidder."""
        if not self._sees_bidders:
            return
        self._seen[code] = self.stream(code)
        if has_priority:
            self.game = self.game._replace(holders=self.game.holders | {code})
            self._fold = None

    def at(self, now: datetime) -> Fold:
        """The sale at an official instant."""
        if self._fold is None or self._fold.now != now:
            self._fold = Fold(self.published.format, self.game, self.state, self._seen, now)
        return self._fold

    def carry_out(self, act: Mapping[str, Any]) -> Outcome:
        """Carries out one act; raises Unreadable, or the refusal of an act of the host that the rules do not allow."""
        name, now = read_text(act, "act"), read_instant(act, "at")
        self.log.clear()
        self._now = now
        judged = None
        if name == "request":
            judged = self.at(now).judge(read_request(act))
        elif name == "tell":
            self._tell(act, now)
        elif name in ACTS:
            ACTS[name](self.at(now), act)
        else:
            raise Unreadable(name, "act")
        if self._fold is not None:
            self.state = self._fold.state
        return Outcome(list(self.log), judged)

    def _tell(self, act: Mapping[str, Any], now: datetime) -> None:
        body = read_object(act.get("body"), "body")
        audience, kind = read_text(act, "audience"), read_text(act, "kind")
        self.stream(audience).add(Event(kind, body, audience), now, instant(now))
        if kind == ADMITTED:
            self.admit(read_text(body, "bidder"), has_priority=body.get("has_priority") is True)

    @property
    def now(self) -> datetime:
        """The official time of the last act; before the first one the opening's."""
        return self._now

    def due_at(self) -> datetime | None:
        """When time alone will next change something."""
        return self.at(self._now).due_at()

    @property
    def wants_openings(self) -> bool:
        """Whether the end of the present stage opens envelopes."""
        state, rules = self.state, self.published.format
        return state.stage != PRIORITY_STAGE and rules.needs_seal and rules.wants_openings(self.game, state)


def _carry_on(fold: Fold, act: Mapping[str, Any]) -> None:
    fold.advance()
    fold.settle(read_openings(act))


def _suspend(fold: Fold, act: Mapping[str, Any]) -> None:
    fold.suspend(read_text(act, "reason_zh"), read_text(act, "reason_en"), cause=read_text(act, "cause"))


def _resume(fold: Fold, act: Mapping[str, Any]) -> None:
    fold.resume(read_instant(act, "hard_end_at") if act.get("hard_end_at") is not None else None)


def _void(fold: Fold, act: Mapping[str, Any]) -> None:
    fold.void(read_text(act, "reason_zh"), read_text(act, "reason_en"))


def _host(fold: Fold, act: Mapping[str, Any]) -> None:
    fold.act(read_text(act, "name"), read_object(act.get("members"), "members"))


def _open(fold: Fold, act: Mapping[str, Any]) -> None:  # noqa: ARG001 - of the shape
    fold.open_if_due()


def _advance(fold: Fold, act: Mapping[str, Any]) -> None:  # noqa: ARG001 - of the shape
    fold.advance()


ACTS = {
    "open": _open,
    "advance": _advance,
    "carry_on": _carry_on,
    "suspend": _suspend,
    "resume": _resume,
    "void": _void,
    "host": _host,
}


def openings_of(events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The sealed amounts that events of an opening tell, each once, for the act that opened them."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for body in events:
        for name in ("openings", "rejected", "failed"):
            # A panel's opened scores name its rejections by bidder: those are no envelopes.
            listed = body.get(name)
            for item in listed if isinstance(listed, list) else ():
                if item.get("key") is not None and item.get("amount_fen") is not None:
                    opening = {part: item[part] for part in ("bidder", "bid_id", "amount_fen", "key")}
                    found.setdefault((item["bidder"], item["bid_id"]), opening)
    return list(found.values())
