"""Both engines build the same: every published table, every seed; at length, every dbt test."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.lib import dbt
from orchestration.lib.published_tables import published_tables
from orchestration.lib.publishing.candidate import build_files
from orchestration.lib.refresh import Refresh
from orchestration.settings import DBT_PROJECT_DIR
from tests.integration.engines.parity import differences, keyed_tables

ENGINES = ("duckdb", "spark")


def test_every_published_table_is_equal(
    homes: dict[str, Path], refreshes: dict[str, Refresh]
) -> None:
    manifest = dbt.parse_if_changed(refreshes["duckdb"].dbt_project)
    tables = keyed_tables(manifest)
    released = json.loads((homes["spark"] / "current" / "manifest.json").read_text())
    assert {f"{table.schema}.{table.name}" for table in tables} == {
        table["table"] for table in released["tables"]
    }
    assert released["engine"].startswith("spark")
    folders = [homes[engine] / "current" / "parquet" for engine in ENGINES]
    problems = differences(folders[0], folders[1], tables, ENGINES)
    assert not problems, "\n".join(["", *problems])


def test_every_seed_is_equal(refreshes: dict[str, Refresh]) -> None:
    manifest = dbt.parse_if_changed(refreshes["duckdb"].dbt_project)
    counts = {engine: refreshes[engine].engine.row_counts() for engine in ENGINES}
    seeds = [n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "seed"]
    with duckdb.connect() as connection:
        database = refreshes["duckdb"].settings.database
        connection.execute(f"attach '{database}' as warehouse (read_only)")
        for seed in seeds:
            rows = [counts[engine].get(("seeds", seed), 0) for engine in ENGINES]
            assert rows[0] == rows[1], f"{seed}: {rows[0]} rows on duckdb, {rows[1]} on spark"
            if not rows[0]:
                continue
            one, other = (refreshes[engine].engine.relation("seeds", seed) for engine in ENGINES)
            for here, there in ((one, other), (other, one)):
                left = connection.execute(f"from {here} except all from {there}").fetchall()
                assert not left, f"{seed}: rows that only one engine has, like {left[0]}"
    assert any(counts["spark"].get(("seeds", seed), 0) for seed in seeds)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["unit", "data"])
def test_every_dbt_test_passes_on_spark(spark: Refresh, kind: str) -> None:
    passed = []

    def on_event(event: dict[str, object]) -> None:
        passed.append(event)

    arguments = ["test", "--select", f"test_type:{kind}"]
    dbt.run(spark.dbt_project, arguments, spark.dbt_variables, on_event)
    assert passed


# Where a path's margin is not known, which is the least? It depends on where nulls sort.
PLANTED = "select * from paths\nqualify row_number() over (order by margin) = 1\n"


@pytest.mark.long
def test_a_sort_that_leaves_nulls_to_the_engine_is_found(
    spark: Refresh, refreshes: dict[str, Refresh], tmp_path: Path
) -> None:
    folders = [build_planted(refreshes[engine], tmp_path / engine) for engine in ENGINES]
    manifest = dbt.parse_if_changed(refreshes["duckdb"].dbt_project)
    tables = [table for table in keyed_tables(manifest) if table.name == "conversion_paths"]
    problems = differences(folders[0], folders[1], tables, ENGINES)
    assert problems
    assert problems[0].startswith("attribution.conversion_paths: 1 keys (conversion_key)")


def build_planted(refresh: Refresh, folder: Path) -> Path:
    """Builds one table from a copy of the project with an error in it; gives its Parquet folder."""
    project = replace(refresh.dbt_project, directory=folder / "dbt")
    shutil.copytree(
        DBT_PROJECT_DIR, project.directory, ignore=shutil.ignore_patterns("target", "logs")
    )
    shutil.copytree(refresh.dbt_project.seeds, project.seeds)
    model = project.directory / "models" / "marts" / "attribution" / "conversion_paths.sql"
    code = model.read_text()
    assert code.count("select * from paths\n") == 1
    model.write_text(code.replace("select * from paths\n", PLANTED))
    # On the home's own parse, dbt reads again only what differs from it.
    shutil.copytree(refresh.dbt_project.target, project.target)
    dbt.parse(project)
    manifest = dbt.saved_manifest(project)
    dbt.run(project, ["run", "--select", "conversion_paths"], refresh.dbt_variables)
    tables = published_tables(manifest, refresh.engine.relation)
    planted = [table for table in tables if table.name == "conversion_paths"]
    (folder / "release").mkdir()
    build_files(folder / "release", planted, refresh.settings.database, {})
    return folder / "release" / "parquet"


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ("(1, 1.0000, 0.5), (2, null, 2.0)", []),
        ("(1, 1.0000, 0.5 + 1e-12), (2, null, 2.0)", []),
        ("(1, 1.0001, 0.5), (2, null, 2.0)", ["core.t.amount: 1 of 2 rows differ"]),
        ("(1, 1.0000, 0.5), (2, 0, 2.0)", ["core.t.amount: 1 of 2 rows differ"]),
        ("(1, 1.0000, 0.501), (2, null, 2.0)", ["core.t.rate: 1 of 2 rows differ"]),
        ("(1, 1.0000, null), (2, null, 2.0)", ["core.t.rate: 1 of 2 rows differ"]),
        (
            "(1, 1.0000, 0.5)",
            ["core.t: 2 rows on duckdb, 1 on spark", "core.t: 1 keys (id) only on duckdb"],
        ),
        (
            "(1, 1.0000, 0.5), (3, null, 2.0)",
            ["core.t: 1 keys (id) only on duckdb", "core.t: 1 keys (id) only on spark"],
        ),
    ],
)
def test_the_comparison_names_table_column_and_rows(
    other: str, found: list[str], tmp_path: Path
) -> None:
    folders = []
    for engine, rows in (("duckdb", "(1, 1.0000, 0.5), (2, null, 2.0)"), ("spark", other)):
        (tmp_path / engine / "core").mkdir(parents=True)
        folders.append(tmp_path / engine)
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select id::bigint as id, amount::decimal(18, 4) as amount,"
                f" rate::double as rate from (values {rows}) as v (id, amount, rate))"
                f" to '{tmp_path / engine / 'core' / 't.parquet'}'"
            )
    manifest = {
        "nodes": {
            "m": {
                "unique_id": "m",
                "resource_type": "model",
                "schema": "core",
                "name": "t",
                "fqn": ["p", "marts"],
            },
            "t": {
                "unique_id": "t",
                "resource_type": "test",
                "attached_node": "m",
                "column_name": "id",
                "test_metadata": {"name": "unique"},
            },
        }
    }
    problems = differences(folders[0], folders[1], keyed_tables(manifest), ENGINES)
    assert len(problems) == len(found), problems
    for problem, start in zip(problems, found, strict=True):
        assert problem.startswith(start)
