"""What no source has told of is unknown, from the raw tables to the KPIs."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.model_sql import CompiledModels, Row

AS_OF = date(2026, 5, 15)
WANTED = (
    "kpi_values",
    "channel_performance",
    "kpi_scorecard",
    "kpi_driver_tree",
    "source_health",
    "retention_cohorts",
)


@pytest.fixture(scope="module")
def models() -> CompiledModels:
    return CompiledModels(WANTED, {"as_of": f"{AS_OF}T06:00:00", "business_timezone": "UTC"})


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def loaded(rows: list[Row], source: str = "shop") -> list[Row]:
    added = {"_source": source, "_source_file": "f", "_loaded_at": AS_OF, "_batch_id": 1}
    return [{**added, "_row_number": number, **row} for number, row in enumerate(rows)]


def order(day: date, number: int = 0, **columns: Any) -> Row:
    return {
        "order_id": f"o{day}-{number}",
        "ordered_at": f"{day} 10:00:00",
        "customer_id": f"c{day}-{number}",
        "status": "completed",
        "currency": "EUR",
        "total": 100,
        **columns,
    }


def line(of: Row) -> Row:
    """The only line of an order, of which 40 stay."""
    return {
        "order_item_id": of["order_id"],
        "order_id": of["order_id"],
        "quantity": 1,
        "unit_price": 100,
        "unit_cost": 60,
    }


def bill(day: date, platform: str = "p") -> Row:
    """What one campaign cost on a day."""
    return {
        "spend_date": day,
        "platform": platform,
        "campaign_id": "c",
        "spend": 10,
        "currency": "EUR",
    }


def session(day: date, name: str) -> Row:
    return {
        "session_id": f"s{day}{name}",
        "started_at": f"{day} 09:00:00",
        "anonymous_id": f"{day}{name}",
    }


def filled_cart(visit: Row) -> Row:
    return {
        "event_id": f"e{visit['session_id']}",
        "occurred_at": visit["started_at"],
        "event_name": "add_to_cart",
        "session_id": visit["session_id"],
        "anonymous_id": visit["anonymous_id"],
    }


def values(tables: dict[str, list[Row]], kpi: str, grain: str) -> dict[date, tuple[Any, bool]]:
    return {
        row["period_start"]: (row["value"], row["is_complete"])
        for row in tables["kpi_values"]
        if (row["kpi_id"], row["period_grain"], row["dimension"]) == (kpi, grain, "overall")
    }


def test_what_comes_of_a_visit_is_unknown_before_the_shop_delivers(models: CompiledModels) -> None:
    """Two visits a day since November fill a cart, one buys; orders since 20 January."""
    visits = [
        session(day, name) for day in days(date(2025, 11, 1), date(2026, 5, 14)) for name in "ab"
    ]
    orders = [
        order(day, session_id=f"s{day}a") for day in days(date(2026, 1, 20), date(2026, 5, 14))
    ]
    tables = models.run(
        {
            "web_sessions": loaded(visits, "web"),
            "web_events": loaded([filled_cart(visit) for visit in visits], "web"),
            "shop_orders": loaded(orders),
        }
    )
    for kpi in ("session_conversion_rate", "cart_abandonment_rate"):
        rates = values(tables, kpi, "month")
        assert rates[date(2025, 12, 1)][1] is False
        assert rates[date(2026, 1, 1)][1] is False
        assert rates[date(2026, 2, 1)] == (0.5, True)
    # So is what a customer brings, which does not add up by days.
    assert values(tables, "revenue_per_customer", "month")[date(2026, 1, 1)][1] is False
    assert values(tables, "revenue_per_customer", "month")[date(2026, 2, 1)][1] is True
    # And a month that the orders do not span explains nothing.
    explained = {
        row["base_period_start"]
        for row in tables["kpi_driver_tree"]
        if row["period_grain"] == "month" and row["tree"] == "revenue"
    }
    assert date(2026, 1, 1) not in explained
    assert date(2026, 2, 1) in explained


def test_ads_that_earned_nothing_have_a_return_of_nothing_from_the_first_order_on(
    models: CompiledModels,
) -> None:
    """10 a day for ads and a visit since November; orders since 1 February, none after a click."""
    opened, last = date(2026, 2, 1), AS_OF - timedelta(days=1)
    visits = [session(day, "a") for day in days(date(2025, 11, 1), last)]
    orders = [order(day) for day in days(opened, last)]
    bills = [bill(day) for day in days(date(2025, 11, 1), last)]
    given = {
        "web_sessions": loaded(visits, "web"),
        "shop_orders": loaded(orders),
        "shop_order_items": loaded([line(row) for row in orders]),
        "ads_spend": loaded(bills, "ads"),
    }
    january, february = date(2026, 1, 1), opened

    def returns(tables: dict[str, list[Row]]) -> dict[date, tuple[Any, Any, bool]]:
        return {
            row["period_start"]: (row["roas"], row["roi"], row["is_complete"])
            for row in tables["channel_performance"]
            if (row["period_grain"], row["conversion_type"]) == ("month", "all")
            and (row["channel"], row["model"]) == ("Paid Other", "linear")
        }

    tables = models.run(given)
    roas, roi = (values(tables, kpi, "month") for kpi in ("roas", "campaign_roi"))
    assert (roas[january], roi[january]) == ((None, False), (None, False))
    assert (roas[february], roi[february]) == ((0.0, True), (-1.0, True))
    # The table of channels says the same.
    assert returns(tables)[january] == (None, None, False)
    assert returns(tables)[february] == (0.0, -1.0, True)
    # Whoever counts no visits cannot know of clicks that led to an order.
    tables = models.run({**given, "web_sessions": []})
    for kpi in ("roas", "campaign_roi"):
        assert values(tables, kpi, "month")[february][0] is None, kpi
    assert returns(tables)[february][:2] == (None, None)


def test_what_customers_do_in_a_period_is_unknown_where_orders_do_not_span_it(
    models: CompiledModels,
) -> None:
    """A regular and somebody new each day from 20 January to 12 May; spend since November."""
    opened, last = date(2026, 1, 20), date(2026, 5, 12)
    orders = [
        order(day, number, customer_id=customer)
        for day in days(opened, last)
        for number, customer in enumerate(("regular", f"new {day}"))
    ]
    bills = [bill(day) for day in days(date(2025, 11, 1), AS_OF - timedelta(days=1))]
    tables = models.run(
        {
            "shop_orders": loaded(orders),
            "shop_order_items": loaded([line(row) for row in orders]),
            "ads_spend": loaded(bills, "ads"),
        }
    )
    january, february, march = (date(2026, month, 1) for month in (1, 2, 3))
    # 310 for the month's bills, over twelve customers of the days that are known.
    for kpi in ("cac_payback_months", "ltv_to_cac"):
        known = values(tables, kpi, "month")
        assert (known[january][1], known[february][1]) == (False, True), kpi
    # The regular one of the thirteen of January, held against eleven days of it.
    retention = values(tables, "retention_rate", "month")
    assert retention[february] == (1 / 13, False)
    assert retention[march] == (1 / 29, True)
    complete = {row["cohort_month"] for row in tables["retention_cohorts"] if row["is_complete"]}
    assert complete == {february, march, date(2026, 4, 1)}
    # Whoever bought on the 13th, of which nothing was delivered yet, is not gone on the 14th.
    churn = values(tables, "churn_rate", "day")
    assert churn[last][1] is True
    assert churn[last + timedelta(days=2)][1] is False


def test_nobody_has_stayed_away_in_a_month_of_which_no_order_was_delivered(
    models: CompiledModels,
) -> None:
    """A regular and somebody new each day of February to April, a file a month; ads in May, too."""
    orders = [
        order(day, number, customer_id=customer)
        for day in days(date(2026, 2, 1), date(2026, 4, 30))
        for number, customer in enumerate(("regular", f"new {day}"))
    ]
    bills = [bill(day) for day in days(date(2026, 2, 1), AS_OF - timedelta(days=1))]
    tables = models.run(
        {
            "shop_orders": loaded(orders),
            "shop_order_items": loaded([line(row) for row in orders]),
            "ads_spend": loaded(bills, "ads"),
        }
    )
    retention = values(tables, "retention_rate", "month")
    assert retention[date(2026, 4, 1)] == (1 / 32, True)
    assert retention[date(2026, 5, 1)] == (None, False)
    assert values(tables, "ltv_to_cac", "month")[date(2026, 5, 1)] == (None, False)
    assert {
        row["value_to_date"]
        for row in tables["kpi_scorecard"]
        if (row["kpi_id"], row["period_grain"]) == ("retention_rate", "month")
    } == {None}


def test_days_that_were_not_delivered_are_no_days_without_a_sale(models: CompiledModels) -> None:
    """100 a day, the last orders on Tuesday 12 May; the morning is a Friday's."""
    orders = [order(day) for day in days(date(2026, 2, 1), date(2026, 5, 12))]
    target: Row = {"kpi_id": "revenue", "dimension": "overall", "segment": "all", "currency": "EUR"}
    target |= {"period_start": date(2026, 5, 11), "period_grain": "week", "target_value": 700}
    target |= {"set_on": date(2026, 1, 1)}
    reached = {**target, "kpi_id": "sales_vs_target", "target_value": 1, "currency": None}
    tables = models.run({"shop_orders": loaded(orders), "kpi_targets": [target, reached]})
    pace = {
        row["kpi_id"]: row["pace"]
        for row in tables["kpi_scorecard"]
        if (row["period_grain"], row["dimension"]) == ("week", "overall")
    }
    assert pace["revenue"] == pace["sales_vs_target"] == 1


