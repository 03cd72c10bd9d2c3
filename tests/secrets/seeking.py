"""Seeking an amount wherever a market keeps bytes: every form that text, int8 and numeric give it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PIECE = 1 << 20
_LONGEST_FORM = 64


def forms_of(amount_fen: int) -> dict[str, bytes]:
    """The forms in which an amount in fen could lie in a file, by their names.

    PostgreSQL keeps int8 in the machine's order and sends it the other way round; numeric is digits to the base 10,000.
    """
    yuan, fen = divmod(amount_fen, 100)
    forms = {
        "text in fen": str(amount_fen).encode(),
        "text in yuan": f"{yuan}.{fen:02}".encode(),
        "text with commas": f"{yuan:,}.{fen:02}".encode(),
        "int8 on the wire": struct.pack(">q", amount_fen),
        "int8 in the heap": struct.pack("<q", amount_fen),
        "hex": f"{amount_fen:x}".encode(),
    }
    for name, value, scale in (("numeric in fen", amount_fen, 0), ("numeric in yuan", yuan, fen)):
        digits = _digits(value) + ([scale * 100] if scale else [])
        forms[f"{name}, heap"] = struct.pack(f"<{len(digits)}h", *digits)
        forms[f"{name}, wire"] = struct.pack(f">{len(digits)}h", *digits)
    return forms


def _digits(value: int) -> list[int]:
    digits: list[int] = []
    while value:
        value, digit = divmod(value, 10_000)
        digits.insert(0, digit)
    return digits


def seek(found_in: str, content: bytes, wanted: dict[str, bytes]) -> list[str]:
    """Which forms lie in these bytes, each with where."""
    return [f"{found_in}: {name}" for name, form in wanted.items() if form in content]


def seek_in_files(files: Iterable[Path], wanted: dict[str, bytes]) -> list[str]:
    """Which forms lie in these files, each with the file; a file that is gone meanwhile has nothing."""
    found: list[str] = []
    for path in files:
        try:
            content = _read(path)
        except FileNotFoundError:
            continue
        found += seek(str(path), content, wanted)
    return found


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return b"".join(iter(lambda: file.read(_PIECE), b""))
