"""Reading the documents: their blocks of code, their headings, what they name in backticks, their links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.database import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_NAMED = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SOURCE = re.compile(r"<(?:img|source)\b[^>]*?\b(?:src|srcset)=\"([^\"]+)\"")


def read(path: Path) -> str:
    """The text of a document."""
    return path.read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The contents of the blocks of code in one language."""
    return [body for found, body in _FENCE.findall(text) if found == language]


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[tuple[int, str]]:
    """The headings with their depth."""
    return [(len(marks), words) for marks, words in _HEADING.findall(prose(text))]


def named(text: str) -> set[str]:
    """What stands in backticks outside blocks of code."""
    return set(_NAMED.findall(prose(text)))


def links(text: str) -> list[str]:
    """Where links and pictures lead."""
    return _LINK.findall(prose(text)) + _SOURCE.findall(text)


def anchor(heading: str) -> str:
    """The anchor that a heading gets where the documents are read."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.replace(" ", "-")
