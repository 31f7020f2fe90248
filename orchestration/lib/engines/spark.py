"""Apache Spark: the models are built on a cluster, or on this machine in local mode.

Raw tables reach Spark as Parquet files that DuckDB writes from the work database; every table that
Spark builds is Parquet too, so a release is read from those files without another copy. All of it
lies below one directory, which can be deleted: the next build starts from the raw tables.

    raw/<schema>/<table>/   the raw tables, written anew before each build, and the derived ones
    tables/<schema>/        the built tables
    catalog/                the catalogue of both (Derby), in local mode
"""

import importlib.util
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.lib import catalog, homes
from orchestration.lib.contract import OPS_SCHEMA, RAW_SCHEMA
from orchestration.lib.engines import Engine, RunMacro
from orchestration.lib.ingestion import sql
from orchestration.lib.steps.plan import DERIVED_SCHEMA
from orchestration.settings import SettingError, Settings, SparkSettings, load_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANSI_MODE = "spark.sql.ansi.enabled"
# The schemas of the work database that models read.
HANDED_OVER = (RAW_SCHEMA, OPS_SCHEMA, DERIVED_SCHEMA)
# Bytes of Java's own lines after which a new file begins.
_LARGE_LOG = 10_000_000
# Patterns of names, lists of directories, Derby's and Java's settings, ends of texts.
MORE_THAN_A_NAME = "*?[]{}\\,;\"'"
# Without its web page nobody looks at past queries, yet Spark describes each at length and keeps
# the last thousand with their plans, jobs and tasks in memory.
NO_WEB_PAGE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.retainedJobs": "10",
    "spark.ui.retainedStages": "10",
    "spark.ui.retainedTasks": "10",
    "spark.sql.ui.retainedExecutions": "5",
    "spark.sql.ui.explainMode": "simple",
}


