"""Orders, refunds and customers against plain Python: docs/core.md and identity.md.

Several small companies lie side by side in one run, each under sources and numbers of its own.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model_sql import CompiledModels, Row, empty

Name = tuple[str, str]
Raw = dict[str, list[Row]]

AS_OF = datetime(2026, 4, 1, 22, 30)
PARIS = ZoneInfo("Europe/Paris")
STALE_DAYS = 14
# In Paris it is the 2nd already. Edges of days, of the year and of clock changes; tomorrow, too.
INSTANTS = [
    datetime(2025, 12, 31, 22, 59, 59),
    datetime(2025, 12, 31, 23),
    datetime(2026, 3, 1, 12),
    datetime(2026, 3, 28, 23, 30),
    datetime(2026, 3, 29, 22),
    datetime(2026, 3, 31, 21, 59, 59),
    datetime(2026, 3, 31, 22),
    datetime(2026, 4, 1, 22, 10),
    datetime(2026, 4, 2, 22, 15),
]
RATES: dict[str, list[tuple[date, Decimal]]] = {
    "EUR": [],
    "USD": [(date(2025, 12, 31), Decimal("0.5")), (date(2026, 3, 1), Decimal("0.8"))],
    "GBP": [(date(2026, 1, 1), Decimal("1.25")), (date(2026, 3, 29), Decimal(2))],
}
TABLES = ("fct_orders", "fct_refunds", "dim_customers")


KEY, TEXT, FLAG = pa.int64(), pa.string(), pa.bool_()
# Nobody visits a site: of channels and people other tests tell.
BESIDE = {
    "int_attribution__order_channels": empty(order_key=KEY, channel=TEXT, campaign=TEXT),
    "int_attribution__path_channels": empty(
        conversion_key=KEY, conversion_type=TEXT, first_channel=TEXT, last_channel=TEXT
    ),
    "int_sessions__order_sessions": empty(order_key=KEY, session_key=KEY, is_consent_denied=FLAG),
    "int_sessions__sessions_combined": empty(session_key=KEY),
    "int_retention__buyers_scored": empty(customer_key=KEY, rfm_segment=TEXT),
    "int_identity__order_visitors": empty(order_key=KEY, visitor_key=KEY, is_consent_denied=FLAG),
    "int_identity__customers": empty(customer_key=KEY, person_key=KEY),
    "int_identity__visitors": empty(visitor_key=KEY, person_key=KEY),
    "int_identity__visitors_denied": empty(visitor_key=KEY),
}


def company(random: Random, own: str) -> Raw:
    """Two shops, a payment provider and a CRM that use each other's numbers."""
    raw: Raw = {}
    one = random.choice

    def maybe(share: int, *values: Any) -> Any:
        return one(values) if random.randint(1, 10) <= share else None

    def add(table: str, source: str, row: Row, **later: Any) -> None:
        versions = [row] if random.randint(1, 10) <= 8 else [row, {**row, **later}]
        for version in versions:
            number = sum(map(len, raw.values()))
            added = {"_source": own + source, "_source_file": one(["f1", "f2"]), "_batch_id": 1}
            raw.setdefault(table, []).append(
                {**version, **added, "_row_number": number, "_loaded_at": AS_OF}
            )

    def ids(kind: str, last: int) -> str:
        return f"{own}{kind}{random.randint(1, last)}"

    for source in ("a", "b", "a", "b"):
        customer = {"customer_id": ids("c", 3), "country": maybe(5, "FR", "DE")}
        customer |= {"segment": maybe(5, "B2B", "B2C"), "updated_at": maybe(5, *INSTANTS)}
        add("shop_customers", source, customer, country="IT", is_deleted=maybe(5, True))
        product = {"product_id": ids("p", 2), "unit_cost": maybe(8, 1, 2)}
        add("shop_products", source, product | {"currency": one(list(RATES))}, unit_cost=3)
        begins = one([date(2025, 12, 1), date(2026, 3, 29), date(2026, 4, 1)])
        rep = {"rep_id": ids("r", 2), "team": maybe(8, "T", "U"), "valid_from": begins}
        rep["valid_to"] = maybe(4, date(2026, 4, 1))
        add("crm_reps", one([source, "crm"]), rep)
    for _ in range(random.randint(1, 6)):
        source = one(["a", "b"])
        order = {"order_id": ids("o", 6), "ordered_at": one(INSTANTS), "tax": maybe(5, 2)}
        order |= {"status": one(["completed", "Completed", "Cancelled", "canceled", "new"])}
        order |= {"customer_id": maybe(8, ids("c", 3)), "currency": one(list(RATES))}
        order |= {"total": one([20, 30.5]), "discount": maybe(4, 5), "shipping": maybe(5, 3)}
        order |= {"country": maybe(5, "FR", "DE", "IT"), "rep_id": maybe(4, ids("r", 2))}
        add("shop_orders", source, order, status="cancelled", ordered_at=one(INSTANTS))
        for number in range(random.randint(0, 3)):
            line = {"order_item_id": f"{order['order_id']}-{number}", "unit_price": one([1, 10])}
            line |= {"order_id": order["order_id"], "product_id": maybe(7, ids("p", 2))}
            line |= {"quantity": one([1, 0.5, -1]), "discount": maybe(3, 1)}
            add("shop_order_items", source, line | {"unit_cost": maybe(4, 0, 4)}, unit_price=7)
    for number in range(random.randint(0, 4)):
        refund = {"refund_id": f"{own}{number}", "refunded_at": one(INSTANTS)}
        refund |= {"order_id": maybe(8, ids("o", 6)), "customer_id": maybe(4, ids("c", 3))}
        refund |= {"order_item_id": maybe(3, ids("o", 6) + "-0"), "amount": one([1, 5.5])}
        add("shop_refunds", one(["a", "b", "pay"]), refund | {"currency": one(list(RATES))})
    return raw


