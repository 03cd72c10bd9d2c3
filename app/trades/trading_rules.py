"""The market's trading rules (交易规则) in words: the general part from the board's values, each format's from its own.

Pure. A format's part is written by the format itself from terms: here from example terms, which say that they are an
example; what a sale publishes is written by the same functions from its own terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.auction.rules.terms import AuctionTerms
from app.auction.rules.wording import period
from app.trades.general_rules import GENERAL, Values
from app.trades.rules import percent_of

if TYPE_CHECKING:
    from app.errors import Lang
    from app.trades.method import FormatWords
    from app.trades.rules import BoardRules

# A day that nobody takes for a real sale's.
_EXAMPLE_OPENS_AT = datetime(2030, 1, 7, 1, 0, tzinfo=UTC)
_EXAMPLE_START_FEN = 100_000_00


@dataclass(frozen=True)
class Section:
    """One section of the general rules, in both languages."""

    key: str
    title_zh: str
    title_en: str
    sentences_zh: tuple[str, ...]
    sentences_en: tuple[str, ...]


def _seconds(seconds: float, lang: Lang) -> str:
    """A setting's length, which may have a fraction."""
    if seconds.is_integer():
        return period(int(seconds), lang)
    return f"{seconds:g} 秒" if lang == "zh" else f"{seconds:g} s"


def _values(board: BoardRules, interruption_seconds: float) -> Values:
    def words(lang: Lang) -> dict[str, str]:
        return {
            "percent": percent_of(board.deposit_max_bp),
            "minimum": period(board.minimum_seconds, lang),
            "trigger": period(board.trigger_seconds, lang),
            "extension": period(board.extension_seconds, lang),
            "interruption": _seconds(float(interruption_seconds), lang),
        }

    return Values(words("zh"), words("en"))


def write_general_rules(board: BoardRules, interruption_seconds: float) -> list[Section]:
    """The general rules with the values that the board's checks and the worker really use."""
    values = _values(board, interruption_seconds)
    return [
        Section(
            part.key,
            part.title_zh,
            part.title_en,
            tuple(sentence.format(**values.zh) for sentence in part.zh),
            tuple(sentence.format(**values.en) for sentence in part.en),
        )
        for part in GENERAL
    ]


def example_terms(name: str, words: FormatWords, board: BoardRules, *, is_reverse: bool) -> AuctionTerms:
    """Terms that show a format at work: round amounts, the board's own periods, the format's usual parameters."""
    start, opens_at = _EXAMPLE_START_FEN, _EXAMPLE_OPENS_AT
    return AuctionTerms(
        start_price_fen=start,
        step_fen=start // 100,
        deposit_fen=start // 10,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(seconds=words.example_seconds or board.minimum_seconds),
        hard_end_at=None,
        trigger_seconds=board.trigger_seconds,
        extension_seconds=board.extension_seconds,
        has_reserve=False,
        format=name,
        direction="reverse" if is_reverse else "forward",
        min_bidders=words.min_bidders,
        options=words.reverse_example if is_reverse and words.reverse_example is not None else words.example,
    )
