"""The margin of a channel is that of its touches, and unknown where that of one of them is."""

from expectations.suite import Suite, never
from expectations.suites.audits.channels_add_up import TYPES

SUITE = Suite(
    name="audits.margins_agree",
    table="attribution.channel_performance",
    read="counts",
    query=f"""
        with {TYPES},

        touches as (
            select
                date_trunc('month', touches.converted_date)::date as period_start,
                touches.channel,
                touches.model,
                types.shown_as as conversion_type,
                -- What cutting left over on a touch that has no share is no conversion.
                case
                    when count(*) filter (
                        where touches.attributed_margin is null and touches.credit <> 0
                    ) = 0
                        then coalesce(sum(touches.attributed_margin), 0)
                end as margin
            from attribution.attributed_touches as touches
            inner join types on touches.conversion_type = types.conversion_type
            group by all
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
