"""Relations between the published tables of two companies whose raw rows differ in a known way.

Each says how the rows differ and what that does to the figures; what it says nothing of is equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.integration.relations.companies import (
    AMOUNTS,
    Change,
    contract,
    renamed,
    replaced,
    restored,
    tunables,
)

# Identifiers of people and of what they do. What is sold and where it is advertised keep theirs.
IDENTIFIERS = frozenset((
    "anonymous_id", "user_id", "email", "session_id", "event_id",
    "customer_id", "order_id", "order_item_id", "refund_id",
    "lead_id", "opportunity_id", "activity_id", "rep_id", "owner_rep_id", "manager_rep_id",
    "ticket_id", "assignee_id", "response_id",
    "account_id", "campaign_id", "ad_group_id", "ad_id",
))  # fmt: skip
# What a company has once, however often its people come.
SHARED = frozenset({"crm_stages", "shop_products"})
# Minima of cases, which are asked for at twice as many where each is there twice.
MINIMA = (
    "churn_min_gaps",
    "funnel_friction_min_people",
    "page_min_sessions",
    "prediction_min_repeat_customers",
    "small_sample_conversions",
)
YEARS = 28


@dataclass(frozen=True)
class Apart:
    """Columns, as `table.column`, that do not follow the relation in some rows, and why."""

    columns: str
    reason: str
    where: str = "true"


@dataclass(frozen=True)
class Relation:
    """How a company's rows differ from the base's, and what that does to its figures.

    `factors` multiply what a column counts in: `count`, `money`, or `price`, which is money for one
    of something. `told` is SQL, for a column's type or name, of what the base's value must read
    there, and `read` of what the other's value is taken for, both with `{0}` for the value.
    `is_twice`: whatever has an identifier is there once more, under another one.
    """

    change: Change
    factors: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    is_twice: bool = False
    apart: tuple[Apart, ...] = ()


OF_A_PERSON = "dimension in ('rep', 'assignee')"
OLDEST_BY_KEY = (
    "of a person's oldest identifiers, seen at one instant, the one with the lowest key is current",
    "first_seen_at in (select first_seen_at from base.core.identity_keys "
    "group by first_seen_at having count(*) > 1)",
)
APART_TWICE = (
    Apart(
        "cart_abandonment.p90_hours_to_recovery funnel_conversion.p90_hours_from_previous_step "
        "page_engagement.p90_seconds_on_page service_performance.p90_first_response_hours "
        "service_performance.p90_first_response_business_hours "
        "service_performance.p90_resolution_hours "
        "service_performance.p90_resolution_business_hours",
        "a quantile is taken between two neighbours, and each has a twin now; a median's do too, "
        "on both sides of it",
    ),
    Apart(
        "markov_effects.removal_effect_lower markov_effects.removal_effect_upper "
        "funnel_friction.lost_beyond_expected_low funnel_friction.lost_beyond_expected_high "
        "satisfaction_repurchase.repurchase_rate_low satisfaction_repurchase.repurchase_rate_high",
        "twice the cases, a narrower interval",
    ),
    Apart(
        "funnel_friction.is_friction funnel_friction.is_leading funnel_friction.friction_rank "
        "funnel_friction.period_rank funnel_friction.is_worst",
        "friction is what the interval says",
    ),
    Apart(
        "funnel_friction.others_reached funnel_friction.others_pass_rate "
        "funnel_friction.others_before_pass_rate",
        "one of twice as many reps has more than twice the others",
        OF_A_PERSON,
    ),
    Apart(
        "kpi_change_drivers.base_weight kpi_change_drivers.weight kpi_change_drivers.effect "
        "kpi_change_drivers.explained_share",
        "one of twice as many reps is half as much of the whole",
        OF_A_PERSON,
    ),
    Apart(
        "kpi_change_drivers.rank rep_performance.rank_by_won_value "
        "rep_performance.rank_by_attainment",
        "a rank among twice as many",
    ),
    Apart(
        "kpi_definitions.targets",
        "twice the reps, twice their targets, but not the others'",
        "kpi_id = 'revenue'",
    ),
    Apart(
        "kpi_alerts.* kpi_scorecard.is_small_sample",
        "a rep has as many cases as before, and twice as many are asked for",
        OF_A_PERSON,
    ),
    Apart("kpi_definitions.min_sample", "what is asked for, and doubled"),
    Apart(
        "source_health.row_count source_health.rows_loaded",
        "what a company has once",
        "raw_table in ('crm_stages', 'shop_products')",
    ),
    Apart(
        "kpi_values.sample kpi_restatements.sample kpi_scorecard.sample "
        "kpi_scorecard.is_small_sample",
        "a case of spend is the day of a campaign, and the campaigns are the same",
        "kpi_id in ('campaign_roi', 'ltv_to_cac', 'roas')",
    ),
    Apart("identity_keys.rows identity_keys.row_count", *OLDEST_BY_KEY),
)


def _with(columns: frozenset[str], expression: str) -> dict[str, str]:
    """For each raw table the statement that replaces those of its columns."""
    return {
        name: replaced(
            {one: expression.format(f'"{one}"') for one in table.column_names if one in columns}
        )
        for name, table in contract().tables.items()
    }


def _times(factor: int, columns: str, condition: str = "true") -> str:
    """A seed with some numbers multiplied where the condition holds."""
    return replaced(
        {
            name: f"case when {condition} then cast({name} as decimal(18, 4)) * {factor} "
            f"else cast({name} as decimal(18, 4)) end"
            for name in columns.split()
        }
    )


def _twice() -> Relation:
    again = _with(IDENTIFIERS, renamed("{}"))
    return Relation(
        Change(
            tables={
                name: f"from given union all ({statement})"
                for name, statement in again.items()
                if name not in SHARED
            },
            seeds={
                # A rep's target is another rep's too; a sum's is twice as high.
                "kpi_targets": _times(
                    2,
                    "target_value",
                    "dimension <> 'rep' and kpi_id in ('revenue', 'new_customers')",
                )
                + " union all "
                + replaced({"segment": renamed("segment")})
                + " where dimension = 'rep'",
                "market_size": _times(2, "market_revenue"),
                "kpi_catalogue": replaced({"min_sample": "2 * min_sample::bigint"}),
            },
            vars={name: 2 * tunables()[name] for name in MINIMA},
        ),
        factors={"count": 2, "money": 2},
        read={"VARCHAR": restored("{0}")},
        is_twice=True,
        apart=APART_TWICE,
    )


def _threefold() -> Relation:
    return Relation(
        Change(
            tables=_with(AMOUNTS, "3 * {}"),
            seeds={
                "kpi_targets": _times(3, "target_value", "currency <> ''"),
                "kpi_benchmarks": _times(3, "value", "kpi_id = 'average_order_value'"),
                "market_size": _times(3, "market_revenue"),
                "corrective_actions": _times(3, "cost"),
            },
        ),
        factors={"money": 3, "price": 3},
        apart=(
            Apart(
                "kpi_change_drivers.rank",
                "between two equal effects, what is left of a rounding decides",
            ),
        ),
    )


def _rearranged() -> Relation:
    return Relation(Change(is_rearranged=True))


def _renamed_people() -> Relation:
    return Relation(
        Change(
            tables=_with(IDENTIFIERS, renamed("{}")),
            seeds={
                "kpi_targets": replaced(
                    {"segment": f"if(dimension = 'rep', {renamed('segment')}, segment)"}
                )
            },
        ),
        read={"VARCHAR": restored("{0}")},
        apart=(
            Apart("identity_keys.rows", *OLDEST_BY_KEY),
            Apart("kpi_change_drivers.rank", "of equal effects, by the reps' names", OF_A_PERSON),
        ),
    )


def _moved() -> Relation:
    """The calendar repeats after 28 years: weekdays, leap days and changes of the clock alike."""
    later = f"{{0}} + interval {YEARS} years"
    in_seed = f"cast(try_cast({{0}} as date) + interval {YEARS} years as date)"
    dated = {
        "fx_rates": "rate_date",
        "holidays": "holiday_date",
        "kpi_targets": "period_start set_on",
        "kpi_benchmarks": "period_start",
        "market_size": "period_start",
        "corrective_actions": "started_on ended_on review_on",
    }
    return Relation(
        Change(
            tables={
                name: replaced(
                    {
                        column.name: f"cast({later.format(column.name)} as {column.data_type})"
                        for column in table.columns
                        if column.data_type in ("date", "timestamp")
                    }
                )
                for name, table in contract().tables.items()
            },
            seeds={
                seed: replaced({name: in_seed.format(name) for name in columns.split()})
                for seed, columns in dated.items()
            },
            as_of="2054-06-30T22:00:00Z",
        ),
        told={
            **dict.fromkeys(("DATE", "TIMESTAMP"), later),
            **dict.fromkeys(("calendar_year", "fiscal_year", "iso_year"), f"{{0}} + {YEARS}"),
        },
        apart=(
            Apart(
                "kpi_alerts.expected",
                "fitted anew each 28 days since 1970, of which 28 years are no multiple",
                "kind = 'anomaly'",
            ),
        ),
    )


def _renamed_channels() -> Relation:
    # What no rule reaches is called so by the models.
    name = {"channel": f"case channel when 'Unassigned' then channel else {renamed('channel')} end"}
    return Relation(
        Change(seeds={"channel_rules": replaced(name), "self_reported_sources": replaced(name)}),
        read={"VARCHAR": restored("{0}")},
        apart=(
            Apart(
                "budget_reallocation.marginal_return_upper markov_effects.removal_effect_lower "
                "markov_effects.removal_effect_upper",
                "drawn by chance, one channel after the other",
            ),
            Apart(
                "kpi_change_drivers.rank",
                "of equal effects, by the channels' names",
                "dimension = 'channel'",
            ),
        ),
    )


RELATIONS = {
    "delivered twice under other identifiers": _twice(),
    "every amount three times as high": _threefold(),
    "rows in another order and in other files": _rearranged(),
    "other identifiers": _renamed_people(),
    f"everything {YEARS} years later": _moved(),
    "other names of channels": _renamed_channels(),
}
