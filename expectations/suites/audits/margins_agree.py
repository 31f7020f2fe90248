"""The margin of a channel is that of its touches, and unknown where that of one of them is."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.margins_agree",
    table="attribution.channel_performance",
    read="counts",
    query="""
        with touches as (
            select
                date_trunc('month', converted_date)::date as period_start,
                channel,
                model,
                coalesce(conversion_type, 'all') as conversion_type,
                case
                    when count(attributed_margin) = count(*) then sum(attributed_margin)
                end as margin
            from attribution.attributed_touches
            group by grouping sets (
                (date_trunc('month', converted_date), channel, model, conversion_type),
                (date_trunc('month', converted_date), channel, model)
            )
        )

        select
            months.attributed_margin as shown,
            case when touches.channel is null then 0 else touches.margin end as earned
        from attribution.channel_performance as months
        left join touches
            on
                months.period_start = touches.period_start
                and months.channel = touches.channel
                and months.model = touches.model
                and months.conversion_type = touches.conversion_type
        where months.period_grain = 'month'
    """,
    expectations=(
        never(
            "shown is distinct from earned",
            owner="finance",
            sentence="A channel's margin is not that of its conversions, or hides an unknown one.",
        ),
    ),
)
