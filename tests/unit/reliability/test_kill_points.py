"""Stopped at any named point, by the kernel or by an error, a rerun ends as if nothing had been."""

import ast
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.lib import points
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import (
    EMAIL,
    PEOPLE,
    BrokenOffError,
    Tiny,
    break_off,
    first_day,
    in_another_process,
    kill_myself,
    remove,
    second_day,
    stopping,
)

# Points of what the tiny warehouse has not, and where they are stopped at.
ELSEWHERE = {
    "object hashes kept": "tests/unit/reliability/test_other_points.py",
    "project parsed": "tests/integration/test_killed_refreshes.py",
    "phase built": "tests/integration/test_killed_refreshes.py",
    "step computed": "tests/integration/test_killed_refreshes.py",
    "step handed over": "tests/integration/test_killed_refreshes.py",
    "postgres copied": "tests/integration/test_postgres_release.py",
    "postgres swapped": "tests/integration/test_postgres_release.py",
    "run forgotten": "tests/unit/orchestration/test_housekeeping.py",
}
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Deed:
    """Something that a person or a schedule does: `begin` sets the scene, `act` may be stopped.

    Three releases of the first day are there before, but for the very first refresh.
    """

    begin: Callable[[Tiny], None]
    act: Callable[[Tiny], object]
    is_first: bool = False


def _nothing(_: Tiny) -> None:
    """Three releases as they are."""


def _second_day(tiny: Tiny) -> None:
    tiny.clock(1)
    second_day(tiny)


def _refresh_tomorrow(tiny: Tiny) -> None:
    tiny.clock(1)
    tiny.refresh()


def _damaged(tiny: Tiny) -> None:
    _second_day(tiny)
    content = bytearray(tiny.database.read_bytes())
    content[5000] ^= 255
    tiny.database.write_bytes(content)


def _person_left_landing(tiny: Tiny) -> None:
    tiny.put("people_3.csv", PEOPLE + f"{EMAIL},x,notanumber\n")
    tiny.ingest()
    damaged = tiny.home / "damaged"
    damaged.mkdir()
    (damaged / "warehouse.duckdb").write_bytes(b"old")
    for path in tiny.landing.glob("people*"):
        path.unlink()


def _mark_and_unmark(tiny: Tiny) -> None:
    first, last = tiny.store.ids()[0], tiny.store.ids()[-1]
    tiny.store.pin(first, "the annual report")
    tiny.store.pin(last)
    tiny.store.unpin(last) if last in tiny.store.pins() else None
    tiny.store.resume()


def _on_hold(tiny: Tiny) -> None:
    tiny.store.rollback(to=tiny.store.ids()[0])


def _roll_back(tiny: Tiny) -> None:
    first = tiny.store.ids()[0]
    current = tiny.store.current()
    if current is None or current.id != first:
        tiny.store.rollback(to=first, reason="a test")


def _stopped_before_its_commit(tiny: Tiny) -> None:
    _second_day(tiny)
    with stopping("journal written", 2, break_off), pytest.raises(BrokenOffError):
        tiny.refresh()


DEEDS = {
    "refresh": Deed(_second_day, _refresh_tomorrow),
    "first refresh": Deed(first_day, Tiny.refresh, is_first=True),
    "refresh of a damaged database": Deed(_damaged, _refresh_tomorrow),
    "refresh after a stopped one": Deed(_stopped_before_its_commit, _refresh_tomorrow),
    "rebuild": Deed(_nothing, Tiny.rebuild_database),
    "forget": Deed(_person_left_landing, Tiny.forget),
    "rollback": Deed(_nothing, _roll_back),
    "marks": Deed(_on_hold, _mark_and_unmark),
    "export": Deed(_nothing, Tiny.export),
}


@dataclass(frozen=True)
class Undisturbed:
    """A deed's scene, and what there is before and after it where nothing stops it."""

    scene: Path
    before: dict[str, str]
    after: dict[str, object]
    reached: Counter[str]


def state(tiny: Tiny) -> dict[str, object]:
    """Everything that a rerun must restore; not how many releases there are, nor their numbers."""
    hold = tiny.store.hold()
    export = tiny.home / "exports" / "mmm_weekly.csv"
    return {
        "published": tiny.published(),
        "raw": tiny.contents(),
        "hold": (hold.left, hold.to) if hold else None,
        "pins": dict(tiny.store.pins()),
        # One that was sent just before the kill may be sent again.
        "told": set(tiny.alerts()),
        "export": export.read_text() if export.exists() else None,
    }


