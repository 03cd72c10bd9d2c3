"""The smoke test itself: against a seeded demonstration market, and read-only against one without the mark."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.commands.smoke import main
from tests.live_market import LiveMarket, live_market, start_live_market

if TYPE_CHECKING:
    from app.embedded import RunningServer

__all__ = ["live_market"]
_LONGEST_SECONDS = 240  # a quiet machine needs 40


@pytest.mark.timeout(300)
def test_the_whole_journey_passes_on_a_demonstration_market(
    live_market: LiveMarket, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--url", live_market.url, "--json"])
    # The market's own log lines are on the same output, since it runs in this process.
    lines = capsys.readouterr().out.splitlines()
    told = json.loads(next(line for line in lines if line.startswith('{"ok"')))
    failed = [step for step in told["steps"] if step["expected"] is not None]
    assert not failed
    assert code == 0
    assert told["is_demonstration"]
    assert len(told["steps"]) > 35
    assert told["seconds"] < _LONGEST_SECONDS


def test_a_market_without_the_mark_is_only_read(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with start_live_market(server, is_demonstration=False) as market:
        code = main(["--url", market.url])
    out = capsys.readouterr().out
    assert code == 0
    assert "只读检查" in out
    assert "登记转让方" not in out


def test_where_no_market_answers_the_first_step_fails(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--url", "http://127.0.0.1:9"])
    out = capsys.readouterr().out
    assert code == 1
    assert "✗  1" in out
