"""Dagster's graph is there whatever a company's files say, and disturbs no refresh under way."""

import errno
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration import settings
from orchestration.defs.automation.daily_refresh import every_morning
from orchestration.defs.automation.new_files import new_files
from orchestration.lib import dbt, refresh
from orchestration.lib.company import CompanyError
from orchestration.lib.mendable import MendableError
from orchestration.lib.refresh import CodeChangedError, open_graph, open_refresh
from orchestration.lib.refresh_lock import RefreshLock
from tests.unit.ingestion.house import things

COMPANY = "name: A company\nreporting_currency: EUR\nbusiness_timezone: America/Lima\n"
BROKEN = {
    "no YAML": "name: [",
    "a tab": "name:\tA\n\tb: c",
    "a value that is not what it is marked as": "name: !!int x",
    "an unknown key": f"{COMPANY}currency: EUR\n",
    "another type": COMPANY.replace("EUR", "[EUR]"),
    "no such timezone": COMPANY.replace("Lima", "Limma"),
    "nothing": "",
    "an instant beyond the calendar": f"{COMPANY}as_of: 1850-01-01\n",
}


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    house = things(tmp_path)
    house.company()
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    file = tmp_path / "company" / "company.yaml"
    file.write_text(COMPANY)
    refresh._warn.cache_clear()
    return file


def timezone() -> str | None:
    (schedule,) = every_morning().schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    return schedule.execution_timezone


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_company_leaves_schedule_and_graph_there_and_is_told(
    company: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert timezone() == "America/Lima"
    company.write_text(text)
    assert timezone() == "UTC"
    assert open_graph(settings.load()).dbt_project.directory.name == "graph"
    (told,) = caplog.messages
    assert str(company) in told
    assert "until Dagster is started again" in told
    # A run reads the company itself: it fails, and is told as each failed run is.
    with pytest.raises(MendableError, match=company.name):
        open_refresh(settings.load())
    company.write_text(COMPANY)
    assert timezone() == "America/Lima"


def test_a_company_whose_directory_is_gone_leaves_the_graph_there(
    company: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = company.parent.rename(company.parent.with_name("unmounted"))
    assert open_graph(settings.load()).folder == "graph"
    (told,) = caplog.messages
    assert f"{company.parent} is not a directory" in told
    with pytest.raises(MendableError, match="WAREHOUSE_SOURCES"):
        open_refresh(settings.load())
    away.rename(company.parent)
    assert timezone() == "America/Lima"


def test_a_company_that_may_not_be_read_is_named(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any, **__: Any) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    with pytest.raises(CompanyError, match=r"company.yaml: cannot be read \(Permission denied\)"):
        open_refresh(settings.load())


def test_rules_that_replace_nothing_leave_the_graph_there(company: Path) -> None:
    seed = company.parent / "seeds" / "no_such_seed.csv"
    seed.parent.mkdir()
    seed.write_text("a\n")
    assert open_graph(settings.load()).folder == "graph"


def test_the_sensor_starts_one_run_for_a_company_that_cannot_be_read(company: Path) -> None:
    def tick(cursor: str | None) -> dg.SensorResult:
        result = new_files(dg.build_sensor_context(cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        return result

    company.write_text("name: [")
    first = tick("as landing was")
    assert len(first.run_requests or []) == 1
    second = tick(first.cursor)
    assert not second.run_requests
    assert second.skip_reason
    assert "not readable as YAML" in str(second.skip_reason.skip_message)
    company.write_text(BROKEN["an unknown key"])
    assert tick(first.cursor).run_requests


def test_what_a_refresh_builds_from_is_left_alone(company: Path) -> None:
    assert open_graph(settings.load()).folder == "dbt"
    with RefreshLock(company.parents[1]).hold("another one"):
        assert open_graph(settings.load()).folder == "graph"


def test_code_that_changes_before_the_models_are_read_stops_the_refresh(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[dbt.DbtProject] = []
    monkeypatch.setattr(dbt, "parse_if_changed", parsed.append)
    monkeypatch.setattr(refresh, "fingerprint_of_code", lambda: "new")
    with pytest.raises(CodeChangedError, match=r"git pull.*run it again"):
        open_refresh(settings.load(), code_read="old").read_models()
    assert not parsed
    open_refresh(settings.load(), code_read="new").read_models()
    assert len(parsed) == 1