def _looking(
    tiny: Tiny, reached: Counter[str], seen: list[dict[str, str]]
) -> Callable[[str], None]:
    """A reader who comes at every point."""

    def look(point: str) -> None:
        reached[point] += 1
        seen.append(tiny.published())

    return look


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Undisturbed]:
    found = {}
    published = Tiny.at(tmp_path_factory.mktemp("published") / "home")
    first_day(published)
    for _ in range(3):
        published.refresh()
    for name, deed in DEEDS.items():
        directory = tmp_path_factory.mktemp("scene")
        if not deed.is_first:
            shutil.copytree(published.home, directory / "home", symlinks=True)
        tiny = Tiny.at(directory / "home")
        deed.begin(tiny)
        shutil.copytree(tiny.home, directory / "scene", symlinks=True)
        before, reached = tiny.published(), Counter[str]()
        seen: list[dict[str, str]] = []

        with points.observed(_looking(tiny, reached, seen)):
            deed.act(Tiny.at(tiny.home))
        after = state(tiny)
        # Readers who came at any point saw one whole release, and never went back.
        whole = [before, after["published"]]
        assert all(one in whole for one in seen)
        assert [whole.index(one) for one in seen] == sorted(whole.index(one) for one in seen)
        found[name] = Undisturbed(directory / "scene", before, after, reached)
    return found


def act(home: Path, deed: str, point: str, occurrence: int) -> None:
    """The deed, killed on its way."""
    with stopping(point, occurrence, kill_myself):
        DEEDS[deed].act(Tiny.at(home))


def rerun_is_exact(tiny: Tiny, name: str, undisturbed: Undisturbed, stopped: str) -> None:
    assert tiny.published() in (undisturbed.before, undisturbed.after["published"]), stopped
    DEEDS[name].act(Tiny.at(tiny.home))
    assert state(tiny) == undisturbed.after, stopped
    assert not list(tiny.home.glob(".current-*")), stopped
    assert not any(path.is_file() for path in (tiny.home / "build" / "ingestion").rglob("*")), (
        stopped
    )


def kill_and_rerun(
    home: Path, name: str, undisturbed: Undisturbed, point: str, occurrence: int
) -> None:
    """Stops the deed there by the kernel, and does it again."""
    shutil.copytree(undisturbed.scene, home, symlinks=True)
    ended = in_another_process(act, home, name, point, occurrence)
    assert ended == -signal.SIGKILL, ended
    rerun_is_exact(Tiny.at(home), name, undisturbed, f"SIGKILL at {point!r}, {occurrence}")
    remove(home)


def break_and_rerun(
    home: Path, name: str, undisturbed: Undisturbed, point: str, occurrence: int
) -> None:
    """Stops the deed there by an error, and does it again."""
    shutil.copytree(undisturbed.scene, home, symlinks=True)
    with stopping(point, occurrence, break_off), pytest.raises(BrokenOffError):
        DEEDS[name].act(Tiny.at(home))
    rerun_is_exact(Tiny.at(home), name, undisturbed, f"an error at {point!r}, {occurrence}")
    remove(home)


def test_a_rerun_after_a_kill_at_any_point_is_as_if_nothing_had_been(
    scenes: dict[str, Undisturbed], tmp_path: Path
) -> None:
    known: set[str] = set()
    for name, undisturbed in scenes.items():
        for point, count in undisturbed.reached.items():
            if point not in known:
                kill_and_rerun(tmp_path / "x" / "home", name, undisturbed, point, count)
        known |= set(undisturbed.reached)
    figures.note(
        "SIGKILL at each point that the tiny warehouse comes to, then a rerun",
        f"{len(known)} points, {len(known)} reruns exact; readers saw whole releases only",
    )


