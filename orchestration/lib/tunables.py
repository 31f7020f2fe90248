"""What a company may set its tunables to.

What each of them means, and its default, stands beside the `vars` of `dbt_project.yml`; this says
which values make sense, so that a wrong one is refused before anything is read. A test holds both
lists together.
"""

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.lib.company import COMPANY_KEYS, Company, VarValue
from orchestration.lib.contract import did_you_mean
from orchestration.lib.periods import Grain
from orchestration.lib.seed_checks.kpis import Dimension

AttributionModel = Literal[
    "first_touch", "last_touch", "last_non_direct", "linear", "position_based", "w_shaped",
    "time_decay", "equal_channel", "markov",
]  # fmt: skip
ConversionType = Literal["order", "opportunity"]


def _quotable(value: str) -> str:
    # The models write texts between single quotes.
    if "'" in value or "\\" in value:
        raise ValueError("write it without quotes and backslashes")
    return value


def _status(value: str) -> str:
    if not value.strip() or value != value.strip().lower():
        raise ValueError("write a status in lower case, as staging has it")
    return _quotable(value)


def _host(value: str) -> str:
    is_host = re.fullmatch(r"[^\s/:?#@]+", value) and value == value.lower()
    if not is_host or value.startswith("www."):
        raise ValueError("write a host alone, in lower case and without www., as shop.example.com")
    return _quotable(value)


def _source(value: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]*", value):
        raise ValueError("write the name of a source, as web_shop")
    return value


# More days than these, as seconds, leave 32 bits.
_MOST = 20_000
Count = Annotated[int, Field(ge=0, le=_MOST)]
Positive = Annotated[int, Field(ge=1, le=_MOST)]
# Of people and the like; DuckDB takes the first of a group by fewer than a million.
Many = Annotated[int, Field(ge=1, lt=1_000_000)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, AfterValidator(_quotable)]
Status = Annotated[str, AfterValidator(_status)]
Host = Annotated[str, AfterValidator(_host)]
SourceName = Annotated[str, AfterValidator(_source)]


