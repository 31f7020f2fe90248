"""The driver step of alerts: components by day in, one row per alert out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.lib.periods import Calendar, business_day
from orchestration.lib.statistics.alert_causes import (
    BUSINESS,
    DATA,
    OVERALL,
    Daily,
    Driver,
    Finding,
    findings,
)
from orchestration.lib.statistics.alert_pace import (
    Heading,
    changes_since,
    heading,
    known_until,
)
from orchestration.lib.statistics.alert_series import Components, Kpi, Place, daily
from orchestration.lib.statistics.expected_days import LEVEL_DAYS, REFIT_DAYS, Floats, Ints, Limits

FINDINGS = pa.schema(
    [
        ("kind", pa.string()),
        ("subject", pa.string()),
        ("kpi_id", pa.string()),
        ("measure", pa.string()),
        ("dimension", pa.string()),
        ("segment", pa.string()),
        ("period_grain", pa.string()),
        ("period_start", pa.date32()),
        ("first_seen", pa.date32()),
        ("last_seen", pa.date32()),
        ("is_open", pa.bool_()),
        ("unknown_since", pa.date32()),
        ("day_count", pa.int64()),
        ("observed", pa.float64()),
        ("expected", pa.float64()),
        ("expected_lower", pa.float64()),
        ("expected_upper", pa.float64()),
        ("relative_change", pa.float64()),
        ("score", pa.float64()),
        ("sample", pa.int64()),
        ("cause", pa.string()),
        ("cause_class", pa.string()),
        ("severity", pa.string()),
        ("is_favourable", pa.bool_()),
        ("raw_tables", pa.string()),
        ("top_drivers", pa.string()),
        ("also_moved", pa.string()),
        ("series", pa.int64()),
    ]
)

CRITICAL, WARNING, NOTICE = "critical", "warning", "notice"
_PACED_GRAINS = ("week", "month", "quarter")
_SEPARATOR = "; "


@dataclass(frozen=True)
class _Entry:
    """A KPI of the catalogue, as far as alerts go."""

    kpi: Kpi
    scale: float
    direction: str
    warn_at: float
    alert_at: float


def kpi_findings(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    """Anomalies of the last `alert_history_days` days, and running periods off their pace."""
    now = _today(variables)
    catalogue = {
        row["kpi_id"]: _Entry(
            _kpi(row),
            float(row["scale"]),
            row["direction"],
            float(row["warn_at"]),
            float(row["alert_at"]),
        )
        for row in inputs["int_kpi__catalogue"].to_pylist()
    }
    components = _components(inputs, now, variables)
    found = None
    if components is not None:
        limits = Limits(
            float(variables["alert_false_alarms_a_year"]),
            float(variables["alert_min_change"]),
            # What takes long to be known is judged so much later, and is told from its beginning.
            int(variables["alert_history_days"])
            + max(components.maturity_days.values(), default=0)
            + LEVEL_DAYS,
        )
        found = daily(components, [catalogue[name].kpi for name in sorted(catalogue)], limits)
    counted = _counted_tables(inputs["int_kpi__component_tables"])
    missed = [
        (row, _threshold(row, catalogue[row["kpi_id"]].kpi, counted))
        for row in inputs["int_kpi__threshold_alerts"].to_pylist()
    ]
    if components is None or found is None:
        return pa.Table.from_pylist([told for _, told in missed], schema=FINDINGS)
    first = max(0, components.now - int(variables["alert_history_days"]))
    rows = [
        *(
            _anomaly(found, one, components, catalogue, float(variables["alert_critical_change"]))
            for one in findings(found, first)
        ),
        *_stale(
            found,
            components,
            catalogue,
            inputs["int_kpi__component_sources"],
            inputs["int_kpi__days_watched"],
        ),
        *_thresholds(found, components, missed),
        *_paces(
            found,
            components,
            catalogue,
            inputs["int_kpi__targets_in_force"].to_pylist(),
            variables,
        ),
    ]
    return pa.Table.from_pylist(rows, schema=FINDINGS)


# --- reading ------------------------------------------------------------------------------------


def _kpi(row: Mapping[str, Any]) -> Kpi:
    dimensions = row["dimensions"].split("|") if "|day|" in row["grains"] else ()
    return Kpi(
        row["kpi_id"],
        row["numerator"],
        row["denominator"],
        float(row["min_sample"]),
        frozenset(filter(None, dimensions)),
    )


def _today(variables: Mapping[str, Any]) -> date:
    """The business day on which the refresh's clock stands; days before it are over."""
    clock = datetime.fromisoformat(str(variables["as_of"]))
    return business_day(clock, str(variables["business_timezone"]))


