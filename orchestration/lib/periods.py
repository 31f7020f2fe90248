"""Periods of the calendar: the same days, weeks, months, quarters and years as the models cut."""

from datetime import date, timedelta
from typing import Literal, get_args

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = get_args(Grain)


def first_day(day: date, grain: str) -> date:
    """The first day of the period of `grain` that holds `day`; weeks start on Monday (ISO)."""
    match grain:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            raise ValueError(f"{grain!r} is not one of {', '.join(GRAINS)}.")


def next_start(day: date, grain: str) -> date:
    """The first day of the period after the one of `grain` that holds `day`."""
    # Somewhere in the next period, whatever the lengths of its months.
    beyond = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
    return first_day(first_day(day, grain) + timedelta(days=beyond.get(grain, 0)), grain)
