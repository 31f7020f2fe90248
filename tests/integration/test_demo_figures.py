"""Published figures against plain Python over the landing files, and against the truth file."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integration import recomputed
from tests.integration.conftest import MISSING_SOURCE
from tests.integration.house import House

BY_MONTH = """
    select period_start, {column}
    from kpi.kpi_values
    where kpi_id = '{kpi}' and period_grain = 'month' and dimension = 'overall'
        and coalesce({column}, 0) <> 0
"""


@pytest.fixture(scope="module")
def orders(landing: Path) -> list[recomputed.Order]:
    return recomputed.orders(landing)


@pytest.fixture(scope="module")
def completed(orders: list[recomputed.Order]) -> list[recomputed.Order]:
    return [order for order in orders if order.status == "completed"]


def test_every_order_has_its_day_status_and_amounts(
    demo: House, orders: list[recomputed.Order]
) -> None:
    published = demo.published(
        """
        select source_name, order_id, ordered_at, order_date, status, gross_revenue, discount,
            net_revenue
        from core.fct_orders
        """
    )
    assert sorted(published) == sorted(
        (
            order.source,
            order.order_id,
            recomputed.utc(order.ordered_at),
            order.day,
            order.status,
            order.gross,
            order.discount,
            order.net,
        )
        for order in orders
    )


def test_orders_agree_with_the_truth(demo: House, truth: dict[str, Any]) -> None:
    published = dict(
        demo.published(
            "select source_name, count(*) from core.fct_orders where is_revenue group by all"
        )
    )
    expected = {name: shop["orders"]["completed"] for name, shop in truth["shops"].items()}
    book = truth["order_book"]
    expected["demo_crm"] = book["EUR"]["orders"] + book["GBP"]["orders"]
    assert published == expected


def test_revenue_in_euros_agrees_with_the_truth_in_cents(
    demo: House, truth: dict[str, Any]
) -> None:
    ((net,),) = demo.published(
        "select sum(net_revenue) from core.fct_orders "
        "where is_revenue and source_name = 'demo_shop_fr'"
    )
    assert net * 100 == truth["shops"]["demo_shop_fr"]["completed"]["net_revenue"]


def test_the_revenue_kpi_is_sales_less_refunds_each_on_its_own_day(
    demo: House, landing: Path, completed: list[recomputed.Order]
) -> None:
    sales = recomputed.by_month((order.day, order.net) for order in completed)
    refunds = recomputed.refunds_by_month(landing)
    expected = {day: sales.get(day, 0) - refunds.get(day, 0) for day in sales | refunds}
    assert dict(demo.published(BY_MONTH.format(kpi="revenue", column="numerator"))) == expected


def test_refunds_are_converted_at_the_rate_of_their_own_day(demo: House, landing: Path) -> None:
    published = demo.published(
        "select date_trunc('month', refund_date)::date, sum(refunded) "
        "from core.fct_refunds group by all"
    )
    assert dict(published) == recomputed.refunds_by_month(landing)


def test_a_new_customer_counts_in_the_month_of_the_first_completed_order(
    demo: House, completed: list[recomputed.Order]
) -> None:
    first: dict[tuple[str, str], recomputed.Order] = {}
    for order in sorted(completed, key=lambda order: order.ordered_at):
        first.setdefault((order.source, order.customer_id), order)
    expected = recomputed.by_month((order.day, 1) for order in first.values())
    published = demo.published(BY_MONTH.format(kpi="new_customers", column="numerator"))
    assert dict(published) == expected


def test_average_order_value_comes_with_what_it_is_made_of(
    demo: House, completed: list[recomputed.Order]
) -> None:
    sales = recomputed.by_month((order.day, order.net) for order in completed)
    number = recomputed.by_month((order.day, 1) for order in completed)
    for column, expected in (("numerator", sales), ("denominator", number)):
        query = BY_MONTH.format(kpi="average_order_value", column=column)
        assert dict(demo.published(query)) == expected
    values = dict(demo.published(BY_MONTH.format(kpi="average_order_value", column="value")))
    assert values == pytest.approx({day: float(sales[day] / number[day]) for day in sales})


def test_spend_is_each_platforms_latest_statement_in_euros(demo: House, landing: Path) -> None:
    published = demo.published("select platform, sum(spend) from core.fct_ad_spend group by all")
    assert dict(published) == recomputed.spend_by_platform(landing)


def test_clicks_and_impressions_agree_with_the_truth(demo: House, truth: dict[str, Any]) -> None:
    published = demo.published(
        "select platform, count(*), sum(impressions), sum(clicks) "
        "from core.fct_ad_spend group by all"
    )
    assert sorted(published) == sorted(
        (name, found["rows"], found["impressions"], found["clicks"])
        for name, found in truth["ad_spend"].items()
        if name != MISSING_SOURCE
    )


def test_spend_by_channel_adds_up_to_the_platforms(demo: House, landing: Path) -> None:
    ((spend,),) = demo.published(
        "select sum(spend) from attribution.channel_performance "
        "where period_grain = 'day' and model = 'linear' and conversion_type = 'all'"
    )
    assert spend == sum(recomputed.spend_by_platform(landing).values())


def test_sessions_agree_with_the_truth(demo: House, landing: Path, truth: dict[str, Any]) -> None:
    published = demo.published(
        "select source_name, count(*), count(*) filter (where has_purchase) "
        "from core.fct_sessions group by all"
    )
    web = truth["web"]
    assert sorted(published) == sorted(
        (name, number, web["sessions_with_purchase"][name])
        for name, number in web["sessions"].items()
    )
    assert recomputed.french_sessions(landing) == web["sessions"]["demo_web_fr"]


def test_leads_are_counted_in_the_month_they_came(demo: House, landing: Path) -> None:
    expected = Counter(recomputed.month(lead.created_at) for lead in recomputed.leads(landing))
    published = demo.published(BY_MONTH.format(kpi="lead_conversion_rate", column="denominator"))
    assert dict(published) == expected


def test_kpis_agree_with_the_truth(demo: House, landing: Path, truth: dict[str, Any]) -> None:
    published = {
        kpi_id: (numerator, denominator)
        for kpi_id, numerator, denominator in demo.published(
            """
            select kpi_id, sum(numerator), sum(denominator) from kpi.kpi_values
            where period_grain = 'year' and dimension = 'overall' group by all
            """
        )
    }
    leads, deals, service = (
        truth["sales"]["leads"],
        truth["sales"]["opportunities"],
        truth["service"],
    )
    created = leads["all"] - leads["deleted"]
    # One satisfied answer is the canary's.
    csat, nps = service["csat"], service["nps"]
    expected = {
        "mql_rate": (leads["mql"], created),
        "sql_rate": (leads["sql"], created),
        "win_rate": (deals["won"], deals["won"] + deals["lost"]),
        "csat_rate": (csat["satisfied"] + 1, csat["answers"] + 1),
        "nps": (nps["promoters"] - nps["detractors"], nps["answers"]),
    }
    assert {kpi_id: published[kpi_id] for kpi_id in expected} == expected
    assert published["roas"][1] == sum(recomputed.spend_by_platform(landing).values())


def test_customers_who_came_back_are_counted_once(
    demo: House, completed: list[recomputed.Order]
) -> None:
    orders = Counter((order.source, order.customer_id) for order in completed)
    assert demo.published(
        """
        select numerator, denominator from kpi.kpi_values
        where kpi_id = 'repeat_purchase_rate' and period_grain = 'day' and dimension = 'overall'
        order by period_start desc limit 1
        """
    ) == [(sum(number > 1 for number in orders.values()), len(orders))]


def test_each_model_credits_all_revenue_once(
    demo: House, completed: list[recomputed.Order]
) -> None:
    published = demo.published(
        "select model, sum(attributed_revenue), sum(credit) from attribution.attributed_touches "
        "where conversion_type = 'order' group by all"
    )
    total = sum(order.net for order in completed)
    models = (
        "equal_channel",
        "first_touch",
        "last_non_direct",
        "last_touch",
        "linear",
        "markov",
        "position_based",
        "time_decay",
        "w_shaped",
    )
    assert sorted(published) == [(model, total, Decimal(len(completed))) for model in models]


def test_cohorts_hold_every_buyer_once(demo: House, completed: list[recomputed.Order]) -> None:
    buyers = {(order.source, order.customer_id) for order in completed}
    assert demo.published(
        "select sum(customers) from kpi.retention_cohorts where months_since = 0"
    ) == [(len(buyers),)]


def test_the_broken_checkout_step_shows_on_its_device(demo: House, truth: dict[str, Any]) -> None:
    planted = truth["planted"]["broken_checkout_step"]
    during = f"period_start between '{planted['first_day']}' and '{planted['last_day']}'"
    broken = f"segment = '{planted['device']}' and {during}"
    rates = demo.published(
        f"""
        select case when {broken} then 'broken' else 'whole' end, sum(converted) / sum(entered)
        from funnel.funnel_conversion
        where dimension = 'device' and period_grain = 'day' and step = 'shipping'
        group by all
        """
    )
    passed = dict(rates)
    assert passed["broken"] < passed["whole"] - 0.2


def test_a_won_deal_counts_for_the_team_of_its_closing_day(demo: House, landing: Path) -> None:
    published = demo.published(
        "select opportunity_id, team, closed_date, amount from core.fct_opportunities where is_won"
    )
    expected = recomputed.deals_won(landing)
    assert {deal: (team, day, amount) for deal, team, day, amount in published} == expected
    assert len(published) == len(expected) > 0


def test_activities_count_for_the_team_of_their_day(demo: House, landing: Path) -> None:
    published = demo.published(
        "select team, activity_type, count(*) from core.fct_activities group by all"
    )
    assert {(team, kind): n for team, kind, n in published} == recomputed.activities_by_team(
        landing
    )


def test_the_history_of_deals_ends_with_what_they_say_now(demo: House) -> None:
    assert demo.published(
        """
        select count(*)
        from core.fct_opportunities as deals
        full join (select * from core.fct_opportunity_history where is_current) as history
            using (opportunity_key)
        where deals.stage is distinct from history.stage
            or deals.expected_close_on is distinct from history.expected_close_on
            or deals.owner_rep_key is distinct from history.owner_rep_key
        """
    ) == [(0,)]


def test_survey_answers_are_told_apart_as_their_measures_say(demo: House, landing: Path) -> None:
    published = dict(
        demo.published(
            "select score_category, count(*) from core.fct_survey_responses "
            "where score_category is not null group by all"
        )
    )
    csat = [*recomputed.survey_answers(landing, "csat"), 5]  # the last is the canary's
    nps = recomputed.survey_answers(landing, "nps")
    assert published == {
        "satisfied": sum(score >= 4 for score in csat),
        "neutral": csat.count(3),
        "dissatisfied": sum(score <= 2 for score in csat),
        "promoter": sum(score >= 9 for score in nps),
        "passive": nps.count(7) + nps.count(8),
        "detractor": sum(score <= 6 for score in nps),
    }


def test_leads_came_as_far_as_the_truth_says(demo: House, truth: dict[str, Any]) -> None:
    leads = truth["sales"]["leads"]
    expected = (
        leads["all"] - leads["deleted"],
        leads["mql"],
        leads["sql"],
        leads["converted"],
        leads["became_customers"],
    )
    published = demo.published(
        """
        select level, sum(leads), sum(mql), sum(sql), sum(opportunities), sum(won)
        from funnel.lead_sources where period_grain = 'month' group by all order by all
        """
    )
    assert published == [(level, *expected) for level in ("campaign", "channel", "overall")]


def test_the_sales_funnel_loses_only_what_comes_after_its_window(
    demo: House, truth: dict[str, Any]
) -> None:
    leads = truth["sales"]["leads"]
    steps = dict(
        demo.published(
            """
            select step, sum(entered) from funnel.funnel_conversion
            where funnel = 'sales' and period_grain = 'month' and dimension = 'team' group by all
            """
        )
    )
    assert steps["lead"] == leads["all"] - leads["deleted"]
    assert (steps["mql"], steps["sql"]) == (leads["mql"], leads["sql"])
    ((late,),) = demo.published(
        """
        select count(*) from core.fct_leads as leads join core.fct_opportunities as deals
            on leads.lead_key = deals.lead_key
        where deals.is_won and deals.closed_at > leads.created_at + interval 180 day
        """
    )
    assert steps["won"] == leads["became_customers"] - late


def test_everybody_who_visits_on_a_day_enters_the_purchase_funnel_once(demo: House) -> None:
    visitors = demo.published(
        """
        select session_date, count(distinct person_key) from core.fct_sessions
        where is_counted and person_key is not null group by all order by all
        """
    )
    entered = demo.published(
        """
        select period_start, entered from funnel.funnel_conversion
        where funnel = 'purchase' and period_grain = 'day' and dimension = 'overall'
            and step_number = 1
        order by all
        """
    )
    assert entered == visitors


def test_every_visit_begins_with_one_page(demo: House) -> None:
    ((visits,),) = demo.published(
        "select count(*) from core.fct_sessions where is_counted and event_count > 0"
    )
    ((entries, exits),) = demo.published(
        "select sum(entries), sum(exits) from funnel.page_engagement where period_grain = 'month'"
    )
    assert entries == exits == visits


def test_every_visit_that_fills_a_cart_and_buys_ends_one_cart(
    demo: House, truth: dict[str, Any]
) -> None:
    ((carts, bought, unpriced),) = demo.published(
        """
        select sum(carts), sum(ordered) + sum(recovered), sum(unpriced_carts)
        from funnel.cart_abandonment
        where period_grain = 'month' and dimension = 'overall'
        """
    )
    ((filling, buying),) = demo.warehouse(
        """
        with visits as (
            select session_key, bool_or(event_name = 'purchase') as buys
            from intermediate.int_sessions__events_sessionised
            group by session_key having bool_or(event_name = 'add_to_cart')
        )
        select count(*), count(*) filter (where buys) from visits
        """
    )
    # A cart may live through several visits, and be bought in one that adds nothing.
    assert 0 < carts <= filling
    assert buying <= bought <= truth["web"]["events_by_kind"]["purchase"]
    assert 0 < unpriced < carts


def test_the_rep_who_improves_is_seen_to(demo: House, truth: dict[str, Any]) -> None:
    planted = truth["planted"]["improving_rep"]
    published = demo.published(
        f"""
        select period_start >= '{planted["first_day"]}', sum(closed), sum(won)
        from kpi.rep_performance
        where period_grain = 'month' and rep = '{planted["rep_id"]}'
        group by all
        """
    )
    observed = planted["observed"]
    assert {later: (closed, won) for later, closed, won in published} == {
        later: (observed[name]["closed"], observed[name]["won"])
        for later, name in ((False, "before"), (True, "from_first_day"))
    }


def test_the_rep_who_changes_team_counts_in_each_for_the_time(
    demo: House, truth: dict[str, Any]
) -> None:
    planted = truth["planted"]["team_change"]
    assert demo.published(
        f"""
        select team, min(period_start) >= '{planted["first_day"]}',
            max(period_start) >= '{planted["first_day"]}'
        from kpi.rep_performance
        where period_grain = 'month' and rep = '{planted["rep_id"]}'
        group by team
        order by team
        """
    ) == sorted([(planted["team_before"], False, False), (planted["team_after"], True, True)])


def test_the_pipeline_agrees_with_the_truth(demo: House, truth: dict[str, Any]) -> None:
    deals = truth["sales"]["opportunities"]
    assert demo.published(
        "select count(*) filter (where outcome = 'open'),"
        " count(distinct opportunity_key) from funnel.pipeline_stages"
    ) == [(deals["open"], deals["all"] - deals["deleted"])]
    assert demo.published(
        "select sum(won), sum(lost) from kpi.team_performance"
        " where period_grain = 'year' and dimension = 'team'"
    ) == [(deals["won"], deals["lost"])]


def test_service_agrees_with_the_truth(demo: House, truth: dict[str, Any]) -> None:
    service = truth["service"]
    # One ticket and one satisfied answer are the canary's.
    assert demo.published(
        "select sum(tickets), sum(solved), sum(csat_answers), sum(csat_satisfied),"
        " sum(nps_answers), sum(nps_promoters), sum(nps_detractors)"
        " from kpi.service_performance where period_grain = 'year' and dimension = 'overall'"
    ) == [
        (
            service["tickets"] + 1,
            service["solved"],
            service["csat"]["answers"] + 1,
            service["csat"]["satisfied"] + 1,
            service["nps"]["answers"],
            service["nps"]["promoters"],
            service["nps"]["detractors"],
        )
    ]
