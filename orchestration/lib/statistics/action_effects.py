"""Whether a measure moved its KPI: difference in differences of weekly figures.

The segment's change from the weeks before to as many weeks after, less the change of a control
segment over the same weeks. Without a control the segment is held against its own trend, and
against its own last year where that is known (interrupted time series).

Weeks of one segment resemble each other, so that plain errors are far too small (Bertrand, Duflo,
Mullainathan 2004, doi:10.1162/003355304772839588). The errors here are Newey and West's (1987,
doi:10.2307/1913610) with the bandwidth of Lazarus, Lewis, Stock and Watson (2018,
doi:10.1080/07350015.2018.1506926) and the critical values of Kiefer and Vogelsang (2005,
doi:10.1017/S0266466605050565), which count in that few weeks tell little about how they hang
together. Ratios enter by their windows' totals, linearised (delta method): a week with few records
weighs little, and a week without a success does no harm.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Method = Literal["control_segment", "own_trend", "own_trend_and_season"]

WEEKS_A_YEAR = 52
# Kiefer and Vogelsang's polynomial for Bartlett weights, 5 % on both sides together.
_CRITICAL = (1.9600, 2.9694, 0.4160, -0.5324)
_BANDWIDTH = 1.3


@dataclass(frozen=True)
class Weeks:
    """Two windows of equal length, the weeks before and then those after; `base` is 1 for a sum.

    Each window has three weeks at least: through two, a line goes exactly.
    """

    amount: Floats
    base: Floats

    @property
    def window(self) -> int:
        """Weeks in each of the two."""
        return len(self.amount) // 2

    @property
    def is_sum(self) -> bool:
        """Whether these are amounts a week, and no ratio."""
        return bool((self.base == 1).all())

    def value(self, *, after: bool) -> float:
        """Total over total of one window; a sum's mean a week."""
        part = slice(self.window, None) if after else slice(0, self.window)
        base = float(self.base[part].sum())
        return float(self.amount[part].sum()) / base if base > 0 else float("nan")


@dataclass(frozen=True)
class Estimate:
    """A relative change with the bounds of its 95 % interval."""

    effect: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Effect:
    """What an action did, relative to what was to be expected.

    `in_logarithms` where all values compared are above zero: the effect is a share of what was to
    be expected then, and otherwise of the size of the segment's own value before.
    `pre_trend` is the weekly growth of the segment over its comparison before the action, relative,
    and `has_other_trend` whether that is more than chance; `adjusted` then is the estimate if it
    had gone on. Both are None without a control, where the trend is part of the estimate.
    """

    method: Method
    in_logarithms: bool
    found: Estimate
    pre_trend: float | None
    has_other_trend: bool | None
    adjusted: Estimate | None


def effect(segment: Weeks, control: Weeks | None, last_year: Weeks | None) -> Effect | None:
    """The effect on a segment; None where a window has no denominator, or nothing to compare with.

    `last_year` are the segment's own weeks a year before and only counts without a control, and
    where there was something.
    """
    weeks = len(segment.amount)
    after = (np.arange(weeks) >= segment.window).astype(np.float64)
    trend = np.arange(weeks) - (weeks - 1) / 2
    one = np.ones(weeks)
    comparison = control if control is not None else last_year
    moved = _deviations(segment, after)
    if moved is None:
        return None
    series, in_logarithms = moved
    if comparison is not None:
        compared = _deviations(comparison, after, force_absolute=not in_logarithms)
        if compared is None:
            # A segment that sold nothing a year ago has its own trend all the same.
            return None if control is not None else effect(segment, None, None)
        if compared[1] != in_logarithms:
            moved = _deviations(segment, after, force_absolute=True)
            if moved is None:
                return None
            series, in_logarithms = moved
        scale = 1.0
        if not in_logarithms and not segment.is_sum:
            # Rates of one KPI move by as many points; a sum moves by as large a share of its own.
            scale = _size(comparison) / _size(segment)
        series = series - scale * compared[0]

    def told(design: Floats) -> Estimate:
        found, reach = _regression(series, design)
        return _estimate(found[-1], reach[-1], in_logarithms)

    if control is None:
        name: Method = "own_trend" if last_year is None else "own_trend_and_season"
        alone = told(np.column_stack([one, trend, after]))
        return Effect(name, in_logarithms, alone, None, None, None)
    before = slice(0, segment.window)
    slope, reach = _regression(series[before], np.column_stack([one[before], trend[before]]))
    return Effect(
        "control_segment",
        in_logarithms,
        told(np.column_stack([one, after])),
        float(slope[-1]),
        bool(abs(slope[-1]) > reach[-1]),
        told(np.column_stack([one, trend, after])),
    )


def _size(weeks: Weeks) -> float:
    return abs(weeks.value(after=False))


def _deviations(
    weeks: Weeks, after: Floats, *, force_absolute: bool = False
) -> tuple[Floats, bool] | None:
    """Each week's deviation from the value before, linearised; and whether it is in logarithms.

    The mean over a window is exactly that window's change: nothing before, and the difference of
    the windows' (logarithmic) values after.
    """
    values = [weeks.value(after=False), weeks.value(after=True)]
    if not np.isfinite(values).all():
        return None
    in_logarithms = min(values) > 0 and not force_absolute
    if not in_logarithms and values[0] == 0:
        return None
    change = (
        np.log(values[1] / values[0]) if in_logarithms else (values[1] - values[0]) / _size(weeks)
    )
    deviation = np.empty(len(after))
    for value, part in ((values[0], after == 0), (values[1], after == 1)):
        usual = value if in_logarithms else _size(weeks)
        deviation[part] = (weeks.amount[part] - value * weeks.base[part]) / (
            usual * weeks.base[part].mean()
        )
    return deviation + after * change, in_logarithms


def _regression(series: Floats, design: Floats) -> tuple[Floats, Floats]:
    """Least squares, and the half widths of 95 % intervals that hold under autocorrelation."""
    weeks, columns = design.shape
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ series
    rest = series - design @ found
    scores = design * rest[:, None]
    bandwidth = int(np.ceil(_BANDWIDTH * np.sqrt(weeks)))
    middle = scores.T @ scores
    for lag in range(1, bandwidth):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / bandwidth) * (cross + cross.T)
    left = weeks - columns
    robust = np.sqrt(np.maximum(np.diag(inverse @ middle @ inverse), 0) * weeks / left)
    share = bandwidth / weeks
    critical = sum(one * share**power for power, one in enumerate(_CRITICAL))
    # Weeks that seem to make up for each other are no reason to be surer than independent ones.
    plain = np.sqrt(np.diag(inverse) * float(rest @ rest) / left)
    # Few weeks hide how alike they are: the correlation from week to week is found too small by
    # about (k (1 + r) + 2 r) / weeks with k columns (Kendall 1954), which is undone here.
    alike = float(rest[1:] @ rest[:-1]) / max(float(rest @ rest), 1e-300)
    alike = min(max((weeks * alike + columns) / max(weeks - columns - 2, 1), 0.0), 0.9)
    plain *= np.sqrt((1 + alike) / (1 - alike))
    return found, np.maximum(critical * robust, float(special.stdtrit(left, 0.975)) * plain)


def _estimate(change: float, reach: float, in_logarithms: bool) -> Estimate:
    bounds = np.array([change, change - reach, change + reach])
    if in_logarithms:
        bounds = np.expm1(bounds)
    return Estimate(*bounds.tolist())
