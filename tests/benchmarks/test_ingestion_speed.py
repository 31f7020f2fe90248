"""CSV to raw against DuckDB's bare typed scan of the same file, and one day after years of days.

Run by `make bench`; what it measures is written to docs/benchmarks.md. `BENCHMARK_ROWS` changes the
size of the big file (10,000,000), `BENCHMARK_DAYS` the two lengths of history (365,1460).
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.benchmarks import report
from tests.benchmarks.ingestion_worker import MEMORY_LIMIT, THREADS

ROWS = int(os.environ.get("BENCHMARK_ROWS", "10000000"))
DAYS = [int(days) for days in os.environ.get("BENCHMARK_DAYS", "365,1460").split(",")]
ROWS_A_DAY = 300
REPEATS = 3
FILES = {
    "web_events": """
        select
            'evt-' || lpad(i::varchar, 10, '0') as event_id,
            strftime(timestamp '2025-01-01' + to_milliseconds(i * 3000), '%Y-%m-%d %H:%M:%S')
                as occurred_at,
            'visitor-' || (hash(i // 7) % 2000000) as anonymous_id,
            (['page_view', 'page_view', 'product_view', 'purchase'])[(1 + hash(i) % 4)::int]
                as event_name,
            'https://shop.example.com/products/' || (hash(i * 3) % 5000)
                || case when hash(i * 5) % 10 = 0
                    then '?utm_source=newsletter&utm_medium=email&utm_campaign=spring&sid=' || i
                    else '' end as page_url,
            case when hash(i * 11) % 4 = 0 then 'https://www.google.com/' end as page_referrer,
            case when hash(i * 5) % 10 = 0 then 'newsletter' end as utm_source,
            (['desktop', 'mobile', 'tablet'])[(1 + hash(i * 13) % 3)::int] as device_type,
            (['FR', 'GB', 'DE', 'US'])[(1 + hash(i * 17) % 4)::int] as country,
            'P-' || (hash(i * 3) % 5000) as product_id
        from range({rows}) t(i)""",
    "shop_order_items": """
        select
            'L' || i as order_item_id,
            'O' || (i // 3) as order_id,
            'P-' || (hash(i) % 5000) as product_id,
            1 + hash(i * 3) % 9 as quantity,
            ((hash(i * 7) % 100000) / 100)::decimal(18, 2) as unit_price,
            ((hash(i * 9) % 100) / 100)::decimal(18, 2) as discount,
            ((hash(i * 11) % 50000) / 100)::decimal(18, 2) as unit_cost
        from range({rows}) t(i)""",
}


def prepare(home: Path, tables: dict[str, Any]) -> None:
    (home / "landing").mkdir(parents=True)
    (home / "company" / "s").mkdir(parents=True)
    (home / "company" / "company.yaml").write_text(
        "name: Benchmark\nreporting_currency: EUR\nbusiness_timezone: Europe/Paris\n"
    )
    (home / "company" / "s" / "source.yaml").write_text(yaml.safe_dump({"tables": tables}))


def run(kind: str, home: Path, table: str, file: Path) -> dict[str, float]:
    output = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.benchmarks.ingestion_worker",
            kind,
            str(home),
            table,
            str(file),
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    ).stdout
    measured: dict[str, float] = json.loads(output)
    return measured


@pytest.mark.parametrize("table", FILES)
def test_csv_to_raw_costs_at_most_twice_a_bare_scan(tmp_path: Path, table: str) -> None:
    prepare(tmp_path, {table: {"location": "f.csv", "load": "append"}})
    file = tmp_path / "landing" / "f.csv"
    duckdb.sql(f"copy ({FILES[table].format(rows=ROWS)}) to '{file}' (header)")
    bare, ingested = cheapest_of(REPEATS, tmp_path, table, file)
    ratio = ingested["cpu_seconds"] / bare["cpu_seconds"]
    report.write(
        f"CSV to raw, {table}",
        [
            f"{ROWS:,} rows, {file.stat().st_size / 1e6:,.0f} MB, {THREADS} threads, DuckDB "
            f"limited to {MEMORY_LIMIT}, the cheapest of {REPEATS} runs.",
            "",
            "| | CPU s | wall s | peak MiB |",
            "|---|---:|---:|---:|",
            *(
                f"| {name} | {m['cpu_seconds']:.1f} | {m['wall_seconds']:.1f} | {m['peak_mib']} |"
                for name, m in (("bare typed scan and write", bare), ("ingestion", ingested))
            ),
            "",
            f"Ratio of CPU: {ratio:.2f}. The bare scan writes DuckDB's default layout, ingestion "
            "the one of DuckDB 1.4, which costs less to write.",
        ],
    )
    assert ingested["rows"] == bare["rows"] == ROWS
    assert ratio <= 2.0
    assert ingested["peak_mib"] < 1024


def cheapest_of(
    repeats: int, home: Path, table: str, file: Path
) -> tuple[dict[str, float], dict[str, float]]:
    """Both ways in turn, each at its best: a busy machine makes processor time dearer."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "ingested": []}
    for _ in range(repeats):
        for kind, found in runs.items():
            found.append(run(kind, home, table, file))
            for name in ("bare.duckdb", "warehouse.duckdb"):
                (home / name).unlink(missing_ok=True)
            for name in ("archive", "build"):
                shutil.rmtree(home / name, ignore_errors=True)
    peak = max(measured["peak_mib"] for measured in runs["ingested"])
    best = {k: min(found, key=lambda m: m["cpu_seconds"]) for k, found in runs.items()}
    return best["bare"], {**best["ingested"], "peak_mib": peak}


def test_a_day_costs_the_same_after_one_year_and_after_four(tmp_path: Path) -> None:
    measured = [cost_of_a_day(tmp_path / str(days), days) for days in DAYS]
    report.write(
        "One more day",
        [
            f"A daily file of {ROWS_A_DAY} web events; the days before are loaded and their files "
            "still lie in landing. CPU seconds, the process's start included.",
            "",
            "| days before | day that is new | nothing new |",
            "|---:|---:|---:|",
            *(
                f"| {n} | {day:.2f} | {none:.2f} |"
                for n, (day, none) in zip(DAYS, measured, strict=True)
            ),
        ],
    )
    (short, _), (long, _) = measured[0], measured[-1]
    assert long <= 1.25 * short + 0.1


def cost_of_a_day(home: Path, days: int) -> tuple[float, float]:
    prepare(home, {"web_events": {"location": "events_*.csv", "load": "append"}})
    for number in range(days):
        write_day(home, number)
    run("ingested", home, "web_events", home)
    # Files are old enough to be known by their status from the second run on.
    run("ingested", home, "web_events", home)
    nothing = run("ingested", home, "web_events", home)["cpu_seconds"]
    write_day(home, days)
    measured = run("ingested", home, "web_events", home)
    assert measured["rows"] == ROWS_A_DAY
    return measured["cpu_seconds"], nothing


def write_day(home: Path, number: int) -> None:
    day = date(2022, 1, 1) + timedelta(days=number)
    lines = ["event_id,occurred_at,anonymous_id,event_name,page_url,page_referrer"]
    lines += [
        f"e-{number}-{i},{day} {i % 24:02d}:00:00,v-{i},page_view,https://shop.example/p/{i},"
        for i in range(ROWS_A_DAY)
    ]
    (home / "landing" / f"events_{day}.csv").write_text("\n".join(lines) + "\n")
