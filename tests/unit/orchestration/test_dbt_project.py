"""dbt parses when a file of the project changed, and only then; and what a failed build says."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.exceptions import ContractError

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.engines.duckdb import DuckDbEngine


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    source = tmp_path / "checkout"
    (source / "models").mkdir(parents=True)
    (source / "models" / "a.sql").write_text("select 1 as a")
    (source / "dbt_project.yml").write_text("name: x")
    return source


@pytest.fixture
def project(tmp_path: Path, checkout: Path) -> dbt.DbtProject:
    directory = tmp_path / "build"
    dbt.link_project(checkout, directory)
    (directory / "seeds").mkdir()
    (directory / "seeds" / "rates.csv").write_text("a,b\n")
    engine = DuckDbEngine(replace(settings.load(), home=tmp_path))
    return dbt.DbtProject(directory, engine, {"WAREHOUSE_ENGINE": "duckdb"}, tmp_path / "logs")


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of every call of dbt, each of which leaves what a parse leaves."""
    calls: list[list[str]] = []

    def invoke(project: dbt.DbtProject, arguments: list[str], *_: Any) -> None:
        calls.append(arguments)
        project.target.mkdir(parents=True)
        (project.target / "partial_parse.msgpack").write_bytes(b"")
        project.manifest_path.write_text(json.dumps({"parse": len(calls)}))

    monkeypatch.setattr(dbt, "_invoke", invoke)
    return calls


def test_a_second_look_at_the_same_files_parses_nothing(
    project: dbt.DbtProject, parses: list[list[str]]
) -> None:
    assert dbt.parse_if_changed(project) == {"parse": 1}
    assert dbt.parse_if_changed(project) == {"parse": 1}
    assert parses == [["parse"]]


