"""Days, weeks and nights as Python's calendar has them, in whatever timezone a session is.

The model of the calendar runs here on every day of twelve years: leap days, years of 53 weeks, the
nights of the clock changes. Its macros are rendered by Jinja alone; dbt takes longer than the rest.
"""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import jinja2
import pytest

from orchestration.lib import periods
from orchestration.lib.refresh import ClockError, Refresh, check_clock, open_refresh
from orchestration.settings import DBT_PROJECT_DIR, environment, load
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import Tiny, first_day

SESSIONS = ("UTC", "Europe/Paris", "America/New_York", "Pacific/Auckland")
# The last two are the farthest from UTC that there are.
BUSINESS = (
    "Europe/Paris",
    "America/New_York",
    "Pacific/Auckland",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
FIRST, LAST = date(2020, 1, 1), date(2032, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
MODEL = DBT_PROJECT_DIR / "models/intermediate/core/int_core__dates_described.sql"
MACROS = (
    "engine/business_time",
    "engine/utc_instant",
    "engine/microseconds",
    "engine/seconds_between",
    "engine/allocated_share",
)


def rendered(
    template: str, business_timezone: str, calendar: periods.Calendar = periods.ISO_CALENDAR
) -> str:
    """A template of the project as DuckDB's dialect, with its macros of time."""
    files = [DBT_PROJECT_DIR / "macros" / f"{name}.sql" for name in MACROS]
    files += sorted((DBT_PROJECT_DIR / "macros" / "calendar").glob("*.sql"))
    macros = "\n".join(path.read_text() for path in files)
    # Dispatched macros are called by the name of their embedded form.
    macros = re.sub(
        r"return\(adapter\.dispatch\('(\w+)'(?:, '\w+')?\)(\(.*?\))\)(?= \}\})",
        r"default__\1\2",
        macros,
    )
    variables = {
        "business_timezone": business_timezone,
        "as_of": "2031-06-01T00:00:00",
        "fiscal_year_starts_in": calendar.year_starts_in,
        "week_starts_on": calendar.week_starts_on,
    }
    environment = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined)  # noqa: S701 - SQL
    return environment.from_string(macros + template).render(
        var=lambda name: variables[name],
        ref=lambda name: name,
        dbt=SimpleNamespace(
            date_trunc=lambda part, value: f"date_trunc('{part}', {value})",
            datediff=lambda a, b, part: f"date_diff('{part}', {a}, {b})",
        ),
        **{"return": lambda value: value},
    )


def session(timezone: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set TimeZone = '{timezone}'")
    return connection


def local(instant: datetime, timezone: str) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))


def start_of(day: date, timezone: str) -> datetime:
    """The first instant, to the quarter of an hour, whose local date is the day."""
    instant = datetime.combine(day, datetime.min.time()) - timedelta(hours=15)
    while local(instant, timezone).date() != day:
        instant += timedelta(minutes=15)
    return instant


def dates() -> str:
    """The tables that the model of dates reads."""
    return (
        "create table business_hours (weekday bigint);"
        "create table int_core__business_days (date_day date, is_holiday boolean);"
        "create table int_core__period_dates as select d::date as date_day "
        f"from range(timestamp '{FIRST}', timestamp '{LAST}', interval 1 day) r(d)"
    )


@pytest.mark.parametrize("month", range(1, 13))
def test_the_models_cut_periods_as_python_does(month: int) -> None:
    # Each weekday comes, too.
    calendar = periods.Calendar(month, month % 7 + 1)
    with session("UTC") as connection:
        connection.execute(dates())
        found = connection.execute(
            "select date_day, week_start, month_start, quarter_start, year_start from "
            f"({rendered(MODEL.read_text(), 'Europe/Paris', calendar)}) order by date_day"
        ).fetchall()
    grains = ("day", "week", "month", "quarter", "year")
    assert found == [tuple(calendar.first_day(day, grain) for grain in grains) for day in DAYS]


