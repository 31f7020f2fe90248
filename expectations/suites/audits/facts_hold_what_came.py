"""The facts hold each row that the sources delivered, once, and worth to the cent what was said.

Reads the raw tables in the work database with SQL of its own. A row that came in several versions
may be any of them: which one counts is staging's to say.
"""

from expectations.suite import Suite, never

# Each fact, the raw table it is made from, the key within a source that both have, and what says
# that a row was deleted at the source.
KEYS = (
    ("fct_orders", "shop_orders", "order_id", "false"),
    ("fct_refunds", "shop_refunds", "refund_id", "false"),
    ("fct_leads", "crm_leads", "lead_id", "is_deleted"),
    ("fct_opportunities", "crm_opportunities", "opportunity_id", "is_deleted"),
    ("fct_activities", "crm_activities", "activity_id", "false"),
    ("fct_tickets", "support_tickets", "ticket_id", "false"),
    ("fct_survey_responses", "survey_responses", "response_id", "false"),
)
# And the published amount, with the raw one that it is at the published rate.
_AMOUNTS = (
    ("fct_orders", "shop_orders", "order_id", "total", "total"),
    ("fct_refunds", "shop_refunds", "refund_id", "refunded", "amount"),
    ("fct_opportunities", "crm_opportunities", "opportunity_id", "amount", "amount"),
)

_COUNTED = " union all ".join(
    f"""
    select
        '{fact}' as fact,
        coalesce(facts.source_name, came.source_name) as source_name,
        coalesce(came.keys, 0) as came,
        coalesce(came.deleted, 0) as deleted,
        coalesce(facts.row_count, 0) as published,
        0 as other_amounts
    from (
        select
            _source as source_name,
            count(distinct trim({key})) as keys,
            count(distinct trim({key})) filter (where {is_deleted}) as deleted
        from sources.raw.{raw}
        group by _source
    ) as came
    full join (
        select source_name, count(*) as row_count from core.{fact} group by source_name
    ) as facts
        on came.source_name = facts.source_name
    """
    for fact, raw, key, is_deleted in KEYS
)
_VALUED = " union all ".join(
    f"""
    select
        '{fact}' as fact,
        source_name,
        0 as came,
        0 as deleted,
        0 as published,
        count(*) as other_amounts
    from core.{fact} as facts
    where
        {amount} is not null
        and not exists (
            select 1
            from sources.raw.{raw} as came
            where
                came._source = facts.source_name
                and trim(came.{key}) = facts.{key}
                and (came.{raw_amount}::decimal(19, 4) * facts.exchange_rate::decimal(18, 8))
                ::decimal(18, 4) = facts.{amount}
        )
    group by source_name
    """
    for fact, raw, key, amount, raw_amount in _AMOUNTS
)

SUITE = Suite(
    name="audits.facts_hold_what_came",
    table="core.fct_orders",
    read="counts",
    needs_sources=True,
    query=f"""
        with versions as (
            select
                _source as source_name,
                spend_date,
                trim(platform) as platform,
                coalesce(trim(account_id), '') as account_id,
                trim(campaign_id) as campaign_id,
                coalesce(trim(ad_group_id), '') as ad_group_id,
                coalesce(trim(ad_id), '') as ad_id,
                list(distinct spend) as amounts
            from sources.raw.ads_spend
            group by all
        )

        {_COUNTED}
        union all
        {_VALUED}
        union all
        select
            'fct_ad_spend' as fact,
            coalesce(facts.source_name, came.source_name) as source_name,
            coalesce(came.lines, 0) as came,
            0 as deleted,
            coalesce(facts.lines, 0) as published,
            coalesce(facts.other_amounts, 0) as other_amounts
        from (
            select
                spend.source_name,
                count(*) as lines,
                count(*) filter (
                    where reported_spend is not null and not list_contains(
                        list_transform(
                            amounts, lambda x:
                            (x::decimal(19, 4) * exchange_rate::decimal(18, 8))::decimal(18, 4)
                        ),
                        reported_spend
                    )
                ) as other_amounts
            from core.fct_ad_spend as spend
            left join versions
                on
                    spend.source_name = versions.source_name
                    and spend.spend_date = versions.spend_date
                    and spend.platform = versions.platform
                    and coalesce(spend.account_id, '') = versions.account_id
                    and spend.campaign_id = versions.campaign_id
                    and coalesce(spend.ad_group_id, '') = versions.ad_group_id
                    and coalesce(spend.ad_id, '') = versions.ad_id
            group by spend.source_name
        ) as facts
        full join (
            select source_name, count(*) as lines from versions group by source_name
        ) as came
            on facts.source_name = came.source_name
    """,
    expectations=(
        never(
            "published < came - deleted",
            name="nothing that came is lost",
            owner="data",
            sentence="Rows that a source delivered are missing from what is published.",
        ),
        never(
            "published > came",
            name="nothing is published that did not come",
            owner="data",
            sentence="More rows are published than the sources delivered.",
        ),
        never(
            "other_amounts > 0",
            name="amounts are those that came",
            owner="finance",
            sentence="A published amount is not what its source said at the rate of the day.",
        ),
    ),
)