def test_a_refund_does_not_tell_that_the_orders_of_its_day_were_delivered(
    models: CompiledModels,
) -> None:
    """One order a day from February to Wednesday 13 May; refunds in January and on the 14th."""
    orders = [order(day) for day in days(date(2026, 2, 1), date(2026, 5, 13))]
    refunded: Row = {"order_id": "o2026-02-01-0", "amount": 5, "currency": "EUR"}
    refunds = [
        {"refund_id": name, "refunded_at": f"{day} 10:00:00", **refunded}
        for name, day in (("early", date(2026, 1, 5)), ("late", date(2026, 5, 14)))
    ]
    target: Row = {"kpi_id": "revenue", "dimension": "overall", "segment": "all", "currency": "EUR"}
    target |= {"period_start": date(2026, 5, 11), "period_grain": "week", "target_value": 700}
    target |= {"set_on": date(2026, 1, 1)}
    tables = models.run(
        {
            "shop_orders": loaded(orders),
            "shop_refunds": loaded(refunds, "payments"),
            "kpi_targets": [target],
        }
    )
    revenue = values(tables, "revenue", "day")
    assert revenue[date(2026, 5, 13)] == (100, True)
    assert revenue[date(2026, 5, 14)] == (-5, False)
    assert revenue[date(2026, 1, 5)] == (-5, False)
    assert values(tables, "new_customers", "day")[date(2026, 5, 14)] == (None, False)
    assert values(tables, "new_customers", "day")[date(2026, 1, 31)] == (None, False)
    (shown,) = [
        row
        for row in tables["kpi_scorecard"]
        if (row["kpi_id"], row["period_grain"], row["dimension"]) == ("revenue", "week", "overall")
    ]
    # Three days of 100 each, of 700 in seven.
    assert shown["pace"] == 1


