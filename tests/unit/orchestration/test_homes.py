"""Who may look into a warehouse home."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.lib import homes
from orchestration.lib.refresh_lock import RefreshLock
from tests.unit.orchestration.test_commands import run
from tests.unit.reliability.tiny import Tiny


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_that_a_command_makes_is_closed_with_all_that_is_in_it(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    run(home, "releases")
    assert mode(home) == 0o700
    inside = list(home.rglob("*"))
    assert home / "dagster" / "dagster.yaml" in inside
    assert [path for path in inside if mode(path) & 0o077] == []


def test_what_dagster_makes_by_itself_is_closed_too(tmp_path: Path) -> None:
    """As `dagster job execute` begins, in a home that somebody made with their usual umask."""
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "from dagster import DagsterInstance, build_init_logger_context\n"
        "from orchestration.definitions import definitions, file_logger\n"
        "definitions()\n"
        "file_logger(build_init_logger_context()).info('a line')\n"
    )
    environment = {**os.environ, "WAREHOUSE_HOME": str(home)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    inside = list(home.rglob("*"))
    assert {home / "logs" / "dagster.log", home / "build"} <= set(inside)
    assert [path for path in inside if not path.is_symlink() and mode(path) & 0o077] == []


def test_a_home_that_the_lock_makes_is_closed(tmp_path: Path) -> None:
    with RefreshLock(tmp_path / "home").hold("a run"):
        assert mode(tmp_path / "home") == 0o700


def test_of_a_refresh_others_can_read_nothing_but_releases(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    with homes.closed_to_others():
        tiny.put("people_1.csv", "person_id,login,age\n1,ann,30\n")
        tiny.refresh()
    made = ("landing", "company", "models", "shipped")
    others = {
        path.relative_to(tiny.home).parts[0]
        for path in tiny.home.rglob("*")
        if not path.is_symlink()
        and mode(path) & 0o077
        and path.relative_to(tiny.home).parts[0] not in made
    }
    assert others == {"releases"}
    assert mode(tiny.database) == 0o600
    release = (tiny.home / "current").resolve()
    assert mode(release) == 0o555
    assert {mode(path) for path in release.rglob("*") if path.is_file()} == {0o444}
    # Nobody enters before the folder of releases is opened on purpose.
    assert mode(tiny.home / "releases") == 0o700


def test_a_home_that_is_there_keeps_its_mode_and_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    for place in home.resolve().parents:
        # pytest closes its own directories; others would enter through open ones.
        monkeypatch.setitem(OPEN, place, True)
    monkeypatch.setattr(Path, "stat", open_stat)
    shown = run(home, "status")[1].splitlines()
    told = [line for line in shown if line.startswith("access")]
    assert len(told) == 1
    assert f"chmod 700 {home}" in told[0]
    assert mode(home) == 0o755
    home.chmod(0o750)
    assert homes.warning(home) is None


OPEN: dict[Path, bool] = {}
real_stat = Path.stat


def open_stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
    found = real_stat(path, follow_symlinks=follow_symlinks)
    if path not in OPEN:
        return found
    return os.stat_result((found.st_mode | stat.S_IXOTH, *tuple(found)[1:]))


def test_a_closed_directory_above_closes_a_home(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "home").mkdir(mode=0o755)
    assert homes.warning(tmp_path / "closed" / "home") is None


def test_the_umask_comes_back_and_can_be_had_meanwhile(tmp_path: Path) -> None:
    with homes.closed_to_others(), homes.closed_to_others():
        (tmp_path / "closed").mkdir()
        with homes.open_as_started():
            (tmp_path / "shared").mkdir()
        with duckdb.connect(str(tmp_path / "a.duckdb")):
            assert mode(tmp_path / "a.duckdb") == 0o600
    (tmp_path / "after").mkdir()
    assert [mode(tmp_path / name) for name in ("closed", "shared", "after")] == [
        0o700,
        0o755,
        0o755,
    ]
