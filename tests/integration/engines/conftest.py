"""The demo company, refreshed once on each engine for all tests of this folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.engines.spark import check_installed
from orchestration.lib.refresh import Refresh, open_refresh
from tests.integration.house import House, copy_landing

SMALL_SPARK = {
    "WAREHOUSE_SPARK_CONF": str(Path(__file__).with_name("small_spark.conf")),
    "WAREHOUSE_SPARK_PARTITIONS": "1",
}
REFRESH = "tests.integration.engines.refresh_without_data_tests"


def house_on(engine: str, home: Path) -> House:
    """A house whose models that engine builds."""
    return House(home, variables={**SMALL_SPARK, "WAREHOUSE_ENGINE": engine})


def refresh_of(home: Path, engine: str) -> Refresh:
    """A refresh of the demo company, its dbt project parsed."""
    with settings.environment(house_on(engine, home).environment):
        refresh = open_refresh(settings.load())
        dbt.parse_if_changed(refresh.dbt_project)
    return refresh


@pytest.fixture(scope="session")
def spark_is_here() -> None:
    """Skips, saying why, where Java or a package is missing."""
    try:
        check_installed(settings.load_spark())
    except settings.SettingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def homes(
    spark_is_here: None,
    planted_landing: Path,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """A home by engine, from equal files: a copy of the demo's, and one refreshed on Spark.

    Spark's refresh runs beside the demo's, where no other test has asked for that yet.
    """
    root = tmp_path_factory.mktemp("engines")
    by_engine = {engine: root / engine for engine in settings.ENGINES}
    house = house_on("spark", by_engine["spark"])
    copy_landing(planted_landing, house.landing)
    running = subprocess.Popen(
        [sys.executable, "-m", REFRESH, "refresh"],
        cwd=settings.PROJECT_ROOT,
        env={**os.environ, **house.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        demo: House = request.getfixturevalue("demo")
        shutil.copytree(demo.home, by_engine["duckdb"], symlinks=True)
        output, _ = running.communicate()
    finally:
        running.kill()
    assert running.returncode == 0, f"the refresh on spark failed:\n{output}"
    return by_engine


@pytest.fixture(scope="session")
def refreshes(homes: dict[str, Path]) -> dict[str, Refresh]:
    """The finished refresh of each engine."""
    return {engine: refresh_of(home, engine) for engine, home in homes.items()}


@pytest.fixture(scope="session")
def spark(refreshes: dict[str, Refresh]) -> Iterator[Refresh]:
    """The refresh on Spark, with a session that all tests share."""
    with refreshes["spark"].engine.session():
        yield refreshes["spark"]


@pytest.fixture(scope="session")
def duckdb_engine(tmp_path_factory: pytest.TempPathFactory) -> Refresh:
    """A refresh on DuckDB that has built nothing; for what needs no tables."""
    return refresh_of(tmp_path_factory.mktemp("duckdb"), "duckdb")
