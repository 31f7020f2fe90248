"""What survives the loss of the database, a crash between journal and commit, a changed rule."""

import errno
import gzip
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.company import CompanyError
from orchestration.lib.ingestion import archive, files
from orchestration.lib.ingestion.archive import ArchiveError
from orchestration.lib.ingestion.journal import Journal, JournalError
from orchestration.lib.ingestion.personal import HashKeyError
from tests.unit.ingestion.house import KEY, House, contents, things

HEADER = "thing_id,label,pieces\n"


def busy_house(root: Path) -> House:
    """Replaced, repeated, quarantined and refused files, in three modes, with people."""
    house = House(
        root,
        {
            "things": {"location": "things*.csv*", "load": "upsert", "tolerance": 0.4},
            "people": {"location": "people*.csv", "load": "snapshot"},
        },
    )
    house.put("things_1.csv", HEADER + "1,a,1\n2,b,2\n3,c,x\n1,a,1\n")
    house.put("things_2.csv.gz", gzip.compress((HEADER + "1,a,1\n4,d,4\n").encode()))
    house.put("people_1.csv", "person_id,email\n1,ann@example.com\n")
    house.load()
    house.put("things_1.csv", HEADER + "2,b,2\n5,e,5\n4,d,4\n")
    house.put("things_3.csv", HEADER + "6,f,x\n7,g,y\n")
    house.put("people_2.csv", "person_id,email\n1,ann@example.com\n2,Bob@Example.com \n")
    house.load()
    return house


def test_a_rebuild_gives_the_same_tables_from_archive_and_journal_alone(tmp_path: Path) -> None:
    house = busy_house(tmp_path)
    before = contents(house)
    house.database.unlink()
    for path in list(house.landing.rglob("*")):
        path.unlink()

    report = house.rebuild()

    assert report.notes == ()
    assert contents(house) == before
    assert [entry.status for entry in house.load().outcomes] == []
    assert contents(house) == before


def test_a_refresh_without_a_database_builds_it_from_the_archive_first(tmp_path: Path) -> None:
    house = busy_house(tmp_path)
    before = contents(house)
    house.database.unlink()
    report = house.load()
    assert "built again from it" in report.notes_of_repair[0]
    assert {outcome.status for outcome in report.outcomes} == {"already_loaded", "refused"}
    assert contents(house) == before


