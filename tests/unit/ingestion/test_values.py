"""Values as declared: numbers, dates, instants, words; everything else is quarantined."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.company import CompanyError
from orchestration.lib.ingestion.values import REMEDIES
from orchestration.settings import PROJECT_ROOT
from tests.unit.ingestion.house import things

FRENCH = {"decimal_separator": ",", "thousands_separator": " ", "delimiter": ";"}
INDIAN = {"thousands_separator": ",", "digit_groups": "indian", "delimiter": ";"}


def parsed(
    root: Path, column: str, values: list[str], **declared: Any
) -> tuple[list[Any], list[str]]:
    """The stored values of a column (None for a null) and the reason codes of refused ones."""
    house = things(root, load="snapshot", tolerance=1, **{"delimiter": ";", **declared})
    lines = "".join(f'{n};x;"{value}"\n' for n, value in enumerate(values))
    house.put("things.csv", f"thing_id;label;{column}\n{lines}")
    (outcome,) = house.load().outcomes
    assert outcome.status == "loaded", outcome.reason
    stored = house.query(f"select {column} from raw.things order by _row_number")
    codes = house.query("select reason_code from ops.quarantine order by row_number")
    return [value for (value,) in stored], [code for (code,) in codes]


ACCEPTED: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("amount", "1234.5", Decimal("1234.5"), {}),
    ("amount", " -0.0001 ", Decimal("-0.0001"), {}),
    ("amount", "1.50000", Decimal("1.5"), {}),
    ("amount", ".5", Decimal("0.5"), {}),
    ("amount", "1 234,56", Decimal("1234.56"), FRENCH),
    ("amount", "1\u00a0234,56", Decimal("1234.56"), FRENCH),
    ("amount", "-1\u202f234\u202f567", Decimal("-1234567"), FRENCH),
    ("amount", "1,5", Decimal("1.5"), {"decimal_separator": ","}),
    ("amount", "1.234,56", Decimal("1234.56"), {**FRENCH, "thousands_separator": "."}),
    ("amount", "1'234.5", Decimal("1234.5"), {"thousands_separator": "'"}),
    ("amount", "1\u2019234.5", Decimal("1234.5"), {"thousands_separator": "'"}),
    ("amount", "1,234.5", Decimal("1234.5"), {"thousands_separator": ","}),
    ("amount", "1,23,456.78", Decimal("123456.78"), INDIAN),
    ("amount", "-12,34,56,789", Decimal("-123456789"), INDIAN),
    ("amount", "1,299.00", Decimal("1299"), INDIAN),
    ("amount", "123456.5", Decimal("123456.5"), INDIAN),
    ("amount", "NULL", None, {"null_values": ["NULL", "?"]}),
    ("amount", " ? ", None, {"null_values": ["NULL", "?"]}),
    ("amount", " ", None, {}),
    ("pieces", "007", 7, {}),
    ("pieces", "6.0", 6, {}),
    ("pieces", "-9223372036854775808", -9223372036854775808, {}),
    ("pieces", "12 000", 12000, FRENCH),
    ("chance", "0.25", 0.25, {}),
    ("chance", "1e-3", 0.001, {}),
    ("chance", "0,25", 0.25, FRENCH),
    *(("is_open", word, True, {}) for word in ("true", "T", "1", "yes", "Y", "Oui", "o")),
    *(("is_open", word, True, {}) for word in ("WAHR", "VRAI", "Sí", "SIM", "ja", "Да", "ΝΑΙ")),  # noqa: RUF001
    *(("is_open", word, False, {}) for word in ("FALSCH", "FAUX", "NÃO", "Nein", "НЕТ", "ΌΧΙ")),  # noqa: RUF001
    *(("is_open", word, False, {}) for word in ("FALSE", "f", "0", "no", "n", "non")),
    ("due_on", "2024-02-29", date(2024, 2, 29), {}),
    ("due_on", "31/12/2025", date(2025, 12, 31), {"date_format": "%d/%m/%Y"}),
    ("due_on", "2025.12.31", date(2025, 12, 31), {"date_format": ["%d/%m/%Y", "%Y.%m.%d"]}),
    ("due_on", "9999-12-31", date(9999, 12, 31), {}),
    ("changed_at", "2024-05-06", datetime(2024, 5, 6), {}),
    ("changed_at", "2024-05-06T07:08:09.25Z", datetime(2024, 5, 6, 7, 8, 9, 250000), {}),
    ("changed_at", "2024-05-06 07:08:09+02:00", datetime(2024, 5, 6, 5, 8, 9), {}),
    ("changed_at", "2024-05-06 07:08:09 -0130", datetime(2024, 5, 6, 8, 38, 9), {}),
    ("changed_at", "2024-05-06 07:08 UTC", datetime(2024, 5, 6, 7, 8), {"timezone": "Asia/Tokyo"}),
    ("changed_at", "2024-07-01 12:00", datetime(2024, 7, 1, 10), {"timezone": "Europe/Paris"}),
    ("changed_at", "2024-01-01 12:00", datetime(2024, 1, 1, 11), {"timezone": "Europe/Paris"}),
    # The hour that occurs twice is read as standard time, the one that is skipped as before it.
    ("changed_at", "2024-10-27 02:30", datetime(2024, 10, 27, 1, 30), {"timezone": "Europe/Paris"}),
    ("changed_at", "2024-03-31 02:30", datetime(2024, 3, 31, 1, 30), {"timezone": "Europe/Paris"}),
    (
        "changed_at",
        "31/12/2025 23:30:00",
        datetime(2025, 12, 31, 22, 30),
        {"timestamp_format": "%d/%m/%Y %H:%M:%S", "timezone": "Europe/Paris"},
    ),
    (
        "changed_at",
        "31/12/2025 23:30 +0500",
        datetime(2025, 12, 31, 18, 30),
        {
            "timestamp_format": ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M %z"],
            "timezone": "Europe/Paris",
        },
    ),
    ("consent", " granted ", "granted", {}),
]


@pytest.mark.parametrize(("column", "text", "value", "declared"), ACCEPTED)
def test_accepted(
    tmp_path: Path, column: str, text: str, value: Any, declared: dict[str, Any]
) -> None:
    assert parsed(tmp_path, column, [text], **declared) == ([value], [])


REFUSED: dict[str, tuple[str, list[str], dict[str, Any]]] = {
    "not_a_number": (
        "amount",
        ["1e3", "inf", "nan", "1_000", "0x10", "12 €", "1,5", "--1", "-", "1" * 15, "1 2", "#REF!"],
        {},
    ),
    "too_precise": ("amount", ["1.00001", "0.123456789", ".12345", "-.00001"], {}),
    "not_a_whole_number": (
        "pieces",
        ["1.5", "1e3", "9223372036854775808", "0x1f", "1_0", "abc", ".0", "."],
        {},
    ),
    "not_a_boolean": ("is_open", ["2", "maybe", "jawohl", "x"], {}),
    "not_a_date": (
        "due_on",
        ["2023-02-29", "31/12/2025", "2025-1-2", "0025-12-31", "infinity", "20250102", "45678"],
        {},
    ),
    "not_a_timestamp": (
        "changed_at",
        ["2025-01-02 25:00:00", "yesterday", "01/02/2025", "2025-01-02 10", "epoch"],
        {},
    ),
    "not_accepted": ("consent", ["Granted", "yes"], {}),
}


@pytest.mark.parametrize(("code", "case"), REFUSED.items(), ids=REFUSED)
def test_refused(tmp_path: Path, code: str, case: tuple[str, list[str], dict[str, Any]]) -> None:
    column, values, declared = case
    assert parsed(tmp_path, column, values, **declared) == ([], [code] * len(values))


@pytest.mark.parametrize("text", ["1,5", "1 23", "12 34,5", "1  234", "1 23 456"])
def test_groups_that_are_not_of_three_are_refused(tmp_path: Path, text: str) -> None:
    declared = {"thousands_separator": ","} if text == "1,5" else FRENCH
    assert parsed(tmp_path, "amount", [text], **declared) == ([], ["not_a_number"])


@pytest.mark.parametrize("text", ["123,456", "1,234,567", "1,5", "1,2,345", "0,12,345", "12,34"])
def test_groups_that_are_not_india_s_are_refused_where_these_are_declared(
    tmp_path: Path, text: str
) -> None:
    assert parsed(tmp_path, "amount", [text], **INDIAN) == ([], ["not_a_number"])


@pytest.mark.parametrize(
    ("text", "separators"),
    [("1,234.56", ",."), ("1.234,56", ".,"), ("0.500", ",."), ("-0,500", ".,")],
)
def test_the_other_country_s_notation_is_no_other_amount(
    tmp_path: Path, text: str, separators: str
) -> None:
    declared = {"decimal_separator": separators[0], "thousands_separator": separators[1]}
    assert parsed(tmp_path, "amount", [text], **declared) == ([], ["not_a_number"])


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"date_format": "DD/MM/YYYY"}, "'DD/MM/YYYY' has no year"),
        ({"date_format": ["%d/%m/%Y", "%d/%m"]}, "'%d/%m' has no year"),
        ({"timestamp_format": "%H:%M"}, "'%H:%M' has no year"),
        ({"timestamp_format": "%d/%m/%Q"}, "is no date format"),
        ({"timestamp_format": "ISO"}, r"'ISO' has no year.*or \[\] for ISO"),
    ],
)
def test_a_format_must_be_one_of_a_whole_date(
    tmp_path: Path, declared: dict[str, Any], message: str
) -> None:
    with pytest.raises(CompanyError, match=message):
        things(tmp_path, **declared).load()


def test_a_table_takes_back_the_format_of_its_source(tmp_path: Path) -> None:
    house = things(tmp_path, timestamp_format=[])
    house.defaults["timestamp_format"] = "%d/%m/%Y %H:%M"
    house.put("things.csv", "thing_id,label,changed_at\n1,a,2026-01-01T10:00:00Z\n")
    assert house.load().outcomes[0].rows_loaded == 1


def test_two_digit_years_are_refused(tmp_path: Path) -> None:
    assert parsed(tmp_path, "due_on", ["31/12/25"], date_format="%d/%m/%Y") == ([], ["not_a_date"])


def test_the_last_instant_of_9999_is_accepted_in_every_timezone(tmp_path: Path) -> None:
    """Many write it for "never"."""
    house = things(tmp_path, timezone="America/New_York")
    house.put("things.csv", "thing_id,label,changed_at\n1,x,9999-12-31 23:59:59\n")
    house.load()
    assert house.query("select changed_at::varchar from raw.things") == [("10000-01-01 04:59:59",)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    amounts=st.lists(
        st.decimals(min_value=-(10**13), max_value=10**13, places=4), min_size=1, max_size=20
    )
)
def test_french_numbers_round_trip(
    amounts: list[Decimal], tmp_path_factory: pytest.TempPathFactory
) -> None:
    texts = [f"{a:,.4f}".replace(",", "\u202f").replace(".", ",") for a in amounts]
    stored = parsed(tmp_path_factory.mktemp("numbers"), "amount", texts, **FRENCH)
    assert stored == (amounts, [])


def test_nul_and_missing_values_name_row_line_and_column(tmp_path: Path) -> None:
    house = things(tmp_path, tolerance=0.9)
    house.put("things.csv", 'thing_id,label,amount\n1,a\0b,1\n,"x\ny",\n3,c,abc\n4,d,2\n')
    outcome = house.load().outcomes[0]
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_quarantined) == (4, 1, 3)
    assert house.query(
        "select row_number, line_number, column_name, reason_code, raw_value, remedy is not null "
        "from ops.quarantine order by 1"
    ) == [
        (1, 2, "label", "nul_byte", "a\0b", True),
        (2, 3, "thing_id", "missing_required", None, True),
        (3, 5, "amount", "not_a_number", "abc", True),
    ]


def test_a_row_with_two_bad_values_is_one_row(tmp_path: Path) -> None:
    house = things(tmp_path, tolerance=0.5)
    house.put("things.csv", "thing_id,label,amount,pieces\n1,a,x,y\n2,b,1,2\n")
    outcome = house.load().outcomes[0]
    assert (outcome.rows_loaded, outcome.rows_quarantined) == (1, 1)
    assert house.query("select count(*) from ops.quarantine") == [(2,)]


def test_above_the_tolerance_nothing_is_loaded(tmp_path: Path) -> None:
    house = things(tmp_path)
    house.put("things.csv", "thing_id,label,amount\n1,a,x\n" + "2,b,1\n" * 98)
    outcome = house.load().outcomes[0]
    assert (outcome.status, outcome.rows_read, outcome.rows_quarantined) == ("refused", 99, 99)
    assert outcome.reason == (
        "has 1 bad rows of 99, most often amount (not_a_number) as in line 2, more than the "
        "tolerated 1.00%; repair the file or its source.yaml, see ops.quarantine. Write a number "
        "as declared: decimal_separator, thousands_separator, digit_groups."
    )
    assert house.query("select count(*) from raw.things") == [(0,)]
    assert house.query("select row_number, reason_code from ops.quarantine") == [
        (1, "not_a_number")
    ]


@pytest.mark.parametrize(
    ("second", "remedy"),
    [
        ("", "No row has a value there: its field may have another name now."),
        ("x2", "The contract needs a value here: fill it in at the source."),
    ],
)
def test_a_column_that_no_row_fills_may_have_been_renamed(
    tmp_path: Path, second: str, remedy: str
) -> None:
    house = things(tmp_path)
    house.put("things.csv", f"thing_id,label,amount\n,a,1\n{second},b,2\n")
    assert str(house.load().outcomes[0].reason).endswith(f"see ops.quarantine. {remedy}")


def test_at_the_tolerance_the_rest_is_loaded(tmp_path: Path) -> None:
    house = things(tmp_path, load="snapshot")
    good = "".join(f"{number},b,1\n" for number in range(2, 101))
    house.put("things.csv", "thing_id,label,amount\n1,a,x\n" + good)
    outcome = house.load().outcomes[0]
    assert (outcome.status, outcome.rows_loaded, outcome.rows_quarantined) == ("loaded", 99, 1)


def test_parquet_types_pass_the_same_checks(tmp_path: Path) -> None:
    # What is declared says how texts are written.
    declared = {"decimal_separator": ",", "date_format": "%d/%m/%Y", "timezone": "Asia/Tokyo"}
    house = things(tmp_path, location="things.parquet", format="parquet", tolerance=0.5, **declared)
    duckdb.sql(
        f"""
        copy (
            select
                thing_id, 'x' as label, amount, 3::double as pieces, due as due_on,
                timestamptz '2024-05-06 07:08:09+00' as changed_at, true as is_open,
                0.5::float as chance
            from (values (1, 0.1::double, date '2024-01-02'), (2, 1e30::double, null))
            as t(thing_id, amount, due)
        ) to '{house.landing}/things.parquet' (format parquet)
        """
    )
    outcome = house.load().outcomes[0]
    assert (outcome.rows_loaded, outcome.rows_quarantined) == (1, 1)
    assert house.query(
        "select thing_id, amount, pieces, due_on, changed_at, is_open, chance, _row_number "
        "from raw.things"
    ) == [("1", Decimal("0.1"), 3, date(2024, 1, 2), datetime(2024, 5, 6, 7, 8, 9), True, 0.5, 1)]


def test_parquet_dates_and_instants_pass_the_same_checks(tmp_path: Path) -> None:
    house = things(tmp_path, location="things.parquet", format="parquet", tolerance=1)
    duckdb.sql(
        f"""
        copy (
            select row_number() over () as thing_id, 'x' as label, moment::date as due_on,
                moment as changed_at
            from (
                select unnest([
                    '1900-01-01', '1899-12-31 23:59:59', '0025-12-31', '9999-12-31 23:59:59',
                    '10000-01-02', 'infinity', '-infinity'
                ])::timestamp as moment
            )
        ) to '{house.landing}/things.parquet' (format parquet)
        """
    )
    house.load()
    assert house.query("select due_on, changed_at from raw.things order by 1") == [
        (date(1900, 1, 1), datetime(1900, 1, 1)),
        (date(9999, 12, 31), datetime(9999, 12, 31, 23, 59, 59)),
    ]
    assert house.query(
        "select reason_code, list(row_number order by row_number) from ops.quarantine "
        "group by all order by 1"
    ) == [("not_a_date", [2, 3, 5, 6, 7]), ("not_a_timestamp", [2, 3, 5, 6, 7])]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_first_instant_of_a_day_is_the_day(tmp_path: Path, unit: str) -> None:
    """pandas has no other dates: a whole file of them was refused."""
    house = things(tmp_path, location="things.parquet", format="parquet", tolerance=1)
    moments = [datetime(2026, 6, 30), datetime(2026, 6, 30, 0, 0, 1), None]
    rows = {
        "thing_id": ["a", "b", "c"],
        "label": ["x", "x", "x"],
        "due_on": pyarrow.array(moments, pyarrow.timestamp(unit)),
    }
    pyarrow.parquet.write_table(pyarrow.table(rows), house.landing / "things.parquet")
    house.load()
    assert house.query("select thing_id, due_on from raw.things order by 1") == [
        ("a", date(2026, 6, 30)),
        ("c", None),
    ]
    assert house.query("select reason_code, raw_value from ops.quarantine") == [
        ("not_a_date", "2026-06-30 00:00:01")
    ]


@pytest.mark.parametrize("column", ["ship", "tags"])
def test_an_object_or_a_list_is_no_text(tmp_path: Path, column: str) -> None:
    """DuckDB prints `{'country': FR}`, which would be published as a country of that name."""
    columns: dict[str, Any] = {"location": "things.parquet", "format": "parquet", "tolerance": 1}
    house = things(tmp_path, columns={"label": column}, **columns)
    rows = {"thing_id": ["a", "b"], "ship": [{"country": "FR"}, None], "tags": [["x"], None]}
    pyarrow.parquet.write_table(pyarrow.table(rows), house.landing / "things.parquet")
    house.load()
    assert house.query("select thing_id, label from raw.things") == [("b", None)]
    assert house.query("select reason_code, raw_value from ops.quarantine") == [
        ("wrong_type", None)
    ]
    house.tables["things"]["columns"] = {"label": {"sql": "coalesce(ship.country, tags[1])"}}
    house.rebuild()
    assert house.query("select label from raw.things order by thing_id") == [("FR",), (None,)]


def test_bytes_beyond_ascii_are_no_text(tmp_path: Path) -> None:
    """Of bytes, DuckDB prints `Caf\\xC3\\xA9`, which would be stored as the word."""
    columns: dict[str, Any] = {"location": "things.parquet", "format": "parquet", "tolerance": 1}
    house = things(tmp_path, **columns)
    rows = {"thing_id": [b"a", b"b", b"c"], "label": [b"Caf", "Café".encode(), None]}
    pyarrow.parquet.write_table(pyarrow.table(rows), house.landing / "things.parquet")
    house.load()
    assert house.query("select thing_id, label from raw.things order by 1") == [
        ("a", "Caf"),
        ("c", None),
    ]
    assert house.query("select row_number, column_name, reason_code from ops.quarantine") == [
        (2, "label", "wrong_type")
    ]
    house.tables["things"]["columns"] = {"label": {"sql": "decode(label)"}}
    house.rebuild()
    assert house.query("select label from raw.things where thing_id = 'b'") == [("Café",)]


def test_query_over_the_file(tmp_path: Path) -> None:
    query = """
        select thing_id, string_agg(label, '+' order by _row_number) as label,
            sum(try_cast(amount as decimal(18, 4))) as amount -- per thing
        from source group by thing_id;
    """
    house = things(tmp_path, query=query)
    house.put("things.csv", "thing_id,label,amount\nb,x,1\na,y,2\nb,z,3.5\n")
    assert house.load().problems == ()
    assert house.query("select _row_number, thing_id, label, amount from raw.things") == [
        (1, "a", "y", Decimal("2.0000")),
        (2, "b", "x+z", Decimal("4.5000")),
    ]


# Of one row several things: the `_row_number` that it passes on is the same for each.
PARTS = {
    "query": """
        select id || part as thing_id, case part when 'a' then x else y end as label,
            due as due_on, _row_number
        from (select *, unnest(['a', 'b']) as part from source)
    """,
    "tolerance": 1,
}


def test_rows_that_a_query_makes_of_one_are_accounted_for_one_by_one(tmp_path: Path) -> None:
    house = things(tmp_path, "append", **PARTS)
    house.put("things_1.csv", "id,x,y,due\n1,p,q,\n")
    # 1a says the same as before, 1b does not; of 2, 2a and 2b are bad, and a line is ragged.
    house.put("things_2.csv", "id,x,y,due\n1,p,new,\n2\n2,p,q,?\n1,other,new,\n")
    outcome = house.load().outcomes[1]
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_quarantined) == (7, 1, 4)
    assert outcome.rows_repeated == 2
    stored, faults = house.queries(
        "select thing_id, label from raw.things order by all",
        "select line_number, reason_code, raw_value from ops.quarantine order by all",
    )
    assert stored == [("1a", "p"), ("1b", "new"), ("1b", "q")]
    assert faults == [
        (3, "wrong_column_count", None),
        (4, "not_a_date", "?"),
        (4, "not_a_date", "?"),
        (5, "duplicate_key", "1a"),
    ]
    # A row is counted by batch and number.
    assert house.query("select count(distinct row_number) from ops.quarantine") == [(4,)]


@pytest.mark.parametrize("ragged", ["", "3\n"])
def test_a_query_does_not_see_blank_rows(tmp_path: Path, ragged: str) -> None:
    house = things(tmp_path, query="select id as thing_id, x as label from source", tolerance=1)
    house.put("things.csv", f"id,x\n,\n1,p\n{ragged} ,\n2,q\n,\n")
    rows = 3 if ragged else 2
    house.put("things.csv.manifest.json", f'{{"rows": {rows}}}')
    (outcome,) = house.load().outcomes
    assert (outcome.rows_read, outcome.rows_loaded) == (rows, 2)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("select thing_id, label, 1 as colour from source", "yields colour"),
        ("select thing_id from source", "lacks label"),
        ("select nothing as thing_id, label from source", "does not fit the SQL"),
        ("select thing_id, label, label::integer as pieces from source", "use try_cast"),
        ("select thing_id, label from read_text('/etc/hostname')", "does not fit"),
    ],
)
def test_queries_that_do_not_fit(tmp_path: Path, query: str, reason: str) -> None:
    house = things(tmp_path, query=query)
    house.put("things.csv", "thing_id,label\n1,secret\n")
    outcome = house.load().outcomes[0]
    assert outcome.status == "refused"
    assert reason in (outcome.reason or "")
    assert "secret" not in (outcome.reason or "")


def test_every_reason_code_is_told_to_users() -> None:
    told = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert [code for code in REMEDIES if f"`{code}`" not in told] == []
