"""Pure rules of giving deposits back (退还保证金): by when, by the way of the sale, and with which interest.

Sources: 法释〔2016〕18号 article 23 (court sales: within 24 hours), 招标投标法实施条例 article 57 (tenders: within five days
after the contract, with bank interest), the exchanges' own rules (three working days, no interest).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.calendar_days import Period, period_end
from app.clock import market_date

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.calendar_days import Calendar

# Banks count the days of demand deposits (活期存款) by a year of 360.
_DAYS_OF_INTEREST = 360 * 10_000


@dataclass(frozen=True)
class RefundTerms:
    """Within which period deposits go back after a sale, and the yearly interest on them in basis points."""

    period: Period
    interest_bp: int

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RefundTerms:
        """Reads a dated rule's value: ``{"count": 3, "unit": "working_day", "interest_bp": 0}``."""
        return cls(Period.from_json(value), int(value["interest_bp"]))

    def due_at(self, released_at: datetime, calendar: Calendar) -> datetime:
        """The instant by which a deposit that is released now has gone back."""
        return period_end(released_at, self.period, calendar)


def way_of(ways: Mapping[str, str], sale_format: str) -> str:
    """Which way of giving back a sale follows, by its format: ``default`` where none is named."""
    return ways.get(sale_format, ways["default"])


def interest_fen(amount_fen: int, rate_bp: int, held_at: datetime, until: datetime) -> int:
    """Interest on a deposit for the days it was held, to the nearest fen; its first day counts, the last does not.

    The instant ``until`` is the end of the last day, so that day counts too.
    """
    days = max((market_date(until) - market_date(held_at)).days, 0)
    return (amount_fen * rate_bp * days + _DAYS_OF_INTEREST // 2) // _DAYS_OF_INTEREST
