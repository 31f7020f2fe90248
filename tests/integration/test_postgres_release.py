"""A release in a real PostgreSQL server: all of it at once, for a role that can only read."""

import signal
import threading
from dataclasses import replace
from pathlib import Path
from socket import socket
from unittest import mock

import duckdb
import pytest

from orchestration import cli, release_commands, settings
from orchestration.lib import points
from orchestration.lib.publishing import postgres
from orchestration.lib.publishing.postgres import publish_to_postgres, shown_in_postgres
from orchestration.lib.publishing.releases import Release, ReleaseError, ReleaseStore
from orchestration.settings import PostgresSettings
from tests.integration.postgres import PASSWORD, Server, free_port
from tests.unit.publishing.conftest import TABLES, House
from tests.unit.reliability.tiny import (
    BrokenOffError,
    break_off,
    in_another_process,
    kill_myself,
    stopping,
)

MEMORY = "500MB"
INVOICES = replace(TABLES[0], schema="finance", name="invoices")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "home")


def asked(server: Server, reader: str = "kpi_reader") -> PostgresSettings:
    return PostgresSettings(server.dsn, reader)


def publish_anew(house: House, server: Server, number: int) -> Release:
    release = house.publish(number)
    assert publish_to_postgres(house.store, asked(server), MEMORY) == (release.id, True)
    return release


def test_a_release_replaces_the_one_before_and_is_copied_once(house: House, server: Server) -> None:
    for number in (1, 2):
        release = house.publish(number)
        assert publish_to_postgres(house.store, asked(server), MEMORY) == (release.id, True)
        assert publish_to_postgres(house.store, asked(server), MEMORY) == (release.id, False)
        assert server.query("select count(*), sum(net_revenue) from core.fct_orders") == (
            f"100|{number}00.0000"
        )
        assert server.query("select value from kpi.kpi_values") == str(number)
    schemas = server.query(
        "select string_agg(nspname, ',' order by nspname) from pg_namespace "
        "where nspname like 'core%' or nspname like 'kpi%'"
    )
    assert schemas == "core,kpi"


def test_a_schema_that_no_release_has_any_more_goes_with_the_next_one(
    house: House, server: Server
) -> None:
    server.execute("create schema mine; create table mine.notes (i int)")
    with mock.patch("tests.unit.publishing.conftest.TABLES", [*TABLES, INVOICES]):
        publish_anew(house, server, 1)
    assert server.query("select count(*) from finance.invoices") == "100"
    publish_anew(house, server, 2)
    schemas = server.query(
        "select string_agg(nspname, ',' order by nspname) from pg_namespace "
        "where nspname in ('core', 'finance', 'kpi', 'mine')"
    )
    assert schemas == "core,kpi,mine"


def test_the_reader_can_read_and_nothing_else(house: House, server: Server) -> None:
    publish_anew(house, server, 3)
    server.execute(f"create role bi login password '{PASSWORD}' in role kpi_reader")
    assert server.query("select value from kpi.kpi_values", "bi") == "3"
    for statement in (
        "delete from kpi.kpi_values",
        "update core.fct_orders set net_revenue = 0",
        "drop table kpi.kpi_values",
        "create table kpi.mine (i int)",
        "drop schema core cascade",
    ):
        with pytest.raises(RuntimeError, match=r"permission denied|must be owner"):
            server.query(statement, "bi")
    assert server.query("select value from kpi.kpi_values", "bi") == "3"


def test_readers_keep_the_old_release_while_a_new_one_fails(house: House, server: Server) -> None:
    publish_anew(house, server, 4)
    broken = house.publish(5)
    broken.database.chmod(0o644)
    broken.database.write_bytes(b"damaged")
    with pytest.raises(ReleaseError, match="still shows what it did before"):
        publish_to_postgres(house.store, asked(server), MEMORY)
    assert server.query("select value from kpi.kpi_values") == "4"


