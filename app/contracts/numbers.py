"""Numbers and codes: the 16-digit registration number and the certificate's verification code.

The 16 digits are boxed 4-4-2-6 on the registration form. That they mean year, region, office and serial is an
inference from the older 14-digit rule (year 2, province 2, city 2, office 2, serial 6), not a rule found in print.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from app.contracts.errors import RegistrationNumberWrong, SeriesExhausted

LAST_SERIAL: Final = 999_999
_DIGITS = re.compile(r"[0-9]{16}")
_SPACES = re.compile(r"[\s\-‐-―－]+")
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９", "0123456789")
# Crockford's alphabet: no I, L, O, U, so that a code read from paper cannot be mistaken.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans("ILO", "110")
_CODE_LENGTH: Final = 16
_CODE = re.compile(rf"[{_LETTERS}][{_ALPHABET}]{{{_CODE_LENGTH - 1}}}")


@dataclass(frozen=True)
class RegistrationNumber:
    """A registration number (合同登记编号): year 4, region 4, office 2, serial 6."""

    year: int
    region: str
    office: str
    serial: int

    @property
    def series(self) -> str:
        """The ten digits that share one run of serials."""
        return f"{self.year:04d}{self.region}{self.office}"

    def __str__(self) -> str:
        return f"{self.series}{self.serial:06d}"


def _plain(text: str) -> str:
    return _SPACES.sub("", text.translate(_FULL_WIDTH))


def series_of(year: int, region: str, office: str) -> str:
    """The ten leading digits for an office in a year; raises RegistrationNumberWrong for codes of another shape."""
    series = f"{year:04d}{region}{office}"
    compose_number(series, 1)
    return series


def compose_number(series: str, serial: int) -> str:
    """Writes the number with a serial from 1 to 999999; raises SeriesExhausted beyond."""
    if not 1 <= serial <= LAST_SERIAL:
        raise SeriesExhausted(series)
    return str(read_number(f"{series}{serial:06d}"))


def read_number(text: str) -> RegistrationNumber:
    """Reads a number as people write it, with or without hyphens; raises RegistrationNumberWrong."""
    number = _plain(text)
    if not _DIGITS.fullmatch(number) or int(number[10:]) == 0:
        raise RegistrationNumberWrong(text[:40])
    return RegistrationNumber(int(number[:4]), number[4:8], number[8:10], int(number[10:]))


def show_number(number: str) -> str:
    """Groups the digits as on the form: 2026-1100-01-000128."""
    return f"{number[:4]}-{number[4:8]}-{number[8:10]}-{number[10:]}"


def make_code() -> str:
    """Makes a verification code (查验码) that nobody can guess: 79 bits, a letter first, so it is no number."""
    rest = (secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH - 1))
    return secrets.choice(_LETTERS) + "".join(rest)


def read_code(text: str) -> str | None:
    """Reads a code as people type it: any case, hyphens or not, O for 0, I or L for 1; None if it cannot be one."""
    plain = _plain(text).upper()
    code = plain[:1] + plain[1:].translate(_READ_AS)
    return code if _CODE.fullmatch(code) else None


def show_code(code: str) -> str:
    """Groups a code in fours: K7Q2-M9XD-4TNA-P3VC."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
