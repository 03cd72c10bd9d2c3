"""Which characters the papers' fonts can show: PDF/A refuses a text with a character that has no glyph.

The fonts have all of GB 2312 and the common rare names, but not the supplementary planes (𠮷). A character that
cannot be shown is written by its code point, so that a document is made and says what is missing.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pylopdf_fonts_zh_cn

if TYPE_CHECKING:
    from pathlib import Path

_SEGMENTED_COVERAGE: Final = 12  # the cmap format that reaches beyond the first plane
_VARIATION_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@cache
def covered() -> frozenset[int]:
    """The code points for which one of the two fonts has a glyph; the other then stands in."""
    return _read(pylopdf_fonts_zh_cn.serif_path()) | _read(pylopdf_fonts_zh_cn.sans_path())


def _read(font: Path) -> frozenset[int]:
    """Reads an OpenType font's character map (specification: cmap, format 12)."""
    data = font.read_bytes()
    (tables,) = struct.unpack(">H", data[4:6])
    directory = (struct.unpack(">4sIII", data[12 + 16 * i : 28 + 16 * i]) for i in range(tables))
    cmap = next(offset for tag, _, offset, _ in directory if tag == b"cmap")
    (count,) = struct.unpack(">H", data[cmap + 2 : cmap + 4])
    points: set[int] = set()
    for i in range(count):
        (offset,) = struct.unpack(">I", data[cmap + 8 + 8 * i : cmap + 12 + 8 * i])
        start = cmap + offset
        if struct.unpack(">H", data[start : start + 2])[0] != _SEGMENTED_COVERAGE:
            continue
        (groups,) = struct.unpack(">I", data[start + 12 : start + 16])
        for first, last, _ in struct.iter_unpack(">III", data[start + 16 : start + 16 + 12 * groups]):
            points.update(range(first, last + 1))
    return frozenset(points)


def shown(value: Any) -> Any:  # noqa: ANN401 - a paper's data are nested texts and numbers
    """Makes every text in a paper's data one that the fonts can show."""
    if isinstance(value, str):
        return "".join(_shown(character) for character in value)
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return value


def _shown(character: str) -> str:
    point = ord(character)
    if point in covered():
        return character
    if unicodedata.category(character) == "Cf" or any(point in each for each in _VARIATION_SELECTORS):
        return ""  # it has no look of its own
    return f"〔U+{point:04X}〕"
