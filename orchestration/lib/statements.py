"""What the current release says about closed periods, handed to the release that follows it.

A refresh compares: what it finds for a period that an earlier release spoke about, and that
differs, is a restatement. The base is the release that is current when the build begins, so that
after a rollback nothing is held against a release that nobody reads any more.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib import macros
from orchestration.lib.contract import OPS_SCHEMA, OPS_TABLES
from orchestration.lib.ingestion import sql
from orchestration.lib.periods import business_day
from orchestration.lib.publishing.releases import Release
from orchestration.settings import DBT_PROJECT_DIR

STATEMENTS = f"warehouse.{OPS_SCHEMA}.statements"
STATED_DAYS = f"warehouse.{OPS_SCHEMA}.stated_days"
LAST_BATCH, RULES, RATES = "last_batch", "rules", "rates"
# Seeds that are figures and no rules: a row more changes at most what is held against them.
FIGURES = ("kpi_targets.csv", "kpi_benchmarks.csv", "corrective_actions.csv", "market_size.csv")
# A cause of its own: rates of later days change nothing that is closed, those of its days do.
EXCHANGE_RATES = "fx_rates.csv"
# What a statement is handed on with, beside what the release itself says.
ADDED = ("last_batch_id", "are_rules_changed", "are_rates_changed", "merged_identifiers")
# The facts that have a row per row of a raw table, with the day by which int_kpi__loaded_days
# counts it, and that from which figures to date do, where it is another.
FACTS = {
    "shop_orders": ("fct_orders", "order_date"),
    "shop_order_items": ("fct_order_items", "order_date"),
    "shop_refunds": ("fct_refunds", "refund_date"),
    "crm_leads": ("fct_leads", "created_date"),
    "crm_opportunities": ("fct_opportunities", "closed_date", "created_date"),
    "crm_activities": ("fct_activities", "activity_date"),
    "ads_spend": ("fct_ad_spend", "spend_date"),
    "support_tickets": ("fct_tickets", "created_date"),
    "survey_responses": ("fct_survey_responses", "coalesce(sent_date, answered_date)"),
}
# What is asked of a release that was published before there were statements.
FIRST_STATEMENTS = """
    select
        kpi_id,
        period_grain,
        period_start,
        0 as statement_number,
        $stated_at::timestamp as stated_at,
        numerator,
        denominator,
        value,
        sample,
        null as definition,
        'first_stated' as cause,
        null as late_rows,
        null as late_refunds
    from base.kpi.kpi_values
    where dimension = 'overall' and is_complete and has_data
"""


class Rules:
    """What turns raw rows into figures, as it is when this is made.

    Models, macros, driver steps, merged seeds but those of figures, and vars; neither the clock nor
    the place where they lie.
    """

    def __init__(self, seeds: Path, variables: Mapping[str, Any]) -> None:
        """Of the merged seeds in a directory, and dbt's vars."""
        self._seeds = seeds
        self._variables = variables
        self._fingerprint = self._hashed()

    def basis(self, as_of: str) -> dict[str, str]:
        """Fingerprints that tell whether a release as of an instant (ISO 8601) is made by them."""
        timezone = str(self._variables["business_timezone"])
        today = business_day(datetime.fromisoformat(as_of), timezone)
        return {RULES: self._fingerprint, RATES: self._rates_before(today.isoformat())}

    def changed_since(self, release: Release) -> frozenset[str]:
        """Which of RULES and RATES are others now; of a release that does not say, none."""
        basis = release.manifest.basis
        now = self.basis(release.manifest.as_of)
        return frozenset(name for name in now if basis.get(name, now[name]) != now[name])

    def _hashed(self) -> str:
        digest = hashlib.sha256()
        steps = Path(__file__).parent
        roots = (DBT_PROJECT_DIR / "models", DBT_PROJECT_DIR / "macros", self._seeds, steps)
        for root in roots:
            wanted = (".sql", ".csv", ".py")
            found = (path for path in root.rglob("*") if path.suffix in wanted)
            for file in sorted(
                path for path in found if path.name not in (*FIGURES, EXCHANGE_RATES)
            ):
                digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
        digest.update((DBT_PROJECT_DIR / "dbt_project.yml").read_bytes())
        lasting = {name: value for name, value in self._variables.items() if name != "as_of"}
        digest.update(json.dumps(lasting, sort_keys=True, default=str).encode())
        return digest.hexdigest()

    def _rates_before(self, day: str) -> str:
        """A hash of the exchange rates of the days before one, by which closed periods count."""
        files = [str(file) for file in self._seeds.rglob(EXCHANGE_RATES)]
        if not files:
            return ""
        with duckdb.connect() as connection:
            (rates,) = connection.execute(
                """
                select coalesce(md5(string_agg(rates::varchar, chr(10) order by rates)), '')
                from read_csv($files, header = true, delim = ',', all_varchar = true) as rates
                where rates.rate_date < $day
                """,
                {"files": files, "day": day},
            ).fetchall()[0]
        return str(rates)


