"""Checks of the seeds of KPIs: their catalogue, targets, market and corrective actions."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Literal, get_args

from orchestration.lib.periods import GRAINS
from orchestration.lib.seed_checks.cells import above_zero, nearest, spelled_twice
from orchestration.lib.seed_checks.tables import Component, Row, Table, Tables
from orchestration.lib.seed_checks.values import as_date, as_decimal, type_problem

Dimension = Literal[
    "overall", "country", "channel", "device", "segment",
    "campaign", "product_category", "team", "rep",
]  # fmt: skip
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

# Quotas may be set for teams and reps whatever dimensions a KPI is reported by.
QUOTA_DIMENSIONS = ("team", "rep")
_TIMES = ("hours", "days", "months")


def kpi_catalogue(table: Table, _: Tables) -> Iterator[str]:
    """Unknown components, grains and dimensions, units that are wrong, thresholds upside down."""
    yield from spelled_twice(table, "kpi_id", "KPI; name it otherwise or remove it.")
    for line, row in table.rows:
        yield from _components(table, line, row)
        yield from _unit(table, line, row)
        yield from _listed(table, line, row, "grains", GRAINS)
        yield from _listed(table, line, row, "dimensions", DIMENSIONS)
        if row["unit"] == "ratio" and not row["denominator"]:
            yield table.at(line, "denominator", "is empty; a ratio needs a denominator.")
        if row["dimensions"] and "overall" not in row["dimensions"].split("|"):
            yield table.at(line, "dimensions", "lacks overall; add it.")
        yield from _thresholds(table, line, row)
        scale = as_decimal(row["scale"])
        if scale is not None and scale <= 0:
            yield table.at(line, "scale", f"'{scale}' is not above 0; write 1 to leave values be.")
        if not type_problem(row["min_sample"], "bigint") and int(row["min_sample"]) < 0:
            problem = f"'{row['min_sample']}' is below 0; write 0 where no value is a small sample."
            yield table.at(line, "min_sample", problem)


def _thresholds(table: Table, line: int, row: Row) -> Iterator[str]:
    """Shares of the target that are none, or in percent, and an alert ahead of its warning."""
    shares = {column: as_decimal(row[column]) for column in ("warn_at", "alert_at")}
    outside = {
        column: share
        for column, share in shares.items()
        if share is not None and not 0 < share <= 1
    }
    for column, share in outside.items():
        meant = f"{share / 100} for {share} %" if 1 < share <= 100 else "0.95 for 95 %"
        problem = f"'{share}' is not a share of the target, above 0 and up to 1; write {meant}."
        yield table.at(line, column, problem)
    warn, alert = shares.values()
    if not outside and warn is not None and alert is not None and alert > warn:
        problem = f"'{alert}' with warn_at '{warn}'; write 0 < alert_at <= warn_at."
        yield table.at(line, "alert_at", problem)


def _components(table: Table, line: int, row: Row) -> Iterator[str]:
    components = table.seed.components
    used = {}
    for column in ("numerator", "denominator"):
        name = row[column]
        if name in components:
            used[name] = components[name]
        elif name:
            remedy = f"write one of {', '.join(sorted(components))}."
            problem = nearest(name, components, f"{name!r} is not a component", remedy)
            yield table.at(line, column, problem)
    for column, every, known in (
        ("dimensions", DIMENSIONS, {name: one.known_by for name, one in used.items()}),
        ("grains", GRAINS, {name: one.grains for name, one in used.items()}),
    ):
        common = [value for value in every if all(value in values for values in known.values())]
        for name, values in known.items():
            for value in row[column].split("|"):
                if value in every and value not in values:
                    yield table.at(
                        line,
                        column,
                        f"{value!r} is not known for the component {name!r}; "
                        f"write only {'|'.join(common)}.",
                    )


def _unit(table: Table, line: int, row: Row) -> Iterator[str]:
    """Units that the components cannot have: revenue in hours, an order value as a share."""
    used = [row[column] for column in ("numerator", "denominator") if row[column]]
    scale = as_decimal(row["scale"])
    if any(name not in table.seed.components for name in used) or not used or scale is None:
        return
    if len(used) == 2 and used[0] == used[1]:
        problem = f"{used[0]!r} is the numerator as well: the quotient is always 1; name another."
        yield table.at(line, "denominator", problem)
        return
    units = [table.seed.components[name].unit for name in used]
    if row["unit"] not in table.seed.accepted["unit"] or row["unit"] in _units_of(units, scale):
        return
    if row["unit"] == "ratio" and len(used) == 1:
        return
    named = " / ".join(f"{name} ({unit})" for name, unit in zip(used, units, strict=True))
    times = "" if scale == 1 else f"{scale} x "
    possible = " or ".join(_units_of(units, scale))
    problem = f"{row['unit']!r} is not what {times}{named} is measured in; write {possible}."
    yield table.at(line, "unit", problem)


def _units_of(units: list[str], scale: Decimal) -> list[str]:
    """What a KPI may be measured in, by the units of its components.

    A share of 1 has no scale; a number of days may be told in hours, or a share in points.
    """
    numerator, *divisor = units
    if not divisor:
        if scale == 1:
            return [numerator]
        return [*(_TIMES if numerator in _TIMES else (numerator,)), "points"]
    if divisor != [numerator]:
        return [numerator, *(["points"] if numerator == "count" else [])]
    shares = ["ratio"] if scale == 1 else []
    # Orders per customer are a count; a cost over what comes back in a month is months.
    return [*shares, "points", *{"count": ["count"], "currency": ["months"]}.get(numerator, [])]


def _listed(
    table: Table, line: int, row: Row, column: str, known: tuple[str, ...]
) -> Iterator[str]:
    values = row[column].split("|") if row[column] else []
    for value in values:
        if value not in known:
            problem = f"{value!r} is not one of {', '.join(known)}; separate several by |."
            yield table.at(line, column, problem)
    if len(values) != len(set(values)):
        yield table.at(line, column, f"{row[column]!r} names one twice; name each once.")


def kpi_targets(table: Table, tables: Tables) -> Iterator[str]:
    """Targets at a grain or for a dimension that their KPI does not have, or without currency."""
    kpis = _by_kpi(tables)
    for line, row in table.rows:
        kpi = kpis.get(row["kpi_id"])
        if kpi is None:
            continue
        if row["period_grain"] in GRAINS:
            yield from _offered(table, line, row["period_grain"], "period_grain", kpi["grains"])
        if row["dimension"] not in QUOTA_DIMENSIONS:
            yield from _offered(table, line, row["dimension"], "dimension", kpi["dimensions"])
        if kpi["unit"] == "currency" and not row["currency"]:
            yield table.at(line, "currency", "is empty for an amount; write a code like EUR.")
        elif kpi["unit"] not in ("currency", "") and row["currency"]:
            problem = f"{row['currency']!r} for a {kpi['unit']}; leave it empty."
            yield table.at(line, "currency", problem)
    yield from _target_versions(table)


def _target_versions(table: Table) -> Iterator[str]:
    """Versions that are never in force, and those of one target in two currencies."""
    first: dict[tuple[str, ...], tuple[int, Row]] = {}
    for line, row in table.rows:
        start, set_on = as_date(row["period_start"]), as_date(row["set_on"])
        grain = row["period_grain"]
        is_known = start and grain in GRAINS
        after = table.calendar.next_start(start, grain) if start and is_known else None
        if after and set_on and set_on >= after:
            problem = (
                f"'{set_on}' is after the period that ends on {after - timedelta(days=1)}: the "
                "target would never be in force. To correct one of the past, change the row that "
                "was in force; else write the day on which it was set."
            )
            yield table.at(line, "set_on", problem)
        version = tuple(row[column] for column in table.seed.key if column != "set_on")
        before, other = first.setdefault(version, (line, row))
        if row["currency"] != other["currency"]:
            problem = (
                f"{row['currency']!r}, but the version of line {before} is in "
                f"{other['currency']!r}; write all versions of a target in one currency."
            )
            yield table.at(line, "currency", problem)


def _by_kpi(tables: Tables) -> dict[str, Row]:
    catalogue = tables.get("kpi_catalogue")
    return {row["kpi_id"]: row for _, row in catalogue.rows} if catalogue else {}


def _offered(table: Table, line: int, value: str, column: str, offered: str) -> Iterator[str]:
    if value and value not in offered.split("|"):
        problem = f"{value!r} is not offered by the KPI; write one of {offered}."
        yield table.at(line, column, problem)


def market_size(table: Table, _: Tables) -> Iterator[str]:
    """Markets without revenue."""
    yield from above_zero(table, "market_revenue")


def corrective_actions(table: Table, tables: Tables) -> Iterator[str]:
    """Actions that end or are judged before they start, or whose KPI, control or sums are wrong."""
    kpis = _by_kpi(tables)
    for line, row in table.rows:
        started = as_date(row["started_on"])
        for column in ("ended_on", "review_on"):
            day = as_date(row[column])
            if started and day and day < started:
                yield table.at(line, column, f"'{day}' is before started_on {started}.")
        if row["control_segment"] and "all" in (row["segment"], row["control_segment"]):
            problem = f"{row['control_segment']!r} beside {row['segment']!r}: "
            problem += (
                "a control is another part of the same dimension; name one or leave it empty."
            )
            yield table.at(line, "control_segment", problem)
        elif row["control_segment"] and row["control_segment"] == row["segment"]:
            problem = f"{row['segment']!r} is the segment itself; name another or leave it empty."
            yield table.at(line, "control_segment", problem)
        effect, cost = as_decimal(row["expected_effect"]), as_decimal(row["cost"])
        if effect is not None and abs(effect) >= 5:
            meant = (effect / 100).normalize()
            problem = f"'{effect}' would be {100 * effect:f} %; write {meant:f} for {effect} %."
            yield table.at(line, "expected_effect", problem)
        if cost is not None and cost < 0:
            yield table.at(line, "cost", f"'{cost}' is below 0; write what was spent.")
        if row["cost"] and not row["currency"]:
            yield table.at(line, "currency", "is empty beside a cost; write a code like EUR.")
        if (kpi := kpis.get(row["kpi_id"])) is not None:
            yield from _offered(table, line, row["dimension"], "dimension", kpi["dimensions"])
            yield from _judged_by(table, line, kpi, tables["kpi_catalogue"].seed.components)


def _judged_by(
    table: Table, line: int, kpi: Row, components: Mapping[str, Component]
) -> Iterator[str]:
    """An action is judged by whole weeks from its first day on, which are made of days."""
    lacking = [grain for grain in ("day", "week") if grain not in kpi["grains"].split("|")]
    if not lacking:
        return
    used = [
        components[kpi[name]] for name in ("numerator", "denominator") if kpi[name] in components
    ]
    can_be_added = all(grain in component.grains for grain in lacking for component in used)
    named = " and ".join(lacking)
    remedy = f"add {named} to its grains in kpi_catalogue.csv or " if can_be_added else ""
    yield table.at(
        line,
        "kpi_id",
        f"{kpi['kpi_id']!r} has no {' and no '.join(f'{grain}s' for grain in lacking)}, by which an"
        f" action is judged; {remedy}name another KPI.",
    )
