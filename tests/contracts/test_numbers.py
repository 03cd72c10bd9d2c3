"""Registration numbers and verification codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contracts.errors import RegistrationNumberWrong, SeriesExhausted
from app.contracts.numbers import (
    compose_number,
    make_code,
    read_code,
    read_number,
    series_of,
    show_code,
    show_number,
)

serials = st.integers(min_value=1, max_value=999_999)


@given(st.integers(min_value=2000, max_value=2999), st.from_regex(r"[0-9]{4}", fullmatch=True), serials)
def test_a_number_reads_back_as_it_was_composed(year: int, region: str, serial: int) -> None:
    number = compose_number(f"{year}{region}01", serial)
    read = read_number(show_number(number))
    assert (read.year, read.region, read.office, read.serial) == (year, region, "01", serial)
    assert len(str(read)) == 16
    assert read.series == series_of(year, region, "01")


@pytest.mark.parametrize(
    "written",
    ["2026-1100-01-000128", "2026110001000128", "２０２６ 1100 01 000128", " 2026－1100－01－000128 "],
)
def test_a_number_is_read_as_people_write_it(written: str) -> None:
    assert str(read_number(written)) == "2026110001000128"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-1100-01-00012",
        "20261100010001281",
        "2026-1100-0A-000128",
        "2026110001000000",
        "２" * 15 + "٣",
    ],
)
def test_another_shape_is_refused(written: str) -> None:
    with pytest.raises(RegistrationNumberWrong) as refused:
        read_number(written)
    assert "16" in refused.value.detail("zh")


def test_codes_of_another_shape_make_no_series() -> None:
    with pytest.raises(RegistrationNumberWrong):
        series_of(2026, "110", "01")


@pytest.mark.parametrize("serial", [0, 1_000_000])
def test_a_series_has_999999_numbers(serial: int) -> None:
    with pytest.raises(SeriesExhausted):
        compose_number("2026110001", serial)


def test_codes_are_unlike_each_other_and_unlike_numbers() -> None:
    codes = {make_code() for _ in range(2000)}
    assert len(codes) == 2000
    for code in codes:
        assert len(code) == 16
        assert code[0].isalpha()
        assert not set(code) & set("ILOU")
        assert read_code(code) == code


@given(st.integers(min_value=0))
def test_a_code_is_read_however_it_was_copied(seed: int) -> None:
    code = make_code()
    copied = show_code(code).lower()
    if seed % 2:
        copied = copied.replace("-", " ")
    if seed % 3:
        copied = copied[0] + copied[1:].replace("0", "o").replace("1", "l")
    assert read_code(copied) == code


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_code(text: str) -> None:
    code = read_code(text)
    assert code is None or len(code) == 16


def test_a_number_is_not_taken_for_a_code() -> None:
    assert read_code("2026110001000128") is None
    assert show_code("K7Q2M9XD4TNAP3VC") == "K7Q2-M9XD-4TNA-P3VC"
