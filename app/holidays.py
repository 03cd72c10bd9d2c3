"""The holiday calendar (节假日安排): what the State Council proclaimed for a year, as rows, and its reading."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.calendar_days import Calendar
from app.db import Base

if TYPE_CHECKING:
    from app.db import AnySession


class CalendarYear(Base):
    """A year whose arrangement has been proclaimed (年度放假安排), with where; a year without a row is provisional."""

    __tablename__ = "calendar_year"
    __table_args__ = (
        CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),
        CheckConstraint("char_length(btrim(source)) >= 5", name="source"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    maintained_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Holiday(Base):
    """A day that differs from the plain week: off (放假), or worked though it is a weekend (调休上班).

    A day that has come is not changed any more; a trigger holds that.
    """

    __tablename__ = "holiday"
    __table_args__ = (
        CheckConstraint('extract(year FROM "on") = year', name="year"),
        CheckConstraint("name <> ''", name="name"),
    )

    on: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("calendar_year.year"))
    name: Mapped[str]
    is_working: Mapped[bool]


async def read_calendar(session: AnySession) -> Calendar:
    """Reads the whole calendar, some dozens of rows a year, for the pure counting of days."""
    days = (await session.execute(select(Holiday.on, Holiday.is_working))).all()
    years = (await session.execute(select(CalendarYear.year))).scalars()
    return Calendar({row.on: row.is_working for row in days}, frozenset(years))
