"""Chinese patent application numbers (专利申请号): reading, normalising and the check digit; pure.

Source: 专利申请号标准 ZC 0006-2003 (国家知识产权局) and the notes on patent numbers that explain its check digit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from app.catalog.errors import (
    CheckDigitMissing,
    CheckDigitWrong,
    NumberMalformed,
    NumberYearImpossible,
    PatentNumberMalformed,
)

_FIRST_YEAR = 1985
_FIRST_LONG_YEAR = 2003  # numbers have 12 digits since 1 October 2003
_LAST_LONG_YEAR = 2099
_FIRST_CHECKED_YEAR = 1989
_SHORT = 8
_LONGEST_WRITTEN = 40
_FORM = re.compile(r"^(?:ZL|CN)?(?P<body>\d{12}|\d{8})\.?(?P<check>[0-9X])?$")
_PUBLICATION = re.compile(r"^CN\d{7,9}[A-Z]\d?$")


class PatentType(StrEnum):
    """The kinds of patent of the Patent Law (专利法第二条)."""

    INVENTION = "invention"  # 发明
    UTILITY_MODEL = "utility_model"  # 实用新型
    DESIGN = "design"  # 外观设计


_TYPE_OF_DIGIT = {
    "1": PatentType.INVENTION,
    "2": PatentType.UTILITY_MODEL,
    "3": PatentType.DESIGN,
    "8": PatentType.INVENTION,  # PCT, in the national phase
    "9": PatentType.UTILITY_MODEL,  # PCT, in the national phase
}


@dataclass(frozen=True)
class ApplicationNumber:
    """An application number that was read: ``text`` is its normal form, ``CN201710601862.3``.

    ``patent_type`` is None when the kind digit is unknown: worth a warning, not a refusal.
    """

    text: str
    year: int
    patent_type: PatentType | None
    is_pct: bool
    has_check_digit: bool


def check_digit(body: str) -> str:
    """Computes the check digit of the 8 or 12 digits: weights 2 to 9 in turn, modulo 11, ten is X."""
    remainder = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(body)) % 11
    return "X" if remainder == 10 else str(remainder)  # noqa: PLR2004 - ten is the rule


def _year(body: str) -> int:
    if len(body) > _SHORT:
        return int(body[:4])
    year = int(body[:2])
    return 1900 + year if year >= _FIRST_YEAR % 100 else 2000 + year


def _year_fits(body: str, year: int) -> bool:
    if len(body) > _SHORT:
        return _FIRST_LONG_YEAR <= year <= _LAST_LONG_YEAR
    return _FIRST_YEAR <= year <= _FIRST_LONG_YEAR


def parse_application_number(written: str) -> ApplicationNumber:
    """Reads a number as people write it and verifies its check digit.

    Taken: CN or ZL before it or neither, full-width characters, blanks, a missing dot. A number of before 1989 may
    lack the check digit; one that is there is verified. Raises NumberMalformed, NumberYearImpossible,
    CheckDigitWrong or CheckDigitMissing; the last two name the digit that was expected.
    """
    shown = written.strip()[:_LONGEST_WRITTEN]
    # NFKC makes ideographic and full-width stops plain only in part: 。 and ． both stand for the dot here.
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written)).upper().replace("。", ".")
    match = _FORM.match(plain) if plain.isascii() else None
    if match is None:
        raise NumberMalformed(shown)
    body, check = match["body"], match["check"]
    year = _year(body)
    if not _year_fits(body, year):
        raise NumberYearImpossible(shown, year)
    expected = check_digit(body)
    corrected = f"CN{body}.{expected}"
    if check is None and year >= _FIRST_CHECKED_YEAR:
        raise CheckDigitMissing(shown, expected, corrected)
    if check is not None and check != expected:
        raise CheckDigitWrong(shown, expected, check, corrected)
    kind = body[2] if len(body) == _SHORT else body[4]
    return ApplicationNumber(
        text=corrected if check else f"CN{body}",
        year=year,
        patent_type=_TYPE_OF_DIGIT.get(kind),
        is_pct=kind in "89",
        has_check_digit=check is not None,
    )


def without_check_digit(application_no: str) -> str:
    """What makes a normalised number one and the same, with its check digit or (before 1989) without."""
    return application_no.partition(".")[0]


def parse_publication_number(written: str) -> str:
    """Normalises a publication number (公开（公告）号) such as CN202644312U; raises PatentNumberMalformed."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written)).upper()
    if not (plain.isascii() and _PUBLICATION.match(plain)):
        raise PatentNumberMalformed(written.strip()[:_LONGEST_WRITTEN])
    return plain
