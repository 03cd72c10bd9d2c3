"""The code a payer types into the remark of a bank form (附言): digits only, with a check digit."""

from __future__ import annotations

import re
import secrets
import unicodedata

from app.payments.errors import ReferenceNotRead

_DIGITS = 8
_LETTERS = "BZ"
PAYABLE_LETTERS = "YJ"  # 应缴款
ORDER_LETTERS = "FK"  # 付款单
_IN_A_REMARK = re.compile(r"(?<![0-9])(BZ|YJ|FK)?[\s\-_.·:]*((?:[0-9][\s\-]?){8}[0-9])(?![0-9])")
_SPACES = re.compile(r"[\s\-_.·—–－]+")
# Damm's quasigroup of order 10: it finds every single wrong digit and every swap of two neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(digits: str) -> str:
    """Computes the digit that follows ``digits`` (H. M. Damm 2004)."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return str(state)


def make_reference(serial: int, letters: str = _LETTERS) -> str:
    """Writes a serial number below 10^8 as a reference: 12345678 is ``BZ123456786``."""
    if not 0 <= serial < 10**_DIGITS:
        message = f"a reference has {_DIGITS} digits, not {serial}"
        raise ValueError(message)
    digits = f"{serial:0{_DIGITS}d}"
    return f"{letters}{digits}{check_digit(digits)}"


def draw_reference(letters: str = _LETTERS) -> str:
    """Draws a reference at random, so that nobody can count the market's deposits from it."""
    return make_reference(secrets.randbelow(10**_DIGITS), letters)


def find_references(remark: str) -> list[str]:
    """All references in a remark, whose check digit is right; digits without letters may be any kind's."""
    found: list[str] = []
    for letters, digits in _IN_A_REMARK.findall(unicodedata.normalize("NFKC", remark).upper()):
        plain = re.sub("[^0-9]", "", digits)
        if check_digit(plain[:-1]) == plain[-1]:
            kinds = [letters] if letters else [_LETTERS, PAYABLE_LETTERS, ORDER_LETTERS]
            found.extend(kind + plain for kind in kinds)
    return list(dict.fromkeys(found))


def read_reference(typed: str) -> str:
    """Reads what was typed on a bank form, with or without letters, spaces and hyphens; raises ReferenceNotRead."""
    # Full-width digits and letters are what a Chinese input method gives.
    halved = "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in typed)
    digits = _SPACES.sub("", halved).upper().removeprefix(_LETTERS)
    # The range is written out: \d and isdigit would also take the digits of other scripts.
    if not re.fullmatch(f"[0-9]{{{_DIGITS + 1}}}", digits) or check_digit(digits[:-1]) != digits[-1]:
        raise ReferenceNotRead(typed=typed[:40])
    return _LETTERS + digits
