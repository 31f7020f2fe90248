"""The commands that look after releases say what they did, and what to do next."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from orchestration import cli, settings, status
from orchestration.defs.automation.failures import tell
from orchestration.lib.ingestion.erasure import ErasureReport
from orchestration.lib.ingestion.ledger import Known
from orchestration.lib.refresh_lock import RefreshLock
from tests.unit.publishing.conftest import House, house  # noqa: F401


def run(home: Path, *arguments: str) -> tuple[int, str]:
    printed = io.StringIO()
    with (
        mock.patch.dict("os.environ", {"WAREHOUSE_HOME": str(home)}),
        mock.patch.object(sys, "argv", ["cli", *arguments]),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        code = cli.main()
    return code, printed.getvalue()


@pytest.fixture
def two(house: House) -> House:  # noqa: F811
    house.publish(1)
    house.publish(2)
    return house


def test_releases_are_listed_with_their_marks(two: House) -> None:
    assert run(two.home, "pin", "--release", "000001-20260701", "--reason", "audit")[0] == 0
    code, printed = run(two.home, "releases")
    first, second = printed.splitlines()
    assert code == 0
    assert first.startswith("000001-20260701") and first.endswith("101 rows  pinned: audit")
    assert second.endswith("101 rows  current")


def test_a_variable_that_nothing_reads_is_named_but_for_a_sources_own(
    two: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = tmp_path / "company"
    (company / "crm").mkdir(parents=True)
    (company / "company.yaml").write_text(
        "name: Co\nreporting_currency: EUR\nbusiness_timezone: UTC\n"
    )
    (company / "crm" / "source.yaml").write_text(
        "tables:\n  crm_leads:\n    load: upsert\n"
        "    location: {database: postgres, connection_env: WAREHOUSE_CRM_DSN, table: leads}\n"
    )
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(company))
    monkeypatch.setenv("WAREHOUSE_CRM_DSN", "a secret")
    assert "!" not in run(two.home, "releases")[1]
    monkeypatch.setenv("WAREHOUSE_KEEP_RELEASE", "3")
    code, printed = run(two.home, "releases")
    assert code == 0
    assert printed.startswith(
        "! WAREHOUSE_KEEP_RELEASE is set, but nothing reads it; did you mean "
        "'WAREHOUSE_KEEP_RELEASES'? See docs/settings.md.\n"
    )


def test_a_rollback_says_what_it_holds_back(two: House) -> None:
    code, printed = run(two.home, "rollback", "--reason", "wrong rate")
    assert code == 0
    assert "000001-20260701 is current" in printed
    assert "until `make resume`" in printed
    assert "on hold" in run(two.home, "releases")[1]
    assert "published again" in run(two.home, "resume")[1]
    assert "Nothing was on hold" in run(two.home, "resume")[1]


def test_names_of_files_that_hold_a_person_command_no_terminal(tmp_path: Path) -> None:
    elsewhere = ("archive/ledger.jsonl", "b\nc", "warehouse.duckdb")
    report = ErasureReport(1, 1, 1, 0, (), None, ("landing/a\x1b[2J.csv",), elsewhere, 2, ())
    with mock.patch("orchestration.maintenance.erasure.forget", return_value=report):
        code, printed = run(tmp_path, "forget", "--email", "ann@example.org")
    assert code == 1
    keeps = "  keeps a file's name with the address, and must not be removed:"
    assert printed.splitlines()[-4:] == [
        "  landing is never written and still holds the person: landing/a\\x1b[2J.csv",
        f"{keeps} archive/ledger.jsonl",
        "  still holds the address, remove it by hand: b\\nc",
        f"{keeps} warehouse.duckdb",
    ]


def test_who_is_forgotten_is_in_no_copy_of_an_engine_either(tmp_path: Path) -> None:
    places = (tmp_path / "build/spark/raw/raw/shop_orders", tmp_path / "build/spill/spark/blockmgr")
    for place in places:
        place.mkdir(parents=True)
        (place / "all.parquet").touch()
    report = ErasureReport(1, 1, 1, 0, (), None, (), (), 2, ())
    with mock.patch("orchestration.maintenance.erasure.forget", return_value=report):
        code, _ = run(tmp_path, "forget", "--email", "ann@example.org")
    assert code == 0
    assert not any(place.exists() for place in places)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rollback", "--to", "x"), "Nothing was done: There is no release 'x'; there are: 000001"),
        (("unpin", "--release", "x"), "Nothing was done: Release x is not pinned; pinned: none."),
        (("verify", "--release", "x"), "Nothing was done: There is no release 'x'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    two: House, arguments: tuple[str, ...], says: str
) -> None:
    code, printed = run(two.home, *arguments)
    assert code == 1
    assert says in printed
    assert "Traceback" not in printed


def test_a_damaged_release_ends_verify_with_an_error(two: House) -> None:
    assert run(two.home, "verify") == (
        0,
        "verify     000001-20260701\nverify     000002-20260701\n"
        "000001-20260701  sound  2 tables, 101 rows\n000002-20260701  sound  2 tables, 101 rows\n",
    )
    file = two.store.releases()[1].database
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    code, printed = run(two.home, "verify")
    assert code == 1
    assert "000001-20260701  sound" in printed
    assert "000002-20260701  damaged" in printed
    assert "make rollback TO=<release>`, then `make resume` and `make refresh`" in printed
    # A damaged one that nobody reads is no reason to go back, and to stop publishing.
    assert run(two.home, "rollback")[0] == 0
    code, printed = run(two.home, "verify")
    assert code == 1
    assert "000002-20260701  damaged" in printed
    assert "Readers see none" in printed and "make rollback" not in printed


def test_a_damaged_release_does_not_hide_the_others(two: House) -> None:
    record = two.store.releases()[0].directory / "manifest.json"
    record.chmod(0o644)
    record.write_text("{")
    code, printed = run(two.home, "releases")
    assert code == 0
    assert [line.split("  ")[1] for line in printed.splitlines()] == [
        "damaged, see `make verify`",
        "as of 2026-07-01T00:00:00Z",
    ]


@pytest.mark.parametrize("damage", ["manifest cut", "database gone"])
def test_a_current_release_that_is_damaged_is_named_with_the_way_back(
    two: House, damage: str
) -> None:
    current = two.store.releases()[1]
    if damage == "manifest cut":
        (current.directory / "manifest.json").chmod(0o644)
        (current.directory / "manifest.json").write_text("{")
    else:
        current.directory.chmod(0o755)
        current.database.unlink()
    code, printed = run(two.home, "status")
    assert code == 1
    assert "The current release 000002-20260701 is damaged" in printed
    assert "make rollback TO=" in printed
    assert "000001-20260701  as of" in run(two.home, "releases")[1]

    # A refresh cannot be built on it, and people are told.
    assert cli.up_to_date(settings_of(two.home)) is None
    with mock.patch.dict("os.environ", {"WAREHOUSE_HOME": str(two.home)}):
        assert tell([]) == []
    alert = json.loads((two.home / "logs" / "alerts.jsonl").read_text())
    assert alert["text"].endswith("Readers still see 000002-20260701.")

    assert run(two.home, "rollback")[0] == 0
    assert run(two.home, "status")[1].startswith("published  000001-20260701")


def test_people_are_told_of_a_refresh_that_fails_before_its_run_or_has_no_need_of_one(
    two: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (two.home / "empty").mkdir()
    monkeypatch.setenv("WAREHOUSE_SOURCES", str(two.home / "empty"))
    assert run(two.home, "refresh")[0] == 1
    monkeypatch.delenv("WAREHOUSE_SOURCES")
    monkeypatch.setattr(cli, "up_to_date", lambda _: two.store.current())
    monkeypatch.setenv("WAREHOUSE_POSTGRES", "postgresql://u:secret@127.0.0.1:9/db")
    assert run(two.home, "refresh")[0] == 1
    told = [json.loads(line) for line in (two.home / "logs" / "alerts.jsonl").open()]
    assert [alert["kind"] for alert in told] == ["failed", "failed"]
    assert "company.yaml: not found" in told[0]["text"]
    assert told[1]["text"].startswith(
        "Release 000002-20260701 is published, but: Release 000002-20260701 is not in PostgreSQL"
    )
    assert "secret" not in told[1]["text"]


def settings_of(home: Path) -> settings.Settings:
    with mock.patch.dict("os.environ", {"WAREHOUSE_HOME": str(home)}):
        return settings.load()


def test_the_status_leaves_the_database_to_a_refresh_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    opened: list[Path] = []

    def known(database: Path) -> dict[tuple[str, str], Known]:
        opened.append(database)
        return {}

    monkeypatch.setattr(status, "_known", known)
    home.mkdir()
    with RefreshLock(home).hold("a run"):
        assert "known when the refresh has ended" in run(home, "status")[1]
    assert not opened
    assert "known when" not in run(home, "status")[1]
    assert opened


def test_an_empty_home_has_a_status(tmp_path: Path) -> None:
    code, printed = run(tmp_path / "home", "status")
    assert code == 1
    assert printed.splitlines()[0].startswith("published  nothing in")
    assert len(printed.splitlines()) <= 10


def test_whoever_ends_the_ui_ends_dagster(tmp_path: Path) -> None:
    """Dagster takes the process over, and ends by SIGTERM though a script started it with `&`."""
    told = "import os, signal; print(os.getpid(), signal.getsignal(signal.SIGINT).__name__)"
    dagster = tmp_path / "dagster"
    dagster.write_text(f"#!{sys.executable}\n{told}\n")
    dagster.chmod(0o755)
    code = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        f"from orchestration import cli; sys.executable = {str(tmp_path / 'python')!r}; "
        "print(os.getpid()); cli.ui(None)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    started, ended = shown.stdout.splitlines()
    assert ended == f"{started} default_int_handler"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path, unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "status"],
        env={
            **os.environ,
            "WAREHOUSE_HOME": str(tmp_path / "home"),
            "PYTHONUNBUFFERED": unbuffered,
        },
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert ended.stderr == ""
    assert ended.returncode == (141 if unbuffered else 1)


def test_a_command_does_not_wait_for_what_only_a_refresh_needs() -> None:
    code = (
        "import sys; import orchestration.cli; print([m for m in "
        "('scipy', 'pandas', 'great_expectations', 'dagster', 'dbt') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_what_runs_within_a_command_does_not_see_the_reason_it_was_given(two: House) -> None:
    line = ["cli", "pin", "--release", "1", "--reason", "for ann@firm.example"]
    with (
        mock.patch.dict("os.environ", {"WAREHOUSE_HOME": str(two.home)}),
        mock.patch.object(sys, "argv", line),
    ):
        cli.main()
    assert line == ["cli", "pin"]


def test_a_requeue_that_finds_nothing_promises_nothing_to_publish(two: House) -> None:
    code, printed = run(two.home, "requeue")
    assert code == 0
    assert printed.strip() == "Nothing that was refused or quarantined is acceptable by now."
