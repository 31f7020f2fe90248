"""Where a running period is heading, and whether it can still reach its target.

What the period has so far, plus what the days to come should bring: the level of the last weeks
times weekdays, month's edges, holidays and what last year did. The interval comes from how far the
same forecast was off in the past year, over as many days.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.lib.statistics.alert_causes import Daily, Driver, drivers
from orchestration.lib.statistics.expected_days import (
    LEVEL_DAYS,
    MIN_HISTORY,
    NORMAL_95,
    WEEK,
    YEAR,
)

_ORIGINS, _MIN_ORIGINS = 52, 8
# How much of last year's move is expected to come true again; as the prior of expected_days.
_REPEATED = 0.6
# The share of a ratio's cases in days of few of them from which on its other days tell too little.
_LEFT_OUT = 0.05


@dataclass(frozen=True)
class Heading:
    """The value that a period ends at if nothing changes, with its 95 % interval."""

    value: float
    lower: float
    upper: float


def heading(
    daily: Daily, row: int, below: int | None, period: tuple[int, int], day: int
) -> Heading | None:
    """Where a period, the days from its first to before its second number, is heading on `day`.

    `row` is the KPI's series, and `below` that of its denominator where it is a ratio. None where
    the past does not tell how good such a forecast is.
    """
    start, end = period
    error = _error(daily, row, day, end - day)
    level = daily.expected.level[row, day]
    if error is None or not np.isfinite(level):
        return None
    ahead = slice(day, end)
    base = np.ones(end - day)
    if below is not None:
        under = daily.expected.level[below, day]
        if not np.isfinite(under):
            return None
        base = under * daily.expected.factor[below, ahead] * np.exp(_move(daily, below, day, end))
    rest = float((level * daily.expected.factor[row, ahead] * base).sum())
    rest *= float(np.exp(_move(daily, row, day, end)))
    # A ratio's days of few cases are no days to forecast from, but they count in the period.
    above, divisor = daily.panel.parts[row]
    done = float(np.nansum(daily.panel.amount[above, start:day]))
    whole = 1.0
    if below is not None:
        if _share_left_out(daily, row, day) > _LEFT_OUT:
            return None
        whole = float(np.nansum(daily.panel.amount[divisor, start:day]) + base.sum())
    if whole <= 0:
        return None
    return Heading(
        (done + rest) / whole,
        (done + rest * float(np.exp(-NORMAL_95 * error))) / whole,
        (done + rest * float(np.exp(NORMAL_95 * error))) / whole,
    )


def known_until(daily: Daily, row: int) -> int:
    """The day after the last one of which the series, or what it is made of, is known."""
    above, divisor = daily.panel.parts[row]
    amounts = daily.panel.amount[[above, divisor], : daily.now]
    known = np.flatnonzero(np.isfinite(amounts).all(axis=0))
    return int(known[-1]) + 1 if len(known) else 0


def changes_since(
    daily: Daily, row: int, start: int, day: int, missed_by: float
) -> tuple[Driver, ...]:
    """Where the figure has moved away from the level that it had when the period began.

    `missed_by` is the value less its target. What moved the other way is no reason for the miss: a
    target that lay out of reach from the beginning has none.
    """
    days = slice(start, day)

    def change(other: int) -> float:
        amount, base = daily.panel.amount[other, days], daily.panel.base[other, days]
        usual = daily.expected.level[other, start] * daily.expected.factor[other, days] * base
        return float(np.nansum(amount - usual))

    return drivers(daily, row, days, change) if change(row) * missed_by > 0 else ()


def _share_left_out(daily: Daily, row: int, day: int) -> float:
    """How much of a ratio's denominator lately lay in days of too few cases to be judged."""
    days = slice(max(0, day - LEVEL_DAYS), day)
    divisor = np.nan_to_num(daily.panel.amount[daily.panel.parts[row][1], days])
    judged = np.isfinite(daily.panel.base[row, days])
    whole = float(divisor.sum())
    return 1 - float(divisor[judged].sum()) / whole if whole > 0 else 1.0


def _error(daily: Daily, row: int, day: int, days: int) -> float | None:
    """The typical error of such forecasts over as many days, as a logarithm."""
    origins = day - days - WEEK * np.arange(_ORIGINS)
    origins = origins[origins >= MIN_HISTORY]
    if len(origins) < _MIN_ORIGINS:
        return None
    amount, base = daily.panel.amount[row], daily.panel.base[row]
    known = np.isfinite(amount) & np.isfinite(base)
    seen = np.concatenate([[0], np.cumsum(np.where(known, np.maximum(amount, 0), 0))])
    plain = np.where(known, base, 0) * daily.expected.factor[row]
    exposed = np.concatenate([[0], np.cumsum(plain)])
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.log(
            (seen[origins + days] - seen[origins])
            / (daily.expected.level[row, origins] * (exposed[origins + days] - exposed[origins]))
        )
    off = off[np.isfinite(off)]
    if len(off) < _MIN_ORIGINS:
        return None
    return max(float(np.sqrt(np.mean(off**2))), 1e-3)


def _move(daily: Daily, row: int, day: int, end: int) -> float:
    """How last year's same days lay above the weeks before them, as far as that tells."""
    then, until = day - YEAR, end - YEAR
    if then < LEVEL_DAYS:
        return 0.0
    amount, base = daily.panel.amount[row], daily.panel.base[row]
    known = np.isfinite(amount) & np.isfinite(base)
    amount = np.where(known, np.maximum(amount, 0), 0)
    exposed = np.where(known, base, 0) * daily.expected.factor[row]
    seen, before = amount[then:until].sum(), amount[then - LEVEL_DAYS : then].sum()
    over, under = exposed[then:until].sum(), exposed[then - LEVEL_DAYS : then].sum()
    if not min(seen, before, over, under) > 0:
        return 0.0
    move = float(np.log(seen / over) - np.log(before / under))
    dispersion = daily.expected.dispersion[row, min(day, daily.now) - 1]
    noise = float(np.nan_to_num(dispersion, nan=1.0)) * (1 / seen + 1 / before)
    return _REPEATED * move * max(0.0, 1 - noise / move**2) if move else 0.0
