"""Vars of `company.yaml`: each wrong one is named with its remedy before anything is read."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from orchestration.lib.company import COMPANY_KEYS, load_company
from orchestration.lib.tunables import (
    _OF_DAILY_SOURCES,
    _OF_DAYS,
    AttributionModel,
    ConversionType,
    Tunables,
    check_vars,
)
from orchestration.settings import DBT_PROJECT_DIR, SHIPPED_SEEDS_DIR
from tests.model_sql import compile_models

DECLARED: dict[str, Any] = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text())["vars"]
FRAME = "name: A\nreporting_currency: EUR\nbusiness_timezone: UTC\nvars: "
SOURCE = """tables:
  ads_spend: {location: a.csv, load: upsert}
  crm_opportunities: {location: o.csv, load: upsert}
"""
TABLES = ("shop_orders", "survey_responses")
SEEDS = {
    "funnels/funnel_steps.csv": "funnel,step\npurchase,view\npurchase,order\nsales,lead\n",
    "calendar/holidays.csv": "country,holiday_date,name\nFR,2026-01-01,x\nGB,2026-01-01,x\n",
    "channels/channel_rules.csv": "priority,channel\n10,Affiliates\n20,Paid Search\n",
}


def problems(directory: Path, said: str, seeds: dict[str, str] | None = None) -> list[str]:
    """What is wrong with these vars, without the file's name, which each sentence begins with."""
    source = directory / "company" / "shop" / "source.yaml"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    company = directory / "company" / "company.yaml"
    company.write_text(f"{FRAME}{{{said}}}\n")
    for name, text in (SEEDS if seeds is None else seeds).items():
        (directory / name).parent.mkdir(parents=True)
        (directory / name).write_text(text)
    found = check_vars(load_company(company.parent), DECLARED, directory, TABLES)
    assert all(problem.startswith(f"{company}: vars.") for problem in found)
    return [problem.removeprefix(f"{company}: vars.") for problem in found]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "attribution_lookback_days: 30, churn_gap_quantile: 0.95, budget_max_change: 1",
        "attribution_models: [markov, linear], kpi_attribution_model: markov",
        "attribution_position_parts: [1, 0, 0], attribution_counts_direct: false",
        "own_hosts: [shop.example.com, localhost, bücher.example], alert_dimensions: []",
        'revenue_order_statuses: ["paid", "déjà payé"], home_country: GB, cart_funnel: ""',
        "stale_after_days_of: {survey_responses: 200, shop_orders: 35}",
        "ended_sources: [old_shop, crm_2019]",
        "monthly_files: {shop.ads_spend: 10}",
        "budget_paid_per_sale: [Affiliates, Paid Search]",
        "stale_after_days_of: {shop.ads_spend: 25}",
        "markov_order: 3, markov_draws: 0, csat_neutral_from: 0.5, csat_satisfied_from: 0.5",
    ],
)
def test_values_that_make_sense(tmp_path: Path, said: str) -> None:
    assert problems(tmp_path, said) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("trend_period: 30", "trend_period: no model reads it; did you mean 'trend_periods'?"),
        ("reporting_currency: USD", "reporting_currency: write it as reporting_currency, above"),
        ("trend_periods: six", "trend_periods: is a text; write a whole number, such as 6."),
        ("trend_periods: 1.5", "trend_periods: is a number; write a whole number, such as 6."),
        ("trend_periods: true", "trend_periods: is true or false; write a whole number, such as 6"),
        ("rep_quota_counts: deals", 'rep_quota_counts: is a text; write a list, such as ["orders"'),
        ("attribution_counts_direct: 1", "is a whole number; write true or false, such as true."),
        ("churn_gap_quantile: many", "churn_gap_quantile: is a text; write a number, such as 0.9."),
        # Each of these would go through every model and give other figures than were meant.
        ("session_timeout_minutes: 0", "is 0; it should be greater than or equal to 1."),
        ("attribution_half_life_days: -7", "is -7; it should be greater than or equal to 1."),
        # Each of these would stop a model in the middle of the refresh.
        ("attribution_lookback_days: 99999", "is 99999; it should be less than or equal to 20000."),
        ("prediction_sample_customers: 1000000", "it should be less than 1000000."),
        ("alert_min_change: .nan", "alert_min_change: is NaN; it should be a finite number."),
        ("alert_critical_change: .inf", "is Infinity; it should be a finite number."),
        ("churn_gap_quantile: 90", "churn_gap_quantile: is 90; it should be less than 1."),
        ("nps_promoter_from: 9", "is 9; it should be less than or equal to 1."),
        ("trend_periods: 1", "it should be greater than or equal to 2."),
        ("action_min_weeks: 2", "is 2; it should be greater than or equal to 3."),
        ("markov_order: 4", "markov_order: is 4; it should be 1, 2 or 3."),
        ("attribution_reset: type", "is \"type\"; it should be 'never', 'same_type' or 'any'."),
        ("attribution_models: [lineer]", 'attribution_models: has "lineer"; it should be \'first'),
        ("attribution_all_counts: [orders]", "has \"orders\"; it should be 'order' or 'opport"),
        ("rep_quota_counts: [deal]", "has \"deal\"; it should be 'orders' or 'deals'."),
        ("rep_quota_counts: []", "is []; it should have at least 1 item, not 0."),
        ("funnel_friction_grains: [weekly]", "has \"weekly\"; it should be 'day', 'week', 'mon"),
        ("alert_dimensions: [source]", "has \"source\"; it should be 'overall', 'country', 'ch"),
        ("attribution_position_parts: [50, 50]", "it should have at least 3 items, not 2"),
        ("attribution_w_shaped_parts: [30, 30, -30, 10]", "has -30; it should be greater than or"),
        ("own_hosts: ['https://a.example']", 'has "https://a.example"; write a host alone, in'),
        ("own_hosts: [Shop.example]", "write a host alone, in lower case and without www., as s"),
        ("own_hosts: [www.shop.example]", 'has "www.shop.example"; write a host alone, in low'),
        ("revenue_order_statuses: [Paid]", 'has "Paid"; write a status in lower case, as stag'),
        ('revenue_order_statuses: ["d\'accord"]', "write it without quotes and backslashes."),
        ('ended_sources: ["Uncle Joe\'s shop"]', "write the name of a source, as web_shop"),
        (
            "stale_after_days_of: 9",
            'write names with their values, such as {"survey_responses": 200',
        ),
        (
            "own_hosts: shop.example",
            'own_hosts: is a text; write a list, such as ["shop.example.com',
        ),
        ("stale_after_days_of: {shop_orders: -1}", "has -1; it should be greater than or equal to"),
        ("stale_after_days_of: {shop_orders: 1.5}", "stale_after_days_of: has 1.5; it should be a"),
        # Values that do not fit together, to the contract or to the seeds.
        (
            "stale_after_days_of: {shop_order: 35}",
            "stale_after_days_of: 'shop_order' is not a table of the contract; did you mean 'shop",
        ),
        (
            "stale_after_days_of: {shopp.ads_spend: 35}",
            "stale_after_days_of: 'shopp.ads_spend' is no table of a source, as portal.ads_spend",
        ),
        (
            "stale_after_days_of: {shop.crm_opportunities: 35}",
            "shop.crm_opportunities: no single source of this table is waited for; say it of crm",
        ),
        (
            "monthly_files: {shopp.ads_spend: 10}",
            "monthly_files: 'shopp.ads_spend' is no table of a source, as portal.ads_spend is; did",
        ),
        ("monthly_files: {shop: 10}", "monthly_files: 'shop' is no table of a source, as portal."),
        (
            "monthly_files: {shop.crm_opportunities: 10}",
            "monthly_files: shop.crm_opportunities: no month of this table can be waited for; ",
        ),
        ("monthly_files: {shop.ads_spend: -1}", "has -1; it should be greater than or equal to 0"),
        (
            "attribution_models: [markov], budget_model: markov",
            "kpi_attribution_model: linear is none of attribution_models; add it there, or",
        ),
        ("budget_model: markov, attribution_models: [linear]", "budget_model: markov is none of"),
        ("attribution_position_parts: [0, 50, 50]", "the part of the first touch is 0; give it"),
        ("csat_neutral_from: 0.8", "csat_neutral_from: 0.8 is more than csat_satisfied_from, 0.75"),
        ("action_max_weeks: 3", "action_min_weeks: 4 is more than action_max_weeks, 3."),
        (
            "budget_min_weeks: 12",
            "budget_reference_weeks: 13 is more than budget_min_weeks, 12.",
        ),
        (
            "cart_funnel: checkout",
            'cart_funnel: is "checkout", and funnels/funnel_steps.csv has only purchase, sales; '
            'write one of these, or "" for none.',
        ),
        (
            "budget_paid_per_sale: [affiliates]",
            'is "affiliates", and channels/channel_rules.csv has only Affiliates, Paid Search; '
            "write one of these, or [] for none.",
        ),
        ("budget_paid_per_sale: Affiliates", 'is a text; write a list, such as ["Affiliates"]'),
        ("home_country: France", 'is "France", and calendar/holidays.csv has only FR, GB; wr'),
    ],
)
def test_values_that_would_change_nothing_or_not_as_meant(
    tmp_path: Path, said: str, sentence: str
) -> None:
    (problem,) = problems(tmp_path, said)
    assert sentence in problem


