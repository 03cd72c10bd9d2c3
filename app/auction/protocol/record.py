"""A sale's record as a bundle carries it (竞价记录), read into the parts that checks look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.auction.protocol.findings import Unreadable
from app.auction.protocol.heads import SignedHead
from app.auction.protocol.reading import read_list, read_number, read_object, read_text
from app.auction.protocol.trust import read_head
from app.chain import HOST, PUBLIC

FORMAT = "sale-record/1"
_FORMAT = "format"
_STREAMS = "streams"
_EVENTS = "events"
_ACTS = "acts"
_HASH_LETTERS = 64
_NESTED = frozenset({"body", "members", "openings"})

Json = Mapping[str, Any]


class RecordStream(NamedTuple):
    """One stream of the record, for one audience; ``hashes`` are those that the events claim."""

    audience: str
    id: str
    events: list[Json]
    hashes: list[bytes]


class SaleRecord(NamedTuple):
    """A bundle's parts. Only their shape was looked at: nothing is checked yet."""

    auction_id: str
    whole: Json
    parameters: Json
    bidders: Mapping[str, bool]
    streams: Mapping[str, RecordStream]
    acts: list[Json]
    heads: list[SignedHead]
    result: Json

    def stream_by_id(self, stream_id: str) -> RecordStream | None:
        """The stream with this id."""
        return next((stream for stream in self.streams.values() if stream.id == stream_id), None)


def read_record(given: object) -> SaleRecord:
    """Reads a bundle; raises Unreadable."""
    whole = read_object(given, "bundle")
    if whole.get("format") != FORMAT:
        raise Unreadable(_FORMAT, "format")
    streams = [_read_stream(item) for item in read_list(whole.get(_STREAMS), _STREAMS)]
    by_audience = {stream.audience: stream for stream in streams}
    if len(by_audience) != len(streams) or not {PUBLIC, HOST} <= set(by_audience):
        raise Unreadable(_STREAMS, "audience")
    bidders: dict[str, bool] = {}
    for item in read_list(whole.get("bidders"), "bidders"):
        bidder = read_object(item, "bidders")
        bidders[read_text(bidder, "code")] = bidder.get("has_priority") is True
    return SaleRecord(
        read_text(whole, "auction_id"),
        whole,
        read_object(whole.get("parameters"), "parameters"),
        bidders,
        by_audience,
        [_read_act(item) for item in read_list(whole.get(_ACTS), _ACTS)],
        [read_head(item) for item in read_list(whole.get("heads"), "heads")],
        read_object(whole.get("result"), "result"),
    )


def _read_act(given: object) -> Json:
    """An act's own members are plain values; what is nested is read by the act itself."""
    act = read_object(given, _ACTS)
    for name, value in act.items():
        if isinstance(value, list | Mapping) and name not in _NESTED:
            raise Unreadable(name, "text")
    return act


def _read_stream(given: object) -> RecordStream:
    stream = read_object(given, _STREAMS)
    audience = read_text(stream, "audience")
    place = f"{audience}.hash"
    events = [read_object(item, f"{audience}.{_EVENTS}") for item in read_list(stream.get(_EVENTS), _EVENTS)]
    hashes: list[bytes] = []
    for event in events:
        read_number(event, "number")
        read_text(event, "kind")
        read_text(event, "at")
        read_object(event.get("body"), "body")
        text = read_text(event, "hash")
        try:
            hashes.append(bytes.fromhex(text))
        except ValueError:
            raise Unreadable(place, "hex") from None
        # Upper-case letters or blanks would give the same bytes: one form only, so that texts can be compared.
        if len(text) != _HASH_LETTERS or text != hashes[-1].hex():
            raise Unreadable(place, "hex")
    return RecordStream(audience, read_text(stream, "id"), events, hashes)
