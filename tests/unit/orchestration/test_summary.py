"""Why nothing was published, in one sentence: the failed checks, else the first error."""

from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.summary import failure_reason, has_published, print_summary, warnings
from tests.unit.publishing.conftest import House, house  # noqa: F401


def event(**values: Any) -> Any:
    defaults = {
        "event_type_value": "LOGS_CAPTURED",
        "is_step_failure": False,
        "is_job_failure": False,
        "is_failure": False,
        "is_step_materialization": False,
        "message": "",
    }
    return SimpleNamespace(**defaults | values)


def check(
    name: str,
    *,
    passed: bool,
    severity: str = "ERROR",
    says: str = "",
    about_the_past: bool = False,
) -> Any:
    return event(
        event_type_value="ASSET_CHECK_EVALUATION",
        asset_check_evaluation_data=SimpleNamespace(
            check_name=name,
            passed=passed,
            severity=SimpleNamespace(value=severity),
            description=says,
            metadata={"can_be_accepted": SimpleNamespace(value=about_the_past)},
        ),
    )


def error(message: str, cls_name: str = "", cause: Any = None) -> Any:
    return SimpleNamespace(message=message, cls_name=cls_name, cause=cause)


def step_failure(failed: Any) -> Any:
    return event(
        is_step_failure=True, is_failure=True, step_failure_data=SimpleNamespace(error=failed)
    )


def run_failure(failed: Any, message: str = "Execution failed.") -> Any:
    return event(
        is_job_failure=True,
        is_failure=True,
        job_failure_data=SimpleNamespace(error=failed),
        message=message,
    )


def test_failed_checks_come_before_the_error_that_they_cause() -> None:
    events = [
        check("core__fct_orders", passed=False, says="order_key is unique"),
        check("core__fct_leads", passed=True),
        check("core__source_health", passed=False, severity="WARN", says="a file was refused"),
        step_failure(error("DagsterAssetCheckFailedError: blocked")),
    ]
    assert (
        failure_reason(events)
        == "the release failed 1 of its checks: core.fct_orders (order_key is unique)"
    )


def test_checks_that_a_person_may_accept_come_with_the_command_that_does() -> None:
    changed = [
        check("audits__closed_days_stay", passed=False, says="May changed.", about_the_past=True),
        check("core__keeps_rows", passed=False, says="Half are gone.", about_the_past=True),
    ]
    assert failure_reason(changed) == (
        "the release failed 2 of its checks: audits.closed_days_stay (May changed.); "
        "core.keeps_rows (Half are gone.). If it is right: "
        '`make refresh ACCEPT=audits.closed_days_stay,core.keeps_rows REASON="who, and why"`.'
    )
    broken = check("core__fct_orders", passed=False, says="order_key is unique")
    assert "ACCEPT" not in failure_reason([*changed, broken])


def test_of_a_test_of_dbt_that_failed_the_builds_error_is_told() -> None:
    events = [
        check("unique_orders", passed=False),
        step_failure(error("dbt build failed: unique_orders (fail: 3 rows break this test).")),
    ]
    assert (
        failure_reason(events) == "dbt build failed: unique_orders (fail: 3 rows break this test)."
    )


def test_what_checks_warn_of_is_told_with_the_suites_name() -> None:
    events = [
        check("deliveries", passed=False, severity="WARN", says="'a.csv': 4 rows quarantined."),
        check("deliveries", passed=True, severity="WARN"),
        check("core__fct_orders", passed=False, says="order_key is unique"),
        step_failure(error("not a check")),
        check("audits__no__day", passed=False, severity="WARN", says="A day is missing."),
    ]
    assert warnings(events) == ["'a.csv': 4 rows quarantined.", "audits.no__day: A day is missing."]


def test_an_error_is_told_in_its_own_words() -> None:
    cause = error("orchestration.lib.company.CompanyError: a.csv, line 4: no.\n", "CompanyError")
    events = [step_failure(error("DagsterExecutionStepExecutionError: ...", cause=cause))]
    assert failure_reason(events) == "a.csv, line 4: no."


def test_what_is_wrong_in_several_places_has_a_line_each() -> None:
    assert failure_reason([step_failure(error("first \n\n  the  second\n"))]) == (
        "first\nthe second"
    )


def test_what_stops_a_run_before_its_first_step_is_told_too() -> None:
    cause = error("x.RefreshRunningError: A refresh is already running.", "RefreshRunningError")
    failed = error("x.DagsterResourceFunctionError: Error executing", cause=cause)
    assert failure_reason([run_failure(failed)]) == "A refresh is already running."


def test_the_step_that_failed_is_told_rather_than_the_run() -> None:
    events = [step_failure(error("the step")), run_failure(error("the run"))]
    assert failure_reason(events) == "the step"


def test_what_ends_a_run_before_it_begins_is_told_beside_its_failure() -> None:
    def engine_event(failed: Any) -> Any:
        data = SimpleNamespace(error=failed)
        return event(event_type_value="ENGINE_EVENT", engine_event_data=data)

    outside = run_failure(None, "This run has been marked as failed from outside the execution.")
    other = error("x.E: unknown step: published_release\n", "DagsterExecutionStepNotFoundError")
    told = failure_reason([engine_event(None), engine_event(other), outside])
    assert "the code was changed, as by `git pull`" in told
    assert "Start Dagster (`make ui`) again" in told
    lost = error("ImportError: cannot import name 'x'\n", "ImportError")
    assert failure_reason([engine_event(lost), outside]) == "cannot import name 'x'"
    assert failure_reason([engine_event(other), step_failure(error("the step"))]) == "the step"


def test_without_an_error_the_runs_message_has_to_do() -> None:
    assert failure_reason([run_failure(None, "Run was canceled.")]) == "Run was canceled."
    assert failure_reason([]) == "unknown"


@pytest.mark.parametrize("known", ["candidate_release", "published_release"])
def test_a_run_that_fails_after_its_release_is_current_did_publish(
    known: str,
    house: House,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It may fail before Dagster hears of it, such as by a full disk when alerts are noted."""

    def made(*path: str, release: str = "") -> Any:
        metadata = {"release": SimpleNamespace(value=release)} if release else {}
        materialization = SimpleNamespace(metadata=metadata)
        return event(
            is_step_materialization=True,
            asset_key=SimpleNamespace(path=list(path)),
            step_materialization_data=SimpleNamespace(materialization=materialization),
        )

    house.publish(1)
    late = step_failure(error("the disk is full."))
    before = [made("kpi", "kpi_values"), late]
    assert not has_published(before, "000001-20260701")
    assert not has_published([made(known, release="000002-20260701")], "000001-20260701")
    assert not has_published([made(known, release="000002-20260701")], None)
    events = [made(known, release="000001-20260701"), *before]
    assert has_published(events, "000001-20260701")

    failed: Any = SimpleNamespace(success=False, all_events=events)
    current: Any = SimpleNamespace(home=house.home)
    assert print_summary(current, failed, 1) == 1
    assert capsys.readouterr().out == "\n000001-20260701 is published, but: the disk is full.\n"
    failed.all_events = before
    assert print_summary(current, failed, 1) == 1
    assert capsys.readouterr().out == (
        "\nNothing was published: the disk is full.\nReaders still see: 000001-20260701\n"
    )
    failed.all_events = [step_failure(error("a.csv, line 2: no.\na.csv, line 5: no."))]
    assert print_summary(current, failed, 1) == 1
    assert capsys.readouterr().out == (
        "\nNothing was published:\n  a.csv, line 2: no.\n  a.csv, line 5: no.\n"
        "Readers still see: 000001-20260701\n"
    )
