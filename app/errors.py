"""Errors as dataclasses: the docstring is the title, the fields are the problem's members, the base is its kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta, timezone
from string import Formatter
from typing import Any, ClassVar, Literal

from app.money import yuan

Lang = Literal["zh", "en"]
_SHANGHAI = timezone(timedelta(hours=8))


class _Template(Formatter):
    """Formats details; ``:yuan`` shows fen as yuan, ``:instant`` shows an instant in Shanghai's time."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - any field's value
        if isinstance(value, list | tuple | set | frozenset):
            # Listed as a person would, whether the names are enums still or text again.
            return ", ".join(self.format_field(item, format_spec) for item in value)
        if format_spec == "yuan":
            return yuan(int(value))
        if format_spec == "instant":
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return moment.astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        return str(super().format_field(value, format_spec))


_TEMPLATE = _Template()


def member(value: object) -> object:
    """Shows one field of an error as JSON can carry it: instants in ISO 8601, ids and enums as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [member(item) for item in value]
    if isinstance(value, dict):
        return {str(key): member(item) for key, item in value.items()}
    return str(value)


@dataclass(eq=False)
class MarketError(Exception):
    """The request could not be carried out."""

    status: ClassVar[int] = 500
    kind_zh: ClassVar[str] = "出错"
    zh = "这一步没有完成。"
    en = "This step was not completed."

    @property
    def code(self) -> str:
        """The error's stable name: BidTooLow is ``bid-too-low``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    def title(self, lang: Lang) -> str:
        """The kind in Chinese, or the docstring's first line in English."""
        if lang == "zh":
            return self.kind_zh
        return (type(self).__doc__ or "").strip().splitlines()[0].rstrip(".")

    def detail(self, lang: Lang) -> str:
        """What was wrong and what would be right, in the caller's language."""
        template: str = type(self).zh if lang == "zh" else type(self).en
        return _TEMPLATE.format(template, **self._values())

    def members(self) -> dict[str, object]:
        """The extension members of the problem (RFC 9457 section 3.2)."""
        return {name: member(value) for name, value in self._values().items()}

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        return f"{self.code}: {self.detail('en')}"


@dataclass(eq=False)
class Unauthenticated(MarketError):
    """Sign in first."""

    status = 401
    kind_zh = "请先登录"
    zh = "这一步要先登录。"
    en = "Sign in first."


@dataclass(eq=False)
class PaymentDue(MarketError):
    """A payment is due first."""

    status = 402
    kind_zh = "请先付款"


@dataclass(eq=False)
class Forbidden(MarketError):
    """This is not allowed for you."""

    status = 403
    kind_zh = "没有权限"
    zh = "你不能做这一步。"
    en = "This is not allowed for you."


@dataclass(eq=False)
class Missing(MarketError):
    """There is no such thing, or it is not yours to see."""

    status = 404
    kind_zh = "没有找到"
    zh = "没有找到，或者它不对你公开。"
    en = "There is no such thing, or it is not yours to see."


@dataclass(eq=False)
class Conflict(MarketError):
    """The present state does not allow this."""

    status = 409
    kind_zh = "与现状冲突"
    zh = "现在的状态不允许这一步。"
    en = "The present state does not allow this."


@dataclass(eq=False)
class TooLarge(MarketError):
    """What was sent is too large."""

    status = 413
    kind_zh = "内容过大"


@dataclass(eq=False)
class Invalid(MarketError):
    """What was sent is not right."""

    status = 422
    kind_zh = "内容不对"


@dataclass(eq=False)
class TooMany(MarketError):
    """Too many requests."""

    status = 429
    kind_zh = "请求过多"


@dataclass(eq=False)
class Busy(MarketError):
    """The market is busy; nothing was done."""

    status = 503
    kind_zh = "繁忙"
    zh = "系统繁忙，这次没有受理。过几秒再试。"
    en = "The market is busy and did nothing. Try again in a few seconds."
