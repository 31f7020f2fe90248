"""Sixty things that go wrong with the data of a business, planted in a finished release.

A fault is planted where it would show. What a *source* says wrong is written into the fact as the
models would write it, and every table downstream would say the same: so checks that compare tables
with each other, or facts with what was delivered, are not asked, because they would be content.
What a *model* does wrong is written into its own table, and every check is asked.

The release is as of 2026-06-30 22:00 UTC, when the business day 2026-06-30 ends in Paris; the one
before it is a day older.
"""

from dataclasses import dataclass

# What compares facts with their own past; every other audit compares what one source fed alike.
ABOUT_THE_PAST = tuple(
    f"audits.{name}"
    for name in (
        "business_days_hold",
        "closed_days_stay",
        "crm_days_are_there",
        "currencies_and_rates_stay",
        "events_keep_their_names",
        "history_is_not_rewritten",
        "new_amounts_look_usual",
        "new_days_look_usual",
        "new_rows_are_filled",
        "no_day_is_a_copy",
        "no_source_repeats_another",
        "sales_are_counted",
        "sources_keep_coming",
        "tables_keep_their_size",
        "tables_stay",
    )
)

NEW = "date '2026-06-30'"
WEEK = "date '2026-06-24'"
FORTNIGHT = "date '2026-06-17'"
PAST = "date '2026-06-10'"
# What other numbers look like: a key that no row has.
AGAIN = "+ 1000000007"


@dataclass(frozen=True)
class BusinessFault:
    """One fault: what a person would call it, and the SQL that makes it.

    `tables` are the facts that a faulty source reaches, whose own suites are asked; it is empty for
    the fault of a model or of a rule, about which every suite is asked.
    """

    name: str
    sql: str
    tables: tuple[str, ...] = ()


def _again(table: str, key: str, condition: str, **changes: str) -> str:
    """Rows come once more, under other numbers and with other values where told."""
    replaced = {key: f"{key} {AGAIN}", **changes}
    listed = ", ".join(f"{value} as {name}" for name, value in replaced.items())
    return f"insert into {table} select * replace ({listed}) from {table} where {condition}"


def _set(table: str, values: str, condition: str = "true") -> str:
    return f"update {table} set {values} where {condition}"


def _gone(table: str, condition: str) -> str:
    return f"delete from {table} where {condition}"


def _revalued(factor: str, condition: str) -> str:
    """Orders are worth a multiple of what they are, consistently in all their amounts."""
    columns = ("gross_revenue", "discount", "net_revenue", "total", "tax", "shipping")
    values = ", ".join(f"{name} = round({name} * {factor}, 4)" for name in columns)
    return f"{_set('core.fct_orders', values, condition)}; " + _set(
        "core.fct_orders", "net_revenue = gross_revenue - discount", condition
    )


def _pounds(values: str) -> str:
    """What came in pounds since May says something else of its rate."""
    days = {"fct_orders": "order_date", "fct_refunds": "refund_date", "fct_ad_spend": "spend_date"}
    return "; ".join(
        _set(f"core.{table}", values, f"currency = 'GBP' and {day} >= date '2026-05-01'")
        for table, day in days.items()
    )


ORDERS = ("core.fct_orders",)
SPEND = ("core.fct_ad_spend",)
SESSIONS = ("core.fct_sessions",)