@pytest.mark.parametrize("timezone", SESSIONS)
def test_the_calendar_is_pythons_in_every_sessions_timezone(timezone: str) -> None:
    connection = session(timezone)
    connection.execute(dates())
    found = connection.execute(
        "select date_day, iso_year, iso_week, iso_weekday, month_start, quarter_start, year_start,"
        f" hours_in_day from ({rendered(MODEL.read_text(), 'Europe/Paris')}) order by date_day"
    ).fetchall()
    starts = [start_of(day, "Europe/Paris") for day in (*DAYS, LAST)]
    assert found == [
        (
            day,
            *day.isocalendar(),
            day.replace(day=1),
            date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
            date(day.year, 1, 1),
            (end - start).total_seconds() / 3600,
        )
        for day, start, end in zip(DAYS, starts, starts[1:], strict=False)
    ]
    weeks = {row[1:3] for row in found}
    assert {(2020, 53), (2026, 53)} <= weeks and (2025, 53) not in weeks
    assert {row[0] for row in found} >= {date(2024, 2, 29), date(2028, 2, 29)}
    assert sorted({row[-1] for row in found}) == [23, 24, 25]
    figures.note(
        "Days of twelve years, with leap days, weeks 53 and both clock changes",
        f"{len(DAYS):,} as Python's calendar has them, in {len(SESSIONS)} timezones of the session",
    )


@pytest.mark.parametrize("business", BUSINESS)
@pytest.mark.parametrize("timezone", SESSIONS)
def test_every_quarter_of_an_hour_falls_on_its_business_day(timezone: str, business: str) -> None:
    connection = session(timezone)
    spans = [
        (datetime(2026, 3, 7), 30),
        (datetime(2026, 9, 25), 40),
        (datetime(2024, 2, 28), 3),
        (datetime(2026, 12, 30), 4),
    ]
    for start, days in spans:
        instants = [start + timedelta(minutes=15 * n) for n in range(days * 96)]
        day, month = (
            rendered("{{ business_date('i') }}", business),
            rendered("{{ business_month('i') }}", business),
        )
        found = connection.execute(
            f"select i, {day}, {month} from "
            f"range(timestamp '{start}', timestamp '{start + timedelta(days=days)}',"
            " interval 15 minute) r(i) order by i"
        ).fetchall()
        expected = [(one, local(one, business).date()) for one in instants]
        assert found == [(one, on, on.replace(day=1)) for one, on in expected]
    quarters = sum(days for _, days in spans) * 96
    figures.note(
        "Quarters of an hour around clock changes, leap days and year ends",
        f"{quarters:,} on their business day, in {len(BUSINESS)} timezones of a business by "
        f"{len(SESSIONS)} of the session",
    )


@pytest.mark.parametrize("who", ["settings", "company"])
def test_somebody_may_say_that_a_clock_set_back_is_right(who: str) -> None:
    released = SimpleNamespace(manifest=SimpleNamespace(as_of="2026-07-01T05:00:00Z"))
    refresh: Any = SimpleNamespace(
        as_of=datetime(2026, 6, 30, 5),
        releases=SimpleNamespace(current=lambda: released),
        settings=SimpleNamespace(as_of=None),
        company=SimpleNamespace(as_of=None),
    )
    with pytest.raises(ClockError):
        Refresh.check_clock(refresh)
    getattr(refresh, who).as_of = refresh.as_of
    Refresh.check_clock(refresh)


def test_a_clock_set_back_is_refused() -> None:
    released = "2026-07-01T05:00:00Z"
    check_clock(datetime(2026, 7, 1, 4, 30), released)
    check_clock(datetime(2026, 7, 2), released)
    check_clock(datetime(2026, 7, 2), None)
    with pytest.raises(ClockError, match=r"says 2026-06-30T05:00:00Z.*WAREHOUSE_AS_OF"):
        check_clock(datetime(2026, 6, 30, 5), released)


@pytest.mark.parametrize("instant", ["1970-01-01T00:00:00Z", "2060-01-01T00:00:00Z"])
def test_a_clock_that_the_calendar_does_not_have_is_refused(tmp_path: Path, instant: str) -> None:
    variables = {"WAREHOUSE_HOME": str(tmp_path), "WAREHOUSE_AS_OF": instant}
    refused = rf"WAREHOUSE_AS_OF says {instant}, and the calendar has the years 2000 to 2059"
    with environment(variables), pytest.raises(ClockError, match=refused):
        open_refresh(load())


def test_releases_follow_each_other_whatever_the_clock_says(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    first_day(tiny)
    for days in (0, 5, -400, 3):
        tiny.clock(days)
        tiny.refresh()
    names: list[Any] = tiny.store.ids()
    assert names == sorted(names)
    assert names[-1].startswith("000004-20250202")
    current = tiny.store.current()
    assert current is not None and current.id == names[-1]
