"""DuckDB's extensions, loaded from the packages of the lock; nothing is ever downloaded."""

import importlib.util
from pathlib import Path

import duckdb

from orchestration.lib.ingestion import sql
from orchestration.lib.mendable import MendableError


class ExtensionMissingError(MendableError, RuntimeError):
    """An extension's package is not installed; the message names it and the remedy."""


def path_of(name: str) -> Path:
    """The file of an extension for the DuckDB in use; raises `ExtensionMissingError`."""
    package = f"duckdb_extension_{name}"
    found = importlib.util.find_spec(package)
    folders = [Path(place) for place in (found.submodule_search_locations or [])] if found else []
    for folder in folders:
        file = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if file.is_file():
            return file
    distribution = package.replace("_", "-")
    raise ExtensionMissingError(
        f"DuckDB's extension {name} is not installed for DuckDB {duckdb.__version__}: the package "
        f"{distribution}=={duckdb.__version__} is missing. Run `make setup`."
    )


def load(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an extension into a connection; raises `ExtensionMissingError`."""
    connection.execute(f"load {sql.literal(str(path_of(name)))}")


def side_connection(name: str, scratch: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A database in memory, apart from the warehouse, with one extension and no automatic ones."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory_limit,
            "temp_directory": str(scratch / "spill"),
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    load(connection, name)
    return connection
