"""The pipeline of now is the deals that are open now; at any time teams and reps share it."""

from expectations.suite import Suite, never

FIGURES = (
    *("open_count", "open_value", "weighted_value"),
    *("won", "closed", "won_value", "won_cycle_days"),
)
SUMS = ", ".join(f"sum({figure})::decimal(38, 4)" for figure in FIGURES)
NOTHING = ", ".join("0::decimal(38, 4)" for _ in FIGURES)

SUITE = Suite(
    name="audits.pipeline_agrees",
    table="funnel.pipeline_velocity",
    read="counts",
    query=f"""
        with shown as (
            select
                period_grain,
                period_start,
                dimension,
                sum(open_count) as deals,
                sum(open_value) as value,
                sum(weighted_value) as weighted,
                [{SUMS}] as figures
            from funnel.pipeline_velocity
            group by period_grain, period_start, dimension
        ),

        -- A dimension may be missing as a whole, and so may be the table.
        periods as (
            select
                period_grain,
                period_start,
                period_grain = 'year'
                and period_start = max(period_start) over (partition by period_grain) as is_latest,
                max(figures) filter (where dimension = 'overall') as figures
            from shown
            group by period_grain, period_start
            union all
            select 'none', null, true, null
            where not exists (select 1 from shown)
        )

        select
            case when periods.is_latest then coalesce(shown.deals, 0) end as shown,
            case when periods.is_latest then coalesce(shown.value, 0) end as value_shown,
            case when periods.is_latest then coalesce(shown.weighted, 0) end as weighted_shown,
            coalesce(shown.figures, [{NOTHING}]) as figures_shown,
            coalesce(periods.figures, [{NOTHING}]) as figures,
            (
                select count(*)
                from funnel.pipeline_stages
                where outcome = 'open'
            ) as deals,
            (
                select coalesce(sum(amount), 0)
                from funnel.pipeline_stages
                where outcome = 'open'
            ) as value,
            (
                select coalesce(sum(amount * probability), 0)
                from funnel.pipeline_stages
                where outcome = 'open'
            ) as weighted
        from periods
        cross join unnest(['overall', 'team', 'rep']) as dimensions (dimension)
        left join shown using (period_grain, period_start, dimension)
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
        never(
            # Each deal is rounded by itself.
            "abs(weighted_shown - weighted) > 0.0001 * (deals + 1)",
            name="the weighted value is that of the open deals",
            owner="sales",
            sentence="The pipeline weighted by its stages is not that of the open deals.",
        ).as_warning(),
        never(
            "figures_shown <> figures",
            owner="sales",
            sentence="The pipeline of a period is not that of its teams, or reps, together.",
        ),
    ),
)
