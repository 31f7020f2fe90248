"""The lines of any order add up to it, and what is refunded of them to the refund."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model_sql import build, compile_models, fill, memory_warehouse

MODELS = (
    "int_core__order_totals",
    "int_core__orders_valued",
    "int_core__order_items_valued",
    "int_core__refunds_by_item",
)
MONEY = "decimal(18, 4)"
LINES = {
    "order_item_key": "bigint",
    "source_name": "varchar",
    "order_item_id": "varchar",
    "order_key": "bigint",
    "order_id": "varchar",
    "product_key": "bigint",
    "product_id": "varchar",
    "product_category": "varchar",
    "quantity": MONEY,
    "unit_price": MONEY,
    "unit_cost": MONEY,
    "gross_amount": MONEY,
    "discount_amount": MONEY,
    "cost": MONEY,
    "order_date": "date",
}
ORDERS = {
    "order_key": "bigint",
    "source_name": "varchar",
    "order_id": "varchar",
    "customer_id": "varchar",
    "ordered_at": "timestamp",
    "status": "varchar",
    "currency": "varchar",
    "country": "varchar",
    "coupon": "varchar",
    "rep_key": "bigint",
    "rep_id": "varchar",
    "session_id": "varchar",
    "total": MONEY,
    "discount": MONEY,
    "tax": MONEY,
    "shipping": MONEY,
    "updated_at": "timestamp",
}
REFUNDS = {
    "refund_key": "bigint",
    "order_key": "bigint",
    "order_item_key": "bigint",
    "refund_date": "date",
    "is_revenue": "boolean",
    "refunded": MONEY,
}
BESIDE = {
    "intermediate.int_core__rep_references": {"rep_reference_key": "bigint", "rep_key": "bigint"},
    "intermediate.int_identity__orders": {
        "order_key": "bigint",
        "customer_key": "bigint",
        "visitor_key": "bigint",
        "person_key": "bigint",
        "is_consent_denied": "boolean",
    },
}
UNIT = Decimal("0.0001")

amounts = st.integers(-(10**12), 10**12).map(lambda units: units * UNIT)
usual = st.integers(0, 10**7).map(lambda units: units * UNIT)
discounts = st.integers(0, 10**5).map(lambda units: units * UNIT)
lines = st.lists(
    st.tuples(st.one_of(usual, amounts), discounts, st.one_of(st.none(), usual)), max_size=5
)
orders = st.lists(st.tuples(lines, discounts, usual), min_size=1, max_size=3)
rates = st.sampled_from(["1", "0.33333333", "1.17650001", "0.00612345"]).map(Decimal)


@pytest.fixture(scope="module")
def sql() -> dict[str, str]:
    return compile_models(MODELS, {"business_timezone": "UTC"})


def built(sql: dict[str, str], sales: Any, rate: Decimal) -> dict[str, list[dict[str, Any]]]:
    """The models on orders of (lines of price, discount and cost; discount; refund) at a rate."""
    line_rows, order_rows, refund_rows = [], [], []
    for order, (items, discount, refund) in enumerate(sales):
        # Neither customer, country, coupon, rep, visit nor total; nor, at the end, tax, shipping
        # and when the order was changed.
        known = (order, "shop", f"O{order}", None, "2026-01-05", "completed", "USD")
        order_rows.append((*known, *[None] * 6, discount, None, None, None))
        for line, (price, off, cost) in enumerate(items):
            key = order * 100 + line
            named = (key, "shop", f"L{key}", order, f"O{order}", None, None, f"C{line % 2}")
            line_rows.append((*named, 1, price, None, price, off, cost, "2026-01-05"))
        refund_rows.append((order, order, None, "2026-01-06", True, refund))
    with memory_warehouse(("intermediate", "staging", "seeds")) as connection:
        fill(connection, "intermediate.int_core__order_items_costed", LINES, line_rows)
        fill(connection, "staging.stg_shop__orders", ORDERS, order_rows)
        fill(connection, "intermediate.int_core__refunds_valued", REFUNDS, refund_rows)
        fill(
            connection,
            "intermediate.int_core__exchange_rates",
            {
                "currency": "varchar",
                "rate_date": "date",
                "rate": "decimal(18, 8)",
                "is_extrapolated": "boolean",
            },
            [("USD", "2026-01-05", rate, False)],
        )
        for table, columns in BESIDE.items():
            fill(connection, table, columns)
        build(connection, sql)
        return {
            name: connection.sql(f"from warehouse.intermediate.{name}").to_arrow_table().to_pylist()
            for name in MODELS
        }


@settings(deadline=None, max_examples=60)
@given(sales=orders, rate=rates)
def test_lines_add_up_to_their_order_and_refunds_to_theirs(
    sql: dict[str, str], sales: Any, rate: Decimal
) -> None:
    found = built(sql, sales, rate)
    by_order = defaultdict(list)
    for line in found["int_core__order_items_valued"]:
        by_order[line["order_key"]].append(line)
    for order in found["int_core__orders_valued"]:
        items = by_order[order["order_key"]]
        if items:
            for amount in ("gross_revenue", "discount", "net_revenue"):
                assert sum(line[amount] for line in items) == order[amount]
            if order["margin"] is not None:
                assert sum(line["margin"] for line in items) == order["margin"]
    refunded: dict[int, Decimal] = defaultdict(Decimal)
    for part in found["int_core__refunds_by_item"]:
        refunded[part["refund_key"]] += part["refunded"]
    assert refunded == {order: refund for order, (_, _, refund) in enumerate(sales)}


@settings(deadline=None, max_examples=60)
@given(
    prices=st.lists(st.integers(1, 10**7).map(lambda units: units * UNIT), min_size=1, max_size=6),
    discount=discounts,
    rate=rates,
)
def test_a_line_has_its_part_of_the_order_within_two_units(
    sql: dict[str, str], prices: list[Decimal], discount: Decimal, rate: Decimal
) -> None:
    items = [(price, Decimal(0), None) for price in prices]
    found = built(sql, [(items, discount, Decimal(0))], rate)
    (order,) = found["int_core__orders_valued"]
    for line in found["int_core__order_items_valued"]:
        price = Fraction(line["unit_price"])
        part = Fraction(order["net_revenue"]) * price / Fraction(sum(prices))
        # Its price and its part of the discount are each cut to a unit.
        assert abs(Fraction(line["net_revenue"]) - part) <= 2 * UNIT
        assert abs(Fraction(line["gross_revenue"]) - price * Fraction(rate)) <= UNIT
