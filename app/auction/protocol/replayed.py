"""Replaying a record's acts against its events: the first act that the rules answer otherwise is named."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.protocol.findings import Finding, Unreadable, finding
from app.auction.protocol.reading import read_instant, read_text
from app.auction.protocol.replaying import Outcome, Replay, read_terms
from app.chain import Recorded
from app.errors import MarketError

if TYPE_CHECKING:
    from app.auction.protocol.record import Json, RecordStream, SaleRecord
    from app.auction.rules.game import State

# What a crafted record can make the rules stumble over; a real one never does.
CRAFTED = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
)


_TERMS = "terms"


class Replayed(NamedTuple):
    """What came of replaying: the last state that was reached, and the first thing that was otherwise, if any.

    ``state`` is None where not even the terms could be read.
    """

    state: State | None
    findings: list[Finding]


def replay_record(record: SaleRecord) -> Replayed:
    """Replays a record; stops at the first contradiction, after which nothing could agree."""
    try:
        replay = open_replay(record)
    except Unreadable as unreadable:
        return Replayed(None, [unreadable.finding])
    except CRAFTED:
        return Replayed(None, [Unreadable(_TERMS, "terms").finding])
    run = _Run(record, replay)
    found = run.find_contradiction()
    return Replayed(replay.state, [found] if found else [])


def open_replay(record: SaleRecord) -> Replay:
    """The sale as it was published, ready for its acts; raises Unreadable."""
    given = record.whole.get("reserve")
    reserve = given if isinstance(given, dict) else {}
    amount, key = reserve.get("reserve_fen"), reserve.get("key")
    try:
        reserve_key = bytes.fromhex(key) if isinstance(key, str) else None
    except ValueError:
        reserve_key = None
    return Replay(
        read_terms(record.parameters.get("terms"), check=False),
        reserve_fen=amount if isinstance(amount, int) else None,
        reserve_key=reserve_key,
        streams={stream.audience: stream.id for stream in record.streams.values()},
    )


class _Run:
    """The replay of one record, with a place on each of its streams."""

    def __init__(self, record: SaleRecord, replay: Replay) -> None:
        self._record = record
        self._replay = replay
        self._done = dict.fromkeys(record.streams, 0)
        self._turn = 0
        self._last: datetime | None = None

    def find_contradiction(self) -> Finding | None:
        """The first act that is otherwise, then events that no act brought."""
        for place, act in enumerate(self._record.acts, 1):
            found = self._step(place, act)
            if found is not None:
                return found
        for stream in self._record.streams.values():
            done = self._done[stream.audience]
            if done < len(stream.events):
                kind = stream.events[done]["kind"]
                return finding("event-unexplained", stream=stream.audience, number=done + 1, kind=kind)
        return None

    def _step(self, place: int, act: Json) -> Finding | None:
        is_request = act.get("act") == "request"
        self._turn += is_request
        if is_request and act.get("turn") != self._turn:
            return finding("requests-misplaced", turn=self._turn, found=act.get("turn"))
        try:
            at = read_instant(act, "at")
            # Admissions have the time of their own lock, which need not be later than the last act.
            if act.get("act") != "tell":
                if self._last is not None and at < self._last:
                    name = read_text(act, "act")
                    return finding("act-out-of-time", place=place, act=name, at=act["at"])
                self._last = at
            outcome = self._replay.carry_out(act)
        except Unreadable as unreadable:
            return unreadable.finding
        except MarketError as refusal:
            reasons = {"reason_zh": refusal.detail("zh"), "reason_en": refusal.detail("en")}
            return finding("act-impossible", place=place, act=act.get("act"), **reasons)
        except CRAFTED as error:
            reasons = dict.fromkeys(("reason_zh", "reason_en"), f"{type(error).__name__}: {error}")
            return finding("act-impossible", place=place, act=act.get("act"), **reasons)
        return self._compare(place, act, outcome)

    def _compare(self, place: int, act: Json, outcome: Outcome) -> Finding | None:
        judged = outcome.judged
        if judged is not None:
            named = act.get("stream"), act.get("number")
            if named != (judged.audience, judged.event.number):
                claim = {"turn": self._turn, "stream": named[0], "number": named[1]}
                wrong = self._otherwise(place, act, judged.audience, judged.event)
                came = {"expected": judged.event.number, "came": judged.audience}
                return wrong or finding("request-misplaced", **claim, **came)
        for audience, event in outcome.events:
            wrong = self._otherwise(place, act, audience, event)
            if wrong is not None:
                return wrong
            self._done[audience] += 1
        if judged is not None and act.get("refusal") != (judged.refusal.code if judged.refusal else None):
            return self._request_otherwise(act, judged.event, str(act.get("refusal")))
        return None

    def _otherwise(self, place: int, act: Json, audience: str, event: Recorded) -> Finding | None:
        """What is wrong with one event that the rules brought, against the record's at its place."""
        stream = self._record.streams.get(audience)
        found = _event_at(stream, event.number)
        if found is not None and found["hash"] == event.hash.hex():
            return None
        if act.get("act") == "request":
            shown = "—" if found is None else _shown(found["kind"], found["at"], found["body"])
            return self._request_otherwise(act, event, shown)
        if found is None:
            return finding("event-missing", stream=audience, number=event.number, kind=event.kind)
        claim = {"place": place, "act": act.get("act"), "at": act.get("at")}
        return finding("act-contradicted", **claim, stream=audience, number=event.number)

    def _request_otherwise(self, act: Json, event: Recorded, found: str) -> Finding:
        wire = event.wire()
        return finding(
            "request-contradicted",
            turn=self._turn,
            bidder=act.get("bidder"),
            kind=act.get("kind"),
            at=act.get("at"),
            expected=_shown(event.kind, wire["at"], wire["body"]),
            found=found,
        )


def _event_at(stream: RecordStream | None, number: int) -> Json | None:
    if stream is None or not 0 < number <= len(stream.events):
        return None
    return stream.events[number - 1]


def _shown(kind: str, at: str, body: Json) -> str:
    """An event in one line, with all that can differ."""
    words: dict[str, Any] = {"at": at, **body}
    return f"{kind} " + ", ".join(f"{name}={value}" for name, value in sorted(words.items()))