def test_a_country_without_orders_is_not_called_unvisited_after_the_web_stopped(
    models: CompiledModels,
) -> None:
    """A visit a day from each country until 12 April; France orders every day, Germany to March.

    Of April nobody knows how many visits Germany had: 12 were counted before the web stopped.
    """
    first, last = date(2026, 2, 1), date(2026, 5, 14)
    orders = [order(day, 0, country="FR") for day in days(first, last)]
    orders += [order(day, 1, country="DE") for day in days(first, date(2026, 3, 31))]
    visits = [
        session(day, country) | {"country": country}
        for day in days(first, date(2026, 4, 12))
        for country in ("FR", "DE")
    ]
    tables = models.run({"shop_orders": loaded(orders), "web_sessions": loaded(visits, "web")})
    drivers = {
        (row["period_start"], row["driver"]): row["effect"]
        for row in tables["kpi_driver_tree"]
        if (row["period_grain"], row["compared_with"]) == ("month", "previous_period")
        and row["segment"] == "DE"
    }
    assert {driver for start, driver in drivers if start == date(2026, 3, 1)} == {
        "sessions",
        "conversion",
        "order_value",
        "refunds",
    }
    assert {driver: effect for (start, driver), effect in drivers.items() if start.month == 4} == {
        "orders": -3100,
        "order_value": 0,
        "refunds": 0,
    }


