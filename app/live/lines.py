"""Lines: what the hub writes to. A frame is encoded once and put to many lines as it is."""

from __future__ import annotations

from typing import Protocol

_TEXT = 0x81  # FIN and the opcode of a text message (RFC 6455 section 5.2)
_SHORT = 125
_MEDIUM = 0xFFFF


class Line(Protocol):
    """One open socket's way out. It never waits: a reader who is too slow loses the line instead."""

    def put(self, frame: bytes) -> None:
        """Writes a whole encoded frame; does nothing once the line is ending."""

    def end(self, code: int, reason: str) -> None:
        """Says why and ends the line; what was put before is still delivered if it is read soon."""


def text_frame(text: bytes) -> bytes:
    """Wraps UTF-8 text into one unmasked WebSocket text frame, as a server sends it (RFC 6455 sections 5.1, 5.2)."""
    size = len(text)
    if size <= _SHORT:
        return bytes((_TEXT, size)) + text
    if size <= _MEDIUM:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + text
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + text
