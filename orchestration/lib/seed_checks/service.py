"""Checks of the opening hours and of what is promised to who asks."""

import re
from collections.abc import Iterator
from datetime import time

from orchestration.lib.seed_checks.tables import Table, Tables
from orchestration.lib.seed_checks.values import as_decimal, lowered, type_problem


def business_hours(table: Table, _: Tables) -> Iterator[str]:
    """Weekdays outside 1..7, times that are not HH:MM, intervals that are empty or overlap."""
    open_until: dict[int, tuple[str, int]] = {}
    by_time = sorted(
        (int(row["weekday"]), row["opens_at"], line, row)
        for line, row in table.rows
        if not type_problem(row["weekday"], "bigint")
    )
    for weekday, _opens_at, line, row in by_time:
        if not 1 <= weekday <= 7:
            problem = f"'{row['weekday']}' is not 1 (Monday) to 7 (Sunday)."
            yield table.at(line, "weekday", problem)
            continue
        times = {column: row[column] for column in ("opens_at", "closes_at") if row[column]}
        wrong = [column for column, value in times.items() if not _is_time(column, value)]
        for column in wrong:
            yield table.at(line, column, f"{row[column]!r} is not a time; write it like 09:00.")
        if wrong or len(times) < 2:
            continue
        if row["closes_at"] <= row["opens_at"]:
            problem = f"'{row['closes_at']}' is not after opens_at {row['opens_at']}."
            yield table.at(line, "closes_at", problem)
            continue
        until, other = open_until.get(weekday, ("", 0))
        if row["opens_at"] < until:
            problem = f"'{row['opens_at']}' is within the hours of line {other}; join the two."
            yield table.at(line, "opens_at", problem)
        open_until[weekday] = max((until, other), (row["closes_at"], line))


def _is_time(column: str, value: str) -> bool:
    if column == "closes_at" and value == "24:00":
        return True
    if not re.fullmatch(r"\d{2}:\d{2}", value):
        return False
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


def sla_targets(table: Table, _: Tables) -> Iterator[str]:
    """Priorities that no ticket is compared with; promises of no time, or kept by the other one."""
    for line, row in table.rows:
        if row["priority"] != (priority := lowered(row["priority"])):
            problem = f"{row['priority']!r} has capitals; write {priority}."
            yield table.at(line, "priority", problem)
        promised = {
            column: as_decimal(row[column])
            for column in ("first_response_hours", "resolution_hours")
        }
        reply, solution = promised.values()
        if reply is not None and solution is not None and reply > solution > 0:
            problem = (
                f"'{reply}' is longer than resolution_hours '{solution}', within which the "
                "customer has an answer; correct one of the two."
            )
            yield table.at(line, "first_response_hours", problem)
        for column, hours in promised.items():
            if hours is not None and hours <= 0:
                problem = f"'{hours}' is no time; leave it empty where nothing is promised."
                yield table.at(line, column, problem)
