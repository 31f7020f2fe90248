"""company.yaml, source.yaml and seeds: what is refused, and how the refusal reads."""

import re
import textwrap
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from orchestration.lib.company import (
    CompanyError,
    check_company,
    load_company,
    merge_seeds,
    table_format,
)
from orchestration.lib.contract import ContractError, load_contract
from orchestration.lib.locations import DatabaseLocation
from orchestration.settings import DBT_PROJECT_DIR, PROJECT_ROOT
from tests.unit.ingestion.house import CONTRACT

COMPANY = "name: Test\nreporting_currency: EUR\nbusiness_timezone: Europe/Paris\n"
SOURCE = "tables:\n  things:\n    location: things.csv\n    load: upsert\n"


def write(root: Path, company: str = COMPANY, source: str = SOURCE) -> Path:
    (root / "my_shop").mkdir(parents=True)
    (root / "company.yaml").write_text(company)
    (root / "my_shop" / "source.yaml").write_text(textwrap.dedent(source))
    return root


def contract_file(root: Path, text: str) -> Path:
    (root / "_shop__sources.yml").write_text(text)
    return root


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    company = load_company(write(tmp_path))
    (source,) = company.sources
    settings = table_format(source, source.tables["things"])
    assert (source.source, company.as_of, company.seeds_dir) == ("my_shop", None, None)
    assert (settings.format, settings.delimiter, settings.quote) == ("csv", ",", '"')
    assert (settings.timezone, settings.null_values, settings.tolerance) == ("UTC", ("",), 0.01)


def test_a_table_overrides_its_source(tmp_path: Path) -> None:
    source = """
        source: another_name
        defaults: {delimiter: ";", decimal_separator: ",", encoding: windows-1252}
        tables:
          things: {location: a.csv, load: append, delimiter: "\\t", null_values: ["", "?"]}
    """
    (loaded,) = load_company(write(tmp_path, source=source)).sources
    settings = table_format(loaded, loaded.tables["things"])
    assert loaded.source == "another_name"
    assert (settings.delimiter, settings.decimal_separator) == ("\t", ",")
    assert (settings.encoding, settings.null_values) == ("cp1252", ("", "?"))


def test_all_vars_may_be_comments(tmp_path: Path) -> None:
    assert load_company(write(tmp_path, COMPANY + "vars:\n  # trend_periods: 3\n")).vars == {}


def test_as_of_becomes_naive_utc(tmp_path: Path) -> None:
    company = load_company(write(tmp_path, COMPANY + "as_of: 2026-01-01T01:00:00+01:00\n"))
    assert company.as_of == datetime(2026, 1, 1)


COMPANY_FAULTS = {
    "unknown key": (COMPANY + "curency: EUR\n", "curency: is not a known key"),
    "missing key": ("name: Test\nreporting_currency: EUR\n", "business_timezone: is missing"),
    "currency": (
        COMPANY.replace("EUR", "euro"),
        "reporting_currency: 'euro' is no currency; write its ISO 4217 code",
    ),
    "a currency that YAML takes for false": (
        COMPANY.replace("EUR", "NO"),
        "reporting_currency: False is no currency; write its ISO 4217 code",
    ),
    "timezone": (COMPANY.replace("Europe/Paris", "CET+1"), "no IANA timezone"),
    "a city alone": (
        COMPANY.replace("Europe/Paris", "Paris"),
        "no IANA timezone; write it like Europe/Paris or UTC. See",
    ),
    "timezone in small letters": (
        COMPANY.replace("Europe/Paris", "europe/paris"),
        "no IANA timezone; did you mean 'Europe/Paris'? See",
    ),
    "timezone of the machine": (COMPANY.replace("Europe/Paris", "localtime"), "no IANA timezone"),
    "timezone with leap seconds": (
        COMPANY.replace("Europe/Paris", "right/Europe/Paris"),
        "no IANA timezone; did you mean 'Europe/Paris'?",
    ),
    "as_of without month": (COMPANY + "as_of: 2026\n", "as_of: is an instant such as 2026-01-31T"),
    "as_of as people write it": (
        COMPANY + "as_of: 31/01/2026\n",
        "as_of: is an instant such as 2026-01-31T23:59:59Z, not '31/01/2026'",
    ),
    "as_of in the 13th month": (
        COMPANY + "as_of: 2026-13-01T00:00:00Z\n",
        "not readable as YAML: 2026-13-01T00:00:00Z in line 4 is no date",
    ),
    "no vars": (COMPANY + "vars: 3\n", "vars: holds names with their values, such as"),
    "a var without a value": (
        COMPANY + "vars:\n  stale_after_days:\n",
        "vars: stale_after_days has no value; write one, or remove the line. See",
    ),
    "no yaml": ("name: [", "not readable as YAML"),
    "empty": ("", "holds no keys"),
    "a text with braces": (
        COMPANY.replace("name: Test", "name: {{ COMPANY }}"),
        'name in line 1 holds braces or brackets; write it in quotes, such as "{{ NAME }}"',
    ),
    "a key with braces": ("{{ COMPANY }}\n", "the text in line 1 holds braces"),
    "a key with brackets": ("vars: {[a]: 1}\n", "vars in line 1 holds braces or brackets"),
    "key twice": (COMPANY + "name: Other\n", "'name' is written a second time in line 4"),
}


