"""A finished release small enough to check by hand: two sales, a cancelled one, one refund."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import duckdb
import pytest

TINY_RELEASE = (Path(__file__).parent / "tiny_release.sql").read_text()


@pytest.fixture(scope="session")
def clean_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("release") / "published.duckdb"
    with duckdb.connect(str(file)) as connection:
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
