"""The real file through the whole house: what is loaded, and what readers see, are the published
figures of the data.

The other side is plain Python over the file (csv, Decimal), and the figures that its README gives.
"""

import csv
import gzip
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from orchestration.settings import DEMO_COMPANY_DIR, PROJECT_ROOT
from tests.integration.house import House

# Real data beside the checkout.
REAL_FILE = PROJECT_ROOT.parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"

pytestmark = pytest.mark.skipif(not REAL_FILE.is_file(), reason=f"{REAL_FILE} is not there")

GROSS = Decimal("10666684.544")
NET = Decimal("9747747.934")


@dataclass(frozen=True)
class Line:
    """One line of the file; `is_sale` by the rule of the data's README."""

    invoice: str
    day: date
    customer: str
    amount: Decimal
    is_sale: bool


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    def read() -> Iterator[Line]:
        with gzip.open(REAL_FILE, "rt", newline="") as file:
            for row in csv.DictReader(file):
                quantity, price = Decimal(row["Quantity"]), Decimal(row["UnitPrice"])
                yield Line(
                    invoice=row["InvoiceNo"],
                    day=datetime.fromisoformat(row["InvoiceDate"]).date(),
                    customer=row["CustomerID"].removesuffix(".0"),
                    amount=quantity * price,
                    is_sale=quantity > 0 and price > 0 and not row["InvoiceNo"].startswith("C"),
                )

    return list(read())


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(
        tmp_path_factory.mktemp("retail"), sources=DEMO_COMPANY_DIR.with_name("online_retail")
    )
    (house.landing / "online_retail").mkdir(parents=True)
    shutil.copy2(REAL_FILE, house.landing / "online_retail")
    outcome = house.refresh()
    assert outcome.code == 0, outcome.printed
    # Its sources say where the file has customers.
    assert "make forget" not in outcome.printed, outcome.printed
    return house


def one(house: House, statement: str) -> tuple[Any, ...]:
    (row,) = house.published(statement)
    return row


