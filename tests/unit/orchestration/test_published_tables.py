from typing import Any

from orchestration.lib.published_tables import published_tables
from orchestration.lib.publishing.candidate import PublishedColumn


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