@dataclass(frozen=True)
class SparkEngine(Engine):
    """Spark through dbt-spark: a session of this process, or a Thrift server that has its own."""

    settings: Settings
    spark: SparkSettings
    directory: Path

    @classmethod
    def open(cls, settings: Settings, directory: Path) -> "SparkEngine":
        """Reads Spark's own settings; raises `SettingError` where Spark cannot run here."""
        spark = load_spark()
        check_installed(spark)
        check_place("WAREHOUSE_HOME", settings.home)
        if spark.directory:
            check_place("WAREHOUSE_SPARK_DIRECTORY", spark.directory)
        return cls(settings, spark, spark.directory or directory)

    @property
    def dbt_environment(self) -> Mapping[str, str]:
        """How dbt connects, and how finely Spark cuts its work."""
        return {
            "WAREHOUSE_SPARK_METHOD": self.spark.method,
            "WAREHOUSE_SPARK_HOST": self.spark.host,
            "WAREHOUSE_SPARK_PORT": str(self.spark.port),
            "WAREHOUSE_SPARK_USER": self.spark.user,
            "WAREHOUSE_SPARK_PARTITIONS": str(self.spark.partitions),
            "WAREHOUSE_THREADS": str(self.settings.threads),
        }

    @contextmanager
    def session(self) -> Iterator[None]:
        """One Spark session for everything dbt runs inside it; none where a server has one."""
        with self._shared():
            self._forget_another_place()
        if self.spark.method != "session":
            yield
            return
        self.settings.logs.mkdir(parents=True, exist_ok=True)
        with _output_to(self.settings.logs / "spark.log"):
            from py4j.protocol import Py4JError
            from pyspark.logger import PySparkLogger
            from pyspark.sql import SparkSession

            # It would print each failed query with its whole stack; dbt's log has them.
            PySparkLogger.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
            builder = SparkSession.builder.enableHiveSupport()
            for name, value in self._session_settings().items():
                builder = builder.config(name, value)
            # What an earlier build left there, above all one that was killed.
            shutil.rmtree(self._spill, ignore_errors=True)
            self._spill.mkdir(parents=True)
            try:
                session = builder.getOrCreate()
            except Exception as error:
                _end_java()
                raise SettingError(_not_started(self.settings)) from error
        try:
            self._remove_unfinished(session)
            yield
        finally:
            # Where Java has died nothing answers; what was told first is the error to look at.
            with suppress(OSError, Py4JError):
                session.stop()
            _end_java()

    @contextmanager
    def connections(self) -> Iterator[None]:
        """Keeps Spark strict while dbt runs.

        dbt-spark switches ANSI mode off, and with it a failed cast becomes a null and an overflow
        another number, both without a word. Here they are errors, as they are on DuckDB.
        """
        from dbt.adapters.factory import reset_adapters
        from dbt.adapters.spark.connections import SparkCredentials

        set_defaults = SparkCredentials.__post_init__

        def stay_strict(credentials: SparkCredentials) -> None:
            set_defaults(credentials)
            credentials.server_side_parameters[ANSI_MODE] = "true"

        SparkCredentials.__post_init__ = stay_strict
        try:
            yield
        finally:
            SparkCredentials.__post_init__ = set_defaults
            reset_adapters()

    def prepare(self, schemas: Iterable[str], run_macro: RunMacro) -> None:
        """Writes raw and derived tables as Parquet and registers them; creates the schemas."""
        run_macro(
            "register_tables",
            {
                "schemas": {
                    schema: str(self.directory / "tables" / schema)
                    for schema in sorted({*schemas, *HANDED_OVER})
                },
                "tables": self._export(HANDED_OVER),
            },
        )

    def hand_over(self, schema: str, name: str, run_macro: RunMacro) -> None:
        """Writes the table as Parquet, as the raw tables were, and registers it anew."""
        run_macro("register_tables", {"schemas": {}, "tables": self._export((schema,), name)})

    def relation(self, schema: str, name: str) -> str:
        """The table's Parquet files."""
        files = self.directory / "tables" / schema / name / "*.parquet"
        return f"read_parquet({sql.literal(str(files))})"

    def row_counts(self) -> dict[tuple[str, ...], int]:
        """Rows of every built table, from the footers of its files."""
        files = self.directory / "tables" / "*" / "*" / "*.parquet"
        if not any((self.directory / "tables").glob("*/*/*.parquet")):
            return {}
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select file_name, num_rows from parquet_file_metadata(?)", [str(files)]
            ).fetchall()
        counts: dict[tuple[str, ...], int] = {}
        for file, count in rows:
            key = Path(file).parts[-3:-1]
            counts[key] = counts.get(key, 0) + count
        return counts

    @property
    def _spill(self) -> Path:
        """Where Spark on this machine puts what it sorts and shuffles, values of rows included."""
        return self.settings.spill / "spark"

    def _session_settings(self) -> dict[str, str]:
        """What a session is started with; a user's own file of settings wins."""
        catalog = self.directory / "catalog"
        return {
            "spark.app.name": "kpi-warehouse",
            "spark.master": self.spark.master,
            "spark.driver.memory": _java_memory(self.settings.memory_limit),
            "spark.sql.warehouse.dir": str(self.directory / "tables"),
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={catalog};create=true"
            ),
            "spark.driver.defaultJavaOptions": (
                # Quoted: a home's path may have blanks.
                f'-Duser.timezone=UTC -Dderby.stream.error.file="{self.settings.logs}/derby.log"'
                # Each session leaves a folder of Hive's behind.
                f' -Djava.io.tmpdir="{self._spill}"'
            ),
            # Workers elsewhere have their own; for them this would be a path of another machine.
            **(
                {"spark.local.dir": str(self._spill)}
                if self.spark.master.startswith("local")
                else {}
            ),
            **NO_WEB_PAGE,
            "spark.log.level": "ERROR",
            **self.spark.session_settings,
        }

    def _shared(self) -> AbstractContextManager[None]:
        """A server of another user may read the directory that somebody chose for both."""
        return homes.open_as_started() if self.spark.directory else nullcontext()

    def _forget_another_place(self) -> None:
        """Starts anew where the directory was moved: the catalogue holds absolute paths."""
        place = self.directory / "place.txt"
        if place.is_file() and place.read_text() == str(self.directory):
            return
        for name in ("raw", "tables", "catalog"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        place.write_text(str(self.directory))

    def _remove_unfinished(self, session: "SparkSession") -> None:
        """Deletes files of tables that a killed build began: Spark writes over none."""
        for schema in session.sql("show schemas").collect():
            tables = session.sql(f"show tables in {schema.namespace}").collect()
            finished = {table.tableName for table in tables}
            for folder in (self.directory / "tables" / schema.namespace).glob("*"):
                if folder.name not in finished:
                    shutil.rmtree(folder)

    def _export(self, schemas: tuple[str, ...], table: str | None = None) -> dict[str, str]:
        """Writes the work database's tables of these schemas; gives the folder of each by name."""
        exported = {}
        with (
            self._shared(),
            duckdb.connect(
                str(self.settings.database), read_only=True, config={**self.settings.limits}
            ) as connection,
        ):
            for schema, name, columns in _tables_to_export(connection, schemas):
                if table not in (None, name):
                    continue
                folder = self.directory / "raw" / schema / name
                folder.mkdir(parents=True, exist_ok=True)
                file = sql.literal(str(folder / "all.parquet"))
                connection.execute(
                    f"copy (select {', '.join(columns)} from {schema}.{name}) to {file}"
                    " (format parquet, compression zstd)"
                )
                exported[f"{schema}.{name}"] = str(folder)
        return exported


def check_installed(spark: SparkSettings) -> None:
    """Raises `SettingError` where dbt-spark, pyspark or Java is missing."""
    for package in ("dbt.adapters.spark", *(["pyspark"] if spark.method == "session" else [])):
        if importlib.util.find_spec(package) is None:
            raise SettingError(
                f"WAREHOUSE_ENGINE='spark': the Python package {package} is not installed;"
                " run `make spark`."
            )
    if spark.method == "session" and _java(spark) is None:
        raise SettingError(
            "WAREHOUSE_ENGINE='spark': no Java was found; install Java 17 (Debian:"
            " openjdk-17-jre-headless), or set JAVA_HOME to where it is."
        )


def check_place(variable: str, place: Path) -> None:
    """Raises `SettingError` for a directory whose name is more than a name to Spark or Java.

    Of a pattern Spark would read the tables of every directory that it matches, and what it spills
    would lie behind a comma, wherever the process was started.
    """
    odd = next((sign for sign in str(place) if sign in MORE_THAN_A_NAME), None)
    if odd is not None:
        raise SettingError(
            f"WAREHOUSE_ENGINE='spark': {variable}: {place} holds {odd!r}, which Spark takes for "
            "more than a part of the name; choose another directory."
        )


def _java(spark: SparkSettings) -> str | None:
    """The Java program that Spark would start, or None."""
    return shutil.which("java", path=str(spark.java_home / "bin") if spark.java_home else None)


def _tables_to_export(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...]
) -> list[tuple[str, str, list[str]]]:
    """Schema, name and select list of every table; naive instants are marked as UTC."""

    def selected(column: str, data_type: str) -> str:
        name = sql.identifier(column)
        return f"timezone('UTC', {name}) as {name}" if data_type == "timestamp" else name

    return [
        (schema, table, [selected(*column) for column in columns.items()])
        for (schema, table), columns in catalog.columns(connection).items()
        if schema in schemas
    ]


