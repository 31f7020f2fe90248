"""What each published column counts in, and by what a row is known in two companies.

A whole number counts, a decimal is money and a floating-point number a rate, unless it is named
below; a text, a date and a yes or no are what they are.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

from orchestration.settings import SHIPPED_SEEDS_DIR

# Keys are made from identifiers: other identifiers, other keys.
OPAQUE = "(.*_key|touch_id|alert_id)"

# Rows about one thing that has an identifier, and what they are known by; an amount of such a row
# is the thing's own, however many of it there are.
THINGS = {
    "attribution.attributed_touches": "conversion_type conversion_id model position",
    "attribution.conversion_paths": "source_name conversion_type conversion_id",
    "core.dim_customers": "customer_id",
    "core.dim_sales_reps": "source_name rep_id valid_from",
    "core.fct_activities": "source_name activity_id",
    "core.fct_ad_spend": (
        "source_name spend_date platform account_id campaign_id ad_group_id ad_id"
    ),
    "core.fct_lead_history": "source_name lead_id change_number",
    "core.fct_leads": "source_name lead_id",
    "core.fct_opportunities": "source_name opportunity_id",
    "core.fct_opportunity_history": "source_name opportunity_id change_number",
    "core.fct_order_items": "source_name order_item_id",
    "core.fct_orders": "source_name order_id",
    "core.fct_refunds": "source_name refund_id",
    "core.fct_survey_responses": "source_name response_id",
    "core.fct_tickets": "source_name ticket_id",
    "funnel.pipeline_stages": "source_name opportunity_id visit_number",
    "kpi.customer_value": "customer_id",
}
# Rows that are known by a key alone: counted, by all that they say but amounts.
COUNTED = frozenset(
    {
        "core.fct_refund_items",
        "core.fct_sessions",
        "core.identity_conflicts",
        "core.identity_keys",
    }
)
# Others that are known by something else than the key that dbt tests.
KNOWN_BY = {
    "core.dim_products": "source_name product_id",
    "kpi.kpi_alerts": "kind kpi_id measure dimension segment period_grain first_seen",
}

_NAMED = {
    "count": """
        attributed_conversions conversions new_customers platform_conversions
        lost_beyond_expected lost_beyond_expected_low lost_beyond_expected_high
        units_sold won_cycle_days
    """,
    "money": "velocity",
    "price": """
        average_conversion_value cac cpc cpl cpm cost cost_reporting cost_per_customer cost_per_lead
        cost_per_mql cumulative_margin_per_customer cumulative_revenue_per_customer
        expected_purchase_value listed_cost total_cac total_cost_per_customer total_cost_per_lead
        total_cost_per_mql unit_cost unit_price value_per_deal
    """,
    "rate": """
        benchmark_rank calendar_year change_number channel_count competitors credit
        day_count day_of_month duration_minutes exchange_rate fiscal_year friction_rank
        holiday_countries holidays iso_week iso_weekday iso_year lost_targets
        markov_order min_sample month_of_year months_since path_length period_rank
        platform_count position quantity quarter_of_year rank rank_by_attainment
        rank_by_won_value scale_max scale_min score series statement_number step_number
        targets unrealistic_targets visit_number web_days_lost weeks window_number
    """,
    # What the KPI of the row counts in, or its numerator, its denominator.
    "kpi": """
        absolute_effect after_value base_value before_value benchmark_value
        change_on_last_year change_on_previous change_since_first change_since_previous
        control_after_value control_before_value effect expected expected_lower
        expected_upper first_stated_value last_year_value observed previous_value
        realistic_high realistic_low running_target_value target_gap target_value
        unrealistic_target value value_to_date
    """,
    # The undivided KPI, in a row of a segment.
    "whole": "base_kpi_value change kpi_value",
    "numerator": "base_numerator numerator",
    "denominator": "base_denominator denominator",
}
_UNITS = {name: unit for unit, names in _NAMED.items() for name in names.split()}
# Where a name means something else in one table.
_IN_TABLE = {
    "action_follow_up.effect": "rate",
    "kpi_alerts.expected": "measure",
    "kpi_alerts.expected_lower": "measure",
    "kpi_alerts.expected_upper": "measure",
    "kpi_alerts.observed": "measure",
    "kpi_driver_tree.base_driver_value": "driver",
    "kpi_driver_tree.driver_value": "driver",
    "kpi_driver_tree.base_numerator": "driver numerator",
    "kpi_driver_tree.numerator": "driver numerator",
    "kpi_driver_tree.base_denominator": "count",
    "kpi_driver_tree.denominator": "count",
    "kpi_driver_tree.effect": "money",
}

_MONEY = frozenset((
    "attributed_profit", "attributed_revenue", "costed_revenue", "customer_revenue",
    "expected_wins", "lifetime_margin", "margin", "market_revenue", "marketing_cost", "net_revenue",
    "new_customer_value", "opening_pipeline", "order_revenue", "quota", "quota_attained",
    "refunded", "revenue_target", "spend", "won_amount",
))  # fmt: skip
_PRICES = frozenset({"acquisition_cost", "monthly_customer_margin"})
_RATES = frozenset({"mean_cycle_days", "median_first_response_hours", "median_resolution_hours"})
_DRIVERS = {
    "count": ("leads", "orders", "sessions", "won_deals"),
    "money": ("refunds",),
    "price": ("deal_size", "order_value"),
    "rate": ("conversion", "win_rate"),
}


def unit(table: str, column: str, data_type: str) -> str:
    """What a column counts in; `kpi`, `numerator` and `denominator` depend on the row's KPI."""
    named = _IN_TABLE.get(f"{table.partition('.')[2]}.{column}") or _UNITS.get(column)
    if named:
        return named
    if data_type == "BIGINT":
        return "count"
    return "money" if data_type.startswith("DECIMAL") else "rate"


