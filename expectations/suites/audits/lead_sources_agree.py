"""Every level of the lead sources holds the leads that came in and what was spent, once."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.lead_sources_agree",
    table="funnel.lead_sources",
    read="counts",
    query="""
        with levels as (
            -- A level may be missing as a whole.
            select
                levels.level,
                coalesce(sum(shown.leads), 0) as leads,
                coalesce(sum(shown.spend), 0) as spend,
                coalesce(sum(shown.revenue), 0) as revenue
            from unnest(['overall', 'channel', 'campaign']) as levels (level)
            left join funnel.lead_sources as shown
                on levels.level = shown.level and shown.period_grain = 'month'
            group by levels.level
        )

        select
            levels.leads as leads_shown,
            (select count(*) from core.fct_leads) as leads,
            levels.spend as spend_shown,
            (select coalesce(sum(spend), 0) from core.fct_ad_spend) as spend,
            levels.revenue as revenue_shown,
            (
                select coalesce(sum(deals.amount), 0)
                from core.fct_opportunities as deals
                join core.fct_leads as leads
                    on
                        deals.lead_key = leads.lead_key
                        and deals.created_date >= leads.created_date
                where deals.is_won
            ) as revenue
        from levels
    """,
    expectations=(
        never(
            "leads_shown <> leads",
            owner="marketing",
            sentence="The sources of leads do not hold the leads that came in.",
        ),
        never(
            "spend_shown <> spend",
            owner="finance",
            sentence="The cost of leads is not what was spent on advertising.",
        ),
        never(
            "revenue_shown <> revenue",
            owner="finance",
            sentence="The revenue of lead sources is not that of the deals the leads led to.",
        ),
    ),
)
