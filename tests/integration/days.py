"""A release as it would have been on an earlier day, as far as its facts go."""

from datetime import datetime
from pathlib import Path

import duckdb

from expectations.facts import FACTS

# Of every hundred rows so many are known an hour, one day and two days after they happened.
PROMPT, NEXT_DAY = 94, 98


def arrival(instant: str, key: str) -> str:
    """SQL of the instant at which a row is known: most at once, some a day or two late."""
    return (
        f"{instant} + case when hash({key}) % 100 < {PROMPT} then interval 1 hour "
        f"when hash({key}) % 100 < {NEXT_DAY} then interval 25 hour else interval 49 hour end"
    )


def cut(release: Path, target: Path, as_of: datetime) -> Path:
    """The facts, deals' stages and calendar of a release, with the rows known at `as_of`.

    Cost of a day is known when the day is over.
    """
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{release}' as whole (read_only)")
        connection.execute("create schema core")
        for table in ("dim_dates", "dim_customers", "dim_channels", "source_health"):
            connection.execute(f"create table core.{table} as from whole.core.{table}")
        for fact in FACTS:
            instant = f"{fact.day} + interval 1 day" if "::" in fact.instant else fact.instant
            connection.execute(
                f"create table {fact.table} as from whole.{fact.table} "
                f"where {arrival(instant, fact.key)} <= $1 or {fact.instant} is null",
                [as_of],
            )
        connection.execute("create schema funnel")
        connection.execute(
            "create table funnel.pipeline_stages as from whole.funnel.pipeline_stages "
            f"where {arrival('entered_at', 'opportunity_key')} <= $1",
            [as_of],
        )
    return target
