"""Invented numbers that anybody can tell from real ones, and that hold all the same: credit codes, patent numbers."""

from __future__ import annotations

from app.accounts.credit_code import check_character, inner_check_character
from app.catalog.patent_number import check_digit

# 999999 is no region of GB/T 2260: a code with it was given to nobody.
_NOWHERE = "999999"
_ENTERPRISE, _INSTITUTION = "91", "12"
_SERIALS = 10**6


def fictional_credit_code(serial: int, *, is_institution: bool = False) -> str:
    """Writes a unified social credit code that holds (GB 32100-2015) and names a region that does not exist."""
    subject = f"{serial:08d}"
    first_17 = f"{_INSTITUTION if is_institution else _ENTERPRISE}{_NOWHERE}{subject}{inner_check_character(subject)}"
    return first_17 + check_character(first_17)


def fictional_application_no(serial: int, year: int = 2021) -> str:
    """Writes an invention's application number whose check digit holds and whose serial no year has come near.

    The office receives less than two million inventions a year, so a serial of nine million is out of reach.
    """
    body = f"{year}1{9 * _SERIALS + serial % _SERIALS:07d}"
    return f"CN{body}.{check_digit(body)}"