CHANGES: dict[str, Callable[[Path, dbt.DbtProject], object]] = {
    "a model is edited": lambda checkout, _: (checkout / "models/a.sql").write_text("select 2"),
    "a model is added": lambda checkout, _: (checkout / "models/b.sql").write_text("select 1"),
    "a model is renamed": lambda checkout, _: (checkout / "models/a.sql").rename(
        checkout / "models/c.sql"
    ),
    "the project's settings": lambda checkout, _: (checkout / "dbt_project.yml").write_text("y"),
    "a company's seed": lambda _, project: (project.seeds / "rates.csv").write_text("a,c\n"),
    "the saved parse is lost": lambda _, project: (
        project.target / "partial_parse.msgpack"
    ).unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_parses_anew(
    checkout: Path, project: dbt.DbtProject, parses: list[list[str]], change: str
) -> None:
    dbt.parse_if_changed(project)
    CHANGES[change](checkout, project)
    assert dbt.parse_if_changed(project) == {"parse": 2}


def test_another_environment_parses_anew(project: dbt.DbtProject, parses: list[list[str]]) -> None:
    dbt.parse_if_changed(project)
    other = replace(project, environment={"WAREHOUSE_ENGINE": "spark"})
    dbt.parse_if_changed(other)
    assert len(parses) == 2


def test_a_parse_that_fails_leaves_nothing_to_trust(
    project: dbt.DbtProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise dbt.DbtError("dbt stopped: no")

    monkeypatch.setattr(dbt, "_invoke", refuse)
    for _ in range(2):
        with pytest.raises(dbt.DbtError):
            dbt.parse_if_changed(project)


def test_linking_follows_a_checkout_that_moved(tmp_path: Path, checkout: Path) -> None:
    dbt.link_project(checkout, tmp_path / "build")
    moved = checkout.rename(tmp_path / "elsewhere")
    dbt.link_project(moved, tmp_path / "build")
    assert (tmp_path / "build" / "models" / "a.sql").read_text() == "select 1 as a"
    assert not (tmp_path / "build" / "tests").exists()


def test_a_link_that_is_right_stays(tmp_path: Path, checkout: Path) -> None:
    link = tmp_path / "build" / "models"
    dbt.link_project(checkout, tmp_path / "build")
    before = link.lstat()
    dbt.link_project(checkout, tmp_path / "build")
    assert link.lstat() == before


def test_the_clock_and_the_frame_win_over_a_companys_own_variables() -> None:
    own = {"as_of": "1970-01-01", "session_timeout_minutes": 20}
    assert dbt.variables(datetime(2026, 7, 1), "Europe/Paris", "EUR", own) == {
        "session_timeout_minutes": 20,
        "as_of": "2026-07-01T00:00:00",
        "business_timezone": "Europe/Paris",
        "reporting_currency": "EUR",
    }


def test_what_fails_for_one_reason_is_told_together(project: dbt.DbtProject) -> None:
    def ended(name: str, status: str, message: str | None, failures: int = 0) -> SimpleNamespace:
        return SimpleNamespace(
            node=SimpleNamespace(name=name), status=status, message=message, failures=failures
        )

    lost = [ended(f"model_{n}", "error", "[Errno 111] Connection refused") for n in range(5)]
    results = [ended("sound", "success", None), ended("unique_a", "fail", None, 3), *lost]
    outcome = SimpleNamespace(exception=None, result=SimpleNamespace(results=results))
    told = dbt._explain(outcome, project)
    assert told.startswith(
        "dbt build failed: unique_a (fail: 3 rows break this test); "
        "model_0, model_1, model_2 and 2 more (error: Spark's Java process has ended"
    )
    assert told.count("Java") == 1


def test_a_macro_that_fails_is_told_as_a_model_is(project: dbt.DbtProject) -> None:
    result = SimpleNamespace(
        unique_id="macro.kpi_warehouse.register_tables", status="error", message="No such path"
    )
    outcome = SimpleNamespace(exception=None, result=SimpleNamespace(results=[result]))
    assert dbt._explain(outcome, project).startswith(
        "dbt build failed: register_tables (error: No such path). Details: "
    )


def test_columns_that_are_not_those_of_the_contract_are_named(project: dbt.DbtProject) -> None:
    stated = [
        {"name": "revenue", "data_type": "DECIMAL(18,4)", "formatted": "revenue DECIMAL(18,4)"},
        {"name": "orders", "data_type": "BIGINT", "formatted": "orders BIGINT"},
    ]
    made = [
        {"name": "revenue", "data_type": "DECIMAL(38,4)", "formatted": "revenue DECIMAL(38,4)"},
        {"name": "country", "data_type": "VARCHAR", "formatted": "country VARCHAR"},
    ]
    result = SimpleNamespace(
        node=SimpleNamespace(name="my_mart"),
        status="error",
        message=f"Compilation Error in model my_mart\n  {ContractError(stated, made)}",
    )
    outcome = SimpleNamespace(exception=None, result=SimpleNamespace(results=[result]))
    told = dbt._explain(outcome, project).partition(" Details")[0]
    assert told == (
        "dbt build failed: my_mart (error: its columns are not those of its .yml: "
        "country is in the SQL alone, orders is in the .yml alone, "
        "revenue is DECIMAL(38,4) in the SQL and DECIMAL(18,4) there)."
    )


def test_what_is_wrong_in_a_file_of_the_project_is_named(project: dbt.DbtProject) -> None:
    text = (
        "Compilation Error in test unique_my_mart (models/marts/my/my_mart.yml)\n"
        "  macro 'dbt_macro__test_unique' takes no keyword argument 'colum'"
    )
    parsed = SimpleNamespace(exception=ValueError(text), result=None)
    assert dbt._explain(parsed, project) == f"dbt stopped: {text}"
    built = SimpleNamespace(node=SimpleNamespace(name="my_mart"), status="error", message=text)
    outcome = SimpleNamespace(exception=None, result=SimpleNamespace(results=[built]))
    assert "takes no keyword argument 'colum'" in dbt._explain(outcome, project)


def test_what_the_engine_quotes_of_the_data_is_not_told(project: dbt.DbtProject) -> None:
    text = "Runtime Error in model my_mart\n  Could not convert string 'Ann Lee' to INT32"
    parsed = SimpleNamespace(exception=ValueError(text), result=None)
    assert "Ann" not in dbt._explain(parsed, project)
    built = SimpleNamespace(node=SimpleNamespace(name="my_mart"), status="error", message=text)
    outcome = SimpleNamespace(exception=None, result=SimpleNamespace(results=[built]))
    assert "Ann" not in dbt._explain(outcome, project)
