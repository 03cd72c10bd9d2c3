"""One point of a review (审核要点): the fact that was computed, its basis, and what follows from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from app.errors import MarketError

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = Literal["pass", "fail", "look"]


@dataclass(frozen=True)
class Check:
    """One point of a review: ``pass`` and ``fail`` are computed, ``look`` is for the reviewer's own eyes."""

    key: str
    name_zh: str
    name_en: str
    fact_zh: str
    fact_en: str
    basis_zh: str
    basis_en: str
    outcome: Outcome

    def as_json(self) -> dict[str, str]:
        """The check as it is kept with the decision."""
        return asdict(self)


def refusal_of(rule: Callable[[], object]) -> MarketError | None:
    """What a rule says against it; None when it holds."""
    try:
        rule()
    except MarketError as refusal:
        return refusal
    return None


def judge(refusal: MarketError | None, fact_zh: str, fact_en: str) -> tuple[str, str, Outcome]:
    """The words and the outcome of a point: the refusal's own, or the fact where nothing is against it."""
    if refusal is not None:
        return refusal.detail("zh"), refusal.detail("en"), "fail"
    return fact_zh, fact_en, "pass"
