"""The terms of one sale by bidding (竞价条件): chosen when it is scheduled, checked then, frozen at publication."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from app.auction.errors import TermsInvalid
from app.chain import instant
from app.money import MAX_FEN

Direction = Literal["forward", "reverse"]
Priority = Literal["none", "in_field", "post"]
_INSTANTS = ("opens_at", "closes_at", "hard_end_at")
_MOST_BIDDERS_REQUIRED = 100


@dataclass(frozen=True, slots=True)
class AuctionTerms:
    """What everybody knows before the first bid; the reserve (保留价) is told only as being there or not.

    Amounts in fen, periods in seconds. ``start_price_fen`` is the ceiling (最高限价) of a reverse sale and the first
    price of a falling one; ``options`` are the format's own parameters, read by the format. Source of the shape:
    最高人民法院关于人民法院网络司法拍卖若干问题的规定 (法释〔2016〕18号) articles 10, 16, 17, 20, applied here by the
    exchange's own rules.
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
    direction: Direction = "forward"
    min_bidders: int = 1
    priority: Priority = "none"
    priority_seconds: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Refuses terms that contradict each other whatever the format; raises TermsInvalid."""
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
            (
                not 1 <= self.min_bidders <= _MOST_BIDDERS_REQUIRED,
                f"最少竞买人数应为 1 至 {_MOST_BIDDERS_REQUIRED}。",
                f"the least number of bidders must be 1 to {_MOST_BIDDERS_REQUIRED}.",
            ),
            (
                self.priority == "post" and self.priority_seconds <= 0,
                "事后行使优先购买权要写明答复时间。",
                "a right of first refusal asked about afterwards needs a time to answer.",
            ),
        ):
            if wrong:
                raise TermsInvalid(reason_zh, reason_en)

    def as_json(self) -> dict[str, Any]:
        """The terms as they are stored, published and hashed."""
        stored = {item.name: getattr(self, item.name) for item in fields(self)}
        for key in _INSTANTS:
            stored[key] = instant(stored[key]) if stored[key] else None
        stored["options"] = dict(self.options)
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> AuctionTerms:
        """Reads terms back from what ``as_json`` wrote, today or before a member was added."""
        values = dict(stored)
        for key in _INSTANTS:
            values[key] = datetime.fromisoformat(values[key]) if values[key] else None
        return cls(**values)


def commit(secret: str, key: bytes) -> str:
    """Commits to a secret value without telling it: HMAC-SHA256 under a fresh random key of 32 bytes, in hex.

    A plain hash of an amount could be found by trying all likely amounts; the key is opened after the close.
    """
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


def commit_reserve(reserve_fen: int, key: bytes) -> str:
    """Commits to a reserve (保留价); the close opens it."""
    return commit(str(reserve_fen), key)


def commit_amount(bid_id: str, amount_fen: int, key: bytes) -> str:
    """Commits to a secret amount of one request: the id makes a copied commitment worthless to whoever copies it.

    The key is made by the bidder's program: it lets a repeat be told from another payload although nobody here keeps
    the amount, and it lets the bidder prove what was sent.
    """
    return commit(f"{bid_id}\n{amount_fen}", key)