@pytest.mark.parametrize(("silent_days", "is_waited_for"), [(2, False), (5, True), (40, False)])
def test_a_shop_that_fell_silent_is_no_change_of_the_business(
    models: CompiledModels, silent_days: int, is_waited_for: bool
) -> None:
    """Ten orders a day in each of two shops, until one of them brings no more."""
    last = AS_OF - timedelta(days=1)
    first = date(2026, 1, 1)
    french = [order(day, n) for day in days(first, last) for n in range(10)]
    silent_since = last - timedelta(days=silent_days)
    british = [order(day, n) for day in days(first, silent_since) for n in range(10)]
    orders = loaded(french, "shop_fr") + loaded(british, "shop_uk")
    tables = models.run({"shop_orders": orders})
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "shop_orders"]
    assert health["silent_source"] == ("shop_uk" if is_waited_for else None)
    assert health["freshness"] == ("stale" if is_waited_for else "fresh")
    revenue = values(tables, "revenue", "day")
    assert revenue[silent_since] == (2000, True)
    # Gone for good, the other shop is all there is; until then half of the sales may be missing.
    assert revenue[last][1] is (silent_days > 35)


def test_a_shop_that_was_replaced_is_not_waited_for() -> None:
    """The new platform brings all sales since, and the company says that the old one has ended."""
    models = CompiledModels(
        ("kpi_values", "source_health"),
        {
            "as_of": f"{AS_OF}T06:00:00",
            "business_timezone": "UTC",
            "ended_sources": ["old_shop"],
        },
    )
    last = AS_OF - timedelta(days=1)
    moved_on = last - timedelta(days=5)
    old = [order(day, n) for day in days(date(2026, 1, 1), moved_on) for n in range(10)]
    new = [order(day, n) for day in days(moved_on + timedelta(days=1), last) for n in range(10)]
    visits = [
        {"session_id": f"s{day}", "started_at": f"{day} 09:00:00"}
        for day in days(date(2026, 1, 1), moved_on)
    ]
    tables = models.run(
        {
            "shop_orders": loaded(old, "old_shop") + loaded(new, "new_shop"),
            "web_sessions": loaded(visits, "old_shop"),
        }
    )
    health = {row["raw_table"]: row for row in tables["source_health"]}
    # Nor is a table that no other source brings: the new platform has events.
    for table in ("shop_orders", "web_sessions"):
        assert (health[table]["freshness"], health[table]["silent_source"]) == ("fresh", None)
    assert {values(tables, "revenue", "day")[day] for day in days(moved_on, last)} == {(1000, True)}


@pytest.mark.parametrize(
    ("rows_a_day", "days_without", "is_daily"), [(8, 2, True), (8, 3, False), (7, 0, False)]
)
def test_a_source_is_daily_with_eight_rows_on_nearly_every_day_of_its_last_four_weeks(
    models: CompiledModels, rows_a_day: int, days_without: int, is_daily: bool
) -> None:
    """A shop opened 33 days ago and fell silent five days ago; the other one goes on."""
    last = AS_OF - timedelta(days=1)
    silent_since = last - timedelta(days=5)
    opened = silent_since - timedelta(days=27)
    sold = [
        day for day in days(opened, silent_since) if day.day not in range(20, 20 + days_without)
    ]
    british = [order(day, n) for day in sold for n in range(rows_a_day)]
    french = [order(day, n) for day in days(opened, last) for n in range(10)]
    tables = models.run({"shop_orders": loaded(french, "shop_fr") + loaded(british, "shop_uk")})
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "shop_orders"]
    assert health["silent_source"] == ("shop_uk" if is_daily else None)


