"""What changed a closed period, from the raw tables of two releases to the cause that is told."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from orchestration.lib.contract import OPS_TABLES
from orchestration.lib.statements import FACTS
from tests.model_sql import CompiledModels, Row

Tables = Mapping[str, list[Row]]
FIRST, LAST, LATE = date(2026, 1, 1), date(2026, 5, 14), date(2026, 2, 10)
FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    clock = {"as_of": "2026-05-15T06:00:00", "business_timezone": "UTC"}
    facts = [fact for fact, *_ in FACTS.values()]
    return CompiledModels(["kpi_restatements", "int_kpi__late_days", *facts], clock)


def loaded(rows: list[Row], batch: int) -> list[Row]:
    added = {"_source": "shop", "_source_file": f"f{batch}", "_loaded_at": LAST}
    added["_batch_id"] = batch
    return [{**added, "_row_number": number, **row} for number, row in enumerate(rows)]


def said(tables: Tables) -> dict[str, list[Row]]:
    """What the next release is told of this one, which knew the first load."""
    basis = {
        "last_batch_id": 1,
        "are_rules_changed": False,
        "are_rates_changed": False,
        "merged_identifiers": 0,
    }
    named = [name for name, _ in OPS_TABLES["statements"] if name not in basis]
    days: list[Row] = []
    for table, (fact, *counted_on) in FACTS.items():
        rows = pa.Table.from_pylist(tables[fact])
        if rows.num_rows:
            days += (
                duckdb.sql(
                    f"select '{table}' as raw_table, {counted_on[0]} as date_day,"
                    f" {counted_on[-1]} as from_day, count(*) as row_count"
                    f" from rows where {counted_on[-1]} is not null group by all"
                )
                .to_arrow_table()
                .to_pylist()
            )
    return {
        "statements": [
            {name: row[name] for name in named} | basis for row in tables["kpi_restatements"]
        ],
        "stated_days": days,
    }


def orders(**columns: Any) -> list[Row]:
    """One a day, of another customer each."""
    return [
        {
            "order_id": f"o{day}",
            "ordered_at": f"{day} 10:00:00",
            "customer_id": f"c{day}",
            "status": "completed",
            "currency": "EUR",
            **columns,
        }
        for day in DAYS
    ]


def lines(**columns: Any) -> list[Row]:
    return [
        {
            "order_item_id": f"o{day}",
            "order_id": f"o{day}",
            "product_id": "p",
            "quantity": 1,
            "unit_price": 100,
            **columns,
        }
        for day in DAYS
    ]


def restated(models: CompiledModels, before: Tables, after: Tables) -> dict[Any, Any]:
    """By KPI and month: what was said, what is said, why, and the late rows and refunds."""
    first = models.run(before)
    second = models.run({**after, **said(first)})
    return {
        (row["kpi_id"], row["period_start"]): (
            row["previous_value"],
            row["value"],
            row["cause"],
            row["late_rows"],
            row["late_refunds"],
        )
        for row in second["kpi_restatements"]
        if row["statement_number"] > 0 and row["period_grain"] == "month"
    }


def test_lines_that_come_after_their_order_are_late_rows_of_its_day(models: CompiledModels) -> None:
    """An order a day with its lines; those of 10 February come with the second load."""
    known = [line for line in lines(unit_cost=60) if line["order_id"] != f"o{LATE}"]
    late = [line for line in lines(unit_cost=60) if line["order_id"] == f"o{LATE}"]
    quota = {"kpi_id": "revenue", "dimension": "rep", "segment": "r", "target_value": 1000}
    quota |= {"period_start": FEBRUARY, "period_grain": "month", "set_on": FIRST}
    given = {
        "shop_orders": loaded(orders(rep_id="r"), 1),
        "crm_reps": loaded([{"rep_id": "r", "team": "T", "valid_from": FIRST}], 1),
        "kpi_targets": [quota | {"currency": "EUR"}],
    }
    found = restated(
        models,
        {**given, "shop_order_items": loaded(known, 1)},
        {**given, "shop_order_items": loaded(known, 1) + loaded(late, 2)},
    )
    assert found["revenue", FEBRUARY] == (2700, 2800, "late_rows", 1, 0)
    assert found["quota_attainment", FEBRUARY] == (2.7, 2.8, "late_rows", 1, 0)
    in_february = [cause for (_, month), (_, _, cause, _, _) in found.items() if month == FEBRUARY]
    assert set(in_february) == {"late_rows"}


def test_late_lines_are_no_cause_of_what_a_refund_changed_later(models: CompiledModels) -> None:
    """With the order of 10 February comes a refund of 20 March."""
    known = [order for order in orders() if order["order_id"] != f"o{LATE}"]
    late = [order for order in orders() if order["order_id"] == f"o{LATE}"]
    refund = {"refund_id": "r", "order_id": f"o{MARCH}", "amount": 20, "currency": "EUR"}
    refund["refunded_at"] = "2026-03-20 10:00:00"
    sold = [line for line in lines(unit_cost=60) if line["order_id"] != f"o{LATE}"]
    told = [line for line in lines(unit_cost=60) if line["order_id"] == f"o{LATE}"]
    found = restated(
        models,
        {"shop_orders": loaded(known, 1), "shop_order_items": loaded(sold, 1)},
        {
            "shop_orders": loaded(known, 1) + loaded(late, 2),
            "shop_order_items": loaded(sold, 1) + loaded(told, 2),
            "shop_refunds": loaded([refund], 2),
        },
    )
    assert found["revenue", FEBRUARY] == (2700, 2800, "late_rows", 2, 0)
    assert found["revenue", MARCH] == (3100, 3080, "refund", 0, 1)
    # Of what customers have brought so far, the late order is a part.
    assert found["customer_lifetime_value", MARCH][2:] == ("late_rows", 2, 1)


def test_a_corrected_date_restates_the_month_that_it_left_too(models: CompiledModels) -> None:
    """The order of 10 February is of 10 March, and the refund of 10 April is of 9 March."""
    refund = {"refund_id": "r", "order_id": f"o{APRIL}", "amount": 20, "currency": "EUR"}
    given = {
        "shop_orders": loaded(orders(total=100), 1),
        "shop_refunds": loaded([refund | {"refunded_at": "2026-04-10 10:00:00"}], 1),
    }
    [moved] = [row for row in orders(total=100) if row["order_id"] == f"o{LATE}"]
    found = restated(
        models,
        given,
        {
            "shop_orders": given["shop_orders"]
            + loaded([moved | {"ordered_at": "2026-03-10 11:00:00"}], 2),
            "shop_refunds": given["shop_refunds"]
            + loaded([refund | {"refunded_at": "2026-03-09 10:00:00"}], 2),
        },
    )
    assert found["revenue", FEBRUARY] == (2800, 2700, "late_rows", 1, 0)
    assert found["revenue", MARCH] == (3100, 3180, "late_rows", 1, 1)
    assert found["revenue", APRIL] == (2980, 3000, "refund", 0, 1)
    assert "other" not in {cause for _, _, cause, _, _ in found.values()}


def test_an_order_that_is_no_longer_delivered_restates_its_month(models: CompiledModels) -> None:
    left = [row for row in orders(total=100) if row["order_id"] != f"o{LATE}"]
    found = restated(
        models,
        {"shop_orders": loaded(orders(total=100), 1)},
        {"shop_orders": loaded(left, 1)},
    )
    assert found["revenue", FEBRUARY] == (2800, 2700, "late_rows", 1, 0)
    assert "other" not in {cause for _, _, cause, _, _ in found.values()}


def test_a_new_cost_restates_the_months_in_which_it_was_sold(models: CompiledModels) -> None:
    """From 60 to 70, for the lines of January to March that say no cost of their own."""
    product = {"product_id": "p", "name": "P", "unit_cost": 60, "currency": "EUR"}
    sold = lines()
    for line in sold:
        line["unit_cost"] = 60 if line["order_id"] >= f"o{APRIL}" else None
    given = {
        "shop_orders": loaded(orders(), 1),
        "shop_order_items": loaded(sold, 1),
        "shop_products": loaded([product], 1),
    }
    new_cost = {"shop_products": loaded([product], 1) + loaded([product | {"unit_cost": 70}], 2)}
    found = restated(models, given, {**given, **new_cost})
    assert found["gross_margin_rate", FEBRUARY] == (0.4, 0.3, "late_rows", 28, 0)
    assert ("gross_margin_rate", APRIL) not in found
    # Of what customers have brought so far, whatever was sold before is a part.
    assert found["customer_lifetime_value", APRIL][2:] == ("late_rows", 31 + 28 + 31, 0)
    assert {cause for _, _, cause, _, _ in found.values()} == {"late_rows"}


def test_a_deal_restates_the_pipeline_since_its_creation(models: CompiledModels) -> None:
    """One that is open since February, beside one a day that was won when it came."""
    won = [
        {
            "opportunity_id": f"d{day}",
            "created_at": f"{day} 10:00:00",
            "stage": "won",
            "is_won": True,
            "closed_at": f"{day} 10:00:00",
            "amount": 100,
            "currency": "EUR",
            "owner_rep_id": "r",
        }
        for day in DAYS
    ]
    late = {**won[0], "opportunity_id": "late", "created_at": f"{LATE} 10:00:00"}
    late |= {"stage": "offer", "is_won": None, "closed_at": None}
    stages = [("offer", False, False), ("won", True, True)]
    quota = {"kpi_id": "revenue", "dimension": "rep", "segment": "r", "target_value": 1000}
    quota |= {"period_grain": "month", "set_on": FIRST, "currency": "EUR"}
    given = {
        "crm_opportunities": loaded(won, 1),
        "crm_stages": loaded(
            [
                {"pipeline": "p", "stage": stage, "position": position}
                | {"is_closed": is_closed, "is_won": is_won}
                for position, (stage, is_closed, is_won) in enumerate(stages)
            ],
            1,
        ),
        "crm_reps": loaded([{"rep_id": "r", "team": "T", "valid_from": FIRST}], 1),
        "kpi_targets": [quota | {"period_start": month} for month in (FEBRUARY, MARCH, APRIL)],
    }
    more = {"crm_opportunities": loaded(won, 1) + loaded([late], 2)}
    found = restated(models, given, {**given, **more})
    assert found["pipeline_coverage", MARCH] == (0.0, 0.1, "late_rows", 1, 0)
    assert found["pipeline_coverage", APRIL] == (0.0, 0.1, "late_rows", 1, 0)
    assert ("pipeline_coverage", FEBRUARY) not in found
    assert {cause for _, _, cause, _, _ in found.values()} == {"late_rows"}


def test_a_deal_tells_late_that_its_lead_was_qualified(models: CompiledModels) -> None:
    """Of the leads of January, those of whom a deal came; the first is delivered with one late."""
    leads = [{"lead_id": f"l{day}", "created_at": f"{day} 10:00:00"} for day in DAYS]
    deals = [
        {"opportunity_id": f"d{day}", "lead_id": f"l{day}", "created_at": f"{day} 12:00:00"}
        | {"stage": "offer", "owner_rep_id": "r"}
        for day in DAYS[:10]
    ]
    given = {"crm_leads": loaded(leads, 1), "crm_opportunities": loaded(deals[1:], 1)}
    late = {"crm_opportunities": given["crm_opportunities"] + loaded(deals[:1], 2)}
    found = restated(models, given, {**given, **late})
    assert found["mql_rate", FIRST] == (9 / 31, 10 / 31, "late_rows", 1, 0)
    assert found["sql_rate", FIRST] == (9 / 31, 10 / 31, "late_rows", 1, 0)


def test_what_happens_after_midnight_restates_the_day_on_which_a_visit_began(
    models: CompiledModels,
) -> None:
    """The last visit of February goes on after midnight and buys, as the next file tells."""
    visits = [
        {
            "event_id": f"e{day}",
            "occurred_at": f"{day} 23:50:00",
            "anonymous_id": f"b{day}",
            "event_name": "purchase" if day == FIRST else "page_view",
            "page_url": "https://shop.example/",
            "consent": "granted",
        }
        for day in DAYS
    ]
    last = MARCH - timedelta(days=1)
    purchase = {**visits[0], "event_id": "late", "anonymous_id": f"b{last}"}
    purchase["occurred_at"] = f"{MARCH} 00:05:00"
    given = {"shop_orders": loaded(orders(total=100), 1), "web_events": loaded(visits, 1)}
    found = restated(
        models, given, {**given, "web_events": loaded(visits, 1) + loaded([purchase], 2)}
    )
    assert found["session_conversion_rate", FEBRUARY] == (0, 1 / 28, "late_rows", 1, 0)


def test_an_order_after_midnight_restates_the_day_on_which_the_visit_that_it_names_began(
    models: CompiledModels,
) -> None:
    visits = [
        {"session_id": f"s{day}", "started_at": f"{day} 23:50:00", "consent": "granted"}
        for day in DAYS
    ]
    known = [{**order, "session_id": f"s{FIRST}"} for order in orders(total=100)]
    late = {**known[0], "order_id": "late", "session_id": f"s{MARCH - timedelta(days=1)}"}
    late["ordered_at"] = f"{MARCH} 00:05:00"
    given = {"web_sessions": loaded(visits, 1), "shop_orders": loaded(known, 1)}
    found = restated(models, given, {**given, "shop_orders": loaded(known, 1) + loaded([late], 2)})
    assert found["session_conversion_rate", FEBRUARY] == (0, 1 / 28, "late_rows", 1, 0)


def test_of_the_same_rows_nothing_is_late(models: CompiledModels) -> None:
    """Each table as the facts count it, from the first instant of a day to the last."""
    given: Tables = {
        "shop_orders": loaded(orders(total=100), 1),
        "shop_order_items": loaded(
            [*lines(), {**lines()[0], "order_item_id": "x", "order_id": "unknown"}], 1
        ),
        "shop_refunds": loaded(
            [
                {"refund_id": day, "refunded_at": f"{day} 23:59:59", "amount": 1, "currency": "EUR"}
                for day in DAYS
            ],
            1,
        ),
        "crm_leads": loaded([{"lead_id": day, "created_at": f"{day} 00:00:00"} for day in DAYS], 1),
        "crm_opportunities": loaded(
            [
                {"opportunity_id": day, "created_at": f"{day} 12:00:00", "stage": "won"}
                | {"is_won": True, "closed_at": f"{day + timedelta(days=9)} 12:00:00"}
                for day in DAYS
            ],
            1,
        ),
        "crm_activities": loaded(
            [
                {"activity_id": day, "occurred_at": f"{day} 23:59:59", "activity_type": "call"}
                for day in DAYS
            ],
            1,
        ),
        "ads_spend": loaded(
            [
                {"spend_date": day, "platform": "p", "campaign_id": campaign}
                | {"ad_id": ad, "spend": 5, "currency": "EUR"}
                for day in DAYS
                for campaign, ad in (("a", None), ("a", "1"))
            ],
            1,
        ),
        "support_tickets": loaded(
            [{"ticket_id": day, "created_at": f"{day} 12:00:00"} for day in DAYS], 1
        ),
        "survey_responses": loaded(
            [
                {"response_id": day, "survey": "csat", "score": 5}
                | {"sent_at" if day.day % 2 else "answered_at": f"{day} 12:00:00"}
                for day in DAYS
            ],
            1,
        ),
    }
    first = models.run(given)
    told = said(first)
    assert {day["raw_table"] for day in told["stated_days"]} == set(FACTS)
    assert models.run({**given, **told})["int_kpi__late_days"] == []
