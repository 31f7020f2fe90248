"""What readers cannot do, what shows up nowhere, and what no name can change."""

import contextlib
import gzip
import json
import logging
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

from orchestration import cli
from orchestration.lib import alerts
from orchestration.lib.publishing.candidate import PublishedColumn, PublishedTable
from orchestration.lib.publishing.postgres import publish_to_postgres
from orchestration.lib.publishing.reader import connect
from orchestration.lib.publishing.releases import ReleaseStore
from orchestration.lib.surroundings import told
from orchestration.settings import PROJECT_ROOT, AlertSettings, PostgresSettings
from tests.integration.postgres import free_port
from tests.unit.ingestion.house import KEY
from tests.unit.reliability import figures
from tests.unit.reliability import tiny as tiny_module
from tests.unit.reliability.tiny import (
    PEOPLE,
    THINGS,
    BrokenOffError,
    Tiny,
    break_off,
    first_day,
    stopping,
)

EMAIL = "canary.quill@example.org"
SECRET = "canary-s3cret-t0ken"  # noqa: S105 - what must show up nowhere


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    tiny = Tiny.at(tmp_path_factory.mktemp("published") / "home")
    first_day(tiny)
    tiny.refresh()
    return tiny


PROBES = {
    "read": (
        "from read_csv('/etc/passwd')",
        "from read_text('/etc/passwd')",
        "from read_blob('/etc/passwd')",
        "from '/etc/passwd'",
        "from read_json('{home}/dagster.json')",
        "from read_parquet('{home}/current/parquet/kpi/totals.parquet')",
        "from glob('/etc/*')",
        "from parquet_metadata('{home}/current/parquet/kpi/totals.parquet')",
        "from sniff_csv('/etc/passwd')",
        "copy (select 1 as i) to '/tmp/out.csv'",
    ),
    "write": (
        "delete from kpi.totals",
        "update kpi.totals set things = 0",
        "insert into kpi.totals values (1, 2, 3)",
        "drop table kpi.totals",
        "create table core.mine as select 1",
        "alter table kpi.totals add column x int",
        "comment on table kpi.totals is 'x'",
        "truncate kpi.totals",
        "create view core.v as select 1",
    ),
    "copy out": (
        "copy kpi.totals to '{home}/out.csv'",
        "copy kpi.totals to '{home}/out.parquet'",
        "export database '{home}/out'",
        "copy from database published to other",
    ),
    "attach": (
        "attach '{home}/warehouse.duckdb' as w",
        "attach '{home}/new.duckdb' as w",
        "attach '' as w (type sqlite)",
        "import database '{home}'",
    ),
    "install": (
        "install httpfs",
        "load httpfs",
        "force install httpfs from community",
        "from read_csv('https://example.org/x.csv')",
    ),
    "set": (
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set threads = 1",
        "set allowed_directories = ['/']",
        "set autoinstall_known_extensions = true",
        "set temp_directory = '/tmp'",
        "set secret_directory = '/tmp'",
        "reset enable_external_access",
        "set profiling_output = '{home}/out.json'",
        "pragma profiling_output = '{home}/out.json'",
        "create persistent secret s (type s3, key_id 'x', secret 'y')",
    ),
}


def test_a_reader_can_read_and_nothing_else(published: Tiny) -> None:
    probes = [probe for group in PROBES.values() for probe in group]
    before = published.published()
    with connect(published.home) as connection:
        for probe in probes:
            with pytest.raises(duckdb.Error) as refusal:
                connection.execute(probe.format(home=published.home))
            # An import that is refused leaves its transaction open.
            with contextlib.suppress(duckdb.TransactionException):
                connection.rollback()
            assert not isinstance(refusal.value, duckdb.TransactionException)
        assert connection.execute("select things from kpi.totals").fetchone() == (4,)
    assert published.published() == before
    assert not (published.home / "new.duckdb").exists()
    assert not list(published.home.glob("out*"))
    figures.note("Statements by which a reader tries more than to read", f"{len(probes)} denied")


Provocation = Callable[[Tiny], Any]


