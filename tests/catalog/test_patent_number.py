"""Application numbers: forms, check digits, years, kinds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.errors import (
    CheckDigitMissing,
    CheckDigitWrong,
    NumberMalformed,
    NumberYearImpossible,
    PatentNumberMalformed,
)
from app.catalog.patent_number import (
    PatentType,
    check_digit,
    parse_application_number,
    parse_publication_number,
    without_check_digit,
)
from app.errors import Invalid

LONG = st.builds(
    lambda year, kind, serial: f"{year}{kind}{serial:07d}",
    st.integers(2004, 2026),
    st.sampled_from("12389"),
    st.integers(0, 9_999_999),
)
SHORT = st.builds(
    lambda year, kind, serial: f"{year:02d}{kind}{serial:05d}",
    st.sampled_from([*range(89, 100), 0, 1, 2, 3]),
    st.sampled_from("12389"),
    st.integers(0, 99_999),
)
BODY = LONG | SHORT


@pytest.mark.parametrize(
    "number",
    ["201710601862.3", "201610076159.0", "97101765.4", "95115608.X", "200410018477.9", "201210004145.X"],
)
def test_a_real_number_holds(number: str) -> None:
    assert parse_application_number(number).text == f"CN{number}"


def test_a_printed_example_with_a_wrong_check_digit_is_refused_with_the_right_digit() -> None:
    with pytest.raises(CheckDigitWrong) as raised:
        parse_application_number("89103229.2")
    assert (raised.value.expected, raised.value.found) == ("0", "2")
    assert raised.value.corrected == "CN89103229.0"
    assert "应为 0" in raised.value.detail("zh")
    assert "should be 0" in raised.value.detail("en")


@pytest.mark.parametrize(
    "written",
    [
        "CN201710601862.3",
        "ZL201710601862.3",
        "zl 201710601862.3",
        "2017106018623",
        "ZL２０１７１０６０１８６２．３",
        "ＣＮ２０１７１０６０１８６２。３",
        " 2017 1060 1862 . 3 ",
        "\u3000CN201710601862.3\u00a0",
    ],
)
def test_every_way_of_writing_gives_one_normal_form(written: str) -> None:
    assert parse_application_number(written).text == "CN201710601862.3"


@pytest.mark.parametrize("written", ["95115608.x", "95115608X", "ＺＬ95115608．Ｘ"])
def test_the_check_digit_x_is_taken_small_or_wide_or_without_dot(written: str) -> None:
    assert parse_application_number(written).text == "CN95115608.X"


def test_a_number_of_before_1989_may_lack_the_check_digit() -> None:
    found = parse_application_number("CN85102475")
    assert (found.text, found.has_check_digit, found.year) == ("CN85102475", False, 1985)


def test_a_check_digit_of_before_1989_is_kept_and_verified() -> None:
    assert parse_application_number("CN88105304.X").text == "CN88105304.X"
    with pytest.raises(CheckDigitWrong):
        parse_application_number("88105304.1")


def test_a_number_is_one_with_and_without_its_check_digit() -> None:
    assert without_check_digit("CN88105304.X") == without_check_digit("CN88105304") == "CN88105304"


@pytest.mark.parametrize(
    ("written", "digit"), [("97101765", "4"), ("CN201710601862", "3"), ("89103229", "0")]
)
def test_a_later_number_without_check_digit_is_refused_with_the_digit(written: str, digit: str) -> None:
    with pytest.raises(CheckDigitMissing) as raised:
        parse_application_number(written)
    assert raised.value.expected == digit
    assert digit in raised.value.detail("zh")


@pytest.mark.parametrize(
    ("body", "patent_type", "is_pct"),
    [
        ("201510000001", PatentType.INVENTION, False),
        ("201520000001", PatentType.UTILITY_MODEL, False),
        ("201530000001", PatentType.DESIGN, False),
        ("201580000001", PatentType.INVENTION, True),
        ("201590000001", PatentType.UTILITY_MODEL, True),
        ("99300001", PatentType.DESIGN, False),
        ("99800001", PatentType.INVENTION, True),
        ("201540000001", None, False),
    ],
)
def test_the_kind_digit_tells_the_type(body: str, patent_type: PatentType | None, is_pct: bool) -> None:  # noqa: FBT001
    found = parse_application_number(f"{body}.{check_digit(body)}")
    assert (found.patent_type, found.is_pct) == (patent_type, is_pct)


@pytest.mark.parametrize("body", ["30101765", "04101765", "84101765", "200210601862", "190010601862"])
def test_a_year_that_had_no_such_numbers_is_refused(body: str) -> None:
    with pytest.raises(NumberYearImpossible):
        parse_application_number(f"{body}.{check_digit(body)}")


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "专利",
        "CN",
        "1234567",
        "123456789012345",
        "US201710601862.3",
        "201710601862.Y",
        "2017106018.62.3",
        "20171060186２3x",
    ],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(NumberMalformed):
        parse_application_number(written)


@settings(deadline=None)
@given(BODY)
def test_a_number_with_its_check_digit_is_its_own_normal_form(body: str) -> None:
    text = f"CN{body}.{check_digit(body)}"
    found = parse_application_number(text)
    assert found.text == text
    assert parse_application_number(found.text) == found


@settings(deadline=None)
@given(BODY, st.sampled_from("0123456789X"))
def test_exactly_one_check_digit_holds(body: str, digit: str) -> None:
    if digit == check_digit(body):
        assert parse_application_number(f"{body}.{digit}").text == f"CN{body}.{digit}"
    else:
        with pytest.raises(CheckDigitWrong):
            parse_application_number(f"{body}.{digit}")


@settings(deadline=None)
@given(LONG, st.integers(5, 11), st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(body: str, place: int, shift: int) -> None:
    digit = str((int(body[place]) + shift) % 10)
    mistyped = body[:place] + digit + body[place + 1 :]
    with pytest.raises(CheckDigitWrong):
        parse_application_number(f"{mistyped}.{check_digit(body)}")


def refusal_of(written: str) -> Invalid | None:
    try:
        parse_application_number(written)
    except Invalid as error:
        return error
    return None


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_reason_in_both_languages(written: str) -> None:
    error = refusal_of(written)
    assert error is None or (error.detail("zh") and error.detail("en"))


def test_a_publication_number_is_normalised() -> None:
    assert parse_publication_number(" cn 105761178 a ") == "CN105761178A"
    assert parse_publication_number("ＣＮ202644312Ｕ") == "CN202644312U"
    for written in ("105761178A", "CN105761178", "CN1A", "CN²02644312U专"):
        with pytest.raises(PatentNumberMalformed):
            parse_publication_number(written)
