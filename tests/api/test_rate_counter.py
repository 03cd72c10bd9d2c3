"""Bids counted in a real Redis-compatible server for all processes, and by each for itself when it is down."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
import structlog

from app.api import rate_counter
from app.api.rate import BidRate, BidsTooFast
from app.embedded.valkey import RunningValkey
from app.ids import uuid7
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[RunningValkey]:
    with RunningValkey(tmp_path / "valkey") as running:
        yield running


async def test_two_processes_count_the_bids_of_a_party_together(valkey: RunningValkey) -> None:
    settings = Settings(redis_url=valkey.url, bid_limit="3/minute")
    one, other = BidRate(settings), BidRate(settings)
    party, another = uuid7(), uuid7()
    for rate in (one, other, one):
        await rate.check(party)
    for rate in (one, other):
        with pytest.raises(BidsTooFast):
            await rate.check(party)
    await other.check(another)
    await one.close()
    await other.close()


async def test_without_redis_bids_go_on_at_once_and_each_process_counts_and_says_so() -> None:
    rate = BidRate(Settings(redis_url="redis://127.0.0.1:1/0", bid_limit="50/minute"))
    party, began = uuid7(), time.monotonic()
    with structlog.testing.capture_logs() as said:
        for _ in range(50):
            await rate.check(party)
        with pytest.raises(BidsTooFast):
            await rate.check(party)
    assert time.monotonic() - began < 1
    # Once for each attempt to find it again, not once for each bid.
    assert [line["event"] for line in said] == ["bid_rate_without_redis"]
    await rate.close()


async def test_a_redis_that_comes_back_counts_for_all_again(
    valkey: RunningValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_counter, "_TRY_AGAIN_SECONDS", 0.1)
    settings = Settings(redis_url=valkey.url, bid_limit="1/minute")
    one, other = BidRate(settings), BidRate(settings)
    await one.check(uuid7())
    valkey.close()
    party = uuid7()
    await one.check(party)
    await other.check(party)
    assert valkey.ensure_running()
    await asyncio.sleep(0.15)
    late = uuid7()
    await one.check(late)
    with pytest.raises(BidsTooFast):
        await other.check(late)
    await one.close()
    await other.close()
