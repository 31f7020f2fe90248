"""The series in which alerts are looked for: components as they are, and ratios of two of them.

A ratio is forecast as its numerator given its denominator, so that a busy day with the usual rate
is not unusual. The components themselves are forecast beside it: twice the visits and twice the
orders leave every rate as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from orchestration.lib.explanation import UNKNOWN
from orchestration.lib.statistics.alert_causes import OVERALL, Daily, Series
from orchestration.lib.statistics.expected_days import (
    MIN_EXPECTED,
    WEEK,
    Bools,
    Calendar,
    Floats,
    Limits,
    Panel,
    expected_days,
)

Place = tuple[str, str]
# Days up to a judged one in which a segment must have had records enough for its weeks to count.
_RECENT_DAYS = 84


@dataclass(frozen=True)
class Kpi:
    """What of the catalogue matters here; `denominator` is None for a sum or a count.

    `dimensions` are those that it has by the day; none where it has no days.
    """

    kpi_id: str
    numerator: str
    denominator: str | None
    min_sample: float
    dimensions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Components:
    """What the components were, day by day, each array a value a day; not a number where unknown.

    Days from `now` on are the future, for the calendar's sake. `raw_tables` are those behind a
    component, `holidays` the days without business by country, and `rates` exchange rates to the
    currency of the amounts. `money` are the components that are sums of it. `maturity_days` are
    those after which a day of a component is known, where these are any.
    """

    now: int
    days: npt.NDArray[np.datetime64]
    amounts: Mapping[tuple[str, Place], Floats]
    records: Mapping[tuple[str, Place], Floats]
    raw_tables: Mapping[str, frozenset[str]]
    holidays: Mapping[str, Floats]
    rates: Mapping[str, float]
    money: frozenset[str] = frozenset()
    maturity_days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """A series and its days, as `Panel` has them; `records` are those that it rests on."""

    series: Series
    amount: Floats
    base: Floats
    records: Floats
    floor: float
    worth: Bools


def daily(components: Components, kpis: Sequence[Kpi], limits: Limits) -> Daily | None:
    """All series with what was expected of them; None where there is nothing to look at."""
    plain = _plain_rows(components, kpis)
    rows = [*plain.values(), *_ratio_rows(plain, kpis)]
    judged = slice(max(0, components.now - limits.judged_days), components.now)
    kept = [row for row in rows if row.worth[judged].any()]
    if not kept:
        return None
    series = [row.series for row in kept]
    row_of = {(one.parts, one.place): position for position, one in enumerate(series)}
    panel = Panel(
        amount=np.array([row.amount for row in kept]),
        base=np.array([row.base for row in kept]),
        records=np.array([row.records for row in kept]),
        whole=_wholes(series),
        parts=np.array(
            [[row_of[(part,), one.place] for part in (one.parts * 2)[:2]] for one in series]
        ),
        floor=np.array([row.floor for row in kept]),
        worth=np.array([row.worth for row in kept]),
        # As many as that day knew, whatever came to be worth it later.
        watched=np.array([row.worth for row in rows]).sum(axis=0),
        calendar=Calendar.of(components.days, _holidays(series, components)),
    )
    return Daily(
        series=series,
        panel=panel,
        expected=expected_days(panel, limits, components.now),
        rates=components.rates,
        now=components.now,
    )


def _plain_rows(components: Components, kpis: Sequence[Kpi]) -> dict[tuple[str, Place], _Row]:
    """Each component that KPIs are made of, in each of its places."""
    used = {part for kpi in kpis for part in (kpi.numerator, kpi.denominator) if part}
    rows = {}
    for component, place in sorted(components.amounts):
        if component not in used:
            continue
        amount = components.amounts[component, place]
        tables = components.raw_tables.get(component, frozenset())
        maturity = components.maturity_days.get(component, 0)
        rows[component, place] = _Row(
            Series(*_name(component, place[0], kpis), (component,), *place, tables, maturity),
            amount,
            base=np.ones(len(components.days)),
            records=components.records[component, place],
            floor=1.0 if component not in components.money and _is_count(amount) else 0.0,
            worth=_worth(components, component, place),
        )
    return rows


def _ratio_rows(plain: Mapping[tuple[str, Place], _Row], kpis: Sequence[Kpi]) -> Iterator[_Row]:
    """Each KPI that is one component held against another, where both are known."""
    for kpi in kpis:
        if kpi.denominator is None:
            continue
        for (component, place), above in plain.items():
            below = plain.get((kpi.denominator, place))
            if component != kpi.numerator or below is None:
                continue
            tables = above.series.raw_tables | below.series.raw_tables
            parts = (kpi.numerator, kpi.denominator)
            maturity = max(above.series.maturity_days, below.series.maturity_days)
            enough = below.records >= kpi.min_sample
            yield _Row(
                Series(kpi.kpi_id, "value", parts, *place, tables, maturity),
                np.where(enough, above.amount, np.nan),
                base=np.where(enough, below.amount, np.nan),
                records=below.records,
                floor=0.0,
                worth=above.worth & below.worth,
            )


def _worth(components: Components, component: str, place: Place) -> Bools:
    """The days of which that series can be judged at all, or their weeks.

    Each by the days up to it, so that what grows later changes nothing that was said.
    """
    amount = components.amounts[component, place]
    # Profits, or promoters less detractors: no law of counts holds for them.
    days = np.minimum(np.arange(len(amount)) + 1, _RECENT_DAYS)
    worth = np.asarray(_recent(amount < 0) <= 0.1 * days)
    if place == OVERALL:
        return worth
    # A dimension that the component is not known by has one segment, which is the whole.
    if place[1] == UNKNOWN:
        worth[: _second_begins(components, component, place[0])] = False
    records = np.nan_to_num(np.where(amount > 0, components.records[component, place], 0))
    return np.asarray(worth & (_recent(records) >= MIN_EXPECTED * _RECENT_DAYS / WEEK))


def _recent(values: Bools | Floats) -> Floats:
    """Of each day, the sum of the values up to it."""
    sums = np.cumsum(values, dtype=np.float64)
    before = np.concatenate([np.zeros(_RECENT_DAYS), sums])[: len(sums)]
    return np.asarray(sums - before)


def _second_begins(components: Components, component: str, dimension: str) -> int:
    """The first day on which a component had records in two segments of a dimension."""
    begun = sorted(
        int(np.argmax(records > 0))
        for (part, place), records in components.records.items()
        if part == component and place[0] == dimension and (records > 0).any()
    )
    return begun[1] if len(begun) > 1 else len(components.days)


def _name(component: str, dimension: str, kpis: Sequence[Kpi]) -> tuple[str, str]:
    """The KPI by which readers know a component: one that is nothing but it, if there is one.

    One that has the dimension by the day comes before others: readers look it up there.
    """
    alone = [
        (kpi, "value") for kpi in kpis if (kpi.numerator, kpi.denominator) == (component, None)
    ]
    below = [(kpi, "denominator") for kpi in kpis if kpi.denominator == component]
    above = [(kpi, "numerator") for kpi in kpis if kpi.numerator == component]
    kpi, measure = min(
        (*alone, *below, *above), key=lambda named: dimension not in named[0].dimensions
    )
    return kpi.kpi_id, measure


def _is_count(amount: Floats) -> bool:
    known = amount[np.isfinite(amount)]
    return bool((known == np.floor(known)).all())


def _wholes(series: Sequence[Series]) -> npt.NDArray[np.int64]:
    """The row of the undivided series of the same parts; its own row where there is none."""
    whole = {row.parts: position for position, row in enumerate(series) if row.place == OVERALL}
    return np.array([whole.get(row.parts, position) for position, row in enumerate(series)])


def _holidays(series: Sequence[Series], components: Components) -> Floats:
    """The share of a series' business with a holiday: its country's own, else all countries'."""
    holidays = components.holidays
    nothing = np.zeros(len(components.days))
    everywhere = np.mean(list(holidays.values()), axis=0) if holidays else nothing
    return np.array(
        [
            holidays.get(row.segment, everywhere) if row.dimension == "country" else everywhere
            for row in series
        ]
    )
