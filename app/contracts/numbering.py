"""Taking the next number of a series without gaps, under the series' row lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contracts.errors import RegistrationNumberTaken
from app.contracts.numbers import compose_number, read_number, series_of
from app.contracts.queries import is_number_taken, lock_series

if TYPE_CHECKING:
    from datetime import date

    from app.contracts.office import Office
    from app.db import Session


async def take_contract_no(session: Session, day: date) -> str:
    """Takes the next contract number (合同编号) of a year: HT2026-000001."""
    row = await lock_series(session, f"HT{day.year:04d}")
    row.last_number += 1
    await session.flush()
    return f"{row.series}-{row.last_number:06d}"


async def take_registration_no(session: Session, day: date, office: Office) -> str:
    """Takes the office's next registration number of a year, stepping over those that were given by hand."""
    series = series_of(day.year, office.region_code, office.office_code)
    row = await lock_series(session, series)
    number = ""
    while not number or await is_number_taken(session, number):
        row.last_number += 1
        number = compose_number(series, row.last_number)
    await session.flush()
    return number


async def claim_registration_no(session: Session, given: str) -> str:
    """Takes a number that the registrar gives by hand; raises RegistrationNumberWrong or RegistrationNumberTaken."""
    number = read_number(given)
    # The series' lock makes a number given here and one taken by turns wait for each other.
    await lock_series(session, number.series)
    if await is_number_taken(session, str(number)):
        raise RegistrationNumberTaken(str(number))
    return str(number)
