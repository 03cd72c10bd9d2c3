"""What a change of a dated rule must fulfil; pure."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from app.calendar_days import Period
from app.rulebook.errors import RuleInThePast, RuleValueUnfit

BASIS_POINTS = 10_000
_WORDS = {
    "period": ("期间（数量与单位 day、working_day、month 或 second）", "a period (count and unit)"),
    "switch": ("是或否（true/false）", "true or false"),
    "share": ("0 至 10000 的万分比", "basis points from 0 to 10000"),
    "number": ("不小于 0 的整数", "a whole number, not below zero"),
    "text": ("文字", "a text"),
    "list": ("文字清单", "a list of texts"),
    "fields": ("与现行取值同样的字段", "an object with the fields of the present value"),
}


def kind_of(key: str, value: object) -> str:
    """What kind of value a rule has, as its present value shows."""
    if isinstance(value, bool):
        return "switch"
    if isinstance(value, int):
        return "share" if key.endswith("_bp") else "number"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "period" if value.keys() == {"count", "unit"} else "fields"
    return "text"


def _is_period(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"count", "unit"}:
        return False
    try:
        Period.from_json(value)
    except ValueError:
        return False
    return True


def _fits(kind: str, present: Any, value: Any) -> bool:  # noqa: ANN401 - any rule's value
    if kind == "period":
        return _is_period(value)
    if kind == "switch":
        return isinstance(value, bool)
    if kind in {"number", "share"}:
        is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return is_number and (kind == "number" or value <= BASIS_POINTS)
    if kind == "list":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind == "fields":
        return (
            isinstance(value, dict)
            and value.keys() == present.keys()
            and all(_fits(kind_of(name, item), item, value[name]) for name, item in present.items())
        )
    return isinstance(value, str) and value.strip() != ""


def check_value(key: str, present: Any, value: Any) -> None:  # noqa: ANN401 - any rule's value
    """Raises RuleValueUnfit unless the new value is of the kind of the present one."""
    kind = kind_of(key, present)
    if not _fits(kind, present, value):
        zh, en = _WORDS[kind]
        raise RuleValueUnfit(key, zh, en, json.dumps(present, ensure_ascii=False))


def check_effective(valid_from: date, today: date) -> None:
    """Raises RuleInThePast unless the rule takes effect after today: a part of today is past already."""
    earliest = today + timedelta(days=1)
    if valid_from < earliest:
        raise RuleInThePast(valid_from, earliest)
