"""The weeks that a mix model and the budgets read hold what was charged, visited and sold."""

from expectations.suite import Suite, never

GIVEN = ("spend", "impressions", "clicks", "sessions")
SOLD = ("revenue", "conversions", "gross_revenue", "discount")

SUITE = Suite(
    name="audits.mix_model_agrees",
    table="attribution.mmm_weekly",
    read="counts",
    query=f"""
        with weeks as (
            select distinct week_start, week_start + interval 7 day as week_end
            from attribution.mmm_weekly
        ),

        -- By day first: visits are many, and weeks may begin on any weekday.
        days as (
            select
                spend_date as day,
                channel,
                sum(spend) as spend,
                sum(impressions) as impressions,
                sum(clicks) as clicks,
                0 as sessions
            from core.fct_ad_spend
            group by all

            union all

            select session_date, channel, 0, 0, 0, count(*)
            from core.fct_sessions
            where is_counted
            group by all
        ),

        given as (
            select
                weeks.week_start,
                days.channel,
                {", ".join(f"sum(days.{measure}) as {measure}" for measure in GIVEN)}
            from weeks
            inner join days on days.day >= weeks.week_start and days.day < weeks.week_end
            group by all
        ),

        sales as (
            select
                converted_date as day, revenue, 1 as conversions, 0 as gross_revenue, 0 as discount
            from attribution.conversion_paths
            where
                conversion_type
                in (select conversion_type from attribution.channel_performance where is_in_all)

            union all

            select order_date, 0, 0, gross_revenue, discount
            from core.fct_orders
            where is_revenue
        ),

        sold as (
            select
                weeks.week_start,
                {", ".join(f"sum(sales.{measure}) as {measure}" for measure in SOLD)}
            from weeks
            inner join sales on sales.day >= weeks.week_start and sales.day < weeks.week_end
            group by all
        )

        select
            channel,
            week_start as day,
            {" or ".join(f"coalesce(shown.{m}, 0) <> coalesce(given.{m}, 0)" for m in GIVEN)}
                as is_other_than_given,
            shown.channel is not null
            and ({" or ".join(f"shown.{m} <> coalesce(sold.{m}, 0)" for m in SOLD)})
                as is_other_than_sold
        from attribution.mmm_weekly as shown
        full join given using (week_start, channel)
        left join sold using (week_start)
    """,
    expectations=(
        never(
            "is_other_than_given",
            name="a channel has the cost and the visits of its week",
            owner="marketing",
            sentence="A mix model and the budgets would read another cost, or other visits, of a"
            " channel's week than there were.",
        ).telling("channel", "day"),
        never(
            "is_other_than_sold",
            name="a week has its sales",
            owner="finance",
            sentence="A mix model and the budgets would read other sales of a week than were made.",
        ).telling("day"),
    ),
)
