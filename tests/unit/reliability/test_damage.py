"""A work database that is damaged is built again from the archive, by itself and not in silence."""

import random
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.ingestion import damage
from tests.unit.reliability import figures
from tests.unit.reliability.tiny import (
    Tiny,
    first_day,
    in_another_process,
    kill_myself,
    remove,
    second_day,
    stopping,
)

SEED = 9
TRIES = 5


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tiny = Tiny.at(tmp_path_factory.mktemp("sound") / "home")
    first_day(tiny)
    tiny.refresh()
    second_day(tiny)
    tiny.refresh()
    return tiny.home


def flipped(content: bytes, chance: random.Random) -> bytes:
    # Where the file is laid out, or anywhere: most of a young database is empty.
    bit = chance.randrange(min(len(content), chance.choice((12_288, len(content)))) * 8)
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_flips_and_cuts_of_the_work_database_are_mended_from_the_archive(
    sound: Path, tmp_path: Path
) -> None:
    expected = Tiny.at(sound).contents()
    content = (sound / "warehouse.duckdb").read_bytes()
    chance = random.Random(SEED)
    damages = [flipped(content, chance) for _ in range(TRIES)]
    damages += [content[:length] for length in (0, 1, 4096, len(content) // 2, len(content) - 1)]
    repaired = 0
    for number, damaged in enumerate(damages):
        home = tmp_path / str(number)
        shutil.copytree(sound, home, symlinks=True)
        (home / "warehouse.duckdb").write_bytes(damaged)
        tiny = Tiny.at(home)
        notes = " ".join(tiny.ingest().notes_of_repair)
        try:
            # Ingestion reads what it needs; the build reads all of it.
            with damage.noticed(tiny.database):
                found = tiny.contents()
        except damage.DamagedError as error:
            assert "Run the refresh again" in str(error)
            notes = f"{error} {' '.join(tiny.ingest().notes_of_repair)}"
            found = tiny.contents()
        assert found == expected, number
        if notes:
            repaired += 1
            assert "built again from it" in notes
            # An empty file is an empty database to DuckDB; nothing of it is worth keeping.
            if damaged:
                assert "has been moved to" in notes
                assert (home / "damaged" / "warehouse.duckdb").exists()
        remove(home)
    assert repaired >= len(damages) - 2
    figures.note(
        "Bit flips and cuts of the work database",
        f"{repaired} of {len(damages)} found and mended from the archive; the others lie where "
        "nothing is stored, and every row is as it was",
    )


def _killed_after_three_commits(home: Path) -> None:
    with stopping("transaction committed", 3, kill_myself):
        Tiny.at(home).ingest()


def test_a_damaged_log_is_set_aside_with_its_database(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    first_day(tiny)
    whole = Tiny.at(tmp_path / "whole")
    first_day(whole)
    whole.ingest()
    in_another_process(_killed_after_three_commits, tiny.home)
    log = tiny.database.with_name("warehouse.duckdb.wal")
    content = log.read_bytes()
    chance = random.Random(SEED)
    damages = {f"flip {n}": flipped(content, chance) for n in range(TRIES)}
    damages |= {f"cut {n}": content[: chance.randrange(len(content))] for n in range(TRIES)}
    scene = tmp_path / "scene"
    shutil.copytree(tiny.home, scene)
    # Without landing, what was committed has to come from the archive.
    for name, damaged in damages.items():
        home = tmp_path / name
        shutil.copytree(scene, home)
        (home / log.name).write_bytes(damaged)
        again = Tiny.at(home)
        report = again.ingest()
        assert again.contents() == whole.contents(), name
        if name.startswith("flip"):
            assert "has been moved to" in report.notes_of_repair[0], name
            assert (home / "damaged" / log.name).read_bytes() == damaged
        shutil.rmtree(home)
    figures.note(
        "Bit flips and cuts of the work database's write-ahead log, all mended",
        f"{len(damages)} of {len(damages)}",
    )


def test_what_was_committed_survives_a_cut_log_though_landing_is_empty(tmp_path: Path) -> None:
    tiny = Tiny.at(tmp_path / "home")
    first_day(tiny)
    in_another_process(_killed_after_three_commits, tiny.home)
    log = tiny.database.with_name("warehouse.duckdb.wal")
    for file in tiny.landing.iterdir():
        file.unlink()
    scene = tmp_path / "scene"
    shutil.copytree(tiny.home, scene)
    whole = tiny.ingest() and tiny.contents()
    length = log.stat().st_size if log.exists() else (scene / log.name).stat().st_size
    for kept in range(0, length, max(length // 6, 1)):
        home = tmp_path / str(kept)
        shutil.copytree(scene, home)
        with (home / log.name).open("r+b") as stream:
            stream.truncate(kept)
        again = Tiny.at(home)
        again.ingest()
        assert again.contents() == whole, kept
        shutil.rmtree(home)


@pytest.mark.parametrize(
    "text",
    [
        'IO Error: Could not set lock on file "/x": Conflicting lock is held in y (PID 1)',
        "IO Error: Could not write file: No space left on device",
        'IO Error: Cannot open file "/x": Permission denied',
        "Failure while replaying WAL file /x: Out of Memory Error: failed to allocate",
        "Catalog Error: Table with name x does not exist",
    ],
)
def test_what_is_wrong_elsewhere_is_no_damage(text: str) -> None:
    assert not damage.is_damage(duckdb.IOException(text))


def test_only_the_last_damage_is_kept(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    for content in (b"first", b"second"):
        database.write_bytes(content)
        assert "damaged" in damage.set_aside(database)
    assert [path.read_bytes() for path in (tmp_path / "damaged").iterdir()] == [b"second"]
    damage.forget_set_aside(database)
    assert not (tmp_path / "damaged").exists()
