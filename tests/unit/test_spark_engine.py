"""Spark's settings, and what is said where Spark cannot run; no Spark is started here."""

import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration import settings
from orchestration.lib import dbt
from orchestration.lib.engines import open_engine, spark
from orchestration.lib.engines.spark import SparkEngine


@pytest.fixture
def engine(tmp_path: Path) -> SparkEngine:
    home = replace(settings.load(), home=tmp_path, engine="spark")
    return SparkEngine(home, settings.load_spark(), tmp_path / "spark")


def test_defaults_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("METHOD", "MASTER", "HOST", "PORT", "USER", "DIRECTORY", "PARTITIONS", "CONF"):
        monkeypatch.delenv(f"WAREHOUSE_SPARK_{name}", raising=False)
    found = settings.load_spark()
    assert (found.method, found.master, found.directory) == ("session", "local[*]", None)
    assert (found.partitions, found.session_settings) == (2, {})


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("WAREHOUSE_SPARK_METHOD", "connect", "'connect' is not one of session, thrift"),
        ("WAREHOUSE_SPARK_PORT", "ten", "'ten' is not a whole number"),
        ("WAREHOUSE_SPARK_PARTITIONS", "0", "'0' is not a whole number"),
        ("WAREHOUSE_SPARK_CONF", "/nowhere/spark.conf", "/nowhere/spark.conf is not a file"),
    ],
)
def test_a_value_it_cannot_use_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(settings.SettingError, match=message):
        settings.load_spark()


def test_a_file_of_settings_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "spark.conf"
    file.write_text("# Why.\nspark.executor.memory   8g\n\nspark.x  two words \n")
    monkeypatch.setenv("WAREHOUSE_SPARK_CONF", str(file))
    assert settings.load_spark().session_settings == {
        "spark.executor.memory": "8g",
        "spark.x": "two words",
    }


def test_a_setting_without_a_value_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "spark.conf"
    file.write_text("spark.executor.memory\n")
    monkeypatch.setenv("WAREHOUSE_SPARK_CONF", str(file))
    with pytest.raises(settings.SettingError, match=r"'spark\.executor\.memory' has no value"):
        settings.load_spark()


@pytest.mark.parametrize(
    ("limit", "java"),
    [
        ("800kb", "800k"),
        ("512 MiB", "524288k"),
        ("1.5GB", "1572864k"),
        ("4g", "4194304k"),
        ("1tb", "1073741824k"),
    ],
)
def test_memory_is_written_as_java_reads_it(limit: str, java: str) -> None:
    assert spark._java_memory(limit) == java


def test_memory_that_java_cannot_read_is_refused() -> None:
    with pytest.raises(settings.SettingError, match="'80%' is no size of memory"):
        spark._java_memory("80%")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(settings.SettingError, match="run `make spark`"):
        open_engine(replace(settings.load(), engine="spark"), tmp_path)


def test_a_missing_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(settings.SettingError, match="install Java 17"):
        spark.check_installed(settings.load_spark())


@pytest.mark.parametrize(
    ("variable", "sign"),
    [
        *(("WAREHOUSE_HOME", sign) for sign in '*?[]{}\\,;"'),
        *(("WAREHOUSE_SPARK_DIRECTORY", sign) for sign in "[,'"),
    ],
)
def test_a_directory_that_spark_would_take_for_a_pattern_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, sign: str
) -> None:
    monkeypatch.setattr(spark, "check_installed", lambda _: None)
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "50% of Größe"))
    monkeypatch.setenv(variable, str(tmp_path / f"a{sign}b"))
    with pytest.raises(settings.SettingError) as told:
        open_engine(replace(settings.load(), engine="spark"), tmp_path)
    assert f"{variable}: {tmp_path}/a{sign}b holds {sign!r}" in str(told.value)


def test_raw_tables_are_written_with_instants_in_utc(engine: SparkEngine) -> None:
    with duckdb.connect(str(engine.settings.database)) as connection:
        connection.execute("create schema raw")
        connection.execute("create schema staging")
        connection.execute(
            "create table raw.t as select 'é' as name, 1.5::decimal(18, 4) as amount,"
            " timestamp '2026-07-01 10:00:00' as sent_at, date '2026-07-01' as day"
        )
        connection.execute("create table staging.u as select 1 as x")
    asked = {}
    engine.prepare(["core"], lambda name, arguments: asked.update({name: arguments}))
    tables = engine.directory / "tables"
    assert asked == {
        "register_tables": {
            "schemas": {name: str(tables / name) for name in ("core", "derived", "ops", "raw")},
            "tables": {"raw.t": str(engine.directory / "raw" / "raw" / "t")},
        }
    }
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        files = f"'{engine.directory}/raw/raw/t/*.parquet'"
        types = {row[0]: row[1] for row in connection.execute(f"describe from {files}").fetchall()}
        instant = connection.execute(f"select epoch(sent_at) from {files}").fetchone()
    assert types == {
        "name": "VARCHAR",
        "amount": "DECIMAL(18,4)",
        "sent_at": "TIMESTAMP WITH TIME ZONE",
        "day": "DATE",
    }
    assert instant == (1782900000.0,)


