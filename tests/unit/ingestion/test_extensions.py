"""DuckDB's extensions come from packages, and nowhere else."""

import importlib.util
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.ingestion import extensions
from orchestration.lib.ingestion.extensions import ExtensionMissingError


@pytest.mark.parametrize("name", ["excel", "postgres_scanner", "sqlite_scanner"])
def test_packaged_extensions_load_by_path(tmp_path: Path, name: str) -> None:
    with extensions.side_connection(name, tmp_path, "100MB") as connection:
        row = connection.execute(
            "select loaded, install_mode from duckdb_extensions() where extension_name = ?", [name]
        ).fetchone()
    assert row == (True, "NOT_INSTALLED")


def test_nothing_is_installed_or_loaded_by_itself(tmp_path: Path) -> None:
    with extensions.side_connection("excel", tmp_path, "100MB") as connection:
        for option in ("autoinstall_known_extensions", "autoload_known_extensions"):
            row = connection.execute("select current_setting(?)", [option]).fetchone()
            assert row == (False,)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ExtensionMissingError) as error:
        extensions.path_of("spatial")
    assert f"duckdb-extension-spatial=={duckdb.__version__} is missing" in str(error.value)
    assert "`make setup`" in str(error.value)


def test_a_package_for_another_duckdb_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert importlib.util.find_spec("duckdb_extension_excel")
    monkeypatch.setattr(duckdb, "__version__", "9.9.9")
    with pytest.raises(ExtensionMissingError, match=r"not installed for DuckDB 9\.9\.9"):
        extensions.path_of("excel")
