"""Channel figures are those of the touches, the ads and the visits they are made from."""

from expectations.suite import Suite, never

# Each type of conversion under itself and, where it is added up, under `all`.
TYPES = """
    types as (
        select conversion_type, conversion_type as shown_as from attribution.channel_performance
        union
        select conversion_type, 'all' from attribution.channel_performance where is_in_all
    )
"""

SUITE = Suite(
    name="audits.channels_add_up",
    table="attribution.channel_performance",
    read="counts",
    query=f"""
        with months as (
            select
                model,
                conversion_type,
                sum(attributed_revenue) as attributed_revenue,
                coalesce(sum(refunded), 0) as refunded,
                coalesce(sum(spend), 0) as spend,
                coalesce(sum(sessions), 0) as sessions
            from attribution.channel_performance
            where period_grain = 'month'
            group by model, conversion_type
        ),

        {TYPES},

        touches as (
            select
                touches.model,
                coalesce(types.shown_as, touches.conversion_type) as conversion_type,
                sum(touches.attributed_revenue) as attributed_revenue
            from attribution.attributed_touches as touches
            left join types on touches.conversion_type = types.conversion_type
            group by all
        ),

        -- What takes revenue back from conversions of a type.
        reversed as (
            select 'order' as conversion_type, sum(refunded) as refunded
            from core.fct_refunds
            where is_revenue

            union all

            select 'opportunity', sum(revenue)
            from attribution.conversion_paths
            where reversed_date is not null
        )

        select
            coalesce(months.attributed_revenue, 0) as channel_revenue,
            coalesce(touches.attributed_revenue, 0) as touch_revenue,
            months.refunded as channel_refunded,
            (
                select coalesce(sum(reversed.refunded), 0)
                from reversed
                inner join types on reversed.conversion_type = types.conversion_type
                where types.shown_as = months.conversion_type
            ) as refunded,
            months.spend as channel_spend,
            (select coalesce(sum(spend), 0) from core.fct_ad_spend) as ad_spend,
            months.sessions as channel_sessions,
            (select count(*) from core.fct_sessions where is_counted) as sessions
        from months
        full join touches
            on months.model = touches.model and months.conversion_type = touches.conversion_type
    """,
    expectations=(
        never(
            "channel_revenue <> touch_revenue",
            owner="marketing",
            sentence="The revenue of all channels is not the revenue attributed to touches.",
        ),
        never(
            "channel_refunded <> refunded",
            owner="finance",
            sentence="The refunds of all channels are not what refunds and lost deals take back.",
        ),
        never(
            "channel_spend <> ad_spend",
            owner="finance",
            sentence="The cost of all channels is not what was spent on advertising.",
        ),
        never(
            "channel_sessions <> sessions",
            owner="digital",
            sentence="The visits of all channels are not the visits that took place.",
        ),
    ),
)
