"""Ids: UUID version 7 (RFC 9562), so that a table's newest rows lie together."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Makes an id whose first 48 bits are the milliseconds of this machine's clock; it is a name, never a time."""
    milliseconds = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= (noise >> 68) << 64 & (0xFFF << 64)
    value |= 0b10 << 62
    value |= noise & (2**62 - 1)
    return UUID(int=value)
