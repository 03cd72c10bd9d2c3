"""Money in integer fen (分): no float, no silent mixing of currencies, no lost fen in a division."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
MAX_FEN = 9_007_199_254_740_991  # what a browser's number carries without loss


@dataclass(frozen=True, order=False)
class Money:
    """An amount in the minor unit of its currency (fen for CNY)."""

    minor: int
    currency: str = "CNY"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            message = f"cannot mix {self.currency} and {other.currency}"
            raise ValueError(message)

    def __add__(self, other: Money) -> Self:
        self._same(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Self:
        self._same(other)
        return type(self)(self.minor - other.minor, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def split(self, weights: list[int]) -> list[Money]:
        """Divides by weights so that the parts add up to the whole (largest remainder first)."""
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            message = "weights must be non-negative and not all zero"
            raise ValueError(message)
        parts = [self.minor * weight // total for weight in weights]
        rest = self.minor - sum(parts)
        order = sorted(range(len(weights)), key=lambda i: (-(self.minor * weights[i] % total), i))
        for i in order[:rest]:
            parts[i] += 1
        return [Money(part, self.currency) for part in parts]


def yuan(minor: int) -> str:
    """Shows fen as yuan with thousands separators and two decimals: 128000000 is ``1,280,000.00``."""
    sign = "-" if minor < 0 else ""
    whole, fen = divmod(abs(minor), 100)
    return f"{sign}{whole:,}.{fen:02d}"


def capital(minor: int) -> str:
    """Writes fen in financial Chinese (大写): 128000000 is 人民币壹佰贰拾捌万元整.

    Source: 支付结算办法 annex 1 (正确填写票据和结算凭证的基本规定), articles 1 to 3.
    """
    if not 0 <= minor < 10**18:
        message = f"cannot write {minor} fen in words"
        raise ValueError(message)
    whole, rest = divmod(minor, 100)
    jiao, fen = divmod(rest, 10)
    words = f"{_whole(whole)}元" if whole else ""
    if not rest:
        return f"人民币{words or '零元'}整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif whole:
        words += "零"
    words += f"{_DIGITS[fen]}分" if fen else "整"
    return f"人民币{words}"


def _whole(number: int) -> str:
    """Writes a positive whole number: groups of four digits, one 零 for any run of zeros between digits."""
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    gap = False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):  # noqa: PLR2004 - four digits a group
            words += "零"
        words += _group(group) + _GROUPS[index]
        gap = False
    return words


def _group(number: int) -> str:
    """Writes 1 to 9999 without a leading zero."""
    words = ""
    gap = False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words
