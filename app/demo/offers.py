"""The invented terms of demonstration sales: round prices, stated as invented in the listing's own words."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.trades.listings import NewListing
from app.trades.rules import DEMO

if TYPE_CHECKING:
    from uuid import UUID

_YUAN = 100
_PRICES_YUAN = (80_000, 120_000, 150_000, 200_000, 260_000, 300_000, 450_000, 600_000, 800_000, 1_200_000)
OF_REAL = (
    "演示挂牌。专利的书目信息取自公开的专利文献，法律状态未核验；起始价、保证金、竞价与成交均为演示虚构，"
    "与所列单位无关，所列单位没有委托或参与。"
)
OF_INVENTED = "演示挂牌。专利、价格与成交均为虚构，供试用本市场的各个步骤，不涉及任何真实权利。"
NO_KNOWN = "演示数据，未核验。"
# What a seller declares of an invented listing: nothing is in its way, and nothing in it is secret.
DECLARED: dict[str, Any] = {
    "rights_declared": True,
    "secrecy_reviewer": "演示审查人（虚构）",
    "secrecy_on": date(2025, 1, 6),
    "secrecy_result": "public",
}
DECLARED_JSON: dict[str, Any] = {**DECLARED, "secrecy_on": DECLARED["secrecy_on"].isoformat()}
LIVE_SECONDS = 600
LIVE_HARD_END_SECONDS = 240
LIVE_EXTENSION_SECONDS = 30
_LIVE_START_YUAN = 200_000


@dataclass(frozen=True)
class Times:
    """When a sale opens and closes, and how late bids move its end."""

    opens_at: datetime
    closes_at: datetime
    extension_seconds: int = 300
    hard_end_at: datetime | None = None

    @classmethod
    def live(cls, opens_at: datetime) -> Times:
        """The times of a live sale: ten minutes, late bids add half a minute, four minutes at most."""
        closes_at = opens_at + timedelta(seconds=LIVE_SECONDS)
        hard_end_at = closes_at + timedelta(seconds=LIVE_HARD_END_SECONDS)
        return cls(opens_at, closes_at, LIVE_EXTENSION_SECONDS, hard_end_at)

    def as_terms(self) -> dict[str, Any]:
        """The times as a listing names them."""
        return {
            "opens_at": self.opens_at,
            "closes_at": self.closes_at,
            "hard_end_at": self.hard_end_at,
            "trigger_seconds": self.extension_seconds,
            "extension_seconds": self.extension_seconds,
        }


def prices_of(application_no: str) -> dict[str, int]:
    """Invents round prices, always the same for one number: step one per cent, deposit ten."""
    start_fen = random.Random(application_no).choice(_PRICES_YUAN) * _YUAN  # noqa: S311 - no secret
    return {"start_price_fen": start_fen, "step_fen": start_fen // 100, "deposit_fen": start_fen // 10}


def live_prices() -> dict[str, int]:
    """The invented prices of a live sale."""
    start_fen = _LIVE_START_YUAN * _YUAN
    return {"start_price_fen": start_fen, "step_fen": start_fen // 100, "deposit_fen": start_fen // 10}


def offer_real(patent_id: UUID, application_no: str, times: Times) -> NewListing:
    """Offers a real patent for demonstration only, at invented prices."""
    return NewListing(
        patent_id=patent_id,
        description=OF_REAL,
        encumbrances=NO_KNOWN,
        board=DEMO,
        priority_declared=True,
        **{**prices_of(application_no), **times.as_terms(), **DECLARED},
    )


def offer_invented(patent_id: UUID, times: Times) -> NewListing:
    """Offers an invented patent."""
    return NewListing(
        patent_id=patent_id,
        description=OF_INVENTED,
        encumbrances="",
        board=DEMO,
        priority_declared=True,
        **{**live_prices(), **times.as_terms(), **DECLARED},
    )
