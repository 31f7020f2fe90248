"""`make explain`: why a KPI, or what a driver tree makes, moved between any two periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from orchestration.lib.contract import did_you_mean
from orchestration.lib.explanation import UNKNOWN, change_effects_sql, driver_effects_sql
from orchestration.lib.mendable import MendableError
from orchestration.lib.periods import GRAINS
from orchestration.lib.publishing.reader import connect
from orchestration.lib.sentences import printable
from orchestration.summary import figure

if TYPE_CHECKING:
    import duckdb

    from orchestration.settings import Settings

SHOWN_EFFECTS = 6
KINDS = {"contribution": "", "rate": "its rate", "mix": "its share", "difference": "its own change"}


class ExplainError(MendableError, ValueError):
    """A question that the release cannot answer; the message says what can be asked instead."""


@dataclass(frozen=True)
class Question:
    """One KPI, or one driver tree, in two periods, given by their first days."""

    kpi_id: str
    grain: str
    base: date
    period: date


def explain(settings: Settings, kpi: str, grain: str, base: str, period: str) -> int:
    """Prints what moved a KPI from one period to another, by each of its dimensions.

    The name of a driver tree that is no KPI, such as won_revenue, prints its drivers alone.
    `grain` is month, `period` the KPI's latest complete one and `base` the one before, unless told.
    Raises `ExplainError` naming what is unknown, and `NothingPublishedError` without a release.
    """
    with connect(settings.home) as connection:
        question = _question(connection, kpi, grain, base, period)
        for line in _lines(connection, question):
            print(line)
    return 0


def effects(connection: duckdb.DuckDBPyConnection, question: Question) -> list[dict[str, Any]]:
    """The rows that kpi.kpi_change_drivers would have for this pair of periods, by size."""
    return _rows(
        connection,
        f"""
        with kpi_values as (
            select * from kpi.kpi_values
            where kpi_id = $kpi_id and period_grain = $grain and period_start in ($base, $period)
        ),
        pairs as (
            select
                kpi_id,
                $grain as period_grain,
                $period::date as period_start,
                'chosen' as compared_with,
                $base::date as base_period_start,
                scale,
                is_additive
            from kpi.kpi_definitions
            where kpi_id = $kpi_id
        ),
        {change_effects_sql("pairs", "kpi_values")}
        select * from change_effects order by dimension, rank
        """,
        question,
    )


def drivers(connection: duckdb.DuckDBPyConnection, question: Question) -> list[dict[str, Any]]:
    """The rows of the undivided whole that kpi.kpi_driver_tree would have for this pair."""
    parts = ", ".join(
        f"max(numerator) filter (where position = {place}) as {part}"
        for place, part in enumerate(("volume", "successes", "amount", "deducted"), start=1)
    )
    return _rows(
        connection,
        f"""
        with sides as (
            select tree, period_grain, period_start, dimension, segment, position, numerator
            from kpi.kpi_driver_tree
            union all
            select
                tree, period_grain, base_period_start, dimension, segment, position, base_numerator
            from kpi.kpi_driver_tree
        ),
        levels as (
            select tree, period_grain, period_start, dimension, segment, {parts}
            from sides
            where
                tree = $kpi_id
                and period_grain = $grain
                and period_start in ($base, $period)
                and dimension = 'overall'
            group by all
        ),
        pairs as (
            select
                $kpi_id as tree,
                $grain as period_grain,
                $period::date as period_start,
                'chosen' as compared_with,
                $base::date as base_period_start,
                (select count(volume) from levels) = 2 as is_volume_known
            where (select count(*) from levels) = 2
        ),
        {driver_effects_sql("pairs", "levels")}
        select * from driver_effects order by position
        """,
        question,
    )


def _question(
    connection: duckdb.DuckDBPyConnection, kpi: str, grain: str, base: str, period: str
) -> Question:
    found = connection.sql(
        "select kpi_id from kpi.kpi_definitions union select tree from kpi.kpi_driver_tree"
    ).fetchall()
    known = [name for (name,) in found]
    if kpi not in known:
        hint = did_you_mean(kpi, known)
        raise ExplainError(
            f"KPI={kpi!r} is no KPI and no driver tree{hint} There are: {', '.join(sorted(known))}."
        )
    grain = grain or "month"
    if grain not in GRAINS:
        raise ExplainError(f"GRAIN={grain!r} is no kind of period; use one of {', '.join(GRAINS)}.")
    periods = connection.execute(
        """
        with known as (
            select kpi_id, period_grain, period_start, is_complete
            from kpi.kpi_values
            where dimension = 'overall' and value is not null
            union
            select tree, period_grain, unnest([base_period_start, period_start]), true
            from kpi.kpi_driver_tree
            where dimension = 'overall' and tree not in (select kpi_id from kpi.kpi_definitions)
        )
        select period_start, is_complete
        from known
        where kpi_id = $1 and period_grain = $2
        order by period_start
        """,
        [kpi, grain],
    ).fetchall()
    if len(periods) < 2:
        raise ExplainError(f"{kpi} is known in fewer than two periods of grain {grain}.")
    starts = [start for start, _ in periods]
    complete = [start for start, is_complete in periods if is_complete] or starts
    to = _start(connection, "TO", period, grain, starts) if period else complete[-1]
    if base:
        start = _start(connection, "FROM", base, grain, starts)
        if start == to:
            raise ExplainError(f"FROM and TO lie in the same {grain}, from {to}; give two.")
        return Question(kpi, grain, start, to)
    earlier = [start for start in starts if start < to]
    if not earlier:
        raise ExplainError(f"{kpi} is not known before {to}; give FROM and TO.")
    return Question(kpi, grain, earlier[-1], to)


def _start(
    connection: duckdb.DuckDBPyConnection, option: str, text: str, grain: str, known: list[date]
) -> date:
    """The period that a date lies in, which must be one of the known ones."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ExplainError(f"{option}={text!r} is no date; write one like {known[-1]}.") from None
    column = "date_day" if grain == "day" else f"{grain}_start"
    found = connection.execute(
        f"select {column} from core.dim_dates where date_day = $1",
        [day],
    ).fetchall()
    for start in known:
        if (start,) in found:
            return start
    period = "that day" if grain == "day" else f"the {grain} of that day"
    raise ExplainError(
        f"{option}={text}: {period} has no value; those from {known[0]} to"
        f" {known[-1]} have, {len(known)} of them."
    )


