-- Which values there are: the undivided whole in every period, so that a silent source shows as a
-- gap, and each segment in the periods in which it has data, or a target: what fell to nothing
-- misses it.
with catalogue as (
    select
        kpi_id,
        numerator,
        denominator,
        grains,
        dimensions,
        is_additive
    from {{ ref('int_kpi__catalogue') }}
),

-- A segment of what does not add up is there where the divisor is. A refund alone brings no
-- divisor, and takes from the amount all the same.
kpi_components as (
    select
        kpi_id,
        numerator as component,
        grains,
        dimensions
    from catalogue
    where
        is_additive
        or denominator is null
        or (
            numerator in ({{ components_having('less_refunds') }})
            and denominator not in ({{ components_having('stated') }})
        )
    union
    select
        kpi_id,
        denominator as component,
        grains,
        dimensions
    from catalogue
    where denominator is not null
),

components as (
    select
        component,
        period_grain,
        period_start,
        dimension,
        segment
    from {{ ref('int_kpi__components_by_period') }}
),

segments as (
    select
        kpi_components.kpi_id,
        components.period_grain,
        components.period_start,
        components.dimension,
        components.segment
    from kpi_components
    inner join components
        on
            kpi_components.component = components.component
            and kpi_components.grains like '%|' || components.period_grain || '|%'
            and kpi_components.dimensions like '%|' || components.dimension || '|%'
),

grid as (
    select * from segments

    union

    select
        targets.kpi_id,
        targets.period_grain,
        targets.period_start,
        targets.dimension,
        targets.segment
    from {{ ref('int_kpi__targets_in_force') }} as targets
    where
        exists (
            select 1
            from segments
            where
                targets.kpi_id = segments.kpi_id
                and targets.period_grain = segments.period_grain
                and targets.dimension = segments.dimension
                and targets.segment = segments.segment
        )

    union

    select
        catalogue.kpi_id,
        periods.period_grain,
        periods.period_start,
        'overall' as dimension,
        'all' as segment
    from catalogue
    inner join {{ ref('int_core__periods') }} as periods
        on catalogue.grains like '%|' || periods.period_grain || '|%'
)

select * from grid
