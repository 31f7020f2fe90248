"""The campaigns of a channel are the channel, and their cost is what the platforms charged."""

from expectations.suite import Suite, never
from expectations.suites.attribution.channel_performance import SUMS

# The margin has a rule of its own below; both tables' suites hold total costs to their parts.
MEASURES = tuple(name for name in SUMS if name not in ("attributed_margin", "total_costs"))

SUITE = Suite(
    name="audits.campaigns_add_up",
    table="attribution.campaign_performance",
    read="counts",
    query=f"""
        with campaigns as (
            select
                period_start,
                channel,
                model,
                conversion_type,
                {", ".join(f"sum({measure}) as {measure}" for measure in MEASURES)},
                sum(attributed_margin) as attributed_margin
            from attribution.campaign_performance
            where period_grain = 'month' and conversion_type = 'all'
            group by period_start, channel, model, conversion_type
        ),

        charged as (
            select
                date_trunc('month', spend_date)::date as period_start,
                channel,
                campaign,
                sum(impressions) as impressions,
                sum(clicks) as clicks,
                sum(spend) as spend
            from core.fct_ad_spend
            group by all
        ),

        shown as (
            select period_start, channel, campaign, model, impressions, clicks, spend
            from attribution.campaign_performance
            where period_grain = 'month' and conversion_type = 'all'
        )

        -- One campaign of unknown margin leaves that of its channel unknown.
        select
            ({", ".join(f"campaigns.{measure}" for measure in MEASURES)})
            is distinct from ({", ".join(f"channels.{measure}" for measure in MEASURES)})
            or coalesce(campaigns.attributed_margin <> channels.attributed_margin, false)
                as is_other_than_channel,
            false as is_other_than_charged
        from (
            select * from attribution.channel_performance
            where period_grain = 'month' and conversion_type = 'all'
        ) as channels
        full join campaigns using (period_start, channel, model, conversion_type)

        union all

        select
            false as is_other_than_channel,
            coalesce(shown.spend, 0) <> coalesce(charged.spend, 0)
            or coalesce(shown.impressions, 0) <> coalesce(charged.impressions, 0)
            or coalesce(shown.clicks, 0) <> coalesce(charged.clicks, 0) as is_other_than_charged
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
            sentence="A campaign's cost, views or clicks of a month are not those of its ads.",
        ),
    ),
)