@pytest.mark.parametrize(("text", "message"), COMPANY_FAULTS.values(), ids=COMPANY_FAULTS)
def test_company_faults(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CompanyError) as error:
        load_company(write(tmp_path, company=text))
    assert message in str(error.value)
    assert str(tmp_path / "company.yaml") in str(error.value)


def in_database(location: str) -> str:
    return SOURCE.replace("things.csv", f"{{{location}}}")


SOURCE_FAULTS = {
    "unknown key": (SOURCE + "    tolerence: 0.1\n", "tolerence: is not a known key; did you mean"),
    "groups of digits without a separator": (
        SOURCE + "    digit_groups: indian\n",
        "tables.things: digit_groups says how groups are formed that thousands_separator",
    ),
    "a key of tables among the defaults": (
        "defaults: {load: upsert}\n" + SOURCE,
        "defaults.load: is not read there; write it under each table.",
    ),
    "a format at the beginning": (
        "timezone: Europe/Paris\n" + SOURCE,
        "timezone: is not read there; write it under `defaults` or a table.",
    ),
    "a key of locations in a table": (
        SOURCE + "    cursor: updated_at\n",
        "cursor: is not read there; write it under `location`.",
    ),
    "a key of the file in a table": (
        SOURCE + "    description: Things\n",
        "description: is not read there; write it at the beginning of the file.",
    ),
    "null words without quotes": (SOURCE + "    null_values: NULL\n", 'such as ["NULL", "0"]'),
    "a null word without quotes": (SOURCE + "    null_values: [NULL]\n", "holds words in quotes"),
    "no range": (SOURCE + "    range: A3-D\n", "range: write it like B3:H200, or B3:H down"),
    "a range from right to left": (SOURCE + "    range: AA3:B9\n", "range: goes from the first"),
    "a range from bottom to top": (SOURCE + "    range: B30:C4\n", "range: goes from the first"),
    "stars beside a name": (
        SOURCE.replace("things.csv", "things**.csv"),
        "location: has ** beside other characters; write it like exports/**/*.csv",
    ),
    "format": (SOURCE + "    format: xls\n", "'xls' is not read; supported: csv, jsonl, parquet"),
    "numbers of a workbook": (
        SOURCE + "    format: xlsx\n    decimal_separator: ','\n    thousands_separator: '.'\n",
        'could not be told apart; set thousands_separator: ""',
    ),
    "header line of a workbook": (
        SOURCE + "    format: xlsx\n    header_line: 3\n",
        "tables.things: header_line is of CSV files; of a workbook, `range` says where",
    ),
    "header above the first line": (SOURCE + "    header_line: 0\n", "header_line"),
    "encoding of json": (SOURCE + "    format: jsonl\n    encoding: cp1252\n", "always utf-8"),
    "range": (SOURCE + "    range: B3\n", "range"),
    "encoding": (SOURCE + "    encoding: utf-16\n", "'utf-16' is not read; use one of utf-8"),
    "another encoding": (SOURCE + "    encoding: euc_jp\n", "iconv -f euc_jp -t utf-8"),
    "delimiter": (SOURCE + "    delimiter: '||'\n", "is one character"),
    "quote": (SOURCE + "    quote: \"''\"\n", "is one character, or empty"),
    "quote that delimits": (
        SOURCE + "    quote: ';'\n    delimiter: ';'\n",
        "delimiter and quote are the same character",
    ),
    "load": (SOURCE.replace("upsert", "merge"), "'append', 'upsert' or 'snapshot'"),
    "tolerance": (SOURCE + "    tolerance: 5\n", "less than or equal to 1"),
    "web address": (SOURCE.replace("things.csv", "https://a.com/b.csv"), "is not read; write"),
    "bucket": (SOURCE.replace("things.csv", "s3://a/b.csv"), "write it like s3://bucket/folder"),
    "database without connection": (
        in_database("database: postgres, table: t"),
        "location: needs `connection_env`",
    ),
    "connection in the file": (
        in_database("database: postgres, table: t, connection_env: 'postgresql://u:p@h/d'"),
        "location.connection_env: write it like WAREHOUSE_CRM_DSN, the name of an environment",
    ),
    "a number as a header": (
        SOURCE + "    columns: {thing_id: 5}\n",
        'things.columns.thing_id: is a column of the file, by its header in quotes ("5"',
    ),
    "a header that YAML takes for false": (
        SOURCE + "    columns: {thing_id: No}\n",
        'or "No", which YAML takes for a number and for false)',
    ),
    "no header": (
        SOURCE + "    columns:\n      thing_id:\n",
        "source.yaml: tables.things.columns.thing_id: is a column of the file, by its header",
    ),
    "a number among headers": (
        SOURCE + "    columns: {thing_id: [id, 5]}\n",
        "source.yaml: tables.things.columns.thing_id: is a column of the file, by its header",
    ),
    "unknown key of an expression": (
        SOURCE + "    identifiers: {thing_id: {sqll: x}}\n",
        "tables.things.identifiers.thing_id.sqll: is not a known key",
    ),
    "unknown database": (in_database("database: oracle, table: t"), "'postgres' or 'sqlite'"),
    "unknown database key": (
        in_database("database: sqlite, path: a.db, tabel: t"),
        "location.tabel: is not a known key; did you mean 'table'?",
    ),
    "table and query": (
        in_database("database: sqlite, path: a.db, table: t, query: select 1"),
        "needs either `table` or `query`",
    ),
    "look-back alone": (
        in_database("database: sqlite, path: a.db, table: t, look_back: 2 days"),
        "has `look_back` without `cursor`",
    ),
    "look-back": (
        in_database("database: sqlite, path: a.db, table: t, cursor: c, look_back: two days"),
        'is a span such as "2 days"',
    ),
    "snapshot of changes": (
        in_database("database: sqlite, path: a.db, table: t, cursor: c").replace(
            "upsert", "snapshot"
        ),
        "that is no snapshot",
    ),
    "leaves landing": (SOURCE.replace("things.csv", "../b.csv"), "without '..'"),
    "same separators": (SOURCE + "    thousands_separator: '.'\n", "are both '.'"),
    "two shapes": (
        SOURCE + "    query: select 1\n    columns: {thing_id: a}\n",
        "both `columns` and `query`",
    ),
    "identifiers without a query": (
        SOURCE + "    identifiers: {thing_id: a}\n",
        "`identifiers` without a `query`",
    ),
    "no tables": ("tables: {}\n", "tables"),
    "source name": ("source: My Shop\n" + SOURCE, "source"),
}