@pytest.mark.parametrize(
    ("weekdays", "is_waited_for"), [(range(5), True), (range(6), True), ([0, 1, 3, 4], False)]
)
def test_a_source_that_rests_on_some_days_of_the_week_is_waited_for_on_the_others(
    models: CompiledModels, weekdays: Sequence[int], is_waited_for: bool
) -> None:
    """A shop that sells on these weekdays fell silent after a Friday; the other one goes on."""
    last = AS_OF - timedelta(days=1)
    silent_since = date(2026, 5, 8)
    open_days = [day for day in days(date(2026, 1, 1), silent_since) if day.weekday() in weekdays]
    british = [order(day, n) for day in open_days for n in range(10)]
    french = [order(day, n) for day in days(date(2026, 1, 1), last) for n in range(10)]
    tables = models.run({"shop_orders": loaded(french, "shop_fr") + loaded(british, "shop_uk")})
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "shop_orders"]
    assert health["silent_source"] == ("shop_uk" if is_waited_for else None)
    # What is closed on the day after its last has that day, too.
    due = next(
        day for day in days(open_days[-1] + timedelta(days=1), last) if day.weekday() in weekdays
    )
    revenue = values(tables, "revenue", "day")
    assert revenue[due - timedelta(days=1)][1]
    assert revenue[due][1] is not is_waited_for


def test_all_sources_of_a_table_that_are_silent_are_named(models: CompiledModels) -> None:
    last = AS_OF - timedelta(days=1)
    shops = {"shop_fr": 0, "shop_uk": 5, "shop_de": 9}
    orders = [
        row
        for shop, silent_days in shops.items()
        for row in loaded(
            [
                order(day, n)
                for day in days(date(2026, 1, 1), last - timedelta(days=silent_days))
                for n in range(10)
            ],
            shop,
        )
    ]
    tables = models.run({"shop_orders": orders})
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "shop_orders"]
    assert health["silent_source"] == "shop_de, shop_uk"
    assert values(tables, "revenue", "day")[last - timedelta(days=8)][1] is False


@pytest.mark.parametrize(("missing_days", "is_waited_for"), [(1, True), (2, True), (3, False)])
def test_a_platform_that_is_late_is_waited_for_until_it_counts_as_ended(
    models: CompiledModels, missing_days: int, is_waited_for: bool
) -> None:
    """Two platforms spend 10 a day each, one of them until some days ago, as does one customer."""
    last = AS_OF - timedelta(days=1)
    first = date(2026, 1, 1)
    reached = last - timedelta(days=missing_days)

    def bills(platform: str, until: date) -> list[Row]:
        return [bill(day, platform) for day in days(first, until)]

    tables = models.run(
        {
            "ads_spend": loaded(bills("on time", last) + bills("late", reached), "ads"),
            "shop_orders": loaded([order(day) for day in days(first, last)]),
        }
    )
    costs = values(tables, "customer_acquisition_cost", "day")
    assert costs[reached] == (20, True)
    assert costs[last][1] is not is_waited_for
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "ads_spend"]
    assert (health["freshness"], health["silent_source"]) == ("fresh", None)


@pytest.mark.parametrize(
    ("delivered", "in_days", "silent", "is_complete"),
    [(4, 14, None, True), (3, 15, None, False), (3, 14, "agency", False)],
)
def test_what_a_source_brings_by_the_month_is_waited_for_beside_what_comes_daily(
    delivered: int, in_days: int, silent: str | None, is_complete: bool
) -> None:
    """An agency bills the first of each month; it is due so many days after it, and today is 15."""
    models = CompiledModels(
        ("kpi_values", "source_health"),
        {
            "as_of": f"{AS_OF}T06:00:00",
            "business_timezone": "UTC",
            "monthly_files": {"agency.ads_spend": in_days, "till.shop_orders": 15},
        },
    )
    everyday = list(days(date(2026, 1, 1), AS_OF - timedelta(days=1)))
    agency = [bill(date(2026, month + 1, 1), "agency") for month in range(delivered)]
    tables = models.run(
        {
            "ads_spend": loaded([bill(day) for day in everyday], "ads") + loaded(agency, "agency"),
            "shop_orders": loaded([order(date(2026, month, 3)) for month in range(1, 5)], "till"),
        }
    )
    costs = values(tables, "customer_acquisition_cost", "month")
    assert costs[date(2026, 3, 1)][1] is True
    assert costs[date(2026, 4, 1)][1] is is_complete
    health = {row["raw_table"]: row for row in tables["source_health"]}
    assert health["ads_spend"]["silent_source"] == silent
    assert health["ads_spend"]["freshness"] == ("stale" if silent else "fresh")
    # The till's last order is six weeks old, and its next file is not late; nobody bought since.
    assert health["shop_orders"]["freshness"] == "fresh"
    revenue = values(tables, "revenue", "month")
    assert revenue[date(2026, 4, 1)] == (100, True)
    assert revenue.get(date(2026, 5, 1), (None, False))[1] is False
    assert values(tables, "revenue", "week")[date(2026, 4, 20)] == (0, True)


