"""Every format in both directions through the real tables: they hold each stage, and let each legal step pass."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from app.auction.rules.formats import FORMATS
from tests.auction.twin_sale import START_FEN, STEP_FEN, make_twin
from tests.auction.walking import Walk

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

DIRECTIONS = ("forward", "reverse")
_MOST_WALKS = 12
POST = {"priority": "post", "priority_seconds": 60}
NO_EXTENSION = {"trigger_seconds": 0, "extension_seconds": 0}
TENDER = {
    "price_weight": "40",
    "criteria": [{"code": "technique", "zh": "技术", "en": "technique", "weight": "60"}],
}


class Case(NamedTuple):
    """A format with parameters, and the stages through which a walk has to go."""

    format: str
    direction: str
    over: dict[str, Any]
    stages: set[str]

    def __str__(self) -> str:
        named = self.over.get("priority") or ("automatic" if "automatic" in str(self.over) else "")
        return f"{self.format}-{self.direction}-{named}"


def cases(direction: str) -> Iterator[Case]:
    """The formats of one direction, most of them with two sets of parameters."""
    sign = 1 if direction == "forward" else -1
    reserve = {"reserve_fen": START_FEN + sign * 3 * STEP_FEN}
    last_price = {
        "floor_price_fen" if sign > 0 else "ceiling_price_fen": START_FEN - sign * 5 * STEP_FEN,
        "tick_seconds": 60,
    }
    automatic = {"options": {"automatic": True}, "min_bidders": 2, "priority": "in_field"}
    cycles = {"cycle_seconds": 180, "entry": "free_bidders", "entry_seconds": 300}
    tie = {"options": {"tie_rule": "extra_round", "extra_seconds": 300}}
    clock = {**NO_EXTENSION, "lasts": 360}
    hybrid = {**last_price, "sealed_seconds": 300, "best_seconds": 120}
    short = {"pause_seconds": [30, 20, 10], "slot_seconds": 20}
    rounds = {"options": {"round_seconds": 60, "pause_seconds": 40}, "lasts": 60, "hard_end_at": 80}
    listed: list[tuple[str, dict[str, Any], str]] = [
        ("english", {**reserve, **automatic}, ""),
        ("english", {**POST, "hard_end_at": 3600}, "priority"),
        ("free_limited", {**reserve, "options": {**cycles, "automatic": True}}, "free entry limited"),
        ("free_limited", {**POST, "options": cycles, "hard_end_at": 4080}, "free entry limited priority"),
        ("sealed_first_price", {**NO_EXTENSION, **tie, **POST}, "sealed extra"),
        ("vickrey", {**NO_EXTENSION, **reserve, **tie}, "sealed extra"),
        ("dutch", {**clock, **POST, "options": last_price}, "clock taken priority"),
        ("dutch_sealed_best", {**clock, "options": hybrid}, "clock sealed best bettered"),
        ("prozorro_rounds", {**NO_EXTENSION, **reserve, "min_bidders": 2}, "sealed pause turn"),
        (
            "prozorro_rounds",
            {**NO_EXTENSION, **POST, "min_bidders": 2, "options": short},
            "sealed pause turn priority",
        ),
        ("raise_or_accept", {**NO_EXTENSION, **reserve, "lasts": 180}, "round pause"),
        ("raise_or_accept", {**NO_EXTENSION, **POST, **rounds}, "round over"),
        (
            "scored_tender",
            {**NO_EXTENSION, **POST, "min_bidders": 2, "options": TENDER},
            "sealed scoring priority",
        ),
    ]
    for name, over, stages in listed:
        yield Case(name, direction, over, set(stages.split()))


CASES = [case for direction in DIRECTIONS for case in cases(direction)]


def test_no_format_is_left_out() -> None:
    assert {(case.format, case.direction) for case in CASES} == {
        (name, direction) for name in FORMATS for direction in DIRECTIONS
    }


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_tables_hold_a_sale_as_the_rules_carry_it_on(
    session: Session, now_is: SetNow, case: Case
) -> None:
    """Requests, the worker, the host and time by chance; after each step rows and events are those of the rules alone."""
    seen: set[str] = set()
    for seed in range(_MOST_WALKS):
        twin = await make_twin(session, now_is, format=case.format, direction=case.direction, **case.over)
        await Walk(twin, Random(seed)).run()
        seen |= twin.stages
        if case.stages <= seen:
            return
    message = f"the walks went through {sorted(seen)} alone"
    raise AssertionError(message)
