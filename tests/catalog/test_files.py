"""Files of patents: formats, encodings, and every way in which a file can be bad."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.columns import pick_facts
from app.catalog.errors import (
    ArchiveUnsafe,
    ColumnsUnknown,
    FileEmpty,
    FileFormatUnknown,
    FileTooLarge,
    FileUnreadable,
)
from app.catalog.files import Limits, PatentFile, Row, open_patent_file
from app.catalog.patent_facts import read_facts
from app.errors import MarketError
from tests.make_catalog import FACTS, OFFICE_EXPORT, json_lines, workbook, written_patent

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = ["申请号", "名称", "申请日", "主分类号", "申请（专利权）人"]
TODAY = date(2026, 11, 22)


def office_row(serial: int) -> list[str]:
    row = written_patent(serial)
    return [row["application_no"], row["title"], "2015.05.01", "H01M10/0525(2010.01)I", row["applicant"]]


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([HEADINGS, *rows])
    return target.getvalue().encode(encoding)


def opened(content: bytes, limits: Limits | None = None) -> PatentFile:
    return open_patent_file(io.BytesIO(content), limits)


def rows_of(content: bytes) -> list[Row]:
    return list(opened(content).rows())


def codes(rows: list[Row]) -> list[str | None]:
    return [row.problem.code if row.problem else None for row in rows]


def test_all_real_records_are_read_and_every_one_is_good() -> None:
    file = opened(FACTS.read_bytes())
    facts = [read_facts(pick_facts(row.cells), TODAY) for row in file.rows()]
    assert (file.file_format, file.encoding) == ("json_lines", "utf-8")
    assert len(facts) == 5910
    assert len({item.application_no for item in facts}) == 5910
    assert sum("no_check_digit" in item.marks for item in facts) == 9
    assert sum("applicant_withheld" in item.marks for item in facts) == 3225


def test_the_patent_offices_export_is_recognised_by_its_own_column_names() -> None:
    rows = rows_of(OFFICE_EXPORT.read_bytes())
    facts = [read_facts(pick_facts(row.cells), TODAY) for row in rows]
    assert len(facts) == 30
    assert facts[0].application_no == "CN201220249767.4"
    assert facts[0].filing_on == date(2012, 5, 31)
    assert facts[0].ipc_main == "E01B3/32"
    assert facts[0].patent_no == "CN202644312U"
    assert facts[0].patent_type == "utility_model"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_and_the_encoding_is_told(encoding: str, delimiter: str) -> None:
    file = opened(as_csv([office_row(1), office_row(2)], encoding, delimiter))
    assert (file.file_format, file.encoding) == ("csv", encoding)
    facts = [read_facts(pick_facts(row.cells), TODAY) for row in file.rows()]
    assert [item.title for item in facts] == ["一种储能装置1", "一种储能装置2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_lines_are_read_in_every_encoding(encoding: str) -> None:
    content = json_lines([written_patent(1), written_patent(2)]).decode().encode(encoding)
    file = opened(gzip.compress(content))
    assert (file.file_format, file.encoding) == ("json_lines", encoding)
    assert [row.cells["title"] for row in file.rows()] == ["一种储能装置1", "一种储能装置2"]


def test_one_damaged_line_does_not_turn_the_others_into_nonsense() -> None:
    lines = as_csv([office_row(1), office_row(2), office_row(3)]).splitlines(keepends=True)
    damaged = b"".join([*lines[:2], lines[2].replace("储".encode(), b"\xff\xfe"), lines[3]])
    file = opened(damaged)
    rows = list(file.rows())
    assert file.encoding == "utf-8"
    assert rows[0].cells["名称"] == "一种储能装置1"
    assert "\udcff" in rows[1].cells["名称"]
    assert rows[2].cells["名称"] == "一种储能装置3"


def test_excel_is_read_with_dates_as_dates_and_numbers_as_numbers() -> None:
    rows = [
        [*office_row(1)[:2], date(2015, 5, 1), *office_row(1)[3:]],
        [201710601862.3, "乙", 20150501, "G06F", ""],
    ]
    file = opened(workbook(HEADINGS, rows))
    facts = [read_facts(pick_facts(row.cells), TODAY) for row in file.rows()]
    assert (file.file_format, file.encoding) == ("excel", None)
    assert [item.filing_on for item in facts] == [date(2015, 5, 1)] * 2
    assert facts[1].application_no == "CN201710601862.3"


def test_headings_below_a_title_are_found_and_blank_rows_are_no_rows() -> None:
    rows = rows_of(workbook(HEADINGS, [office_row(1), [], [None, " "], office_row(2)], title_rows=3))
    assert [row.line_no for row in rows] == [5, 8]


def test_an_excel_formula_refuses_its_row_and_no_other() -> None:
    rows = rows_of(
        workbook(
            HEADINGS,
            [office_row(1), [*office_row(2)[:1], '=CONCAT("一","种")', "2015", "G06F", ""], office_row(3)],
        )
    )
    assert codes(rows) == [None, "formula-refused", None]
    assert rows[1].problem is not None
    assert "名称" in rows[1].problem.zh


def test_a_csv_cell_that_a_spreadsheet_would_run_is_refused() -> None:
    row = office_row(2)
    row[1] = "=HYPERLINK(1)"
    assert codes(rows_of(as_csv([office_row(1), row]))) == [None, "formula-refused"]


def test_a_broken_json_line_refuses_its_row_and_no_other() -> None:
    good = json_lines([written_patent(1)])
    content = good + b'{"application_no": "CN2\n' + b"[1]\n" + b"\n" + b'{"a": 1}\n' + good
    rows = rows_of(content)
    assert codes(rows) == [None, "row-unreadable", "row-unreadable", "row-unreadable", None]
    assert [row.line_no for row in rows] == [1, 2, 3, 5, 6]


def test_a_json_line_that_is_not_utf8_says_so() -> None:
    good = json_lines([written_patent(1), written_patent(2)])
    rows = rows_of(good + '{"title": "储能"}'.encode("gb18030") + b"\n")
    assert codes(rows) == [None, None, "row-unreadable"]
    assert rows[2].problem is not None
    assert "UTF-8" in rows[2].problem.zh


def test_a_csv_row_with_too_many_cells_is_refused() -> None:
    assert codes(rows_of(as_csv([[*office_row(1), "更多"], office_row(2)]))) == ["row-unreadable", None]


def test_a_quote_that_does_not_close_is_reported_with_its_line() -> None:
    content = as_csv([office_row(1)]) + b'"CN2015\n' + b"x" * 140_000 + b"\n"
    rows = rows_of(content)
    assert codes(rows) == [None, "row-unreadable"]
    assert rows[1].line_no == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n  \n", "\ufeff".encode(), gzip.compress(b""), as_csv([])],
    ids=["nothing", "blanks", "mark", "packed", "headings"],
)
def test_an_empty_file_says_so(content: bytes) -> None:
    with pytest.raises(FileEmpty):
        opened(content)


def test_an_empty_workbook_says_so() -> None:
    with pytest.raises(FileEmpty):
        opened(workbook(HEADINGS, []))
    with pytest.raises(FileEmpty):
        opened(workbook([], []))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'[{"a": 1}]', "JSON 数组"),
        ("申请号,名称".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"%PDF-1.7\x00\x00\n", "不是文本"),
    ],
    ids=["array", "utf-16", "xls", "pdf"],
)
def test_another_format_is_named(content: bytes, word: str) -> None:
    with pytest.raises(FileFormatUnknown) as raised:
        opened(content)
    assert word in raised.value.detail("zh")


@pytest.mark.parametrize(
    "content",
    ["名称,作者\n一,二\n".encode(), workbook(["名称", "作者"], [["一", "二"]]), b"hello\nworld\n"],
    ids=["csv", "excel", "text"],
)
def test_missing_columns_are_named(content: bytes) -> None:
    with pytest.raises(ColumnsUnknown) as raised:
        opened(content)
    assert "申请号" in raised.value.missing_zh
    assert "filing date" in raised.value.missing_en


def test_a_broken_gzip_is_one_clear_error() -> None:
    packed = FACTS.read_bytes()
    for broken in (
        packed[: len(packed) // 2],
        packed[:1000] + b"\x00" * 50 + packed[1050:],
        b"\x1f\x8bnonsense",
    ):
        with pytest.raises(FileUnreadable) as raised:
            opened(broken).count_rows()
        assert "gzip" in raised.value.detail("zh")


@pytest.mark.parametrize("value", ["[" * 1000 + "]" * 1000, '{"a":' * 500 + "1" + "}" * 500])
def test_a_line_that_is_nested_deeply_is_one_refused_row_and_stops_no_other(value: str) -> None:
    good = next(iter(json_lines([written_patent(1)]).splitlines()))
    deep = '{"申请号":' + value + ',"名称":"x"}'
    assert codes(rows_of(b"\n".join([deep.encode(), good]))) == ["row-unreadable", None]


def test_a_gzip_bomb_is_stopped_at_the_bound() -> None:
    bomb = gzip.compress((b" " * 1023 + b"\n") * 3000)
    with pytest.raises(FileTooLarge):
        opened(bomb, Limits(unpacked_bytes=1024 * 1024))
    with pytest.raises(FileTooLarge):
        opened(gzip.compress(b"{" * 3_000_000))


def test_too_many_rows_are_refused_as_a_whole() -> None:
    with pytest.raises(FileTooLarge):
        opened(json_lines(written_patent(serial) for serial in range(11)), Limits(rows=10)).count_rows()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with parts replaced or added; names are given with __ for / and _dot_ for the dot."""
    named = {name.replace("__", "/").replace("_dot_", "."): part for name, part in parts.items()}
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, named.pop(entry.filename, old.read(entry.filename)))
        for name, part in named.items():
            new.writestr(name, part)
    return target.getvalue()


