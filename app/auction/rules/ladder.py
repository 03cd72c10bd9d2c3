"""Tables of steps (加价阶梯): how far the price must move, by the price it moves from; all in fen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from app.auction.errors import TermsInvalid
from app.money import MAX_FEN

_MOST_ROWS = 50


class Ladder(NamedTuple):
    """Rows from one price up to the next row's price; the last has no upper end.

    The step belongs to the price that is left, not to the amount that is bid: a bid over a threshold still counts the
    step of the row it comes from. Both directions read the table so.
    """

    floors: tuple[int, ...]
    steps: tuple[int, ...]

    def step_at(self, price_fen: int) -> int:
        """The step at this price; a price on a threshold already has the new row's step."""
        return self.steps[bisect_right(self.floors, price_fen) - 1]

    def rows(self) -> list[tuple[int, int]]:
        """The table as it is announced."""
        return list(zip(self.floors, self.steps, strict=True))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _read_row(row: object) -> tuple[int, int]:
    if isinstance(row, Sequence) and not isinstance(row, str):
        match list(row):
            case [int() as floor, int() as step] if _is_whole(floor) and _is_whole(step):
                return floor, step
    raise TermsInvalid(
        reason_zh="阶梯的每一行是两个整数（分）：起点价格和加价幅度。",
        reason_en="each row of the ladder is two whole numbers in fen: the price it begins at and the step.",
    )


def read_ladder(raw: object) -> Ladder:
    """Reads ``[[from_fen, step_fen], ...]``: from 0, both columns strictly increasing; raises TermsInvalid.

    Steps that grow with the price keep the lowest bid growing with it, also over a threshold.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not 0 < len(raw) <= _MOST_ROWS:
        raise TermsInvalid(
            reason_zh=f"阶梯应有 1 至 {_MOST_ROWS} 行。",
            reason_en=f"a ladder of steps has 1 to {_MOST_ROWS} rows.",
        )
    rows = [_read_row(row) for row in raw]
    if rows[0][0] != 0:
        raise TermsInvalid(
            reason_zh="阶梯的第一行要从 0 开始。", reason_en="the first row of the ladder must begin at 0."
        )
    if not 0 < rows[0][1] <= rows[-1][1] <= MAX_FEN or rows[-1][0] > MAX_FEN:
        raise TermsInvalid(
            reason_zh="阶梯的幅度要大于 0。", reason_en="each step of the ladder must be above 0."
        )
    if any(high[0] <= low[0] or high[1] <= low[1] for low, high in pairwise(rows)):
        raise TermsInvalid(
            reason_zh="阶梯的起点价格和加价幅度都要逐行增大。",
            reason_en="both columns of the ladder, prices and steps, must grow from row to row.",
        )
    return Ladder(tuple(row[0] for row in rows), tuple(row[1] for row in rows))