def test_an_older_copy_of_the_database_catches_up_with_the_journal(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.load()
    old = house.database.read_bytes()
    for number in (2, 3):
        house.put(f"things_{number}.csv", HEADER + f"{number},b,2\n")
        house.load()
    before = contents(house)
    house.database.write_bytes(old)
    assert "behind the archive" in house.load().notes_of_repair[0]
    assert contents(house) == before


def test_a_journaled_transaction_that_was_never_committed_is_undone(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.load()
    old = house.database.read_bytes()
    house.put("things_2.csv", HEADER + "2,b,2\n")
    house.load()
    before = contents(house)
    house.database.write_bytes(old)

    (_, second) = house.load().outcomes

    assert second.status == "loaded"
    assert contents(house) == before
    assert len(Journal(tmp_path / "archive").state().rows) == 2
    house.database.unlink()
    house.rebuild()
    assert contents(house) == before


def test_a_journal_line_that_a_crash_cut_counts_as_never_written(tmp_path: Path) -> None:
    house = busy_house(tmp_path)
    before = contents(house)
    with (tmp_path / "archive" / "ledger.jsonl").open("ab") as stream:
        stream.write(b'{"rows":[{"batch_id":9')
    house.load()
    house.put("things_9.csv", HEADER + "9,z,9\n")
    house.load()
    (tmp_path / "landing" / "things_9.csv").unlink()
    house.database.unlink()
    house.rebuild()
    assert house.query("select count(*) from raw.things where thing_id <> '9'") == [
        (len(before[0]),)
    ]


def test_a_damaged_line_of_the_journal_is_named_by_its_number(tmp_path: Path) -> None:
    """Of the whole file, also where the database knows all lines before it."""
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.load()
    journal = tmp_path / "archive" / "ledger.jsonl"
    before = journal.read_text()
    journal.write_text(before + "damaged\n")
    damaged = f"line {before.count(chr(10)) + 1} is damaged"
    with pytest.raises(JournalError, match=damaged):
        house.load()
    with pytest.raises(JournalError, match=damaged):
        house.rebuild()


def test_a_database_without_journal_writes_one(tmp_path: Path) -> None:
    house = busy_house(tmp_path)
    before = contents(house)
    (tmp_path / "archive" / "ledger.jsonl").unlink()
    house.load()
    house.database.unlink()
    house.rebuild()
    assert contents(house) == before


def test_damaged_archive_bytes_are_named_and_nothing_is_replaced(tmp_path: Path) -> None:
    house = things(tmp_path)
    path = house.put("things.csv", HEADER + "1,a,1\n")
    house.load()
    kept = archive.find(tmp_path / "archive", files.hash_file(path))
    assert kept
    before = house.database.read_bytes()
    archive.write(house.put("other", "thing_id\n"), tmp_path / "archive", kept.name[:64], ".csv")
    with pytest.raises(ArchiveError, match="is damaged"):
        house.rebuild()
    kept.unlink()
    with pytest.raises(ArchiveError, match="put it back from a backup"):
        house.rebuild()
    assert house.database.read_bytes() == before


def test_a_full_disk_is_not_taken_for_a_damaged_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a,1\n")
    house.load()

    def full(_: Path) -> Iterator[bytes]:
        yield b"thing_id"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(archive, "read", full)
    with pytest.raises(OSError, match="No space left on device"):
        house.rebuild()


def test_what_a_killed_rebuild_left_is_removed_by_whoever_opens_the_database(
    tmp_path: Path,
) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a,1\n")
    house.load()
    build = house.database.parent / "build"
    for name in ("rebuilt.duckdb", "rebuilt.duckdb.wal", "compacted.duckdb"):
        (build / name).write_text("rows of whoever is forgotten next")
    house.load()
    assert list(build.glob("*.duckdb*")) == []


def test_a_rebuild_without_its_archive_leaves_the_database_alone(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a,1\n")
    house.load()
    (tmp_path / "archive").rename(tmp_path / "not_mounted")
    with pytest.raises(archive.ArchiveError, match=r"ledger.jsonl is missing"):
        house.rebuild()
    assert house.query("select thing_id from raw.things") == [("1",)]


def test_a_rebuild_needs_every_source_that_was_loaded(tmp_path: Path) -> None:
    house = busy_house(tmp_path)
    del house.tables["people"]
    with pytest.raises(CompanyError, match=r"s\.people was loaded once"):
        house.rebuild()


def test_files_that_are_compressed_already_are_kept_as_they_are(tmp_path: Path) -> None:
    house = things(tmp_path, location="things.csv.gz")
    content = gzip.compress((HEADER + "1,a,1\n").encode())
    house.put("things.csv.gz", content)
    house.load()
    digest = hashlib.sha256(content).hexdigest()
    kept = tmp_path / "archive" / digest[:2] / f"{digest}-as-is.csv.gz"
    assert kept.read_bytes() == content


def test_requeue_loads_what_a_changed_source_yaml_makes_acceptable(tmp_path: Path) -> None:
    house = things(tmp_path, load="append", tolerance=0.5)
    house.put("things_1.csv", HEADER + '1,a,"1 200"\n2,b,2\n3,c,?\n')
    house.put("things_2.csv", HEADER + '4,d,"1 400"\n')
    house.load()
    assert house.query("select status, rows_read, rows_loaded from ops.ledger order by all") == [
        ("refused", 1, 0),
        ("refused", 3, 0),
    ]
    house.tables["things"]["tolerance"] = 0.7
    for path in house.landing.iterdir():
        path.unlink()
    assert [o.rows_loaded for o in house.requeue().outcomes] == [1]
    house.tables["things"] |= {"thousands_separator": " "}
    assert sorted(o.rows_loaded for o in house.requeue().outcomes) == [1, 2]
    assert house.query("select thing_id, pieces from raw.things order by 1") == [
        ("1", 1200),
        ("2", 2),
        ("4", 1400),
    ]
    assert house.query("select row_number, raw_value from ops.quarantine") == [(3, "?")]
    assert house.requeue().outcomes == ()
    before = contents(house)
    house.rebuild()
    assert contents(house) == before


STATES = "select file_name, status from ops.ledger order by batch_id"


@pytest.mark.parametrize(
    ("load", "name"), [("upsert", "things_1.csv"), ("snapshot", "things_2.csv")]
)
def test_a_refused_file_that_was_mended_holds_nothing_back(
    tmp_path: Path, load: str, name: str
) -> None:
    house = things(tmp_path, load)
    house.put("things_1.csv", HEADER + '1,a,"1 200"\n')
    house.load()
    (house.landing / "things_1.csv").unlink()
    house.put(name, HEADER + "1,a,1200\n2,b,2\n")
    house.load()
    assert house.query(STATES) == [("things_1.csv", "superseded"), (name, "loaded")]
    assert house.query("from ops.quarantine") == []
    # Though it would be acceptable by now: what came after it counts.
    house.tables["things"] |= {"thousands_separator": " "}
    assert house.requeue().outcomes == ()
    assert house.query("select thing_id, pieces from raw.things order by 1") == [
        ("1", 1200),
        ("2", 2),
    ]
    before = contents(house)
    house.rebuild()
    assert contents(house) == before


def test_a_refused_file_stays_refused_where_another_name_or_an_earlier_version_is_loaded(
    tmp_path: Path,
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + '1,a,"1 200"\n')
    house.load()
    house.put("things_1.csv", HEADER + "1,a,many\n")
    house.put("things_2.csv", HEADER + "2,b,2\n")
    house.load()
    house.tables["things"] |= {"thousands_separator": " "}
    assert [outcome.file_name for outcome in house.requeue().outcomes] == ["things_1.csv"]
    assert sorted(house.query(STATES)) == [
        ("things_1.csv", "loaded"),
        ("things_1.csv", "refused"),
        ("things_2.csv", "loaded"),
    ]


def test_a_refused_snapshot_is_not_made_up_for_by_an_earlier_one_that_comes_late(
    tmp_path: Path,
) -> None:
    house = things(tmp_path, load="snapshot")
    house.put("things_3.csv", HEADER + '1,a,"1 200"\n')
    house.load()
    house.put("things_2.csv", HEADER + "1,a,2\n")
    house.load()
    assert sorted(house.query(STATES)) == [("things_2.csv", "loaded"), ("things_3.csv", "refused")]


def test_another_hash_key_is_refused_until_a_rebuild(tmp_path: Path) -> None:
    house = busy_house(tmp_path)
    house.hash_key = "another-key-of-more-than-thirty-two-characters"
    with pytest.raises(HashKeyError, match=hashlib.sha256(KEY.encode()).hexdigest()[:8]):
        house.load()
    before = house.query("select email from raw.people order by 1")
    (note,) = house.rebuild().notes
    assert "made anew" in note
    house.load()
    assert house.query("select email from raw.people order by 1") != before


def test_rows_that_were_read_by_other_words_of_source_yaml_are_told_once(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", "thing_id,label,net\n1,a,\n2,b,\n")
    assert house.load().notes == ()
    house.tables["things"] |= {
        "tolerance": 0.2,
        "columns": {"label": "label", "amount": {"sql": "net"}},
        "timezone": "Europe/Paris",
    }
    house.put("things_2.csv", "thing_id,label,net\n3,c,1.5\n")

    (note,) = house.load().notes

    assert note.startswith("s.things: source.yaml says something else about ")
    assert " columns.amount, timezone now, and " in note
    assert "2 rows that were loaded before" in note
    assert house.load().notes == ()


def test_no_row_was_read_by_other_words_after_a_rebuild_or_a_new_snapshot(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot")
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.load()
    house.tables["things"]["null_values"] = ["-"]
    house.rebuild()
    assert house.load().notes == ()
    house.tables["things"]["null_values"] = ["--"]
    house.put("things_2.csv", HEADER + "1,b,1\n")
    assert house.load().notes == ()
    house.tables["things"]["null_values"] = ["-"]
    assert len(house.load().notes) == 1


def test_rows_of_a_requeue_were_read_by_the_present_words(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.put("things_2.csv", HEADER + '2,b,"1 200"\n3,c,"1 300"\n')
    house.load()
    house.tables["things"]["thousands_separator"] = " "
    (note,) = house.requeue().notes
    assert "1 rows that were loaded before" in note
    assert house.load().notes == ()


def test_a_further_name_for_a_header_reads_no_row_otherwise(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.load()
    house.tables["things"]["columns"] = {"label": ["label", "Name"]}
    assert house.load().notes == ()
    house.tables["things"]["columns"] = {"label": ["Name"]}
    (note,) = house.load().notes
    assert "about columns.label now" in note


def test_a_further_name_for_a_column_that_no_file_had_may_read_rows_otherwise(
    tmp_path: Path,
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", "thing_id,label,items\n1,a,7\n")
    house.load()
    house.tables["things"]["columns"] = {"pieces": ["pieces", "items"]}
    house.put("things_2.csv", "thing_id,label,items\n2,b,8\n")
    (note,) = house.load().notes
    assert "about columns.pieces now, and 1 rows that were loaded before" in note
    house.rebuild()
    assert house.query("select pieces from raw.things order by thing_id") == [(7,), (8,)]


def test_a_file_that_can_no_longer_be_read_is_refused_by_a_rebuild_and_the_others_are_not(
    tmp_path: Path,
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a,1\n")
    house.put("things_2.csv", HEADER + "2,2,2\n")
    house.load()
    house.tables["things"]["columns"] = {"label": {"sql": "label::bigint::varchar"}}

    (note,) = house.rebuild().notes

    assert "'things_1.csv' was loaded and is refused now" in note
    assert "try_cast" in note
    assert house.query("select thing_id from raw.things") == [("2",)]
    assert house.query("select file_name, status from ops.ledger order by 1") == [
        ("things_1.csv", "refused"),
        ("things_2.csv", "loaded"),
    ]


def test_a_rebuild_tells_of_the_first_few_files_with_the_same_difference(tmp_path: Path) -> None:
    house = things(tmp_path)
    for number in range(5):
        house.put(f"things_{number}.csv", HEADER + f"{number},a,1\n")
    house.load()
    house.tables["things"]["columns"] = {"label": {"sql": "label::bigint::varchar"}}

    notes = house.rebuild().notes

    assert len(notes) == 3
    assert notes[-1].endswith("And 2 more like it.")


def test_unchanged_landing_files_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    path = house.put("things.csv", HEADER + "1,a,1\n")
    monkeypatch.setattr("orchestration.lib.ingestion.landing._RACY_NANOSECONDS", 0)
    house.load()
    with monkeypatch.context() as patch:
        patch.setattr(files, "open_regular", None)
        assert house.load().outcomes[0].status == "already_loaded"
    times = path.stat()
    path.write_text(HEADER + "2,b,2\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert house.load().outcomes[0].status == "loaded"


def test_a_file_hashed_right_after_it_was_written_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is, this file is young.
    monkeypatch.setattr("orchestration.lib.ingestion.landing._RACY_NANOSECONDS", 3600 * 10**9)
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a,1\n")
    house.load()
    assert json.loads((tmp_path / "build" / "landing_hashes.json").read_text()) == {}


def test_a_growing_file_waits_and_a_still_one_is_loaded_after_the_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    house.settle_seconds = 0.2
    growing = house.put("things_1.csv", HEADER + "1,a,1\n")
    still = house.put("things_2.csv", HEADER + "2,b,2\n")
    old = house.put("things_3.csv", HEADER + "3,c,3\n")
    # Younger than the pause, however long the machine takes to get to it.
    for path, age in ((growing, -3600), (still, -3600), (old, 60)):
        os.utime(path, (time.time() - age, time.time() - age))
    sleep = time.sleep

    def sleep_while_it_grows(seconds: float) -> None:
        sleep(seconds)
        growing.write_text(HEADER + "1,a,1\n4,d,4\n")

    with monkeypatch.context() as patch:
        patch.setattr(time, "sleep", sleep_while_it_grows)
        outcomes = house.load().outcomes
    assert [outcome.status for outcome in outcomes] == ["waiting", "loaded", "loaded"]
    assert house.load().outcomes[0].status == "loaded"


def test_names_of_unfinished_files_and_manifests_are_left_alone(tmp_path: Path) -> None:
    house = things(tmp_path, location="things*")
    for name in ("things.csv.part", "things.TMP", "things.csv.manifest.json", ".things.csv"):
        house.put(name, HEADER + "1,a,1\n")
    assert house.load().outcomes == ()


BODY = HEADER + "1,a,1\n2,b,2\n"
DIGEST = hashlib.sha256(BODY.encode()).hexdigest()


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (json.dumps({"rows": 2, "sha256": DIGEST}), None),
        (json.dumps({"rows": 2}), None),
        ("\ufeff" + json.dumps({"rows": 2}), None),
        (json.dumps({"rows": 3}), "has 2 rows where its manifest promises 3"),
        (json.dumps({"sha256": "0" * 64}), "does not hold the bytes of its manifest"),
        ("[]", "unusable manifest"),
        ('{"rows": "two"}', "unusable manifest"),
        ('{"row_count": 2}', "unusable manifest 'things.csv.manifest.json'"),
        ("{", "unusable manifest"),
        ("{}" + " " * (1 << 16), "unusable manifest"),
    ],
)
def test_a_manifest_is_believed(tmp_path: Path, manifest: str, reason: str | None) -> None:
    house = things(tmp_path)
    house.put("things.csv", BODY)
    house.put("things.csv.manifest.json", manifest)
    (outcome,) = house.load().outcomes
    assert outcome.status == ("refused" if reason else "loaded")
    assert (reason or "") in (outcome.reason or "")


@pytest.mark.parametrize("manifest", [{"rows": 3}, {"sha256": "0" * 64}])
def test_a_manifest_that_comes_after_its_file_is_held_against_it(
    tmp_path: Path, manifest: dict[str, object]
) -> None:
    house = things(tmp_path)
    house.put("things.csv", BODY)
    house.load()
    house.put("things.csv.manifest.json", json.dumps({"rows": 2, "sha256": DIGEST}))
    assert house.load().problems == ()
    house.put("things.csv.manifest.json", json.dumps(manifest))
    report = house.load()
    assert [outcome.status for outcome in report.outcomes] == ["already_loaded"]
    (told,) = report.problems
    assert told.startswith("s.things: 'things.csv' is loaded, and ")
    assert "its manifest" in told


def test_a_late_manifest_counts_rows_of_the_file_and_not_of_a_query(tmp_path: Path) -> None:
    query = "select thing_id, min(label) as label from source group by thing_id"
    house = things(tmp_path, query=query)
    house.put("things.csv", HEADER + "1,a,1\n1,b,2\n")
    house.load()
    house.put("things.csv.manifest.json", json.dumps({"rows": 2}))
    assert house.load().problems == ()


def test_requeue_does_not_load_what_broke_its_manifests_promise(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", BODY)
    house.put("things.csv.manifest.json", json.dumps({"rows": 3}))
    house.load()
    manifest = house.landing / "things.csv.manifest.json"
    (house.landing / "things.csv").rename(tmp_path / "moved.csv")
    manifest.unlink()
    assert house.requeue().outcomes == ()
    assert house.query("select status from ops.ledger") == [("refused",)]
    # Whoever puts the file back without its manifest wants it as it is.
    (tmp_path / "moved.csv").rename(house.landing / "things.csv")
    assert [outcome.status for outcome in house.requeue().outcomes] == ["loaded"]


def test_a_zip_bomb_is_refused_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path, location="things.csv.gz")
    bomb = gzip.compress(HEADER.encode() + b"1,aaaaaaaa,1\n" * (2 << 20))
    house.put("things.csv.gz", bomb)
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert "max_compression_ratio" in (outcome.reason or "")
    kept = archive.find(tmp_path / "quarantine", hashlib.sha256(bomb).hexdigest())
    assert kept
    assert kept.read_bytes() == bomb
    house.tables["things"]["max_compression_ratio"] = 2000
    with monkeypatch.context() as limited:
        limited.setattr(files, "LARGEST_BYTES", 1 << 20)
        (outcome,) = house.load().outcomes
    # A limit that no setting raises.
    assert outcome.reason == "unpacks to more than 0 GB; deliver it in several files."
    assert house.load().outcomes[0].rows_read == 2 << 20


def test_no_rows_where_there_were_many_is_a_problem(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot")
    house.put("things_1.csv", BODY)
    house.load()
    house.put("things_2.csv", HEADER)
    (outcome,) = house.load().outcomes[1:]
    assert outcome.status == "refused"
    assert "would delete all 2" in (outcome.reason or "")
    assert house.query("select count(*) from raw.things") == [(2,)]
    house.tables["things"]["may_be_empty"] = True
    assert house.load().problems == ()
    assert house.query("select count(*) from raw.things") == [(0,)]


def test_no_rows_where_they_must_be_refuse_the_file(tmp_path: Path) -> None:
    house = things(tmp_path, load="append", may_be_empty=False)
    house.put("things_1.csv", HEADER)
    (problem,) = house.load().problems
    assert "`may_be_empty: false` wants some" in problem


@pytest.mark.parametrize(
    "mapped",
    [
        {},
        {"columns": {"label": {"sql": "upper(label)"}}},
        {"query": "select thing_id, label, _row_number from source"},
    ],
)
def test_json_lines_without_an_object_are_no_rows_where_they_may_be(
    tmp_path: Path, mapped: dict[str, Any]
) -> None:
    house = things(tmp_path, location="things_*.jsonl", format="jsonl", load="append", **mapped)
    house.put("things_1.jsonl", '{"thing_id": "1", "label": "a"}\n')
    house.put("things_2.jsonl", "")
    (problem,) = house.load().problems
    assert "`may_be_empty: true`" in problem
    house.tables["things"]["may_be_empty"] = True
    assert house.load().problems == ()
    assert house.query("select count(*) from raw.things") == [(1,)]
    assert house.query("select status, rows_read from ops.ledger where file_name like '%2%'") == [
        ("loaded", 0)
    ]


@pytest.mark.parametrize("load", ["append", "upsert"])
def test_an_empty_file_after_a_full_one_is_a_problem(tmp_path: Path, load: str) -> None:
    house = things(tmp_path, load=load)
    house.put("things_1.csv", BODY)
    house.load()
    house.put("things_2.csv", HEADER)
    (problem,) = house.load().problems
    assert problem.endswith(
        "'things_2.csv': has no rows, and the delivery before it had 2; ask the source whether "
        "that is right, and set `may_be_empty: true` if it often is."
    )


@pytest.mark.parametrize(
    ("mapped", "header", "is_currency"),
    [
        ("Spent (EUR)", "Spent (USD)", True),
        ({"sql": 'upper("Spent (EUR)")'}, "Spent (USD)", True),
        ("Spent (EUR)", "Cost (USD)", False),
        ("Spent", "Spent (USD)", False),
        ("Spent (EUR)", "Spent (usd)", False),
    ],
)
def test_a_header_of_another_currency_is_no_new_name(
    tmp_path: Path, mapped: object, header: str, *, is_currency: bool
) -> None:
    house = things(tmp_path, columns={"label": mapped})
    house.put("things_1.csv", f"thing_id,{header}\n1,5\n")
    (problem,) = house.load().problems
    assert ("Are amounts in another currency?" in problem) == is_currency
    assert ("Name the new header" in problem or "of two names" in problem) != is_currency


def test_a_header_that_was_renamed_is_named_beside_the_old_one(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", "thing_id,label\n1,a\n")
    house.load()
    house.put("things_2.csv", "thing_id,Etikett\n2,b\n")
    assert "'label'; unexpected 'Etikett': renamed?" in str(house.load().problems)
    house.tables["things"]["columns"] = {"label": ["label", "etikett"]}
    house.requeue()
    house.rebuild()
    assert house.query("select label from raw.things order by 1") == [("a",), ("b",)]
    house.put("things_3.csv", "thing_id,Name\n3,c\n")
    assert "misses column 'label or etikett'" in str(house.load().problems)
