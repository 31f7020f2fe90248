"""Periods follow each other without a gap, and a few are known by heart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib.periods import GRAINS, first_day, next_start

days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
grains = st.sampled_from(GRAINS)
months = st.integers(1, 12)
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
    assert first_day(date.fromisoformat(day), grain) == date.fromisoformat(first)
    assert next_start(date.fromisoformat(day), grain) == date.fromisoformat(following)


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
    assert first_day(date.fromisoformat(day), grain, month) == date.fromisoformat(first)
    assert next_start(date.fromisoformat(day), grain, month) == date.fromisoformat(following)


@given(days, grains, months)
def test_a_day_lies_in_its_period_and_the_next_one_follows_without_a_gap(
    day: date, grain: str, month: int
) -> None:
    first, following = first_day(day, grain, month), next_start(day, grain, month)
    assert first <= day < following
    assert first_day(first, grain, month) == first
    assert first_day(following, grain, month) == following
    assert first_day(following - timedelta(days=1), grain, month) == first
    assert (following - first).days in LENGTHS[grain]


@given(days, grains, months)
def test_every_day_of_a_period_has_the_same_bounds(day: date, grain: str, month: int) -> None:
    first, following = first_day(day, grain, month), next_start(day, grain, month)
    last = following - timedelta(days=1)
    for other in (first, last):
        bounds = first_day(other, grain, month), next_start(other, grain, month)
        assert bounds == (first, following)


@given(days, months)
def test_fiscal_quarters_and_months_lie_within_their_year(day: date, month: int) -> None:
    year = first_day(day, "year", month)
    assert year.month == month
    for grain in ("month", "quarter"):
        assert first_day(first_day(day, grain, month), "year", month) == year
        assert next_start(day, grain, month) <= next_start(day, "year", month)


@pytest.mark.parametrize("function", [first_day, next_start])
def test_an_unknown_grain_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="'decade' is not one of"):
        function(date(2026, 1, 1), "decade")
