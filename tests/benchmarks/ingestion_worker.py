"""One measured run in a process of its own: prints processor time, wall time and peak memory."""

import json
import resource
import sys
import time
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.lib.company import load_company
from orchestration.lib.contract import Table, load_contract
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.ingestion.session import Warehouse
from orchestration.settings import DBT_PROJECT_DIR
from tests.benchmarks.memory import peak_mib

MEMORY_LIMIT = "500MB"
THREADS = 2


def contract_table(name: str) -> Table:
    return load_contract(DBT_PROJECT_DIR / "models").table(name)


def bare(home: Path, table: str, file: Path) -> int:
    """DuckDB's own typed scan of the file into a table, with the write."""
    header = file.open(encoding="utf-8").readline().strip().split(",")
    types = {column.name: column.data_type for column in contract_table(table).columns}
    columns = ", ".join(f"'{name}': '{types[name]}'" for name in header)
    with duckdb.connect(str(home / "bare.duckdb")) as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"set threads = {THREADS}")
        connection.execute(
            f"create table t as select * from read_csv('{file}', auto_detect = false, "
            f"header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})"
        )
        row = connection.execute("select count(*) from t").fetchone()
        connection.execute("checkpoint")
    return int(row[0]) if row else 0


def ingested(home: Path, table: str) -> int:
    """The same file from landing to raw: hashed, archived, parsed, checked, accounted for."""
    report = load_landing(
        Warehouse(
            database=home / "warehouse.duckdb",
            landing=home / "landing",
            archive=home / "archive",
            quarantine=home / "quarantine",
            company=load_company(home / "company"),
            contract=load_contract(DBT_PROJECT_DIR / "models"),
            as_of=datetime(2026, 7, 1),
            hash_key="k" * 32,
            memory_limit=MEMORY_LIMIT,
            threads=THREADS,
            progress=lambda _: None,
        )
    )
    return sum(o.rows_loaded for o in report.outcomes if o.table == table)


def main() -> None:
    kind, home, table, file = sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.monotonic()
    rows = bare(home, table, file) if kind == "bare" else ingested(home, table)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        json.dumps(
            {
                "rows": rows,
                "cpu_seconds": round(cpu, 2),
                "wall_seconds": round(time.monotonic() - started, 2),
                "peak_mib": peak_mib(),
            }
        )
    )


if __name__ == "__main__":
    main()
