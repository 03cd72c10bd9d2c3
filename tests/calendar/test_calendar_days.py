"""Counting days by the Civil Code and by working days, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar_days import (
    Calendar,
    Period,
    Unit,
    add_working_days,
    count_days,
    count_months,
    count_working_days,
    elapsed_in,
    end_of_day,
    last_day,
    period_end,
)

PLAIN = Calendar()
# Labour Day of 2026 with the Saturday that is worked for it.
LABOUR = Calendar(
    {**{date(2026, 5, day): False for day in range(1, 6)}, date(2026, 5, 9): True}, frozenset({2026})
)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CALENDARS = st.dictionaries(DAYS, st.booleans(), max_size=40).map(Calendar)
FIFTEEN = Period(15, Unit.DAY)


def noon(day: date) -> datetime:
    """Noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def test_golden_1_a_notice_of_15_days_from_2_march_ends_with_17_march() -> None:
    start = date(2026, 3, 2)
    assert count_days(start, 1, PLAIN) == date(2026, 3, 3)
    assert count_days(start, 15, PLAIN) == date(2026, 3, 17)
    assert period_end(noon(start), FIFTEEN, PLAIN) == datetime(2026, 3, 17, 16, tzinfo=UTC)  # 03-18 00:00


def test_golden_1_an_objection_during_day_10_leaves_5_days() -> None:
    start, tenth = date(2026, 3, 2), date(2026, 3, 12)
    elapsed = elapsed_in(noon(start), noon(tenth), FIFTEEN, PLAIN)
    assert elapsed == 10
    rest = Period(FIFTEEN.count - elapsed, Unit.DAY)
    assert period_end(noon(date(2026, 3, 20)), rest, PLAIN) == end_of_day(date(2026, 3, 25))


def test_a_last_day_of_rest_moves_on_past_the_whole_rest() -> None:
    assert count_days(date(2026, 4, 20), 15, LABOUR) == date(2026, 5, 6)
    assert count_days(date(2026, 4, 24), 15, LABOUR) == date(2026, 5, 9)  # a Saturday that is worked
    assert count_days(date(2026, 4, 24), 15, PLAIN) == date(2026, 5, 11)


def test_days_of_rest_inside_a_period_of_days_count_and_in_working_days_do_not() -> None:
    assert count_days(date(2026, 4, 30), 7, LABOUR) == date(2026, 5, 7)
    assert add_working_days(date(2026, 4, 30), 3, LABOUR) == date(2026, 5, 8)
    assert add_working_days(date(2026, 4, 30), 4, LABOUR) == date(2026, 5, 9)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 3, 2)),  # 28 February is a Saturday without its arrangement
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 10), 1, date(2026, 4, 10)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2026, 8, 31), 6, date(2027, 3, 1)),
    ],
)
def test_months_end_on_the_day_of_the_same_number_or_the_months_last(
    start: date, months: int, end: date
) -> None:
    assert count_months(start, months, PLAIN) == end


def test_a_year_that_was_not_proclaimed_is_provisional() -> None:
    assert not LABOUR.is_provisional(date(2026, 12, 31))
    assert LABOUR.is_provisional(date(2027, 1, 1))


def test_seconds_are_counted_from_their_instant() -> None:
    began = noon(date(2026, 5, 1))
    ten = Period(10, Unit.SECOND)
    assert period_end(began, ten, LABOUR) == began + timedelta(seconds=10)
    assert elapsed_in(began, began + timedelta(seconds=4), ten, LABOUR) == 4
    assert elapsed_in(began, began + timedelta(seconds=40), ten, LABOUR) == 10
    with pytest.raises(ValueError, match="no last day"):
        last_day(date(2026, 5, 1), ten, LABOUR)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"count": 1},
        {"count": -1, "unit": "day"},
        {"count": True, "unit": "day"},
        {"count": 10**9, "unit": "day"},
    ],
)
def test_what_is_no_period_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"whole number|not a valid Unit"):
        Period.from_json(value)


@given(DAYS, st.integers(0, 400), CALENDARS)
def test_a_period_ends_on_a_worked_day_and_never_early(start: date, days: int, calendar: Calendar) -> None:
    end = count_days(start, days, calendar)
    plain_end = start + timedelta(days=days)
    assert end >= plain_end
    assert calendar.is_working_day(end)
    between = (plain_end + timedelta(days=offset) for offset in range((end - plain_end).days))
    assert not any(calendar.is_working_day(day) for day in between)


@given(DAYS, st.integers(0, 120), CALENDARS)
def test_working_days_are_counted_back_as_they_were_counted(
    start: date, days: int, calendar: Calendar
) -> None:
    end = add_working_days(start, days, calendar)
    assert calendar.is_working_day(end)
    if days:
        assert count_working_days(start, end, calendar) == days


@given(DAYS, st.integers(1, 60), st.integers(0, 90), st.integers(0, 60), CALENDARS)
def test_an_interruption_neither_wins_nor_loses_days(
    start: date, days: int, stopped_after: int, pause: int, calendar: Calendar
) -> None:
    period = Period(days, Unit.DAY)
    stopped = start + timedelta(days=stopped_after)
    elapsed = elapsed_in(noon(start), noon(stopped), period, calendar)
    assert elapsed == min(days, stopped_after)
    resumed = stopped + timedelta(days=pause)
    end = last_day(resumed, Period(days - elapsed, Unit.DAY), calendar)
    assert end >= count_days(start, days, calendar) if stopped_after <= days else end >= resumed


@given(st.integers(0, 1000), st.sampled_from(Unit))
def test_a_period_reads_what_it_writes(count: int, unit: Unit) -> None:
    assert Period.from_json(Period(count, unit).as_json()) == Period(count, unit)