SOURCE_FAULTS = (
    BusinessFault(
        "the newest day's orders come twice, under other numbers",
        _again("core.fct_orders", "order_key", f"order_date = {NEW}"),
        ORDERS,
    ),
    BusinessFault(
        "a past day's visits come twice, under other numbers",
        _again("core.fct_sessions", "session_key", f"session_date = {PAST}"),
        SESSIONS,
    ),
    BusinessFault(
        "last week's tickets are exported again, under other numbers",
        _again("core.fct_tickets", "ticket_key", f"created_date >= {WEEK}"),
        ("core.fct_tickets",),
    ),
    BusinessFault(
        "May's refunds are exported again, under other numbers",
        _again(
            "core.fct_refunds", "refund_key", "refund_date between '2026-05-01' and '2026-05-31'"
        ),
        ("core.fct_refunds",),
    ),
    BusinessFault(
        "the CRM's leads of a fortnight come twice, under other numbers",
        _again("core.fct_leads", "lead_key", f"created_date >= {FORTNIGHT}"),
        ("core.fct_leads",),
    ),
    BusinessFault(
        "the activities of a past week come twice, under other numbers",
        _again(
            "core.fct_activities",
            "activity_key",
            "activity_date between '2026-06-01' and '2026-06-07'",
        ),
        ("core.fct_activities",),
    ),
    BusinessFault(
        "yesterday's advertising report comes again under today's date",
        f"{_gone('core.fct_ad_spend', f'spend_date = {NEW}')}; "
        + _again("core.fct_ad_spend", "ad_spend_key", f"spend_date = {NEW} - 1", spend_date=NEW),
        SPEND,
    ),
    BusinessFault(
        "yesterday's orders come again under today's date",
        f"{_gone('core.fct_orders', f'order_date = {NEW}')}; "
        + _again(
            "core.fct_orders",
            "order_key",
            f"order_date = {NEW} - 1",
            order_date=NEW,
            ordered_at="ordered_at + interval 1 day",
        ),
        ORDERS,
    ),
    BusinessFault(
        "yesterday's web log comes again instead of today's",
        _gone("core.fct_sessions", f"session_date = {NEW} and source_name = 'demo_web_fr'"),
        SESSIONS,
    ),
    BusinessFault(
        "a past day of a site is missing",
        _gone("core.fct_sessions", f"session_date = {PAST} and source_name = 'demo_web_uk'"),
        SESSIONS,
    ),
    BusinessFault(
        "the newest web log is cut off after a fifth",
        _gone("core.fct_sessions", f"session_date = {NEW} and session_key % 5 <> 0"),
        SESSIONS,
    ),
    BusinessFault(
        "an ad platform's report stays away",
        _gone("core.fct_ad_spend", f"spend_date = {NEW} and source_name = 'meta_ads'"),
        SPEND,
    ),
    BusinessFault(
        "a channel loses its tags, and its visits turn direct",
        _set(
            "core.fct_sessions",
            "channel = 'Direct', last_non_direct_channel = 'Direct'",
            f"session_date >= {WEEK} and channel = 'Paid Search'",
        ),
        SESSIONS,
    ),
    BusinessFault(
        "a month's orders are cut off after the tenth",
        _gone("core.fct_orders", "order_date between '2026-06-11' and '2026-06-30'"),
        ORDERS,
    ),
    BusinessFault(
        "a shop sends cents for euros",
        _revalued("100", f"source_name = 'demo_shop_fr' and order_date >= {FORTNIGHT}"),
        ORDERS,
    ),
    BusinessFault(
        "a shop's amounts lose their decimal point",
        _revalued("10", f"source_name = 'demo_shop_uk' and order_date >= {FORTNIGHT}"),
        ORDERS,
    ),
    BusinessFault(
        "refunds come in cents",
        _set("core.fct_refunds", "refunded = refunded * 100", "refund_date >= date '2026-06-16'"),
        ("core.fct_refunds",),
    ),
    BusinessFault(
        "an ad platform reports millionths of its currency",
        _set(
            "core.fct_ad_spend",
            "spend = spend * 1000000, reported_spend = reported_spend * 1000000",
            f"source_name = 'google_ads' and spend_date >= {WEEK}",
        ),
        SPEND,
    ),
    BusinessFault(
        "an ad platform reports thousands of its currency",
        _set(
            "core.fct_ad_spend",
            "spend = round(spend / 1000, 4), reported_spend = round(reported_spend / 1000, 4)",
            f"source_name = 'meta_ads' and spend_date >= {WEEK}",
        ),
        SPEND,
    ),
    BusinessFault(
        "new deals come in thousands",
        _set("core.fct_opportunities", "amount = amount / 1000", f"created_date >= {FORTNIGHT}"),
        ("core.fct_opportunities",),
    ),
    BusinessFault(
        "a shop's new orders come in a currency it never sold in",
        _set(
            "core.fct_orders",
            "currency = 'USD'",
            f"source_name = 'demo_shop_uk' and order_date >= {WEEK}",
        ),
        ORDERS,
    ),
    BusinessFault(
        "two currencies are swapped in a source's whole history",
        _revalued("0.8547", "source_name = 'demo_shop_uk'")
        + "; "
        + _set("core.fct_orders", "currency = 'EUR', exchange_rate = 1", "currency = 'GBP'"),
        ORDERS,
    ),
    BusinessFault(
        "the list of rates has not been updated for two months",
        _pounds("exchange_rate = 1.1666, is_rate_extrapolated = true"),
        (*ORDERS, *SPEND, "core.fct_refunds"),
    ),
    BusinessFault(
        "a rate is copied from day to day for two months",
        _pounds("exchange_rate = 1.1666"),
        (*ORDERS, *SPEND, "core.fct_refunds"),
    ),
    BusinessFault(
        "a rate is upside down",
        "; ".join(
            _set(f"core.{table}", "exchange_rate = 0.85", f"currency = 'GBP' and {day} >= {WEEK}")
            for table, day in (("fct_orders", "order_date"), ("fct_ad_spend", "spend_date"))
        ),
        (*ORDERS, *SPEND),
    ),
    BusinessFault(
        "local times are read as UTC",
        _set(
            "core.fct_sessions",
            "started_at = started_at + interval 2 hour, "
            "session_date = (timezone('Europe/Paris', timezone('UTC', "
            "started_at + interval 2 hour)))::date",
        ),
        SESSIONS,
    ),
    BusinessFault(
        "an ad platform's days are cut in another timezone and move by one",
        _set("core.fct_ad_spend", "spend_date = spend_date - 1", "source_name = 'google_ads'"),
        SPEND,
    ),
    BusinessFault(
        "day and month change places",
        _set(
            "core.fct_orders",
            "ordered_at = make_timestamp(year(ordered_at), day(ordered_at), month(ordered_at), "
            "hour(ordered_at), 0, 0), order_date = make_date(year(order_date), day(order_date), "
            "month(order_date))",
            "day(order_date) <= 12 and day(ordered_at) <= 12",
        ),
        ORDERS,
    ),
    BusinessFault(
        "an order is dated into the next year",
        _set(
            "core.fct_orders",
            "ordered_at = ordered_at + interval 1 year",
            f"order_date = {NEW}",
        ),
        ORDERS,
    ),
    BusinessFault(
        "a credit note turns cost negative",
        _set(
            "core.fct_ad_spend",
            "spend = -spend, reported_spend = -reported_spend",
            f"source_name = 'linkedin_ads' and spend_date >= {WEEK}",
        ),
        SPEND,
    ),
    BusinessFault(
        "refunds come with a minus sign",
        _set("core.fct_refunds", "refunded = -refunded", "refund_date >= date '2026-06-16'"),
        ("core.fct_refunds",),
    ),
    BusinessFault(
        "clicks and impressions change places",
        _set(
            "core.fct_ad_spend",
            "clicks = impressions, impressions = clicks",
            f"source_name = 'google_ads' and spend_date >= {WEEK}",
        ),
        SPEND,
    ),
    BusinessFault(
        "order numbers lose their prefix, so that all orders look new",
        _set("core.fct_orders", f"order_key = order_key {AGAIN}", "source_name = 'demo_shop_fr'"),
        ORDERS,
    ),
    BusinessFault(
        "an export leaves the customer out",
        _set(
            "core.fct_orders",
            "customer_key = null, person_key = null",
            f"source_name = 'demo_shop_fr' and order_date >= {FORTNIGHT}",
        ),
        ORDERS,
    ),
    BusinessFault(
        "a survey changes its scale without saying so",
        _set(
            "core.fct_survey_responses",
            "score = score * 2, normalised_score = null, score_category = null",
            f"survey = 'csat' and sent_date >= {WEEK}",
        ),
        ("core.fct_survey_responses",),
    ),
    BusinessFault(
        "a channel is renamed everywhere",
        "; ".join(
            _set(f"core.{table}", "channel = 'Paid search'", "channel = 'Paid Search'")
            for table in ("fct_sessions", "fct_leads", "fct_ad_spend")
        ),
        (*SESSIONS, *SPEND, "core.fct_leads"),
    ),
    BusinessFault(
        "a price list without decimals raises new prices by a fifth",
        _revalued("1.2", f"source_name = 'demo_shop_fr' and order_date >= {FORTNIGHT}"),
        ORDERS,
    ),
)
MODEL_FAULTS = (
    BusinessFault(
        "a join on items multiplies orders",
        "insert into core.fct_orders from core.fct_orders where item_count > 1",
    ),
    BusinessFault(
        "a join multiplies the touches of one attribution model",
        "insert into attribution.attributed_touches from attribution.attributed_touches "
        "where model = 'linear' and path_length > 1",
    ),
    BusinessFault(
        "a join on ads multiplies the cost of channels",
        _set(
            "attribution.channel_performance",
            "spend = spend * 2, total_costs = total_costs + spend",
        ),
    ),
    BusinessFault(
        "a join on campaigns loses the cost without one",
        _gone("attribution.campaign_performance", "campaign = '(not set)'"),
    ),
    BusinessFault(
        "customers without consent are filtered out, and their orders orphaned",
        _gone("core.dim_customers", "customer_key % 10 = 0"),
    ),
    BusinessFault(
        "cancelled orders are filtered out, and their refunds orphaned",
        _gone("core.fct_orders", "refunded > 0 and order_key % 2 = 0"),
    ),
    BusinessFault(
        "an inner join loses one order in fifty",
        _gone("core.fct_orders", "order_key % 50 = 0"),
    ),
    BusinessFault(
        "business days are cut in UTC",
        _set("core.fct_orders", "order_date = ordered_at::date"),
    ),
    BusinessFault(
        "keys of visits are empty",
        _set("core.fct_sessions", "session_key = null", f"session_date = {NEW}"),
    ),
    BusinessFault(
        "refunds are added to revenue",
        "update kpi.kpi_values set numerator = numerator + 2 * refunds.refunded, "
        "value = value + 2 * refunds.refunded from (select date_trunc('month', refund_date)::date "
        "as month, sum(refunded) as refunded from core.fct_refunds group by all) as refunds "
        "where kpi_id = 'revenue' and period_grain = 'month' and dimension = 'overall' "
        "and period_start = refunds.month",
    ),
    BusinessFault(
        "a discount is taken off twice",
        _set("core.fct_orders", "net_revenue = gross_revenue - 2 * discount"),
    ),
    BusinessFault(
        "the exchange rate is applied twice",
        _set(
            "core.fct_orders",
            "gross_revenue = gross_revenue * exchange_rate, discount = discount * exchange_rate, "
            "net_revenue = gross_revenue * exchange_rate - discount * exchange_rate, "
            "total = total * exchange_rate",
            "currency = 'GBP'",
        ),
    ),
    BusinessFault(
        "amounts are rounded to whole euros",
        _set("core.fct_refunds", "refunded = round(refunded)"),
    ),
    BusinessFault(
        "a rate is shown in percent",
        _set("kpi.kpi_values", "value = value * 100", "kpi_id = 'session_conversion_rate'"),
    ),
    BusinessFault(
        "a rate is divided by nothing",
        _set(
            "kpi.kpi_values",
            "value = 'inf'::double",
            "kpi_id = 'customer_acquisition_cost' and period_grain = 'day'",
        ),
    ),
    BusinessFault(
        "a segment is dropped from the revenue of its dimension",
        _gone("kpi.kpi_values", "kpi_id = 'revenue' and dimension <> 'overall' and segment = 'FR'"),
    ),
    BusinessFault(
        "the scorecard shows last month as this one",
        _set("kpi.kpi_scorecard", "value = previous_value", "previous_value is not null"),
    ),
    BusinessFault(
        "a target of a rate is entered in percent",
        _set("kpi.kpi_scorecard", "target_value = target_value * 100", "unit = 'ratio'"),
    ),
    BusinessFault(
        "more people reach a step than the one before it",
        _set(
            "funnel.funnel_conversion",
            "entered = entered * 3, converted = converted * 3",
            "step_number = 3",
        ),
    ),
    BusinessFault(
        "won deals are dated by their creation",
        _set(
            "kpi.team_performance",
            "won_value = coalesce((select sum(amount) from core.fct_opportunities where is_won "
            "and date_trunc('month', created_date) = period_start), 0)",
            "period_grain = 'month' and dimension = 'overall'",
        ),
    ),
    BusinessFault(
        "closed deals count as pipeline",
        _set(
            "funnel.pipeline_velocity", "open_count = open_count + closed", "period_grain = 'year'"
        ),
    ),
    BusinessFault(
        "tickets count once per reply",
        _set(
            "kpi.service_performance",
            "tickets = tickets * 2",
            "period_grain = 'month' and dimension = 'overall'",
        ),
    ),
    BusinessFault(
        "a customer counts once per order in the cohorts",
        _set(
            "kpi.retention_cohorts",
            "customers = customers + 1, active = active + 1",
            "months_since = 0",
        ),
    ),
)
FAULTS = (*SOURCE_FAULTS, *MODEL_FAULTS)
