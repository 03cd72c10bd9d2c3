"""Reading what strangers send: members of JSON objects with the type that a format says, or Unreadable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.auction.protocol.findings import Unreadable


def read_object(given: object, place: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(given, Mapping):
        raise Unreadable(place, "object")
    return given


def read_list(given: object, place: str) -> list[Any]:
    """A list."""
    if not isinstance(given, list):
        raise Unreadable(place, "list")
    return given


def read_text(given: Mapping[str, Any], name: str) -> str:
    """A member that is a text."""
    value = given.get(name)
    if not isinstance(value, str):
        raise Unreadable(name, "text")
    return value


def read_text_or_none(given: Mapping[str, Any], name: str) -> str | None:
    """A member that is a text, null or missing."""
    return None if given.get(name) is None else read_text(given, name)


def read_whole(given: Mapping[str, Any], name: str) -> int | None:
    """A member that is a whole number, null or missing."""
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise Unreadable(name, "whole")
    return value


def read_number(given: Mapping[str, Any], name: str) -> int:
    """A member that is a whole number."""
    value = read_whole(given, name)
    if value is None:
        raise Unreadable(name, "whole")
    return value


def read_instant(given: Mapping[str, Any], name: str) -> datetime:
    """A member that is an instant with its zone."""
    value = given.get(name)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unreadable(name, "instant")
    return moment


def read_hex(given: Mapping[str, Any], name: str) -> bytes:
    """A member that is bytes in hexadecimal."""
    try:
        return bytes.fromhex(read_text(given, name))
    except ValueError:
        raise Unreadable(name, "hex") from None
