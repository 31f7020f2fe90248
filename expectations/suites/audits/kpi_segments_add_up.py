"""The segments of an additive KPI add up to the company's total, in every period."""

from expectations.suite import Suite, never

# A KPI over distinct customers, a median or a state does not add up, as a customer may buy in two
# segments or two months; the catalogue tells them apart by the components of a KPI.
ADDITIVE = "(select kpi_id from kpi.kpi_definitions where is_additive)"

SUITE = Suite(
    name="audits.kpi_segments_add_up",
    table="kpi.kpi_values",
    read="counts",
    query=f"""
        with segments as (
            select
                kpi_id,
                period_grain,
                period_start,
                dimension,
                sum(numerator) as numerator,
                sum(denominator) as denominator
            from kpi.kpi_values
            where dimension <> 'overall' and kpi_id in {ADDITIVE}
            group by kpi_id, period_grain, period_start, dimension
        ),

        totals as (
            select kpi_id, period_grain, period_start, numerator, denominator
            from kpi.kpi_values
            where dimension = 'overall' and kpi_id in {ADDITIVE}
        )

        select
            coalesce(segments.numerator, 0) as numerator,
            coalesce(totals.numerator, 0) as total_numerator,
            coalesce(segments.denominator, 0) as denominator,
            coalesce(totals.denominator, 0) as total_denominator
        from segments
        left join totals
            on
                segments.kpi_id = totals.kpi_id
                and segments.period_grain = totals.period_grain
                and segments.period_start = totals.period_start
    """,
    expectations=(
        never(
            "numerator <> total_numerator",
            owner="data",
            sentence="The segments of a KPI do not add up to the company's total.",
        ),
        never(
            "denominator <> total_denominator",
            owner="data",
            sentence="The segments of a KPI rest on other cases than the company's total.",
        ),
    ),
)
