"""The days of a month, a quarter and a year add up to it, for every additive KPI that has both."""

from expectations.suite import Suite, never
from expectations.suites.audits.kpi_segments_add_up import ADDITIVE

SUITE = Suite(
    name="audits.kpi_periods_add_up",
    table="kpi.kpi_values",
    read="counts",
    query=f"""
        with totals as (
            select
                kpi_id,
                period_grain,
                period_start,
                coalesce(numerator, 0) as numerator,
                coalesce(denominator, 0) as denominator
            from kpi.kpi_values
            where dimension = 'overall' and kpi_id in {ADDITIVE}
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
            inner join kpi.kpi_definitions as definitions on totals.kpi_id = definitions.kpi_id
            inner join longer
                on
                    totals.period_start = longer.date_day
                    and list_contains(string_split(definitions.grains, '|'), longer.period_grain)
            where totals.period_grain = 'day'
            group by all
        )

        select
            days.numerator,
            days.denominator,
            coalesce(totals.numerator, 0) as total_numerator,
            coalesce(totals.denominator, 0) as total_denominator
        from days
        left join totals
            on
                days.kpi_id = totals.kpi_id
                and days.period_grain = totals.period_grain
                and days.period_start = totals.period_start
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
