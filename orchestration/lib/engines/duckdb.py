"""DuckDB: the models are built inside the work database itself."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import duckdb

from orchestration.lib.engines import Engine, RunMacro
from orchestration.settings import Settings


@dataclass(frozen=True)
class DuckDbEngine(Engine):
    """The embedded engine; it needs neither a session nor a copy of the raw tables."""

    settings: Settings

    @property
    def dbt_environment(self) -> Mapping[str, str]:
        """The database's path and its memory limit."""
        return {
            "WAREHOUSE_DATABASE": str(self.settings.database),
            "WAREHOUSE_MEMORY_LIMIT": self.settings.memory_limit,
        }

    def session(self) -> AbstractContextManager[None]:
        """Nothing: the database runs inside this process."""
        return nullcontext()

    @contextmanager
    def connections(self) -> Iterator[None]:
        """Gives the database file free again: dbt would keep it open until this process ends."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.adapters.factory import reset_adapters

        # What is there by now, such as the manifest, holds none of its connections: looking through
        # all of it each time takes as long as many a model.
        gc.freeze()
        try:
            yield
        finally:
            reset_adapters()
            DuckDBConnectionManager.close_all_connections()
            gc.collect()
            gc.unfreeze()

    def prepare(self, schemas: Iterable[str], run_macro: RunMacro) -> None:
        """Nothing: the raw tables are where the models will be."""

    def hand_over(self, schema: str, name: str, run_macro: RunMacro) -> None:
        """Nothing: the table is where the models read it."""

    def relation(self, schema: str, name: str) -> str:
        """The table in the attached work database."""
        return f"warehouse.{schema}.{name}"

    def row_counts(self) -> dict[tuple[str, ...], int]:
        """Rows of every table of the closed database."""
        with duckdb.connect(str(self.settings.database), read_only=True) as connection:
            rows = connection.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        return {(schema, table): size for schema, table, size in rows}
