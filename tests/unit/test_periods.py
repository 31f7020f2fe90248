"""Periods follow each other without a gap, and a few are known by heart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib.periods import GRAINS, ISO_CALENDAR, Calendar

days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
grains = st.sampled_from(GRAINS)
calendars = st.builds(Calendar, st.integers(1, 12), st.integers(1, 7))
LENGTHS = {"day": {1}, "week": {7}, "month": {28, 29, 30, 31}, "quarter": {89, 90, 91, 92}}
LENGTHS["year"] = {365, 366}


@pytest.mark.parametrize(
    ("day", "grain", "first", "following"),
    [
        ("2026-02-03", "day", "2026-02-03", "2026-02-04"),
        ("2027-01-03", "week", "2026-12-28", "2027-01-04"),
        ("2024-02-29", "month", "2024-02-01", "2024-03-01"),
        ("2026-12-31", "quarter", "2026-10-01", "2027-01-01"),
        ("2026-12-31", "year", "2026-01-01", "2027-01-01"),
    ],
)
def test_known_periods(day: str, grain: str, first: str, following: str) -> None:
    assert ISO_CALENDAR.first_day(date.fromisoformat(day), grain) == date.fromisoformat(first)
    assert ISO_CALENDAR.next_start(date.fromisoformat(day), grain) == date.fromisoformat(following)


@pytest.mark.parametrize(
    ("month", "day", "grain", "first", "following"),
    [
        (4, "2026-03-31", "year", "2025-04-01", "2026-04-01"),
        (4, "2026-04-01", "quarter", "2026-04-01", "2026-07-01"),
        (7, "2026-12-31", "year", "2026-07-01", "2027-07-01"),
        (2, "2026-01-31", "quarter", "2025-11-01", "2026-02-01"),
        (12, "2024-02-29", "quarter", "2023-12-01", "2024-03-01"),
        (12, "2024-02-29", "month", "2024-02-01", "2024-03-01"),
    ],
)
def test_known_periods_of_fiscal_years(
    month: int, day: str, grain: str, first: str, following: str
) -> None:
    calendar = Calendar(year_starts_in=month)
    assert calendar.first_day(date.fromisoformat(day), grain) == date.fromisoformat(first)
    assert calendar.next_start(date.fromisoformat(day), grain) == date.fromisoformat(following)


@pytest.mark.parametrize(
    ("weekday", "day", "first", "following"),
    [
        (7, "2026-11-28", "2026-11-22", "2026-11-29"),
        (7, "2026-11-29", "2026-11-29", "2026-12-06"),
        (6, "2027-01-01", "2026-12-26", "2027-01-02"),
        (2, "2026-11-30", "2026-11-24", "2026-12-01"),
    ],
)
def test_known_weeks_from_other_weekdays(
    weekday: int, day: str, first: str, following: str
) -> None:
    calendar = Calendar(week_starts_on=weekday)
    assert calendar.first_day(date.fromisoformat(day), "week") == date.fromisoformat(first)
    assert calendar.next_start(date.fromisoformat(day), "week") == date.fromisoformat(following)


@given(days, grains, calendars)
def test_a_day_lies_in_its_period_and_the_next_one_follows_without_a_gap(
    day: date, grain: str, calendar: Calendar
) -> None:
    first, following = calendar.first_day(day, grain), calendar.next_start(day, grain)
    assert first <= day < following
    assert calendar.first_day(first, grain) == first
    assert calendar.first_day(following, grain) == following
    assert calendar.first_day(following - timedelta(days=1), grain) == first
    assert (following - first).days in LENGTHS[grain]


@given(days, grains, calendars)
def test_every_day_of_a_period_has_the_same_bounds(
    day: date, grain: str, calendar: Calendar
) -> None:
    first, following = calendar.first_day(day, grain), calendar.next_start(day, grain)
    last = following - timedelta(days=1)
    for other in (first, last):
        bounds = calendar.first_day(other, grain), calendar.next_start(other, grain)
        assert bounds == (first, following)


@given(days, calendars)
def test_fiscal_quarters_and_months_lie_within_their_year(day: date, calendar: Calendar) -> None:
    year = calendar.first_day(day, "year")
    assert year.month == calendar.year_starts_in
    for grain in ("month", "quarter"):
        assert calendar.first_day(calendar.first_day(day, grain), "year") == year
        assert calendar.next_start(day, grain) <= calendar.next_start(day, "year")


@pytest.mark.parametrize("function", [ISO_CALENDAR.first_day, ISO_CALENDAR.next_start])
def test_an_unknown_grain_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="'decade' is not one of"):
        function(date(2026, 1, 1), "decade")
