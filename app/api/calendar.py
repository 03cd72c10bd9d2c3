"""The holiday calendar (节假日安排): by which all periods of the market are counted."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import Field, StringConstraints

from app.api.deps import CallerDep, DbDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line
from app.rulebook.calendar_years import SpecialDay, get_year, keep_year

router = Router(prefix="/calendar-years", tags=["calendar"])

Year = Annotated[int, Path(ge=2000, le=2200, description="年份 / the year")]
Source = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=5, max_length=300),
    Field(examples=["国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）"]),
]


class SpecialDayWire(Wire):
    """A day that differs from the plain week: off (放假), or worked though it is a weekend's (调休上班)."""

    on: date = Field(examples=["2026-10-01"])
    name: Line = Field(examples=["国庆节"])
    is_working: bool = Field(examples=[False])


class CalendarYearIn(Wire):
    """A year's arrangement as a whole; days that have come must be as they stand."""

    source: Source
    days: Annotated[
        list[SpecialDayWire],
        Field(max_length=120, examples=[[{"on": "2026-10-01", "name": "国庆节", "is_working": False}]]),
    ]


class CalendarYearOut(Wire):
    """A year; a provisional one has its weekends only, and deadlines in it may still move."""

    year: int = Field(examples=[2026])
    source: str | None
    is_provisional: bool
    days: list[SpecialDayWire]


@router.get("/{year}", operation_id="get_calendar_year", responses=problems(422))
async def read(year: Year, db: DbDep) -> CalendarYearOut:
    """某年的节假日与调休安排，公开 / A year's days off and days worked, open to everybody."""
    return CalendarYearOut.model_validate(await db.read(get_year, year))


@router.put("/{year}", operation_id="keep_calendar_year", responses=problems(401, 403, 409, 422))
async def keep(year: Year, body: CalendarYearIn, db: DbDep, caller: CallerDep) -> CalendarYearOut:
    """录入某年的安排（审核岗、场务岗），已到来的日子不能改 / Enters a year's arrangement; days that have come stay."""
    days = [SpecialDay(day.on, day.name, day.is_working) for day in body.days]
    await db.write(keep_year, caller, year, body.source, days)
    return CalendarYearOut.model_validate(await db.read(get_year, year))