def test_seeds_that_are_empty_or_missing_say_nothing_of_vars(tmp_path: Path) -> None:
    empty = {"calendar/holidays.csv": "country,holiday_date,name\n"}
    assert problems(tmp_path, "home_country: FR, cart_funnel: checkout", empty) == []


def test_the_tables_that_can_come_by_the_month_are_those_whose_rows_have_a_day() -> None:
    macro = (DBT_PROJECT_DIR / "macros/core/raw_tables.sql").read_text()
    dated = set(re.findall(r"'(\w+)': \{\s+'model': '\w+',\s+'counted_on'", macro))
    assert dated - {"shop_refunds"} == _OF_DAYS
    entries = re.split(r"\n        '(?=\w+': \{)", macro)
    daily = {entry.partition("'")[0] for entry in entries if "'comes_daily'" in entry}
    assert daily == _OF_DAILY_SOURCES


def test_every_var_of_the_project_is_checked_and_its_default_makes_sense(tmp_path: Path) -> None:
    assert set(DECLARED) - set(COMPANY_KEYS) == set(Tunables.model_fields)
    company = tmp_path / "company.yaml"
    company.write_text(f"{FRAME}{{}}\n")
    (tmp_path / "source.yaml").write_text(f"source: shop\n{SOURCE}")
    assert check_vars(load_company(tmp_path), DECLARED, SHIPPED_SEEDS_DIR, TABLES) == []


