"""Pure rules of a deposit that is not given back though its party did not win (不予退还保证金).

Sources: 法释〔2016〕18号 article 24 and the exchanges' announcements, which list the grounds and the order; 招标投标法实施条例
articles 35 (withdrawn after the deadline: the deposit may be kept), 39 to 42 (collusion, false documents); 行政处罚法 article 44
shows the market how a party is heard before anything is taken from it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from app.trades.errors_default import GroundNotAnnounced
from app.trades.errors_forfeit import HearingRuns, LossBeyondAll

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


class ForfeitGround(StrEnum):
    """For what a deposit may be kept (不予退还的情形); the announcement lists those that hold."""

    WITHDRAWN_LATE = "withdrawn_late"  # 报名截止后撤回受让意向
    FALSE_DOCUMENTS = "false_documents"  # 提供虚假材料
    COLLUSION = "collusion"  # 串通
    LEAK_SECRET = "leak_secret"  # noqa: S105 - 泄露商业秘密, a ground and no password
    DISTURBED = "disturbed"  # 扰乱竞价秩序
    NO_BID = "no_bid"  # 取得资格后不报价


GROUND_WORDS = {
    ForfeitGround.WITHDRAWN_LATE: ("报名截止后撤回受让意向", "withdrawn after the deadline"),
    ForfeitGround.FALSE_DOCUMENTS: ("提供虚假材料", "false documents"),
    ForfeitGround.COLLUSION: ("串通报价", "collusion"),
    ForfeitGround.LEAK_SECRET: ("泄露商业秘密", "a trade secret leaked"),
    ForfeitGround.DISTURBED: ("扰乱竞价秩序", "the bidding disturbed"),
    ForfeitGround.NO_BID: ("取得资格后不报价", "admitted and no bid"),
}


def check_ground(ground: ForfeitGround, announced: Collection[str]) -> None:
    """Raises GroundNotAnnounced unless the sale was announced with this ground."""
    if ground.value not in announced:
        raise GroundNotAnnounced(ground.value, sorted(announced))


def check_claim(*, fees_fen: int, most_fees_fen: int) -> None:
    """Raises LossBeyondAll where more is claimed for the exchange than both sides' fees of the sale at its asking price."""
    if fees_fen > most_fees_fen:
        raise LossBeyondAll(most_fees_fen)


def check_heard(*, answered: bool, until_at: datetime, now: datetime) -> None:
    """Raises HearingRuns until the party has answered or its period is over."""
    if not answered and now < until_at:
        raise HearingRuns(until_at)
