"""The unified social credit code: vectors, what the refusal says, and that no single slip passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.credit_code import (
    ALPHABET,
    DEPARTMENTS,
    check_character,
    inner_check_character,
    normalise_credit_code,
    read_credit_code,
)
from app.accounts.errors import CreditCodeWrong

REAL = "91110000600037341L"
VALID = [REAL, "91330100123456788G", "N2370282MF00000054", "12100000400000018N", "5310000050001234X6"]


@st.composite
def codes(draw: st.DrawFn) -> str:
    department = draw(st.sampled_from(sorted(DEPARTMENTS)))
    kind = draw(st.sampled_from(ALPHABET))
    region = draw(st.text("0123456789", min_size=6, max_size=6))
    subject = draw(st.text(ALPHABET, min_size=8, max_size=8))
    first_17 = department + kind + region + subject + inner_check_character(subject)
    return first_17 + check_character(first_17)


@pytest.mark.parametrize("code", VALID)
def test_known_codes_hold(code: str) -> None:
    assert read_credit_code(code).code == code


def test_the_inner_check_of_a_real_code_holds() -> None:
    assert read_credit_code(REAL).warning_zh is None


@pytest.mark.parametrize(
    "typed",
    [
        "91110000600037341l",
        " 9111 0000 6000 3734 1L ",
        "91110000-600037341-L",
        "\uff19\uff11110000600037341\uff2c",  # full-width digits and capital
        "91110000\u2014600037341L\u00a0",
    ],
)
def test_blanks_hyphens_case_and_full_width_do_not_matter(typed: str) -> None:
    assert read_credit_code(typed).code == REAL


def test_a_failing_inner_check_is_a_warning_only() -> None:
    first_17 = "91330100123456789"  # the inner check asks for 8 at position 17
    code = read_credit_code(first_17 + check_character(first_17))
    assert code.warning_zh is not None
    assert "应为 8，现为 9" in code.warning_zh


@given(codes())
def test_a_code_made_by_the_rule_holds_for_every_department(code: str) -> None:
    assert read_credit_code(code).code == code
    assert read_credit_code(code).warning_en is None


@given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_changed_character_is_caught(code: str, place: int, char: str) -> None:
    if code[place] == char:
        return
    with pytest.raises(CreditCodeWrong):
        read_credit_code(code[:place] + char + code[place + 1 :])


@given(codes(), st.integers(0, 16))
def test_any_two_neighbours_swapped_are_caught(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    # The check reads values through weights 3^n mod 31: neighbours' weights differ, so a swap changes the sum.
    if swapped == code:
        return
    with pytest.raises(CreditCodeWrong):
        read_credit_code(swapped)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_either_right_or_refused_with_a_reason(text: str) -> None:
    try:
        code = read_credit_code(text).code
    except CreditCodeWrong as refusal:
        code, texts = None, (refusal.detail("zh"), refusal.detail("en"))
        assert all(texts)
    assert code in {None, normalise_credit_code(text)}


@pytest.mark.parametrize(
    ("typed", "position", "expected", "words"),
    [
        ("91110000600037341M", 18, "L", "第 18 位校验码应为 L，现为 M"),
        ("9111000060003734IL", 17, "1", "第 17 位“I”不是代码字符"),
        ("911100O0600037341L", 7, "0", "可能是 0"),
        ("B1110000600037341L", 1, "1 2 3 4 5 6 7 8 9 A N Y", "不是登记管理部门代码"),
        ("9111A000600037341L", 5, None, "第 5 位“A”应为数字"),
        ("9111000060003734", None, None, "应为 18 位，现为 16 位"),
        ("91110000600037341L0", None, None, "应为 18 位，现为 19 位"),
        ("", None, None, "现为 0 位"),
    ],
)
def test_the_refusal_says_which_character_and_what_it_should_be(
    typed: str, position: int | None, expected: str | None, words: str
) -> None:
    with pytest.raises(CreditCodeWrong) as caught:
        read_credit_code(typed)
    assert caught.value.position == position
    assert caught.value.expected == expected
    assert words in caught.value.detail("zh")


def test_the_first_two_characters_suggest_the_kind() -> None:
    assert read_credit_code(REAL).likely_kind == "company"
    assert read_credit_code("12100000400000018N").likely_kind == "institute"
    assert read_credit_code("N2370282MF00000054").likely_kind is None