def _components(
    inputs: Mapping[str, pa.Table], today: date, variables: Mapping[str, Any]
) -> Components | None:
    table = inputs["int_kpi__days_watched"].combine_chunks()
    if not table.num_rows:
        return None
    day_numbers = table["date_day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    first, now = int(day_numbers.min()), _number(today)
    # Where a longer history is cut, it begins with the same day for weeks: what is told of a day
    # would waver if each refresh saw one day less.
    if now - first >= int(variables["alert_window_days"]):
        first += -first % REFIT_DAYS
        table = table.filter(pa.array(day_numbers >= first)).combine_chunks()
        day_numbers = day_numbers[day_numbers >= first]
    # The running quarter's end: further ahead nothing is looked for.
    until = Calendar.of(variables).next_start(today, "quarter")
    days = np.arange(first, _number(until)).astype("datetime64[D]")
    places, amount, records = _by_place(table, day_numbers - first, len(days))
    sources = inputs["int_kpi__component_sources"].to_pylist()
    spans = {one["component"]: (one["first_date"], one["last_date"]) for one in sources}
    maturities: dict[str, int] = {one["component"]: one["maturity_days"] for one in sources}
    tables: dict[str, set[str]] = defaultdict(set)
    for one in sources:
        tables[one["component"]].add(one["raw_table"])
    amounts: dict[tuple[str, Place], Floats] = {}
    counts: dict[tuple[str, Place], Floats] = {}
    for position, (component, dimension, segment) in enumerate(places):
        # What is computed by period and never added up has no days to be forecast.
        if component not in spans:
            continue
        begins, ends = spans[component]
        known = slice(
            max(0, _number(begins) - first),
            max(0, min(_number(ends) + 1, now - maturities[component]) - first),
        )
        for target, values in ((amounts, amount), (counts, records)):
            kept = np.full(len(days), np.nan)
            kept[known] = values[position, known]
            target[component, (dimension, segment)] = kept
    return Components(
        now=now - first,
        days=days,
        amounts=amounts,
        records=counts,
        raw_tables={name: frozenset(found) for name, found in tables.items()},
        holidays=_holidays(inputs["int_core__business_days"], first, len(days)),
        rates=_latest_rates(inputs["int_core__exchange_rates"]),
        money=frozenset(one["component"] for one in sources if one["is_money"]),
        maturity_days=maturities,
    )


def _by_place(
    table: pa.Table, positions: Ints, days: int
) -> tuple[list[tuple[str, str, str]], Floats, Floats]:
    """Component, dimension and segment of each series; its amounts, and its records, by days.

    `positions` are those of the rows' days.
    """
    columns = [table[name].combine_chunks() for name in ("component", "dimension", "segment")]
    codes = [column.dictionary_encode() for column in columns]
    labels = [code.dictionary.to_pylist() for code in codes]
    sizes = [len(one) for one in labels]
    keys, row = np.unique(
        np.ravel_multi_index([code.indices.to_numpy().astype(np.int64) for code in codes], sizes),
        return_inverse=True,
    )
    amount, records = np.zeros((len(keys), days)), np.zeros((len(keys), days))
    amount[row, positions] = table["amount"].cast(pa.float64()).to_numpy()
    records[row, positions] = table["records"].to_numpy()
    components, dimensions, segments = (
        [names[index] for index in part]
        for names, part in zip(labels, np.unravel_index(keys, sizes), strict=True)
    )
    return list(zip(components, dimensions, segments, strict=True)), amount, records


def _latest_rates(table: pa.Table) -> dict[str, float]:
    """The last exchange rate of each currency."""
    latest: dict[str, tuple[date, float]] = {}
    for row in table.to_pylist():
        currency, found = row["currency"], (row["rate_date"], float(row["rate"]))
        latest[currency] = max(latest.get(currency, found), found)
    return {name: rate for name, (_, rate) in sorted(latest.items())}


def _number(day: date) -> int:
    """A day as the number of days since 1970."""
    return (day - date(1970, 1, 1)).days


def _holidays(table: pa.Table, first: int, days: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in table.to_pylist():
        position = _number(row["date_day"]) - first
        if 0 <= position < days:
            country = found.setdefault(row["country"], np.zeros(days))
            country[position] = float(row["is_holiday"])
    return found


# --- writing ------------------------------------------------------------------------------------


def _day(components: Components, position: int) -> date:
    found: date = components.days[position].astype(object)
    return found


def _subject(kpi_id: str, measure: str, dimension: str, segment: str) -> str:
    """What an alert is about, in words that stay the same as long as it lasts."""
    return f"{kpi_id} {measure} {dimension} {segment}"


def _told(drivers: Sequence[Driver]) -> str:
    return _SEPARATOR.join(f"{one.dimension} {one.segment} {one.share:.0%}" for one in drivers)


def _anomaly(
    found: Daily,
    one: Finding,
    components: Components,
    catalogue: Mapping[str, _Entry],
    critical_change: float,
) -> dict[str, Any]:
    series, origin = found.series[one.row], found.series[one.origin]
    entry = catalogue[series.kpi_id]
    factor = entry.scale if series.measure == "value" else 1.0
    factor /= one.base if series.is_ratio else 1.0
    favourable = _is_favourable(entry, series.measure, one.change)
    severity = WARNING
    if one.cause_class == DATA or (
        series.place == OVERALL and abs(one.change) >= critical_change and favourable is not True
    ):
        severity = CRITICAL
    elif favourable:
        severity = NOTICE
    first = _day(components, one.first)
    is_known = one.until + origin.maturity_days >= components.now
    return {
        "kind": "anomaly",
        "subject": _subject(origin.kpi_id, origin.measure, *origin.place),
        "kpi_id": series.kpi_id,
        "measure": series.measure,
        "dimension": series.dimension,
        "segment": series.segment,
        "period_grain": "day",
        "period_start": _day(components, one.days[0]),
        "first_seen": first,
        "last_seen": _day(components, one.last),
        "is_open": one.is_open,
        "unknown_since": (_day(components, one.until) if one.is_open and not is_known else None),
        "day_count": len(one.days),
        "observed": one.observed * factor,
        "expected": one.expected * factor,
        "expected_lower": one.low * factor,
        "expected_upper": one.high * factor,
        "relative_change": one.change,
        "score": one.score,
        "sample": round(one.records),
        "cause": one.cause,
        "cause_class": one.cause_class,
        "severity": severity,
        "is_favourable": favourable if one.cause_class != DATA else None,
        "raw_tables": _SEPARATOR.join(sorted(series.raw_tables)),
        "top_drivers": _told(one.drivers) or None,
        "also_moved": _SEPARATOR.join(one.also) or None,
        "series": one.series,
    }


def _is_favourable(entry: _Entry, measure: str, change: float) -> bool | None:
    """Whether a KPI moved to where better lies; unknown for what is only a part of one."""
    if measure != "value" or entry.direction == "range":
        return None
    return (change > 0) == (entry.direction == "up")


def _stale(
    found: Daily,
    components: Components,
    catalogue: Mapping[str, _Entry],
    sources: pa.Table,
    watched: pa.Table,
) -> Iterator[dict[str, Any]]:
    """One alert for each raw table that has delivered nothing for too long, or a source of it.

    What is observed came all the same: from another shop, or of another table.
    """
    behind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sources.to_pylist():
        if row["freshness"] == "stale":
            behind[row["raw_table"]].append(row)

    def rank(row: Mapping[str, Any]) -> tuple[bool, str]:
        """What is a KPI by itself comes first: missing orders, rather than a part of a ratio."""
        position = found.row_of.get((row["component"], OVERALL))
        is_kpi = position is not None and found.series[position].measure == "value"
        return not is_kpi, str(row["component"])

    for raw_table, rows in sorted(behind.items()):
        known: list[tuple[float, dict[str, Any], int, int]] = []
        for row in sorted(rows, key=rank):
            position = found.row_of.get((row["component"], OVERALL))
            first = (row["last_date"] - components.days[0].astype(object)).days + 1
            if position is None or row["maturity_days"] or first >= components.now:
                continue
            ahead = slice(first, components.now)
            expected = float(np.nansum(found.expected.mean[position, ahead]))
            known.append((expected, row, position, first))
        if not known:
            continue
        # A figure of which nothing was to be expected does not tell what is missing.
        expected, row, position, first = next((one for one in known if one[0]), known[0])
        since, until = _day(components, first), _day(components, components.now)
        observed, records = _sums(watched, row["component"], since, until)
        series = found.series[position]
        factor = catalogue[series.kpi_id].scale if series.measure == "value" else 1.0
        yield {
            "kind": "anomaly",
            "subject": f"source {raw_table}",
            "kpi_id": series.kpi_id,
            "measure": series.measure,
            "dimension": series.dimension,
            "segment": series.segment,
            "period_grain": "day",
            "period_start": since,
            "first_seen": since,
            "last_seen": _day(components, components.now - 1),
            "is_open": True,
            "day_count": components.now - first,
            "observed": observed * factor,
            "expected": expected * factor,
            "relative_change": (observed - expected) / abs(expected) if expected else None,
            "sample": records,
            "cause": "source_stale",
            "cause_class": DATA,
            "severity": CRITICAL,
            "raw_tables": raw_table,
            "series": 1,
        }


def _sums(watched: pa.Table, component: str, since: date, until: date) -> tuple[float, int]:
    """Amount and records of an undivided component from one day to before another."""
    place = dict(zip(("component", "dimension", "segment"), (component, *OVERALL), strict=True))
    for name, value in place.items():
        watched = watched.filter(pc.equal(watched[name], value))
    rows = [row for row in watched.to_pylist() if since <= row["date_day"] < until]
    return float(sum(row["amount"] for row in rows)), int(sum(row["records"] for row in rows))


def _counted_tables(table: pa.Table) -> dict[str, set[str]]:
    """The raw tables that each component counts, be it known by days or only by period."""
    counted: dict[str, set[str]] = defaultdict(set)
    for one in table.to_pylist():
        if not one["is_needed"]:
            counted[one["component"]].add(one["raw_table"])
    return counted


def _threshold(row: Mapping[str, Any], kpi: Kpi, counted: Mapping[str, set[str]]) -> dict[str, Any]:
    parts = (kpi.numerator, kpi.denominator or "")
    tables = {table for part in parts for table in counted.get(part, ())}
    told = {name: row[name] for name in _THRESHOLD}
    fixed = {"kind": "threshold", "measure": "value", "cause": "off_target", "series": 1}
    fixed |= {"cause_class": BUSINESS, "is_favourable": False}
    subject = _subject(row["kpi_id"], "value", row["dimension"], row["segment"])
    raw_tables = _SEPARATOR.join(sorted(tables)) or None
    return fixed | told | {"subject": subject, "raw_tables": raw_tables}


_THRESHOLD = (
    "kpi_id",
    "dimension",
    "segment",
    "period_grain",
    "period_start",
    "first_seen",
    "last_seen",
    "is_open",
    "unknown_since",
    "day_count",
    "observed",
    "expected",
    "expected_lower",
    "expected_upper",
    "relative_change",
    "sample",
    "severity",
)


def _thresholds(
    found: Daily, components: Components, missed: Sequence[tuple[dict[str, Any], dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """The periods that missed their target, with the segments that left their level in them."""
    rows = _values(found)
    origin = components.days[0].astype(object)
    for alert, told in missed:
        row = rows.get((alert["kpi_id"], (alert["dimension"], alert["segment"])))
        start = (alert["period_start"] - origin).days
        if row is not None and 0 <= start < components.now:
            end = min(start + alert["day_count"], components.now)
            missed_by = alert["observed"] - alert["expected"]
            told["top_drivers"] = _told(changes_since(found, row, start, end, missed_by)) or None
        yield told


def _values(found: Daily) -> dict[tuple[str, Place], int]:
    """The rows that are a KPI as it is published, by KPI and place."""
    return {
        (one.kpi_id, one.place): row
        for row, one in enumerate(found.series)
        if one.measure == "value"
    }


def _paces(
    found: Daily,
    components: Components,
    catalogue: Mapping[str, _Entry],
    targets: Sequence[Mapping[str, Any]],
    variables: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """Running periods that will miss their target even at the better end of where they head."""
    rows = _values(found)
    origin = components.days[0].astype(object)
    min_elapsed = float(variables["alert_pace_min_elapsed"])
    calendar = Calendar.of(variables)
    for target in sorted(targets, key=lambda one: tuple(str(one[name]) for name in _TARGET)):
        entry = catalogue.get(target["kpi_id"])
        place = (target["dimension"], target["segment"])
        row = rows.get((target["kpi_id"], place))
        wanted = target["target_value"]
        if entry is None or row is None or wanted is None or wanted <= 0:
            continue
        if target["period_grain"] not in _PACED_GRAINS:
            continue
        start = (target["period_start"] - origin).days
        after = calendar.next_start(target["period_start"], target["period_grain"])
        end = (after - origin).days
        if not (0 <= start < components.now < end) or end > len(components.days):
            continue
        below = None
        if entry.kpi.denominator is not None:
            below = found.row_of.get((entry.kpi.denominator, place))
            if below is None:
                continue
        # One of its days at least: before the first there is none on which it showed.
        earliest = start + max(1, int(np.ceil(min_elapsed * (end - start))))
        # A day that has not been delivered is no day without a case.
        until = known_until(found, row)
        seen: list[tuple[int, Heading, float]] = []
        for day in range(until, earliest - 1, -1):
            if not found.panel.worth[row, day - 1]:
                break
            where = heading(found, row, below, (start, end), day)
            attainment = None if where is None else _best(entry, where, float(wanted))
            if where is None or attainment is None or attainment >= entry.warn_at:
                break
            seen.append((day, where, attainment))
        records = float(np.nansum(found.panel.records[row, start:until]))
        if not seen or records < entry.kpi.min_sample:
            continue
        _, where, attainment = seen[0]
        expected, heads_for = float(wanted), where.value * entry.scale
        drivers = changes_since(found, row, start, until, heads_for - expected)
        yield {
            "kind": "pace",
            "subject": _subject(target["kpi_id"], "value", *place),
            "kpi_id": target["kpi_id"],
            "measure": "value",
            "dimension": place[0],
            "segment": place[1],
            "period_grain": target["period_grain"],
            "period_start": target["period_start"],
            # The morning after the first day that showed it.
            "first_seen": _day(components, seen[-1][0] - 1),
            "last_seen": _day(components, until - 1),
            "is_open": True,
            "day_count": until - start,
            "observed": heads_for,
            "expected": expected,
            "expected_lower": where.lower * entry.scale,
            "expected_upper": where.upper * entry.scale,
            "relative_change": heads_for / expected - 1,
            "sample": round(records),
            "cause": "off_pace",
            "cause_class": BUSINESS,
            "severity": CRITICAL if attainment < entry.alert_at else WARNING,
            "is_favourable": False,
            "raw_tables": _SEPARATOR.join(sorted(found.series[row].raw_tables)),
            "top_drivers": _told(drivers) or None,
            "series": 1,
        }


_TARGET = ("kpi_id", "dimension", "segment", "period_grain", "period_start")


def _best(entry: _Entry, where: Heading, wanted: float) -> float:
    """The attainment at the better end of the interval: 1 is on target whatever the direction."""
    low, high = where.lower * entry.scale, where.upper * entry.scale
    if entry.direction == "down":
        return wanted / low if low > 0 else float("inf")
    if entry.direction == "range":
        if low <= wanted <= high:
            return 1.0
        return high / wanted if high < wanted else wanted / low
    return high / wanted
