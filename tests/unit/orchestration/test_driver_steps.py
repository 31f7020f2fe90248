"""Python between dbt's models: the order read from the manifest, a small project built by it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from orchestration import settings
from orchestration.defs.transformation.dbt_models import phase_assets, step_asset
from orchestration.lib import dbt
from orchestration.lib.build import Build
from orchestration.lib.engines.duckdb import DuckDbEngine
from orchestration.lib.steps.plan import PlanError, plan
from orchestration.lib.steps.registry import COMPUTATIONS
from orchestration.lib.steps.step import Step, Update
from orchestration.lib.steps.tables import StepError
from orchestration.settings import DBT_PROJECT_DIR


def small_manifest(
    sources: Mapping[str, list[str] | None], models: Mapping[str, list[str]], **tests: list[str]
) -> dict[str, Any]:
    """A manifest of derived tables (with what they are computed from), models and data tests.

    A model or test reads models by name, and a derived table as `derived.<name>`.
    """

    def read(names: list[str]) -> list[str]:
        return [
            f"source.p.{name}" if name.startswith("derived.") else f"model.p.{name}"
            for name in names
        ]

    nodes = {
        f"model.p.{name}": {
            "resource_type": "model",
            "name": name,
            "schema": "main",
            "depends_on": {"nodes": read(reads)},
        }
        for name, reads in models.items()
    }
    nodes |= {
        f"test.p.{name}": {
            "resource_type": "test",
            "name": name,
            "schema": "main",
            "depends_on": {"nodes": read(reads)},
        }
        for name, reads in tests.items()
    }
    described = {
        f"source.p.derived.{name}": {
            "name": name,
            "schema": "derived",
            "description": "One row per thing.",
            "columns": {"id": {"name": "id", "data_type": "bigint"}},
            "meta": {} if inputs is None else {"computed_from": inputs},
        }
        for name, inputs in sources.items()
    }
    return {"nodes": nodes, "sources": described}


def order(manifest: dict[str, Any]) -> list[tuple[list[str], list[str]]]:
    """Names of the nodes and of the steps, phase by phase."""
    return [
        (
            sorted(unique_id.split(".")[2] for unique_id in phase.nodes),
            [step.name for step in phase.steps],
        )
        for phase in plan(manifest).phases
    ]


def test_a_project_without_derived_tables_is_one_phase() -> None:
    manifest = small_manifest({}, {"a": [], "b": ["a"]}, unique=["b"])
    assert order(manifest) == [(["a", "b", "unique"], [])]
    assert plan(manifest).phases[0].selection == ["--indirect-selection", "cautious"]


def test_what_a_step_needs_comes_before_it_and_everything_else_at_the_end() -> None:
    manifest = small_manifest(
        {"x": ["b"]},
        {"a": [], "b": ["a"], "after": ["derived.x"], "other": [], "beside": ["a"]},
    )
    assert order(manifest) == [(["a", "b"], ["x"]), (["after", "beside", "other"], [])]


def test_steps_may_be_chained_and_share_a_phase() -> None:
    manifest = small_manifest(
        {"x": ["a"], "y": ["a", "b"], "z": ["after_x"], "last": ["after_z", "after_y"]},
        {
            "a": [],
            "b": [],
            "after_x": ["derived.x"],
            "after_y": ["derived.y", "c"],
            "after_z": ["derived.z"],
            "c": [],
            "end": ["derived.last"],
        },
    )
    assert order(manifest) == [
        (["a", "b"], ["x", "y"]),
        (["after_x"], ["z"]),
        (["after_y", "after_z", "c"], ["last"]),
        (["end"], []),
    ]


def test_a_test_waits_for_the_last_of_its_models() -> None:
    manifest = small_manifest(
        {"x": ["a"]},
        {"a": [], "b": ["derived.x"]},
        of_a=["a"],
        of_both=["a", "b"],
        of_the_derived_table=["derived.x"],
    )
    assert order(manifest) == [
        (["a", "of_a"], ["x"]),
        (["b", "of_both", "of_the_derived_table"], []),
    ]


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"x": None}, "derived.x: computed_from is"),
        ({"x": ["a", "gone"]}, "not gone"),
        ({"x": ["after_x"]}, "x -> x"),
        ({"x": ["after_y"], "y": ["after_x"]}, "x -> y -> x"),
    ],
)
def test_a_derived_table_that_cannot_be_computed_is_named(
    sources: dict[str, list[str] | None], message: str
) -> None:
    models = {"a": [], "after_x": ["derived.x"], "after_y": ["derived.y"]}
    with pytest.raises(PlanError, match=message):
        plan(small_manifest(sources, models))


SOURCES = """
sources:
  - name: raw
    schema: raw
    tables: [{name: numbers}]
  - name: derived
    schema: derived
    tables:
      - name: doubled
        description: One row per number.
        config: {meta: {key: [id], computed_from: [numbers]}}
        columns:
          - {name: id, data_type: bigint}
          - {name: seen_at, data_type: timestamp}
          - {name: amount, data_type: "decimal(18,4)"}
      - name: summed
        description: One row per company.
        config: {meta: {key: [total], computed_from: [doubles]}}
        columns: [{name: total, data_type: "decimal(18,4)"}]