class Tunables(BaseModel):
    """The vars of one company, its own over the defaults."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    fiscal_year_starts_in: Annotated[int, Field(ge=1, le=12)]
    week_starts_on: Annotated[int, Field(ge=1, le=7)]
    session_timeout_minutes: Positive
    campaign_change_is_touch: bool
    bot_events_per_minute: Many
    long_session_hours: Positive
    last_non_direct_lookback_days: Count
    identity_max_people: Many
    identity_max_browsers: Many
    own_hosts: list[Host]
    revenue_order_statuses: Annotated[list[Status], Field(min_length=1)]
    attribution_models: Annotated[list[AttributionModel], Field(min_length=1)]
    attribution_lookback_days: Positive
    attribution_reset: Literal["never", "same_type", "any"]
    attribution_all_counts: Annotated[list[ConversionType], Field(min_length=1)]
    attribution_counts_direct: bool
    attribution_counts_later_touches: bool
    attribution_half_life_days: Positive
    attribution_position_parts: Annotated[list[Count], Field(min_length=3, max_length=3)]
    attribution_w_shaped_parts: Annotated[list[Count], Field(min_length=4, max_length=4)]
    markov_order: Literal[1, 2, 3]
    markov_draws: Count
    budget_model: AttributionModel
    budget_min_weeks: Positive
    budget_reference_weeks: Positive
    budget_min_variation: NotNegative
    budget_max_change: Annotated[float, Field(gt=0, le=1)]
    budget_draws: Positive
    budget_paid_per_sale: list[Text]
    kpi_attribution_model: AttributionModel
    small_sample_conversions: Count
    stale_rate_days: Count
    csat_satisfied_from: Share
    csat_neutral_from: Share
    nps_promoter_from: Share
    nps_passive_from: Share
    lead_conversion_window_days: Positive
    ticket_maturity_days: Count
    home_country: Text
    repurchase_window_days: Positive
    retention_window_days: Positive
    churn_gap_quantile: Annotated[float, Field(gt=0, lt=1)]
    churn_min_own_gaps: Positive
    churn_min_gaps: Positive
    prediction_horizon_days: Positive
    prediction_min_repeat_customers: Many
    prediction_sample_customers: Many
    velocity_window_days: Positive
    rep_quota_counts: Annotated[list[Literal["orders", "deals"]], Field(min_length=1)]
    stale_after_days: Count
    stale_after_days_of: dict[str, Count]
    monthly_files: dict[str, Count]
    silent_source_days: Count
    ended_sources: list[SourceName]
    funnel_try_days: Positive
    funnel_friction_grains: Annotated[list[Grain], Field(min_length=1)]
    funnel_friction_history_periods: Positive
    funnel_friction_min_people: Many
    funnel_friction_z: Annotated[float, Field(gt=0)]
    funnel_value_days: Positive
    cart_funnel: Text
    cart_window_days: Positive
    page_min_sessions: Many
    target_history_months: Positive
    target_history_min_periods: Positive
    target_history_margin: NotNegative
    trend_periods: Annotated[int, Field(ge=2)]
    trend_flat_tolerance: NotNegative
    alert_dimensions: list[Dimension]
    alert_window_days: Positive
    alert_history_days: Positive
    alert_false_alarms_a_year: Annotated[float, Field(gt=0)]
    alert_min_change: NotNegative
    alert_critical_change: NotNegative
    alert_pace_min_elapsed: Share
    action_min_weeks: Annotated[int, Field(ge=3)]
    action_max_weeks: Positive
    explained_days: Positive
    explained_weeks: Positive

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for name in ("kpi_attribution_model", "budget_model"):
            if getattr(self, name) not in self.attribution_models:
                raise ValueError(
                    f"{name}: {getattr(self, name)} is none of attribution_models; add it there, "
                    "or choose another"
                )
        for name in ("attribution_position_parts", "attribution_w_shaped_parts"):
            if getattr(self, name)[0] == 0:
                raise ValueError(f"{name}: the part of the first touch is 0; give it one")
        for low, high in (
            ("csat_neutral_from", "csat_satisfied_from"),
            ("nps_passive_from", "nps_promoter_from"),
            ("alert_min_change", "alert_critical_change"),
            ("action_min_weeks", "action_max_weeks"),
            ("budget_reference_weeks", "budget_min_weeks"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(
                    f"{low}: {getattr(self, low)} is more than {high}, {getattr(self, high)}"
                )
        return self


# Vars that name something of a seed: its file, and the column with the names.
_NAMED_IN = {
    "cart_funnel": ("funnels/funnel_steps.csv", "funnel"),
    "home_country": ("calendar/holidays.csv", "country"),
    "budget_paid_per_sale": ("channels/channel_rules.csv", "channel"),
}


# What to write where the default is nothing.
_EXAMPLES = {
    "own_hosts": ["shop.example.com"],
    "stale_after_days_of": {"survey_responses": 200},
    "monthly_files": {"portal.ads_spend": 10},
    "ended_sources": ["old_shop"],
    "budget_paid_per_sale": ["Affiliates"],
}


# The raw tables whose rows tell by themselves on which day they count, and which can be waited for:
# a month without a refund is none that is late.
_OF_DAYS = frozenset(
    {
        "web_events", "web_sessions", "ads_spend", "crm_leads", "crm_activities",
        "crm_campaign_members", "shop_orders", "support_tickets", "survey_responses",
    }
)  # fmt: skip

# Those of which some sources bring rows every day, so that each source is waited for by itself.
_OF_DAILY_SOURCES = _OF_DAYS - {"crm_activities", "crm_campaign_members", "survey_responses"}


def check_vars(
    company: Company, declared: Mapping[str, Any], seeds: Path, tables: Collection[str]
) -> list[str]:
    """A sentence for each of the company's vars that no model reads or that makes no sense.

    `declared`: the vars of the dbt project with their defaults. `seeds`: the merged seeds, and
    `tables`: the raw ones, some of which vars name. What `company.yaml` says by a key of its own is
    no var of it.
    """
    path = company.directory / "company.yaml"
    problems = []
    for name, value in company.vars.items():
        if name in COMPANY_KEYS:
            problems.append(f"{path}: vars.{name}: write it as {name}, above vars.")
        elif name not in declared:
            problems.append(f"{path}: vars.{name}: no model reads it{did_you_mean(name, declared)}")
        elif _kind(value) != _kind(declared[name]) and not (
            type(value) is int and type(declared[name]) is float
        ):
            problems.append(
                f"{path}: vars.{name}: is {_kind(value)}; write {_kind(declared[name])}, such as "
                f"{json.dumps(declared[name] or _EXAMPLES.get(name, declared[name]))}."
            )
    if problems:
        return problems
    values = {**declared, **company.vars}
    delivered = [f"{known.source}.{table}" for known in company.sources for table in known.tables]
    found = _value_problems(values, seeds, tables, delivered)
    return [f"{path}: vars.{problem}" for problem in found]


def _kind(value: VarValue) -> str:
    kinds = {
        bool: "true or false", int: "a whole number", float: "a number", list: "a list",
        dict: "names with their values",
    }  # fmt: skip
    return kinds.get(type(value), "a text")


def _value_problems(
    values: Mapping[str, Any], seeds: Path, tables: Collection[str], delivered: Collection[str]
) -> Iterator[str]:
    """A sentence, which begins with the var's name, for each value that makes no sense.

    `values`: every var, of the kind that it has in `dbt_project.yml`. `seeds`: the merged seeds.
    `tables`: the raw tables, `delivered`: those of each source, as `portal.ads_spend`.
    """
    try:
        Tunables.model_validate(dict(values))
    except ValidationError as error:
        for fault in error.errors():
            yield _sentence(fault)
    for name in values["stale_after_days_of"]:
        _, dot, table = name.rpartition(".")
        if not dot and name not in tables:
            hint = did_you_mean(name, tables)
            yield f"stale_after_days_of: {name!r} is not a table of the contract{hint}"
        elif dot and name not in delivered:
            hint = did_you_mean(name, delivered)
            yield (
                f"stale_after_days_of: {name!r} is no table of a source, as portal.ads_spend "
                f"is{hint}"
            )
        elif dot and table not in _OF_DAILY_SOURCES:
            yield (
                f"stale_after_days_of: {name}: no single source of this table is waited for; say "
                f"it of {table}."
            )
    for name in values["monthly_files"]:
        if name not in delivered:
            hint = did_you_mean(name, delivered)
            yield f"monthly_files: {name!r} is no table of a source, as portal.ads_spend is{hint}"
        elif name.partition(".")[2] not in _OF_DAYS:
            yield (
                f"monthly_files: {name}: no month of this table can be waited for; those of "
                f"{', '.join(sorted(_OF_DAYS))} can. Say in stale_after_days_of how long it may be "
                "silent."
            )
    yield from _unknown_names(values, seeds)


def _unknown_names(values: Mapping[str, Any], seeds: Path) -> Iterator[str]:
    for name, (file, column) in _NAMED_IN.items():
        known = _names(seeds / file, column)
        value = values[name]
        for said in value if isinstance(value, list) else [value]:
            # What is no text is told above.
            if isinstance(said, str) and said and known and said not in known:
                yield (
                    f"{name}: is {json.dumps(said)}, and {file} has only "
                    f"{', '.join(sorted(known))}; write one of these, or "
                    f"{json.dumps(type(value)())} for none."
                )


def _sentence(fault: Mapping[str, Any]) -> str:
    if not fault["loc"]:
        return f"{fault['msg'].removeprefix('Value error, ')}."
    message = fault["msg"].removeprefix("Value error, ").replace(" after validation", "")
    rule = re.sub("^(Input|List) should", "it should", message)
    given = json.dumps(fault["input"], ensure_ascii=False)
    verb = "has" if len(fault["loc"]) > 1 else "is"
    return f"{fault['loc'][0]}: {verb} {given}; {rule}."


def _names(file: Path, column: str) -> set[str]:
    """The values of a column; none where the file cannot be read, which its own check tells."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return {row[column] for row in csv.DictReader(lines) if row.get(column)}
    except (OSError, UnicodeDecodeError, csv.Error):
        return set()