GOOD_WORKBOOK = workbook(HEADINGS, [office_row(1)])


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ArchiveUnsafe) as raised:
        opened(repacked(GOOD_WORKBOOK, xl__media__a_dot_bin=bytes(20 * 1024 * 1024)))
    assert "压缩比" in raised.value.detail("zh")
    with pytest.raises(ArchiveUnsafe):
        opened(GOOD_WORKBOOK, Limits(unpacked_bytes=100))


@pytest.mark.parametrize(
    ("part", "inside"),
    [
        # Short elements pack so well and swell so much that their number has to be bounded, not only their bytes.
        ("xl__worksheets__sheet1_dot_xml", b"<sheetData><row>" + b"<c/>" * 20_000 + b"</row></sheetData>"),
        (
            "xl__worksheets__sheet1_dot_xml",
            b"<sheetData><row>" + b"<row/><c/>" * 20_000 + b"</row></sheetData>",
        ),
        ("xl__styles_dot_xml", b"<cellXfs>" + b"<xf/>" * 250_000 + b"</cellXfs>"),
    ],
)
def test_a_workbook_that_would_swell_in_memory_is_refused(part: str, inside: bytes) -> None:
    with pytest.raises(ArchiveUnsafe):
        opened(repacked(GOOD_WORKBOOK, **{part: b"<worksheet>" + inside + b"</worksheet>"}))


