"""JSON lines: every digit and every row, or the line that is wrong."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.lib.ingestion import jsonl_reader
from orchestration.lib.ingestion.files import FileRefusedError
from tests.unit.ingestion.house import House, things


def house_of(root: Path, content: str | bytes, name: str = "things.jsonl", **more: Any) -> House:
    house = things(root, location="things.*", format="jsonl", **more)
    house.put(name, content)
    return house


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in objects)


def test_objects_become_typed_rows(tmp_path: Path) -> None:
    text = lines(
        {"thing_id": "a", "label": 'é, "b"\n', "amount": 1234.5, "is_open": True, "pieces": 3},
        {
            "thing_id": 2,
            "label": None,
            "due_on": "2026-01-31",
            "changed_at": "2026-01-31T01:02:03Z",
        },
    )
    house = house_of(tmp_path, text)
    (outcome,) = house.load().outcomes
    assert (outcome.rows_read, outcome.rows_loaded) == (2, 2)
    assert house.query(
        "select thing_id, label, amount, is_open, pieces, due_on::varchar, changed_at::varchar "
        "from raw.things order by _row_number"
    ) == [
        ("a", 'é, "b"\n', Decimal("1234.5000"), True, 3, None, None),
        ("2", None, None, None, None, "2026-01-31", "2026-01-31 01:02:03"),
    ]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_compressed_files_are_read(tmp_path: Path, ending: str) -> None:
    plain = lines({"thing_id": 1, "label": "x"}).encode()
    packed = {
        "": plain,
        ".gz": gzip.compress(plain),
        ".zst": pyarrow.compress(plain, codec="zstd", asbytes=True),
    }[ending]
    house = house_of(tmp_path, packed, f"things.jsonl{ending}")
    assert [outcome.status for outcome in house.load().outcomes] == ["loaded"]


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    house = house_of(
        tmp_path,
        '{"thing_id": 9007199254740993, "label": 12345678901234567890, "amount": 0.1}\n'
        '{"thing_id": 1, "label": {"a": [1, 2.5]}, "amount": 12345678901234.5678}\n'
        '{"thing_id": "2", "label": "12345678901234567.89", "amount": "19.99"}\n',
    )
    house.load()
    assert house.query("select thing_id, label, amount from raw.things order by _row_number") == [
        ("9007199254740993", "12345678901234567890", Decimal("0.1000")),
        ("1", '{"a":[1,2.5]}', Decimal("12345678901234.5678")),
        ("2", "12345678901234567.89", Decimal("19.9900")),
    ]


def test_an_amount_of_five_decimals_is_quarantined_with_its_line(tmp_path: Path) -> None:
    text = '\n{"thing_id": 1, "label": "", "amount": 1}\n\n{"thing_id": 2, "amount": 1.00001}\n'
    house = house_of(tmp_path, text, tolerance=1)
    house.load()
    assert house.query(
        "select row_number, line_number, column_name, reason_code, raw_value from ops.quarantine"
    ) == [(2, 4, "amount", "too_precise", "1.00001")]


def test_a_number_is_read_as_json_writes_it_and_a_text_as_declared(tmp_path: Path) -> None:
    text = lines(
        {"thing_id": 1, "label": "", "amount": 1.5},
        {"thing_id": 2, "amount": "1 234,56"},
        {"thing_id": 3, "amount": 1e3},
    )
    house = house_of(tmp_path, text, decimal_separator=",", thousands_separator=" ")
    house.load()
    assert house.query("select amount from raw.things order by thing_id") == [
        (Decimal("1.5"),),
        (Decimal("1234.56"),),
        (Decimal(1000),),
    ]


def test_keys_that_are_unknown_or_in_no_object_are_reported(tmp_path: Path) -> None:
    house = house_of(tmp_path, lines({"thing_id": 1, "labell": "x"}))
    problems = " ".join(house.load().problems)
    assert "no object has 'label'; read as null" in problems
    assert "columns ignored: labell" in problems
    assert house.query("select label from raw.things") == [(None,)]


def test_a_key_that_only_expressions_read_may_be_in_no_object(tmp_path: Path) -> None:
    columns = {
        "label": {"sql": "coalesce(shop ->> 'name', shop ->> 'no', title)"},
        "amount": {"sql": "coalesce(sale ->> 'amount', fee)"},
        "pieces": "sale",
    }
    house = house_of(tmp_path, lines({"thing_id": 1, "fee": 2}), columns=columns)
    report = house.load()
    assert [outcome.status for outcome in report.outcomes] == ["loaded"]
    (told,) = (problem for problem in report.problems if "no object" in problem)
    assert told.endswith("'things.jsonl': no object has 'sale', 'shop', 'title'; read as null.")
    assert house.query("select label, amount from raw.things") == [(None, Decimal(2))]


def test_files_that_lack_the_same_key_are_told_of_together(tmp_path: Path) -> None:
    house = house_of(tmp_path, lines({"thing_id": 0, "label": "x"}))
    house.tables["things"]["location"] = "things*.jsonl"
    for number in range(1, 6):
        house.put(f"things_{number}.jsonl", lines({"thing_id": number}))
    told = [problem for problem in house.load().problems if "no object has" in problem]
    assert len(told) == 3
    assert told[-1].endswith("read as null. And 2 more like it.")


def test_a_bad_row_beside_a_key_in_no_object_is_quarantined(tmp_path: Path) -> None:
    text = lines({"thing_id": 1, "amount": "x"}, {"thing_id": 2, "amount": 5})
    house = house_of(tmp_path, text, columns={"label": {"sql": "shop ->> 'name'"}}, tolerance=0.5)
    house.load()
    assert house.query("select thing_id, label from raw.things") == [("2", None)]
    assert house.query("select column_name, line_number from ops.quarantine") == [("amount", 1)]


def test_a_key_in_no_object_that_a_required_column_is_made_of_refuses_the_file(
    tmp_path: Path,
) -> None:
    columns = {"thing_id": {"sql": "shop ->> 'id'"}}
    house = house_of(tmp_path, lines({"label": "x"}), columns=columns)
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert "`thing_id`: it reads column 'shop', which the file does not" in (outcome.reason or "")


def test_a_key_that_another_table_takes_from_the_file_is_not_said_to_be_ignored(
    tmp_path: Path,
) -> None:
    people = "select person ->> 'id' as person_id from (select unnest(owners::json[]) as person"
    house = House(
        tmp_path,
        {
            "things": {"location": "all.jsonl", "load": "upsert", "format": "jsonl"},
            "people": {
                "location": "all.jsonl",
                "load": "upsert",
                "format": "jsonl",
                "query": f"{people} from source)",
            },
        },
    )
    house.put("all.jsonl", lines({"thing_id": 1, "label": "x", "owners": [{"id": 7}], "hue": 2}))
    outcomes = {outcome.table: outcome for outcome in house.load().outcomes}
    assert outcomes["things"].ignored_columns == ("hue",)
    assert [outcome.rows_loaded for outcome in outcomes.values()] == [1, 1]


def test_a_required_key_that_is_in_no_object_refuses_the_file(tmp_path: Path) -> None:
    house = house_of(tmp_path, lines({"id": 1, "label": "x"}))
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert "misses column 'thing_id'; unexpected 'id': renamed?" in (outcome.reason or "")


def test_a_query_sees_texts_and_nested_json(tmp_path: Path) -> None:
    query = """
        select order_id || '-' || (item ->> 'sku') as thing_id, item ->> 'name' as label
        from (
            select order_id, unnest(from_json(items, '["json"]')) as item, _row_number from source
        )
    """
    text = lines({"order_id": 7, "items": [{"sku": "a", "name": "A"}, {"sku": "b", "name": "B"}]})
    house = house_of(tmp_path, text, query=query)
    house.load()
    assert house.query("select thing_id, label from raw.things order by 1") == [
        ("7-a", "A"),
        ("7-b", "B"),
    ]


REFUSED = {
    "cut": ('{"thing_id": 1}\n{"thing_id": 2, "lab', "ends in line 2 with an object that is not"),
    "a footer": ('{"thing_id": 1}\n-- 1 row\n', "is no JSON in line 2; write one whole object per"),
    "a fault in the last": ('{"thing_id": 1}\n{"thing_id": 2 3}\n', "is no JSON in line 2; write"),
    "no json": ('{"thing_id": 1}\nnope\n{"thing_id": 3}\n', "is no JSON in line 2"),
    "a list": ('{"thing_id": 1}\n[2]\n{"thing_id": 3}\n', "has no object in line 2"),
    "one document": ('[\n{"thing_id": 1},\n{"thing_id": 2}\n]\n', "is no JSON in line 1"),
    "key twice": ('{"thing_id": 1, "thing_id": 2}\n', "names 'thing_id' twice in the object of"),
    "key in two spellings": ('{"thing_id": 1}\n{"Thing_ID": 2}\n', "more than once in its objects"),
    "reserved key": ('{"thing_id": 1, "_row_number": 2}\n', "a reserved name"),
    "empty": ("", "is empty"),
    "blank": ("\n \n", "is empty"),
    "empty objects": ("{}\n{}\n", "holds only empty objects"),
    "not utf-8": (b'{"thing_id": "\xe9"}\n', "is not utf-8"),
    "control character": ('{"thing_id": "a\x01b"}\n', "cannot be read as JSON lines"),
    "raw nul": ('{"thing_id": "a\x00b"}\n{"thing_id": 2}\n', "is no JSON in line 1"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_faulty_file_is_refused_with_its_line(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    house = house_of(tmp_path, content)
    (outcome,) = house.load().outcomes
    assert outcome.status == "refused"
    assert reason in (outcome.reason or "")
    assert house.query("select count(*) from raw.things") == [(0,)]


def test_an_escaped_nul_is_quarantined(tmp_path: Path) -> None:
    house = house_of(tmp_path, '{"thing_id": "a", "label": "x\\u0000y"}\n', tolerance=1)
    house.load()
    assert house.query("select reason_code from ops.quarantine") == [("nul_byte",)]


NUMBERS = st.one_of(
    st.integers(-(10**22), 10**22).map(str),
    st.decimals(-(10**14), 10**14, places=4, allow_nan=False).map(lambda value: f"{value:f}"),
)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
VALUES = st.one_of(NUMBERS, TEXTS.map(json.dumps), st.sampled_from(["true", "null"]))


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(VALUES, TEXTS.map(json.dumps), NUMBERS), min_size=1, max_size=5))
def test_values_are_those_that_a_plain_reader_finds(
    rows: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "f.jsonl"
    path.write_text("".join(f'{{"a": {a}, "b": {b}, "c": {c}}}\n' for a, b, c in rows))
    connection = duckdb.connect()
    jsonl_reader.read(connection, path)
    found = connection.execute("select a, b, c from source order by _row_number").fetchall()
    for row, line in zip(found, path.read_text().split("\n"), strict=False):
        wanted = json.loads(line, parse_int=Decimal, parse_float=Decimal)
        for value, expected in zip(row, wanted.values(), strict=True):
            if isinstance(expected, Decimal):
                assert Decimal(value) == expected
            else:
                assert value == ("true" if expected is True else expected)


def test_a_key_may_hold_what_a_path_to_it_would_mean(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    keys = ["a/b", "a~b", "a~1b", "a.b", "a"]
    path.write_text(lines({key: n for n, key in enumerate(keys)}))
    connection = duckdb.connect()
    jsonl_reader.read(connection, path)
    columns = ", ".join(f'"{key}"' for key in keys)
    assert connection.execute(f"select {columns} from source").fetchall() == [
        ("0", "1", "2", "3", "4")
    ]


def test_objects_with_too_many_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text("".join(json.dumps({f"key_{n}": 1}) + "\n" for n in range(2_001)))
    with pytest.raises(FileRefusedError, match="its keys may hold values"):
        jsonl_reader.read(duckdb.connect(), path)


def test_a_file_is_rebuilt_from_the_archive(tmp_path: Path) -> None:
    house = house_of(tmp_path, lines({"thing_id": 1, "label": "x"}))
    house.load()
    (house.landing / "things.jsonl").unlink()
    house.database.unlink()
    house.load()
    assert house.query("select thing_id, label from raw.things") == [("1", "x")]
