"""The effects of each dimension add up to the KPI's change, to the last decimal."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.change_effects_add_up",
    table="kpi.kpi_change_drivers",
    read="counts",
    query="""
        with explained as (
            select
                kpi_id,
                period_grain,
                period_start,
                base_period_start,
                min(change) as change,
                min(kpi_value) as kpi_value,
                min(base_kpi_value) as base_kpi_value,
                sum(effect) as effects,
                count_if(
                    (drivers.numerator, drivers.denominator)
                    is distinct from (segments.numerator, segments.denominator)
                    or (base_numerator, base_denominator)
                    is distinct from (base_segments.numerator, base_segments.denominator)
                ) as other_parts
            from kpi.kpi_change_drivers as drivers
            left join kpi.kpi_values as segments
                using (kpi_id, period_grain, period_start, dimension, segment)
            left join kpi.kpi_values as base_segments
                on
                    drivers.kpi_id = base_segments.kpi_id
                    and drivers.period_grain = base_segments.period_grain
                    and drivers.base_period_start = base_segments.period_start
                    and drivers.dimension = base_segments.dimension
                    and drivers.segment = base_segments.segment
            where effect_kind <> 'difference'
            group by
                drivers.kpi_id,
                drivers.period_grain,
                drivers.period_start,
                compared_with,
                base_period_start,
                drivers.dimension
        )

        select
            explained.change,
            explained.effects,
            explained.other_parts,
            explained.kpi_value,
            explained.base_kpi_value,
            kpi_values.value as shown,
            base_values.value as base_shown
        from explained
        left join kpi.kpi_values
            on
                explained.kpi_id = kpi_values.kpi_id
                and explained.period_grain = kpi_values.period_grain
                and explained.period_start = kpi_values.period_start
                and kpi_values.dimension = 'overall'
        left join kpi.kpi_values as base_values
            on
                explained.kpi_id = base_values.kpi_id
                and explained.period_grain = base_values.period_grain
                and explained.base_period_start = base_values.period_start
                and base_values.dimension = 'overall'
    """,
    expectations=(
        never(
            "effects <> change",
            owner="data",
            sentence="The explanation of a KPI's change does not add up to it.",
        ),
        never(
            "kpi_value is distinct from shown or base_kpi_value is distinct from base_shown",
            name="values are those of the KPI",
            owner="data",
            sentence="A change is explained between other values than the KPI table shows.",
        ),
        never(
            "other_parts > 0",
            name="parts are those of the KPI",
            owner="data",
            sentence="A change is explained by other parts of a segment than the KPI table shows.",
        ),
    ),
)