def test_a_zip_of_very_many_files_is_refused() -> None:
    with pytest.raises(ArchiveUnsafe):
        opened(repacked(GOOD_WORKBOOK, **{f"xl__{number}_dot_txt": b"" for number in range(600)}))


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>',
    ],
)
def test_entities_are_refused_wherever_they_are_declared(declaration: bytes) -> None:
    xml = b'<?xml version="1.0"?>' + b"<!--" + b"." * 300_000 + b"-->" + declaration + b"<sst/>"
    with pytest.raises(ArchiveUnsafe):
        opened(repacked(GOOD_WORKBOOK, xl__sharedStrings_dot_xml=xml))
    with pytest.raises(ArchiveUnsafe):
        opened(repacked(GOOD_WORKBOOK, xl__sharedStrings_dot_xml=declaration.decode().encode("utf-16")))


def test_a_zip_that_is_no_workbook_is_named_so() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("专利.csv", "申请号")
    with pytest.raises(FileFormatUnknown):
        opened(target.getvalue())


@pytest.mark.parametrize(
    "sheet",
    [b"<worksheet", b"<?xml version='1.0'?><worksheet><sheetData><row r='x'/></sheetData></worksheet>"],
)
def test_a_workbook_with_a_broken_inside_is_one_clear_error(sheet: bytes) -> None:
    with pytest.raises((FileUnreadable, FileEmpty)):
        opened(repacked(GOOD_WORKBOOK, xl__worksheets__sheet1_dot_xml=sheet)).count_rows()


def test_a_row_number_beyond_excels_last_is_refused_at_once() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
        b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises((FileUnreadable, ColumnsUnknown)):
        opened(repacked(GOOD_WORKBOOK, xl__worksheets__sheet1_dot_xml=sheet))


def fault_of(content: bytes) -> MarketError | None:
    try:
        opened(content, Limits(rows=100, unpacked_bytes=1024 * 1024)).count_rows()
    except MarketError as error:
        return error
    return None


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"{", "申请号,名称\n".encode()]),
)
def test_any_bytes_are_read_or_refused_with_a_reason(tail: bytes, head: bytes) -> None:
    error = fault_of(head + tail)
    assert error is None or (error.detail("zh") and error.detail("en"))


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # as the program does for its whole process
@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD_WORKBOOK) - 1), st.integers(1, 255))
def test_a_workbook_with_a_damaged_byte_is_read_or_refused_with_a_reason(place: int, shift: int) -> None:
    damaged = bytearray(GOOD_WORKBOOK)
    damaged[place] = (damaged[place] + shift) % 256
    error = fault_of(bytes(damaged))
    assert error is None or (error.detail("zh") and error.detail("en"))