@pytest.mark.parametrize(("text", "message"), SOURCE_FAULTS.values(), ids=SOURCE_FAULTS)
def test_source_faults(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CompanyError) as error:
        load_company(write(tmp_path, source=text))
    assert message in str(error.value)
    assert "my_shop/source.yaml" in str(error.value)


def test_a_directory_without_company_or_sources(tmp_path: Path) -> None:
    with pytest.raises(CompanyError, match=r"company\.yaml: not found"):
        load_company(tmp_path)
    (tmp_path / "company.yaml").write_text(COMPANY)
    with pytest.raises(CompanyError, match=r"no <source>/source\.yaml"):
        load_company(tmp_path)


def test_a_source_file_of_another_spelling(tmp_path: Path) -> None:
    company = write(tmp_path)
    (company / "my_crm").mkdir()
    (company / "my_crm" / "source.yml").write_text(SOURCE)
    with pytest.raises(CompanyError, match=r"my_crm/source\.yml: is not read; name it"):
        load_company(company)


def test_two_sources_of_one_name(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "source.yaml").write_text("source: my_shop\n" + SOURCE)
    with pytest.raises(CompanyError, match="already defined by"):
        load_company(tmp_path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (SOURCE.replace("things", "thinks"), "tables.thinks: not a table of the contract; did you"),
        (SOURCE + "    columns: {lable: x}\n", "columns.lable: not a column of things; did you"),
        (
            SOURCE + "    query: select 1\n    identifiers: {thing: x}\n",
            "identifiers.thing: not a column of things; did",
        ),
    ],
)
def test_names_that_the_contract_lacks(tmp_path: Path, source: str, message: str) -> None:
    contract = load_contract(contract_file(tmp_path, CONTRACT))
    with pytest.raises(CompanyError) as error:
        check_company(load_company(write(tmp_path / "company", source=source)), contract)
    assert message in str(error.value)


