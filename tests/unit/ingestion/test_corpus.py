"""Every file of the corpus is refused or loaded exactly as its verdict says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.lib.ingestion import archive
from orchestration.lib.ingestion.values import REMEDIES
from tests.corpus.builder import build
from tests.unit.ingestion.house import House, contents, things

CORPUS = Path(__file__).parents[2] / "corpus"
CASES: list[dict[str, Any]] = yaml.safe_load((CORPUS / "cases.yaml").read_text(encoding="utf-8"))


def deliver(house: House, case: dict[str, Any]) -> bytes:
    """Puts the case's file into landing; returns its bytes, none where it must not be read."""
    name = case.get("landing_name", "things.csv")
    path = house.landing / name
    if "build" in case:
        content = build(case["build"], path)
    else:
        content = (CORPUS / "files" / case["file"]).read_bytes()
        house.put(name, content)
    if "manifest" in case:
        house.put(f"{name}.manifest.json", json.dumps(case["manifest"]))
    return content


def kept_bytes(directory: Path) -> Iterator[bytes]:
    for path in directory.rglob("*"):
        if path.is_file() and path.name != "ledger.jsonl":
            yield b"".join(archive.read(path))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_a_file_meets_its_verdict(tmp_path: Path, case: dict[str, Any]) -> None:
    settings = {"tolerance": 0.5, **case.get("settings", {})}
    house = things(tmp_path, case.get("load", "upsert"), location="things*", **settings)
    content = deliver(house, case)

    (outcome,) = house.load().outcomes

    assert outcome.status == case["verdict"], outcome.reason
    columns = ", ".join(f"{column}::varchar" for column in case.get("columns", ["null"]))
    counts, faults, values = house.queries(
        "select rows_read, rows_loaded, rows_quarantined, rows_repeated from ops.ledger",
        "select row_number, line_number, column_name, reason_code from ops.quarantine "
        "order by row_number, column_name nulls first",
        f"select {columns} from raw.things order by _row_number",
    )
    rows = case["rows"]
    assert counts == [(rows["read"], rows["loaded"], rows["quarantined"], rows["repeated"])]
    assert rows["read"] == rows["loaded"] + rows["quarantined"] + rows["repeated"]
    assert case.get("reason", "") in (outcome.reason or "")
    assert faults == [tuple(fault) for fault in case.get("faults", [])]
    kept = tmp_path / ("archive" if case["verdict"] == "loaded" else "quarantine")
    assert list(kept_bytes(kept)) == ([content] if content or "build" not in case else [])
    if "values" in case:
        assert [list(row) for row in values] == case["values"]
    elif case["verdict"] == "refused":
        assert values == []
    assert house.load().outcomes[0].rows_loaded == 0
    before = contents(house)
    house.database.unlink()
    assert house.rebuild().notes == ()
    assert contents(house) == before


def test_the_corpus_is_as_large_as_it_claims() -> None:
    french = [case for case in CASES if str(case["case"]).startswith("french")]
    assert len(CASES) >= 120
    assert len(french) >= 25
    used = {case["file"] for case in CASES if "file" in case}
    assert used == {path.name for path in (CORPUS / "files").iterdir()}


def test_every_reason_code_of_a_text_file_is_in_the_corpus() -> None:
    codes = {fault[3] for case in CASES for fault in case.get("faults", [])}
    # One of Parquet files, and one of homes without a key (test_personal.py).
    assert set(REMEDIES) - codes <= {"wrong_type", "address_as_key"}
