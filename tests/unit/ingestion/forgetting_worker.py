"""Searches an archived file and rewrites a Parquet file, in a process of its own.

Prints by how much each raised the peak of memory, in MiB.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from orchestration.lib.ingestion import archive, erasure, files, redaction
from tests.benchmarks.memory import peak_mib
from tests.unit.ingestion.test_erasure import EMAIL, TABLES, Company


def measure(home: Path) -> dict[str, int]:
    """`home` holds `leads.parquet`, with the person in row 1,000, and `surveys.csv`."""
    company = Company(home, {"crm_leads": dict(TABLES["crm_leads"])})
    warehouse = replace(company.warehouse(), memory_limit="100MB")
    plan = redaction.Plan(
        own={1_000}, kinds={"email": "email"}, used={"lead_id", "email"}, emails={EMAIL}
    )
    csv = home / "surveys.csv"
    kept = archive.write(csv, warehouse.archive, files.hash_file(csv), ".csv")
    start = peak_mib()
    assert erasure._holds(kept, warehouse, EMAIL)
    searching = peak_mib()
    redaction._rewrite_parquet(home / "leads.parquet", home, plan)
    return {"searching": searching - start, "rewriting": peak_mib() - searching}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
