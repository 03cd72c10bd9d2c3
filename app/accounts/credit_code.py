"""The unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, of which the last checks the others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.accounts.errors import CreditCodeWrong

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100 leaves out I O Z S V
LENGTH = 18
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BLANKS = re.compile(r"[\s\-\u2010-\u2015\u00ad\u200b\ufeff]+")
_LIKELY = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_REGION = slice(2, 8)

# 登记管理部门代码 (GB 32100-2015 table 1), with the organisation kinds that each department gives
DEPARTMENTS = {
    "1": "机构编制",
    "2": "外交",
    "3": "司法行政",
    "4": "文化",
    "5": "民政",
    "6": "旅游",
    "7": "宗教",
    "8": "工会",
    "9": "市场监督管理",
    "A": "中央军委编制",
    "N": "农业",
    "Y": "其他",
}
_PUBLIC_INSTITUTION = "12"
_ENTERPRISE = "91"


@dataclass(frozen=True)
class CreditCode:
    """A code that holds; ``warning_zh`` and ``warning_en`` say what is odd about it and may still be right."""

    code: str
    department_zh: str
    likely_kind: str | None
    warning_zh: str | None
    warning_en: str | None


def normalise_credit_code(text: str) -> str:
    """Upper case, half-width, without blanks and hyphens."""
    narrow = "".join(chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char for char in text)
    return _BLANKS.sub("", narrow).upper()


def check_character(first_17: str) -> str:
    """The 18th character that the first 17 ask for (GB 32100-2015, 4.4: modulus 31)."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(first_17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def inner_check_character(subject_8: str) -> str:
    """The check character of the subject code inside, positions 9 to 17 (GB 11714-1997: modulus 11)."""
    values = (int(char) if char.isdigit() else ord(char) - ord("A") + 10 for char in subject_8)
    left = 11 - sum(value * weight for value, weight in zip(values, _INNER_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(left, str(left))


def read_credit_code(text: str) -> CreditCode:
    """Checks a code as typed. Raises CreditCodeWrong, which names the wrong character and what it should be.

    The inner check of GB 11714 is a warning only: codes given before 2015 exist that fail it.
    """
    code = normalise_credit_code(text)
    _check_characters(code)
    expected = check_character(code[:-1])
    if code[-1] != expected:
        raise CreditCodeWrong(reason="check", found=code[-1], position=LENGTH, expected=expected)
    inner, given = inner_check_character(code[8:16]), code[16]
    holds = inner == given
    return CreditCode(
        code=code,
        department_zh=DEPARTMENTS[code[0]],
        likely_kind=_likely_kind(code[:2]),
        warning_zh=None if holds else f"第 17 位按 GB 11714 推算应为 {inner}，现为 {given}，请再核对一次。",
        warning_en=None
        if holds
        else f"By GB 11714 character 17 would be {inner} and is {given}; please look again.",
    )


def _check_characters(code: str) -> None:
    for position, char in enumerate(code[:LENGTH], 1):
        if char not in ALPHABET:
            raise CreditCodeWrong(
                reason="alphabet", found=char, position=position, expected=_LIKELY.get(char)
            )
    if len(code) != LENGTH:
        raise CreditCodeWrong(reason="length", found=str(len(code)))
    if code[0] not in DEPARTMENTS:
        raise CreditCodeWrong(reason="department", found=code[0], position=1, expected=" ".join(DEPARTMENTS))
    for position, char in enumerate(code[_REGION], _REGION.start + 1):
        if not char.isdigit():
            raise CreditCodeWrong(reason="region", found=char, position=position)


def _likely_kind(first_2: str) -> str | None:
    """What the first two characters say about the kind of organisation; a form may fill it in."""
    if first_2 == _ENTERPRISE:
        return "company"
    return "institute" if first_2 == _PUBLIC_INSTITUTION else None
