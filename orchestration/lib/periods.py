"""Periods: the same days, weeks, months, quarters and years as the models cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from orchestration.lib import macros

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = get_args(Grain)


def calendar_years() -> range:
    """The years that the models' calendar has."""
    first, end = (
        int(macros.rendered(name, files=("calendar/calendar_years.sql",)))
        for name in ("first_calendar_year", "calendar_end_year")
    )
    return range(first, end)


def business_day(instant: datetime, timezone: str) -> date:
    """The day that an instant (UTC where it has no offset) lies in, in the business timezone."""
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(ZoneInfo(timezone)).date()


@dataclass(frozen=True)
class Calendar:
    """How a company cuts its days.

    Quarters and years follow a fiscal year that starts in the month `year_starts_in`; weeks start
    on the weekday `week_starts_on`, from 1 for Monday, as ISO has it, to 7 for Sunday.
    """

    year_starts_in: int = 1
    week_starts_on: int = 1

    @classmethod
    def of(cls, variables: Mapping[str, Any]) -> Self:
        """The calendar of the dbt vars."""
        return cls(int(variables["fiscal_year_starts_in"]), int(variables["week_starts_on"]))

    def first_day(self, day: date, grain: str) -> date:
        """The first day of the period of `grain` that holds `day`."""
        months_before = (day.month - self.year_starts_in) % {"quarter": 3, "year": 12}.get(grain, 1)
        match grain:
            case "day":
                return day
            case "week":
                return day - timedelta(days=(day.isoweekday() - self.week_starts_on) % 7)
            case "month" | "quarter" | "year":
                month = day.month - months_before
                return date(day.year - (month < 1), month + 12 * (month < 1), 1)
            case _:
                raise ValueError(f"{grain!r} is not one of {', '.join(GRAINS)}.")

    def next_start(self, day: date, grain: str) -> date:
        """The first day of the period after the one of `grain` that holds `day`."""
        # Somewhere in the next period, whatever the lengths of its months.
        beyond = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
        first = self.first_day(day, grain)
        return self.first_day(first + timedelta(days=beyond.get(grain, 0)), grain)


ISO_CALENDAR = Calendar()
"""Years from January, weeks from Monday."""
