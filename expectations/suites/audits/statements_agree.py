"""What is stated last about a closed period is what the KPI table shows."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.statements_agree",
    table="kpi.kpi_restatements",
    read="counts",
    query="""
        select
            kpi_values.numerator,
            kpi_values.denominator,
            stated.numerator as stated_numerator,
            stated.denominator as stated_denominator,
            stated.kpi_id
        from kpi.kpi_values
        left join kpi.kpi_restatements as stated
            on
                kpi_values.kpi_id = stated.kpi_id
                and kpi_values.period_grain = stated.period_grain
                and kpi_values.period_start = stated.period_start
                and stated.is_latest
        where
            kpi_values.dimension = 'overall'
            and kpi_values.is_complete
            and kpi_values.has_data
    """,
    expectations=(
        never(
            "kpi_id is null or numerator is distinct from stated_numerator"
            " or denominator is distinct from stated_denominator",
            name="the last statement is what is shown",
            owner="data",
            sentence="What is on record for a closed period is not what the KPI table shows.",
        ),
    ),
)
