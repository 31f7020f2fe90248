"""PostgreSQL and SQLite, real ones: batches that lose nothing, come once and tell no secret."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.ingestion import transient
from orchestration.lib.ingestion.report import FileOutcome
from tests.integration.postgres import PASSWORD, Server, free_port
from tests.unit.ingestion.house import House

NAME = "WAREHOUSE_TEST_DSN"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transient, "PAUSES", (0.0, 0.0))


SEEDED = """
    drop schema if exists crm cascade;
    create schema crm;
    create table crm.things (
        id bigint primary key, "Le label" text, amount numeric, is_open boolean, due date,
        updated_at timestamptz
    );
    insert into crm.things values
        (1, 'a', 12345678901234.5678, true, '2025-12-31', '2026-01-01 00:00:00.5+00'),
        (9007199254740993, 'b;"c"', 0.10, false, null, '2026-01-01 06:00:00+01'),
        (3, '', null, null, null, '2025-12-01 00:00:00+00');
"""
COLUMNS = {"thing_id": "id", "label": "Le label", "due_on": "due", "changed_at": "updated_at"}


def house_of(root: Path, load: str = "upsert", **location: Any) -> House:
    place = {"database": "postgres", "connection_env": NAME, "table": "crm.things", **location}
    table = {"location": place, "load": load, "columns": COLUMNS}
    # The notation of the source's files says nothing about its database.
    return House(root, {"things": table}, {"decimal_separator": ",", "date_format": "%d/%m/%Y"})


@pytest.fixture
def crm(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    server.execute(SEEDED)
    monkeypatch.setenv(NAME, server.dsn)
    return server


CHANGES = {"cursor": "updated_at", "look_back": "2 days"}


def once(house: House) -> FileOutcome:
    (outcome,) = house.load().outcomes
    return outcome


def rows(house: House) -> list[tuple[Any, ...]]:
    return house.query(
        "select thing_id, label, amount, is_open, due_on::varchar, changed_at::varchar "
        "from raw.things order by changed_at, thing_id"
    )


ALL_ROWS = [
    ("3", None, None, None, None, "2025-12-01 00:00:00"),
    ("1", "a", Decimal("12345678901234.5678"), True, "2025-12-31", "2026-01-01 00:00:00.5"),
    ("9007199254740993", 'b;"c"', Decimal("0.1"), False, None, "2026-01-01 05:00:00"),
]


def test_every_value_arrives_whatever_the_server_is_set_to(crm: Server, tmp_path: Path) -> None:
    house = house_of(tmp_path)
    outcome = once(house)
    assert (outcome.status, outcome.rows_read, outcome.rows_loaded) == ("loaded", 3, 3)
    assert outcome.file_name == "postgres:crm.things/000001.parquet"
    assert rows(house) == ALL_ROWS


def test_the_same_rows_again_are_no_batch(crm: Server, tmp_path: Path) -> None:
    house = house_of(tmp_path, load="snapshot")
    once(house)
    crm.execute("update crm.things set due = due; vacuum full crm.things;")
    assert once(house).status == "already_loaded"
    assert house.query("select count(*) from ops.ledger") == [(1,)]


def test_a_snapshot_replaces_the_last_one(crm: Server, tmp_path: Path) -> None:
    house = house_of(tmp_path, load="snapshot")
    once(house)
    crm.execute("delete from crm.things where id <> 3")
    assert once(house).rows_loaded == 1
    assert rows(house) == ALL_ROWS[:1]


def test_only_what_changed_is_read_again(crm: Server, tmp_path: Path) -> None:
    house = house_of(tmp_path, **CHANGES)
    assert once(house).file_name.endswith("/000001_until_20260101T050000000000.parquet")
    # Two days back: the row of December is not read again.
    again = once(house)
    assert (again.rows_read, again.rows_loaded, again.rows_repeated) == (2, 0, 2)
    for _ in range(2):
        assert once(house).status == "already_loaded"
    crm.execute(
        """
        insert into crm.things values
            (4, 'new', 1, true, null, '2026-01-02 00:00:00+00'),
            (5, 'late', 1, true, null, '2025-12-30 12:00:00+00'),
            (6, 'without a date', 1, true, null, null);
        update crm.things set amount = 2, updated_at = '2026-01-02 01:00:00+00' where id = 1;
        """
    )
    third = once(house)
    assert (third.rows_read, third.rows_loaded, third.rows_repeated) == (5, 4, 1)
    assert third.file_name.endswith("/000003_until_20260102T010000000000.parquet")
    assert house.query("select amount from raw.things where thing_id = '1' order by 1") == [
        (Decimal(2),),
        (Decimal("12345678901234.5678"),),
    ]
    assert house.query("select sum(rows_loaded) from ops.ledger") == [(7,)]


def test_a_row_from_the_future_hides_no_other(crm: Server, tmp_path: Path) -> None:
    crm.execute("update crm.things set updated_at = '2099-01-01' where id = 1")
    house = house_of(tmp_path, cursor="updated_at")
    # The refresh's clock stands at 2026-01-02 03:04:05.
    assert "_until_20260102T030405" in once(house).file_name
    crm.execute("insert into crm.things values (7, 'x', 1, true, null, '2026-01-02 04:00+00')")
    once(house)
    assert house.query("select count(*) from raw.things where thing_id = '7'") == [(1,)]


def test_an_hour_that_comes_twice_hides_no_row(crm: Server, tmp_path: Path) -> None:
    """A cursor of local time goes back in autumn; without a look-back the second hour was lost."""
    crm.execute(
        "alter table crm.things alter updated_at type timestamp;"
        "update crm.things set updated_at = '2025-10-26 02:50'"
    )
    house = house_of(tmp_path, cursor="updated_at")
    house.defaults["timezone"] = "Europe/Paris"
    assert once(house).rows_loaded == 3
    crm.execute("insert into crm.things values (7, 'x', 1, true, null, '2025-10-26 02:10')")
    assert once(house).rows_loaded == 1


@pytest.mark.parametrize(("cursor", "rows_read"), [("id", 2), ("number", 3)])
def test_a_cursor_of_numbers(crm: Server, tmp_path: Path, cursor: str, rows_read: int) -> None:
    crm.execute("alter table crm.things add number integer; update crm.things set number = id % 10")
    house = house_of(tmp_path, cursor=cursor, look_back=1)
    first = once(house)
    assert first.rows_loaded == 3
    # A column that is the cursor alone is not said to be ignored.
    assert first.ignored_columns == (("number",) if cursor == "id" else ())
    crm.execute("insert into crm.things values (9007199254740999, 'x', 1, null, null, null, 11)")
    again = once(house)
    assert (again.rows_read, again.rows_loaded) == (rows_read, 1)


def test_leaving_the_cursor_out_once_reads_everything_anew(crm: Server, tmp_path: Path) -> None:
    house = house_of(tmp_path, cursor="updated_at")
    once(house)
    crm.execute("update crm.things set amount = 5 where id = 3")
    assert once(house).rows_read == 1
    whole = house_of(tmp_path)
    assert once(whole).rows_read == 3
    crm.execute("update crm.things set amount = 6 where id = 3")
    assert once(house).rows_read == 3
    assert once(house).rows_read in (0, 1)


def test_a_query_is_the_databases_own_sql(crm: Server, tmp_path: Path) -> None:
    query = """
        select id, upper("Le label") as "Le label", due, updated_at -- all of them
        from crm.things where "Le label" ~ '^a';
    """
    house = house_of(tmp_path, table=None, query=query)
    outcome = once(house)
    assert (outcome.file_name, outcome.rows_loaded) == ("postgres:query/000001.parquet", 1)
    assert house.query("select label from raw.things") == [("A",)]


def test_the_archive_rebuilds_without_the_database(
    crm: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_of(tmp_path, **CHANGES)
    once(house)
    crm.execute("update crm.things set amount = 3, updated_at = '2026-01-02' where id = 3")
    once(house)
    before = rows(house), house.query("select * from ops.ledger order by batch_id")
    monkeypatch.setenv(NAME, f"postgresql://postgres:{PASSWORD}@127.0.0.1:{free_port()}/none")
    house.database.unlink()
    house.load()
    assert rows(house) == before[0]
    ledger = house.query("select * from ops.ledger where status = 'loaded' order by batch_id")
    assert ledger == before[1]


def test_nothing_can_be_written(crm: Server, tmp_path: Path) -> None:
    crm.execute("create sequence crm.counter")
    query = "select nextval('crm.counter')::text as id, 'x' as \"Le label\", due, updated_at " + (
        "from crm.things"
    )
    assert once(house_of(tmp_path, table=None, query=query)).status == "refused"


def with_password(dsn: str, password: str) -> str:
    return dsn.replace(PASSWORD, password)


FAULTS: dict[str, tuple[Callable[[str], str], dict[str, Any], str]] = {
    "wrong password": (lambda dsn: with_password(dsn, f"{PASSWORD}x"), {}, "lets nobody in"),
    "unknown user": (lambda dsn: dsn.replace("//postgres", "//nobody"), {}, "lets nobody in"),
    "no database": (lambda dsn: f"{dsn}x", {}, "has no database of that name"),
    "unknown host": (lambda dsn: dsn.replace("127.0.0.1", "db.invalid"), {}, "is on a host"),
    "no string": (lambda dsn: f"{PASSWORD} {dsn}", {}, "connection string that is not valid"),
    "bad port": (lambda dsn: re.sub(r":(\d+)/", r":x\1/", dsn), {}, "connection string"),
    "not set": (lambda _: "", {}, f"{NAME} is not set"),
    "no table": (str, {"table": "crm.thing"}, "has no table or view 'crm.thing'"),
    "no cursor": (str, {"cursor": "updatedat"}, "did you mean 'updated_at'?"),
    "useless cursor": (str, {"cursor": "Le label"}, "neither instants nor whole numbers"),
    "no sql": (str, {"table": None, "query": "selec 1"}, "does not understand the query"),
    "no column": (str, {"table": None, "query": "select nope"}, "has no column 'nope'"),
    "column twice": (str, {"table": None, "query": "select 1 a, 2 a"}, "the same name"),
    "value in the error": (
        str,
        {"table": None, "query": f"select ('{PASSWORD}' || id)::int as id from crm.things"},
        "may hold personal data",
    ),
    "server down": (lambda dsn: f"{dsn.rpartition(':')[0]}:{free_port()}/x", {}, "does not answer"),
}


@pytest.mark.parametrize(("spoil", "location", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_without_the_secret(  # noqa: PLR0917 - fixtures and cases
    crm: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    spoil: Callable[[str], str],
    location: dict[str, Any],
    reason: str,
) -> None:
    house = house_of(tmp_path, **location)
    monkeypatch.setenv(NAME, spoil(crm.dsn))
    for _ in range(2):
        outcome = once(house)
        assert outcome.status == "refused"
        assert reason in (outcome.reason or "")
    assert house.query("select count(*) from ops.ledger") == [(1,)]
    written = b"".join(
        path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != "source.yaml"
    )
    assert PASSWORD.encode() not in written
    assert PASSWORD not in "".join(capfd.readouterr())
    # Once it works, the refusal is gone.
    monkeypatch.setenv(NAME, crm.dsn)
    if not location:
        assert once(house).status == "loaded"
        assert house.query("select status from ops.ledger") == [("loaded",)]


def test_only_a_silent_database_is_asked_again(
    crm: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(transient, "PAUSES", (1.0, 4.0))
    monkeypatch.setattr("orchestration.lib.ingestion.transient.sleep", waited.append)
    monkeypatch.setenv(NAME, with_password(crm.dsn, "wrong"))
    once(house_of(tmp_path))
    assert waited == []
    monkeypatch.setenv(NAME, f"postgresql://127.0.0.1:{free_port()}/x")
    once(house_of(tmp_path))
    assert waited == [1.0, 4.0]

    def up_again(seconds: float) -> None:
        waited.append(seconds)
        monkeypatch.setenv(NAME, crm.dsn)

    monkeypatch.setattr("orchestration.lib.ingestion.transient.sleep", up_again)
    assert once(house_of(tmp_path)).status == "loaded"
    assert waited == [1.0, 4.0, 1.0]


def sqlite_house(root: Path, **location: Any) -> House:
    place = {"database": "sqlite", "path": "crm/data.db", "table": "things", **location}
    table = {"location": place, "load": "upsert", "columns": COLUMNS}
    house = House(root, {"things": table})
    (house.landing / "crm").mkdir()
    in_sqlite(
        house,
        """
        create table things (
            id integer, "Le label", amount numeric, is_open, due text, updated_at text
        );
        insert into things values
            (9007199254740993, 'a', 19.99, 1, '2025-12-31', '2026-01-01T00:00:00Z'),
            (2, x'00ff', '0.10', 0, null, '2026-01-01 06:00:00');
        """,
    )
    return house


def in_sqlite(house: House, statements: str) -> None:
    with closing(sqlite3.connect(house.landing / "crm" / "data.db")) as connection, connection:
        connection.executescript(statements)


def test_sqlite_keeps_digits_and_mixed_types(tmp_path: Path) -> None:
    house = sqlite_house(tmp_path)
    assert once(house).rows_loaded == 2
    assert rows(house) == [
        (
            "9007199254740993",
            "a",
            Decimal("19.99"),
            True,
            "2025-12-31",
            "2026-01-01 00:00:00",
        ),
        ("2", "00FF", Decimal("0.1"), False, None, "2026-01-01 06:00:00"),
    ]
    assert once(house).status == "already_loaded"


@pytest.mark.parametrize("way", ["path", "connection_env"])
def test_an_sqlite_file_in_landing_is_read_by_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv(NAME, "sqlite:///crm/data.db")
    values = {"path": "crm/data.db", "connection_env": NAME}
    house = sqlite_house(tmp_path, **{"path": None, way: values[way]})
    house.put("crm/data.db-wal", "")
    house.put("crm/copy.db", "")
    (note,) = house.load().notes
    assert note.startswith("1 files in landing are read by no source: 'crm/copy.db'.")


def test_sqlite_reads_what_changed(tmp_path: Path) -> None:
    house = sqlite_house(tmp_path, cursor="updated_at", look_back="1 hour")
    once(house)
    in_sqlite(
        house,
        """
        insert into things values
            (3, 'new', 1, 1, null, '2026-01-01T22:00:00-05:00'),
            (4, 'old', 1, 1, null, '2024-01-01 00:00:00');
        """,
    )
    again = once(house)
    assert (again.rows_read, again.rows_loaded, again.rows_repeated) == (3, 1, 2)
    assert house.query("select label from raw.things where thing_id = '3'") == [("new",)]


def test_a_database_that_is_as_it_was_before_is_read_as_the_latest(tmp_path: Path) -> None:
    house = sqlite_house(tmp_path)
    once(house)
    for label in ("b", "a", "b", "a"):
        in_sqlite(house, f"""update things set "Le label" = '{label}' where id > 2""")
        assert once(house).rows_loaded == 1
        assert house.query(
            "select arg_max(label, _batch_id) from raw.things where label in ('a', 'b')"
        ) == [(label,)]
        assert once(house).status == "already_loaded"


def test_sqlite_paths_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house(tmp_path, path=None, connection_env=NAME)
    for value in ("crm/data.db", f"sqlite:///{house.landing}/crm/data.db"):
        monkeypatch.setenv(NAME, value)
        assert once(house).status in ("loaded", "already_loaded")


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "cannot be opened"), (b"garbage" * 999, "no sound SQLite")]
)
def test_a_broken_sqlite_file_is_refused(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    house = sqlite_house(tmp_path)
    path = house.landing / "crm" / "data.db"
    path.unlink()
    if content:
        path.write_bytes(content)
    outcome = once(house)
    assert outcome.status == "refused"
    assert reason in (outcome.reason or "")
    assert path.exists() == bool(content)
