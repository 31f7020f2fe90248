"""The scorecard and missed targets against plain Python, on generated values and targets.

Not looked at: how values come about, what the running period brought so far, benchmarks.
"""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model_sql import CompiledModels, Row

TODAY = date(2026, 5, 15)
TREND_PERIODS, FLAT, HISTORY_DAYS = 3, Fraction(1, 100), 90
MONTHS = 15
WHOLE, PART = ("overall", "all"), ("country", "FR")
# What adds up, so that nothing is 0; a ratio, and a median, of which nothing is known then.
COMPONENTS = {
    "total": ("orders", None),
    "rate": ("order_revenue", "orders"),
    "median": ("median_first_response_hours", None),
}


def month(number: int) -> date:
    """The first day of a month, numbered back from the running one."""
    years, index = divmod(TODAY.year * 12 + TODAY.month - 1 - number, 12)
    return date(years, index + 1, 1)


class Kpi(NamedTuple):
    """A KPI of the catalogue, as far as it is judged."""

    name: str
    direction: str
    warn_at: Fraction
    alert_at: Fraction
    min_sample: int
    latest: int  # The latest complete month, counted back as all months are.

    @property
    def is_sum(self) -> bool:
        return self.name == "total"


class Target(NamedTuple):
    """A version of a target, of a month so many back."""

    number: int
    place: tuple[str, str]
    set_on: date
    amount: int


class Case(NamedTuple):
    """One KPI with all that is known of it: values and samples by month and place."""

    kpi: Kpi
    values: dict[tuple[int, tuple[str, str]], tuple[float | None, int]]
    targets: list[Target]


PLACES = st.sampled_from([WHOLE, PART])
CELLS = st.tuples(
    st.sampled_from([None, -5.0, 0.0, 8.0, 9.5, 10.0, 10.0, 12.0]), st.sampled_from([0, 1, 5])
)
TARGETS = st.builds(
    lambda number, place, days, amount: Target(
        number, place, month(number) + timedelta(days=days), amount
    ),
    st.integers(1, 5),
    PLACES,
    st.sampled_from([-20, 0, 14, 15, 27]),
    st.sampled_from([10, 10, 20, 0, -10]),
)


@st.composite
def cases(draw: st.DrawFn, name: str) -> Case:
    alert_at, warn_at = draw(st.sampled_from([(80, 95), (100, 100), (50, 80)]))
    kpi = Kpi(
        name,
        draw(st.sampled_from(["up", "down", "range"])),
        Fraction(warn_at, 100),
        Fraction(alert_at, 100),
        draw(st.sampled_from([0, 1, 3])),
        draw(st.integers(1, 3)),
    )
    whole = draw(st.lists(CELLS, min_size=MONTHS, max_size=MONTHS))
    values = {(number, WHOLE): cell for number, cell in enumerate(whole)}
    part = draw(st.dictionaries(st.integers(0, MONTHS - 1), CELLS))
    values |= {(number, PART): cell for number, cell in part.items()}
    targets = {one[:3]: one for one in draw(st.lists(TARGETS, min_size=8, max_size=16))}
    return Case(kpi, values, list(targets.values()))


# --- the oracle -----------------------------------------------------------------------------------


def in_force(case: Case) -> dict[Any, tuple[int, date]]:
    """The version of each target that was set last by now."""
    known = sorted((one for one in case.targets if one.set_on <= TODAY), key=lambda one: one.set_on)
    return {(one.number, one.place): (one.amount, one.set_on) for one in known}


def attainment(direction: str, value: Fraction, target: int) -> Fraction | None:
    if target < 0:
        side = {"up": value - target, "down": target - value, "range": -abs(value - target)}
        return 1 + side[direction] / -target
    if direction == "down":
        return target / value if value > 0 else None
    shares = [value / target] if target else []
    if direction == "range" and value:
        shares.append(target / value)
    return min(shares, default=None)


def judged(kpi: Kpi, value: float | None, target: int | None) -> str:
    if value is None or target is None:
        return "no_data" if value is None else "no_target"
    share = attainment(kpi.direction, Fraction(value), target)
    if share is None:
        is_met = value <= target if kpi.direction == "down" else value >= target
        return "on_track" if is_met else "off_track"
    return (
        "on_track" if share >= kpi.warn_at else "at_risk" if share >= kpi.alert_at else "off_track"
    )