def file(name: str, content: str | bytes) -> Provocation:
    """A file that holds the address where it should not, or cannot be read."""

    def put(tiny: Tiny) -> None:
        tiny.put(name, content)
        tiny.ingest()

    return put


def at(point: str) -> Provocation:
    def stop(tiny: Tiny) -> None:
        with stopping(point, 1, break_off), contextlib.suppress(BrokenOffError):
            tiny.refresh()

    return stop


def a_value_that_no_column_takes(tiny: Tiny) -> None:
    """A published column of another type than its values: DuckDB's error quotes one of them."""
    with duckdb.connect(str(tiny.database)) as connection:
        connection.execute(f"create or replace table core.bad as select '{EMAIL}' as x")
    table = PublishedTable("core", "bad", "warehouse.core.bad", "", (PublishedColumn("x", "int"),))
    with told(tiny.home):
        tiny.store.build_candidate(
            [table], as_of=tiny.as_of, code_version="", warehouse=tiny.database
        )


def a_database_that_does_not_answer(tiny: Tiny) -> None:
    dsn = f"postgresql://bi:{SECRET}@127.0.0.1:{free_port()}/kpi"
    with told(tiny.home):
        publish_to_postgres(tiny.store, PostgresSettings(dsn, "kpi_reader"), "100MB")


def lost_alert(way: str, **changed: Any) -> Provocation:
    def send(tiny: Tiny) -> list[str]:
        base = {**vars(tiny.alert_settings()), "ways": (way,), **changed}
        alert = alerts.failed("a test.", None, blocked=False)
        problems = alerts.send([alert], AlertSettings(**base))
        assert problems
        return problems

    return send


def command(*arguments: str, **variables: str) -> Provocation:
    """A command of the command line that ends by telling why it cannot."""

    def run(tiny: Tiny) -> None:
        environment = {
            "WAREHOUSE_HOME": str(tiny.home),
            "WAREHOUSE_SOURCES": str(tiny.home / "company"),
            "WAREHOUSE_HASH_KEY": KEY,
            **variables,
        }
        with mock.patch.dict(os.environ, environment), mock.patch("sys.argv", ["cli", *arguments]):
            assert cli.main() == 1

    return run


def damaged_release(tiny: Tiny) -> None:
    release = tiny.store.releases()[0]
    release.database.chmod(0o644)
    with release.database.open("r+b") as stream:
        stream.write(b"x" * 100)
    command("verify")(tiny)


def damaged_database(tiny: Tiny) -> None:
    content = bytearray(tiny.database.read_bytes())
    content[9000] ^= 255
    tiny.database.write_bytes(content)
    tiny.ingest()


def full_disk(tiny: Tiny) -> None:
    with (
        mock.patch.object(
            ReleaseStore, "_flip", side_effect=OSError(28, "No space left on device")
        ),
        told(tiny.home),
    ):
        tiny.refresh()