def latest(raw: Raw, table: str, *key: str) -> dict[Any, Row]:
    found: dict[Any, tuple[Any, Row]] = {}
    for row in raw.get(table, []):
        name = (row["_source"], *(row[column] for column in key))
        changed = row.get("updated_at") or datetime.min
        rank = (changed, row["_source_file"], row["_row_number"])
        if name not in found or rank > found[name][0]:
            found[name] = (rank, row)
    return {name: row for name, (_, row) in found.items() if not row.get("is_deleted")}


def meant(source: str, number: str | None, known: Collection[Name]) -> Name | None:
    """The one of its own source, else the only one of that number anywhere."""
    if number is None:
        return None
    if (source, number) in known:
        return source, number
    others = [name for name in known if name[1] == number]
    return others[0] if len(others) == 1 else None


def counted_day(at: datetime) -> date:
    day, today = (
        instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(PARIS).date() for instant in (at, AS_OF)
    )
    return min(day, today)


def rated(currency: str, day: date) -> dict[str, Any]:
    begun = [(since, rate) for since, rate in RATES[currency] if since <= day]
    since, rate = (begun[-1:] or RATES[currency][:1] or [(day, Decimal(1))])[0]
    is_far = not since <= day <= since + timedelta(days=STALE_DAYS)
    return {"exchange_rate": rate, "is_rate_extrapolated": is_far and currency != "EUR"}


def money(row: Mapping[str, Any], *columns: str) -> Decimal:
    return sum((Decimal(str(row.get(column) or 0)) for column in columns), Decimal(0))


def team(raw: Raw, source: str, rep: str | None, day: date) -> str | None:
    periods = latest(raw, "crm_reps", "rep_id", "valid_from")
    who = meant(source, rep, {name[:2] for name in periods})
    begun = [row for name, row in periods.items() if name[:2] == who and name[2] <= day]
    last = max(begun, key=lambda row: str(row["valid_from"]), default={})
    is_over = (last.get("valid_to") or date.max) < day
    return rep and ("(unknown)" if is_over else last.get("team") or "(unknown)")


def sale(raw: Raw, source: str, row: Row) -> Row:
    """One order without its refunds."""
    day = counted_day(row["ordered_at"])
    rate = rated(row["currency"], day)["exchange_rate"]
    products = latest(raw, "shop_products", "product_id")
    lines = [
        line
        for (of, _), line in latest(raw, "shop_order_items", "order_item_id").items()
        if (of, line["order_id"]) == (source, row["order_id"])
    ]
    costs: list[Decimal | None] = []
    for line in lines:
        product = products.get(meant(source, line["product_id"], products), {})
        if line["unit_cost"] is not None:
            costs.append(money(line, "quantity") * line["unit_cost"] * rate)
        elif product.get("unit_cost") is not None:
            product_rate = rated(product["currency"], day)["exchange_rate"]
            costs.append(money(line, "quantity") * product["unit_cost"] * product_rate)
        else:
            costs.append(None)
    discount = money(row, "discount") + sum(money(line, "discount") for line in lines)
    gross = sum((money(line, "quantity") * line["unit_price"] for line in lines), Decimal(0))
    if not lines:
        gross = money(row, "total", "discount") - money(row, "tax", "shipping")
    known = [cost for cost in costs if cost is not None]
    cost = sum(known, Decimal(0)) if lines and len(known) == len(costs) else None
    return {
        **row,
        **rated(row["currency"], day),
        **{name: money(row, name) * rate for name in ("total", "tax", "shipping")},
        "order_date": day,
        "status": row["status"].lower(),
        "is_revenue": row["status"].lower() == "completed",
        "is_cancelled": row["status"].lower() in ("cancelled", "canceled"),
        "customer": row["customer_id"] and (source, row["customer_id"]),
        "team": team(raw, source, row["rep_id"], day),
        "item_count": len(lines),
        "gross_revenue": gross * rate,
        "discount": discount * rate,
        "net_revenue": (gross - discount) * rate,
        "refunded": Decimal(0),
        "cost": cost,
        "margin": None if cost is None else (gross - discount) * rate - cost,
    }


