"""Channel figures are those of the touches, the ads and the visits they are made from."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.channels_add_up",
    table="attribution.channel_performance",
    read="counts",
    query="""
        with months as (
            select
                model,
                conversion_type,
                sum(attributed_revenue) as attributed_revenue,
                sum(refunded) as refunded,
                sum(spend) as spend,
                sum(sessions) as sessions
            from attribution.channel_performance
            where period_grain = 'month'
            group by model, conversion_type
        ),

        touches as (
            select
                model,
                coalesce(conversion_type, 'all') as conversion_type,
                sum(attributed_revenue) as attributed_revenue
            from attribution.attributed_touches
            group by grouping sets ((model, conversion_type), (model))
        )

        select
            coalesce(months.attributed_revenue, 0) as channel_revenue,
            coalesce(touches.attributed_revenue, 0) as touch_revenue,
            months.refunded as channel_refunded,
            case
                when months.conversion_type = 'opportunity' then 0
                else (select coalesce(sum(refunded), 0) from core.fct_refunds where is_revenue)
            end
            + case
                when months.conversion_type = 'order' then 0
                else (
                    select coalesce(sum(revenue), 0)
                    from attribution.conversion_paths
                    where reversed_date is not null
                )
            end as refunded,
            months.spend as channel_spend,
            (select sum(spend) from core.fct_ad_spend) as ad_spend,
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
