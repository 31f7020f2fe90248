from typing import Any

import jinja2

from orchestration.lib.published_tables import published_tables
from orchestration.lib.publishing.candidate import PublishedColumn
from orchestration.settings import DBT_PROJECT_DIR


def node(name: str, folder: str = "marts", resource_type: str = "model") -> dict[str, Any]:
    return {
        "resource_type": resource_type,
        "name": name,
        "schema": "core",
        "fqn": ["kpi_warehouse", folder, "core", name],
        "description": f"One row per {name}.",
        "columns": {
            "b": {"name": "b", "data_type": "bigint", "description": "Second."},
            "a": {"name": "a", "data_type": "varchar", "description": ""},
        },
    }


def relation(schema: str, name: str) -> str:
    return f"somewhere.{schema}.{name}"


def test_only_models_of_the_marts_are_published_by_name() -> None:
    nodes = [
        node("fct_refunds"),
        node("fct_orders"),
        node("stg_shop__orders", folder="staging"),
        node("not_null_fct_orders", resource_type="test"),
    ]
    found = published_tables({"nodes": {one["name"]: one for one in nodes}}, relation)
    assert [table.full_name for table in found] == ["core.fct_orders", "core.fct_refunds"]


def test_a_table_brings_its_description_and_columns_in_their_order() -> None:
    (table,) = published_tables({"nodes": {"x": node("fct_orders")}}, relation)
    assert table.relation == "somewhere.core.fct_orders"
    assert table.description == "One row per fct_orders."
    assert table.columns == (
        PublishedColumn("b", "bigint", "Second."),
        PublishedColumn("a", "varchar", ""),
    )


def test_a_mart_is_published_in_the_schema_of_its_folder() -> None:
    macro = (DBT_PROJECT_DIR / "macros" / "generate_schema_name.sql").read_text()
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    made: Any = environment.from_string(macro, {"target": {"schema": "main"}}).module

    def schema_of(*fqn: str, named: str | None = None, kind: str = "model") -> str:
        node = {"resource_type": kind, "fqn": ["kpi_warehouse", *fqn]}
        return str(made.generate_schema_name(named, node)).strip()

    assert schema_of("marts", "core", "fct_orders") == "core"
    assert schema_of("marts", "finance", "invoices") == "finance"
    assert schema_of("marts", "invoices") == "main"
    assert schema_of("staging", "crm", "stg_crm__leads", named="staging") == "staging"
    assert schema_of("marts", "core", "unique_fct_orders", kind="test") == "main"
