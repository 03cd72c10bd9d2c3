"""What was done to a sale, in its order: requests, the worker's turns and the host's acts, found again from the rows.

Rows know what came of a transaction: its events on each stream, under one official time, and how many requests had been
judged after it. What was done follows from that. A verifier replays the acts and must reach the very same events, so
nothing has to be believed here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from app.auction.protocol.replaying import openings_of
from app.auction.rules.game import UNSEEN_KINDS
from app.chain import HOST, PUBLIC

Json = Mapping[str, Any]
# Written outside the rules, and told again as they are.
TOLD = frozenset({"auction_scheduled", "bidder_admitted"})
_HOST_ACTS = {"auction_suspended": "suspend", "auction_resumed": "resume"}


class Written(NamedTuple):
    """What one transaction put on one stream; ``judged`` counts the sale's judged requests after it."""

    judged: int
    at: str
    audience: str
    first: int
    last: int


class Rows(NamedTuple):
    """A sale's rows: events by audience, judged requests in their order, what transactions wrote, the format's acts."""

    events: Mapping[str, Sequence[Json]]
    requests: Sequence[Json]
    written: Sequence[Written]
    format_acts: frozenset[str]


def list_acts(rows: Rows) -> list[Json]:
    """All acts of a sale in their order."""
    told = [
        {"act": "tell", "at": event["at"], "audience": audience, "kind": event["kind"], "body": event["body"]}
        for audience, events in rows.events.items()
        for event in events
        if event["kind"] in TOLD
    ]
    told.sort(key=lambda act: act["at"])
    acts: list[Json] = []
    # An admission counts from the first transaction after it, which may have the same time.
    waiting = iter(told)
    next_told = next(waiting, None)
    for act in _done(rows):
        while next_told is not None and next_told["at"] <= act["at"]:
            acts.append(next_told)
            next_told = next(waiting, None)
        acts.append(act)
    if next_told is not None:
        acts += [next_told, *waiting]
    return acts


def _done(rows: Rows) -> Iterator[Json]:
    """The acts of all transactions."""
    judged_before = 0
    ordered = sorted(
        (*rows.written, *_unsigned(rows)),
        key=lambda item: (item.judged, item.at, item.audience != PUBLIC, item.audience, item.first),
    )
    for (judged, at), group in groupby(ordered, key=lambda item: (item.judged, item.at)):
        written = list(group)
        requests = rows.requests[judged_before:judged]
        judged_before = max(judged_before, judged)
        public = [item for item in written if item.audience == PUBLIC]
        if requests:
            if public and _is_theirs(rows, public, requests):
                public = public[1:]
            if not _is_unseen(requests):
                yield {"act": "advance", "at": at}
            yield from requests
        elif not public:
            host = [item for item in written if item.audience == HOST]
            yield from _unasked(rows, HOST, host[0], at) if host else [{"act": "carry_on", "at": at}]
        for item in public:
            yield from _unasked(rows, PUBLIC, item, at)


def _unsigned(rows: Rows) -> Iterator[Written]:
    """What no signed head covers, as far as one time tells transactions apart."""
    ends = [request["at"] for request in rows.requests]
    for audience, events in rows.events.items():
        covered = {
            number
            for item in rows.written
            if item.audience == audience
            for number in range(item.first, item.last + 1)
        }
        loose = [event for event in events if event["number"] not in covered and event["kind"] not in TOLD]
        for at, group in groupby(loose, key=lambda event: event["at"]):
            numbers = [event["number"] for event in group]
            yield Written(bisect_right(ends, at), at, audience, numbers[0], numbers[-1])


def _is_unseen(requests: Iterable[Json]) -> bool:
    """Whether a transaction took only requests that nobody else may know of: nothing that was due was carried out in it."""
    return all(request["kind"] in UNSEEN_KINDS for request in requests)


def _is_theirs(rows: Rows, public: Sequence[Written], requests: Sequence[Json]) -> bool:
    """Whether the first public part of a group was written with its requests, and not by an act of the same time.

    No act of the host is carried out together with requests, and only an accepted one ends a sale.
    """
    first = public[0]
    if any(
        request["stream"] == PUBLIC and first.first <= request["number"] <= first.last for request in requests
    ):
        return True
    events = _events(rows, PUBLIC, first)
    if _is_unseen(requests):
        return bool(events[0]["kind"] == "bid_accepted")
    return _host_act(rows, events[0]) is None and events[-1]["kind"] != "auction_closed"


def _events(rows: Rows, audience: str, item: Written) -> Sequence[Json]:
    return rows.events[audience][item.first - 1 : item.last]


def _unasked(rows: Rows, audience: str, item: Written, at: str) -> Iterator[Json]:
    """What was done in a transaction without requests: an act of the host, else a turn of the worker."""
    events = _events(rows, audience, item)
    for place, event in enumerate(events):
        act = _host_act(rows, event)
        if act is not None:
            yield from _before(act, place)
            yield act
            return
    openings = openings_of([event["body"] for event in events])
    yield {"act": "carry_on", "at": at, **({"openings": openings} if openings else {})}


def _before(act: Json, events_before: int) -> Iterator[Json]:
    """What happened in the same transaction before an act of the host: time may have carried the sale on.

    An interruption suspends a sale as it stood: nothing that was due in it is carried out, but for the opening.
    """
    if act["act"] == "suspend":
        yield {"act": "open" if act["cause"] == "interruption" else "advance", "at": act["at"]}
    elif events_before:
        yield {"act": "advance", "at": act["at"]}


def _host_act(rows: Rows, event: Json) -> Json | None:
    kind, at, body = event["kind"], event["at"], event["body"]
    if kind == "auction_suspended":
        return {
            "act": "suspend",
            "at": at,
            **{name: body[name] for name in ("reason_zh", "reason_en", "cause")},
        }
    if kind == "auction_resumed":
        return {"act": "resume", "at": at, "hard_end_at": body["hard_end_at"]}
    if kind == "auction_closed" and body["reason"] == "void":
        return {"act": "void", "at": at, "reason_zh": body["reason_zh"], "reason_en": body["reason_en"]}
    if kind in rows.format_acts:
        return {"act": "host", "at": at, "name": kind, "members": _members(rows, body)}
    return None


def _members(rows: Rows, body: Json) -> Json:
    """What an act of the host was about: one that committed to a secret is told by what opened it, or else the host's part.

    A secret that was never opened, as of a sale that ended without it, stays with its commitment.
    """
    commitment = body.get("commitment")
    if commitment is None:
        return body
    same: list[Json] = [
        event["body"]
        for audience in (PUBLIC, HOST)
        for event in rows.events.get(audience, ())
        if event["body"].get("commitment") == commitment and event["body"] != body
    ]
    return next((item for item in same if "key" in item), next(iter(same), body))