PROVOKED: dict[str, Provocation] = {
    "address in a number": file("people_n.csv", PEOPLE + f"1,x,{EMAIL}\n2,y,2\n"),
    "shifted row": file("people_s.csv", PEOPLE + f"{EMAIL},,{EMAIL}\n"),
    "surplus cell": file("people_c.csv", PEOPLE + f"1,{EMAIL},3,{EMAIL}\n"),
    "missing cell": file("people_m.csv", PEOPLE + f"{EMAIL}\n"),
    "unclosed quote": file("people_q.csv", PEOPLE + f'1,"{EMAIL},3\n2,b,4\n'),
    "not utf-8": file("people_u.csv", PEOPLE.encode() + f"1,{EMAIL}\xff,3\n".encode("latin-1")),
    "no header": file("people_h.csv", f"1,{EMAIL},3\n"),
    "address as header": file("people_a.csv", f"person_id,{EMAIL},age\n1,x,3\n"),
    "nul byte": file("people_0.csv", PEOPLE.encode() + f"1,{EMAIL}\0,3\n".encode()),
    "key twice": file("people_k.csv", PEOPLE + f"1,{EMAIL},3\n1,{EMAIL},4\n"),
    "no key": file("people_e.csv", PEOPLE + f",{EMAIL},3\n"),
    "cut gzip": file("things_z.csv", gzip.compress(f"{THINGS}1,{EMAIL},1\n".encode())[:-9]),
    "address in an amount": file("things_a.csv", THINGS + f"1,a,{EMAIL}\n2,b,1\n3,c,2\n"),
    "other columns": file("things_o.csv", f"x,y\n{EMAIL},1\n"),
    "manifest": file("things_m.csv.manifest.json", json.dumps({"rows": EMAIL})),
    "empty": file("things_empty.csv", ""),
    "column without a type": a_value_that_no_column_takes,
    "no answer": a_database_that_does_not_answer,
    "webhook": lost_alert("webhook", webhook=f"http://127.0.0.1:9/{SECRET}"),
    "mail": lost_alert(
        "email",
        smtp_host="127.0.0.1",
        smtp_port=9,
        smtp_user="u",
        smtp_password=SECRET,
        sender="a@b.c",
        recipients=(EMAIL,),
    ),
    "no such release": command("rollback", "--to", "x"),
    "no address": command("forget", "--email", "nobody"),
    "unknown release": command("verify", "--release", "x"),
    "another key": command("rebuild", WAREHOUSE_HASH_KEY="", WAREHOUSE_SOURCES="/nowhere"),
    "bad webhook": command("refresh", WAREHOUSE_ALERT_WEBHOOK=SECRET, WAREHOUSE_AS_OF="x"),
    "stopped in the archive": at("archive part written"),
    "stopped before a commit": at("journal written"),
    "stopped in a release": at("table copied"),
    "full disk": full_disk,
    "damaged database": damaged_database,
    "damaged release": damaged_release,
}


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Whatever errors said, with what they came from."""
    collected: list[str] = []
    caplog.set_level(logging.DEBUG)
    yield collected


def chain(error: BaseException | None) -> Iterator[str]:
    """An error's text, and those of what it came from as far as a traceback would show them."""
    while error is not None:
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def stored(tiny: Tiny) -> Iterator[tuple[str, str]]:
    """Every text of every table of every database below the home."""
    for path in tiny.home.rglob("*.duckdb"):
        try:
            connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error:
            continue
        with connection:
            columns = connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() "
                "where not internal and data_type = 'VARCHAR' and table_name <> 'bad'"
            ).fetchall()
            for schema, table, column in columns:
                found = connection.execute(
                    f'select "{column}" from "{schema}"."{table}" where "{column}" is not null'
                ).fetchall()
                for (text,) in found:
                    yield f"{path.name}: {schema}.{table}.{column}", str(text)


