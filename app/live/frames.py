"""Frames: what a socket carries, encoded once for each audience."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from app.chain import Recorded, instant
from app.live.lines import text_frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.auction.protocol.heads import SignedHead


class Audience(StrEnum):
    """Whose stream it is; a socket may hear several."""

    PUBLIC = "public"  # 公开
    OWN = "own"  # 竞买人本人
    HOST = "host"  # 场务
    ROOM = "room"  # 协商双方


_KINDS = {
    Audience.PUBLIC: "events",
    Audience.OWN: "own_events",
    Audience.HOST: "host_events",
    Audience.ROOM: "events",
}


def encode(frame: dict[str, Any]) -> bytes:
    """Writes a frame as one WebSocket text frame."""
    return text_frame(orjson.dumps(frame, option=orjson.OPT_UTC_Z))


def events_frame(
    audience: Audience, epoch: int, events: Sequence[Recorded], head: SignedHead | None, server_time: datetime
) -> bytes:
    """Numbered events that a watcher has not seen yet, in order and without a gap.

    ``head`` is the newest signed head that lies in the frame; the numbers it covers may begin before it.
    """
    return encode(
        {
            "type": _KINDS[audience],
            "epoch": epoch,
            "events": [_wire(event) for event in events],
            "head": None if head is None else head.wire(),
            "server_time": instant(server_time),
        }
    )


def _wire(event: Recorded) -> dict[str, Any]:
    """The same as ``Recorded.wire``, with the body's own text put in as it was hashed rather than read and rewritten."""
    return {
        "number": event.number,
        "kind": event.kind,
        "at": instant(event.at),
        "body": orjson.Fragment(event.body),
        "hash": event.hash.hex(),
    }


def tick_frame(epoch: int, number: int, ends_at: datetime, server_time: datetime) -> bytes:
    """The time and the head's number: a watcher that is behind it knows that it misses something."""
    return encode(
        {
            "type": "tick",
            "epoch": epoch,
            "number": number,
            "ends_at": instant(ends_at),
            "server_time": instant(server_time),
        }
    )


def reload_frame(audience: Audience, epoch: int, number: int, server_time: datetime) -> bytes:
    """Says that what a watcher missed cannot be sent here: it forgets what it has and goes on behind this number."""
    return encode(
        {
            "type": "reload",
            "audience": audience,
            "epoch": epoch,
            "number": number,
            "server_time": instant(server_time),
        }
    )
