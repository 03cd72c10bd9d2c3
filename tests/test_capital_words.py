"""Amounts in capital words (人民币大写): ours against another program's, on many amounts."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.money import capital

with warnings.catch_warnings():
    # Its package reads its settings by a way that its Python has given up.
    warnings.simplefilter("ignore")
    import cn2an  # type: ignore[import-untyped]


def theirs(fen: int) -> str:
    """The other program's words; it knows amounts as decimal text, and neither 人民币 nor a 整 after 角."""
    words = str(cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb"))
    return f"人民币{words}"


def plain(words: str) -> str:
    """Without what 支付结算办法 annex 1 leaves to the writer: 整 after 角, and 零 for a 0 at the 万 before its 仟."""
    return re.sub("([万亿])零(.仟)", r"\1\2", words.removesuffix("整"))


# From a trillion yuan on the other program's words are not the rule's any more (万亿).
@given(st.integers(min_value=1, max_value=10**14 - 1))
def test_the_words_are_another_program_s_words(fen: int) -> None:
    assert plain(capital(fen)) == plain(theirs(fen))


def test_small_and_round_amounts_too() -> None:
    for fen in (*range(1, 3000), *(10**n + d for n in range(3, 14) for d in (-1, 0, 1, 5, 10, 50))):
        assert plain(capital(fen)) == plain(theirs(fen)), fen


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "人民币零元整"),
        (6_832_50, "人民币陆仟捌佰叁拾贰元伍角整"),
        (140_950, "人民币壹仟肆佰零玖元伍角整"),
        (600_714, "人民币陆仟零柒元壹角肆分"),
        (168_032, "人民币壹仟陆佰捌拾元零叁角贰分"),
        (10_700_053, "人民币壹拾万柒仟元零伍角叁分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32_504, "人民币叁佰贰拾伍元零肆分"),
    ],
)
def test_the_examples_of_the_rule_itself(fen: int, words: str) -> None:
    """支付结算办法 annex 1, 二: the 零 before 角 after a yuan of zero may be written or left out; we leave it out."""
    optional = {"人民币壹仟陆佰捌拾元零叁角贰分", "人民币壹拾万柒仟元零伍角叁分"}
    assert capital(fen) == (words.replace("元零", "元") if words in optional else words)
