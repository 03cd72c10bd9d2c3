"""The holiday calendar on a real database: what the migrations bring, and how an operator keeps it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.calendar_days import add_working_days, count_days
from app.holidays import read_calendar
from app.rulebook.calendar_years import SpecialDay, get_year, keep_year
from app.rulebook.errors import DayAsEver, DayHasCome, DayOutsideTheYear, DayTwice
from tests.make_accounts import make_caller

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

SOURCE = "国务院办公厅关于2027年部分节假日安排的通知"
NEW_YEAR = SpecialDay(date(2027, 1, 1), "元旦", is_working=False)
WORKED = SpecialDay(date(2027, 1, 3), "元旦调休上班", is_working=True)


async def test_two_years_come_as_they_were_proclaimed(session: Session) -> None:
    calendar = await read_calendar(session)
    assert calendar.known_years == {2025, 2026}
    first, second = await get_year(session, 2025), await get_year(session, 2026)
    assert "国办发明电〔2024〕12号" in str(first.source)
    off = [sum(not day.is_working for day in year.days) for year in (first, second)]
    worked = [sum(day.is_working for day in year.days) for year in (first, second)]
    assert (off, worked) == ([28, 33], [5, 6])
    assert all(day.on.weekday() >= 5 for year in (first, second) for day in year.days if day.is_working)


async def test_deadlines_around_the_festivals_of_2026(session: Session) -> None:
    calendar = await read_calendar(session)
    assert count_days(date(2026, 2, 6), 10, calendar) == date(2026, 2, 24)
    assert add_working_days(date(2026, 2, 13), 2, calendar) == date(2026, 2, 24)
    assert add_working_days(date(2026, 9, 30), 3, calendar) == date(2026, 10, 10)


async def test_an_operator_enters_a_year_with_its_source(session: Session, now_is: SetNow) -> None:
    await now_is(session, datetime(2026, 11, 20, 2, tzinfo=UTC))
    assert (await get_year(session, 2027)).is_provisional
    host = await make_caller(session, Role.HOST)
    await keep_year(session, host, 2027, SOURCE, [NEW_YEAR, WORKED])
    kept = await get_year(session, 2027)
    assert (kept.source, kept.days) == (SOURCE, [NEW_YEAR, WORKED])
    calendar = await read_calendar(session)
    assert calendar.is_working_day(date(2027, 1, 3))
    assert not calendar.is_provisional(date(2027, 6, 1))
    await keep_year(session, host, 2027, SOURCE, [NEW_YEAR])
    assert (await get_year(session, 2027)).days == [NEW_YEAR]
    records = (
        await session.execute(select(AuditRecord).where(AuditRecord.action == "calendar.kept"))
    ).scalars()
    assert [record.detail["changed"] for record in records] == [["2027-01-01", "2027-01-03"], ["2027-01-03"]]


async def test_a_day_that_has_come_stays_as_it_was(session: Session, now_is: SetNow) -> None:
    await now_is(session, datetime(2026, 10, 9, 17, tzinfo=UTC))  # 10 October, 01:00 in Shanghai
    host = await make_caller(session, Role.HOST)
    present = await get_year(session, 2026)
    days = [day for day in present.days if day.on != date(2026, 10, 10)]
    with pytest.raises(DayHasCome, match="2026-10-10"):
        await keep_year(session, host, 2026, SOURCE, days)
    await keep_year(session, host, 2026, SOURCE, present.days)
    for statement in (
        "DELETE FROM holiday WHERE \"on\" = '2026-10-10'",
        "UPDATE holiday SET is_working = false WHERE \"on\" = '2026-10-10'",
        "INSERT INTO holiday VALUES ('2026-10-09', 2026, 'x', false)",
        "DELETE FROM calendar_year WHERE year = 2026",
    ):
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text(statement))


@pytest.mark.parametrize(
    ("days", "error"),
    [
        ([SpecialDay(date(2028, 1, 1), "元旦", is_working=False)], DayOutsideTheYear),
        ([NEW_YEAR, NEW_YEAR], DayTwice),
        ([SpecialDay(date(2027, 1, 4), "上班", is_working=True)], DayAsEver),
    ],
)
async def test_what_is_no_arrangement_is_refused(
    session: Session, days: list[SpecialDay], error: type[Exception]
) -> None:
    host = await make_caller(session, Role.HOST)
    with pytest.raises(error):
        await keep_year(session, host, 2027, SOURCE, days)


async def test_a_party_does_not_keep_the_calendar(session: Session) -> None:
    with pytest.raises(NotPermitted):
        await keep_year(session, await make_caller(session, Role.SELLER), 2027, SOURCE, [])