@pytest.mark.parametrize(("missing_days", "is_waited_for"), [(3, True), (9, True), (10, False)])
def test_a_source_may_be_silent_for_longer_than_others_of_its_table(
    missing_days: int, is_waited_for: bool
) -> None:
    """What a portal costs is known nine days later; one of two ad platforms ended a week ago."""
    models = CompiledModels(
        ("kpi_values", "source_health"),
        {
            "as_of": f"{AS_OF}T06:00:00",
            "business_timezone": "UTC",
            "stale_after_days_of": {"portal.ads_spend": 10},
        },
    )
    last = AS_OF - timedelta(days=1)

    def bills(source: str, until: date) -> list[Row]:
        return loaded([bill(day, source) for day in days(date(2026, 1, 1), until)], source)

    reached = last - timedelta(days=missing_days)
    spend = bills("ads", last) + bills("ended", last - timedelta(days=7))
    orders = loaded([order(day) for day in days(date(2026, 1, 1), last)])
    tables = models.run({"ads_spend": spend + bills("portal", reached), "shop_orders": orders})
    costs = values(tables, "customer_acquisition_cost", "day")
    assert costs[reached][1] is True
    assert costs[last][1] is not is_waited_for
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "ads_spend"]
    assert (health["freshness"], health["silent_source"]) == ("fresh", None)


def test_refunds_of_a_shop_whose_orders_never_came_are_no_revenue(models: CompiledModels) -> None:
    refund = {"refunded_at": "2026-03-10 10:00:00", "amount": 5, "currency": "EUR"}
    refunds = loaded([{**refund, "refund_id": "r"}])
    visits = loaded([session(day, "a") for day in days(date(2026, 2, 1), AS_OF)], "web")
    tables = models.run({"shop_refunds": refunds, "web_sessions": visits})
    shown = [row for row in tables["kpi_values"] if row["kpi_id"] in ("revenue", "sales_vs_target")]
    assert [row for row in shown if row["has_data"] or row["value"] is not None] == []
    orders = loaded([order(date(2026, 2, 1))])
    tables = models.run({"shop_refunds": refunds, "web_sessions": visits, "shop_orders": orders})
    assert values(tables, "revenue", "month")[date(2026, 3, 1)][0] == -5


@pytest.mark.parametrize(("every", "is_awaited"), [(1, True), (14, True), (15, False)])
def test_what_takes_time_waits_for_the_file_of_the_month(every: int, is_awaited: bool) -> None:
    """Orders may be silent for 35 days, and are since 30 April: longer than ever, or as before."""
    models = CompiledModels(
        ("kpi_values", "satisfaction_repurchase", "source_health"),
        {
            "as_of": f"{AS_OF}T06:00:00",
            "business_timezone": "UTC",
            "stale_after_days_of": {"shop_orders": 35},
        },
    )
    last = date(2026, 4, 30)
    orders = [
        order(last - timedelta(days=number), customer_id=f"c{number}")
        for number in range(0, 300, every)
    ]
    # Of two leads one is a customer; somebody who ordered is asked.
    leads = [
        {"lead_id": f"l{n}{day}", "created_at": f"{day} 10:00:00", "customer_id": f"c{n * 999}"}
        for day in days(date(2025, 12, 1), AS_OF - timedelta(days=1))
        for n in range(2)
    ]
    answer = {"response_id": "r", "survey": "nps", "score": 9, "customer_id": "c0"}
    tables = models.run(
        {
            "shop_orders": loaded(orders),
            "crm_leads": loaded(leads, "crm"),
            "survey_responses": loaded(
                [{**answer, "sent_at": "2026-02-10 10:00:00", "answered_at": "2026-02-10 11:00:00"}]
            ),
        }
    )
    (health,) = [row for row in tables["source_health"] if row["raw_table"] == "shop_orders"]
    assert health["freshness"] == "fresh"
    # Three days of the week, and what became of January's leads in May, are to come.
    assert values(tables, "revenue", "week")[date(2026, 4, 20)][1]
    assert values(tables, "revenue", "week")[date(2026, 4, 27)][1] is not is_awaited
    assert values(tables, "lead_conversion_rate", "month")[date(2025, 12, 1)][1]
    assert values(tables, "lead_conversion_rate", "month")[date(2026, 1, 1)][1] is not is_awaited
    asked = [row for row in tables["satisfaction_repurchase"] if row["period_grain"] == "month"]
    assert [row["is_complete"] for row in asked] == [not is_awaited]