def by_month(lines: list[Line], *, sales_only: bool) -> dict[date, Decimal]:
    found: dict[date, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.is_sale or not sales_only:
            found[line.day.replace(day=1)] += line.amount
    return dict(found)


def test_raw_tables_hold_the_whole_file(retail: House) -> None:
    assert retail.warehouse(
        """
        select count(*), count(distinct order_item_id), count(distinct order_id)
        from raw.shop_order_items
        where order_id in (select order_id from raw.shop_orders)
        """
    ) == [(530_104, 530_104, 19_960)]
    assert retail.warehouse(
        """
        select
            (select count(distinct customer_id) from raw.shop_customers),
            (select count(distinct product_id) from raw.shop_products),
            (select count(*) from raw.shop_customers where customer_id like '%.%')
        """
    ) == [(4_372, 4_070, 0)]
    assert retail.warehouse(
        "select count(*), sum(rows_read - rows_loaded)::integer from ops.ledger"
    ) == [(5, 0)]


def test_orders_of_london_are_stored_in_utc(retail: House) -> None:
    instants = retail.warehouse(
        """
        select min(ordered_at)::varchar, max(ordered_at)::varchar,
            min(ordered_at) filter (where order_id = '558638')::varchar
        from raw.shop_orders
        """
    )
    # The last one at 08:16 in summer time.
    assert instants == [("2010-12-01 08:26:00", "2011-12-09 12:50:00", "2011-07-01 07:16:00")]


def test_gross_and_net_to_the_penny(retail: House, lines: list[Line]) -> None:
    assert sum(line.amount for line in lines if line.is_sale) == GROSS
    assert sum(line.amount for line in lines) == NET
    assert one(retail, "select sum(gross_revenue) from core.fct_orders") == (GROSS,)
    assert one(
        retail,
        """
        select (select sum(net_revenue) from core.fct_orders)
            - (select sum(refunded) from core.fct_refunds)
        """,
    ) == (NET,)


def test_orders_buyers_and_average_order_value(retail: House) -> None:
    assert one(
        retail,
        "select count(*), count(customer_key), count(distinct customer_key) from core.fct_orders",
    ) == (19_960, 18_532, 4_338)
    ((value,),) = retail.published(
        """
        select round(sum(numerator) / sum(denominator), 2) from kpi.kpi_values
        where kpi_id = 'average_order_value' and dimension = 'overall' and period_grain = 'year'
        """
    )
    assert float(value) == 534.40


def test_customers_and_those_who_came_back(retail: House) -> None:
    assert one(retail, "select count(*) from core.dim_customers") == (4_372,)
    assert one(
        retail,
        """
        select round(100.0 * count(*) filter (where orders >= 2) / count(*), 2)
        from core.dim_customers
        where orders > 0
        """,
    ) == (65.58,)


def test_the_cohort_of_december_2010(retail: House, lines: list[Line]) -> None:
    months: dict[str, set[date]] = defaultdict(set)
    for line in lines:
        if line.is_sale and line.customer:
            months[line.customer].add(line.day.replace(day=1))
    first = date(2010, 12, 1)
    cohort = [active for active in months.values() if min(active) == first]
    expected = [
        sum(date(2010 + (11 + since) // 12, (11 + since) % 12 + 1, 1) in one for one in cohort)
        for since in range(13)
    ]
    published = retail.published(
        "select active, customers from kpi.retention_cohorts "
        "where cohort_month = '2010-12-01' order by months_since"
    )
    assert published == [(active, 885) for active in expected]
    assert (*expected[:3], expected[11]) == (885, 324, 286, 445)


def test_every_cohort_holds_its_customers_and_their_revenue(
    retail: House, lines: list[Line]
) -> None:
    known = [line for line in lines if line.is_sale and line.customer]
    first: dict[str, date] = {}
    for line in sorted(known, key=lambda line: line.day):
        first.setdefault(line.customer, line.day.replace(day=1))
    revenue: dict[tuple[date, date], Decimal] = defaultdict(Decimal)
    for line in known:
        revenue[first[line.customer], line.day.replace(day=1)] += line.amount
    published = retail.published(
        "select cohort_month, order_month, revenue from kpi.retention_cohorts where active > 0"
    )
    assert {(cohort, month): value for cohort, month, value in published} == revenue


def test_revenue_by_month_is_sales_less_what_was_given_back(
    retail: House, lines: list[Line]
) -> None:
    published = retail.published(
        """
        select period_start, numerator from kpi.kpi_values
        where kpi_id = 'revenue' and period_grain = 'month' and dimension = 'overall' and has_data
        """
    )
    assert dict(published) == by_month(lines, sales_only=False)


def test_sales_by_month(retail: House, lines: list[Line]) -> None:
    published = retail.published(
        "select date_trunc('month', order_date)::date, sum(net_revenue) "
        "from core.fct_orders group by all"
    )
    assert dict(published) == by_month(lines, sales_only=True)


def test_revenue_by_country_adds_up(retail: House) -> None:
    assert one(
        retail,
        "select sum(numerator) from kpi.kpi_values "
        "where kpi_id = 'revenue' and period_grain = 'month' and dimension = 'country'",
    ) == (NET,)


def test_kpis_of_customers_are_the_published_figures(retail: House, lines: list[Line]) -> None:
    def kpi(kpi_id: str, grain: str, start: str) -> tuple[Any, ...]:
        return one(
            retail,
            f"""
            select numerator, denominator, round(100 * value, 2) from kpi.kpi_values
            where kpi_id = '{kpi_id}' and period_grain = '{grain}' and period_start = '{start}'
                and dimension = 'overall'
            """,
        )

    # The file ends in December 2011: what customers did to date is what they ever did.
    assert kpi("repeat_purchase_rate", "year", "2011-01-01")[1:] == (4_338, 65.58)
    # December 2010 is the first month, so that all its customers are its cohort.
    assert kpi("retention_rate", "month", "2011-01-01")[:2] == (324, 885)
    paid = [line for line in lines if line.customer and line.day.year == 2011]
    buyers = {line.customer for line in paid if line.is_sale}
    revenue = sum(line.amount for line in paid)
    assert kpi("revenue_per_customer", "year", "2011-01-01")[:2] == (revenue, len(buyers))


def test_a_kpi_that_the_data_cannot_tell_is_flagged(retail: House) -> None:
    flagged = retail.published(
        "select kpi_id, missing_numerator, missing_denominator from kpi.kpi_definitions "
        "where not is_measurable order by kpi_id"
    )
    assert ("session_conversion_rate", "converting_sessions", "sessions") in flagged
    # No cost of goods is delivered, no target is set.
    assert ("gross_margin_rate", "margin", "costed_revenue") in flagged
    assert ("customer_lifetime_value", "lifetime_margin", None) in flagged
    assert ("sales_vs_target", None, "revenue_target") in flagged
    measurable = {
        "average_order_value",
        "churn_rate",
        "new_customers",
        "refund_rate",
        "repeat_purchase_rate",
        "retention_rate",
        "revenue",
        "revenue_per_customer",
    }
    assert len(flagged) == 34 - len(measurable)
    assert not measurable & {kpi_id for kpi_id, *_ in flagged}


def test_what_the_company_does_not_deliver_has_no_data(retail: House) -> None:
    assert retail.published(
        "select distinct kpi_id, has_data, value from kpi.kpi_values "
        "where kpi_id in ('session_conversion_rate', 'lead_conversion_rate') order by all"
    ) == [("lead_conversion_rate", False, None), ("session_conversion_rate", False, None)]
