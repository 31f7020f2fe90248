"""How the graph shows what the steps report: names, counts and sentences, never a value."""

from string import ascii_uppercase
from typing import Any

import dagster as dg
import pytest

from expectations.runner import ExpectationResult, Status, SuiteResult, SuiteStatus
from expectations.suite import Severity
from expectations.suites import all_suites
from orchestration.defs.ingestion.raw_tables import (
    DAILY,
    LEDGER_TABLES,
    deliveries_result,
    landing_result,
    raw_specs,
    table_metadata,
)
from orchestration.defs.quality.expectations import check_result, check_spec
from orchestration.defs.transformation.dbt_models import with_row_count
from orchestration.lib.contract import load_contract
from orchestration.lib.ingestion.report import FileOutcome, IngestReport
from orchestration.settings import DBT_PROJECT_DIR

CONTRACT = load_contract(DBT_PROJECT_DIR / "models")


def outcome(table: str, status: str = "loaded", **rows: Any) -> FileOutcome:
    return FileOutcome("shop", table, "a.csv", status, **rows)


def result(
    name: str, status: Status = "passed", severity: Severity = "blocking"
) -> ExpectationResult:
    return ExpectationResult(
        name=name,
        column="",
        severity=severity,
        owner="Data",
        status=status,
        unexpected_count=3,
        sentence=f"The {name} holds.",
        problem="Column gone." if status == "broken" else "",
    )


def suite(status: SuiteStatus, *results: ExpectationResult) -> dg.AssetCheckResult:
    return check_result(SuiteResult("core.fct_orders", "core.fct_orders", status, results, 0.1))


def test_every_table_of_the_contract_is_an_asset_of_its_system() -> None:
    specs = {tuple(spec.key.path): spec for spec in raw_specs(CONTRACT)}
    expected = {("raw", name) for name in CONTRACT.tables}
    assert set(specs) == expected | {("ops", name) for name in LEDGER_TABLES}
    for name, table in CONTRACT.tables.items():
        assert specs["raw", name].group_name == table.system
        assert specs["raw", name].freshness_policy == DAILY
    assert all((spec.description or "").startswith("One row per ") for spec in specs.values())


def test_a_raw_table_shows_its_rows_and_what_this_load_did() -> None:
    report = IngestReport(
        (
            outcome("shop_orders", rows_read=10, rows_loaded=7, rows_quarantined=2),
            outcome("shop_orders", rows_read=5, rows_loaded=1, rows_repeated=4),
            outcome("shop_refunds", rows_read=9, rows_loaded=9),
            outcome("shop_orders", status="already_loaded"),
        ),
        {"shop_orders": 100},
    )
    shown = {name: value.value for name, value in table_metadata(report, "shop_orders").items()}
    assert shown == {
        "dagster/row_count": 100,
        "rows_loaded": 8,
        "rows_quarantined": 2,
        "rows_repeated": 4,
        "files": 3,
        "files_refused": 0,
        "schema_drift": [],
    }


def test_what_is_odd_in_landing_is_a_check_that_warns() -> None:
    warned = landing_result(IngestReport((), {}, ("1 files in landing are read by no source.",)))
    assert not warned.passed
    assert warned.severity is dg.AssetCheckSeverity.WARN
    assert warned.description == "1 files in landing are read by no source."
    assert landing_result(IngestReport((), {})).passed


@pytest.mark.parametrize(
    ("things", "told"),
    [
        (20, "T is odd."),
        (21, "T is odd. And 1 more, among the lines of `ingest`."),
        (23, "T is odd. And 3 more, among the lines of `ingest`."),
    ],
)
def test_what_is_odd_beyond_the_first_twenty_is_counted(things: int, told: str) -> None:
    notes = tuple(f"{letter} is odd." for letter in ascii_uppercase[:things])
    landing = landing_result(IngestReport((), {}, notes)).description
    assert landing
    assert landing.endswith(f" {told}")
    gone = [outcome("shop_orders", drift=(f"{letter} is odd",)) for letter in ascii_uppercase]
    deliveries = deliveries_result(IngestReport(tuple(gone[:things]), {}), "shop_orders")
    assert (deliveries.description or "").endswith(f" {told}")


def test_a_delivery_to_look_at_is_a_check_that_warns() -> None:
    report = IngestReport(
        (
            outcome("shop_orders", rows_read=9, rows_loaded=9, drift=("columns gone: total",)),
            outcome("shop_refunds", rows_read=1, rows_loaded=1),
        ),
        {},
    )
    warned = deliveries_result(report, "shop_orders")
    assert not warned.passed
    assert warned.severity is dg.AssetCheckSeverity.WARN
    assert "columns gone: total" in (warned.description or "")
    assert deliveries_result(report, "shop_refunds").passed
    drift = table_metadata(report, "shop_orders")["schema_drift"].value
    assert isinstance(drift, list)
    assert [str(entry).split(": ", 1)[1] for entry in drift] == ["columns gone: total"]


def test_a_suite_that_passed_is_a_check_that_passed() -> None:
    shown = suite("passed", result("key"), result("sum"))
    assert (shown.passed, shown.check_name, shown.description) == (True, "core__fct_orders", "")
    assert shown.metadata["expectations"].value == 2


def test_a_missed_warning_does_not_stop_the_publish() -> None:
    shown = suite("warned", result("key"), result("volume", "failed", "warning"))
    assert (shown.passed, shown.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert shown.description == "The volume holds."


def test_a_missed_rule_stops_the_publish_and_says_which() -> None:
    warned = result("volume", "failed", "warning")
    shown = suite("failed", result("key", "failed"), warned, result("range", "broken"))
    assert (shown.passed, shown.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert shown.description == "The key holds. Column gone."
    assert shown.metadata["missed"].value == ["key: failed", "volume: failed", "range: broken"]


def test_each_suite_is_a_check_that_blocks_the_candidate() -> None:
    specs = [check_spec(one) for one in all_suites()]
    assert {spec.asset_key for spec in specs} == {dg.AssetKey("candidate_release")}
    assert all(spec.blocking for spec in specs)
    assert len({spec.name for spec in specs}) == len(specs)


def test_a_rows_metadata_is_kept_beside_the_row_count() -> None:
    output = dg.Output(None, output_name="x", metadata={"invocation": "1"})
    key = dg.AssetKey(["core", "fct_orders"])
    counted = with_row_count(output, {("core", "fct_orders"): 42}, key)
    assert counted.metadata["dagster/row_count"].value == 42
    assert counted.metadata["invocation"].value == "1"


def test_what_is_no_table_has_no_row_count() -> None:
    output = dg.Output(None, output_name="x")
    assert with_row_count(output, {}, dg.AssetKey(["core", "a_view"])) is output
