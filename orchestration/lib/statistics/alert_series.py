"""The series in which alerts are looked for: components as they are, and ratios of two of them.

A ratio is forecast as its numerator given its denominator, so that a busy day with the usual rate
is not unusual. The components themselves are forecast beside it: twice the visits and twice the
orders leave every rate as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orchestration.lib.statistics.alert_causes import OVERALL, Daily, Series
from orchestration.lib.statistics.expected_days import (
    MIN_EXPECTED,
    WEEK,
    Calendar,
    Floats,
    Limits,
    Panel,
    expected_days,
)

Place = tuple[str, str]
# Days in which a segment must have had records enough for weeks of it to be judged.
_RECENT_DAYS = 84
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Kpi:
    """What of the catalogue matters here; `denominator` is None for a sum or a count."""

    kpi_id: str
    numerator: str
    denominator: str | None
    min_sample: float


@dataclass(frozen=True)
class Components:
    """What the components were, day by day, each array a value a day; not a number where unknown.

    Days from `now` on are the future, for the calendar's sake. `raw_tables` are those behind a
    component, `holidays` the days without business by country, and `rates` exchange rates to the
    currency of the amounts.
    """

    now: int
    days: npt.NDArray[np.datetime64]
    amounts: Mapping[tuple[str, Place], Floats]
    records: Mapping[tuple[str, Place], Floats]
    raw_tables: Mapping[str, frozenset[str]]
    holidays: Mapping[str, Floats]
    rates: Mapping[str, float]


def daily(components: Components, kpis: Sequence[Kpi], limits: Limits) -> Daily | None:
    """All series with what was expected of them; None where there is nothing to look at."""
    used = {part for kpi in kpis for part in (kpi.numerator, kpi.denominator) if part}
    names = {component: _name(component, kpis) for component in sorted(used)}
    series: list[Series] = []
    amounts: list[Floats] = []
    bases: list[Floats] = []
    records: list[Floats] = []
    floors: list[float] = []
    one = np.ones(len(components.days))
    for component, place in sorted(components.amounts):
        if component not in used or not _is_worth_it(components, component, place):
            continue
        amount = components.amounts[component, place]
        kpi_id, measure = names[component]
        tables = components.raw_tables.get(component, frozenset())
        series.append(Series(kpi_id, measure, (component,), *place, tables))
        found = components.records[component, place]
        amounts.append(amount)
        bases.append(one)
        records.append(found)
        floors.append(1.0 if _is_count(amount) else 0.0)
    kept = {(row.parts[0], row.place): position for position, row in enumerate(series)}
    for kpi in kpis:
        if kpi.denominator is None:
            continue
        for (component, place), above in list(kept.items()):
            below = kept.get((kpi.denominator, place))
            if component != kpi.numerator or below is None:
                continue
            tables = series[above].raw_tables | series[below].raw_tables
            parts = (kpi.numerator, kpi.denominator)
            series.append(Series(kpi.kpi_id, "value", parts, *place, tables))
            enough = records[below] >= kpi.min_sample
            amounts.append(np.where(enough, amounts[above], np.nan))
            bases.append(np.where(enough, amounts[below], np.nan))
            records.append(records[below])
            floors.append(0.0)
    if not series:
        return None
    panel = Panel(
        amount=np.array(amounts),
        base=np.array(bases),
        whole=_wholes(series),
        parts=np.array([[kept[part, row.place] for part in (row.parts * 2)[:2]] for row in series]),
        floor=np.array(floors),
        calendar=Calendar.of(components.days, _holidays(series, components)),
    )
    return Daily(
        series=series,
        panel=panel,
        records=np.array(records),
        expected=expected_days(panel, limits, components.now),
        rates=components.rates,
        now=components.now,
    )


def _is_worth_it(components: Components, component: str, place: Place) -> bool:
    """Whether days or weeks of that series can be judged at all."""
    recent = slice(max(0, components.now - _RECENT_DAYS), components.now)
    amount = components.amounts[component, place][recent]
    # Profits, or promoters less detractors: no law of counts holds for them.
    if (amount < 0).mean() > 0.1:
        return False
    if place == OVERALL:
        return True
    # A dimension that the component is not known by has one segment, which is the whole.
    alone = sum(
        1 for part, other in components.amounts if part == component and other[0] == place[0]
    )
    if place[1] == UNKNOWN and alone == 1:
        return False
    records = np.nansum(np.where(amount > 0, components.records[component, place][recent], 0))
    return bool(records >= MIN_EXPECTED * _RECENT_DAYS / WEEK)


def _name(component: str, kpis: Sequence[Kpi]) -> tuple[str, str]:
    """The KPI by which readers know a component: one that is nothing but it, if there is one."""
    alone = [
        (kpi.kpi_id, "value")
        for kpi in kpis
        if (kpi.numerator, kpi.denominator) == (component, None)
    ]
    below = [(kpi.kpi_id, "denominator") for kpi in kpis if kpi.denominator == component]
    above = [(kpi.kpi_id, "numerator") for kpi in kpis if kpi.numerator == component]
    return next(iter([*alone, *below, *above]))


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
