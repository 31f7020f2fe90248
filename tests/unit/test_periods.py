"""Periods follow each other without a gap, and a few are known by heart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib.periods import GRAINS, first_day, next_start

days = st.dates(date(1900, 1, 1), date(2200, 1, 1))
grains = st.sampled_from(GRAINS)
LENGTHS = {"day": {1}, "week": {7}, "month": {28, 29, 30, 31}, "quarter": {90, 91, 92}}
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


@given(days, grains)
def test_a_day_lies_in_its_period_and_the_next_one_follows_without_a_gap(
    day: date, grain: str
) -> None:
    first, following = first_day(day, grain), next_start(day, grain)
    assert first <= day < following
    assert first_day(first, grain) == first
    assert first_day(following, grain) == following
    assert first_day(following - timedelta(days=1), grain) == first
    assert (following - first).days in LENGTHS[grain]


@given(days, grains)
def test_every_day_of_a_period_has_the_same_bounds(day: date, grain: str) -> None:
    first, following = first_day(day, grain), next_start(day, grain)
    last = following - timedelta(days=1)
    for other in (first, last):
        assert (first_day(other, grain), next_start(other, grain)) == (first, following)


@pytest.mark.parametrize("function", [first_day, next_start])
def test_an_unknown_grain_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="'decade' is not one of"):
        function(date(2026, 1, 1), "decade")
