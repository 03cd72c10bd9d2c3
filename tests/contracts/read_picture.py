"""Reading a picture of a paper: enough of PNG to see which modules of a QR code are dark."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """Pixels as rows of luminance, 0 dark to 255 light."""

    rows: list[bytes]

    def find(self, matrix: list[list[bool]], *, module: float, near: int) -> tuple[int, int] | None:
        """Finds where a matrix of dark and light modules is drawn near a column, by the centres of its modules."""
        size = int(module * len(matrix))
        for top in range(len(self.rows) - size):
            for left in range(near - 2, near + 3):
                if self._is_at(matrix, top, left, module):
                    return top, left
        return None

    def _is_at(self, matrix: list[list[bool]], top: int, left: int, module: float) -> bool:
        return all(
            (self.rows[int(top + (y + 0.5) * module)][int(left + (x + 0.5) * module)] < 128) == dark
            for y, line in enumerate(matrix)
            for x, dark in enumerate(line)
        )


def read_png(data: bytes) -> Picture:
    """Decodes an 8-bit RGB or RGBA picture without interlacing, which is what typst writes."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, interlace) == (8, 0)
    channels = {2: 3, 6: 4}[colour]
    packed, place = b"", 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        if data[place + 4 : place + 8] == b"IDAT":
            packed += data[place + 8 : place + 8 + length]
        place += length + 12
    return Picture(_rows(zlib.decompress(packed), width, height, channels))


def _rows(raw: bytes, width: int, height: int, channels: int) -> list[bytes]:
    stride = width * channels
    before, rows = bytes(stride), []
    for number in range(height):
        start = number * (stride + 1)
        before = _unfilter(raw[start], raw[start + 1 : start + 1 + stride], before, channels)
        rows.append(bytes(before[::channels]))
    return rows


def _unfilter(kind: int, line: bytes, above: bytes, channels: int) -> bytes:
    """Undoes a row's filter (PNG specification, section 9)."""
    out = bytearray(line)
    for i in range(len(out)):
        left = out[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        predicted = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[kind]
        out[i] = (out[i] + predicted) & 255
    return bytes(out)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    distances = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return (left, above, corner)[distances.index(min(distances))]