def sales(raw: Raw) -> tuple[dict[Name, Row], dict[Name, Row], dict[Name, Row]]:
    """Orders and refunds by source and number, customers by shop and number."""
    listed = latest(raw, "shop_customers", "customer_id")
    orders = {n: sale(raw, n[0], r) for n, r in latest(raw, "shop_orders", "order_id").items()}
    refunds = latest(raw, "shop_refunds", "refund_id")
    items = latest(raw, "shop_order_items", "order_item_id")
    shops = {source for source, _ in [*listed, *orders]}
    named = {(n[0], r["customer_id"]) for n, r in refunds.items() if r["customer_id"]}
    known = {*listed, *(order["customer"] for order in orders.values() if order["customer"])}
    known |= {name for name in named if name[0] in shops}
    for (source, _), row in refunds.items():
        line = items.get((source, row["order_item_id"]), {})
        name = meant(source, row["order_id"], orders) or (source, line.get("order_id"))
        order = orders.get(name, {})
        day = counted_day(row["refunded_at"])
        who = order.get("customer")
        if not who and row["customer_id"]:
            own = (source, row["customer_id"])
            who = own if source in shops else meant(*own, known) or own
        row |= {"refund_date": day, "order": name if order else None, "customer": who}
        row |= {"is_revenue": order.get("is_revenue", True), **rated(row["currency"], day)}
        row["refunded"] = money(row, "amount") * row["exchange_rate"]
        if order:
            order["refunded"] += row["refunded"]
    known |= {row["customer"] for row in refunds.values() if row["customer"]}
    customers = {}
    for who in known:
        own_orders = [o for o in orders.values() if o["customer"] == who]
        counted = [o for o in own_orders if o["is_revenue"]]
        back = [r for r in refunds.values() if r["customer"] == who and r["is_revenue"]]
        instants = [o["ordered_at"] for o in counted]
        told = [(o["ordered_at"], o["country"]) for o in own_orders if o["country"]]
        newest = {country for at, country in told if at == max(told)[0]}
        own_country = listed.get(who, {}).get("country")
        customers[who] = {
            "first_order_at": min(instants, default=None),
            "last_order_at": max(instants, default=None),
            "countries": {own_country} if own_country else newest or {"(unknown)"},
            "segment": listed.get(who, {}).get("segment") or "(unknown)",
            "lifetime_revenue": sum(o["net_revenue"] for o in counted)
            - sum(r["refunded"] for r in back),
            "orders": len(counted),
            "is_identified": who in listed,
        }
    return orders, refunds, customers


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    clock = {"as_of": AS_OF.isoformat(), "business_timezone": PARIS.key}
    return CompiledModels(TABLES, clock | {"stale_rate_days": STALE_DAYS})


def compare(raw: Raw, tables: Mapping[str, list[Row]]) -> None:
    orders, refunds, customers = sales(raw)
    keys: dict[Name, int] = {}
    for table, number, wanted in (
        ("fct_orders", "order_id", orders),
        ("fct_refunds", "refund_id", refunds),
    ):
        found = {(row["source_name"], row[number]): row for row in tables[table]}
        assert found.keys() == wanted.keys()
        for name, row in found.items():
            columns = row.keys() & wanted[name].keys()
            assert {c: row[c] for c in columns} == {c: wanted[name][c] for c in columns}
            who = wanted[name]["customer"]
            assert (row["customer_key"] is None) == (who is None)
            if who:
                assert keys.setdefault(who, row["customer_key"]) == row["customer_key"]
    assert len(set(keys.values())) == len(keys)
    order_names = {r["order_key"]: (r["source_name"], r["order_id"]) for r in tables["fct_orders"]}
    for row in tables["fct_refunds"]:
        name = (row["source_name"], row["refund_id"])
        assert order_names.get(row["order_key"]) == refunds[name]["order"]
    columns = next(iter(customers.values()), {}).keys() - {"countries"}
    assert Counter(
        (row["customer_id"], *(row[column] for column in columns))
        for row in tables["dim_customers"]
    ) == Counter((name[1], *(row[column] for column in columns)) for name, row in customers.items())
    shown = {row["customer_key"]: row for row in tables["dim_customers"]}
    for name, key in keys.items():
        assert shown[key]["country"] in customers[name]["countries"]
        assert shown[key]["customer_id"] == name[1]
        first = [
            row["ordered_at"]
            for row in tables["fct_orders"]
            if row["is_first_order"] and row["customer_key"] == key
        ]
        assert first == ([customers[name]["first_order_at"]] if customers[name]["orders"] else [])


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(randoms=st.lists(st.randoms(use_true_random=True), min_size=40, max_size=40))
def test_sales_are_what_the_documents_say(models: CompiledModels, randoms: list[Random]) -> None:
    check(models, randoms)


def check(models: CompiledModels, randoms: list[Random]) -> None:
    raw: Raw = {}
    for number, random in enumerate(randoms):
        for table, rows in company(random, f"n{number}").items():
            raw.setdefault(table, []).extend(rows)
    rates = [
        {"rate_date": since, "from_currency": currency, "to_currency": "EUR", "rate": rate}
        for currency, known in RATES.items()
        for since, rate in known
    ]
    compare(raw, models.run({**raw, **BESIDE, "fx_rates": rates}))
