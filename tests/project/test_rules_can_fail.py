"""Each rule finds what it is there to find: a good project passes, one bad change does not."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.project import project_rules as rules

Change = Callable[[dict[str, Any]], None]

STAGING = "model.kpi_warehouse.stg_crm__leads"
INTERMEDIATE = "model.kpi_warehouse.int_core__leads"
MART = "model.kpi_warehouse.fct_leads"
SOURCE = "source.kpi_warehouse.crm.crm_leads"


def column(name: str, data_type: str | None = "bigint", **meta: object) -> dict[str, Any]:
    return {"name": name, "description": "What it is.", "data_type": data_type, "meta": meta}


def columns(*listed: dict[str, Any]) -> dict[str, Any]:
    return {item["name"]: item for item in listed}


def model(path: str, code: str, reads: str, *listed: dict[str, Any]) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    return {
        "resource_type": "model",
        "unique_id": f"model.kpi_warehouse.{name}",
        "name": name,
        "original_file_path": f"models/{path}.sql",
        "patch_path": f"kpi_warehouse://models/{path}.yml",
        "description": "One row per lead.",
        "raw_code": code,
        "contract": {"enforced": path.startswith("marts")},
        "meta": {},
        "columns": columns(*listed),
        "depends_on": {"nodes": [reads]},
    }


def data_test(kind: str, node: str, tested: str | None, *columns: str) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "test_metadata": {"name": kind, "kwargs": {"columns": list(columns)}},
        "attached_node": node,
        "column_name": tested,
    }


def good_manifest() -> dict[str, Any]:
    """A small project that keeps every rule."""
    staging = "select {{ integer_key(['email']) }} as email_key, score from latest"
    mart = "select leads.lead_key from leads inner join x on a = b -- no current_date, no select *"
    nodes = [
        model("staging/crm/stg_crm__leads", staging, SOURCE, column("email_key", None)),
        model("intermediate/core/int_core__leads", "select * from leads", STAGING),
        model("marts/core/fct_leads", mart, INTERMEDIATE, column("revenue", "decimal(18,4)")),
    ]
    tests = [
        data_test("unique_combination", STAGING, None),
        data_test("unique_combination", INTERMEDIATE, None),
        data_test("unique", MART, "lead_key"),
        data_test("not_null_columns", MART, None, "lead_key"),
    ]
    source = {
        "name": "crm_leads",
        "description": "One row per version of a lead.",
        "columns": columns(
            column("lead_id", "varchar", required=True),
            column("email", "varchar", personal="email"),
            column("score", "decimal(18,4)"),
        ),
        "meta": {"key": ["lead_id"]},
    }
    return {
        "nodes": {node["unique_id"]: node for node in nodes}
        | {f"test.{number}": node for number, node in enumerate(tests)},
        "sources": {SOURCE: source},
        "unit_tests": {
            "unit_test.0": {
                "name": "a_lead_is_counted",
                "given": [{"input": "ref('int_core__leads')", "rows": [{"source": "[.]com"}]}],
                "expect": {"rows": [{"leads": 1}]},
            }
        },
        "macros": {
            "macro.kpi_warehouse.as_of": {
                "name": "as_of",
                "package_name": "kpi_warehouse",
                "macro_sql": "{% macro as_of() %}cast('{{ var(\"as_of\") }}' as t){% endmacro %}",
            },
            "macro.dbt.now": {"name": "now", "package_name": "dbt", "macro_sql": "now()"},
        },
    }


def set_node(unique_id: str, key: str, value: object) -> Change:
    return lambda manifest: manifest["nodes"][unique_id].__setitem__(key, value)


def code(unique_id: str, raw_code: str) -> Change:
    return set_node(unique_id, "raw_code", raw_code)


def add_column(unique_id: str, added: dict[str, Any]) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        node = (manifest["nodes"] | manifest["sources"])[unique_id]
        node["columns"][added["name"]] = added

    return change


def drop(kind: str, key: str) -> Change:
    return lambda manifest: manifest[kind].__delitem__(key)


VIOLATIONS: list[tuple[Callable[[rules.Manifest], list[str]], Change, str]] = [
    (rules.names_follow_the_layer, set_node(STAGING, "name", "stg_leads"), "stg_crm__"),
    (rules.names_follow_the_layer, set_node(STAGING, "name", "stg_shop__leads"), "stg_crm__"),
    (rules.names_follow_the_layer, set_node(INTERMEDIATE, "name", "leads"), "int_core__"),
    (rules.published_models_have_a_suite, set_node(MART, "name", "leads"), "core/leads.py"),
    (rules.models_have_both_files, set_node(MART, "patch_path", None), "fct_leads.yml"),
    (
        rules.models_have_both_files,
        set_node(MART, "patch_path", "kpi_warehouse://models/marts/core/all.yml"),
        "fct_leads.yml",
    ),
    (rules.descriptions_state_the_grain, set_node(STAGING, "description", "Leads."), "One row"),
    (rules.published_models_have_contracts, set_node(MART, "contract", {"enforced": False}), "enf"),
    (rules.published_models_have_contracts, add_column(MART, column("x", None)), "fct_leads.x"),
    (rules.published_models_have_contracts, set_node(MART, "columns", {}), "list them"),
    (rules.models_have_a_tested_key, drop("nodes", "test.0"), "stg_crm__leads"),
    (rules.models_have_a_tested_key, drop("nodes", "test.2"), "fct_leads"),
    (rules.models_have_a_tested_key, drop("nodes", "test.3"), "fct_leads"),
    (
        rules.models_have_a_tested_key,
        set_node(STAGING, "meta", {"key_is_tested_in": ["fct_leads"]}),
        "fct_leads does not read it",
    ),
    (rules.layers_read_the_one_before, set_node(MART, "depends_on", {"nodes": [STAGING]}), "(st"),
    (
        rules.layers_read_the_one_before,
        set_node(INTERMEDIATE, "depends_on", {"nodes": [SOURCE]}),
        "(source)",
    ),
    (
        rules.layers_read_the_one_before,
        set_node(STAGING, "depends_on", {"nodes": ["seed.kpi_warehouse.channel_rules"]}),
        "(seed)",
    ),
    (rules.nothing_asks_the_wall_clock, code(MART, "select CURRENT_DATE as today"), "CURRENT_DATE"),
    (rules.nothing_asks_the_wall_clock, code(MART, "select now () as loaded_at"), "now"),
    (rules.nothing_asks_the_wall_clock, code(MART, "select getdate() as x"), "getdate"),
    (rules.nothing_asks_the_wall_clock, code(MART, "{{ dbt.current_timestamp() }}"), "current_"),
    (rules.money_is_never_a_float, add_column(MART, column("net_revenue", "double")), "net_rev"),
    (rules.money_is_never_a_float, add_column(SOURCE, column("unit_price", "FLOAT")), "unit_price"),
    (
        rules.money_is_never_a_float,
        code(INTERMEDIATE, "select cast(a as double) as margin from b"),
        "int_core__leads.margin",
    ),
    (rules.personal_columns_are_tagged, add_column(SOURCE, column("full_name")), "full_name"),
    (rules.personal_columns_are_tagged, add_column(SOURCE, column("rep_email")), "rep_email"),
    (
        rules.personal_columns_are_tagged,
        add_column(SOURCE, column("comment", personal="yes")),
        "comment",
    ),
    (rules.personal_columns_stay_behind, add_column(MART, column("email")), "fct_leads.email"),
    (
        rules.personal_columns_stay_behind,
        code(STAGING, "select lower(email) as contact from latest"),
        "stg_crm__leads: email",
    ),
    (
        rules.marts_name_their_columns,
        code(MART, "select * from a left join b on c = d"),
        "select *",
    ),
    (
        rules.marts_name_their_columns,
        code(MART, "with a as (select b.*, (1 + 2) from b join c on true) select d from a"),
        "select *",
    ),
    (rules.models_join_little, code(MART, "select a from b" + " join c on true" * 8), "8 joins"),
    (rules.models_name_no_engine, code(MART, "select 1 -- DuckDB only"), "DuckDB"),
    (rules.models_name_no_engine, code(MART, "{% if target.type == 'x' %}"), "target.type"),
    (
        rules.fixtures_have_no_backslash,
        lambda manifest: manifest["unit_tests"]["unit_test.0"]["given"][0].update(
            rows=[{"source": "\\.com"}]
        ),
        "a_lead_is_counted: ",
    ),
    (
        rules.fixtures_have_no_backslash,
        lambda manifest: manifest["unit_tests"]["unit_test.0"]["expect"].update(
            rows="select '\\.com' as source"
        ),
        "a_lead_is_counted: ",
    ),
    (rules.source_columns_are_typed, add_column(SOURCE, column("untyped", None)), "untyped"),
    (
        rules.source_columns_are_typed,
        lambda manifest: manifest["sources"][SOURCE].update(meta={"key": ["id"]}),
        "['id']",
    ),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_good_project_passes(rule: Callable[[rules.Manifest], list[str]]) -> None:
    assert rule(good_manifest()) == []


@pytest.mark.parametrize(
    ("rule", "change", "named"),
    VIOLATIONS,
    ids=[f"{rule.__name__}-{number}" for number, (rule, _, _) in enumerate(VIOLATIONS)],
)
def test_a_bad_project_is_found(
    rule: Callable[[rules.Manifest], list[str]], change: Change, named: str
) -> None:
    manifest = good_manifest()
    change(manifest)
    problems = rule(manifest)
    assert len(problems) == 1, problems
    assert named in problems[0]


def test_every_rule_is_proven_able_to_fail() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(rules.RULES)


@pytest.mark.parametrize(
    "harmless",
    [
        "select count(*) from a join b on true",
        "select a.x * b.y as z from a join b on true",
        "with a as (select * from b) select c from a join d on true",
        "select c from a join (select * from b) as d on true",
        "select x from a join b on true union all select * from e",
    ],
)
def test_a_star_without_a_join_of_its_own_passes(harmless: str) -> None:
    manifest = good_manifest()
    manifest["nodes"][MART]["raw_code"] = harmless
    assert rules.marts_name_their_columns(manifest) == []


@pytest.mark.parametrize(
    "name", ["margin_rate", "revenue_per_customer", "return_on_ad_spend", "cost_count", "price_key"]
)
def test_a_ratio_of_money_may_be_a_float(name: str) -> None:
    manifest = good_manifest()
    add_column(MART, column(name, "double"))(manifest)
    assert rules.money_is_never_a_float(manifest) == []


EXPLAINED = "name: x\nvars:\n  # The clock.\n  as_of: 2026-01-01\nseeds: {}\n"


def test_an_explained_var_passes() -> None:
    assert rules.vars_are_declared(good_manifest(), EXPLAINED) == []


@pytest.mark.parametrize(
    ("project_file", "fault"),
    [
        ("name: x\nvars:\n  other: 1\n", "not declared"),
        ("name: x\nvars:\n  # The other.\n  other: 1\n  as_of: 2026-01-01\n", "not explained"),
        ("name: x\nseeds:\n  # No var.\n  as_of: 2026-01-01\n", "not declared"),
    ],
)
def test_a_var_without_meaning_is_found(project_file: str, fault: str) -> None:
    problems = rules.vars_are_declared(good_manifest(), project_file)
    assert len(problems) == 1
    assert "as_of" in problems[0]
    assert fault in problems[0]