def known(case: Case, number: int, place: tuple[str, str]) -> float | None:
    """A complete month's value; of a sum, a place without a row had nothing."""
    if not case.kpi.latest <= number < MONTHS:
        return None
    whole = case.values[number, WHOLE][0]
    nothing = 0.0 if case.kpi.is_sum and whole is not None else None
    return case.values.get((number, place), (nothing, 0))[0]


def trend(case: Case, place: tuple[str, str]) -> str:
    points = [
        (Fraction(-number), Fraction(value))
        for number in range(MONTHS)
        if (value := known(case, number, place)) is not None
    ][:TREND_PERIODS]
    mean = sum((y for _, y in points), Fraction()) / TREND_PERIODS
    if len(points) < TREND_PERIODS or not mean:
        return "unknown"
    middle = sum((x for x, _ in points), Fraction()) / TREND_PERIODS
    rise = sum(((x - middle) * y for x, y in points), Fraction())
    slope = rise / sum(((x - middle) ** 2 for x, _ in points), Fraction())
    return "flat" if abs(slope / mean) < FLAT else "up" if slope > 0 else "down"


def scorecard(case: Case) -> Iterator[tuple[Any, Row]]:
    kpi, targets = case.kpi, in_force(case)
    for (number, place), (value, sample) in case.values.items():
        if number != kpi.latest:
            continue
        target, set_on = targets.get((number, place), (None, None))
        row: Row = {"value": value, "is_small_sample": sample < kpi.min_sample}
        row |= {"previous_value": known(case, number + 1, place), "target_value": target}
        row |= {"last_year_value": known(case, number + 12, place), "target_set_on": set_on}
        row |= {"status": judged(kpi, value, target), "trend": trend(case, place)}
        row["attainment"] = (
            attainment(kpi.direction, Fraction(value), target)
            if value is not None and target is not None
            else None
        )
        yield (kpi.name, *place), row


def missed(case: Case) -> Iterator[tuple[Any, Row]]:
    """Months in a row that missed: what is not known ends none; a month without a target does."""
    kpi, targets = case.kpi, in_force(case)
    for place in (WHOLE, PART):
        row: list[Row] = []
        unknown_since: date | None = None
        for number in [*range(MONTHS - 1, kpi.latest - 1, -1), None]:
            status, is_known = "on_track", True
            value, sample = case.values.get((number or 0, place), (None, 0))
            target, _ = targets.get((number, place), (None, None))
            if target is not None:
                status = judged(kpi, value, target)
                is_small = sample < kpi.min_sample and not (kpi.is_sum and sample == 0)
                is_known = value is not None and not is_small
            if not is_known:
                unknown_since = unknown_since or month(number or 0)
            elif status != "on_track":
                severity = "critical" if status == "off_track" else "warning"
                one: Row = {"period_start": month(number or 0), "observed": value}
                first_seen = row[0]["first_seen"] if row else month((number or 0) - 1)
                one |= {"first_seen": first_seen, "expected": target, "severity": severity}
                row, unknown_since = [*row, one], None
            else:
                is_open = number is None
                if row and (is_open or (TODAY - month((number or 0) - 1)).days <= HISTORY_DAYS):
                    last = row[-1] | {"is_open": is_open}
                    last["unknown_since"] = unknown_since if is_open else None
                    yield (kpi.name, *place, last["period_start"]), last
                row, unknown_since = [], None


# --- what the models are given --------------------------------------------------------------------

TEXT, DAY, MONEY, NUMBER = pa.string(), pa.date32(), pa.decimal128(28, 4), pa.int64()
KEY = {"kpi_id": TEXT, "period_grain": TEXT, "period_start": DAY, "dimension": TEXT}
KEY |= {"segment": TEXT}


def arrow(columns: dict[str, pa.DataType], rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema(list(columns.items())))


