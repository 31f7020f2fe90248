"""The days of a month, a quarter and a year add up to it, for every additive KPI that has both."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.kpi_periods_add_up",
    table="kpi.kpi_values",
    read="counts",
    query="""
        with totals as (
            select
                kpi_id,
                period_grain,
                period_start,
                coalesce(kpi_values.numerator, 0) as numerator,
                coalesce(kpi_values.denominator, 0) as denominator,
                string_split(definitions.grains, '|') as grains
            from kpi.kpi_values
            inner join kpi.kpi_definitions as definitions using (kpi_id)
            where dimension = 'overall' and definitions.is_additive
        ),

        longer as (
            unpivot core.dim_dates
            on month_start as "month", quarter_start as "quarter", year_start as "year"
            into name period_grain value period_start
        ),

        days as (
            select
                longer.period_grain,
                totals.kpi_id,
                longer.period_start,
                sum(totals.numerator) as numerator,
                sum(totals.denominator) as denominator
            from totals
            inner join longer
                on
                    totals.period_start = longer.date_day
                    and list_contains(totals.grains, longer.period_grain)
            where totals.period_grain = 'day'
            group by all
        )

        select
            coalesce(days.numerator, 0) as numerator,
            coalesce(days.denominator, 0) as denominator,
            coalesce(totals.numerator, 0) as total_numerator,
            coalesce(totals.denominator, 0) as total_denominator
        from days
        full join (
            select *
            from totals
            where
                period_grain in ('month', 'quarter', 'year')
                and list_has_all(grains, ['day', period_grain])
        ) as totals using (kpi_id, period_grain, period_start)
    """,
    expectations=(
        never(
            "numerator <> total_numerator or denominator <> total_denominator",
            name="days add up to longer periods",
            owner="data",
            sentence="The days of a period do not add up to the period.",
        ),
    ),
)
