"""Reading a format's own parameters: what is missing, unknown or out of range is refused in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.auction.errors import TermsInvalid


def demand(holds: bool, reason_zh: str, reason_en: str) -> None:  # noqa: FBT001 - it reads as a sentence
    """Refuses terms for a reason unless a condition holds."""
    if not holds:
        raise TermsInvalid(reason_zh, reason_en)


def known_only(raw: Mapping[str, Any], *names: str) -> None:
    """Refuses parameters that the format does not have: a misspelt one would silently get its default."""
    unknown = ", ".join(sorted(set(raw) - set(names)))
    demand(
        not unknown,
        f"没有名为 {unknown} 的参数。可以用：{', '.join(names)}。",
        f"there is no parameter {unknown}. There are: {', '.join(names)}.",
    )


def whole(raw: Mapping[str, Any], name: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number within its range; without a default it has to be given."""
    value = raw.get(name, default)
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    demand(
        fits,
        f"参数 {name} 应为 {least} 至 {most} 的整数。",
        f"the parameter {name} must be a whole number from {least} to {most}.",
    )
    return int(value or 0)


def flag(raw: Mapping[str, Any], name: str) -> bool:
    """Yes or no; no unless it is given."""
    value = raw.get(name, False)
    demand(
        isinstance(value, bool),
        f"参数 {name} 应为 true 或 false。",
        f"the parameter {name} must be true or false.",
    )
    return bool(value)


def choice(raw: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str:
    """One of the allowed words; the first unless it is given."""
    value = raw.get(name, allowed[0])
    demand(
        value in allowed,
        f"参数 {name} 应为 {'、'.join(allowed)} 之一。",
        f"the parameter {name} must be one of {', '.join(allowed)}.",
    )
    return str(value)
