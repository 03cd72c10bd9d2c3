"""The terms of one sale by bidding (竞价条件): chosen when it is scheduled, checked then, frozen at publication."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.auction.errors import TermsInvalid
from app.events import instant
from app.money import MAX_FEN


@dataclass(frozen=True, slots=True)
class AuctionTerms:
    """What everybody knows before the first bid; the reserve (保留价) is told only as being there or not.

    Amounts in fen, periods in seconds. Source of the shape: 最高人民法院关于人民法院网络司法拍卖若干问题的规定
    (法释〔2016〕18号) articles 10, 17, 20, applied here by the exchange's own rules.
    """

    start_price_fen: int
    step_fen: int
    deposit_fen: int
    opens_at: datetime
    closes_at: datetime
    hard_end_at: datetime | None
    trigger_seconds: int
    extension_seconds: int
    has_reserve: bool
    format: str = "english"

    def check(self) -> None:
        """Refuses terms that contradict each other; raises TermsInvalid."""
        for wrong, reason_zh, reason_en in (
            (not 0 < self.start_price_fen <= MAX_FEN, "起始价要大于 0。", "the start price must be above 0."),
            (not 0 < self.step_fen <= MAX_FEN, "加价幅度要大于 0。", "the step must be above 0."),
            (self.deposit_fen < 0, "保证金不能是负数。", "the deposit must not be negative."),
            (
                self.closes_at <= self.opens_at,
                "结束时间要晚于开始时间。",
                "the end must be after the opening.",
            ),
            (
                self.hard_end_at is not None and self.hard_end_at < self.closes_at,
                "最迟结束时间不能早于结束时间。",
                "the hard end must not be before the end.",
            ),
            (
                self.trigger_seconds < 0 or self.extension_seconds < 0,
                "延时参数不能是负数。",
                "the extension must not be negative.",
            ),
        ):
            if wrong:
                raise TermsInvalid(reason_zh, reason_en)

    def as_json(self) -> dict[str, Any]:
        """The terms as they are stored, published and hashed."""
        return {
            "format": self.format,
            "start_price_fen": self.start_price_fen,
            "step_fen": self.step_fen,
            "deposit_fen": self.deposit_fen,
            "opens_at": instant(self.opens_at),
            "closes_at": instant(self.closes_at),
            "hard_end_at": instant(self.hard_end_at) if self.hard_end_at else None,
            "trigger_seconds": self.trigger_seconds,
            "extension_seconds": self.extension_seconds,
            "has_reserve": self.has_reserve,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> AuctionTerms:
        """Reads terms back from what ``as_json`` wrote."""
        values = dict(stored)
        for key in ("opens_at", "closes_at", "hard_end_at"):
            values[key] = datetime.fromisoformat(values[key]) if values[key] else None
        return cls(**values)


def commit_reserve(reserve_fen: int, key: bytes) -> str:
    """Commits to a reserve without telling it: HMAC-SHA256 under a fresh random key of 32 bytes.

    A plain hash of an amount could be found by trying all likely amounts; the key is opened after the close.
    """
    return hmac.new(key, str(reserve_fen).encode(), hashlib.sha256).hexdigest()
