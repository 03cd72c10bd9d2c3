"""A scored tender carried through the engine without a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.auction.rules_rounds.making import RoundsHall
from tests.auction.rules_sealed.making import CODES, make_terms, seconds

if TYPE_CHECKING:
    from datetime import datetime

    from app.auction.rules.terms import AuctionTerms

EXPERTS = ["王一", "王二", "王三", "王四", "王五"]
KEY = "ab" * 32
CRITERIA: list[dict[str, Any]] = [
    {"code": "tech", "zh": "技术方案", "en": "technical solution", "weight": 45},
    {"code": "team", "zh": "团队", "en": "team", "weight": "15"},
]


def make_tender(**over: Any) -> AuctionTerms:
    """Terms of a tender of one hour: technical 60, price 40, five experts, three offers at least."""
    options = {"price_weight": "40", "criteria": CRITERIA, "experts": 5, **over.pop("options", {})}
    return make_terms(**{"format": "scored_tender", "min_bidders": 3, "options": options, **over})


def scores(rejected: dict[str, str] | None = None, **tech: Any) -> dict[str, Any]:
    """A whole assessment: each bidder's technical points, the same of every expert, and ten for the team."""
    rows = {bidder: {"tech": [value] * 5, "team": [10] * 5} for bidder, value in tech.items()}
    return {"experts": EXPERTS, "scores": rows, "rejected": rejected or {}, "key": KEY}


class TenderHall(RoundsHall):
    """A tender, with the host's act."""

    def lock(self, now: datetime, members: dict[str, Any]) -> None:
        """Locks the panel's scores."""
        fold = self.fold(now)
        fold.advance()
        fold.act("scores_locked", members)
        self.keep(fold)


def offered(*amounts_fen: int, **over: Any) -> TenderHall:
    """A tender in which A01, B02 and so on have sealed these prices."""
    hall = TenderHall(make_tender(**over))
    for second, (bidder, amount) in enumerate(zip(CODES, amounts_fen, strict=False)):
        assert hall.seal(bidder, amount, seconds(second)).refusal is None
    return hall
