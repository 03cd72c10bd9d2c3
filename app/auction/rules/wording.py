"""How instants, periods and amounts are written in trading rules; every format's sentences use these."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.clock import to_shanghai
from app.money import yuan

if TYPE_CHECKING:
    from app.errors import Lang

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


def moment(at: datetime) -> str:
    """An instant in the exchange's time; fractions of a second are shown where there are any."""
    local = to_shanghai(at)
    return f"{local:%Y-%m-%d %H:%M:%S}" + (f".{local.microsecond:06d}" if local.microsecond else "")


def period(seconds: int, lang: Lang) -> str:
    """A length of time in the largest unit that divides it."""
    for length, zh, en in ((_DAY, "天", "days"), (_HOUR, "小时", "h"), (_MINUTE, "分钟", "min")):
        count, rest = divmod(seconds, length)
        if count and not rest:
            return f"{count} {zh}" if lang == "zh" else f"{count} {en if count > 1 else en.removesuffix('s')}"
    return f"{seconds} 秒" if lang == "zh" else f"{seconds} s"


def amount(fen: int, lang: Lang) -> str:
    """Fen as yuan, with the currency where each language puts it."""
    return f"{yuan(fen)} 元" if lang == "zh" else f"CNY {yuan(fen)}"
