import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from expectations.runner import Earlier, audit
from expectations.suite import (
    NAMING_COLUMNS,
    Expectation,
    Suite,
    between,
    keeps_rows,
    never,
    not_null,
    one_of,
    refers_to,
    unique,
)
from orchestration.lib.contract import load_contract
from orchestration.lib.ingestion import persons
from orchestration.settings import DBT_PROJECT_DIR

SECRET = "jane.doe@example.org"  # noqa: S105 - a canary, not a password


def suite_of(*expectations: Expectation, table: str = "core.fct_orders") -> Suite:
    return Suite(name="test", table=table, expectations=expectations, read="counts")


@pytest.mark.parametrize("document", ["README.md", "docs/expectations.md"])
def test_an_analyst_adds_an_expectation_in_three_lines(
    clean_release: Path, release_with: Callable[[str], Path], document: str
) -> None:
    shown = Path(document).read_text().split("```text\n")
    [lines] = [text.partition("```")[0] for text in shown if text.startswith("never(")]
    assert len(lines.splitlines()) == 3
    # As they stand in a suite: between the brackets of its expectations.
    suite = suite_of(*eval(f"({lines})", {"never": never}))  # noqa: S307 - our own document
    assert audit(clean_release, suites=[suite]).suites[0].status == "passed"
    given_away = release_with("update core.fct_orders set discount = gross_revenue")
    assert audit(given_away, suites=[suite]).suites[0].status == "failed"


def test_a_person_may_accept_that_the_past_changed(
    clean_release: Path, release_with: Callable[[str], Path]
) -> None:
    fewer = keeps_rows(1, table="core.fct_orders", owner="x", sentence="Orders are gone.")
    other = never("net_revenue > 30", owner="x", sentence="...")
    broken = never("nothing > 1", owner="x", sentence="...", name="broken").about_the_past()
    fault = release_with("delete from core.fct_orders where order_key = 12")
    report = audit(
        fault,
        earlier=Earlier(clean_release, datetime(2026, 6, 30)),
        accepted={"test": "Ann: a test order"},
        suites=[suite_of(fewer, other, broken)],
    )
    gone, large, crashed = report.suites[0].results
    assert (gone.status, gone.severity, gone.accepted) == (
        "failed",
        "warning",
        "Ann: a test order",
    )
    assert large.blocks
    assert crashed.blocks
    assert (large.accepted, crashed.accepted) == ("", "")


def test_a_table_and_a_column_that_are_new_break_no_comparison(
    clean_release: Path, release_with: Callable[[str], Path]
) -> None:
    newer = release_with(
        "alter table core.fct_orders add column gift boolean; create table core.fresh as select 1 x"
    )
    rules = (
        never("gift is not null", owner="x", sentence="..."),
        Expectation("n", "...", "x", measure="count(*) - 3"),
    )
    suites = [
        Suite("a", "core.fct_orders", rules, read="counts", query="from earlier.core.fct_orders"),
        Suite("b", "core.fresh", rules[:0], read="counts", query="from earlier.core.fresh"),
        suite_of(keeps_rows(1, table="core.fresh", owner="x", sentence="..."), table="core.fresh"),
    ]
    report = audit(newer, earlier=Earlier(clean_release, datetime(2026, 6, 30)), suites=suites)
    assert report.failures() == []


def test_a_failure_carries_count_owner_and_sentence(clean_release: Path) -> None:
    rule = never("net_revenue > 30", owner="finance", sentence="An order is too large.")
    result = audit(clean_release, suites=[suite_of(rule)]).suites[0].results[0]
    assert (result.status, result.unexpected_count, result.owner, result.sentence) == (
        "failed",
        3,
        "finance",
        "An order is too large. See order_id 'O1', 'O2', 'O3'.",
    )


def told(database: Path, *rules: Expectation, **suite: Any) -> list[str]:
    """What is said of the rules that fail."""
    asked = Suite("test", suite.pop("table", "core.fct_orders"), rules, read="counts", **suite)
    return [result.sentence for _, result in audit(database, suites=[asked]).failures()]


def test_a_failure_names_the_first_rows_that_break_it(release_with: Callable[[str], Path]) -> None:
    database = release_with(
        "create table core.things as select 'p' || i as product_id, 'k' || i % 5 as currency,"
        " 'Ann' as name, i from range(10, 30) as t (i)"
    )
    rule = never("i < 29", owner="x", sentence="A thing is small.")
    assert told(database, rule, table="core.things") == [
        "A thing is small. See product_id 'p10', 'p11', 'p12' and 16 more."
    ]
    assert told(database, rule.telling("currency"), table="core.things") == [
        "A thing is small. See currency 'k0', 'k1', 'k2' and 2 more."
    ]
    rare = never("i < 12", owner="x", sentence="...").telling("currency", "product_id")
    assert told(database, rare, table="core.things") == [
        "... See currency, product_id 'k0', 'p10'; 'k1', 'p11'."
    ]


