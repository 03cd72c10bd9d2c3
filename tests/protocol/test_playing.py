"""Playing a file of requests: any format, time between the lines, answers and the result as JSON Lines."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from app.auction.protocol.playing import play
from app.commands.replay import main
from tests.database import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


def terms(**over: Any) -> Json:
    return {
        "format": "english",
        "start_price_fen": 100_00,
        "step_fen": 10_00,
        "opens_at": "2026-12-01T01:00:00Z",
        "closes_at": "2026-12-01T02:00:00Z",
        "trigger_seconds": 300,
        "extension_seconds": 300,
        **over,
    }


def bid(clock: str, bidder: str, amount: float, **over: Any) -> Json:
    return {"at": f"2026-12-01T{clock}Z", "bidder": bidder, "amount_fen": round(amount * 100), **over}


def run(parameters: Json, *lines: Json) -> list[Json]:
    return list(play([json.dumps(parameters), *(json.dumps(line) for line in lines)]))


def answers(told: list[Json]) -> list[bool | str]:
    return [
        line["ok"] or line["refusal"]["code"] for line in told if "line" in line and "unreadable" not in line
    ]


def result(told: list[Json]) -> tuple[str, str | None, int | None]:
    last = told[-1]["result"]
    return last["phase"], last["winner"], last["price_fen"]


def test_late_bids_move_the_end_and_the_closing_instant_is_too_late() -> None:
    told = run(
        {"terms": terms()},
        bid("01:57:00", "A", 100),
        bid("02:01:59", "B", 110),
        bid("02:06:59", "A", 120),
    )
    assert answers(told) == [True, True, "auction-over"]
    assert result(told) == ("sold", "B", 110_00)
    assert told[-1]["result"]["ends_at"] == "2026-12-01T02:06:59.000000Z"


def test_time_carries_a_sale_on_between_the_lines() -> None:
    told = run({"terms": terms()}, bid("01:10:00", "A", 100), bid("03:00:00", "B", 110))
    assert [line.get("act", "bid") for line in told[:-1]] == ["carry_on", "bid", "carry_on", "bid"]
    assert [event["kind"] for event in told[0]["events"]] == ["auction_opened"]
    assert told[2]["at"] == "2026-12-01T02:00:00.000000Z"
    assert [event["kind"] for event in told[2]["events"]] == ["auction_closed"]
    assert answers(told) == [True, "auction-over"]


def test_a_reserve_and_an_empty_sale_are_played_too() -> None:
    assert result(run({"terms": terms(), "reserve_fen": 200_00}, bid("01:10:00", "A", 100)))[0] == "unsold"
    assert result(run({"terms": terms(), "reserve_fen": 100_00}, bid("01:10:00", "A", 100)))[0] == "sold"
    assert result(run({"terms": terms()})) == ("unsold", None, None)


def test_limited_cycles_follow_the_free_period() -> None:
    told = run(
        {"terms": terms(format="free_limited", options={"cycle_seconds": 180})},
        bid("01:10:00", "A", 120),
        bid("01:11:00", "B", 125),
        bid("02:02:00", "B", 130),
    )
    assert answers(told) == [True, "bid-too-low", True]
    assert result(told) == ("sold", "B", 130_00)
    assert told[-2]["at"] == "2026-12-01T02:05:00.000000Z"


def test_a_holder_of_priority_matches() -> None:
    told = run(
        {
            "terms": terms(priority="in_field"),
            "bidders": [{"code": "A"}, {"code": "P", "has_priority": True}],
        },
        bid("01:10:00", "A", 130),
        bid("01:11:00", "P", 130, kind="match"),
        bid("01:12:00", "A", 130),
        bid("01:13:00", "A", 140),
        bid("01:14:00", "X", 150),
    )
    assert answers(told) == [True, True, "bid-too-low", True, "not-admitted"]
    assert result(told) == ("sold", "A", 140_00)


def test_maxima_answer_by_themselves() -> None:
    told = run(
        {"terms": terms(options={"automatic": True})},
        bid("01:10:00", "A", 500, kind="maximum"),
        bid("01:11:00", "B", 300, kind="maximum"),
    )
    assert answers(told) == [True, True]
    assert result(told) == ("sold", "A", 310_00)
    assert {event["stream"] for line in told[:-1] for event in line["events"]} == {"public", "A", "B"}


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((150, 120), ("sold", "A", 120_00)),
        ((150,), ("sold", "A", 100_00)),
        ((150, 150), ("sold", "A", 150_00)),
        ((90,), ("unsold", None, None)),
    ],
)
def test_sealed_second_price(amounts: tuple[int, ...], expected: tuple[Any, ...]) -> None:
    parameters = {
        "terms": terms(format="vickrey", start_price_fen=1_00, trigger_seconds=0, extension_seconds=0),
        "reserve_fen": 100_00,
    }
    lines = [bid(f"01:1{n}:00", "AB"[n], amount, kind="seal") for n, amount in enumerate(amounts)]
    told = run(parameters, *lines)
    assert answers(told) == [True] * len(amounts)
    assert result(told) == expected


def test_a_sealed_amount_that_could_never_count_is_refused_before_it_is_sealed() -> None:
    told = run(
        {"terms": terms(format="sealed_first_price", trigger_seconds=0, extension_seconds=0)},
        bid("01:10:00", "A", 99, kind="seal"),
    )
    assert answers(told) == ["bid-too-low"]


def test_a_host_suspends_resumes_and_voids() -> None:
    why = {"reason_zh": "故障", "reason_en": "a fault", "cause": "host"}
    told = run(
        {"terms": terms()},
        bid("01:10:00", "A", 100),
        {"at": "2026-12-01T01:20:00Z", "act": "suspend", **why},
        bid("01:21:00", "B", 110),
        {"at": "2026-12-01T03:00:00Z", "act": "resume"},
        {"at": "2026-12-01T03:10:00Z", "act": "suspend", **why},
        {"at": "2026-12-01T03:11:00Z", "act": "suspend", **why},
        {"at": "2026-12-01T03:20:00Z", "act": "void", **why},
    )
    assert answers(told) == [True, True, "auction-suspended", True, True, "auction-over", True]
    assert result(told) == ("void", None, None)


def test_a_suspended_sale_has_no_result_yet() -> None:
    why = {"reason_zh": "故障", "reason_en": "a fault", "cause": "host"}
    told = run({"terms": terms()}, {"at": "2026-12-01T01:20:00Z", "act": "suspend", **why})
    assert told[-1]["result"]["has_ended"] is False


@pytest.mark.parametrize(
    "lines",
    [
        ["nonsense"],
        ["[]"],
        ["{}"],
        [json.dumps({"terms": {**terms(), "format": "lottery"}})],
        [json.dumps({"terms": {**terms(), "closes_at": "later"}})],
        [json.dumps({"terms": terms(step_fen=0)})],
        [json.dumps({"terms": terms()}), "{"],
        [json.dumps({"terms": terms()}), json.dumps(bid("01:10:00", "A", 100, kind="shout"))],
        [json.dumps({"terms": terms()}), json.dumps({"bidder": "A", "amount_fen": 1})],
        [json.dumps({"terms": terms()}), json.dumps({**bid("01:10:00", "A", 100), "amount_fen": "1"})],
        [json.dumps({"terms": terms()}), json.dumps({**bid("01:10:00", "A", 100), "act": "shout"})],
        [json.dumps({"terms": terms()}), *(json.dumps(bid(f"01:{n}:00", "A", 100)) for n in (20, 10))],
        [
            json.dumps({"terms": terms(options={"automatic": True})}),
            json.dumps(bid("01:10:00", "A", 100, kind="maximum", key="zz")),
        ],
    ],
)
def test_a_line_that_cannot_be_read_is_named(lines: list[str]) -> None:
    last = list(play(lines))[-1]
    assert last["line"] == len(lines)
    assert last["unreadable"]["zh"]
    assert last["unreadable"]["en"]


def test_empty_lines_and_an_empty_file_are_nothing() -> None:
    assert list(play([])) == []
    assert answers(
        list(play(["", json.dumps({"terms": terms()}), " ", json.dumps(bid("01:10:00", "A", 100))]))
    )


def test_the_command_prints_json_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sale.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in ({"terms": terms()}, bid("01:10:00", "A", 100))))
    assert main([str(file)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert result(told) == ("sold", "A", 100_00)
    file.write_text("nonsense")
    assert main([str(file)]) == 2
    assert main([str(tmp_path / "missing")]) == 2


def test_the_command_reads_standard_input_and_needs_no_database() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "replay", "-"],
        input=json.dumps({"terms": terms()}) + "\n" + json.dumps(bid("01:10:00", "A", 100)) + "\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout.splitlines()[-1])["result"]["phase"] == "sold"
