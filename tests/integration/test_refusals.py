"""What a refresh refuses, and how it says so: one sentence that names the thing and the remedy."""

from pathlib import Path

import pytest

from orchestration import cli
from orchestration.lib.refresh_lock import RefreshLock
from orchestration.settings import DEMO_COMPANY_DIR
from tests.integration.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home that holds nothing, not even a directory."""
    return House(tmp_path / "home")


def test_a_bad_row_of_a_rule_is_named_by_file_line_and_remedy(house: House, tmp_path: Path) -> None:
    targets = "kpis/kpi_targets.csv"
    lines = (DEMO_COMPANY_DIR / "seeds" / targets).read_text().splitlines()
    (tmp_path / "seeds" / "kpis").mkdir(parents=True)
    (tmp_path / "seeds" / targets).write_text("\n".join([*lines[:3], lines[1] + "0,,", ""]))
    outcome = house.refresh(WAREHOUSE_SEEDS=str(tmp_path / "seeds"))
    assert outcome.code != 0
    assert f"{targets}, line 4" in outcome.reason
    assert "cells where the header has 8" in outcome.reason
    assert "Readers still see: no release yet" in outcome.printed
    assert "Traceback" not in outcome.printed


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("WAREHOUSE_SOURCES", "/nowhere", "is not a directory"),
        ("WAREHOUSE_SEEDS", "/nowhere", "is not a directory"),
        ("WAREHOUSE_AS_OF", "yesterday", "2026-07-01T00:00:00Z"),
        ("WAREHOUSE_ENGINE", "postgres", "duckdb, spark"),
        ("WAREHOUSE_THREADS", "0", "at least 1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_to_write(
    house: House, variable: str, value: str, words: str
) -> None:
    outcome = house.refresh(**{variable: value})
    assert outcome.code != 0
    assert variable in outcome.reason
    assert words in outcome.reason
    assert not (house.home / "warehouse.duckdb").exists()


def test_a_company_without_its_file_is_told_what_it_holds(house: House, tmp_path: Path) -> None:
    outcome = house.refresh(WAREHOUSE_SOURCES=str(tmp_path))
    assert outcome.code != 0
    assert "company.yaml: not found" in outcome.reason
    assert "Traceback" not in outcome.printed


@pytest.mark.parametrize("is_first_about_to_begin", [False, True])
def test_a_second_refresh_says_who_is_running(
    house: House, monkeypatch: pytest.MonkeyPatch, *, is_first_about_to_begin: bool
) -> None:
    if is_first_about_to_begin:
        monkeypatch.setattr(RefreshLock, "require_free", lambda _: None)
    with RefreshLock(house.home).hold("the first one"):
        outcome = house.refresh()
    assert outcome.code != 0
    assert "A refresh is already running" in outcome.reason
    assert "the first one" in outcome.reason
    assert not (house.home / "warehouse.duckdb").exists()
    # Nobody is called for a refresh that was never begun.
    assert not (house.home / "logs" / "alerts.jsonl").exists()


def test_a_fault_of_ours_is_not_dressed_up_as_a_users() -> None:
    assert cli.mendable(KeyError("x")) is None
