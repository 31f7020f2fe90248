"""A refresh is spared only where it could say nothing new."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration import settings
from orchestration.definitions import definitions
from orchestration.lib import inputs as module
from orchestration.lib.company import load_company
from orchestration.lib.inputs import Inputs
from orchestration.settings import Settings

AS_OF = datetime(2026, 7, 1, 10)
FILES = "tables: {shop_products: {location: products.csv, load: snapshot}}\n"
DATABASE = (
    "tables: {shop_products: {location: {database: sqlite, path: /x.db, table: products}, "
    "load: snapshot}}\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """One source with one landing file, and a checkout of one model."""
    for name, content in {
        "company/company.yaml": (
            "name: Test\nreporting_currency: EUR\nbusiness_timezone: Europe/Paris\n"
        ),
        "company/s/source.yaml": FILES,
        "home/landing/products.csv": "product_id\n1\n",
        "home/archive/ledger.jsonl": "{}\n",
        "checkout/dbt_project/model.sql": "select 1",
        "seeds/kpis/kpi_targets.csv": "kpi_id\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path / "checkout")
    with settings.environment(
        {"WAREHOUSE_HOME": f"{tmp_path}/home", "WAREHOUSE_SOURCES": f"{tmp_path}/company"}
    ):
        return replace(settings.load(), seeds_dir=tmp_path / "seeds")


def inputs_of(home: Settings, as_of: datetime = AS_OF) -> Inputs:
    return Inputs(home, load_company(home.sources_dir), as_of)


def test_the_same_inputs_are_known_again_for_their_release_alone(home: Settings) -> None:
    assert not inputs_of(home).are_those_of("1")
    inputs_of(home).keep("1")
    assert inputs_of(home).are_those_of("1")
    assert not inputs_of(home).are_those_of("2")


def test_the_clock_counts_by_business_day(home: Settings) -> None:
    inputs_of(home).keep("1")
    assert inputs_of(home, AS_OF + timedelta(hours=11, minutes=59)).are_those_of("1")
    assert not inputs_of(home, AS_OF + timedelta(hours=12)).are_those_of("1")


@pytest.mark.parametrize(
    "file",
    [
        "home/landing/products.csv",
        "home/archive/ledger.jsonl",
        "company/company.yaml",
        "company/s/source.yaml",
        "checkout/dbt_project/model.sql",
        "seeds/kpis/kpi_targets.csv",
    ],
)
def test_a_change_of_anything_is_new(home: Settings, tmp_path: Path, file: str) -> None:
    inputs_of(home).keep("1")
    path = tmp_path / file
    path.write_text(path.read_text() + "\n")
    assert not inputs_of(home).are_those_of("1")


@pytest.mark.parametrize(
    "file",
    ["company/s/source.yaml", "checkout/dbt_project/model.sql", "seeds/kpis/kpi_targets.csv"],
)
def test_what_is_saved_while_the_models_are_parsed_is_new(
    home: Settings, tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed_too_early(**_: object) -> dg.Definitions:
        path = tmp_path / file
        path.write_text(path.read_text() + "\n")
        return dg.Definitions()

    monkeypatch.setattr(dg, "load_from_defs_folder", parsed_too_early)
    monkeypatch.setattr(settings, "load", lambda: replace(home, as_of=AS_OF))
    with dg.build_resources(definitions().resources or {}) as resources:
        resources.refresh.inputs.keep("1")
    assert not inputs_of(home).are_those_of("1")
    inputs_of(home).keep("1")
    assert inputs_of(home).are_those_of("1")


def test_another_hash_key_is_new(home: Settings) -> None:
    inputs_of(home).keep("1")
    assert not inputs_of(replace(home, hash_key="k" * 32)).are_those_of("1")


def test_another_engine_is_new(home: Settings) -> None:
    inputs_of(home).keep("1")
    assert not inputs_of(replace(home, engine="spark")).are_those_of("1")


def test_a_file_put_in_anothers_place_is_new_though_it_looks_the_same(
    home: Settings, tmp_path: Path
) -> None:
    inputs_of(home).keep("1")
    landing = home.landing / "products.csv"
    times = landing.stat().st_atime_ns, landing.stat().st_mtime_ns
    other = tmp_path / "other.csv"
    other.write_text(landing.read_text().replace("1", "2"))
    os.utime(other, ns=times)
    other.replace(landing)
    assert not inputs_of(home).are_those_of("1")


def test_what_was_left_open_is_not_known_again(home: Settings) -> None:
    inputs_of(home).keep("1")
    waiting = inputs_of(home)
    waiting.leave_open()
    waiting.keep("2")
    assert not inputs_of(home).are_those_of("1")
    assert not inputs_of(home).are_those_of("2")


def test_a_company_with_a_database_is_always_refreshed(home: Settings) -> None:
    (home.sources_dir / "s" / "source.yaml").write_text(DATABASE)
    inputs_of(home).keep("1")
    assert not inputs_of(home).are_those_of("1")


def test_rules_behind_a_link_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    rules = tmp_path / "elsewhere" / "kpi_targets.csv"
    rules.write_text("1")
    (tmp_path / "company").mkdir()
    (tmp_path / "company" / "seeds").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path / "company")
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(tmp_path / "company"))
    before = module.fingerprint_of_rules(settings.load())
    rules.write_text("2")
    assert module.fingerprint_of_rules(settings.load()) != before
