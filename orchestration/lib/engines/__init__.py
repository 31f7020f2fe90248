"""Where the models are computed: one interface, one module per engine.

Raw tables are always loaded into `warehouse.duckdb`, and a release is always written by DuckDB.
An engine is what lies between: it takes the raw tables over, lets dbt build the models, and says
where the release finds the published ones. Nothing outside this package asks which engine it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from orchestration.settings import Settings

# Runs one macro of the dbt project with these arguments.
RunMacro = Callable[[str, Mapping[str, object]], None]


class Engine(ABC):
    """What dbt's models run on."""

    settings: Settings

    @property
    @abstractmethod
    def dbt_environment(self) -> Mapping[str, str]:
        """The environment variables that dbt's profile of this engine reads."""

    @abstractmethod
    def session(self) -> AbstractContextManager[None]:
        """Holds what must run while models are built, and ends it; parsing needs none of it."""

    @abstractmethod
    def connections(self) -> AbstractContextManager[None]:
        """Lets one dbt command connect, and gives up every connection after it."""

    @abstractmethod
    def prepare(self, schemas: Iterable[str], run_macro: RunMacro) -> None:
        """Makes the raw tables readable and `schemas` writable, inside a `session`."""

    @abstractmethod
    def hand_over(self, schema: str, name: str, run_macro: RunMacro) -> None:
        """Makes a table readable that was written into the work database since `prepare`."""

    @abstractmethod
    def relation(self, schema: str, name: str) -> str:
        """A built table as DuckDB reads it, the work database being attached as `warehouse`."""

    @abstractmethod
    def row_counts(self) -> dict[tuple[str, ...], int]:
        """Rows of every built table by schema and name; to be asked outside a `session`."""


def open_engine(settings: Settings, directory: Path) -> Engine:
    """The engine that the settings name; `directory` is its own, for what it derives.

    Raises `SettingError` with the remedy where something that it needs is not installed.
    """
    if settings.engine == "spark":
        from orchestration.lib.engines.spark import SparkEngine

        return SparkEngine.open(settings, directory)
    from orchestration.lib.engines.duckdb import DuckDbEngine

    return DuckDbEngine(settings)