def _lines(connection: duckdb.DuckDBPyConnection, question: Question) -> list[str]:
    tree = drivers(connection, question)
    definitions = _rows(
        connection, "select name_en, unit from kpi.kpi_definitions where kpi_id = $kpi_id", question
    )
    if definitions:
        lines = _kpi_lines(connection, question, **definitions[0])
    else:
        # What made nothing in both periods has no drivers.
        before, after = (float(tree[0][of]) if tree else 0.0 for of in ("base_revenue", "revenue"))
        lines = _change_lines(question, question.kpi_id, before, after, "currency")
    if tree:
        lines += ["", "Driver tree"]
        lines += [
            f"  {_signed(float(row['effect']), 'currency'):>14}  {row['driver']}"
            f" ({_level(row['base_driver_value'])} -> {_level(row['driver_value'])})"
            for row in tree
        ]
    return lines


def _kpi_lines(
    connection: duckdb.DuckDBPyConnection, question: Question, name_en: str, unit: str
) -> list[str]:
    values = _rows(
        connection,
        "select period_start, denominator, value, is_complete from kpi.kpi_values"
        " where kpi_id = $kpi_id"
        " and period_grain = $grain and dimension = 'overall'"
        " and period_start in ($base, $period)",
        question,
    )
    by_start = {row["period_start"]: row for row in values}
    before, after = by_start[question.base], by_start[question.period]
    lines = _change_lines(question, name_en, before["value"], after["value"], unit)
    lines += [
        f"  ! The {question.grain} from {start} is not complete: it runs, matures, or lacks data."
        for start, row in sorted(by_start.items())
        if not row["is_complete"]
    ]
    found = effects(connection, question)
    wholes = {"base_": before["denominator"], "": after["denominator"]}
    # Who is not known is no answer by itself: of a company without reps it would be all.
    dimensions = dict.fromkeys(row["dimension"] for row in found if row["segment"] != UNKNOWN)
    for dimension in dimensions:
        rows = [row for row in found if row["dimension"] == dimension]
        lines += ["", f"By {dimension}", *_table(rows[:SHOWN_EFFECTS], unit, wholes)]
        rest = rows[SHOWN_EFFECTS:]
        # Differences of medians add up to nothing in particular.
        if rest and rest[0]["effect_kind"] == "difference":
            lines.append(f"  {'':>14}  {len(rest)} smaller changes")
        elif rest:
            left = sum(row["effect"] for row in rest)
            lines.append(
                f"  {_signed(float(left), unit):>14}  {len(rest)} smaller effects together"
            )
    if not dimensions:
        lines += ["", "No dimension divides it."]
    return lines


def _change_lines(
    question: Question, name: str, before: float, after: float, unit: str
) -> list[str]:
    change = after - before
    relative = f", {change / abs(before):+.1%}" if before else ""
    return [
        f"{name}, {question.grain} from {question.period} against the one from {question.base}",
        f"  {figure(before, unit)} -> {figure(after, unit)} ({_signed(change, unit)}{relative})",
    ]


def _table(rows: list[dict[str, Any]], unit: str, wholes: dict[str, Any]) -> list[str]:
    return [
        f"  {_signed(float(row['effect']), unit):>14}  {printable(row['segment'])}"
        + (f", {KINDS[row['effect_kind']]}" if KINDS[row["effect_kind"]] else "")
        + f" ({_part(row, 'base_', unit, wholes)} -> {_part(row, '', unit, wholes)})"
        + ("" if row["explained_share"] is None else f", {row['explained_share']:z.0%} of it")
        for row in rows
    ]


def _part(row: dict[str, Any], side: str, unit: str, wholes: dict[str, Any]) -> str:
    """What moved, in one of the periods: the segment's value, or its share of the cases.

    `none` where it had nothing at all there.
    """
    value, cases = row[f"{side}value"], row[f"{side}denominator"]
    if row["effect_kind"] == "mix":
        return figure(float(cases) / float(wholes[side]), "ratio") if cases else "none"
    return (
        "none" if value is None and not (row[f"{side}numerator"] or cases) else figure(value, unit)
    )


def _signed(number: float, unit: str) -> str:
    """A change as a person reads it: that of a share is in points, which are no percent of it."""
    told = f"{100 * number:,.2f} points" if unit == "ratio" else figure(number, unit)
    return ("+" if number > 0 else "") + told


def _level(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.4f}" if abs(value) < 1 else f"{value:,.2f}"


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, question: Question
) -> list[dict[str, Any]]:
    given = {
        "kpi_id": question.kpi_id,
        "grain": question.grain,
        "base": question.base,
        "period": question.period,
    }
    cursor = connection.execute(sql, {name: v for name, v in given.items() if f"${name}" in sql})
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
