"""What the next build is told of the current release."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.publishing.releases import Manifest, Release
from orchestration.lib.statements import RATES, RULES, Rules, basis_of, take_statements

VALUES = """
create schema kpi;
create table kpi.kpi_values as from (values
    ('revenue', 'month', date '2026-05-01', 'overall', 'all', 7::decimal(28, 4),
        null::decimal(28, 4), 7::double, 2::bigint, true, true),
    ('revenue', 'month', date '2026-05-01', 'country', 'FR', 7, null, 7, 2, true, true),
    ('revenue', 'month', date '2026-06-01', 'overall', 'all', 1, null, 1, 1, false, true),
    ('empty', 'month', date '2026-05-01', 'overall', 'all', null, null, null, 0, true, false)
) as t (kpi_id, period_grain, period_start, dimension, segment, numerator, denominator, value,
    sample, is_complete, has_data)
"""
RESTATEMENTS = """
create table kpi.kpi_restatements as from (values
    ('revenue', 'month', date '2026-05-01', 1, false, timestamp '2026-06-02', 7, null, 7, 2,
        5, 2, 5, 2, 'late_rows', 1, 0, 'net_revenue')
) as t (kpi_id, period_grain, period_start, statement_number, is_latest, stated_at, numerator,
    denominator, value, sample, previous_value, change, first_stated_value, change_since_first,
    cause, late_rows, late_refunds, definition);
create schema core;
create table core.identity_keys as from (values (1, 7, date '2026-01-01'), (2, 2, null))
    as t (identifier_key, person_key, merged_on);
create table core.fct_orders as from (values (date '2026-02-10'), (date '2026-02-10'))
    as t (order_date);
create table core.fct_opportunities as from (values (date '2026-02-10', null::date))
    as t (created_date, closed_date)
