"""The chain: events, the one form in which they are hashed, and their numbers. Pure, so that a verifier uses it too."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

EMPTY_HASH = bytes(32)
PUBLIC = "public"
HOST = "host"


class Event(NamedTuple):
    """A fact in the past tense, not numbered yet, for one audience: everybody, the host, or one bidder's code."""

    kind: str
    body: Mapping[str, Any] = {}
    audience: str = PUBLIC


class Recorded(NamedTuple):
    """An event with its number, official time and hash."""

    number: int
    kind: str
    at: datetime
    body: str
    hash: bytes

    def wire(self) -> dict[str, Any]:
        """The event as pages, sockets and bundles carry it."""
        return {
            "number": self.number,
            "kind": self.kind,
            "at": instant(self.at),
            "body": orjson.loads(self.body),
            "hash": self.hash.hex(),
        }


def instant(moment: datetime) -> str:
    """Writes an instant in the one form that hashes and frames use: UTC, microseconds, Z."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}Z"


def canonical(body: Mapping[str, Any]) -> str:
    """Writes a body in the one form that is hashed: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def chain_hash(before: bytes, stream: str, number: int, kind: str, at: str, body: str) -> bytes:
    """Hashes one event over its content and the hash before it; lines are parted by a newline none can contain.

    ``stream`` is the stream's id as text and ``at`` the official time from ``instant``: callers that hash many
    events of one batch format both once.
    """
    return hashlib.sha256(f"{before.hex()}\n{stream}\n{number}\n{kind}\n{at}\n{body}".encode()).digest()


def number_events(
    stream_id: UUID, head_number: int, head_hash: bytes, at: datetime, events: Sequence[Event]
) -> list[Recorded]:
    """Gives the events of one stream the numbers and hashes that follow its head."""
    recorded: list[Recorded] = []
    stream, moment = str(stream_id), instant(at)
    for number, event in enumerate(events, head_number + 1):
        body = canonical(event.body)
        head_hash = chain_hash(head_hash, stream, number, event.kind, moment, body)
        recorded.append(Recorded(number, event.kind, at, body, head_hash))
    return recorded