def test_a_reader_in_a_transaction_keeps_its_release_and_nobody_waits_behind_it(
    house: House, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LOCK_WAIT", "100ms")
    monkeypatch.setattr(postgres, "PAUSES", (0.1, 0.1))
    publish_anew(house, server, 11)
    release = house.publish(12)
    with server.transaction() as ask:
        assert ask("select value from kpi.kpi_values") == "11"
        with pytest.raises(ReleaseError, match=r"a reader .* open transaction.*still shows"):
            publish_to_postgres(house.store, asked(server), MEMORY)
        assert ask("select max(net_revenue)::int from core.fct_orders") == "11"
        assert server.query("select value from kpi.kpi_values") == "11"
    assert publish_to_postgres(house.store, asked(server), MEMORY) == (release.id, True)
    assert server.query("select value from kpi.kpi_values") == "12"


def publish_and_die(home: Path, dsn: str, point: str) -> None:
    """The current release, killed on its way to the server."""
    with stopping(point, 1, kill_myself):
        publish_to_postgres(ReleaseStore(home), PostgresSettings(dsn, "kpi_reader"), MEMORY)


@pytest.mark.parametrize("how", ["error", "kill"])
@pytest.mark.parametrize("point", ["postgres copied", "postgres swapped"])
def test_a_stop_on_the_way_leaves_a_whole_release(
    house: House, server: Server, point: str, how: str
) -> None:
    publish_anew(house, server, 8)
    house.publish(9)
    if how == "kill":
        ended = in_another_process(publish_and_die, house.home, server.dsn, point)
        assert ended == -signal.SIGKILL
    else:
        with stopping(point, 1, break_off), pytest.raises(BrokenOffError):
            publish_to_postgres(house.store, asked(server), MEMORY)
    seen = server.query(
        "select value, (select sum(net_revenue) from core.fct_orders) from kpi.kpi_values"
    )
    assert seen == ("8|800.0000" if point == "postgres copied" else "9|900.0000")
    publish_to_postgres(house.store, asked(server), MEMORY)
    assert server.query("select value from kpi.kpi_values") == "9"
    assert server.query("select count(*) from pg_namespace where nspname like '%next'") == "0"


def test_a_refresh_with_nothing_new_still_lets_the_server_show_it(
    house: House, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server was away when the release was published."""
    house.publish(10)
    monkeypatch.setenv("WAREHOUSE_POSTGRES", server.dsn)
    monkeypatch.setenv("WAREHOUSE_HOME", str(house.home))
    assert cli.show_in_postgres(settings.load())
    assert server.query("select value from kpi.kpi_values") == "10"
    assert not cli.show_in_postgres(settings.load())


def test_a_table_that_somebody_changed_is_told_and_comes_back_with_nothing_new(
    house: House, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_POSTGRES", server.dsn)
    monkeypatch.setenv("WAREHOUSE_HOME", str(house.home))
    monkeypatch.setattr(postgres, "LOCK_WAIT", "100ms")
    home, release = settings.load(), house.publish(23)

    def told() -> str:
        return shown_in_postgres(house.store, asked(server), MEMORY)

    assert told() == f"does not show {release.id}; `make refresh` brings it there"
    assert cli.show_in_postgres(home)
    assert told() == f"shows {release.id}"
    for table, change in (
        ("kpi.kpi_values", "drop table kpi.kpi_values; create table kpi.mine as select 1 as i"),
        ("kpi.kpi_values", "truncate kpi.kpi_values"),
        ("kpi.kpi_values", "insert into kpi.kpi_values select * from kpi.kpi_values"),
        ("core.fct_orders", "delete from core.fct_orders where order_key = 7"),
        ("kpi.kpi_values", "alter table kpi.kpi_values rename column value to other"),
        ("kpi.kpi_values", "alter table kpi.kpi_values add column more int"),
        ("core.fct_orders", "alter table core.fct_orders alter column net_revenue type text"),
        ("kpi.kpi_values", "revoke select on kpi.kpi_values from kpi_reader"),
        ("core.fct_orders", "revoke usage on schema core from kpi_reader"),
    ):
        server.execute(change)
        assert told() == f"no longer shows {table} as in {release.id}; `make refresh` restores it"
        assert cli.show_in_postgres(home)
        assert server.query("select value from kpi.kpi_values") == "23"
        assert server.query("select count(*) from core.fct_orders") == "100"
        assert told() == f"shows {release.id}"
    assert not cli.show_in_postgres(home)
    with server.transaction() as ask:
        ask("truncate kpi.kpi_values; select 1")
        assert told().startswith("not known (")
    lost = PostgresSettings(f"postgresql://u:{PASSWORD}@127.0.0.1:{free_port()}/db", "kpi_reader")
    said = shown_in_postgres(house.store, lost, MEMORY)
    assert said.startswith("not known (")
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("connection", "says"),
    [
        (f"postgresql://u:{PASSWORD}@127.0.0.1:1/db", "it cannot be reached: Connection refused"),
        (f"postgresql://u:{PASSWORD}@no.such.invalid/db", "its host name is not known"),
        (f"postgresql://u:p@{PASSWORD}@127.0.0.1:1/db", "its host name is not known"),
        (f"host=127.0.0.1 {PASSWORD}", "is no connection string that can be read"),
    ],
)
def test_a_server_that_does_not_answer_is_told_without_its_secret(
    house: House, connection: str, says: str
) -> None:
    house.publish(6)
    with pytest.raises(ReleaseError, match=says) as error:
        publish_to_postgres(house.store, PostgresSettings(connection, "kpi_reader"), MEMORY)
    assert PASSWORD not in str(error.value)
    assert error.value.__cause__ is None


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CONNECT_SECONDS", "2")
    house.publish(6)
    with socket() as silent, pytest.raises(ReleaseError, match="timeout expired"):
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        dsn = f"postgresql://u:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/db"
        publish_to_postgres(house.store, PostgresSettings(dsn, "kpi_reader"), MEMORY)


def test_a_rollback_that_a_server_missed_is_told_and_can_be_shown_there_later(
    house: House,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in (13, 14):
        house.publish(number)
    publish_to_postgres(house.store, asked(server), MEMORY)
    monkeypatch.setenv("WAREHOUSE_POSTGRES", f"postgresql://u@127.0.0.1:{free_port()}/db")
    monkeypatch.setenv("WAREHOUSE_HOME", str(house.home))
    assert release_commands.rollback(settings.load(), "", "wrong") == 1
    printed = capsys.readouterr().out
    assert printed.startswith("000001-20260701 is current")
    assert "Release 000001-20260701 is not in PostgreSQL" in printed
    assert "make rollback TO=000001-20260701" in printed

    hold = house.store.hold()
    monkeypatch.setenv("WAREHOUSE_POSTGRES", server.dsn)
    assert release_commands.rollback(settings.load(), "000001-20260701", "") == 0
    assert server.query("select value from kpi.kpi_values") == "13"
    assert house.store.hold() == hold


@pytest.mark.parametrize(("schema", "comment"), [("kpi", ""), ("core__next", "of the controllers")])
def test_a_schema_that_is_not_ours_is_left_alone(
    house: House, server: Server, schema: str, comment: str
) -> None:
    publish_anew(house, server, 15)
    server.execute(
        f"drop schema if exists {schema} cascade; create schema {schema};"
        f"create table {schema}.their_own as select 42 as i;"
        f"comment on schema {schema} is '{comment}'"
    )
    house.publish(16)
    with pytest.raises(ReleaseError, match=rf"{schema} .*was not made by this warehouse"):
        publish_to_postgres(house.store, asked(server), MEMORY)
    assert server.query(f"select i from {schema}.their_own") == "42"
    assert server.query("select max(net_revenue)::int from core.fct_orders") == "15"
    server.execute(f"drop schema {schema} cascade")
    publish_to_postgres(house.store, asked(server), MEMORY)
    assert server.query("select value from kpi.kpi_values") == "16"


def test_a_rollback_during_a_copy_is_what_the_server_shows(house: House, server: Server) -> None:
    release = publish_anew(house, server, 17)
    house.publish(18)
    shown: list[tuple[str, bool]] = []

    def go_back() -> None:
        house.store.rollback()
        shown.append(publish_to_postgres(house.store, asked(server), MEMORY))

    person = threading.Thread(target=go_back)
    seen = []

    def come(point: str) -> None:
        if point == "postgres copied" and not person.ident:
            person.start()
            person.join(timeout=1)
        if point == "postgres swapped":
            seen.append(server.query("select value from kpi.kpi_values"))

    with points.observed(come):
        copied = publish_to_postgres(house.store, asked(server), MEMORY)
        person.join()
    # The server showed it already, so that neither had anything left to copy.
    assert copied == (release.id, False)
    assert shown == [(release.id, False)]
    assert seen == []
    assert server.query("select count(*) from pg_namespace where nspname like '%next'") == "0"
    assert server.query("select value from kpi.kpi_values") == "17"


@pytest.mark.parametrize(
    "disturb",
    [
        "drop table kpi__next.kpi_values",
        "create table kpi__next.other (i int)",
        "comment on schema core__next is '000009-20260701 0123456789abcdef'",
    ],
)
def test_a_copy_that_another_home_has_disturbed_is_not_shown(
    house: House, server: Server, disturb: str
) -> None:
    publish_anew(house, server, 19)
    house.publish(20)

    def disturbed(point: str) -> None:
        if point == "postgres copied":
            server.execute(disturb)

    with points.observed(disturbed), pytest.raises(ReleaseError, match="another home"):
        publish_to_postgres(house.store, asked(server), MEMORY)
    assert server.query("select value from kpi.kpi_values") == "19"
    publish_to_postgres(house.store, asked(server), MEMORY)
    assert server.query("select value from kpi.kpi_values") == "20"


def test_an_extension_that_is_missing_is_told_as_what_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (21, 22):
        house.publish(number)
    monkeypatch.setattr(duckdb, "__version__", "0.0.0")
    monkeypatch.setenv("WAREHOUSE_POSTGRES", f"postgresql://u@127.0.0.1:{free_port()}/db")
    monkeypatch.setenv("WAREHOUSE_HOME", str(house.home))
    assert release_commands.rollback(settings.load(), "", "wrong") == 1
    printed = capsys.readouterr().out
    assert printed.startswith("000001-20260701 is current")
    assert "is not in PostgreSQL" in printed and "Run `make setup`" in printed


def test_a_role_that_is_no_name_is_refused(house: House, server: Server) -> None:
    house.publish(7)
    with pytest.raises(ReleaseError, match="WAREHOUSE_POSTGRES_READER"):
        publish_to_postgres(house.store, asked(server, "x; drop schema core"), MEMORY)
