"""The small demo company, refreshed once on each engine for all tests of this folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration import settings
from orchestration.demo import write_demo
from orchestration.lib import dbt
from orchestration.lib.engines.spark import check_installed
from orchestration.lib.refresh import Refresh, open_refresh

SCALE = 0.02
SMALL_SPARK = {
    "WAREHOUSE_SPARK_CONF": str(Path(__file__).with_name("small_spark.conf")),
    "WAREHOUSE_SPARK_PARTITIONS": "1",
}
REFRESH = "tests.integration.engines.refresh_without_data_tests"


def refresh_of(home: Path, engine: str) -> Refresh:
    """A refresh of the demo company, its dbt project parsed."""
    with settings.environment(SMALL_SPARK):
        refresh = open_refresh(replace(settings.load(), home=home, engine=engine))
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
def homes(spark_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A warehouse home by engine, each refreshed as `make refresh` does it, from equal files."""
    root = tmp_path_factory.mktemp("engines")
    by_engine = {engine: root / engine for engine in settings.ENGINES}
    first = by_engine["duckdb"]
    write_demo(first / "landing", first / "demo_truth.json", scale=SCALE)
    shutil.copytree(first / "landing", by_engine["spark"] / "landing")
    refresh_of(first, "duckdb")
    running = {
        engine: subprocess.Popen(
            [sys.executable, "-m", REFRESH, "refresh"],
            cwd=settings.PROJECT_ROOT,
            env={
                **os.environ,
                **SMALL_SPARK,
                "WAREHOUSE_HOME": str(home),
                "WAREHOUSE_ENGINE": engine,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for engine, home in by_engine.items()
    }
    for engine, process in running.items():
        output, _ = process.communicate()
        assert process.returncode == 0, f"the refresh on {engine} failed:\n{output}"
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
