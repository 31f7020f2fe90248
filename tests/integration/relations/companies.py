"""Companies whose raw rows are another company's, changed in a known way.

The demo company's files are loaded once. Its raw rows, under the contract's names, are written as
the files of companies of their own, a Parquet file for each file that they came from, so that a
change is one SQL statement for a table, however its source would have written it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import yaml

from orchestration import settings
from orchestration.lib import build
from orchestration.lib.company import load_company
from orchestration.lib.contract import Contract, load_contract
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.refresh import open_refresh
from orchestration.settings import DBT_PROJECT_DIR, DEMO_COMPANY_DIR, SHIPPED_SEEDS_DIR
from tests.integration.house import House, copy_landing

AMOUNTS = frozenset((
    "total", "discount", "tax", "shipping", "unit_price", "unit_cost", "amount", "spend",
    "platform_conversion_value", "cost",
))  # fmt: skip
COIN = 100
# What a company of a hundred customers has to ask for, to be told something of the future.
FOR_FEW = {"prediction_min_repeat_customers": 20}
# What begins an identifier, or a name, that is another one's written backwards.
MARK = "~"


def renamed(text: str) -> str:
    """SQL of another name: one for each, none of them there before, and in another order."""
    return f"'{MARK}' || reverse({text})"


def restored(text: str) -> str:
    """SQL of the name that a renamed one had before; any other stays."""
    return f"case when starts_with({text}, '{MARK}') then reverse({text}[2:]) else {text} end"


def replaced(columns: Mapping[str, str]) -> str:
    """SQL of the table `given` with the expressions of some columns replaced."""
    listed = ", ".join(f'{expression} as "{name}"' for name, expression in columns.items())
    return f"select * replace ({listed}) from given" if columns else "from given"


@dataclass(frozen=True)
class Change:
    """How a company differs from the one whose rows it has.

    `tables` and `seeds` give for a raw table or a seed a statement over `given`. `as_of` and `vars`
    replace what company.yaml says. `is_rearranged`: each file's rows are in no order; the files of
    an `append` are one, and each of an `upsert` is two, which take its place among the others.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    seeds: Mapping[str, str] = field(default_factory=dict)
    as_of: str = ""
    vars: Mapping[str, int] = field(default_factory=dict)
    is_rearranged: bool = False


def contract() -> Contract:
    """The raw tables and their columns."""
    return load_contract(DBT_PROJECT_DIR / "models")


def tunables() -> dict[str, int]:
    """The vars of a company that differs in none of them."""
    declared = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text())["vars"]
    return {**declared, **FOR_FEW}


def load(landing: Path, home: Path) -> Path:
    """The work database with the demo company's raw rows, its amounts in smaller coins.

    What an amount loses when it is rounded to four decimals then is nothing beside it.
    """
    house = House(home)
    copy_landing(landing, house.landing)
    with settings.environment(house.environment):
        load_landing(open_refresh(settings.load()).warehouse)
    raw = home / "warehouse.duckdb"
    with duckdb.connect(str(raw)) as connection:
        for name, table in contract().tables.items():
            for column in AMOUNTS.intersection(table.column_names):
                connection.execute(f"update raw.{name} set {column} = {column} * {COIN}")
    return raw


def found(raw: Path, directory: Path, change: Change) -> House:
    """A refreshed house of the company that the change makes of the raw rows.

    It is built without dbt's data tests, which the demo company passes elsewhere.
    """
    house = House(directory / "home", directory / "company")
    shutil.copytree(DEMO_COMPANY_DIR / "seeds", house.sources / "seeds")
    _write_company(house.sources, change)
    with duckdb.connect(str(raw), read_only=True) as connection:
        for source in load_company(DEMO_COMPANY_DIR).sources:
            tables = {}
            for table, delivery in source.tables.items():
                place = f"{source.source}/{table}"
                (house.landing / place).mkdir(parents=True)
                loaded = f"raw.{table} where _source = '{source.source}'"
                for name, rows in _files(connection, loaded, delivery.load, change):
                    columns = ", ".join(contract().table(table).column_names)
                    given = f"with given as (select {columns} from {rows})"
                    statement = change.tables.get(table, "from given")
                    file = house.landing / place / f"{name}.parquet"
                    connection.execute(f"copy ({given} {statement}) to '{file}'")
                location = f"{place}/*.parquet"
                tables[table] = {"location": location, "load": delivery.load, "format": "parquet"}
            folder = house.sources / source.source
            folder.mkdir()
            (folder / "source.yaml").write_text(yaml.safe_dump({"tables": tables}))
    with mock.patch.object(build, "LEFT_OUT", ("unit_test", "test")):
        outcome = house.refresh()
    assert outcome.code == 0, outcome.printed
    assert house.warehouse("select count(*) from ops.quarantine") == [(0,)]
    return house


def _files(
    connection: duckdb.DuckDBPyConnection, loaded: str, load: str, change: Change
) -> Iterator[tuple[str, str]]:
    """The names of a table's files and the rows of each, as what follows `from`."""
    files = connection.execute(f"select distinct _source_file from {loaded} order by all")
    of_file = {
        Path(file).name.partition(".")[0]: f"{loaded} and _source_file = '{file}'"
        for (file,) in files.fetchall()
    }
    if not change.is_rearranged:
        for name, rows in of_file.items():
            yield name, f"{rows} order by _row_number"
        return
    shuffled = "order by hash(_source_file, _row_number)"
    if load == "append" and of_file:
        yield "all", f"{loaded} {shuffled}"
        return
    # The newest file of a snapshot is the whole table.
    parts = 2 if load == "upsert" else 1
    for name, rows in of_file.items():
        for part in range(parts):
            yield f"{name}_{part}", f"{rows} and hash(_row_number) % {parts} = {part} {shuffled}"


def _write_company(company: Path, change: Change) -> None:
    told: dict[str, Any] = yaml.safe_load((DEMO_COMPANY_DIR / "company.yaml").read_text())
    told["vars"] |= {**FOR_FEW, **change.vars}
    told |= {"as_of": change.as_of} if change.as_of else {}
    (company / "company.yaml").write_text(yaml.safe_dump(told))
    for name, statement in change.seeds.items():
        (shipped,) = SHIPPED_SEEDS_DIR.rglob(f"{name}.csv")
        own = company / "seeds" / shipped.relative_to(SHIPPED_SEEDS_DIR)
        own.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(
                f"create table given as from read_csv('{own if own.exists() else shipped}', "
                "header = true, all_varchar = true)"
            )
            connection.execute(f"copy ({statement}) to '{own}' (header)")
