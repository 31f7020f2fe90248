"""From unusual days of many series to one alert per cause, and what kind of cause it is.

A fault shows in many series at once: a doubled file doubles each segment and each KPI made of it.
Days that belong together become one alert, told where it is clearest. Whether the data are at fault
or the business has changed follows from signatures: each says what a fault of the data does and a
change of the business does not. What bears none of them counts as business.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from orchestration.lib.statistics.expected_days import (
    NORMAL_95,
    WEEK,
    Bools,
    Expected,
    Floats,
    Ints,
    Panel,
    interval,
    scores,
)

DATA, BUSINESS = "data", "business"
OVERALL = ("overall", "all")

CAUSES: Mapping[str, str] = {
    "no_records": DATA,
    "doubled_load": DATA,
    "currency_mismatch": DATA,
    "tracking_loss": DATA,
    "campaign_paused": BUSINESS,
    "business_change": BUSINESS,
}

# Days without an unusual one after which an alert is over.
CLOSES_AFTER = 3
# Series that start to be unusual further apart than this have different causes.
_SAME_START = 7
# Days before a change from which what is usual is read: eight of each weekday.
_USUAL_DAYS = 56
# What a doubled load multiplies records by, and how many segments must agree.
_DOUBLED, _MIN_CELLS = (1.7, 2.35), 6
# A rate nearer to 1 than this, or an amount known less well, cannot be told from a price change.
_LEAST_RATE, _RATE_TOLERANCE = 0.05, 0.03
# Share of the missing visits' orders that must be missing too, for the visits to have been real.
_REAL_LOSS, _SURE = 0.5, 3.0
# Share of the whole change from which a single segment is where it happened.
_LOCAL = 0.7
# Segments that are told as drivers, at most, and the share of the change that one has at least.
_DRIVERS, _LEAST_SHARE = 3, 0.1
# Correlation of what is unusual about two raw tables from which they share their causes.
_LINKED, _LINK_DAYS = 0.5, 365

VISITS, CONVERSIONS, ORDERS, SPEND = "sessions", "converting_sessions", "orders", "spend"


@dataclass(frozen=True)
class Series:
    """What one row of a panel is.

    `parts` are the component itself, or numerator and denominator of a ratio. `kpi_id` is the KPI
    by which readers know it, and `measure` which of its columns it is: `value`, `numerator` or
    `denominator`. `raw_tables` are where its records come from, and `maturity_days` how long after
    a day it is known.
    """

    kpi_id: str
    measure: str
    parts: tuple[str, ...]
    dimension: str
    segment: str
    raw_tables: frozenset[str]
    maturity_days: int

    @property
    def place(self) -> tuple[str, str]:
        """Dimension and segment."""
        return self.dimension, self.segment

    @property
    def is_ratio(self) -> bool:
        """Whether it is one component held against another."""
        return len(self.parts) > 1


@dataclass(frozen=True)
class Daily:
    """Series by days, and what was expected of them.

    `rates` are exchange rates from other currencies to that of the amounts; `now` is the first day
    that is not over.
    """

    series: Sequence[Series]
    panel: Panel
    expected: Expected
    rates: Mapping[str, float]
    now: int

    @cached_property
    def until(self) -> Ints:
        """Of each row, the day after the last one that is known."""
        known: Bools = np.isfinite(self.panel.amount[:, : self.now])
        return np.asarray(np.where(known.any(axis=1), self.now - known[:, ::-1].argmax(axis=1), 0))

    @cached_property
    def row_of(self) -> dict[tuple[str, tuple[str, str]], int]:
        """The row of each component in each place."""
        return {
            (one.parts[0], one.place): row
            for row, one in enumerate(self.series)
            if not one.is_ratio
        }


@dataclass(frozen=True)
class Driver:
    """A segment and the share of the whole change that happened in it."""

    dimension: str
    segment: str
    share: float


@dataclass(frozen=True)
class Finding:
    """One alert. `first`, `last` and `days` are positions of days; amounts are over `days`.

    `row` tells the alert best as it looks now, and `origin` was the most unusual on its first day:
    by that one it is known again later. `until` is the day after the last that is known of any row
    that is known as soon as that one.
    `low` and `high` are the bounds that chance alone keeps on 95 of 100 such days.
    `records` are those that the observed amount rests on; `series` counts what moved along, and
    `also` names the other KPIs among it.
    """

    row: int
    origin: int
    first: int
    last: int
    until: int
    is_open: bool
    days: tuple[int, ...]
    observed: float
    expected: float
    low: float
    high: float
    base: float
    records: float
    score: float
    cause: str
    drivers: tuple[Driver, ...]
    also: tuple[str, ...]
    series: int

    @property
    def change(self) -> float:
        """Observed over expected, less 1."""
        return self.observed / self.expected - 1

    @property
    def cause_class(self) -> str:
        """`data` or `business`."""
        return CAUSES[self.cause]


@dataclass(frozen=True)
class _Run:
    """A series that was unusual from day to day, with short pauses at most.

    `began` is the earliest day that made it so: of the week, or the four weeks, that was odd.
    """

    row: int
    first: int
    began: int
    last: int


def findings(daily: Daily, first: int) -> list[Finding]:
    """The alerts whose last unusual day is `first` or later, or known no sooner; oldest first."""
    causes = _Causes(daily)
    runs = list(_runs(daily.expected))
    groups = _grouped(runs, daily.series, _links(daily))
    found = [causes.explained(group) for group in groups]
    # A signature may tell two groups of a day by the same row.
    kept = {
        (one.first, one.row): one
        for one in found
        if one.last + daily.series[one.origin].maturity_days >= first
    }
    return [kept[key] for key in sorted(kept)]


def _links(daily: Daily) -> set[frozenset[str]]:
    """Pairs of raw tables whose undivided figures have been unusual together, as visits and orders.

    A table is linked with itself.
    """
    rows = [
        row
        for row, one in enumerate(daily.series)
        if one.place == OVERALL and len(one.raw_tables) == 1 and not one.is_ratio
    ]
    days = slice(max(0, daily.now - _LINK_DAYS), daily.now)
    off = np.clip(daily.expected.day_score[rows, days], -3, 3)
    size = np.sqrt((off**2).sum(axis=1))
    together = (off @ off.T) / np.maximum(np.outer(size, size), 1e-9)
    links = {frozenset(one.raw_tables) for one in daily.series if len(one.raw_tables) == 1}
    for first, second in np.argwhere(together >= _LINKED).tolist():
        links.add(daily.series[rows[first]].raw_tables | daily.series[rows[second]].raw_tables)
    return links


def _runs(expected: Expected) -> Iterator[_Run]:
    odd = expected.odd
    for row in np.flatnonzero(odd.any(axis=1)).tolist():
        days = np.flatnonzero(odd[row])
        began = expected.began[row, days]
        starts = np.flatnonzero(began[1:] - days[:-1] > CLOSES_AFTER) + 1
        parts = zip(np.split(days, starts), np.split(began, starts), strict=True)
        for part, beginnings in parts:
            yield _Run(row, int(part[0]), int(beginnings[0]), int(part[-1]))


def _at_level_of(daily: Daily, since: int) -> Daily:
    """What was to be expected if the level had stayed that of a day.

    The days of a change that lasts have moved the level that each of the later ones is held to.
    """
    days, expected = slice(since, None), daily.expected
    mean = expected.mean.copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        stayed = mean[:, days] * expected.level[:, [since]] / expected.level[:, days]
    mean[:, days] = np.where(np.isfinite(stayed), stayed, mean[:, days])
    return replace(daily, expected=replace(expected, mean=mean))


def _grouped(
    runs: Sequence[_Run], series: Sequence[Series], links: set[frozenset[str]]
) -> list[list[_Run]]:
    """Runs that touch each other in time, start together and share a source or a place."""

    def related(here: Series, there: Series) -> bool:
        return here.place == there.place or any(
            frozenset({one, other}) in links
            for one in here.raw_tables
            for other in there.raw_tables
        )

    ordered = sorted(runs, key=lambda run: (run.first, run.row))
    parent = list(range(len(ordered)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for later, run in enumerate(ordered):
        for earlier in range(later - 1, -1, -1):
            other = ordered[earlier]
            if run.first - other.first > _SAME_START:
                break
            if run.began > other.last + CLOSES_AFTER:
                continue
            if related(series[run.row], series[other.row]):
                parent[root(later)] = root(earlier)
    groups: dict[int, list[_Run]] = defaultdict(list)
    for position, run in enumerate(ordered):
        groups[root(position)].append(run)
    return list(groups.values())


def drivers(
    daily: Daily, row: int, days: Ints | slice, change: Callable[[int], float]
) -> tuple[Driver, ...]:
    """The segments in which most of a figure's whole change happened, strongest first.

    `change` gives how far a row is from what was to be expected of it on these days. A segment that
    took no part in the whole's change has no drivers, nor has a whole that hardly moved because its
    segments outweigh each other.
    """
    here = daily.series[row]
    rows = {
        one.place: other
        for other, one in enumerate(daily.series)
        if one.parts == here.parts and daily.panel.worth[other, days].any()
    }
    whole = change(rows.get(OVERALL, row))
    if not whole or not np.isfinite(whole) or change(row) / whole < _LEAST_SHARE:
        return ()
    found = [
        Driver(*place, change(other) / whole) for place, other in rows.items() if place != OVERALL
    ]
    if any(abs(one.share) > 1 / _LEAST_SHARE for one in found):
        return ()
    found = [one for one in found if one.share >= _LEAST_SHARE]
    return tuple(sorted(found, key=lambda one: (-one.share, one.dimension, one.segment))[:_DRIVERS])


def _usual_days(day: int) -> slice:
    """The days before a day from which what is usual is read."""
    return slice(max(0, int(day) - _USUAL_DAYS), int(day))


class _Causes:
    """Explains groups of unusual days; what it asks of the series is the same for each."""

    def __init__(self, daily: Daily) -> None:
        self._daily = daily
        self._score = daily.expected.score
        self._until = daily.until
        self._known = np.isfinite(daily.panel.amount) & np.isfinite(daily.expected.mean)

    def explained(self, group: Sequence[_Run]) -> Finding:
        """The alert of one group."""
        daily = self._daily
        # By what is known first: what is known later of the same days must not raise it again.
        least = min(daily.series[run.row].maturity_days for run in group)
        early = [run for run in group if daily.series[run.row].maturity_days == least]
        first = min(run.first for run in early)
        began = max(run.began for run in early if run.first == first)
        causes = self
        if first - began >= WEEK:
            causes = _Causes(_at_level_of(daily, began))
        return causes._told(group, early, first, began)

    def _told(
        self, group: Sequence[_Run], early: Sequence[_Run], first: int, began: int
    ) -> Finding:
        daily, last = self._daily, max(run.last for run in group)
        days = self._days(early, first, began)
        rows = sorted({run.row for run in group})
        lead = self._lead(rows, first, days)
        cause, told = self._cause(lead, rows, days)
        seen, mean, dispersion = (float(part) for part in self._totals(told, days))
        low, high = interval(np.array([mean]), np.array([dispersion]), NORMAL_95)
        kpi_id = daily.series[told].kpi_id
        return Finding(
            row=told,
            origin=self._origin(early, first),
            first=first,
            last=last,
            until=max(int(self._until[run.row]) for run in early),
            # What is not known is not over.
            is_open=any(self._until[run.row] - run.last <= CLOSES_AFTER for run in group),
            days=tuple(days.tolist()),
            observed=seen,
            expected=mean,
            low=float(low[0]),
            high=float(high[0]),
            base=float(np.where(self._known[told, days], daily.panel.base[told, days], 0).sum()),
            records=float(np.nansum(daily.panel.records[told, days])),
            score=float(self._strength(np.array([told]), days)[0]),
            cause=cause,
            drivers=self._drivers(told, days),
            also=tuple(sorted({daily.series[row].kpi_id for row in rows} - {kpi_id})),
            series=len(rows),
        )

    def _origin(self, group: Sequence[_Run], first: int) -> int:
        expected = self._daily.expected
        rows = [run.row for run in group if run.first == first]
        day, span = expected.day_score[rows, first], expected.span_score[rows, first]
        return rows[int(np.argmax(np.maximum(np.abs(day), np.abs(span))))]

    def _days(self, group: Sequence[_Run], first: int, began: int) -> Ints:
        """The days that the alert is about, a week at most from its first unusual one.

        Where only its week, or four weeks, were unusual, what happened began before: at the day
        from which it is clearest.
        """
        until = min(max(run.last for run in group), first + 6)
        if began == first:
            return np.arange(first, until + 1)
        rows = [run.row for run in group if (run.first, run.began) == (first, began)]
        score = np.abs(self._daily.expected.span_score[rows, first])
        row = np.array([rows[int(np.argmax(score))]])
        spans = [
            np.arange(start, end + 1)
            for start in range(began, first + 1)
            for end in range(first, until + 1)
        ]
        return max(spans, key=lambda days: abs(float(self._strength(row, days)[0])))

    def _totals(self, rows: int | Ints, days: Ints) -> tuple[Floats, Floats, Floats]:
        """Observed, expected and dispersion over the days that are known."""
        index = np.ix_(np.atleast_1d(rows), days)
        known = self._known[index]
        seen = np.where(known, self._daily.panel.amount[index], 0).sum(axis=1)
        mean = np.where(known, self._daily.expected.mean[index], 0).sum(axis=1)
        spread = np.where(known, np.nan_to_num(self._daily.expected.dispersion[index], nan=1.0), 0)
        spread = spread.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        if np.isscalar(rows):
            return seen[0], np.maximum(mean, 1e-9)[0], np.maximum(spread, 1e-9)[0]
        return seen, np.maximum(mean, 1e-9), np.maximum(spread, 1e-9)

    def _strength(self, rows: Ints, days: Ints) -> Floats:
        return scores(*self._totals(rows, days))

    def _lead(self, rows: Sequence[int], first: int, days: Ints) -> int:
        """Where the change is clearest: the whole, unless one segment explains it alone."""
        series = self._daily.series
        strength = np.abs(self._strength(np.array(rows), days))
        by_kind = sorted(
            zip(rows, strength, strict=True),
            # Counts and sums before ratios, which say the same and rest on two of them.
            key=lambda pair: (series[pair[0]].is_ratio, -pair[1], pair[0]),
        )
        clear = [row for row, score in by_kind if score >= self._score[first]] or [by_kind[0][0]]
        whole = [row for row in clear if series[row].place == OVERALL]
        if not whole:
            return max(zip(rows, strength, strict=True), key=lambda pair: (pair[1], -pair[0]))[0]
        lead = whole[0]
        local = self._local(lead, first, days)
        return lead if local is None else local

    def _local(self, row: int, first: int, days: Ints) -> int | None:
        """The segment that makes up the whole's change, where its neighbours did as usual."""
        best: tuple[float, int] | None = None
        bar = self._score[first]
        for siblings in self._siblings(row, days).values():
            index = np.array(siblings)
            seen, mean, dispersion = self._totals(index, days)
            off = np.abs(scores(seen, mean, dispersion))
            change = seen - mean
            whole_seen, whole_mean, _ = self._totals(row, days)
            whole = float(whole_seen - whole_mean)
            if not whole or len(siblings) < 2:
                continue
            top = int(np.argmax(change / whole))
            others = np.delete(off, top)
            share = float(change[top] / whole)
            local = share >= _LOCAL and off[top] >= bar and (others < bar).all()
            if local and (best is None or share > best[0]):
                best = (share, int(index[top]))
        return None if best is None else best[1]

    def _siblings(self, row: int, days: Ints) -> dict[str, list[int]]:
        """The rows of the same figure in each dimension that splits the whole on these days."""
        here = self._daily.series[row]
        found: dict[str, list[int]] = defaultdict(list)
        worth = np.asarray(self._daily.panel.worth[:, days].any(axis=1))
        for other, one in enumerate(self._daily.series):
            if one.parts == here.parts and one.dimension != OVERALL[0] and worth[other]:
                found[one.dimension].append(other)
        return found

    def _drivers(self, row: int, days: Ints) -> tuple[Driver, ...]:
        def change(other: int) -> float:
            seen, mean, _ = self._totals(other, days)
            return float(seen - mean)

        return drivers(self._daily, row, days, change)

    # --- signatures -----------------------------------------------------------------------------

    def _cause(self, lead: int, rows: Sequence[int], days: Ints) -> tuple[str, int]:
        """The cause, and the row that tells it best."""
        for signature in (self._nothing, self._doubled, self._currency, self._untracked):
            told = signature(lead, rows, days)
            if told is not None:
                return told
        return "business_change", lead

    def _nothing(self, lead: int, rows: Sequence[int], days: Ints) -> tuple[str, int] | None:
        """Exactly nothing where there never was nothing, while something else went on there."""
        daily = self._daily
        empty = []
        for row in rows:
            one = daily.series[row]
            if one.is_ratio:
                continue
            amounts = daily.panel.amount[row]
            past = amounts[_usual_days(days[0])]
            past = past[np.isfinite(past)]
            now = amounts[days]
            gone = np.isfinite(now) & (now == 0)
            if not gone.any() or not len(past) or not (past > 0).all():
                continue
            if not self._is_nothing_by_chance(row, days[gone]):
                empty.append((row, int(gone.sum())))
        if not empty:
            return None
        # Undivided before segments, then the strongest.
        strength = self._strength(np.array([row for row, _ in empty]), days)
        ranked = sorted(
            zip(empty, strength, strict=True),
            key=lambda pair: (daily.series[pair[0][0]].place != OVERALL, pair[1], pair[0][0]),
        )
        row = ranked[0][0][0]
        place = daily.series[row].place
        stopped = {
            daily.series[one].parts[0] for one, _ in empty if daily.series[one].place == place
        }
        # A channel whose spend stopped with its visits was switched off, however much spend varies.
        if VISITS in stopped and (SPEND in stopped or self._spend_stopped(place, days)):
            return "campaign_paused", daily.row_of[SPEND, place]
        return "no_records", row

    def _spend_stopped(self, place: tuple[str, str], days: Ints) -> bool:
        """Whether nothing is spent where visits are gone, after something on each usual day."""
        daily = self._daily
        row = daily.row_of.get((SPEND, place))
        if row is None:
            return False
        amounts = daily.panel.amount[row]
        gone = days[daily.panel.amount[daily.row_of[VISITS, place], days] == 0]
        past = amounts[_usual_days(days[0])]
        past = past[np.isfinite(past)]
        return bool(len(past) and (past > 0).all() and (amounts[gone] == 0).all())

    def _is_nothing_by_chance(self, row: int, days: Ints) -> bool:
        """Whether a segment that fell as far as its whole had nothing on these days by chance."""
        one = self._daily.series[row]
        whole = self._daily.row_of.get((one.parts[0], OVERALL), row)
        seen, usual, _ = self._totals(whole, days)
        # Of what stopped altogether no segment has anything.
        if not 0 < seen < usual:
            return False
        _, mean, dispersion = (np.atleast_1d(part) for part in self._totals(row, days))
        return bool(scores(np.zeros(1), mean * seen / usual, dispersion)[0] > -_SURE)

    def _doubled(self, lead: int, rows: Sequence[int], days: Ints) -> tuple[str, int] | None:
        """Twice the records in every segment alike, of one raw table alone."""
        daily = self._daily
        for row in dict.fromkeys([lead, *self._wholes(rows)]):
            one = daily.series[row]
            if one.is_ratio:
                continue
            for day in days.tolist():
                if self._twice_the_usual(row, day):
                    return "doubled_load", row
                ratio = self._record_ratio(row, day)
                if not _DOUBLED[0] <= ratio <= _DOUBLED[1]:
                    continue
                if self._halves(row, day) or self._evenly(row, day):
                    return "doubled_load", row
        return None

    def _wholes(self, rows: Sequence[int]) -> list[int]:
        return [row for row in rows if self._daily.series[row].place == OVERALL]

    def _record_ratio(self, row: int, day: int) -> float:
        """Records of a day over those of the same weekday in the eight weeks before, in the middle.

        Where the level has moved since, it is the amount's ratio that tells.
        """
        records = self._daily.panel.records[row]
        mean = self._daily.expected.mean[row]
        before = _usual_days(day)
        expected = np.flatnonzero(mean[before] > 0) + before.start
        ratios = records[expected] / mean[expected]
        ratios = ratios[np.isfinite(ratios)]
        usual = float(np.median(ratios)) if len(ratios) else 0.0
        return float(records[day] / (usual * mean[day])) if usual > 0 and mean[day] > 0 else 0.0

    def _twice_the_usual(self, row: int, day: int) -> bool:
        """Whether records that hardly vary, as rows of a spend report, are there twice."""
        before = self._daily.panel.records[row, max(0, day - 28) : day]
        before = before[np.isfinite(before)]
        if len(before) < 14:
            return False
        usual = float(np.median(before))
        steady = usual > 0 and np.mean(np.abs(before - usual) <= 0.1 * usual) >= 0.9
        return bool(steady and abs(self._daily.panel.records[row, day] - 2 * usual) <= 0.1 * usual)

    def _halves(self, row: int, day: int) -> bool:
        """Whether every segment's records are an even number, as two equal loads make them."""
        cells = [
            float(self._daily.panel.records[other, day])
            for siblings in self._siblings(row, np.array([day])).values()
            for other in siblings
            if self._daily.panel.records[other, day] > 0
        ]
        if self._daily.series[row].place != OVERALL:
            cells = [
                float(self._daily.panel.records[other, day]) for other in self._along(row, day)
            ]
        return len(cells) >= _MIN_CELLS and all(cell % 2 == 0 for cell in cells)

    def _along(self, row: int, day: int) -> list[int]:
        """The rows of all components of the same raw table in the same place."""
        here = self._daily.series[row]
        return [
            other
            for other, one in enumerate(self._daily.series)
            if not one.is_ratio
            and one.place == here.place
            and one.raw_tables == here.raw_tables
            and self._daily.panel.worth[other, day]
        ]

    def _evenly(self, row: int, day: int) -> bool:
        """Whether each segment doubled within its chance, and no other raw table moved along."""
        daily, index = self._daily, np.array([day])
        rows = [other for part in self._siblings(row, index).values() for other in part]
        if daily.series[row].place != OVERALL or len(rows) < _MIN_CELLS:
            return False
        seen, mean, dispersion = self._totals(np.array(rows), index)
        usable = mean >= 5 * dispersion
        if usable.sum() < _MIN_CELLS:
            return False
        off = scores(seen[usable], 2 * mean[usable], 2 * dispersion[usable])
        others = [
            other
            for other, one in enumerate(daily.series)
            if not one.is_ratio
            and one.place == OVERALL
            and not one.raw_tables & daily.series[row].raw_tables
        ]
        # A busy day of few orders is below the bar of alerts, and no chance all the same.
        bar = min(float(self._score[day]), _SURE)
        calm = not others or bool((np.abs(self._strength(np.array(others), index)) < bar).all())
        return calm and bool((np.abs(off) < 3.5).all())

    def _currency(self, lead: int, rows: Sequence[int], days: Ints) -> tuple[str, int] | None:
        """Amounts for each record that are off by just an exchange rate, in one place alone."""
        place = self._daily.series[lead].place
        matches = []
        for row, one in enumerate(self._daily.series):
            if one.place != place or not self._is_money(row):
                continue
            if not one.raw_tables & self._daily.series[lead].raw_tables:
                continue
            ratio, error = self._per_record(row, days)
            for rate in self._daily.rates.values():
                for factor in (np.log(rate), -np.log(rate)):
                    if self._is_rate(ratio, error, factor) and self._is_even(row, days, factor):
                        matches.append((abs(ratio) / error, -row))
        return ("currency_mismatch", -max(matches)[1]) if matches else None

    def _is_money(self, row: int) -> bool:
        """Whether the row's amounts are sums of money, over records of the same raw table."""
        daily = self._daily
        one = daily.series[row]
        parts = [daily.row_of.get((part, one.place), row) for part in one.parts]
        together = len({daily.series[part].raw_tables for part in parts}) == 1
        return together and not daily.panel.floor[parts[0]]

    def _per_record(self, row: int, days: Ints) -> tuple[float, float]:
        """The logarithm of an amount for each record over the usual one, and its error.

        Not a number where nothing is to be said, or where the records changed too.
        """
        seen, mean, dispersion = (float(part) for part in self._totals(row, days))
        error = float(np.sqrt(dispersion / mean))
        if not seen > 0:
            return np.nan, error
        if self._daily.series[row].is_ratio:
            return float(np.log(seen / mean)), error
        before = _usual_days(days[0])
        records, amounts = self._daily.panel.records[row], self._daily.panel.amount[row]
        known = np.isfinite(records[before]) & np.isfinite(amounts[before])
        usual = amounts[before][known].sum() / max(records[before][known].sum(), 1)
        counted = np.nansum(records[days])
        if (
            not usual > 0
            or not counted > 0
            or abs(np.log(counted * usual / mean)) > 0.1 + 3 * error
        ):
            return np.nan, error
        return float(np.log(seen / counted / usual)), error

    @staticmethod
    def _is_rate(ratio: float, error: float, factor: float) -> bool:
        near = abs(ratio - factor) <= min(max(_RATE_TOLERANCE, 2 * error), 0.08)
        return near and abs(factor) >= _LEAST_RATE and abs(ratio) >= _SURE * error

    def _is_even(self, row: int, days: Ints, factor: float) -> bool:
        """The whole is off by a rate only if each of its large segments is."""
        if self._daily.series[row].place != OVERALL:
            return True
        _, whole, _ = self._totals(row, days)
        for siblings in self._siblings(row, days).values():
            for other in siblings:
                _, mean, _ = self._totals(other, days)
                ratio, error = self._per_record(other, days)
                if mean >= 0.1 * whole and not abs(ratio - factor) <= max(0.06, 3 * error):
                    return False
        return True

    def _untracked(self, lead: int, rows: Sequence[int], days: Ints) -> tuple[str, int] | None:
        """Visits or conversions are missing, and the orders that they would have led to are not."""
        daily = self._daily
        orders = daily.row_of.get((ORDERS, OVERALL))
        conversions = daily.row_of.get((CONVERSIONS, OVERALL))
        if orders is None or conversions is None:
            return None
        placed, expected_orders, spread = self._totals(orders, days)
        for component in (CONVERSIONS, VISITS):
            low = [
                row
                for row in rows
                if daily.series[row].parts == (component,)
                and self._totals(row, days)[0] < self._totals(row, days)[1]
            ]
            whole = daily.row_of.get((component, OVERALL))
            if not low or whole is None:
                continue
            seen, mean, _ = self._totals(whole, days)
            # What the missing visits would have brought.
            brought = self._totals(conversions, days)[1] / mean
            lost = float((mean - seen) * brought)
            missing = float(expected_orders - placed)
            if lost > _SURE * np.sqrt(spread * expected_orders) and missing < _REAL_LOSS * lost:
                return "tracking_loss", lead if lead in low else low[0]
        return None