@pytest.mark.parametrize(
    ("visits_a_day", "silent_days", "is_lost"), [(8, 3, False), (8, 4, True), (7, 28, False)]
)
def test_days_of_which_the_web_brought_nothing_are_no_days_without_a_visit(
    models: CompiledModels, visits_a_day: int, silent_days: int, is_lost: bool
) -> None:
    """A site falls silent in February and comes back; it is sold, and advertised, all along."""
    january, february, march = (date(2026, month, 1) for month in (1, 2, 3))
    everyday = list(days(date(2025, 12, 1), AS_OF - timedelta(days=1)))
    silent = set(days(february, february + timedelta(days=silent_days - 1)))
    visits = [
        session(day, str(number))
        for day in everyday
        for number in range(visits_a_day)
        if day not in silent
    ]
    tables = models.run(
        {
            "web_sessions": loaded(visits, "web"),
            "shop_orders": loaded([order(day, session_id=f"s{day}0") for day in everyday]),
            "ads_spend": loaded([bill(day) for day in everyday], "ads"),
        }
    )
    for kpi in ("session_conversion_rate", "roas"):
        known = values(tables, kpi, "month")
        assert {month: known[month][1] for month in (january, february, march)} == {
            january: True,
            february: not is_lost,
            march: True,
        }, kpi
        assert values(tables, kpi, "quarter")[january][1] is True, kpi
        # Of a day on which nothing came, nothing is known; of another one all is.
        shown = values(tables, kpi, "day")
        assert shown[february][1] is not is_lost, kpi
        assert (shown[february][0] is None) is (is_lost or kpi != "roas"), kpi
        assert shown[march][1] is True, kpi
    # What does not rest on the web is known all along.
    assert values(tables, "revenue", "month")[february] == (2800, True)
    returns = {
        row["period_start"]: (row["roas"], row["is_complete"])
        for row in tables["channel_performance"]
        if (row["period_grain"], row["conversion_type"]) == ("day", "all")
        and (row["channel"], row["model"]) == ("Paid Other", "linear")
    }
    assert returns[february] == ((None, False) if is_lost else (0.0, True))
    explained = {
        row["driver"]
        for row in tables["kpi_driver_tree"]
        if (row["period_grain"], row["compared_with"]) == ("month", "previous_period")
        and (row["tree"], row["dimension"]) == ("revenue", "overall")
        and row["base_period_start"] == february
    }
    # Orders without any visit are told apart from visits neither way.
    assert ("sessions" in explained) is (silent_days == 3)


def test_a_quarter_of_which_the_web_brought_nothing_for_weeks_is_not_complete(
    models: CompiledModels,
) -> None:
    """Eight visits a day; none from 27 January to 2 February, a thirteenth of the quarter."""
    everyday = list(days(date(2025, 10, 1), AS_OF - timedelta(days=1)))
    visits = [
        session(day, str(number))
        for day in everyday
        for number in range(8)
        if not date(2026, 1, 27) <= day <= date(2026, 2, 2)
    ]
    orders = [order(day, session_id=f"s{day}0") for day in everyday]
    tables = models.run({"web_sessions": loaded(visits, "web"), "shop_orders": loaded(orders)})
    quarters = values(tables, "session_conversion_rate", "quarter")
    assert quarters[date(2025, 10, 1)] == (0.125, True)
    assert quarters[date(2026, 1, 1)] == (0.125, False)
