"""The pipeline of now is the deals that are open now, along every dimension."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.pipeline_agrees",
    table="funnel.pipeline_velocity",
    read="counts",
    query="""
        with shown as (
            select dimension, sum(open_count) as deals, sum(open_value) as value
            from funnel.pipeline_velocity
            where period_grain = 'year'
            group by dimension, period_start
            qualify period_start = max(period_start) over ()
        )

        -- A dimension may be missing as a whole.
        select
            coalesce(shown.deals, 0) as shown,
            coalesce(shown.value, 0) as value_shown,
            (
                select count(*)
                from funnel.pipeline_stages
                where outcome = 'open'
            ) as deals,
            (
                select coalesce(sum(amount), 0)
                from funnel.pipeline_stages
                where outcome = 'open'
            ) as value
        from unnest(['overall', 'team', 'rep']) as dimensions (dimension)
        left join shown using (dimension)
    """,
    expectations=(
        never(
            "shown <> deals",
            owner="sales",
            sentence="The pipeline holds more or fewer deals than are open.",
        ),
        never(
            "value_shown <> value",
            owner="sales",
            sentence="The pipeline is worth more or less than the open deals.",
        ),
    ),
)
