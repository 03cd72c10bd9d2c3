"""What is always to be seen: one sale of each way of bidding, again and again, in minutes instead of days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.demo.accounts import SECOND_BUYER_NAME
from app.demo.offers import DECLARED_JSON, OF_INVENTED
from app.demo.patents import SHOWN, TENDERED, invented_number

_START_FEN = 200_000_00
_STEP_FEN = 2_000_00
_FLOOR_FEN = 100_000_00
_TICKS = (_START_FEN - _FLOOR_FEN) // _STEP_FEN + 1


@dataclass(frozen=True)
class Run:
    """How long one sale of a show is: from its opening to its announced end, with the periods inside it."""

    seconds: int
    options: Mapping[str, Any]
    hard_end_seconds: int | None = None
    extension_seconds: int = 15


@dataclass(frozen=True)
class Show:
    """One way of bidding on the demonstration's board. The very first sale is short, so that one has ended soon."""

    format: str
    numbers: tuple[str, ...]
    first: Run
    usual: Run
    terms: Mapping[str, Any]

    def body(self, patent_id: str, opens_at: datetime, *, is_first: bool) -> dict[str, Any]:
        """The listing of one sale of this show as the API takes it."""
        run = self.first if is_first else self.usual
        closes_at = opens_at + timedelta(seconds=run.seconds)
        hard_end_at = None
        if run.hard_end_seconds is not None:
            hard_end_at = (opens_at + timedelta(seconds=run.hard_end_seconds)).isoformat()
        return {
            "patent_id": patent_id,
            "board": "demo",
            "description": OF_INVENTED,
            "start_price_fen": _START_FEN,
            "step_fen": _STEP_FEN,
            "deposit_fen": _START_FEN // 10,
            "opens_at": opens_at.isoformat(),
            "closes_at": closes_at.isoformat(),
            "hard_end_at": hard_end_at,
            "trigger_seconds": run.extension_seconds,
            "extension_seconds": run.extension_seconds,
            "format": self.format,
            "options": dict(run.options),
            "priority_declared": True,
            **DECLARED_JSON,
            **self.terms,
        }


def _clock(tick_seconds: int, **options: int) -> Run:
    """A price clock's end follows from its ticks; the last price stands for one too."""
    return Run(
        _TICKS * tick_seconds,
        {"tick_seconds": tick_seconds, "floor_price_fen": _FLOOR_FEN, **options},
    )


def _rounds(round_seconds: int, pause_seconds: int, hard_end_seconds: int) -> Run:
    """The announced end is that of the first round; acts carry it on, at most to the hard end."""
    options = {"round_seconds": round_seconds, "pause_seconds": pause_seconds}
    return Run(round_seconds, options, hard_end_seconds)


def _turns(seconds: int, pauses: list[int], slot_seconds: int) -> Run:
    return Run(seconds, {"pause_seconds": pauses, "slot_seconds": slot_seconds})


_SEALED = {"min_bidders": 2}
# 招标投标法 articles 28 and 37: three offers at least, and a panel of five.
_TENDERED = {"min_bidders": 3}
_ASSESSED = {
    "price_weight": 40,
    "criteria": [
        {"code": "solution", "zh": "实施方案", "en": "plan of use", "weight": 45},
        {"code": "team", "zh": "实施团队", "en": "team", "weight": 15},
    ],
    "experts": 5,
}
_HELD = {"priority": "in_field", "priority_holders": [SECOND_BUYER_NAME]}
_AUTOMATIC = {"automatic": True}
_PLANS: tuple[tuple[str, Run, Run, Mapping[str, Any]], ...] = (
    ("english", Run(50, _AUTOMATIC, 90, 5), Run(480, _AUTOMATIC, 600), {}),
    ("free_limited", Run(25, {"cycle_seconds": 8}), Run(240, {"cycle_seconds": 20}), _HELD),
    ("sealed_first_price", Run(40, {}), Run(420, {}), _SEALED),
    ("vickrey", Run(50, {}), Run(540, {}), _SEALED),
    ("dutch", _clock(1), _clock(6), {}),
    (
        "dutch_sealed_best",
        _clock(1, sealed_seconds=15, best_seconds=10),
        _clock(6, sealed_seconds=60, best_seconds=30),
        {},
    ),
    ("prozorro_rounds", _turns(30, [5, 5, 5], 6), _turns(150, [15, 10, 10], 12), _SEALED),
    ("raise_or_accept", _rounds(10, 2, 60), _rounds(40, 5, 480), {}),
    ("scored_tender", Run(40, _ASSESSED), Run(360, _ASSESSED), _TENDERED),
)
_SUBJECTS = (*SHOWN, *TENDERED)
SHOWS = tuple(
    Show(
        name,
        tuple(invented_number(title) for title, _ in _SUBJECTS[2 * at : 2 * at + 2]),
        first,
        usual,
        terms,
    )
    for at, (name, first, usual, terms) in enumerate(_PLANS)
)
