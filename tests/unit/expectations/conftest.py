"""Finished releases small enough to check by hand, and copies of them with a fault.

The tiny one holds every table: two sales, a cancelled one, one refund. The busy one holds facts
only, but of four months.
"""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile, copytree

import duckdb
import pytest

FOLDER = Path(__file__).parent
TINY_RELEASE = (FOLDER / "tiny_release.sql").read_text()


@pytest.fixture(scope="session")
def clean_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("release") / "published.duckdb"
    with duckdb.connect() as connection:
        # Smaller blocks: each of the tables takes one, and each test copies them all.
        connection.execute(f"attach '{file}' as release (block_size 16384); use release")
        connection.execute(TINY_RELEASE)
    return file


@pytest.fixture
def release_with(clean_release: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Gives a copy of the clean release after a fault was planted by SQL."""

    def plant(fault: str) -> Path:
        file = tmp_path / "published.duckdb"
        copyfile(clean_release, file)
        with duckdb.connect(str(file)) as connection:
            connection.execute(fault)
        return file

    return plant


@pytest.fixture(scope="session")
def busy_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("busy") / "published.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute((FOLDER / "busy_release.sql").read_text())
    return file


@pytest.fixture(scope="session")
def busy_sources(busy_release: Path) -> Path:
    """The work database of the busy release: raw tables and ledger; the seeds lie beside it."""
    copytree(FOLDER / "busy_seeds", busy_release.with_name("seeds"))
    file = busy_release.with_name("warehouse.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"attach '{busy_release}' as made (read_only)")
        connection.execute((FOLDER / "busy_sources.sql").read_text())
    return file


@pytest.fixture
def busy_with(
    busy_release: Path, busy_sources: Path, tmp_path: Path
) -> Callable[[str], tuple[Path, Path]]:
    """Gives copies of the busy release and of its work database after a fault was planted.

    A folder `seeds` beside them has the company's rules, in which faults are planted as well.
    """

    def plant(fault: str) -> tuple[Path, Path]:
        release, sources = tmp_path / "published.duckdb", tmp_path / "warehouse.duckdb"
        copyfile(busy_release, release)
        copyfile(busy_sources, sources)
        with duckdb.connect(str(release)) as connection:
            connection.execute(f"attach '{sources}' as sources; attach ':memory:' as seeds")
            seeds = tmp_path / "seeds"
            seeds.mkdir()
            files = sorted((FOLDER / "busy_seeds").glob("*.csv"))
            for file in files:
                table = f"seeds.{file.stem}"
                connection.execute(
                    f"create table {table} as from read_csv('{file}', all_varchar = true)"
                )
            connection.execute(fault)
            for file in files:
                connection.execute(f"copy seeds.{file.stem} to '{seeds / file.name}'")
        return release, sources

    return plant