models:
  - name: numbers
    columns:
      - name: id
        data_tests:
          - unique
          - relationships: {arguments: {to: ref('report'), field: id}}
  - name: report
    columns: [{name: id, data_tests: [not_null]}]
"""
MODELS = {
    "numbers": "select * from {{ source('raw', 'numbers') }}",
    "doubles": "select * from {{ source('derived', 'doubled') }}",
    "report": (
        "select n.id, d.amount, s.total from {{ ref('numbers') }} as n"
        " left join {{ ref('doubles') }} as d on n.id = d.id"
        " cross join {{ source('derived', 'summed') }} as s"
    ),
}


def doubled(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    numbers = inputs["numbers"]
    rows = [
        {**row, "amount": row["amount"] * variables["factor"]}
        for row in sorted(numbers.to_pylist(), key=lambda row: row["id"])
    ]
    return pa.Table.from_pylist(rows, schema=numbers.schema)


def summed(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
    return pa.table({"total": [sum(inputs["doubles"]["amount"].to_pylist())]})


STEPS: dict[str, Step] = {"doubled": doubled, "summed": summed}


def small_project(directory: Path, home: Path) -> dbt.DbtProject:
    """The small project in a directory, on the engine of a home."""
    engine = DuckDbEngine(replace(settings.load(), home=home, engine="duckdb"))
    environment = {"WAREHOUSE_ENGINE": "duckdb", "DBT_TARGET_PATH": "target"}
    return dbt.DbtProject(directory, engine, environment, home / "logs")


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, parsed; a parse takes longer than a build of it."""
    home = tmp_path_factory.mktemp("small")
    directory = home / "project"
    (directory / "models").mkdir(parents=True)
    (directory / "seeds").mkdir()
    (directory / "models" / "sources.yml").write_text(SOURCES)
    for name, code in MODELS.items():
        (directory / "models" / f"{name}.sql").write_text(code)
    (directory / "profiles.yml").symlink_to(DBT_PROJECT_DIR / "profiles.yml")
    (directory / "dbt_project.yml").write_text(
        yaml.safe_dump(
            {
                "name": "small",
                "profile": "kpi_warehouse",
                "vars": {"factor": 2},
                "models": {"small": {"+materialized": "table"}},
                "flags": {"send_anonymous_usage_stats": False},
            }
        )
    )
    dbt.parse(small_project(directory, home))
    return directory


@pytest.fixture
def project(parsed: Path, tmp_path: Path) -> dbt.DbtProject:
    directory = shutil.copytree(parsed, tmp_path / "project", symlinks=True)
    made = small_project(directory, tmp_path)
    with duckdb.connect(str(made.engine.settings.database)) as connection:
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.numbers as select i::bigint as id, timestamp '2026-07-01 10:00:00'"
            " as seen_at, (i / 4)::decimal(18, 4) as amount from range(1, 4) as r (i)"
        )
    return made


