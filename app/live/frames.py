"""Frames: what a socket carries, encoded once for each audience."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from app.chain import Recorded, instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def encode(frame: dict[str, Any]) -> str:
    """Writes a frame as text."""
    return orjson.dumps(frame, option=orjson.OPT_UTC_Z).decode()


def events_frame(epoch: int, events: Sequence[Recorded], server_time: datetime) -> str:
    """Numbered events that a watcher has not seen yet, in order and without a gap."""
    return encode(
        {
            "type": "events",
            "epoch": epoch,
            "events": [event.wire() for event in events],
            "server_time": instant(server_time),
        }
    )


def tick_frame(epoch: int, number: int, ends_at: datetime, server_time: datetime) -> str:
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
