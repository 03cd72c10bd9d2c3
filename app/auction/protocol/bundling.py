"""Making a bundle (竞价记录包) from a sale's rows: everything that a verifier needs, and nobody's name. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.protocol.acts import Rows, Written, list_acts
from app.auction.protocol.record import FORMAT, read_record
from app.auction.protocol.replacing import replace_maxima
from app.auction.rules.formats import FORMATS
from app.chain import HOST, PUBLIC

if TYPE_CHECKING:
    from app.auction.protocol.findings import Finding
    from app.auction.protocol.heads import SignedHead

Json = dict[str, Any]


class StreamRows(NamedTuple):
    """One stream as it is stored: its audience, id, epoch and events as the API gives them."""

    audience: str
    id: str
    epoch: int
    events: Sequence[Mapping[str, Any]]


class SaleRows(NamedTuple):
    """A sale's rows, by codes: no organisation and no person is named in them."""

    auction_id: str
    title: str
    rules: Mapping[str, Any]
    reserve_fen: int | None
    reserve_key: bytes | None
    bidders: Mapping[str, bool]
    streams: Sequence[StreamRows]
    requests: Sequence[Json]
    heads: Sequence[tuple[SignedHead, int]]
    is_demonstration: bool


class MadeBundle(NamedTuple):
    """A bundle, and what is wrong with it if its own acts do not bring it about."""

    bundle: Json
    findings: list[Finding]


def make_bundle(rows: SaleRows) -> Json:
    """Puts an ended sale's record together; what the leader would have paid beyond the price is not in it."""
    return assemble(rows).bundle


def assemble(rows: SaleRows) -> MadeBundle:
    """The same, with what is wrong with it."""
    streams = {stream.audience: stream for stream in rows.streams}
    published = streams[PUBLIC].events[0]["body"]
    told = streams[PUBLIC].events[-1]
    acts = list_acts(
        Rows(
            {stream.audience: stream.events for stream in rows.streams},
            # Copies: replacing changes them, and the rows keep what a supervisor may see.
            [dict(request) for request in rows.requests],
            _written(rows),
            FORMATS[published["terms"]["format"]].acts,
        )
    )
    bundle: Json = {
        "format": FORMAT,
        "auction_id": rows.auction_id,
        "title": rows.title,
        "is_demonstration": rows.is_demonstration,
        "parameters": {
            **{
                name: published.get(name)
                for name in ("listing_no", "terms", "reserve_commitment", "sealing_key")
            },
            "rules": {name: rows.rules[name] for name in ("sha256", "zh", "en")},
        },
        "reserve": _reserve(rows),
        "bidders": [
            {"code": code, "has_priority": has_priority}
            for code, has_priority in sorted(rows.bidders.items())
        ],
        "streams": [
            {
                "audience": stream.audience,
                "id": stream.id,
                "epoch": stream.epoch,
                "events": list(stream.events),
            }
            for stream in sorted(rows.streams, key=_public_first)
        ],
        "acts": acts,
        "heads": [head.wire() for head, _ in rows.heads],
        "result": {**told["body"], "at": told["at"]},
    }
    return MadeBundle(bundle, replace_maxima(read_record(bundle)))


def _reserve(rows: SaleRows) -> Json | None:
    if rows.reserve_fen is None or rows.reserve_key is None:
        return None
    return {"reserve_fen": rows.reserve_fen, "key": rows.reserve_key.hex()}


def _public_first(stream: StreamRows) -> tuple[bool, bool, str]:
    return stream.audience != PUBLIC, stream.audience != HOST, stream.audience


def _written(rows: SaleRows) -> list[Written]:
    audiences = {stream.id: stream for stream in rows.streams}
    found: list[Written] = []
    for head, judged in rows.heads:
        stream = audiences[head.stream]
        at = stream.events[head.first - 1]["at"]
        found.append(Written(judged, at, stream.audience, head.first, head.last))
    return found