def test_shipped_companies_fit_the_shipped_contract() -> None:
    contract = load_contract(DBT_PROJECT_DIR / "models" / "staging")
    for path in (PROJECT_ROOT / "orchestration" / "defs" / "ingestion").glob("*/company.yaml"):
        check_company(load_company(path.parent), contract)


def test_the_contract_is_read_with_its_marks(tmp_path: Path) -> None:
    contract = load_contract(contract_file(tmp_path, CONTRACT))
    things, people = contract.table("things"), contract.table("people")
    assert (things.system, things.key) == ("shop", ("thing_id",))
    assert things.description == "One row per version of a thing."
    assert [c.name for c in things.columns if c.required] == ["thing_id"]
    assert [c.name for c in things.columns if not c.optional] == ["thing_id", "label"]
    assert {c.name: c.personal for c in people.columns if c.personal} == {
        "email": "email",
        "login": "identifier",
        "full_name": "text",
    }
    consent = things.column("consent")
    assert consent is not None
    assert consent.accepted == ("granted", "denied")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("data_type: bigint", "data_type: int", "use one of varchar, bigint"),
        ("key: [thing_id]", "key: [thing]", "the key of things names thing, no column"),
        ("name: people", "name: things", "defined a second time"),
        ("name: label", "name: thing_id", "lists thing_id twice"),
        ("personal: email", "personal: mail", "personal 'mail'"),
    ],
)
def test_contract_faults(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        load_contract(contract_file(tmp_path, CONTRACT.replace(old, new)))


def seeds(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_seeds_are_merged_by_path_or_name(tmp_path: Path) -> None:
    shipped = seeds(
        tmp_path / "shipped",
        {
            "kpis/targets.csv": "shipped",
            "kpis/_kpis__seeds.yml": "y",
            "a/rules.csv": "1",
            "b/x.csv": "x",
        },
    )
    company = seeds(tmp_path / "company", {"targets.csv": "company", "a/rules.csv": "2"})
    override = seeds(tmp_path / "override", {"kpis/targets.csv": "override"})
    target = tmp_path / "merged"
    seeds(target, {"left/over.csv": "old"})

    merge_seeds(shipped, company, override, target)

    merged = {
        path.relative_to(target).as_posix(): path.read_text()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert merged == {
        "kpis/targets.csv": "override",
        "kpis/_kpis__seeds.yml": "y",
        "a/rules.csv": "2",
        "b/x.csv": "x",
    }
    assert (shipped / "kpis/targets.csv").read_text() == "shipped"


def test_a_seed_is_merged_without_the_marks_of_the_program_that_wrote_it(tmp_path: Path) -> None:
    shipped, own, merged = tmp_path / "shipped", tmp_path / "own", tmp_path / "merged"
    for directory, content in (
        (shipped, b"a\n"),
        (own, b"\xef\xbb\xbfa\r\n1\n2\r3\r\n"),
    ):
        directory.mkdir()
        (directory / "rules.csv").write_bytes(content)
    merge_seeds(shipped, own, None, merged)
    assert (merged / "rules.csv").read_bytes() == b"a\n1\n2\n3\n"
    (own / "rules.csv").write_bytes(b"a\r\n\xe9\r\n")
    merge_seeds(shipped, own, None, merged)
    assert (merged / "rules.csv").read_bytes() == b"a\r\n\xe9\r\n"


def test_seeds_that_do_not_change_are_left_as_they_are(tmp_path: Path) -> None:
    shipped = seeds(tmp_path / "shipped", {"a/rules.csv": "1", "b/x.csv": "x"})
    merged = tmp_path / "merged"
    merge_seeds(shipped, None, None, merged)
    rules, other = merged / "a" / "rules.csv", merged / "b" / "x.csv"
    with rules.open() as reader:
        kept = other.stat().st_ino
        merge_seeds(shipped, seeds(tmp_path / "own", {"rules.csv": "22"}), None, merged)
        # Whoever reads the old rules reads them to their end.
        assert reader.read() == "1"
    assert rules.read_text() == "22"
    assert other.stat().st_ino == kept
    assert sorted(tmp_path.iterdir()) == [merged, tmp_path / "own", shipped]


def test_a_seed_that_replaces_nothing_is_an_error(tmp_path: Path) -> None:
    shipped = seeds(tmp_path / "shipped", {"kpis/kpi_targets.csv": ""})
    override = seeds(tmp_path / "override", {"kpi_target.csv": ""})
    with pytest.raises(CompanyError, match=r"did you mean 'kpi_targets\.csv'"):
        merge_seeds(shipped, None, override, tmp_path / "merged")


def test_two_files_of_one_seed_are_an_error(tmp_path: Path) -> None:
    shipped = seeds(tmp_path / "shipped", {"kpis/kpi_targets.csv": ""})
    override = seeds(tmp_path / "o", {"kpi_targets.csv": "1", "kpis/kpi_targets.csv": "2"})
    with pytest.raises(CompanyError, match="is the same seed"):
        merge_seeds(shipped, None, override, tmp_path / "merged")


def test_a_seed_in_capitals_is_an_error(tmp_path: Path) -> None:
    shipped = seeds(tmp_path / "shipped", {"kpis/kpi_targets.csv": ""})
    override = seeds(tmp_path / "override", {"kpi_targets.CSV": ""})
    with pytest.raises(CompanyError, match="small letters"):
        merge_seeds(shipped, None, override, tmp_path / "merged")


def documented_sources() -> list[str]:
    text = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    return [block for block in blocks if block.startswith(("tables:", "source:"))]


@pytest.mark.parametrize("source", documented_sources())
def test_the_documented_sources_are_valid(tmp_path: Path, source: str) -> None:
    company = load_company(write(tmp_path, source=source))
    check_company(company, load_contract(DBT_PROJECT_DIR / "models"))


def test_a_database_does_not_take_the_notation_of_files(tmp_path: Path) -> None:
    source = """
        defaults: {decimal_separator: ",", date_format: "%d/%m/%Y", timezone: Europe/Paris}
        tables:
          things: {location: {database: sqlite, path: a.db, table: t}, load: append}
    """
    (loaded,) = load_company(write(tmp_path, source=source)).sources
    settings = table_format(loaded, loaded.tables["things"])
    assert (settings.format, settings.decimal_separator) == ("parquet", ".")
    assert (settings.date_format, settings.timezone) == ((), "Europe/Paris")


@pytest.mark.parametrize(
    ("look_back", "span"),
    [("2 days", timedelta(days=2)), ("1 hour", timedelta(hours=1)), (5, 5), (None, 0)],
)
def test_look_back(look_back: str | int | None, span: timedelta | int) -> None:
    place = DatabaseLocation(
        database="sqlite", path="a.db", table="t", cursor="c", look_back=look_back
    )
    assert place.span == span