def basis_of(database: Path, rules: Mapping[str, str]) -> dict[str, Any]:
    """What a release is made from, as the next one will ask: the last load, and the rules."""
    with duckdb.connect(str(database), read_only=True) as connection:
        (last_batch,) = connection.execute(
            f"select coalesce(max(batch_id), 0) from {OPS_SCHEMA}.ledger"
        ).fetchall()[0]
    return {LAST_BATCH: last_batch, **rules}


def take_statements(database: Path, base: Release | None, changed: Collection[str] = ()) -> int:
    """Replaces `ops.statements` in the work database by what `base` says; gives the rows.

    And `ops.stated_days` by the days that it counts. `changed` names which of RULES and RATES are
    others since. One transaction: a kill leaves the tables as they were.
    """
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create schema if not exists warehouse.{OPS_SCHEMA}")
        for table in (STATEMENTS, STATED_DAYS):
            declared = OPS_TABLES[table.rpartition(".")[2]]
            columns = ", ".join(f"{name} {kind}" for name, kind in declared)
            connection.execute(f"create table if not exists {table} ({columns})")
        if base is not None:
            connection.execute(f"attach {sql.literal(str(base.database))} as base (read_only)")
        connection.begin()
        for table in (STATEMENTS, STATED_DAYS):
            connection.execute(f"delete from {table}")
        if base is not None:
            _insert(connection, base, changed)
        connection.commit()
        return int(connection.execute(f"select count(*) from {STATEMENTS}").fetchall()[0][0])


def _insert(connection: duckdb.DuckDBPyConnection, base: Release, changed: Collection[str]) -> None:
    tables = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'base'"
        ).fetchall()
    }
    given: dict[str, Any] = {
        "last_batch": base.manifest.basis.get(LAST_BATCH),
        "are_rules_changed": RULES in changed,
        "are_rates_changed": RATES in changed,
    }
    if "kpi.kpi_restatements" in tables:
        named = ", ".join(name for name, _ in OPS_TABLES["statements"] if name not in ADDED)
        said = f"select {named} from base.kpi.kpi_restatements"
    elif "kpi.kpi_values" in tables:
        said = FIRST_STATEMENTS
        given["stated_at"] = base.manifest.as_of.removesuffix("Z")
    else:
        return
    merged = "null"
    if "core.identity_keys" in tables:
        checksum = macros.rendered("merged_checksum", files=("identity/merged_checksum.sql",))
        merged = f"(select {checksum} from base.core.identity_keys where merged_on is not null)"
    connection.execute(
        f"insert into {STATEMENTS} by name select said.*, $last_batch as last_batch_id,"
        f" $are_rules_changed as are_rules_changed, $are_rates_changed as are_rates_changed,"
        f" {merged} as merged_identifiers"
        f" from ({said}) as said",
        given,
    )
    # By other rules the same rows may count on other days.
    if given["last_batch"] is None or given["are_rules_changed"]:
        return
    for raw_table, (fact, *days) in FACTS.items():
        if f"core.{fact}" in tables:
            connection.execute(
                f"insert into {STATED_DAYS} select $1, {days[0]}, {days[-1]}, count(*)"
                f" from base.core.{fact} where {days[-1]} is not null group by all",
                [raw_table],
            )
