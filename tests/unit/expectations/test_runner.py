import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from expectations.runner import audit
from expectations.suite import Expectation, Suite, between, never, not_null, one_of, unique

SECRET = "jane.doe@example.org"  # noqa: S105 - a canary, not a password


def suite_of(*expectations: Expectation, table: str = "core.fct_orders") -> Suite:
    return Suite(name="test", table=table, expectations=expectations, read="counts")


def test_an_analyst_adds_an_expectation_in_three_lines(clean_release: Path) -> None:
    # fmt: off
    added = never("net_revenue > 1000",
                  owner="finance",
                  sentence="An order is implausibly large.")
    # fmt: on
    report = audit(clean_release, suites=[suite_of(added)])
    assert [result.status for result in report.suites[0].results] == ["passed"]


def test_a_failure_carries_count_owner_and_sentence(clean_release: Path) -> None:
    rule = never("net_revenue > 30", owner="finance", sentence="An order is too large.")
    result = audit(clean_release, suites=[suite_of(rule)]).suites[0].results[0]
    assert (result.status, result.unexpected_count, result.owner, result.sentence) == (
        "failed",
        3,
        "finance",
        "An order is too large.",
    )


def test_a_warning_does_not_block(clean_release: Path) -> None:
    rule = never("net_revenue > 30", owner="finance", sentence="...").as_warning()
    report = audit(clean_release, suites=[suite_of(rule)])
    assert report.passed
    assert report.suites[0].status == "warned"


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (never("no_such_column > 1", owner="x", sentence="..."), "no_such_column"),
        (never("not sql at all (", owner="x", sentence="..."), "could not be run"),
        (never("order_id::bigint > 1", owner="x", sentence="..."), "it raised ConversionException"),
        (Expectation("n", "...", "x", measure="sum(null::bigint)"), "its count is empty"),
    ],
)
def test_a_crashing_count_is_broken_and_blocks(
    clean_release: Path, broken: Expectation, problem: str
) -> None:
    healthy = not_null("order_key", owner="x", sentence="...")
    report = audit(clean_release, suites=[suite_of(healthy, broken)])
    good, bad = report.suites[0].results
    assert good.status == "passed"
    assert bad.status == "broken"
    assert problem in bad.problem
    assert report.suites[0].status == "broken"
    assert not report.passed


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (not_null("nope", owner="x", sentence="..."), 'The column "nope" in BatchData does not'),
        (between("status", 0, 1, owner="x", sentence="..."), "the rule raised an exception"),
        (Expectation("n", "...", "x", rule="column_to_sing"), "has no rule column_to_sing"),
        (Expectation("n", "...", "x", rule="column_to_exist"), "arguments of column_to_exist"),
    ],
)
def test_a_crashing_rule_is_broken_and_blocks(
    clean_release: Path, broken: Expectation, problem: str
) -> None:
    healthy = unique("order_key", owner="x", sentence="...")
    suite = Suite(name="test", table="core.fct_orders", expectations=(broken, healthy))
    report = audit(clean_release, suites=[suite])
    bad, good = report.suites[0].results
    assert good.status == "passed"
    assert bad.status == "broken"
    assert problem in bad.problem
    assert not report.passed


def test_a_missing_table_is_broken_and_says_so(clean_release: Path) -> None:
    rules = (not_null("a", owner="x", sentence="..."), unique("a", owner="x", sentence="..."))
    report = audit(clean_release, suites=[suite_of(*rules, table="core.fct_nothing")])
    assert report.suites[0].status == "broken"
    [result] = report.suites[0].results
    assert result.blocks
    assert "core.fct_nothing is not in the release" in result.problem


def test_no_value_from_the_data_reaches_a_result(release_with: Callable[[str], Path]) -> None:
    database = release_with(f"update core.fct_orders set status = '{SECRET}', channel = '{SECRET}'")
    rules = (
        one_of("status", ("completed",), owner="x", sentence="..."),
        unique("channel", owner="x", sentence="..."),
        between("status", 0, 1, owner="x", sentence="..."),
        never("status::bigint > 1", owner="x", sentence="..."),
        never("status = 'x' or channel like '%@%'", owner="x", sentence="..."),
    )
    suites = [
        Suite(name="rows", table="core.fct_orders", expectations=rules),
        Suite(name="counts", table="core.fct_orders", expectations=rules, read="counts"),
    ]
    report = audit(database, suites=suites)
    text = json.dumps(report.as_dict())
    assert SECRET not in text
    assert not report.passed
    assert {result.status for suite in report.suites for result in suite.results} >= {
        "failed",
        "broken",
    }


def test_rows_and_counts_agree_on_every_rule(clean_release: Path) -> None:
    rules = (
        not_null("channel", owner="x", sentence="..."),
        unique("customer_key", owner="x", sentence="..."),
        unique("customer_key", "status", owner="x", sentence="..."),
        between("net_revenue", 45, None, owner="x", sentence="..."),
        between("net_revenue", None, 70, owner="x", sentence="..."),
        between("net_revenue", 0, 100, owner="x", sentence="..."),
        one_of("status", ("completed",), owner="x", sentence="..."),
    )
    suites = [
        Suite(name="rows", table="core.fct_orders", expectations=rules),
        Suite(name="counts", table="core.fct_orders", expectations=rules, read="counts"),
    ]
    rows, counts = audit(clean_release, suites=suites).suites
    assert [r.status for r in rows.results] == [r.status for r in counts.results]
    assert [r.status for r in rows.results] == [
        "failed",
        "failed",
        "passed",
        "failed",
        "failed",
        "passed",
        "failed",
    ]


def test_suites_cannot_reach_outside_the_file(clean_release: Path) -> None:
    rule = never(
        "order_id in (select content from read_text('/etc/hostname'))", owner="x", sentence="..."
    )
    result = audit(clean_release, suites=[suite_of(rule)]).suites[0].results[0]
    assert result.status == "broken"
    assert "PermissionException" in result.problem


def test_a_suite_with_two_expectations_of_one_name_is_refused() -> None:
    rule = not_null("a", owner="x", sentence="...")
    with pytest.raises(ValueError, match="two expectations are named"):
        suite_of(rule, rule)


def test_a_rule_without_a_count_is_refused_for_a_counted_table() -> None:
    with pytest.raises(ValueError, match="nothing to count"):
        suite_of(Expectation("n", "...", "x", rule="column_to_exist"))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no database to audit"):
        audit(tmp_path / "nothing.duckdb")


def test_listing_suites_imports_neither_great_expectations_nor_dagster_nor_dbt() -> None:
    code = (
        "import sys; import expectations.runner; from expectations.suites import all_suites; "
        "all_suites(); "
        "print([m for m in ('great_expectations', 'dagster', 'dbt', 'pandas') "
        "if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