def calendar() -> pa.Table:
    days = ("period_start", "period_end", "previous_period_start", "last_year_period_start")
    rows = [
        dict(zip(days, (month(n), month(n - 1), month(n + 1), month(n + 12)), strict=True))
        | {"period_grain": "month", "is_complete": n > 0, "days_elapsed": 14, "days_in_period": 31}
        for n in range(MONTHS)
    ]
    types = dict.fromkeys(days, DAY) | {"period_grain": TEXT, "is_complete": pa.bool_()}
    return arrow(types | {"days_elapsed": NUMBER, "days_in_period": NUMBER}, rows)


def place_of(place: tuple[str, str]) -> Row:
    return dict(zip(("dimension", "segment"), place, strict=True))


def inputs(found: list[Case]) -> dict[str, Any]:
    values, catalogue, targets = [], [], []
    for kpi, cells, versions in found:
        numerator, denominator = COMPONENTS[kpi.name]
        catalogue.append(
            {"kpi_id": kpi.name, "numerator": numerator, "denominator": denominator, "scale": 1}
            | {"grains": "month", "dimensions": "overall|country", "is_selected": True}
            | {"unit": "count", "warn_at": float(kpi.warn_at), "alert_at": float(kpi.alert_at)}
            | {"min_sample": kpi.min_sample, "direction": kpi.direction}
        )
        values += [
            {"kpi_id": kpi.name, "period_grain": "month", "period_start": month(number)}
            | place_of(place)
            | {"value": value, "sample": sample, "has_data": value is not None}
            | {"is_complete": number >= kpi.latest}
            for (number, place), (value, sample) in cells.items()
        ]
        targets += [
            {"kpi_id": kpi.name, "period_grain": "month", "period_start": month(one.number)}
            | place_of(one.place)
            | {"set_on": one.set_on, "target_value": one.amount}
            for one in versions
        ]
    types = KEY | {"numerator": MONEY, "denominator": MONEY, "value": pa.float64()}
    types |= {"sample": NUMBER, "is_complete": pa.bool_(), "has_data": pa.bool_()}
    return {
        "kpi_catalogue": catalogue,
        "kpi_targets": targets,
        "int_core__periods": calendar(),
        "int_kpi__values": arrow(types, values),
        "int_core__exchange_rates": arrow(
            {"currency": TEXT, "rate_date": DAY, "rate": pa.float64()}, []
        ),
        "int_kpi__data_status": arrow(
            {"kpi_id": TEXT, "data_status": TEXT, "last_refused_on": DAY},
            [{"kpi_id": name, "data_status": "fresh"} for name in COMPONENTS],
        ),
        "int_kpi__components_daily": arrow(
            {"component": TEXT, "activity_date": DAY, "dimension": TEXT, "segment": TEXT}
            | {"amount": MONEY},
            [],
        ),
        "int_kpi__component_extents": arrow(
            {"component": TEXT, "maturity_days": NUMBER, "known_until": DAY}, []
        ),
    }


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    tunables = {"as_of": f"{TODAY}T12:00:00", "trend_periods": TREND_PERIODS}
    return CompiledModels(["kpi_scorecard", "int_kpi__threshold_alerts"], tunables)


def check(wanted: dict[Any, Row], rows: list[Row], *key: str) -> None:
    """That the rows have the wanted columns; doubles but for their rounding."""
    names = ("kpi_id", "dimension", "segment", *key)
    found = {tuple(row[name] for name in names): row for row in rows}
    assert set(found) == set(wanted)
    for known_by, row in wanted.items():
        for name, value in row.items():
            seen = found[known_by][name]
            if isinstance(value, Fraction | float) and seen is not None:
                assert math.isclose(value, seen, rel_tol=1e-12), (known_by, name)
            else:
                assert value == seen, (known_by, name)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(found=st.tuples(*(cases(name) for name in COMPONENTS)))
def test_a_kpi_is_judged_as_plain_python_judges_it(
    models: CompiledModels, found: tuple[Case, ...]
) -> None:
    tables = models.run(inputs(list(found)))
    check(dict(pair for case in found for pair in scorecard(case)), tables["kpi_scorecard"])
    alerts = dict(pair for case in found for pair in missed(case))
    check(alerts, tables["int_kpi__threshold_alerts"], "period_start")
