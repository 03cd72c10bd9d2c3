"""Lists as workbooks: amounts are numbers, text is never a formula, and the rows are all that the list gives."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from app.api import sheets
from app.api.deps import cursor_of
from app.api.sheets import Column, ListTooLong, Sheet, write_sheet
from app.api.wire import Page, PageOf

COLUMNS = (
    Column("name", "户名", "Name"),
    Column("amount_fen", "金额（元）", "Amount (CNY)", "fen"),
    Column("on", "日期", "Day", "day"),
    Column("at", "时间", "At", "moment"),
    Column("inner.word", "内", "Inner", words={"a": "甲"}),
)


def row(**over: Any) -> SimpleNamespace:
    columns = {
        "name": "虚构有限公司",
        "amount_fen": 12_345,
        "on": date(2026, 1, 5),
        "at": datetime(2026, 1, 5, 16, 30, 0, 999, UTC),
        "inner": SimpleNamespace(word="a"),
    }
    return SimpleNamespace(**columns | over)


def cells(content: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(content))
    return [list(line) for line in book.active.iter_rows()]  # type: ignore[union-attr]


def test_amounts_are_yuan_with_two_decimals_and_instants_are_shanghai_s() -> None:
    heading, first = cells(write_sheet("表", COLUMNS, [row()]))
    assert [cell.value for cell in heading][:2] == ["户名 Name", "金额（元） Amount (CNY)"]
    assert [cell.value for cell in first] == [
        "虚构有限公司",
        123.45,
        datetime(2026, 1, 5),  # noqa: DTZ001 - workbooks know no zone
        datetime(2026, 1, 6, 0, 30),  # noqa: DTZ001
        "甲",
    ]
    assert (first[1].data_type, first[1].number_format) == ("n", "#,##0.00")


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "'=1"]
)
def test_what_somebody_wrote_is_never_a_formula(text: str) -> None:
    _, first = cells(write_sheet("表", COLUMNS[:1], [row(name=text)]))
    assert (first[0].data_type, first[0].value, first[0].number_format) == ("s", text, "@")


def test_characters_that_no_workbook_holds_are_left_out() -> None:
    _, first = cells(write_sheet("表", COLUMNS[:1], [row(name="甲\x00\x0b乙")]))
    assert first[0].value == "甲乙"


def test_what_is_not_there_is_empty() -> None:
    _, first = cells(write_sheet("表", COLUMNS, [row(amount_fen=None, inner=None)]))
    assert (first[1].value, first[4].value) == (None, None)


async def test_all_pages_are_read_with_the_list_s_own_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_PAGE_ROWS", 2)
    asked: list[tuple[object, str]] = []

    async def endpoint(*, page: Page, status: str) -> PageOf[Any]:
        start = int(page.after[0]) if page.after else 0
        asked.append((page.after, status))
        end = start + page.limit
        return PageOf[Any].model_construct(
            items=list(range(start, min(end, 5))), next_cursor=cursor_of(end) if end < 5 else None
        )

    sheet = Sheet("x", "表", "x", endpoint, COLUMNS, lambda item: [item, item])
    assert await sheets._read_all(sheet, {"status": "due"}) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert asked == [(None, "due"), (("2",), "due"), (("4",), "due")]
    monkeypatch.setattr(sheets, "MOST_ROWS", 9)
    with pytest.raises(ListTooLong):
        await sheets._read_all(sheet, {"status": "due"})
