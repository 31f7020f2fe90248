"""What a refresh says when it ends: what was published, or why nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestration.lib.publishing.reader import connect
from orchestration.lib.publishing.releases import ReleaseStore
from orchestration.lib.sentences import under

if TYPE_CHECKING:
    from dagster import (
        AssetCheckEvaluation,
        DagsterEvent,
        DagsterInstance,
        ExecuteInProcessResult,
    )

    from orchestration.settings import Settings

SCORECARD = """
    select
        name_en,
        unit,
        strftime(period_start, '%Y-%m') as month,
        value,
        last_year_value,
        target_value,
        status,
        trend,
        data_status
    from kpi.kpi_scorecard
    where period_grain = 'month' and dimension = 'overall'
    order by kpi_id
"""
HEADINGS = ("KPI", "month", "value", "last year", "target", "status", "trend", "data")


# Dagster plans a run with the steps of the code that it was started with.
OTHER_STEPS = ("DagsterExecutionStepNotFoundError", "DagsterInvalidSubsetError")
INTERRUPTS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


def events_of(instance: DagsterInstance, run_id: str) -> list[DagsterEvent]:
    """What Dagster has kept of a run."""
    return [log.dagster_event for log in instance.all_logs(run_id) if log.dagster_event]


def failed_checks(events: Sequence[DagsterEvent]) -> list[str]:
    """The blocking checks that a run failed, each with the sentences it failed by.

    Tests of dbt have none: what a build says of those that fail, or cannot run, is its own error.
    """
    return [f"{_suite(one.check_name)} ({one.description})" for one in _failed(events)]


def _failed(events: Sequence[DagsterEvent]) -> list[AssetCheckEvaluation]:
    return [
        evaluation
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
        and not (evaluation := event.asset_check_evaluation_data).passed
        and evaluation.severity.value == "ERROR"
        and evaluation.description
    ]


def failure_reason(events: Sequence[DagsterEvent]) -> str:
    """Why a run ended without a release: the failed blocking checks, else the first error.

    Checks that a person may accept come with the command that does.
    """
    if failed := _failed(events):
        reason = f"the release failed {len(failed)} of its checks: "
        reason += "; ".join(failed_checks(events))
        if all(_can_be_accepted(one) for one in failed):
            suites = ",".join(_suite(one.check_name) for one in failed)
            reason += f'. If it is right: `make refresh ACCEPT={suites} REASON="who, and why"`.'
        return reason
    for event in events:
        if event.is_step_failure and (error := event.step_failure_data.error) is not None:
            return _reason(error)
        # What stops a run before its first step, such as another refresh that holds the lock; a run
        # that was marked as failed from outside has no error, but a message.
        if event.is_job_failure and (data := event.job_failure_data) and data.error is not None:
            return _reason(data.error)
    # What ends the process of a run before the run begins is told beside the run's failure.
    for event in events:
        if event.event_type_value == "ENGINE_EVENT" and event.engine_event_data.error is not None:
            return _reason(event.engine_event_data.error)
    return _tidy(next((e.message for e in events if e.is_failure and e.message), "unknown"))


def has_published(events: Sequence[DagsterEvent], current: str | None) -> bool:
    """Whether a run that failed had made its release the `current` one before.

    It may have failed in what comes after: its alerts, retention, PostgreSQL.
    """
    return any(
        event.is_step_materialization
        and event.asset_key is not None
        and event.asset_key.path in (["candidate_release"], ["published_release"])
        and event.step_materialization_data.materialization.metadata["release"].value == current
        for event in events
    )


def warnings(events: Sequence[DagsterEvent]) -> list[str]:
    """What the checks of a run warn of: deliveries in their own words, suites with their name."""
    found = []
    for event in events:
        if event.event_type_value != "ASSET_CHECK_EVALUATION":
            continue
        evaluation = event.asset_check_evaluation_data
        if not evaluation.passed and evaluation.severity.value == "WARN":
            suite = _suite(evaluation.check_name)
            said = evaluation.description or ""
            found.append(said if suite == "deliveries" else f"{suite}: {said}")
    return found


def _can_be_accepted(evaluation: AssetCheckEvaluation) -> bool:
    found = evaluation.metadata.get("can_be_accepted")
    return found is not None and found.value is True


def _suite(check: str) -> str:
    """The name by which a suite is accepted and looked up; as a check Dagster allows it no dot."""
    return check.replace("__", ".", 1)


def print_summary(settings: Settings, result: ExecuteInProcessResult, seconds: float) -> int:
    """Says how the run ended; returns the exit code, 0 when a release was published."""
    store = ReleaseStore(settings.home)
    if not result.success:
        shown = store.current_id()
        if has_published(result.all_events, shown):
            print("\n" + under(f"{shown} is published, but:", failure_reason(result.all_events)))
            return 1
        print("\n" + under("Nothing was published:", failure_reason(result.all_events)))
        print(f"Readers still see: {shown or 'no release yet'}")
        return 1
    current = store.current()
    if current is None:
        print("\nNothing was published: the run ended without a release.")
        return 1
    checks = list(current.manifest.checks.values())
    rows = sum(table.rows for table in current.manifest.tables)
    warned = f", {checks.count('warned')} warned" if "warned" in checks else ""
    print(f"\nPublished {current.id} in {seconds:.0f}s, as of {current.manifest.as_of}")
    print(f"  {len(current.manifest.tables)} tables, {rows:,} rows")
    print(f"  {len(checks)} expectation suites: {checks.count('passed')} passed{warned}")
    for warning in warnings(result.all_events):
        print(f"  ! {warning}")
    print(f"  read it: {settings.current / 'published.duckdb'} (read-only)")
    return 0


def print_scorecard(settings: Settings) -> None:
    """Prints the scorecard's latest complete month from the published release."""
    with connect(settings.home) as connection:
        rows = connection.execute(SCORECARD).fetchall()
    table = [HEADINGS] + [
        (
            name,
            month,
            figure(value, unit),
            figure(last_year, unit),
            figure(target, unit),
            status,
            trend,
            data,
        )
        for name, unit, month, value, last_year, target, status, trend, data in rows
    ]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEADINGS))]
    print()
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def figure(value: float | None, unit: str) -> str:
    """A KPI's value as a person reads it; `-` where it is unknown."""
    if value is None:
        return "-"
    if unit == "ratio":
        return f"{value:.2%}"
    return f"{value:,.0f}" if unit == "count" else f"{value:,.2f}"


def _reason(error: Any) -> str:
    """What an error comes from, in words."""
    cause = error.cause or error
    if cause.cls_name in INTERRUPTS:
        return "it was interrupted, by a person or by WAREHOUSE_TIME_LIMIT_HOURS; run it again."
    if cause.cls_name in OTHER_STEPS:
        return (
            "its steps are not those that Dagster was started with: the code was changed, as by "
            "`git pull`. It has loaded nothing. Start Dagster (`make ui`) again, then refresh."
        )
    # Its own sentence: users know nothing of our classes.
    head, separator, rest = cause.message.partition(": ")
    is_class = separator and head.endswith(cause.cls_name or "\0")
    return _tidy(rest if is_class else cause.message)


def _tidy(text: str) -> str:
    """A message without idle blanks; what is wrong in several places has a line each."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
