"""Each file once, each row accounted for, whatever is repeated, replaced, reordered or killed."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pytest

from orchestration.lib.ingestion import archive, files, journal, ledger, repeats, rows
from orchestration.lib.ingestion.ledger import Counts
from tests.unit.ingestion.house import House, contents, things

HEADER = "thing_id,label\n"


def loaded(house: House) -> list[tuple[Any, ...]]:
    return house.query("select thing_id, label from raw.things order by all")


def outcomes(house: House) -> list[tuple[str, str, int, int]]:
    return [(o.file_name, o.status, o.rows_loaded, o.rows_repeated) for o in house.load().outcomes]


def statuses(house: House) -> list[tuple[Any, ...]]:
    return house.query("select file_name, status from ops.ledger order by batch_id")


@pytest.mark.parametrize("mode", ["append", "upsert", "snapshot"])
def test_same_content_is_loaded_once(tmp_path: Path, mode: str) -> None:
    house = things(tmp_path, load=mode)
    house.put("things_1.csv", HEADER + "1,a\n")
    assert outcomes(house) == [("things_1.csv", "loaded", 1, 0)]
    assert outcomes(house) == [("things_1.csv", "already_loaded", 0, 0)]
    house.put("things_2.csv", HEADER + "1,a\n")
    assert {status for _, status, _, _ in outcomes(house)} == {"already_loaded"}
    assert loaded(house) == [("1", "a")]
    assert len(statuses(house)) == 1


def test_a_file_whose_name_is_no_text_is_refused_alone(tmp_path: Path) -> None:
    house = things(tmp_path)
    odd = house.put(os.fsdecode(b"things_ao\xfbt.csv"), HEADER + "1,a\n")
    house.put("things_2.csv", HEADER + "2,b\n")
    house.put(os.fsdecode(b"unread_\xfb"), "")
    for _ in range(2):
        report = house.load()
        (problem,) = [one for one in report.problems if "not UTF-8" in one]
        assert r"'things_ao\\xfbt.csv' has a name that is not UTF-8; rename it." in problem
        "".join(report.problems).encode()
        assert loaded(house) == [("2", "b")]
    odd.rename(house.landing / "things_août.csv")
    house.load()
    assert loaded(house) == [("1", "a"), ("2", "b")]
    assert statuses(house) == [("things_2.csv", "loaded"), ("things_août.csv", "loaded")]


def test_a_file_has_the_longest_name_that_a_disk_takes(tmp_path: Path) -> None:
    house = things(tmp_path)
    name = f"things_{'x' * 244}.csv"
    house.put(name, HEADER + "1,a\n")
    for _ in range(2):
        assert house.load().problems == ()
        assert statuses(house) == [(name, "loaded")]


def test_a_file_that_is_moved_away_while_landing_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n")
    house.put("things_2.csv", HEADER + "2,b\n")
    is_data = files.is_data

    def move(name: str) -> bool:
        if name == "things_1.csv":
            (house.landing / name).unlink(missing_ok=True)
        return is_data(name)

    monkeypatch.setattr(files, "is_data", move)
    house.load()
    assert statuses(house) == [("things_2.csv", "loaded")]


def test_append_refuses_new_content_under_a_known_name(tmp_path: Path) -> None:
    house = things(tmp_path, load="append")
    house.put("things.csv", HEADER + "1,a\n")
    house.load()
    house.put("things.csv", HEADER + "1,b\n")
    for _ in range(2):
        (outcome,) = house.load().outcomes
        assert outcome.status == "refused"
        assert "`load: upsert`" in (outcome.reason or "")
    assert loaded(house) == [("1", "a")]
    assert statuses(house) == [("things.csv", "loaded"), ("things.csv", "refused")]


def test_a_corrected_file_that_lacks_rows_is_told_of(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a\n2,b\n3,c\n")
    house.load()
    house.put("things.csv", HEADER + "1,a\n2,x\n3,c\n")
    assert house.load().problems == ()
    house.put("things.csv", HEADER + "1,a\n3,c\n")
    [problem] = house.load().problems
    assert "has 2 rows, and the delivery before it had 3" in problem


def test_of_two_files_of_one_content_the_other_is_known_when_one_is_corrected(
    tmp_path: Path,
) -> None:
    house = things(tmp_path)
    one, two, three = (f"thing_id,label\n{n},x\n" for n in (1, 2, 3))
    for name, content in (("things_1.csv", one), ("things_2.csv", two), ("things_2.csv", one)):
        house.put(name, content)
        house.load()
    house.put("things_1.csv", three)
    house.load()
    house.put("things_3.csv", one)
    outcome = house.load().outcomes[-1]
    assert (outcome.status, outcome.reason) == ("already_loaded", "already loaded as things_2.csv")
    assert house.query("select thing_id from raw.things order by 1") == [("1",), ("3",)]


def test_upsert_replaces_the_rows_of_a_corrected_file(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n2,b\n")
    house.put("things_2.csv", HEADER + "3,c\n")
    house.load()
    house.put("things_1.csv", HEADER + "1,A\n")
    assert ("things_1.csv", "loaded", 1, 0) in outcomes(house)
    assert loaded(house) == [("1", "A"), ("3", "c")]
    assert statuses(house) == [
        ("things_1.csv", "superseded"),
        ("things_2.csv", "loaded"),
        ("things_1.csv", "loaded"),
    ]
    # And back again: the first content is new once more.
    house.put("things_1.csv", HEADER + "1,a\n2,b\n")
    house.load()
    assert loaded(house) == [("1", "a"), ("2", "b"), ("3", "c")]


def test_snapshot_keeps_the_latest_by_name(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot")
    house.put("things_9.csv", HEADER + "1,a\n2,b\n")
    house.put("things_10.csv", HEADER + "2,c\n")
    assert [name for name, *_ in outcomes(house)] == ["things_9.csv", "things_10.csv"]
    assert loaded(house) == [("2", "c")]
    assert {status for _, status, _, _ in outcomes(house)} == {"already_loaded"}
    house.put("things_8.csv", HEADER + "7,late\n")
    assert ("things_8.csv", "superseded", 0, 0) in outcomes(house)
    assert loaded(house) == [("2", "c")]
    house.put("things_10.csv", HEADER + "5,e\n")
    house.load()
    assert loaded(house) == [("5", "e")]


def test_an_unchanged_snapshot_still_counts_as_the_latest(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot")
    house.put("things_1.csv", HEADER + "1,a\n")
    house.load()
    house.put("things_3.csv", HEADER + "1,a\n")
    house.load()
    house.put("things_2.csv", HEADER + "1,in between\n")
    house.load()
    house.load()
    assert loaded(house) == [("1", "a")]


def test_repeated_rows_are_counted_not_stored(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n1,a\n2,b\n3,\n")
    house.put("things_2.csv", HEADER + "2,b\n3,\n4,d\n1,z\n")
    assert outcomes(house) == [
        ("things_1.csv", "loaded", 3, 1),
        ("things_2.csv", "loaded", 2, 2),
    ]
    assert loaded(house) == [
        ("1", "a"),
        ("1", "z"),
        ("2", "b"),
        ("3", None),
        ("4", "d"),
    ]


def test_repeated_rows_of_several_days_are_found_with_and_without_a_date(tmp_path: Path) -> None:
    house = things(tmp_path)
    head = "thing_id,label,due_on,changed_at\n"
    lines = (
        "1,a,2026-01-01,2026-01-01 10:00:00\n"
        "2,b,2026-01-03,2026-01-03 10:00:00\n"
        "3,c,,2026-01-02 10:00:00\n"
    )
    house.put("things_1.csv", head + lines)
    house.load()
    house.put("things_2.csv", head + lines + "4,d,2026-01-04,2026-01-04 10:00:00\n")
    assert outcomes(house)[1] == ("things_2.csv", "loaded", 1, 3)


@pytest.mark.parametrize("mode", ["append", "upsert", "snapshot"])
def test_a_key_that_comes_twice_in_a_file_with_other_values_is_quarantined(
    tmp_path: Path, mode: str
) -> None:
    house = things(tmp_path, load=mode, tolerance=0.5)
    house.put("things.csv", HEADER + "1,a\n1,b\n2,c\n1,a\n1,b\n")
    (outcome,) = house.load().outcomes
    assert (outcome.rows_loaded, outcome.rows_quarantined, outcome.rows_repeated) == (2, 2, 1)
    assert loaded(house) == [("1", "a"), ("2", "c")]
    assert house.query(
        "select line_number, column_name, reason_code, raw_value, remedy is not null "
        "from ops.quarantine order by 1"
    ) == [(line, "thing_id", "duplicate_key", "1", True) for line in (3, 6)]
    before = house.query("select * from ops.quarantine order by all")
    house.rebuild()
    assert house.query("select * from ops.quarantine order by all") == before


def test_many_keys_that_come_twice_refuse_the_file(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a\n1,b\n")
    (outcome,) = house.load().outcomes
    assert "most often thing_id (duplicate_key)" in (outcome.reason or "")


def test_versions_of_a_key_told_apart_by_updated_at_are_all_loaded(tmp_path: Path) -> None:
    house = things(tmp_path, tolerance=0.5)
    header = "thing_id,label,updated_at\n"
    house.put(
        "things.csv",
        header + "1,a,2026-01-01\n1,b,2026-01-02\n1,c,2026-01-02\n1,a,2026-01-01\n",
    )
    (outcome,) = house.load().outcomes
    assert (outcome.rows_loaded, outcome.rows_quarantined, outcome.rows_repeated) == (2, 1, 1)
    assert loaded(house) == [("1", "a"), ("1", "b")]


def test_a_column_that_a_file_lacks_counts_as_null(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", "thing_id,label,pieces\n1,a,\n2,b,7\n")
    house.put("things_2.csv", HEADER + "1,a\n2,b\n")
    assert outcomes(house)[1] == ("things_2.csv", "loaded", 1, 1)


@pytest.mark.parametrize("second", ["1,a\n1,a\n3,c\n", "1,a\r\n1,a\n3,c\r\n"])
def test_a_row_survives_the_correction_of_the_file_it_was_stored_for(
    tmp_path: Path, second: str
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n2,b\n")
    house.put("things_2.csv", HEADER + second)
    house.load()
    house.put("things_1.csv", HEADER + "2,b\n")
    house.load()
    assert loaded(house) == [("1", "a"), ("2", "b"), ("3", "c")]
    assert house.query(
        "select file_name, rows_read, rows_loaded, rows_repeated from ops.ledger "
        "where status = 'loaded' order by 1"
    ) == [("things_1.csv", 1, 1, 0), ("things_2.csv", 3, 2, 1)]


ONE_PER_LINE = {"location": "things*.jsonl", "format": "jsonl"}
BY_QUERY = {"query": "select thing_id, label, _row_number from source"}


@pytest.mark.parametrize("settings", [ONE_PER_LINE, BY_QUERY])
def test_a_correction_gives_a_row_back_whatever_the_format(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    house = things(tmp_path, **settings)

    def put(number: int, *rows: tuple[str, str]) -> None:
        lines = [f"{key},{label}\n" for key, label in rows]
        objects = [f'{{"thing_id": "{key}", "label": "{label}"}}\n' for key, label in rows]
        house.put(f"things_{number}.csv", HEADER + "".join(lines))
        house.put(f"things_{number}.jsonl", "".join(objects))

    put(1, ("1", "a"), ("2", "b"))
    put(2, ("1", "a"), ("3", "c"))
    house.load()
    put(1, ("1", "A"), ("2", "b"))
    assert {status for _, status, _, _ in outcomes(house)} == {"loaded", "already_loaded"}
    assert loaded(house) == [("1", "A"), ("1", "a"), ("2", "b"), ("3", "c")]


def test_any_order_of_arrival_stores_the_same_rows(tmp_path: Path) -> None:
    contents = [HEADER + "1,a\n2,b\n", HEADER + "2,b\n3,c\n", HEADER + "1,a\n3,x\n"]
    results = []
    for number, order in enumerate(itertools.permutations(range(3))):
        house = things(tmp_path / str(number))
        for position in order:
            house.put(f"things_{position}.csv", contents[position])
            house.load()
        results.append(loaded(house))
    assert all(result == results[0] for result in results)
    assert len(results[0]) == 4


def latest(house: House) -> list[tuple[Any, ...]]:
    """What the file with the last name says of each thing; names here have one digit."""
    return house.query(
        "select thing_id, arg_max(label, _source_file) from raw.things group by all order by 1"
    )


ORDERS = list(itertools.permutations(range(4)))


@pytest.mark.parametrize(
    "every", [pytest.param(False, id="shared"), pytest.param(True, marks=pytest.mark.long)]
)
@pytest.mark.parametrize(
    ("way", "mode", "settings"),
    [
        pytest.param(0, "append", {}, id="csv-append"),
        pytest.param(1, "append", ONE_PER_LINE, id="jsonl-append"),
        pytest.param(2, "upsert", {}, id="csv-upsert"),
        pytest.param(3, "upsert", ONE_PER_LINE, id="jsonl-upsert"),
    ],
)
def test_a_state_that_is_back_is_the_latest_in_any_order_of_arrival(
    tmp_path: Path, way: int, mode: str, settings: dict[str, str], every: bool
) -> None:
    """The four ways share the orders out among them; the long test tries each order in each."""
    labels = ["a", "b", "a", "a"]
    for number, order in enumerate(ORDERS if every else ORDERS[way::4]):
        house = things(tmp_path / str(number), load=mode, **settings)
        for position in order:
            rows = [("1", labels[position]), (f"of {position}", "z"), ("same", "y")]
            lines = [f"{key},{label}\n" for key, label in rows]
            objects = [f'{{"thing_id": "{key}", "label": "{label}"}}\n' for key, label in rows]
            house.put(f"things_{position}.csv", HEADER + "".join(lines))
            house.put(f"things_{position}.jsonl", "".join(objects))
            house.load()
        assert latest(house)[0] == ("1", "a"), order
        stored = house.query("select _batch_id, count(*) from raw.things group by all order by 1")
        counted = (
            "select batch_id, rows_loaded, rows_read, rows_repeated from ops.ledger order by 1"
        )
        assert stored == [(batch, rows) for batch, rows, _, _ in house.query(counted)]
        assert loaded(house) == sorted(
            [("1", "a"), ("1", "b"), ("1", "a"), ("same", "y")]
            + [(f"of {position}", "z") for position in range(4)]
        )
        before = contents(house)
        assert house.rebuild().notes == ()
        assert contents(house) == before


def test_a_state_is_not_back_where_updated_at_says_that_it_is_old(tmp_path: Path) -> None:
    house = things(tmp_path)
    for number, row in enumerate(["1,a,2026-01-01", "1,b,2026-01-02", "1,a,2026-01-01"]):
        house.put(f"things_{number}.csv", f"thing_id,label,updated_at\n{row}\nof {number},z,\n")
    assert outcomes(house)[2] == ("things_2.csv", "loaded", 1, 1)


def test_files_have_the_same_order_in_python_as_in_sql() -> None:
    names = ["week_10", "week_9", "a/2026-01-05.csv", "5", "0012x003", "Ö 1", "20260105T0800_1.gz"]
    names += ["week.csv", "week2.csv", "week (1).csv", "week-1.csv", "week_1.csv.gz", "week.csv.gz"]
    names += [
        "WEEK.CSV.GZ",
        "WEEK (1).CSV.GZ",
        "20260105.csv",
        "20260106080000.csv",
        "20260106080000123456.csv",
    ]
    with duckdb.connect() as connection:
        ordered = connection.execute(
            f"select name from (select unnest($1) as name) order by {repeats.place('name')}",
            [names],
        ).fetchall()
    assert [name for (name,) in ordered] == sorted(names, key=files.natural_order)
    assert files.natural_order("WEEK.CSV.GZ") < files.natural_order("WEEK (1).CSV.GZ")


def test_a_long_number_is_larger_than_a_short_one(tmp_path: Path) -> None:
    """A source that dated its files by day names the instant now, to the second or further."""
    house = things(tmp_path, load="snapshot")
    for label, instant in enumerate(("20260105", "20260106080000", "20260106080000123456")):
        house.put(f"things_{instant}.csv", f"{HEADER}1,{label}\n")
        assert house.load().outcomes[-1].status == "loaded"
    assert loaded(house) == [("1", "2")]


@pytest.mark.parametrize("later", ["things (1).csv", "things-1.csv", "things2.csv"])
def test_the_next_export_of_a_name_is_the_later_one(tmp_path: Path, later: str) -> None:
    assert files.natural_order("things.csv") < files.natural_order(later)
    house = things(tmp_path, load="snapshot")
    house.put("things.csv", HEADER + "1,a\n")
    assert outcomes(house) == [("things.csv", "loaded", 1, 0)]
    house.put(later, HEADER + "1,b\n")
    house.load()
    assert loaded(house) == [("1", "b")]


def test_a_refused_file_is_tried_again(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + ",a\n2,b\n")
    assert outcomes(house) == [("things.csv", "refused", 0, 0)]
    assert outcomes(house) == [("things.csv", "refused", 0, 0)]
    assert house.query("select count(*) from ops.quarantine") == [(1,)]
    house.tables["things"]["tolerance"] = 0.5
    assert outcomes(house) == [("things.csv", "loaded", 1, 0)]
    assert statuses(house) == [("things.csv", "loaded")]
    assert not [path for path in (tmp_path / "quarantine").rglob("*") if path.is_file()]


def test_the_archive_keeps_the_original_bytes(tmp_path: Path) -> None:
    house = things(tmp_path, encoding="cp1252")
    content = (HEADER + "1,é\n").encode("cp1252")
    path = house.put("things.csv", content)
    house.load()
    digest = files.hash_file(path)
    kept = tmp_path / "archive" / digest[:2] / f"{digest}.csv.zst"
    assert b"".join(archive.read(kept)) == content
    assert house.query("select content_hash, bytes from ops.ledger") == [(digest, len(content))]


def test_housekeeping_columns(tmp_path: Path) -> None:
    house = things(tmp_path, location="in/things*.csv")
    house.put("in/things.csv", HEADER + "1,a\n2,b\n")
    report = house.load()
    assert house.query(
        "select _source, _source_file, _row_number, _loaded_at::varchar, _batch_id from raw.things"
    ) == [
        ("s", "in/things.csv", 1, "2026-01-02 03:04:05", 1),
        ("s", "in/things.csv", 2, "2026-01-02 03:04:05", 1),
    ]
    assert report.row_totals == {"things": 2, "people": 0}


def test_counts_must_add_up() -> None:
    with pytest.raises(AssertionError, match="not accounted for"):
        Counts(read=3, loaded=1, quarantined=1)


def crash(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (archive, "keep"),
        (ledger.Ledger, "supersede"),
        (rows, "insert_clean"),
        (repeats, "delete_repeated"),
        (ledger.Ledger, "write"),
        (journal.Journal, "append"),
    ],
)
def test_a_crash_anywhere_leaves_a_rerun_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    house = things(tmp_path)
    house.put("things_1.csv", HEADER + "1,a\n2,b\n")
    house.load()
    house.put("things_1.csv", HEADER + "1,A\n2,b\n")
    house.put("things_2.csv", HEADER + "2,b\n")
    with monkeypatch.context() as patch:
        patch.setattr(module, name, crash)
        with pytest.raises(KeyboardInterrupt):
            house.load()
    assert loaded(house) == [("1", "a"), ("2", "b")]
    house.load()
    assert loaded(house) == [("1", "A"), ("2", "b")]
    assert [status for _, status in statuses(house)] == ["superseded", "loaded", "loaded"]


def test_a_crash_right_before_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a\n")
    write: Callable[..., None] = ledger.Ledger.write

    def write_and_crash(*arguments: Any, **named: Any) -> None:
        write(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger.Ledger, "write", write_and_crash)
        with pytest.raises(KeyboardInterrupt):
            house.load()
    assert loaded(house) == []
    assert outcomes(house) == [("things.csv", "loaded", 1, 0)]


def test_a_file_that_changes_while_it_is_read_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = things(tmp_path)
    path = house.put("things.csv", HEADER + "1,a\n")
    chunks = files.chunks

    def read_then_grow(stream: BinaryIO) -> Iterator[bytes]:
        yield from chunks(stream)
        path.write_text(HEADER + "1,a\n2,b\n")

    with monkeypatch.context() as patch:
        patch.setattr(files, "chunks", read_then_grow)
        (outcome,) = house.load().outcomes
    assert outcome.status == "waiting"
    assert outcomes(house) == [("things.csv", "loaded", 2, 0)]


def test_a_changed_contract_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a\n")
    house.load()
    with duckdb.connect(str(house.database)) as connection:
        connection.execute("alter table raw.things drop column pieces")
    with pytest.raises(ledger.RawTableMismatchError, match="only in the contract: pieces bigint"):
        house.load()


def test_tables_that_each_refresh_fills_anew_follow_a_changed_contract(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a\n")
    house.load()
    with duckdb.connect(str(house.database)) as connection:
        connection.execute("alter table ops.statements drop column are_rates_changed")
        connection.execute("create view said as from ops.statements")
    house.load()
    with duckdb.connect(str(house.database)) as connection:
        assert connection.execute("select are_rates_changed from ops.statements").fetchall() == []


def test_problems_are_sentences(tmp_path: Path) -> None:
    house = things(tmp_path, tolerance=0.5)
    house.put("things.csv", HEADER + ",a\n2,b\n")
    assert house.load().problems == (
        "s.things: 'things.csv': 1 of 2 rows quarantined, see ops.quarantine.",
    )


def test_what_no_release_has_told_of_is_told_again(tmp_path: Path) -> None:
    house = things(tmp_path, tolerance=0.5)
    house.put("things.csv", HEADER + "1,a\n2,b\n3,c\n")
    house.load(published=0)
    house.put("things.csv", HEADER + ",a\n2,b\n")
    # A refresh that dies after it has loaded this publishes nothing, nor prints a summary.
    told = house.load(published=1).problems
    assert told == (
        "s.things: 'things.csv': 1 of 2 rows quarantined, see ops.quarantine; has 2 rows, and the "
        "delivery before it had 3; ask the source whether that is right.",
    )
    again = house.load(published=1)
    assert again.problems == told
    assert [o.rows_quarantined for o in again.outcomes] == [0]
    assert house.load(published=2).problems == ()


def test_changed_columns_that_no_release_has_told_of_are_told_again(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things_01.csv", HEADER + "1,a\n")
    house.load(published=0)
    for number in range(2, 30):
        house.put(f"things_{number:02}.csv", f"thing_id,label,new_{number}\n{number},a,x\n")
        new = f"columns that are new since the last delivery: new_{number}"
        # A refresh that dies after it has loaded this publishes nothing, nor prints a summary.
        assert any(new in one for one in house.load(published=number - 1).problems)
        assert any(new in one for one in house.load(published=number - 1).problems)
        assert house.load(published=number).problems == ()
    ((kept,),) = house.query("select value from ops.settings where name like 'noted of %'")
    assert kept.count("columns that are new") == 20


def test_the_database_is_closed(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", HEADER + "1,a\n")
    house.load()
    opened = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.exists()]
    assert not [path for path in opened if path.is_relative_to(tmp_path)]
    assert not house.database.with_suffix(".duckdb.wal").exists()