def rows(project: dbt.DbtProject, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project.engine.settings.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def build(project: dbt.DbtProject, variables: Mapping[str, Any], **steps: Step) -> list[str]:
    """Builds everything; gives the names of what was done, in order."""
    done = []

    def on_event(event: dict[str, Any]) -> None:
        if event["info"]["name"] in ("LogModelResult", "LogTestResult"):
            done.append(event["data"]["node_info"]["node_name"])

    run = Build(project, variables, {**STEPS, **steps})
    try:
        for phase in plan(dbt.saved_manifest(project)).phases:
            run.run_phase(phase, on_event)
            for step in phase.steps:
                run.run_step(step)
                done.append(step.name)
    finally:
        run.close()
    return done


REPORT = "select id, amount::varchar, total::varchar from main.report order by id"


def test_a_small_project_is_built_in_order(project: dbt.DbtProject) -> None:
    assert build(project, {}) == [
        "numbers",
        "unique_numbers_id",
        "doubled",
        "doubles",
        "summed",
        "report",
        "not_null_report_id",
        "relationships_numbers_id__id__ref_report_",
    ]
    assert rows(project, REPORT) == [
        (1, "0.5000", "3.0000"),
        (2, "1.0000", "3.0000"),
        (3, "1.5000", "3.0000"),
    ]
    # The next build starts from other data and other variables, and nothing of this one is left.
    with duckdb.connect(str(project.engine.settings.database)) as connection:
        connection.execute("delete from raw.numbers where id > 1")
    build(project, {"factor": 3})
    assert rows(project, REPORT) == [(1, "0.7500", "0.7500")]


def test_a_part_can_be_built_before_any_step_ran_and_after(project: dbt.DbtProject) -> None:
    dbt.prepare(project)
    dbt.run(project, ["build", "--select", "doubles"], {})
    assert rows(project, "select * from main.doubles") == []
    build(project, {})
    dbt.prepare(project)
    dbt.run(project, ["build", "--select", "doubles"], {})
    assert rows(project, "select count(*) from main.doubles") == [(3,)]


def test_a_derived_table_of_another_description_begins_anew(project: dbt.DbtProject) -> None:
    with duckdb.connect(str(project.engine.settings.database)) as connection:
        connection.execute("create schema derived")
        connection.execute("create table derived.doubled as select 1 as id")
    dbt.prepare(project)
    assert rows(project, "select amount from derived.doubled") == []


def test_a_step_that_fails_leaves_its_table_as_it_was(project: dbt.DbtProject) -> None:
    build(project, {})

    def wrong(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
        return pa.table({"total": ["much"]})

    def surplus(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
        return pa.table({"total": [1], "more": [2]})

    def other(inputs: Mapping[str, pa.Table], variables: Mapping[str, Any]) -> pa.Table:
        return inputs["report"]

    for step, error, message in (
        (wrong, StepError, "summed gave a value that does not fit its column's type"),
        (surplus, StepError, r"missing \[\], surplus \['more'\]"),
        (other, KeyError, "report is not among the inputs: doubles"),
    ):
        with pytest.raises(error, match=message):
            build(project, {"factor": 9}, summed=step)
        assert rows(project, "select total::varchar from derived.summed") == [("3.0000",)]


def test_a_step_may_change_its_table_in_place_and_keep_what_it_needs(
    project: dbt.DbtProject,
) -> None:
    def count_builds(connection: duckdb.DuckDBPyConnection, table: str) -> None:
        connection.execute("create schema if not exists warehouse.steps")
        connection.execute("create table if not exists warehouse.steps.kept (build integer)")
        connection.execute(
            "insert into warehouse.steps.kept select coalesce(max(build), 0) + 1"
            " from warehouse.steps.kept"
        )
        connection.execute(f"delete from {table}")
        connection.execute(
            f"insert into {table} select sum(amount) * any_value(builds) from doubles,"
            " (select count(*) as builds from warehouse.steps.kept)"
        )
        if connection.execute("select count(*) from warehouse.steps.kept").fetchone() == (3,):
            raise ZeroDivisionError

    for total in ("3.0000", "6.0000"):
        build(project, {}, summed=Update(count_builds))
        assert rows(project, "select total::varchar from derived.summed") == [(total,)]
    with pytest.raises(ZeroDivisionError):
        build(project, {}, summed=Update(count_builds))
    assert rows(project, "select total::varchar from derived.summed") == [("6.0000",)]
    assert rows(project, "from steps.kept") == [(1,), (2,)]


def test_what_a_step_cannot_hold_in_memory_lies_in_the_home(project: dbt.DbtProject) -> None:
    used = []

    def spilled(connection: Any, table: str) -> None:
        used.append(connection.execute("select current_setting('temp_directory')").fetchall())
        connection.execute(f"insert into {table} values (3)")

    build(project, {}, summed=Update(spilled))
    assert used == [[(str(project.engine.settings.home / "build" / "spill"),)]]


def test_a_table_that_nothing_computes_is_named(project: dbt.DbtProject) -> None:
    (table, _) = plan(dbt.saved_manifest(project)).tables.values()
    with pytest.raises(StepError, match="No function computes doubled"):
        Build(project, {}, {}).run_step(table)


def test_dbt_selects_what_the_plan_says(project: dbt.DbtProject) -> None:
    arguments = ["list", "--output", "json", "--output-keys", "unique_id", "resource_type"]
    for phase in plan(dbt.saved_manifest(project)).phases:
        listed = [json.loads(line) for line in dbt.run(project, [*arguments, *phase.selection], {})]
        assert phase.nodes == {
            one["unique_id"] for one in listed if one["resource_type"] != "source"
        }


def test_dagster_shows_each_step_between_what_it_reads_and_what_reads_it(
    project: dbt.DbtProject,
) -> None:
    import dagster as dg

    manifest = dbt.saved_manifest(project)
    phases = plan(manifest).phases
    assets = [phase_assets(manifest, one, is_last=one is phases[-1]) for one in phases]
    steps = [step_asset(table) for phase in phases for table in phase.steps]
    graph = dg.Definitions(assets=[*assets, *steps], resources={"refresh": None})
    nodes = graph.resolve_asset_graph()
    assert nodes.get(dg.AssetKey(["derived", "doubled"])).parent_keys == {
        dg.AssetKey(["main", "numbers"])
    }
    assert nodes.get(dg.AssetKey(["derived", "doubled"])).child_keys == {
        dg.AssetKey(["main", "doubles"])
    }
    assert (
        dg.AssetKey(["derived", "summed"]) in nodes.get(dg.AssetKey(["main", "report"])).parent_keys
    )
    assert [len(list(one.check_specs)) for one in assets] == [1, 0, 2]


def test_every_derived_table_of_the_project_has_its_function(tmp_path: Path) -> None:
    content = [
        yaml.safe_load(path.read_text())
        for path in (DBT_PROJECT_DIR / "models").rglob("_derived__sources.yml")
    ]
    described = {
        table["name"] for one in content for source in one["sources"] for table in source["tables"]
    }
    assert described == set(COMPUTATIONS)
