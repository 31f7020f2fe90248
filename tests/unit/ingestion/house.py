"""A small company in a temporary directory: write files, load them, look at the tables."""

import textwrap
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.lib.company import Company, load_company
from orchestration.lib.contract import Contract, load_contract
from orchestration.lib.ingestion import rebuild
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.ingestion.rebuild import RebuildReport
from orchestration.lib.ingestion.report import IngestReport
from orchestration.lib.ingestion.session import Warehouse

AS_OF = datetime(2026, 1, 2, 3, 4, 5)
KEY = "a-key-for-tests-of-thirty-two-characters"

CONTRACT = """
version: 2
sources:
  - name: shop
    schema: raw
    tables:
      - name: things
        description: One row per version of a thing.
        config: {meta: {key: [thing_id]}}
        columns:
          - {name: thing_id, data_type: varchar, config: {meta: {required: true}}}
          - {name: label, data_type: varchar}
          - {name: amount, data_type: "decimal(18,4)", config: {meta: {optional: true}}}
          - {name: pieces, data_type: bigint, config: {meta: {optional: true}}}
          - {name: chance, data_type: double, config: {meta: {optional: true}}}
          - {name: is_open, data_type: boolean, config: {meta: {optional: true}}}
          - {name: due_on, data_type: date, config: {meta: {optional: true}}}
          - {name: changed_at, data_type: timestamp, config: {meta: {optional: true}}}
          - {name: updated_at, data_type: timestamp, config: {meta: {optional: true}}}
          - name: consent
            data_type: varchar
            config: {meta: {optional: true, accepted: [granted, denied]}}
      - name: people
        description: One row per person.
        config: {meta: {key: [person_id]}}
        columns:
          - {name: person_id, data_type: varchar, config: {meta: {required: true}}}
          - {name: email, data_type: varchar, config: {meta: {optional: true, personal: email}}}
          - name: login
            data_type: varchar
            config: {meta: {optional: true, personal: identifier}}
          - {name: full_name, data_type: varchar, config: {meta: {optional: true, personal: text}}}
          - {name: age, data_type: bigint, config: {meta: {optional: true}}}
          - {name: anonymous_id, data_type: varchar, config: {meta: {optional: true}}}
          - {name: page_url, data_type: varchar, config: {meta: {optional: true, url: true}}}
"""


@dataclass
class House:
    """One company with one source; `tables` is the source.yaml's `tables:`, `source` its name."""

    root: Path
    tables: dict[str, Any]
    defaults: dict[str, Any] = field(default_factory=dict)
    hash_key: str = KEY
    demo: bool = False
    settle_seconds: float = 0.0
    non_identifiers: dict[str, str] = field(default_factory=dict)
    source: str = "s"
    vars: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.landing.mkdir(parents=True, exist_ok=True)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def database(self) -> Path:
        return self.root / "warehouse.duckdb"

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def contract(self) -> Contract:
        folder = self.root / "models" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "_shop__sources.yml").write_text(textwrap.dedent(CONTRACT))
        return load_contract(folder)

    def company(self) -> Company:
        folder = self.root / "company"
        (folder / "s").mkdir(parents=True, exist_ok=True)
        (folder / "company.yaml").write_text(
            yaml.safe_dump(
                {
                    "name": "Test",
                    "reporting_currency": "EUR",
                    "business_timezone": "Europe/Paris",
                    "demo": self.demo,
                    "vars": self.vars,
                }
            )
        )
        (folder / "s" / "source.yaml").write_text(
            yaml.safe_dump(
                {"source": self.source, "defaults": self.defaults, "tables": self.tables}
            )
        )
        return load_company(folder)

    def warehouse(self) -> Warehouse:
        return Warehouse(
            self.database,
            self.landing,
            self.root / "archive",
            self.root / "quarantine",
            self.company(),
            self.contract(),
            AS_OF,
            self.hash_key,
            "500MB",
            1,
            lambda _: None,
            self.settle_seconds,
            self.non_identifiers,
        )

    def load(self, published: int | None = None) -> IngestReport:
        return load_landing(self.warehouse(), published)

    def rebuild(self, *without: str) -> RebuildReport:
        return rebuild.rebuild(self.warehouse(), without)

    def requeue(self) -> IngestReport:
        return rebuild.requeue(self.warehouse())

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        return self.queries(statement)[0]

    def queries(self, *statements: str) -> list[list[tuple[Any, ...]]]:
        """What each statement finds; opening the file costs more than asking it."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return [connection.execute(statement).fetchall() for statement in statements]


def contents(house: House) -> list[list[tuple[Any, ...]]]:
    """Every raw row, and what ledger and quarantine say."""
    tables = ("raw.things", "raw.people", "ops.ledger", "ops.quarantine")
    return house.queries(*(f"select * from {table} order by all" for table in tables))


def things(root: Path, load: str = "upsert", **settings: Any) -> House:
    """A house whose source delivers `things` from things*.csv (or the given location)."""
    table = {"location": "things*.csv", "load": load, **settings}
    return House(root, {"things": table})