"""


def release(directory: Path, content: str, **basis: Any) -> Release:
    """A release of this content, as of 10 June."""
    directory.mkdir()
    with duckdb.connect(str(directory / "published.duckdb")) as connection:
        connection.execute(content)
    manifest = Manifest(
        id="000001-20260610",
        base=None,
        as_of="2026-06-10T22:00:00Z",
        built_at="",
        code_version="",
        engine="",
        fingerprint="",
        tables=(),
        basis=basis,
    )
    return Release(directory, manifest, "2026-06-10T22:05:00Z")


def taken(database: Path, table: str = "statements") -> list[dict[str, Any]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows: list[dict[str, Any]] = (
            connection.sql(f"from ops.{table}").to_arrow_table().to_pylist()
        )
    return rows


def test_before_the_first_release_nothing_is_stated(tmp_path: Path) -> None:
    assert take_statements(tmp_path / "warehouse.duckdb", None) == 0
    assert taken(tmp_path / "warehouse.duckdb") == []


def test_the_statements_of_a_release_are_carried_and_those_of_the_one_before_it_are_gone(
    tmp_path: Path,
) -> None:
    database = tmp_path / "warehouse.duckdb"
    first = release(tmp_path / "first", VALUES)
    later = release(tmp_path / "later", f"{VALUES}; {RESTATEMENTS}", last_batch=9)
    assert take_statements(database, first) == 1
    [said] = taken(database)
    assert (said["period_start"], said["statement_number"]) == (date(2026, 5, 1), 0)
    assert said["stated_at"] == datetime(2026, 6, 10, 22)
    assert (said["value"], said["cause"], said["definition"]) == (7, "first_stated", None)
    assert (said["last_batch_id"], said["are_rules_changed"]) == (None, False)

    assert take_statements(database, later, {RULES}) == 1
    [said] = taken(database)
    assert (said["statement_number"], said["cause"], said["late_rows"]) == (1, "late_rows", 1)
    assert (said["last_batch_id"], said["are_rules_changed"]) == (9, True)
    assert not said["are_rates_changed"]
    assert said["merged_identifiers"] == 1 + 7


def test_the_days_that_a_release_counts_are_taken_unless_rules_have_changed(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    base = release(tmp_path / "base", f"{VALUES}; {RESTATEMENTS}", last_batch=9)
    day = date(2026, 2, 10)
    take_statements(database, base, {RATES})
    assert taken(database, "stated_days") == [
        {"raw_table": "shop_orders", "date_day": day, "from_day": day, "row_count": 2},
        {"raw_table": "crm_opportunities", "date_day": None, "from_day": day, "row_count": 1},
    ]
    take_statements(database, base, {RULES})
    assert taken(database, "stated_days") == []
    # Which of its rows are new, a release that does not say what it had loaded cannot tell.
    old = release(tmp_path / "old", f"{VALUES}; {RESTATEMENTS}")
    take_statements(database, old)
    assert taken(database, "stated_days") == []


def test_a_release_without_kpis_states_nothing(tmp_path: Path) -> None:
    other = release(tmp_path / "other", "create table one (x integer)")
    assert take_statements(tmp_path / "warehouse.duckdb", other) == 0


def test_a_release_knows_its_last_load(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema ops; create table ops.ledger (batch_id bigint)")
    assert basis_of(database, {"rules": "x"}) == {"last_batch": 0, "rules": "x"}
    with duckdb.connect(str(database)) as connection:
        connection.execute("insert into ops.ledger values (3), (12)")
    assert basis_of(database, {"rules": "x"}) == {"last_batch": 12, "rules": "x"}


def basis(seeds: Path, **variables: Any) -> dict[str, str]:
    return Rules(seeds, {"business_timezone": "UTC", **variables}).basis("2026-06-10T22:00:00")


@pytest.mark.parametrize("place", ["here", "there"])
def test_rules_are_models_seeds_and_vars_but_neither_clock_nor_place(
    tmp_path: Path, place: str
) -> None:
    def written(directory: str, seed: str, **variables: Any) -> dict[str, str]:
        seeds = tmp_path / directory / "kpis"
        seeds.mkdir(parents=True, exist_ok=True)
        (seeds / "kpi_catalogue.csv").write_text(seed)
        return basis(seeds.parent, **variables)

    one = written("here", "kpi_id\n", as_of="2026-06-10", trend_periods=6)
    assert written(place, "kpi_id\n", as_of="2026-06-11", trend_periods=6) == one
    assert written(place, "kpi_id\n", as_of="2026-06-10", trend_periods=7) != one
    assert written(place, "kpi_id,unit\n", as_of="2026-06-10", trend_periods=6) != one


def test_a_target_more_is_no_change_of_rules(tmp_path: Path) -> None:
    kpis = tmp_path / "kpis"
    kpis.mkdir()
    (kpis / "kpi_catalogue.csv").write_text("kpi_id\n")
    before = basis(tmp_path)
    for figures in ("kpi_targets", "kpi_benchmarks", "corrective_actions", "market_size"):
        (kpis / f"{figures}.csv").write_text("kpi_id\nrevenue\n")
    assert basis(tmp_path) == before
    (kpis / "objectives.csv").write_text("objective_id\n")
    assert basis(tmp_path) != before


@pytest.mark.parametrize(
    ("timezone", "rate_date", "rate", "changed"),
    [
        ("UTC", "2026-06-10", "1.2", set()),
        ("UTC", "2026-06-09", "1.2", {RATES}),
        ("UTC", "2026-06-08", "1.3", {RATES}),
        # It is the 11th in Paris already: the 10th is over.
        ("Europe/Paris", "2026-06-10", "1.2", {RATES}),
        ("Europe/Paris", "2026-06-11", "1.2", set()),
    ],
)
def test_an_exchange_rate_of_a_day_before_the_release_is_a_change_of_rates(
    tmp_path: Path, timezone: str, rate_date: str, rate: str, changed: set[str]
) -> None:
    def made(rates: dict[str, str]) -> Rules:
        lines = [f"{day},USD,EUR,{value}" for day, value in rates.items()]
        header = "rate_date,from_currency,to_currency,rate"
        (tmp_path / "fx_rates.csv").write_text("\n".join([header, *lines]) + "\n")
        return Rules(tmp_path, {"business_timezone": timezone})

    known = {"2026-06-08": "1.1"}
    base = release(tmp_path / "base", VALUES, **made(known).basis("2026-06-10T22:00:00"))
    assert not made(known).changed_since(base)
    assert made(known | {rate_date: rate}).changed_since(base) == changed


def test_a_release_that_does_not_say_its_rules_is_not_held_to_have_had_others(
    tmp_path: Path,
) -> None:
    rules = Rules(tmp_path, {"business_timezone": "UTC"})
    assert not rules.changed_since(release(tmp_path / "silent", VALUES))
    other = release(tmp_path / "other", VALUES, rules="others")
    assert rules.changed_since(other) == {RULES}
