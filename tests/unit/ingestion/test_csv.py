"""Files as they come: encodings, headers, quotes, ragged lines."""

import csv
import gzip
import io
import unicodedata
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.ingestion import archive
from orchestration.lib.ingestion.cells import ERRORS
from tests.unit.ingestion.house import House, things

CELL = st.text(
    alphabet=st.one_of(
        st.sampled_from(list(',;"\n ab1é\u00a0€')),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    max_size=8,
)


def is_blank(text: str) -> bool:
    return all(unicodedata.category(character) == "Zs" for character in text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(labels=st.lists(CELL.filter(lambda text: text not in ERRORS), min_size=1, max_size=12))
def test_text_is_read_as_python_reads_it(
    labels: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([["thing_id", "label"], *([str(i), text] for i, text in enumerate(labels))])
    house = things(tmp_path_factory.mktemp("round"), load="snapshot")
    house.put("things.csv", stream.getvalue())

    report = house.load()

    expected = [
        (number, str(row[0]), None if is_blank(row[1]) else row[1])
        for number, row in enumerate(list(csv.reader(io.StringIO(stream.getvalue())))[1:], 1)
    ]
    assert report.outcomes[0].reason is None
    rows = house.query("select _row_number, thing_id, label from raw.things order by 1")
    assert rows == expected


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252"), ("latin-1", "latin-1")],
)
def test_encodings(tmp_path: Path, encoding: str, declared: str) -> None:
    house = things(tmp_path, encoding=declared)
    house.put("things.csv", "thing_id,label\n1,été\n".encode(encoding))
    assert house.load().problems == ()
    assert house.query("select thing_id, label from raw.things") == [("1", "été")]


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_files(tmp_path: Path, ending: str) -> None:
    house = things(tmp_path, location="things.csv.*")
    content = b"thing_id,label\n1,a\n2,b,c\n" + b"3,d\n" * 200
    if ending == "gz":
        house.put("things.csv.gz", gzip.compress(content))
    else:
        plain = house.put("plain", content)
        duckdb.sql(
            f"copy (select decode(content) from read_blob('{plain}')) "
            f"to '{house.landing}/things.csv.zst' "
            "(header false, quote '', escape '', delimiter '\x01', compression zstd)"
        )
    outcome = house.load().outcomes[0]
    assert (outcome.status, outcome.rows_read, outcome.rows_quarantined) == ("loaded", 202, 1)
    assert house.query("select row_number, line_number from ops.quarantine") == [(2, 3)]


REFUSED = {
    "empty": (b"", "is empty"),
    "only a BOM": (b"\xef\xbb\xbf", "is empty"),
    "missing column": (b"thing_id,lable\n1,a\n", "misses column 'label'; unexpected 'lable'"),
    "doubled header": (b"thing_id,label,Label\n1,a,b\n", "more than once"),
    "unnamed column": (b"thing_id,label,\n1,a,b\n", "no name for column 3"),
    "reserved name": (b"thing_id,label,_row_number\n1,a,b\n", "reserved"),
    "blank first line": (b"\nthing_id,label\n1,a\n", "empty line instead of a header"),
    "a title": (b"Things of May\nthing_id,label\n1,a\n", "cut all lines above the names"),
    "other delimiter": (b"thing_id;label\n1;a\n", "declare the file's `delimiter`"),
    "not utf-8": (b"thing_id,label\n1,a\n2,\xe9\n", "is not utf-8 at record 3"),
    "open quote": (b'thing_id,label\n1,a\n2,"b\n3,c\n', "quote that is not closed"),
    "text after quote": (b'thing_id,label\n1,"a"b\n', "quote that is not closed or not doubled"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused_files(tmp_path: Path, content: bytes, reason: str) -> None:
    house = things(tmp_path)
    house.put("things.csv", content)
    outcome = house.load().outcomes[0]
    assert outcome.status == "refused"
    assert outcome.reason
    assert reason in outcome.reason
    assert house.query("select count(*) from raw.things") == [(0,)]
    kept = [path for path in (tmp_path / "quarantine").rglob("*") if path.is_file()]
    assert [b"".join(archive.read(path)) for path in kept] == [content]


def test_cut_gzip_is_refused(tmp_path: Path) -> None:
    house = things(tmp_path, location="things.csv.gz")
    lines = "".join(f"{number},{number * 7919 % 1000003}\n" for number in range(50_000))
    house.put("things.csv.gz", gzip.compress(f"thing_id,label\n{lines}".encode())[:-5000])
    assert house.load().outcomes[0].status == "refused"
    assert house.query("select count(*) from raw.things") == [(0,)]


def test_cut_parquet_is_refused(tmp_path: Path) -> None:
    house = things(tmp_path, location="things.parquet", format="parquet")
    duckdb.sql(
        "copy (select '1' as thing_id, 'a' as label) "
        f"to '{house.landing}/things.parquet' (format parquet)"
    )
    path = house.landing / "things.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    outcome = house.load().outcomes[0]
    assert outcome.reason is not None
    assert "no complete Parquet" in outcome.reason


def test_cp1252_gap_is_refused_with_its_place(tmp_path: Path) -> None:
    house = things(tmp_path, encoding="cp1252")
    house.put("things.csv", b"thing_id,label\n1,a\n2,\x81\n")
    reason = house.load().outcomes[0].reason
    assert reason is not None
    assert "byte 21 (line 3)" in reason


def test_header_only_loads_nothing(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", "thing_id,label\n")
    outcome = house.load().outcomes[0]
    assert (outcome.status, outcome.rows_read) == ("loaded", 0)


def test_ragged_rows_are_quarantined_and_counted_among_the_row_numbers(tmp_path: Path) -> None:
    house = things(tmp_path, tolerance=0.5)
    house.put("things.csv", 'thing_id,label\n1,"a\nb"\n2\n\n3,c\n4,d,e\n5,f\nx,\n')
    outcome = house.load().outcomes[0]
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_quarantined) == (6, 4, 2)
    assert house.query("select _row_number, thing_id from raw.things order by 1") == [
        (1, "1"),
        (3, "3"),
        (5, "5"),
        (6, "x"),
    ]
    assert house.query(
        "select row_number, line_number, column_name, reason_code, raw_value "
        "from ops.quarantine order by 1"
    ) == [
        (2, 4, None, "wrong_column_count", None),
        (4, 7, None, "wrong_column_count", None),
    ]


def test_unknown_columns_are_reported_and_ignored(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", "thing_id,label,colour\n1,a,red\n")
    report = house.load()
    assert report.outcomes[0].ignored_columns == ("colour",)
    assert "columns ignored: colour" in report.problems[0]


def test_columns_that_come_and_go_are_reported_once(tmp_path: Path) -> None:
    house = things(tmp_path, load="append")
    house.put("things_1.csv", "thing_id,label,pieces\n1,a,1\n")
    assert house.load().problems == ()
    house.put("things_2.csv", "thing_id,label,colour\n2,b,red\n")
    (problem,) = house.load().problems
    assert "new since the last delivery: colour" in problem
    assert "gone since then: pieces" in problem
    house.put("things_3.csv", "thing_id,label,colour\n3,c,red\n")
    assert house.load().outcomes[-1].drift == ()
    house.rebuild()
    house.put("things_4.csv", "thing_id,label,colour\n4,d,red\n")
    assert house.load().outcomes[-1].drift == ()


def test_a_column_that_changes_its_type_is_reported(tmp_path: Path) -> None:
    house = things(tmp_path, load="append", location="things*.parquet", format="parquet")
    for number, pieces in ((1, "7"), (2, "'8'")):
        path = house.landing / f"things_{number}.parquet"
        duckdb.sql(
            f"copy (select '{number}' as thing_id, 'a' as label, {pieces} as pieces) to '{path}'"
        )
        report = house.load()
    assert report.outcomes[-1].drift == (
        "columns that changed their type: pieces (integer to varchar)",
    )
    assert house.query("select pieces from raw.things order by 1") == [(7,), (8,)]


def test_configured_sql_that_fails_on_a_value_does_not_quote_it(tmp_path: Path) -> None:
    house = things(tmp_path, columns={"pieces": {"sql": "cast(who as integer)"}})
    house.put("things.csv", "thing_id,label,who\n1,a,ann.lee@example.com\n")
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert "use try_cast" in (outcome.reason or "")
    assert "ann.lee" not in (outcome.reason or "")


def test_columns_are_found_by_name_not_by_position(tmp_path: Path) -> None:
    house = things(
        tmp_path,
        delimiter=";",
        columns={"thing_id": "N°", "label": {"sql": "upper(Nom) || '!'"}},
    )
    house.put("things.csv", "Nom;N°\nabc;1\n")
    assert house.load().problems == ()
    assert house.query("select thing_id, label from raw.things") == [("1", "ABC!")]


def test_expression_over_a_missing_column_refuses_the_file(tmp_path: Path) -> None:
    house = things(tmp_path, columns={"label": {"sql": "upper(Nom)"}})
    house.put("things.csv", "thing_id,Name\n1,a\n")
    reason = house.load().outcomes[0].reason
    assert reason is not None
    assert "does not fit the SQL of its source.yaml" in reason


def test_file_names_are_never_patterns_or_sql(tmp_path: Path) -> None:
    house = things(tmp_path / "a [1] *", location="*")
    for number, name in enumerate(
        ["a*.csv", "a1.csv", "'; drop table raw.things; --.csv", "[b].csv"]
    ):
        house.put(name, f"thing_id,label\n{number},x\n")
    assert [outcome.status for outcome in house.load().outcomes] == ["loaded"] * 4
    assert house.query("select count(*), count(distinct thing_id) from raw.things") == [(4, 4)]


def test_unfinished_hidden_and_linked_files(tmp_path: Path) -> None:
    house = things(tmp_path, location="things*")
    for name in ("things.csv.part", "things.csv.TMP", ".things.csv"):
        house.put(name, "thing_id,label\n1,a\n")
    (house.landing / "things_link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (tmp_path / "elsewhere.csv").write_text("thing_id,label\n1,a\n")
    (outcome,) = house.load().outcomes
    assert (outcome.file_name, outcome.status) == ("things_link.csv", "refused")
    assert "symbolic link" in (outcome.reason or "")


def test_of_many_ignored_columns_the_first_few_are_told(tmp_path: Path) -> None:
    house = things(tmp_path)
    unknown = [f"column_{number}" for number in range(1, 301)]
    house.put("things_1.csv", f"thing_id,label,{','.join(unknown)}\n1,a{',x' * 300}\n")
    (problem,) = house.load().problems
    assert problem == (
        "s.things: 'things_1.csv': columns ignored: column_1, column_2, column_3 and 297 more."
    )


def test_no_file_is_a_note(tmp_path: Path) -> None:
    house = things(tmp_path)
    assert house.load().problems == ("s.things: no file matches 'things*.csv'.",)


def test_large_file_keeps_row_numbers_across_buffers(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot", tolerance=0.1)
    lines = (f'{n},"x\n{n}"\n' if n % 1000 else f"{n}\n" for n in range(1, 200_001))
    house.put("things.csv", "thing_id,label\n" + "".join(lines))
    outcome = house.load().outcomes[0]
    assert (outcome.rows_read, outcome.rows_quarantined) == (200_000, 200)
    assert house.query(
        "select count(*) from raw.things where thing_id <> _row_number::varchar"
    ) == [(0,)]


def test_landing_is_never_written(tmp_path: Path) -> None:
    house = House(tmp_path, {"things": {"location": "things.csv", "load": "append"}})
    path = house.put("things.csv", "thing_id,label\n1,a\n")
    path.chmod(0o444)
    house.landing.chmod(0o555)
    try:
        assert house.load().outcomes[0].status == "loaded"
    finally:
        house.landing.chmod(0o755)
    assert path.read_text() == "thing_id,label\n1,a\n"