@pytest.mark.parametrize(
    ("file", "words", "known"),
    [
        ("attribution_models", r"set known = \[(.*?)\]", get_args(AttributionModel)),
        ("conversion_types", r"return\(\[(.*?)\]\)", get_args(ConversionType)),
    ],
)
def test_the_words_for_attribution_are_those_of_the_macros(
    file: str, words: str, known: tuple[str, ...]
) -> None:
    macro = (DBT_PROJECT_DIR / "macros" / "attribution" / f"{file}.sql").read_text()
    found = re.search(words, macro, re.DOTALL)
    assert found is not None
    assert tuple(re.findall(r"'(\w+)'", found[1])) == known


def test_every_model_compiles_whatever_the_company_says() -> None:
    """dbt finds dependencies once, with the shipped vars: what others need has to be hinted."""
    others = {
        "attribution_counts_direct": False,
        "attribution_counts_later_touches": False,
        "attribution_models": ["last_touch"],
        "attribution_reset": "any",
        "campaign_change_is_touch": False,
        "ended_sources": ["old_shop"],
        "funnel_friction_grains": ["day"],
        "markov_order": 3,
        "monthly_files": {f"some.{table}": 5 for table in sorted(_OF_DAYS)},
        "rep_quota_counts": ["deals"],
        "stale_after_days_of": {"shop_orders": 30, "some.ads_spend": 20},
        "week_starts_on": 7,
    }
    models = sorted(path.stem for path in (DBT_PROJECT_DIR / "models").rglob("*.sql"))
    assert sorted(compile_models(models, others)) == models
