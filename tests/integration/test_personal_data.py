"""Personal data ends at the door: who came in by file is found by no search behind it."""

from pathlib import Path

from tests.integration.conftest import CANARY, CANARY_COMMENT, CANARY_EMAIL
from tests.integration.house import House

# Originals are kept as they came; everything else is what we made of them.
ORIGINALS = ("landing", "archive", "quarantine")
TRACES = tuple(
    spelling.encode()
    for text in (CANARY, CANARY_EMAIL, CANARY_EMAIL.split("@", maxsplit=1)[0], CANARY_COMMENT)
    for spelling in {text, text.lower(), text.upper()}
)


def files_with_traces(directory: Path) -> list[str]:
    return [
        str(path.relative_to(directory))
        for path in sorted(directory.rglob("*"))
        if path.is_file()
        and path.relative_to(directory).parts[0] not in ORIGINALS
        and any(trace in path.read_bytes() for trace in TRACES)
    ]


def test_the_canary_was_loaded(demo: House) -> None:
    assert demo.warehouse(
        "select count(*) from raw.shop_customers where customer_id = 'UK999999'"
    ) == [(1,)]
    assert demo.warehouse(
        "select count(*) from raw.survey_responses where response_id = 'S-999999'"
    ) == [(1,)]
    assert demo.published(
        "select count(*) from core.dim_customers where customer_id = 'UK999999'"
    ) == [(1,)]


def test_the_search_would_find_it(demo: House) -> None:
    (survey,) = demo.landing.glob("demo_surveys/responses_9999*")
    assert any(trace in survey.read_bytes() for trace in TRACES)


def test_no_file_behind_the_door_holds_a_persons_data(demo: House) -> None:
    assert files_with_traces(demo.home) == []


def test_no_column_of_the_work_database_holds_a_persons_data(demo: House) -> None:
    columns = demo.warehouse(
        """
        select schema_name, table_name, column_name from duckdb_columns()
        where not internal and data_type = 'VARCHAR'
        """
    )
    assert {schema for schema, *_ in columns} >= {"raw", "ops", "staging", "intermediate", "core"}
    searches = " union all ".join(
        f"""
        select '{schema}.{table}.{column}' from "{schema}"."{table}"
        where contains(lower("{column}"), 'zebedee') or contains(lower("{column}"), 'quillwh')
        """
        for schema, table, column in columns
    )
    assert demo.warehouse(searches) == []


def test_no_published_column_is_named_after_personal_data(demo: House) -> None:
    columns = demo.published("select distinct column_name from duckdb_columns() where not internal")
    for (name,) in columns:
        assert not {"email", "full", "phone", "comment", "user"} & set(name.split("_")), name
