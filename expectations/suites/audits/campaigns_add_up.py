"""The campaigns of a channel are the channel, and their cost is what the platforms charged."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.campaigns_add_up",
    table="attribution.campaign_performance",
    read="counts",
    query="""
        with campaigns as (
            select
                period_start,
                channel,
                model,
                conversion_type,
                sum(sessions) as sessions,
                sum(leads) as leads,
                sum(conversions) as conversions,
                sum(attributed_revenue) as attributed_revenue,
                sum(refunded) as refunded
            from attribution.campaign_performance
            where period_grain = 'month' and conversion_type = 'all'
            group by period_start, channel, model, conversion_type
        ),

        charged as (
            select
                date_trunc('month', spend_date)::date as period_start,
                channel,
                campaign,
                sum(spend) as spend
            from core.fct_ad_spend
            group by all
        ),

        shown as (
            select period_start, channel, campaign, model, spend
            from attribution.campaign_performance
            where period_grain = 'month' and conversion_type = 'all'
        )

        select
            (
                campaigns.sessions, campaigns.leads, campaigns.conversions,
                campaigns.attributed_revenue, campaigns.refunded
            ) is distinct from (
                channels.sessions, channels.leads, channels.conversions,
                channels.attributed_revenue, channels.refunded
            ) as is_other_than_channel,
            false as is_other_than_charged
        from (
            select * from attribution.channel_performance
            where period_grain = 'month' and conversion_type = 'all'
        ) as channels
        full join campaigns using (period_start, channel, model, conversion_type)

        union all

        select
            false as is_other_than_channel,
            coalesce(shown.spend, 0) <> coalesce(charged.spend, 0) as is_other_than_charged
        from (
            select charged.*, models.model
            from charged
            cross join (select distinct model from attribution.campaign_performance) as models
        ) as charged
        full join shown using (period_start, channel, campaign, model)
    """,
    expectations=(
        never(
            "is_other_than_channel",
            name="campaigns add up to their channel",
            owner="marketing",
            sentence="The figures of a channel are not those of its campaigns.",
        ),
        never(
            "is_other_than_charged",
            name="the cost of a campaign is what was charged",
            owner="finance",
            sentence="What a campaign cost in a month is not what the platforms charged for it.",
        ),
    ),
)