def rules_of_each_word() -> dict[str, Expectation]:
    about: dict[str, str] = {"owner": "x", "sentence": "..."}
    return {
        "never": never("n > 2", **about),
        "not_null": not_null("filled", **about),
        "unique": unique("twice", **about),
        "unique pair": unique("twice", "filled", **about),
        "between": between("n", None, 2, **about),
        "one_of": one_of("word", ["a", "b"], **about),
        "refers_to": refers_to("other", "core.others", "id", **about),
    }


@pytest.mark.parametrize("read", ["rows", "counts"])
@pytest.mark.parametrize("word", rules_of_each_word())
def test_every_word_names_its_rows(
    word: str, read: Literal["rows", "counts"], release_with: Callable[[str], Path]
) -> None:
    database = release_with(
        "create table core.others as select 1 as id;"
        "create table core.things as select * from (values"
        " ('p1', 1, 'x', 1, 'a', 1), ('p2', 2, 'y', 2, 'b', null), ('p3', 3, null, 3, 'c', 2),"
        " ('p4', 0, 'z', 4, 'a', 1), ('p5', 0, 'z', 4, 'a', 1)"
        ") as t (product_id, n, filled, twice, word, other)"
    )
    expected = {"unique": "'p4', 'p5'", "unique pair": "'p4', 'p5'"}.get(word, "'p3'")
    suite = Suite("test", "core.things", [rules_of_each_word()[word]], read=read)
    [(_, result)] = audit(database, suites=[suite]).failures()
    assert result.sentence == f"... See product_id {expected}."


@pytest.mark.parametrize("read", ["rows", "counts"])
def test_a_key_that_is_null_is_not_unique(
    read: Literal["rows", "counts"], release_with: Callable[[str], Path]
) -> None:
    database = release_with(
        "create table core.things as select * from (values ('p1', 1), ('p2', null))"
        " as t (product_id, key)"
    )
    suite = Suite("test", "core.things", [unique("key", owner="x", sentence="...")], read=read)
    [(_, result)] = audit(database, suites=[suite]).failures()
    assert (result.unexpected_count, result.sentence) == (1, "... See product_id 'p2'.")


def test_no_person_is_named_but_the_query_that_shows_the_rows(
    clean_release: Path, release_with: Callable[[str], Path]
) -> None:
    database = release_with(
        f"create table core.people as select '{SECRET}' as customer_id, 'Ann' as full_name,"
        " 'A' as lead_id, null::varchar as opportunity_id, 1 as i"
    )
    rule = never("i\n  = 1", owner="x", sentence="...")
    assert told(database, rule, table="core.people") == ["... See `from core.people where i = 1`."]
    assert told(database, rule, table="core.people", query="from core.people") == ["..."]
    with pytest.raises(ValueError, match=r"no message may show \['customer_id'\]"):
        suite_of(rule.telling("customer_id"))


def test_a_value_that_is_named_gives_nothing_away_and_commands_no_terminal(
    release_with: Callable[[str], Path],
) -> None:
    database = release_with(
        f"create table core.things as select unnest(['of {SECRET}', e'\x1b[31m\n', repeat('x', 99)"
        "]) as product_id"
    )
    [sentence] = told(database, never("true", owner="x", sentence="..."), table="core.things")
    assert sentence == f"... See product_id '\\x1b[31m\\n', 'of [email]', '{'x' * 40}'."


def test_what_may_name_a_row_is_about_no_person() -> None:
    """The contract says what is personal, `make forget` which identifiers stand for a person."""
    contract = load_contract(DBT_PROJECT_DIR / "models")
    columns = [column for table in contract.tables.values() for column in table.columns]
    named = [column for column in columns if column.name in NAMING_COLUMNS]
    assert len({column.name for column in named}) > 12
    assert not [column.name for column in named if column.personal or column.url]
    links = {*persons.LINKS_OF_A_SOURCE, *persons.LINKS_OF_A_DEVICE}
    assert not links.union({"rep_id", "owner_rep_id", "assignee_id"}).intersection(NAMING_COLUMNS)
    texts = {"name", "company", "account_name", "campaign", "campaign_name", "segment", "topic"}
    assert not texts.intersection(NAMING_COLUMNS)


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
    assert not audit(clean_release, suites=[suite_of(broken.as_warning())]).passed


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


def test_the_folder_of_seeds_is_no_pattern(clean_release: Path, tmp_path: Path) -> None:
    for name, value in (("a*", 1), ("ab", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rules.csv").write_text(f"value\n{value}\n")
    rule = never("value <> '1'", owner="x", sentence="...")
    suite = replace(suite_of(rule), query="from seeds.rules", needs_seeds=True)
    report = audit(clean_release, seeds=tmp_path / "a*", suites=[suite])
    assert [one.status for one in report.suites] == ["passed"]


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
