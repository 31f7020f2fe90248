"""The demo company's two years: days, seasons, and the way from local clock time to UTC.

Instants are whole seconds since 1970 in UTC (`int64`); days are counted from `START`.
"""

import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

SEED = 20_240_701
START = date(2024, 7, 1)
END = date(2026, 6, 30)
DAYS = (END - START).days + 1
AS_OF = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
AS_OF_S = int(AS_OF.timestamp())
DAY = 86_400
HOUR = 3_600
TIMEZONES = {"FR": "Europe/Paris", "GB": "Europe/London"}

_START_S = int(datetime(START.year, START.month, START.day, tzinfo=UTC).timestamp())
_MONTH_SEASON = (0.95, 0.85, 0.95, 0.95, 1.0, 1.0, 0.85, 0.75, 1.0, 1.05, 1.35, 1.45)
_SHOP_WEEKDAY = (1.05, 1.0, 1.0, 0.98, 0.92, 0.95, 1.15)
_OFFICE_WEEKDAY = (1.1, 1.2, 1.15, 1.1, 0.85, 0.08, 0.06)
_GROWTH_IN_PERIOD = 0.45


def stream(part: str) -> np.random.Generator:
    """The random numbers of one part; another part never shifts them."""
    return np.random.Generator(np.random.PCG64([SEED, zlib.crc32(part.encode())]))


def day_number(day: date) -> int:
    """Days since `START`; negative before it."""
    return (day - START).days


def instant(day: date, timezone: str) -> int:
    """The instant at which `day` begins in `timezone`."""
    begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return int(begins.timestamp())


def day_of(number: int) -> date:
    """The day that many days after `START`."""
    return START + timedelta(days=number)


def demand(first_day: int, *, office: bool) -> Floats:
    """Relative demand of each day from `first_day` to the last: growth x month x weekday."""
    days = pd.date_range(pd.Timestamp(START) + pd.Timedelta(days=first_day), pd.Timestamp(END))
    number = np.arange(first_day, DAYS)
    growth = 1 + _GROWTH_IN_PERIOD * np.clip(number, 0, DAYS) / DAYS
    weekday = np.array(_OFFICE_WEEKDAY if office else _SHOP_WEEKDAY)[days.weekday.to_numpy()]
    month = np.ones(len(days)) if office else np.array(_MONTH_SEASON)[days.month.to_numpy() - 1]
    weights = growth * month * weekday
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def to_utc(day: Ints, second: Ints, timezone: str) -> Ints:
    """Instants of clock times (`second` after midnight of `day`) in `timezone`."""
    clock = pd.DatetimeIndex((_START_S + day * DAY + second).astype("datetime64[s]"))
    ambiguous = np.ones(len(clock), dtype=bool)
    utc = clock.tz_localize(timezone, ambiguous=ambiguous, nonexistent="shift_forward")
    naive = utc.tz_convert("UTC").tz_localize(None)
    return naive.to_numpy().astype("datetime64[s]").astype(np.int64)


def to_local(seconds: Ints, timezone: str) -> pd.DatetimeIndex:
    """Clock times in `timezone`, without an offset."""
    utc = pd.DatetimeIndex(np.asarray(seconds, dtype=np.int64).astype("datetime64[s]"))
    return utc.tz_localize("UTC").tz_convert(timezone).tz_localize(None)


def day_in(seconds: Ints, timezone: str) -> Ints:
    """The day number on which each instant falls in `timezone`."""
    clock = to_local(seconds, timezone).to_numpy().astype("datetime64[s]").astype(np.int64)
    return (clock - _START_S) // DAY


def office_time(day: Ints, rng: np.random.Generator, timezone: str) -> Ints:
    """Instants between 9:00 and 18:00 on `day`, or on Monday where it is a weekend."""
    weekday = (day + START.weekday()) % 7
    worked = day + np.where(weekday >= 5, 7 - weekday, 0)
    return to_utc(worked, rng.integers(9 * HOUR, 18 * HOUR, len(day)), timezone)


def iso(seconds: Any) -> Texts:
    """Instants as `2025-01-31T09:30:00Z`; empty where negative (no instant)."""
    values = np.asarray(seconds, dtype=np.int64)
    text = np.datetime_as_string(values.astype("datetime64[s]")).astype(object) + "Z"
    return np.where(values < 0, "", text).astype(object)


def local_text(seconds: Any, timezone: str, pattern: str) -> Texts:
    """Instants as clock time of `timezone` in a `strftime` pattern; empty where negative."""
    values = np.asarray(seconds, dtype=np.int64)
    text = to_local(values, timezone).strftime(pattern).to_numpy().astype(object)
    return np.where(values < 0, "", text).astype(object)


def month_of(seconds: Ints) -> Texts:
    """The UTC month of each instant, as `2025-01`: how exports are cut into files."""
    return np.datetime_as_string(seconds.astype("datetime64[s]"), unit="M").astype(object)


def quarter_of(seconds: Ints) -> Texts:
    """The UTC quarter of each instant, as `2025-Q1`."""
    month = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    year, quarter = 1970 + month // 12, month % 12 // 3 + 1
    return np.array([f"{y}-Q{q}" for y, q in zip(year, quarter, strict=True)], dtype=object)


def quarter_end(seconds: Ints) -> Ints:
    """The instant (UTC) at which the quarter of each instant ends."""
    month = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    following = (month // 3 + 1) * 3
    return following.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
