"""The trading rules and the preview of a draft's own through the API, and what the preview refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.trades.method import FORMAT_WORDS

if TYPE_CHECKING:
    from httpx2 import AsyncClient

RULES = "/api/v1/trading-rules"
DRAFT = {
    "format": "english",
    "start_price_fen": 10_000_000,
    "step_fen": 100_000,
    "deposit_fen": 1_000_000,
    "opens_at": "2030-01-07T01:00:00Z",
    "closes_at": "2030-01-08T01:00:00Z",
}


def _nested(depth: int) -> dict[str, Any]:
    return {"a": _nested(depth - 1)} if depth else {}


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("name", sorted(FORMAT_WORDS))
async def test_every_format_is_shown_in_words_both_ways(
    client: AsyncClient, name: str, direction: str
) -> None:
    answer = await client.get(RULES, params={"format": name, "direction": direction})
    assert answer.status_code == 200, answer.text
    example = answer.json()["example"]
    assert example["zh"]
    assert len(example["zh"]) == len(example["en"])
    assert (example["terms"]["format"], example["terms"]["direction"]) == (name, direction)


async def test_an_unknown_format_is_not_found(client: AsyncClient) -> None:
    answer = await client.get(RULES, params={"format": "candle"})
    assert answer.status_code == 404, answer.text
    assert (await client.get(RULES)).json()["example"] is None


async def test_the_preview_is_the_same_for_the_same_draft(client: AsyncClient) -> None:
    first = await client.post(f"{RULES}/previews", json=DRAFT)
    again = await client.post(f"{RULES}/previews", json=DRAFT)
    other = await client.post(f"{RULES}/previews", json={**DRAFT, "step_fen": 200_000})
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert first.json()["sha256"] != other.json()["sha256"]


@pytest.mark.parametrize(
    "over",
    [
        {"format": "candle"},
        {"closes_at": DRAFT["opens_at"]},
        {"options": {"no_such_option": 1}},
        {"options": {"automatic": 0.5}},
        {"options": {"automatic": "a\u0000"}},
        {"options": _nested(6)},
        {"options": {"ladder": [1] * 300}},
        {"start_price_fen": 0},
        {"opens_at": "2030-01-07T01:00:00"},
    ],
    ids=["format", "times", "option", "float", "nul", "deep", "many", "nothing", "no-zone"],
)
async def test_a_draft_that_no_sale_could_be_is_refused_in_words(
    client: AsyncClient, over: dict[str, Any]
) -> None:
    answer = await client.post(f"{RULES}/previews", json={**DRAFT, **over})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"]
