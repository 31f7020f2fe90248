"""A benchmark is in the unit of its KPI, and a competitor has one name."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.benchmarks_fit_their_kpi",
    table="kpi.kpi_scorecard",
    read="counts",
    needs_seeds=True,
    # A sum or a count is as large as its company: a giant may well have a hundred times our sales.
    query="""
        with benchmarks as (
            select kpi_id, competitor, value::double as value
            from seeds.kpi_benchmarks
            where definition_match <> 'different'
        ),

        competitors as (
            select distinct
                competitor,
                lower(regexp_replace(competitor, '[^[:alnum:]]', '', 'g')) as plain_name
            from seeds.kpi_benchmarks
        )

        select kpi_id, benchmarks.value / scorecard.value as factor, false as is_alike
        from benchmarks
        inner join kpi.kpi_scorecard as scorecard using (kpi_id)
        inner join kpi.kpi_definitions as definitions using (kpi_id)
        where
            scorecard.dimension = 'overall'
            and scorecard.value > 0
            and benchmarks.value > 0
            and (
                definitions.denominator is not null
                or (
                    not definitions.is_additive
                    and definitions.unit not in ('currency', 'count')
                )
            )

        union all

        select null as kpi_id, null as factor, true as is_alike
        from competitors as one
        inner join competitors as other
            on
                one.competitor < other.competitor
                and (
                    one.plain_name = other.plain_name
                    or (
                        least(length(one.plain_name), length(other.plain_name)) >= 5
                        and levenshtein(one.plain_name, other.plain_name) = 1
                    )
                )
    """,
    expectations=(
        never(
            "factor >= 20 or factor <= 0.05",
            name="benchmarks are in the unit of their KPI",
            owner="data",
            sentence="A benchmark is twenty times the KPI's value or a twentieth; its unit may be"
            " wrong. A share of kpi_benchmarks is written 0.062, not 6.2.",
        ).as_warning(),
        never(
            "is_alike",
            name="a competitor has one name",
            owner="data",
            sentence="Two competitors of kpi_benchmarks have nearly the same name and count as two."
            " Give both rows one name.",
        ).as_warning(),
    ),
)
