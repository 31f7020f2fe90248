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
        ),

        -- A dimension that a KPI has at all: it may be missing from a period as a whole.
        divided as (
            select *
            from (select distinct kpi_id, period_grain, dimension from segments)
            inner join totals using (kpi_id, period_grain)
        )

        select
            coalesce(segments.numerator, 0) as numerator,
            coalesce(divided.numerator, 0) as total_numerator,
            coalesce(segments.denominator, 0) as denominator,
            coalesce(divided.denominator, 0) as total_denominator
        from segments
        full join divided using (kpi_id, period_grain, period_start, dimension)
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