def test_a_derived_table_is_written_and_registered_alone(engine: SparkEngine) -> None:
    with duckdb.connect(str(engine.settings.database)) as connection:
        for schema in ("raw", "derived"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table raw.t as select 1 as x")
        connection.execute("create table derived.t as select timestamp '2026-07-01' as seen_at")
        connection.execute("create table derived.u as select 1 as x")
    asked = []
    engine.hand_over("derived", "t", lambda name, arguments: asked.append((name, arguments)))
    folder = engine.directory / "raw" / "derived" / "t"
    assert asked == [("register_tables", {"schemas": {}, "tables": {"derived.t": str(folder)}})]
    assert [path.name for path in engine.directory.rglob("*.parquet")] == ["all.parquet"]
    with duckdb.connect() as connection:
        instant = connection.execute(f"select epoch(seen_at) from '{folder}/*.parquet'").fetchone()
    assert instant == (1782864000.0,)


def test_rows_are_counted_over_all_files_of_a_table(engine: SparkEngine) -> None:
    assert engine.row_counts() == {}
    folder = engine.directory / "tables" / "core" / "t"
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        for part, rows in enumerate((2, 0, 3)):
            connection.execute(f"copy (from range({rows})) to '{folder}/part-{part}.parquet'")
        read = connection.execute(f"select count(*) from {engine.relation('core', 't')}")
        assert read.fetchone() == (5,)
    assert engine.row_counts() == {("core", "t"): 5}


def test_what_spark_spills_lies_in_the_home(engine: SparkEngine) -> None:
    spill = engine.settings.spill / "spark"
    found = engine._session_settings()
    assert found["spark.local.dir"] == str(spill)
    assert f'-Djava.io.tmpdir="{spill}"' in found["spark.driver.defaultJavaOptions"]
    cluster = replace(engine, spark=replace(engine.spark, master="spark://host:7077"))
    assert "spark.local.dir" not in cluster._session_settings()


def test_what_an_earlier_build_spilled_is_deleted(
    engine: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = engine.settings.spill / "spark" / "blockmgr-1" / "shuffle"
    left.parent.mkdir(parents=True)
    left.touch()
    starts(monkeypatch, Session())
    with engine.session():
        assert list((engine.settings.spill / "spark").iterdir()) == []


def test_a_spark_that_does_not_start_is_told_with_its_log(
    engine: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts(monkeypatch, RuntimeError("Java gateway process exited"))
    with (
        pytest.raises(settings.SettingError, match=r"logs/spark\.log say why.*MEMORY_LIMIT, 2GB"),
        engine.session(),
    ):
        pass


def test_a_java_that_died_does_not_hide_what_failed(
    engine: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts(monkeypatch, Session())
    with pytest.raises(dbt.DbtError, match="a model failed"), engine.session():
        raise dbt.DbtError("a model failed")


class Session:
    """A Spark session without tables, whose Java is gone when it is to stop."""

    def sql(self, _query: str) -> "Session":
        return self

    def collect(self) -> list[object]:
        return []

    def stop(self) -> None:
        raise ConnectionRefusedError(111, "Connection refused")


def starts(monkeypatch: pytest.MonkeyPatch, outcome: Session | Exception) -> None:
    """Lets Spark start with that session, or fail so."""
    pyspark = pytest.importorskip("pyspark.sql")

    def get_or_create(_builder: object) -> Session:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(pyspark.SparkSession.Builder, "getOrCreate", get_or_create)


def test_a_large_log_of_java_makes_room_and_is_kept_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spark, "_LARGE_LOG", 5)
    log = tmp_path / "spark.log"
    for line in ("first", "second", "third", "4"):
        with spark._output_to(log):
            os.write(1, line.encode())
    assert log.read_text() == "third4"
    assert (tmp_path / "spark.log.1").read_text() == "firstsecond"
