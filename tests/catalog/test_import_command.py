"""``market import patents FILE``: progress, refused rows as a file, clear words when it cannot."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from typing import TYPE_CHECKING

import pytest

from app.__main__ import main
from tests.make_catalog import FACTS, json_lines, workbook, written_patent

if TYPE_CHECKING:
    from pathlib import Path

    from app.db import Database


@pytest.fixture
def on_this_database(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the command work on this process's database, as on a real server."""
    monkeypatch.setenv("DATABASE_URL", db.url)


async def call(*arguments: object) -> int:
    """Runs the command in a thread: it has an event loop of its own."""
    return await asyncio.to_thread(main, ["import", "patents", *map(str, arguments)])


@pytest.mark.usefixtures("on_this_database")
async def test_all_real_records_go_in_and_the_same_file_again_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await call(FACTS) == 0
    said = capsys.readouterr().out
    assert "JSON Lines, utf-8, 5,910 行 / rows" in said
    assert "3,000 / 5,910" in said
    assert "5,910 / 5,910" in said
    assert "5,910 new, 0 there already, 0 refused" in said
    seconds = re.search(r"refused \(([\d.]+) s\)", said)
    assert seconds is not None
    assert float(seconds[1]) < 60
    assert await call(FACTS) == 0
    said = capsys.readouterr().out
    assert "0 new, 5,910 there already, 0 refused" in said
    assert "没有带来任何变化" in said


@pytest.mark.usefixtures("on_this_database")
async def test_refused_rows_are_written_where_the_command_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "清单.jsonl"
    file.write_bytes(json_lines([written_patent(1), written_patent(2, application_no="89103229.2")]))
    assert await call(file) == 1
    assert "1 new, 0 there already, 1 refused" in capsys.readouterr().out
    with (tmp_path / "清单.jsonl.refused.csv").open(encoding="utf-8-sig", newline="") as refused:
        (row,) = csv.DictReader(refused)
    assert row["行号 / line"] == "2"
    assert row["原因代码 / code"] == "check-digit-wrong"
    assert "应为 0" in row["原因"]
    assert row["application_no"] == "89103229.2"
    assert await call(file, "--refused", tmp_path / "elsewhere.csv") == 1
    assert (tmp_path / "elsewhere.csv").exists()


@pytest.mark.usefixtures("on_this_database")
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "没有一行数据"),
        (FACTS.read_bytes()[:90_000], "gzip"),
        (json.dumps([written_patent(1)]).encode(), "JSON 数组"),
        (workbook(["名称"], [["一"]]), "申请号"),
        (b"PK\x03\x04", "已损坏"),
    ],
    ids=["nothing", "gzip", "array", "columns", "zip"],
)
async def test_a_file_bad_as_a_whole_takes_nothing_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, word: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert await call(file) == 2
    captured = capsys.readouterr()
    assert word in captured.err
    assert "new" not in captured.out


@pytest.mark.usefixtures("on_this_database")
async def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await call(tmp_path / "none.jsonl") == 2
    assert "打不开" in capsys.readouterr().err
