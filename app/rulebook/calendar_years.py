"""Keeping the holiday calendar: an operator enters a year as the State Council proclaimed it, with the source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.permissions import Permission
from app.audit import audit
from app.calendar_days import Calendar
from app.clock import market_date, market_now
from app.holidays import CalendarYear, Holiday
from app.rulebook.errors import DayAsEver, DayHasCome, DayOutsideTheYear, DayTwice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


@dataclass(frozen=True)
class SpecialDay:
    """A day that differs from the plain week: off, or worked though it is a weekend's."""

    on: date
    name: str
    is_working: bool


@dataclass(frozen=True)
class YearView:
    """A year of the calendar; without a source it is provisional and has its weekends only."""

    year: int
    source: str | None
    days: list[SpecialDay]

    @property
    def is_provisional(self) -> bool:
        """Whether nothing has been proclaimed for the year yet."""
        return self.source is None


def check_days(year: int, days: Sequence[SpecialDay]) -> None:
    """Raises DayOutsideTheYear, DayTwice, DayAsEver."""
    seen: set[date] = set()
    plain = Calendar()
    for day in days:
        if day.on.year != year:
            raise DayOutsideTheYear(day.on, year)
        if day.on in seen:
            raise DayTwice(day.on)
        if day.is_working and plain.is_working_day(day.on):
            raise DayAsEver(day.on)
        seen.add(day.on)


async def lock_year(session: Session, year: int, source: str) -> CalendarYear:
    """Takes the year's row lock, making the row of a year that is entered first."""
    new = insert(CalendarYear).values(year=year, source=source)
    await session.execute(new.on_conflict_do_nothing())
    query = select(CalendarYear).where(CalendarYear.year == year).with_for_update()
    return (await session.execute(query, execution_options={"populate_existing": True})).scalar_one()


async def keep_year(
    session: Session, caller: Caller, year: int, source: str, days: Sequence[SpecialDay]
) -> None:
    """Enters a year's arrangement as a whole in place of what stands; days that have come must stay as they are.

    Locks the year. Periods that are under way end by the new arrangement. Raises NotPermitted, DayOutsideTheYear,
    DayTwice, DayAsEver, DayHasCome.
    """
    caller.require(Permission.RULE_KEEP)
    check_days(year, days)
    row = await lock_year(session, year, source)
    # Read after the lock: whoever waited over midnight is judged by the new day.
    today = market_date(await market_now(session))
    present = {day.on: day for day in await _read_days(session, year)}
    wanted = {day.on: day for day in days}
    changed = sorted(on for on in present.keys() | wanted.keys() if present.get(on) != wanted.get(on))
    if come := [on for on in changed if on <= today]:
        raise DayHasCome(come)
    await session.execute(delete(Holiday).where(Holiday.on.in_(changed)))
    session.add_all(Holiday(**vars(wanted[on]), year=year) for on in changed if on in wanted)
    row.source = source
    row.maintained_at = await market_now(session)
    await audit(
        session,
        caller,
        "calendar.kept",
        subject_kind="calendar_year",
        subject_id=str(year),
        detail={"source": source, "changed": [on.isoformat() for on in changed]},
    )


async def _read_days(session: AnySession, year: int) -> list[SpecialDay]:
    query = select(Holiday.on, Holiday.name, Holiday.is_working).where(Holiday.year == year)
    return [SpecialDay(*row) for row in await session.execute(query.order_by(Holiday.on))]


async def get_year(session: AnySession, year: int) -> YearView:
    """Reads a year; one that nobody has entered is provisional."""
    source = (
        await session.execute(select(CalendarYear.source).where(CalendarYear.year == year))
    ).scalar_one_or_none()
    return YearView(year, source, await _read_days(session, year))
