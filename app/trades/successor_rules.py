"""Pure rules of asking the next bidder after a winner's default (递补征询).

Sources: 拍卖法 articles 36 and 39 (a bid lapses when a higher one is made; after a default the thing is sold again), 招标投标法
实施条例 article 55 (after a tender the next ranked candidate), 民法典 articles 476 and 481 (an offer with a period for its
acceptance is not revoked, and ends with the period).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.trades.errors_successors import (
    AnswerTimeUnfit,
    NobodyNext,
    SuccessionNotAnnounced,
    SuccessorOfferLapsed,
    SuccessorOfferOver,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from app.auction.final_ranking import FinalBid

OFFER_WORDS = {
    "open": ("等待答复", "waiting for an answer"),
    "accepted": ("已同意", "accepted"),
    "declined": ("已谢绝", "declined"),
    "lapsed": ("逾期未答复", "lapsed"),
}
RANKED_FORMAT = "scored_tender"


@dataclass(frozen=True)
class SuccessionRules:
    """What was announced: whether the next bidder may be asked, and within how many days he has to answer."""

    allowed: bool
    longest_days: int

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> SuccessionRules:
        """The rule as the rulebook keeps it."""
        return cls(bool(value["allowed"]), int(value["longest_days"]))


def next_in_order(
    ranking: Sequence[FinalBid], *, gone: Collection[UUID], asked: Collection[UUID], format_name: str
) -> FinalBid:
    """Whose turn it is: the best bid but those of who defaulted. Raises NobodyNext.

    After bidding only he is asked, and once; after a tender the next candidate follows whoever declined (招标条例 55).
    """
    left = [bid for bid in ranking if bid.party_id not in gone]
    if format_name == RANKED_FORMAT:
        left = [bid for bid in left if bid.party_id not in asked]
    if not left or left[0].party_id in asked:
        raise NobodyNext
    return left[0]


def check_announced(announced: SuccessionRules) -> None:
    """Raises SuccessionNotAnnounced where the announcement only knows that the sale is held again."""
    if not announced.allowed:
        raise SuccessionNotAnnounced


def check_answer_time(expires_at: datetime, now: datetime, announced: SuccessionRules) -> None:
    """Raises AnswerTimeUnfit unless the bidder has some time to answer, and no longer than was announced."""
    latest = now + timedelta(days=announced.longest_days)
    if not now < expires_at <= latest:
        raise AnswerTimeUnfit(expires_at, now, latest)


def check_answer(status: str, expires_at: datetime, now: datetime) -> None:
    """Raises SuccessorOfferOver for an offer that has its answer, SuccessorOfferLapsed from its end on."""
    if status != "open":
        raise SuccessorOfferOver(status, *OFFER_WORDS[status])
    if now >= expires_at:
        raise SuccessorOfferLapsed(expires_at, now)