def _java_memory(limit: str) -> str:
    """DuckDB's way to write an amount of memory ("1.5GB") as Java's, in whole kilobytes."""
    match = re.fullmatch(r"([0-9]+(?:[.][0-9]+)?)\s*([KMGT])(?:i?B)?", limit, re.IGNORECASE)
    if match is None:
        raise SettingError(
            f"WAREHOUSE_MEMORY_LIMIT={limit!r} is no size of memory; write it like 2GB or 800MB."
        )
    return f"{int(Decimal(match.group(1)) * 1024 ** 'KMGT'.index(match.group(2).upper()))}k"


def _end_java() -> None:
    """Ends the Java process: until then it holds the catalogue's lock."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        with suppress(OSError):
            gateway.proc.stdin.close()
        gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None


def _not_started(settings: Settings) -> str:
    """What to do where Spark did not start; why it did not is known to Java alone."""
    return (
        f"Spark did not start. The last lines of {settings.logs / 'spark.log'} say why; look at "
        f"WAREHOUSE_MEMORY_LIMIT, {settings.memory_limit}, and at WAREHOUSE_SPARK_CONF and "
        "WAREHOUSE_SPARK_MASTER if they are set."
    )


@contextmanager
def _output_to(file: Path) -> Iterator[None]:
    """Sends what this process and those it starts write to its console into a file.

    Java inherits the console when it starts, so its own lines stay in the file afterwards. A file
    that has grown large makes room: one before it is kept, as `.1`.
    """
    if file.exists() and file.stat().st_size > _LARGE_LOG:
        file.replace(file.with_name(f"{file.name}.1"))
    console = os.dup(1), os.dup(2)
    with file.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        for target, saved in zip((1, 2), console, strict=True):
            os.dup2(saved, target)
            os.close(saved)
