"""The project keeps its rules: one test per rule, over the project as it stands."""

import re
from collections.abc import Callable

import pytest

from expectations.suites import all_suites
from orchestration.lib import contract
from tests.project import project_rules as rules


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Callable[[rules.Manifest], list[str]], manifest: rules.Manifest) -> None:
    assert_none(rule(manifest))


def test_vars_are_declared(manifest: rules.Manifest, project_file: str) -> None:
    assert_none(rules.vars_are_declared(manifest, project_file))


def test_the_rules_see_models_of_every_layer(manifest: rules.Manifest) -> None:
    assert {rules.layer(node) for node in rules.models(manifest)} == set(rules.READS)


def test_ingestion_writes_the_tables_that_staging_reads(manifest: rules.Manifest) -> None:
    described = {
        table["name"]: tuple((c["name"], c["data_type"]) for c in table["columns"].values())
        for table in manifest["sources"].values()
        if table["source_name"] == contract.OPS_SCHEMA
    }
    assert described == contract.OPS_TABLES


def test_the_health_of_every_raw_table_is_published(manifest: rules.Manifest) -> None:
    health = manifest["nodes"]["model.kpi_warehouse.int_core__raw_tables"]
    assert "macro.kpi_warehouse.raw_tables" in health["depends_on"]["macros"]
    listed = manifest["macros"]["macro.kpi_warehouse.raw_tables"]["macro_sql"]
    assert set(re.findall(r"^ {8}'(\w+)':", listed, re.MULTILINE)) == _raw_tables(manifest)


def test_what_a_component_needs_or_is_restated_by_is_a_raw_table(manifest: rules.Manifest) -> None:
    catalogue = manifest["nodes"]["seed.kpi_warehouse.kpi_catalogue"]
    needed = {
        table
        for component in catalogue["config"]["meta"]["components"].values()
        for key in ("needs", "told_by", "restated_by")
        for table in component.get(key, [])
    }
    assert needed and needed <= _raw_tables(manifest)


def test_a_component_has_a_unit_that_a_kpi_may_have(manifest: rules.Manifest) -> None:
    tests = manifest["nodes"].values()
    [units] = [
        node["test_metadata"]["kwargs"]["values"]
        for node in tests
        if node["resource_type"] == "test"
        and node.get("attached_node") == "seed.kpi_warehouse.kpi_catalogue"
        and node["column_name"] == "unit"
        and node["test_metadata"]["name"] == "accepted_values"
    ]
    catalogue = manifest["nodes"]["seed.kpi_warehouse.kpi_catalogue"]
    components = catalogue["config"]["meta"]["components"]
    assert {
        name: one.get("unit") for name, one in components.items() if one.get("unit") not in units
    } == {}


def test_what_counts_customers_does_not_rest_on_who_is_who(manifest: rules.Manifest) -> None:
    # Two customers who are found to be one person stay two: no such figure is restated by a merge.
    catalogue = manifest["nodes"]["seed.kpi_warehouse.kpi_catalogue"]
    components = catalogue["config"]["meta"]["components"]
    assert {name for name, one in components.items() if one.get("by_person")} == {
        "carts",
        "abandoned_carts",
        "converted_leads",
        "attributed_revenue",
        "attributed_profit",
    }


def test_an_amount_without_a_rate_reaches_the_audit(manifest: rules.Manifest) -> None:
    # A test of dbt would stop the build sooner, with its own name for a reason.
    told = {
        (suite.table.rpartition(".")[2], expectation.column)
        for suite in all_suites()
        for expectation in suite.expectations
        if "currency" in expectation.named_by and expectation.column
    }
    tested = {
        (manifest["nodes"][node["attached_node"]]["name"], column)
        for node in manifest["nodes"].values()
        if node.get("test_metadata", {}).get("name") == "not_null_columns"
        and node["attached_node"] in manifest["nodes"]
        for column in node["test_metadata"]["kwargs"]["columns"]
    }
    assert told
    assert not told & tested


def _raw_tables(manifest: rules.Manifest) -> set[str]:
    return {
        table["name"]
        for table in manifest["sources"].values()
        if table["schema"] == contract.RAW_SCHEMA
    }


def assert_none(problems: list[str]) -> None:
    assert not problems, "\n".join(["", *problems])