@pytest.mark.long
@pytest.mark.parametrize("name", DEEDS)
def test_so_it_is_at_every_point_of_every_deed_and_for_errors_too(
    name: str, scenes: dict[str, Undisturbed], tmp_path: Path
) -> None:
    reruns = 0
    for point, count in scenes[name].reached.items():
        for occurrence in sorted({1, (count + 1) // 2, count}):
            for way in (kill_and_rerun, break_and_rerun):
                way(tmp_path / "x" / "home", name, scenes[name], point, occurrence)
                reruns += 1
    figures.note(
        f"SIGKILL and an error at every point of: {name}",
        f"{len(scenes[name].reached)} points, {reruns} reruns exact",
    )


def test_every_point_is_stopped_at(scenes: dict[str, Undisturbed]) -> None:
    reached = {point for one in scenes.values() for point in one.reached}
    assert reached | set(ELSEWHERE) == set(points.POINTS)
    assert not reached & set(ELSEWHERE)
    assert len(points.POINTS) >= 25
    for point, file in ELSEWHERE.items():
        assert f'"{point}"' in (ROOT / file).read_text(), f"{file} stops nowhere at {point!r}"


# Functions that change files and reach no point themselves.
UNNAMED = {
    "a directory that is made where it is missing, or a log": {
        "cli.prepare_dagster",
        "definitions.file_logger",
        "homes.make",
        "raw_tables.ingest_raw_tables",
        "raw_tables.raw_tables",
        "releases._check_free_space",
        "run.connect",
        "spark.session",
        "spark._output_to",
        "dbt._hide_addresses",
    },
    "an alert that waits: it goes twice, by the same id, where what follows is stopped": {
        "alerts._let_wait",
        "alerts.send_waiting",
    },
    "a page for people, written anew each time": {"data_docs.build"},
    "a lock, which the kernel frees": {
        "refresh_lock._write",
        "refresh_lock.in_turn",
        "releases.alone",
    },
    "a private copy in scratch, swept at the next start": {
        "archive.fetch",
        "csv_frame.cut",
        "csv_reader._rewrite_lines",
        "csv_reader._to_utf8",
        "databases.extract",
        "erasure._holds",
        "files.copy_pieces",
        "files.prepare",
        "files.remove",
        "object_stores.fetch",
        "reader.close",
        "redaction._rewrite_csv",
        "redaction._rewrite_json",
    },
    "a part of what its callers name": {
        "candidate._write_parquet",
        "check_results.write_check_results",
        "company._write_changed",
        "journal._write",
        "landing.remember",
        "load._report_known",
        "marks.write_json",
        "rebuild._remove_database",
        "releases.sweep",
    },
    "Spark's own directory, written anew by each build: tests/integration/engines": {
        "maintenance._remove_copies",
        "spark._export",
        "spark._forget_another_place",
        "spark._remove_unfinished",
    },
}
_CHANGES = {
    *("unlink", "rename", "replace", "write_text", "write_bytes", "mkdir", "rmtree", "copytree"),
    *("symlink_to", "chmod", "touch", "copyfile", "copy2", "move", "ftruncate", "pwrite", "rmdir"),
}


def changes_files(function: ast.FunctionDef) -> bool:
    """Whether a function's own body calls what changes files, or opens one for writing."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, texts = node.func.attr, [a.value for a in node.args if isinstance(a, ast.Constant)]
        is_of_text = name == "replace" and len(node.args) != 1
        is_for_writing = any(str(text)[:1] in "wax" or "+" in str(text) for text in texts if text)
        if (name in _CHANGES and not is_of_text) or (name == "open" and is_for_writing):
            return True
    return False


def _calls_reached(function: ast.FunctionDef) -> bool:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(isinstance(c.func, ast.Attribute) and c.func.attr == "reached" for c in calls)


def silent_functions(path: Path) -> set[str]:
    """The functions of a module that change files and reach no point."""
    functions = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]
    return {
        f"{path.stem}.{function.name}"
        for function in functions
        if changes_files(function) and not _calls_reached(function)
    }


def test_whatever_changes_files_is_a_named_point() -> None:
    code = [p for p in (ROOT / "orchestration").rglob("*.py") if "demo" not in p.parts]
    silent = {name for path in code for name in silent_functions(path)}
    assert silent == {name for names in UNNAMED.values() for name in names}


def test_a_change_without_a_name_is_found(tmp_path: Path) -> None:
    module = tmp_path / "new.py"
    module.write_text(
        "def silent(path):\n    path.rename('x')\n\n\n"
        "def named(path):\n    path.unlink()\n    points.reached('x')\n\n\n"
        "def text(t):\n    return t.replace('a', 'b')\n"
    )
    assert silent_functions(module) == {"new.silent"}
    with pytest.raises(KeyError, match="is not in points"):
        points.reached("x")
