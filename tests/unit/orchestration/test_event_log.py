import functools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from orchestration import event_log


@dg.asset
def daily_file() -> None: ...


@dg.asset_check(asset=daily_file)
def has_rows() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the files for which an engine is made, each time one is."""
    names = []

    # SQLAlchemy's own is a wrapped function too.
    @functools.wraps(sqlalchemy.create_engine)
    def counted(address: str, **options: Any) -> sqlalchemy.Engine:
        names.append(Path(address).stem)
        return sqlalchemy.create_engine(address, **options)

    monkeypatch.setattr(sqlite_event_log, "create_engine", counted)
    yield names


def run_once(home: Path) -> tuple[str, list[str]]:
    """A run of an asset and its check: its id, and what the log has of it."""
    home.mkdir(exist_ok=True)
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        run_id = dg.materialize([daily_file, has_rows], instance=instance).run_id
        records = instance.fetch_materializations(daily_file.key, limit=5).records
        assert run_id in {record.run_id for record in records}
        return run_id, [
            entry.dagster_event.event_type_value
            for entry in instance.all_logs(run_id)
            if entry.dagster_event
        ]


def test_each_file_has_one_engine_for_all_events(tmp_path: Path, made: list[str]) -> None:
    _, plain = run_once(tmp_path / "plain")
    for_each_event = len(made)
    made.clear()
    event_log.make_cheap()
    event_log.make_cheap()
    home = tmp_path / "home"
    runs = [run_once(home) for _ in range(3)]

    assert [events for _, events in runs] == [plain] * 3
    assert plain.count("ASSET_CHECK_EVALUATION") == 1
    # A file that is not there yet takes one more.
    assert {name: made.count(name) for name in made} == {
        "index": 2,
        **{run_id: 2 for run_id, _ in runs},
    }
    assert len(made) < for_each_event


def test_a_log_that_was_removed_is_begun_anew(tmp_path: Path, made: list[str]) -> None:
    event_log.make_cheap()
    home = tmp_path / "home"
    first, events = run_once(home)
    shutil.rmtree(home)
    second, events_again = run_once(home)
    assert events_again == events
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        assert [run.run_id for run in instance.get_runs()] == [second] != [first]
        records = instance.fetch_materializations(daily_file.key, limit=5).records
        assert [record.run_id for record in records] == [second]


def test_of_many_logs_the_engines_are_let_go(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "MOST_ENGINES", 2)
    event_log.make_cheap()
    for name in ("index", "b", "index", "c", "index"):
        file = tmp_path / f"{name}.db"
        file.touch()
        engine = vars(sqlite_event_log)["create_engine"](f"sqlite:///{file}")
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"create table if not exists {name}_ (i int)"))
    assert made == ["index", "b", "c", "index"]
