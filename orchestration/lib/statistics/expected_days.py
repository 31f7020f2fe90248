"""What a day should have shown, from the days before it, and how far it may lie from that.

A series of days is forecast one day ahead: the level of the last weeks, times weekday, month's edge
and holiday, times what the same weeks of last year did. Each forecast sees earlier days only, so a
later day never changes what was said of an earlier one.

Sources: quasi-Poisson counts against a baseline from which past outliers are kept out follow
Farrington, Andrews, Beale and Catchpole (1996, doi:10.2307/2983331) and Noufaily and others (2013,
doi:10.1002/sim.5595); the factors are those of a multiplicative (ratio to moving average)
decomposition, fitted by proportional scaling. All series are computed at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

WEEK = 7
YEAR = 364
"""Whole weeks, so that a day is held against the same weekday."""
LEVEL_DAYS = 28
MIN_LEVEL_DAYS = 14
MIN_HISTORY = 56
"""Days before the first forecast: eight of each weekday."""
MIN_RESIDUALS = 28
SCALE_DAYS = 365
REFIT_DAYS = 28
BASELINE_AFTER = 21
"""Days of the last 28 on which a series was odd, from which that is its new level."""

# Of a normal variable: median absolute value, and the value that 2 % lie beyond on either side.
_MAD, _Q96 = 0.674490, 2.053749
# Records' worth of evidence that a factor of the whole is 1, and one of a segment like the whole's.
_PRIOR_RECORDS = (10.0, 40.0)
# How far holidays differ from each other, and how far last year's move is a guide, relative.
_HOLIDAY_SPREAD, _SEASON_SPREAD = 0.25, 0.35
_SEASON_PRIOR, _SEASON_PRIOR_WEIGHT = 0.6, 0.05
# A deviate below which a day is doubted: too low to move the level, as long as nobody knows.
_DOUBTED = 3.0
# Share of what was expected below which an odd day counts as a gap in the data.
_EMPTY = 0.25
# No series is more regular than this, relative to its mean.
_LEAST_SPREAD = 0.02
NORMAL_95 = 1.959964
"""The deviate of a normal variable within which 95 % lie."""
MIN_EXPECTED = 5.0
"""Records, corrected for dispersion, below which a day or week is not judged."""
# Of what is rarer, records at once that are judged all the same, and in a year that tell how.
_MIN_RISE = 10.0


@dataclass(frozen=True)
class Calendar:
    """Consecutive days; `holiday` is the share (0..1) of each row's business that has a holiday.

    `number` counts days from 1970, `weekday` from Monday as 0; `edge` is 1 on the first two days of
    a month and 2 on its last two.
    """

    number: Ints
    weekday: Ints
    edge: Ints
    holiday: Floats

    @staticmethod
    def of(days: npt.NDArray[np.datetime64], holiday: Floats) -> "Calendar":
        """The calendar of these days; `holiday` has a row per series."""
        whole = days.astype("datetime64[D]")
        number = whole.astype(np.int64)
        month = whole.astype("datetime64[M]")
        first = number - month.astype("datetime64[D]").astype(np.int64)
        last = (month + 1).astype("datetime64[D]").astype(np.int64) - number
        edge = np.where(first < 2, 1, np.where(last <= 2, 2, 0))
        return Calendar(number, (number + 3) % WEEK, edge.astype(np.int64), holiday)


@dataclass(frozen=True)
class Panel:
    """Series by days. `amount` is expected in proportion to `base`; not a number where unknown.

    `base` is 1 for a plain count or sum, and the denominator for a ratio; `records` are those that
    an amount, or the denominator, rests on. `whole` is the row of the undivided series that a
    segment's factors lean on, its own row for that one itself; `parts` are the two rows that a
    ratio is made of, twice its own row for any other. `floor` is the least dispersion a row can
    have: 1 for counted records, 0 where nothing is known. `worth` are the days of which a row is
    judged, and `watched` how many series each day watched over.
    """

    amount: Floats
    base: Floats
    records: Floats
    whole: Ints
    parts: Ints
    floor: Floats
    worth: Bools
    watched: Ints
    calendar: Calendar


@dataclass(frozen=True)
class Expected:
    """What each day should have shown. All arrays are series by days, but `score`, a value a day.

    `mean` is `level` times `factor` (weekday, month's edge, holiday) times base times what last
    year tells; `dispersion` is variance over mean. `day_score` and `span_score` are standard normal
    deviates of the day, and of the last seven days without those that were odd by themselves; or of
    the last four weeks, where these are all that is odd. `odd` marks the days that count as
    unusual, which are those with a deviate from `score` on, and `began` says since which day what
    makes such a day odd is looked at.
    """

    score: Floats
    level: Floats
    factor: Floats
    mean: Floats
    dispersion: Floats
    day_score: Floats
    span_score: Floats
    odd: Bools
    began: Ints


@dataclass(frozen=True)
class Limits:
    """How often chance alone may call a day odd, and the least relative change that counts.

    `judged_days` are the latest days that are asked about; of earlier ones only as many are
    forecast as tell how good the forecasts are.
    """

    false_alarms_a_year: float
    change: float
    judged_days: int


def expected_days(panel: Panel, limits: Limits, now: int) -> Expected:
    """Forecasts each day of each series from the days before it; from `now` on lies the future."""
    return _Forecast(panel, limits).run(now)


def scores(amount: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Normal deviates of amounts under a Poisson law scaled by the dispersion.

    The tails are exact (incomplete gamma functions), so that a zero where ten were expected is
    judged by its own probability and not by a normal curve.
    """
    count = np.maximum(amount, 0) / dispersion
    rate = mean / dispersion
    tiny = 1e-300
    below = special.gammaincc(count + 0.5, rate)
    above = special.gammainc(count + 0.5, rate)
    low = special.ndtri(np.maximum(below, tiny))
    high = -special.ndtri(np.maximum(above, tiny))
    return np.asarray(np.where(count < rate, np.minimum(low, 0), np.maximum(high, 0)))


def score_for(false_alarms_a_year: float, series: int) -> float:
    """The deviate that chance alone exceeds that often a year, in that many series.

    Each is judged twice a day, for the day and for the week, and may lie on either side.
    """
    judgements = 2 * 2 * 365 * max(series, 1)
    return float(-special.ndtri(min(false_alarms_a_year / judgements, 0.01)))


def interval(mean: Floats, dispersion: Floats, score: float) -> tuple[Floats, Floats]:
    """The amounts whose deviate is `score` below and above: `scores` turned round."""
    rate = mean / dispersion
    tail = special.ndtr(-score)
    # Where no count at all is likelier than the tail, there is no lower bound.
    lower = _first(lambda count: special.gammaincc(count + 0.5, rate) >= tail, 0 * rate, rate)
    far = rate + 2 * score * np.sqrt(rate + score * score) + 1
    upper = _first(lambda count: special.gammainc(count + 0.5, rate) <= tail, rate, far)
    return np.asarray(dispersion * lower), np.asarray(dispersion * upper)


def _first(holds: Callable[[Floats], Any], low: Floats, high: Floats) -> Floats:
    """From where on a condition holds, which does at `high`: by halving; `low` if it does there."""
    start = low
    at_once = holds(start)
    for _ in range(60):
        middle = (low + high) / 2
        there = holds(middle)
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    return np.asarray(np.where(at_once, start, high))


@dataclass(frozen=True)
class _Factors:
    """Multipliers of a series by weekday, month's edge and share of holidays (none, some, all)."""

    weekday: Floats
    edge: Floats
    holiday: Floats

    def of(self, calendar: Calendar, holiday: Ints, days: slice) -> Floats:
        """The product of a day's factors, series by days."""
        return np.asarray(
            self.weekday[:, calendar.weekday[days]]
            * self.edge[:, calendar.edge[days]]
            * np.take_along_axis(self.holiday, holiday[:, days], axis=1)
        )


@dataclass(frozen=True)
class _Scale:
    """Variance over mean of days (or of days together): of the usual ones, and of all of them.

    `whole` is that of undivided amounts that are rare against it, of which a rise is told all the
    same; infinite where too little came in a year to know it, not a number of others.
    """

    usual: Floats
    whole: Floats


class _Forecast:
    """The state of a forecast that walks through the days; rows are series."""

    def __init__(self, panel: Panel, limits: Limits) -> None:
        self._panel, self._limits = panel, limits
        self._score = np.array(
            [score_for(limits.false_alarms_a_year, count) for count in panel.watched.tolist()]
        )
        shape = panel.amount.shape
        known = np.isfinite(panel.amount) & np.isfinite(panel.base) & (panel.base > 0)
        self._known = known
        self._y = np.where(known, np.maximum(panel.amount, 0), 0.0)
        self._b = np.where(known, panel.base, 0.0)
        self._records = np.where(known, np.nan_to_num(panel.records), 0.0)
        self._usual_records = np.zeros(shape)
        self._holiday = np.where(
            panel.calendar.holiday >= 0.5, 2, np.where(panel.calendar.holiday > 0, 1, 0)
        )
        self._factor = np.ones(shape)
        self._level = np.full(shape, np.nan)
        self._plain = np.full(shape, np.nan)  # the forecast before last year's move
        self._season = np.zeros(shape)
        self._spread = np.zeros(shape)  # relative variance that comes on top
        self._odd = np.zeros(shape, dtype=bool)
        self._odd_alone = np.zeros(shape, dtype=bool)
        self._doubted = np.zeros(shape, dtype=bool)  # too low by itself, if below the bar
        self._left_out = np.zeros(shape, dtype=bool)  # of what is usual
        self._settled = np.zeros(shape, dtype=bool)  # of a new level, and no longer left out of it
        self._mean = np.full(shape, np.nan)
        self._dispersion = np.full(shape, np.nan)
        self._day = np.zeros(shape)
        self._span = np.zeros(shape)
        self._began = np.zeros(shape, dtype=np.int64)
        unknown = np.full(shape[0], np.nan)
        self._of_day = self._of_week = self._of_four_weeks = _Scale(unknown, unknown)
        self._all = np.arange(shape[0])
        # What is undivided, and its days that four weeks together have made odd.
        self._undivided = np.flatnonzero(panel.whole == self._all)
        self._told_together = np.zeros(shape, dtype=bool)

    def run(self, now: int) -> Expected:
        """All days; factors and dispersions are fitted anew every `REFIT_DAYS` days."""
        days = self._y.shape[1]
        # By the calendar, so that tomorrow's refresh fits on the same days as today's, and begins
        # with the same one.
        start = now - self._limits.judged_days - SCALE_DAYS
        start -= int(self._panel.calendar.number[max(start, 0)]) % REFIT_DAYS
        start = max(MIN_HISTORY, start)
        for day in range(start, days):
            if day == start or self._panel.calendar.number[day] % REFIT_DAYS == 0:
                self._refit(day, min(day + REFIT_DAYS, days))
            self._forecast(day)
            self._judge(day)
        return Expected(
            score=self._score,
            level=self._level,
            factor=self._factor,
            mean=self._mean,
            dispersion=self._dispersion,
            day_score=self._day,
            span_score=self._span,
            odd=self._odd,
            began=self._began,
        )

    def _forecast(self, day: int) -> None:
        window = slice(max(0, day - 2 * LEVEL_DAYS), day)
        # What has been odd for weeks is the new level, and stays it when it is odd no more.
        recent = slice(max(0, day - LEVEL_DAYS), day)
        lasts = self._odd[:, recent].sum(axis=1) >= BASELINE_AFTER
        self._settled[:, recent] |= lasts[:, None] | (
            self._spread_out(lasts)[:, None] & ~self._odd[:, recent]
        )
        # A fall whose days are each below the bar must not lower what the week is held against.
        aside = self._left_out[:, window] | self._doubted[:, window]
        usable = self._known[:, window] & (~aside | self._settled[:, window])
        # The latest of them, as many as make up the level.
        usable &= np.cumsum(usable[:, ::-1], axis=1)[:, ::-1] <= LEVEL_DAYS
        seen = (self._y[:, window] * usable).sum(axis=1)
        exposed = (self._b[:, window] * self._factor[:, window] * usable).sum(axis=1)
        enough = (usable.sum(axis=1) >= MIN_LEVEL_DAYS) & (exposed > 0)
        level = np.where(enough, seen / np.where(exposed > 0, exposed, 1), np.nan)
        self._level[:, day] = level
        records = (self._records[:, window] * usable).sum(axis=1)
        self._usual_records[:, day] = records / np.maximum(usable.sum(axis=1), 1)
        base = np.nan_to_num(self._panel.base[:, day])
        self._plain[:, day] = level * self._factor[:, day] * base
        self._mean[:, day] = self._plain[:, day] * np.exp(self._season[:, day])

    def _judge(self, day: int) -> None:
        known, worth, score = self._known[:, day], self._panel.worth[:, day], self._score[day]
        today = slice(day, day + 1)
        mean = np.nan_to_num(self._mean[:, today])
        deviate, moved, self._dispersion[:, day] = self._together(
            self._all, today, self._y[:, today], mean, self._of_day
        )
        self._day[:, day] = np.where(worth & known, deviate, 0)
        alone = (np.abs(self._day[:, day]) >= score) & moved
        self._doubted[:, day] = (self._day[:, day] <= -_DOUBTED) & moved
        self._odd_alone[:, day] = alone
        window = slice(day - WEEK + 1, day + 1)
        usable = self._known[:, window] & np.isfinite(self._mean[:, window])
        usable &= ~self._odd_alone[:, window]
        means = np.where(usable, self._mean[:, window], 0)
        deviate, changed, _ = self._together(
            self._all, window, self._y[:, window] * usable, means, self._of_week
        )
        enough = worth & (usable.sum(axis=1) >= WEEK // 2)
        self._span[:, day] = np.where(enough, deviate, 0)
        together = (np.abs(self._span[:, day]) >= score) & changed
        deviate, lasting = self._four_weeks(day)
        lasting &= ~alone & ~together
        self._span[lasting, day] = deviate[lasting]
        self._odd[:, day] = alone | ((together | lasting) & known)
        self._began[:, day] = day - np.where(alone, 0, np.where(together, WEEK, LEVEL_DAYS) - 1)
        # A week is odd for what began in it: its earlier days are no measure of what is usual.
        self._left_out[:, window] |= self._spread_out(together)[:, None]
        self._left_out[:, day] |= self._spread_out(alone)

    def _four_weeks(self, day: int) -> tuple[Floats, Bools]:
        """The deviate of four weeks together from the level before them, and whether it is odd.

        Of what is undivided alone: many small segments would echo each large change of another.
        """
        rows, window = self._undivided, slice(day - LEVEL_DAYS + 1, day + 1)
        deviate, odd = np.zeros(len(self._known)), np.zeros(len(self._known), dtype=bool)
        seen, means = self._since(rows, window)
        worth = self._panel.worth[rows, day] & ((means > 0).sum(axis=1) >= MIN_LEVEL_DAYS)
        found, changed, _ = self._together(rows, window, seen, means, self._of_four_weeks)
        deviate[rows] = np.where(worth, found, 0)
        odd[rows] = (np.abs(deviate[rows]) >= self._score[day]) & changed
        self._told_together[odd, window] = True
        return deviate, odd

    def _together(
        self, rows: Ints, window: slice, seen: Floats, means: Floats, scale: _Scale
    ) -> tuple[Floats, Bools, Floats]:
        """Of days together: the deviate, whether they changed by more than the least, dispersion.

        What is rarer than can be judged is so all the same where many records more than usual came
        at once: one large amount is no wave.
        """
        total, expected = seen.sum(axis=1), means.sum(axis=1)
        spread = (self._spread[rows, window] * means).sum(axis=1)
        dispersion, whole = scale.usual[rows] + spread, scale.whole[rows] + spread
        more = self._records[rows, window] - self._usual_records[rows, window]
        rise = ~np.isnan(whole) & ((more * (means > 0)).sum(axis=1) >= _MIN_RISE)
        judged = rise | (expected >= MIN_EXPECTED * dispersion)
        dispersion = np.where(rise, whole, dispersion)
        judged &= np.isfinite(dispersion) & (expected > 0)
        deviate = np.zeros(len(total))
        deviate[judged] = scores(total[judged], expected[judged], dispersion[judged])
        changed = np.abs(total - expected) >= self._limits.change * expected
        return deviate, changed, dispersion

    def _since(self, rows: Ints, window: slice) -> tuple[Floats, Floats]:
        """What days brought and should have at the level before them, without those left out."""
        means = self._mean[rows, window] * self._level[rows, [window.start]][:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            means = means / self._level[rows, window]
        usable = self._known[rows, window] & ~self._left_out[rows, window] & np.isfinite(means)
        return self._y[rows, window] * usable, np.where(usable, means, 0)

    def _spread_out(self, odd: Bools) -> Bools:
        """What is odd about a ratio is so in its parts, and back; about a whole in its segments."""
        reached = odd.copy()
        reached[self._panel.parts[odd].ravel()] = True
        reached |= odd[self._panel.parts].any(axis=1)
        return np.asarray(reached | reached[self._panel.whole])

    def _refit(self, day: int, until: int) -> None:
        """Factors, last year's move and dispersions, from the days before `day`, for the next."""
        past = slice(max(0, day - 2 * YEAR), day)
        usable = self._known[:, past] & ~self._left_out[:, past]
        y, b = self._y[:, past] * usable, self._b[:, past] * usable
        level = _moving(y, b, LEVEL_DAYS // 2) * b
        factor = np.ones_like(level)
        calendar = self._panel.calendar
        # Twice: how much chance there is in a series shows when its weekdays are known.
        for _ in range(2):
            mean = level * factor
            phi = _dispersion(y, mean, usable & (mean > 0), self._panel.floor)
            # Above nothing, also where no day ever differs: weights of nothing weigh nothing up.
            least = np.maximum(self._panel.floor, 1e-9)
            phi = np.maximum(np.where(np.isfinite(phi), phi, least), least)
            reach = 4 * np.sqrt(phi[:, None] * mean)
            clipped = np.clip(y, np.maximum(mean - reach, 0), mean + reach)
            factors = self._factors(clipped, level, usable, past, phi)
            factor = factors.of(calendar, self._holiday, past)
        self._factor[:, :until] = factors.of(calendar, self._holiday, slice(0, until))
        self._last_year(day, until, phi)
        self._scales(day)

    def _factors(
        self, y: Floats, level: Floats, usable: Bools, past: slice, phi: Floats
    ) -> _Factors:
        whole, own = self._panel.whole, self._undivided
        count = len(whole)
        result = _Factors(np.ones((count, 7)), np.ones((count, 3)), np.ones((count, 3)))
        weekday = np.eye(7)[self._panel.calendar.weekday[past]]
        edge = np.eye(3)[self._panel.calendar.edge[past]]
        rows_of = (own, np.setdiff1d(np.arange(count), own))
        for first, rows in zip((True, False), rows_of, strict=True):
            if not len(rows):
                continue
            prior = _Factors(
                *(
                    np.ones_like(part[rows]) if first else part[whole[rows]]
                    for part in (result.weekday, result.edge, result.holiday)
                )
            )
            weight = (_PRIOR_RECORDS[0 if first else 1] * phi[rows])[:, None]
            holiday = self._holiday[rows, past]
            seen, base = y[rows], level[rows] * usable[rows]
            w, e, h = prior.weekday.copy(), prior.edge.copy(), prior.holiday.copy()
            sums_w, sums_e = seen @ weekday, seen @ edge
            sums_h = np.stack([(seen * (holiday == k)).sum(axis=1) for k in range(3)], axis=1)
            for _ in range(3):
                of_e, of_w = e @ edge.T, w @ weekday.T
                of_h = np.take_along_axis(h, holiday, axis=1)
                w = (sums_w + weight * prior.weekday) / ((base * of_e * of_h) @ weekday + weight)
                of_w = w @ weekday.T
                e = (sums_e + weight * prior.edge) / ((base * of_w * of_h) @ edge + weight)
                e[:, 0] = 1.0
                of_e = e @ edge.T
                exposed = base * of_w * of_e
                sums = np.stack([(exposed * (holiday == k)).sum(axis=1) for k in range(3)], axis=1)
                h = (sums_h + weight * prior.holiday) / (sums + weight)
                h[:, 0] = 1.0
            result.weekday[rows], result.edge[rows], result.holiday[rows] = w, e, h
        return result

    def _last_year(self, day: int, until: int, phi: Floats) -> None:
        """How last year's same week lay above the four weeks before it, as a guide to this one."""
        self._season[:, day:until] = 0.0
        self._spread[:, day:until] = np.where(
            self._holiday[:, day:until] > 0, _HOLIDAY_SPREAD**2, 0.0
        )
        whole = np.unique(self._panel.whole)
        move = self._moves(whole, np.arange(day, until), phi)
        if not move.any():
            return
        # How much of last year's moves came true again, from the weeks of a year that are known by
        # now, counted back from that day: not from where the history happens to begin.
        past = day - WEEK * np.arange(SCALE_DAYS // WEEK, 0, -1)
        past = past[past >= MIN_HISTORY + WEEK]
        guess = self._moves(whole, past, phi)
        y = np.cumsum(self._y[whole] * self._known[whole] * ~self._left_out[whole], axis=1)
        plain = np.nan_to_num(self._plain[whole]) * self._known[whole] * ~self._left_out[whole]
        plain = np.cumsum(plain, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            # The week around the day, as that of last year is.
            last = past + WEEK // 2
            found = np.log(
                (y[:, last] - y[:, last - WEEK]) / (plain[:, last] - plain[:, last - WEEK])
            )
        found = np.where(np.isfinite(found), found, 0.0)
        guess = np.where(found != 0, guess, 0.0)
        weight = _SEASON_PRIOR_WEIGHT
        repeated = ((guess * found).sum(axis=1) + weight * _SEASON_PRIOR) / (
            (guess**2).sum(axis=1) + weight
        )
        position = np.searchsorted(whole, self._panel.whole)
        moved = (np.clip(repeated, 0, 1.2)[:, None] * move)[position]
        self._season[:, day:until] = moved
        self._spread[:, day:until] += (_SEASON_SPREAD * move[position]) ** 2

    def _moves(self, rows: Ints, days: Ints, phi: Floats) -> Floats:
        """The logarithm of last year's week over its four weeks before, shrunk by its noise."""
        # A busy season that was a surprise then is none now; a week without data is no season.
        with np.errstate(invalid="ignore"):
            empty = self._odd[rows] & (self._y[rows] < _EMPTY * self._mean[rows])
        usable = self._known[rows] & ~empty
        zero = np.zeros((len(rows), 1))
        y = np.hstack([zero, np.cumsum(self._y[rows] * usable, axis=1)])
        exposed = np.hstack([zero, np.cumsum(self._b[rows] * self._factor[rows] * usable, axis=1)])
        then = days - YEAR
        result = np.zeros((len(rows), len(days)))
        there = then - LEVEL_DAYS >= 0
        then = then[there]

        def between(sums: Floats, first: Ints, last: Ints) -> Floats:
            return np.asarray(sums[:, last + 1] - sums[:, first])

        seen, before = between(y, then - 3, then + 3), between(y, then - LEVEL_DAYS, then - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            move = np.log(seen / between(exposed, then - 3, then + 3)) - np.log(
                before / between(exposed, then - LEVEL_DAYS, then - 1)
            )
            noise = phi[rows][:, None] * (1 / seen + 1 / before)
            shrunk = move * np.maximum(0, 1 - noise / move**2)
        result[:, there] = np.where(np.isfinite(shrunk), np.clip(shrunk, -1.5, 1.5), 0.0)
        return result

    def _scales(self, day: int) -> None:
        """Dispersions from how far past forecasts were off, days and weeks apart."""
        past = slice(max(MIN_HISTORY, day - SCALE_DAYS), day)
        whole = np.where(self._known[:, past], np.nan_to_num(self._mean[:, past]), 0)
        y, usable = self._y[:, past] * (whole > 0), (whole > 0) & ~self._left_out[:, past]
        if usable.shape[1] < MIN_RESIDUALS:
            return
        mean = whole * usable
        phi = _dispersion(y, mean, usable, self._panel.floor)
        typical = mean.sum(axis=1) / np.maximum(usable.sum(axis=1), 1)
        phi = np.maximum(phi, _LEAST_SPREAD**2 * typical)
        self._of_day = _Scale(phi, self._with_extremes(y, whole, phi))
        means = _weeks(mean)
        found = _dispersion(_weeks(y * usable), means, means > 0, self._panel.floor, least=8)
        found = np.where(np.isfinite(found), found, 1.5 * phi)
        phi = np.maximum(found, np.maximum(phi, WEEK * _LEAST_SPREAD**2 * typical))
        self._of_week = _Scale(phi, self._with_extremes(_weeks(y), _weeks(whole), phi))
        self._scale_of_four_weeks(day, LEVEL_DAYS * _LEAST_SPREAD**2 * typical)

    def _with_extremes(self, y: Floats, mean: Floats, phi: Floats) -> Floats:
        """Variance over mean of all that came, of undivided amounts that are rare against it.

        The largest surprise is left out: one wave must not hide the next, but leads that come by
        a webinar each month are no news.
        """
        off = np.sort((y - mean) ** 2, axis=1)[:, :-1].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.maximum(off / mean.sum(axis=1), phi)
            typical = mean.sum(axis=1) / (mean > 0).sum(axis=1)
        # A ratio's rare numerator is watched by itself.
        first, second = self._panel.parts.T
        watched = (first == second) & (self._panel.whole == self._all)
        known = y.sum(axis=1) >= _MIN_RISE * found
        rare = watched & (typical < MIN_EXPECTED * found)
        return np.where(rare, np.where(known, found, np.inf), np.nan)

    def _scale_of_four_weeks(self, day: int, least: Floats) -> None:
        """How far four weeks lay from the level before them, where most of a year tells."""
        rows = self._undivided
        ends = np.arange(day, max(MIN_HISTORY, day - SCALE_DAYS), -LEVEL_DAYS)
        windows = [slice(end - LEVEL_DAYS, end) for end in ends.tolist()]
        spans = [self._since(rows, window) for window in windows]
        # What was told as unusual is no measure of chance.
        told = np.array([self._told_together[rows, window].any(axis=1) for window in windows]).T
        seen, mean = (
            np.array([one.sum(axis=1) for one in part]).T for part in zip(*spans, strict=True)
        )
        found = _dispersion(seen, mean, ~told, self._panel.floor[rows], least=8)
        unknown = np.full(len(self._known), np.nan)
        usual = unknown.copy()
        usual[rows] = np.maximum(found, np.maximum(self._of_week.usual, least)[rows])
        self._of_four_weeks = _Scale(usual, unknown)


def _weeks(days: Floats) -> Floats:
    """Sums of seven days each, up to the last."""
    weeks = days.shape[1] // WEEK
    return np.asarray(days[:, -weeks * WEEK :].reshape(len(days), weeks, WEEK).sum(axis=2))


def _moving(y: Floats, b: Floats, half: int) -> Floats:
    """Sums of y over sums of b, of the days up to `half` before and after."""
    days = y.shape[1]
    first = np.maximum(np.arange(days) - half, 0)
    last = np.minimum(np.arange(days) + half + 1, days)
    zero = np.zeros((y.shape[0], 1))
    sums, bases = (np.hstack([zero, np.cumsum(part, axis=1)]) for part in (y, b))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (sums[:, last] - sums[:, first]) / (bases[:, last] - bases[:, first])
    return np.where(np.isfinite(ratio), np.maximum(ratio, 0), 0.0)


def _dispersion(
    y: Floats, mean: Floats, usable: Bools, floor: Floats, least: int = MIN_RESIDUALS
) -> Floats:
    """Variance over mean, the larger of what half of the days and what 96 % of them say.

    The second is what keeps series with long tails from crying wolf. Not a number below `least`
    days.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(usable & (mean > 0), np.abs(y - mean) / np.sqrt(mean), np.inf)
    count = (usable & (mean > 0)).sum(axis=1)
    ordered = np.sort(off, axis=1)

    def quantile(share: float) -> Floats:
        position = np.maximum(np.ceil(share * count).astype(np.int64) - 1, 0)
        return np.asarray(np.take_along_axis(ordered, position[:, None], axis=1)[:, 0])

    found = np.maximum(quantile(0.5) / _MAD, quantile(0.96) / _Q96) ** 2
    return np.where(count >= least, np.maximum(found, floor), np.nan)
