"""A real deployment is hurt while bidders bid: whatever was acknowledged is in the record, and nothing else is."""

from __future__ import annotations

import pytest

from bench.faults.running import run
from bench.faults.storm import storm


@pytest.mark.timeout(600)
async def test_after_every_kind_of_fault_each_record_holds_and_the_books_balance() -> None:
    report = await run(300, rounds=1, patience=15)
    assert report["problems"] == [], report
    assert {name for name, count in report["kills"].items() if count} == {
        "web",
        "worker",
        "postgres",
        "valkey",
        "dark",
    }
    assert report["requests"]["accepted"] > 0
    assert report["decisions"]["resume"] > 0


@pytest.mark.timeout(300)
async def test_in_a_storm_of_bids_at_the_close_a_bid_and_the_close_never_both_win() -> None:
    report = await storm(120)
    assert report["problems"] == [], report
    assert report["closed"] == 120
    assert report["requests"]["accepted"] > 0
    assert report["requests"]["auction-over"] > 0