def factor(unit: str, factors: Mapping[str, int]) -> str:
    """SQL of what a value of that unit is multiplied by."""
    if unit == "driver":
        return _case("driver", {d: u for u, named in _DRIVERS.items() for d in named}, factors)
    if unit == "driver numerator":
        money = {d: "money" for u in ("money", "price") for d in _DRIVERS[u]}
        counts = {d: "count" for u in ("count", "rate") for d in _DRIVERS[u]}
        return _case("driver", money | counts, factors)
    if unit == "measure":
        whole, numerator = (factor(one, factors) for one in ("kpi", "numerator"))
        return f"case measure when 'value' then {whole} when 'numerator' then {numerator} end"
    if unit == "whole":
        return factor("kpi", factors)
    if unit in ("kpi", "numerator", "denominator"):
        return _case("kpi_id", _kpi_units(unit), factors)
    return str(factors.get(unit, 1))


def _case(column: str, units: Mapping[str, str], factors: Mapping[str, int]) -> str:
    whens = " ".join(f"when '{key}' then {factors.get(of, 1)}" for key, of in units.items())
    return f"case {column} {whens} end"


def _kpi_units(part: str) -> dict[str, str]:
    with next(SHIPPED_SEEDS_DIR.rglob("kpi_catalogue.csv")).open(encoding="utf-8") as lines:
        return {row["kpi_id"]: _kpi_unit(row, part) for row in csv.DictReader(lines)}


def _kpi_unit(kpi: Mapping[str, str], part: str) -> str:
    if part != "kpi":
        return _component_unit(kpi[part])
    if not kpi["denominator"]:
        return _component_unit(kpi["numerator"])
    if kpi["unit"] != "currency":
        return "rate"
    is_price = _component_unit(kpi["denominator"]) == "count"
    return "price" if is_price else "money"


def _component_unit(component: str) -> str:
    if component in _MONEY:
        return "money"
    if component in _PRICES:
        return "price"
    return "rate" if component in _RATES else "count"
