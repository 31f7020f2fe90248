-- Which values there are: the undivided whole in every period, so that a silent source shows as a
-- gap, and each segment in the periods in which it has data.
with catalogue as (
    select
        kpi_id,
        numerator,
        denominator,
        grains,
        dimensions
    from {{ ref('int_kpi__catalogue') }}
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

grid as (
    select
        catalogue.kpi_id,
        components.period_grain,
        components.period_start,
        components.dimension,
        components.segment
    from catalogue
    inner join components
        on
            (
                catalogue.numerator = components.component
                or catalogue.denominator = components.component
            )
            and catalogue.grains like '%|' || components.period_grain || '|%'
            and catalogue.dimensions like '%|' || components.dimension || '|%'

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