def test_what_must_not_show_up_shows_up_nowhere(
    tmp_path: Path,
    said: list[str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    tiny = Tiny.at(tmp_path / "home")
    first_day(tiny)
    tiny.put("people_9.csv", PEOPLE + f"9,{EMAIL},30\n{EMAIL},,31\n")
    tiny.put("things_9.csv", THINGS + f"{EMAIL},sent to {EMAIL},1\n")
    tiny.tables["people"] |= {"tolerance": 0.6}
    tiny.refresh()
    tiny.refresh()
    for name, provoke in PROVOKED.items():
        try:
            result = provoke(tiny)
            said += [str(one) for one in result or []]
        except AssertionError:
            raise
        except Exception as error:
            said += [f"{name}: {text}" for text in chain(error)]
        if tiny.database.exists():
            with contextlib.suppress(duckdb.Error):
                said += [str(row) for row in tiny.query("select reason from ops.ledger")]
    assert len(PROVOKED) >= 30

    shown = "\n".join([*said, caplog.text, *capfd.readouterr()])
    needles = (EMAIL, EMAIL.upper(), EMAIL.split("@", maxsplit=1)[0], SECRET)
    for needle in needles:
        assert needle not in shown, [line for line in shown.splitlines() if needle in line]
    # Archive and refused files keep the delivered bytes; landing is the sources' own.
    private = [tiny.home / name for name in ("landing", "archive", "quarantine")]
    for path in tiny.home.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(place) for place in private):
            content = path.read_bytes()
            if path.suffix == ".duckdb" and b"bad" in content:
                continue
            for needle in needles:
                assert needle.encode() not in content, (path, needle)
    texts = list(stored(tiny))
    assert texts
    for place, text in texts:
        for needle in needles:
            assert needle not in text, place
    figures.note(
        "Failures provoked with a canary address and a canary secret",
        f"{len(PROVOKED)}; found in no file, log, message, table or release "
        "(archive and refused files keep what was delivered)",
    )


HOSTILE = (
    "'; drop table raw.people; --",
    '"; drop table raw.people; --',
    "$$; drop table raw.people; $$",
    "{{ 1 / 0 }}",
    "%s%n",
    "a*b?[c]",
    "\\'; drop",
    "x/*",
    "é\u202e\u200b",
)


def test_no_name_changes_a_statement(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    first_day(tiny)
    tiny.refresh()
    people = tiny.query("select count(*) from raw.people")
    for number, name in enumerate(HOSTILE):
        quoted = '"' + name.replace('"', '""') + '"'
        rows = f"h{number},{quoted},1\n"
        header = f"thing_id,label,amount,{quoted}\n"
        tiny.put(f"things {name.replace('/', '_')}.csv", header + rows.replace("\n", ",x\n"))
    report = tiny.ingest()
    assert [o.status for o in report.outcomes if o.file_name.startswith("things ")] == [
        "loaded"
    ] * len(HOSTILE)
    tiny.publish()
    assert tiny.query("select count(*) from raw.people") == people
    labels = tiny.query("select label from raw.things where thing_id like 'h%' order by thing_id")
    assert [label for (label,) in labels] == list(HOSTILE)
    with connect(tiny.home) as connection:
        found = connection.execute(
            "select label from core.things where thing_id like 'h%' order by thing_id"
        ).fetchall()
    assert [label for (label,) in found] == list(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_of_a_table_or_column_changes_a_statement(name: str, tmp_path: Path) -> None:
    """Names come from dbt's manifest; whatever they are, they stay names."""
    warehouse = tmp_path / "warehouse.duckdb"
    quoted = '"' + name.replace('"', '""') + '"'
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema raw; create table raw.people as select 1 as i")
        connection.execute(f"create table {quoted} as select 1 as {quoted}")
    store = ReleaseStore(tmp_path / "home")
    table = PublishedTable(
        "core", name, f"warehouse.{quoted}", name, (PublishedColumn(name, "int", name),)
    )
    candidate = store.build_candidate(
        [table], as_of=tiny_module.START, code_version="", warehouse=warehouse
    )
    assert [(one.table, one.rows) for one in candidate.manifest.tables] == [(f"core.{name}", 1)]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.people").fetchone() == (1,)


def test_the_audit_of_dependencies_is_given_every_lock(tmp_path: Path) -> None:
    locks = sorted(path.name for path in PROJECT_ROOT.glob("*.lock"))
    assert locks == ["requirements-spark.lock", "requirements.lock"]
    for name in ("Makefile", *locks):
        (tmp_path / name).write_text((PROJECT_ROOT / name).read_text())
    uv = tmp_path / ".uv" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text('#!/bin/sh\necho "$@" >given\necho "No known vulnerabilities found" >&2\n')
    uv.chmod(0o755)
    subprocess.run(["make", "audit"], cwd=tmp_path, check=True, capture_output=True)
    given = (tmp_path / "given").read_text().split()
    assert "--require-hashes" in given
    assert sorted(file for flag, file in pairwise(given) if flag == "-r") == locks


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-spark.lock"])
def test_every_dependency_is_locked_with_hashes(lock: str) -> None:
    text = (PROJECT_ROOT / lock).read_text()
    packages = re.split(r"(?m)^(?=[a-zA-Z0-9])", text)[1:]
    assert len(packages) > 100
    for package in packages:
        assert re.match(r"[\w.\-]+(\[[\w,]+\])?==\S+", package), package[:60]
        assert "--hash=sha256:" in package, package[:60]
    assert not re.search(r"https?://", text)
