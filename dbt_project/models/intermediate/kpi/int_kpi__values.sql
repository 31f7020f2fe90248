with catalogue as (
    select
        kpi_id,
        numerator,
        nullif(trim(denominator), '') as denominator,
        cast(scale as double) as scale,
        concat('|', grains, '|') as grains,
        concat('|', dimensions, '|') as dimensions
    from {{ ref('kpi_catalogue') }}
),

periods as (
    select * from {{ ref('int_core__periods') }}
),

components as (
    select * from {{ ref('int_kpi__components_by_period') }}
),

extents as (
    select * from {{ ref('int_kpi__component_extents') }}
),

-- The undivided whole has a row in every period, so that a silent source shows as a gap; a segment
-- has one where it has data.
observed as (
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
                components.component = catalogue.numerator
                or components.component = catalogue.denominator
            )
            and catalogue.grains like concat('%|', components.period_grain, '|%')
            and catalogue.dimensions like concat('%|', components.dimension, '|%')

    union

    select
        catalogue.kpi_id,
        periods.period_grain,
        periods.period_start,
        'overall' as dimension,
        'all' as segment
    from catalogue
    inner join periods on catalogue.grains like concat('%|', periods.period_grain, '|%')
),

joined as (
    select
        observed.kpi_id,
        observed.period_grain,
        observed.period_start,
        observed.dimension,
        observed.segment,
        catalogue.scale,
        catalogue.denominator is not null as is_ratio,
        periods.is_complete
        and coalesce(
            {{ dbt.datediff('periods.period_end', as_of_date(), 'day') }}
            >= greatest(
                coalesce(numerator_extents.maturity_days, 0),
                coalesce(denominator_extents.maturity_days, 0)
            ),
            false
        ) as is_complete,
        -- A component without a row in a period that its data span is zero; outside it is unknown.
        coalesce(
            numerators.amount,
            case
                when
                    numerator_extents.first_date < periods.period_end
                    and numerator_extents.last_date >= periods.period_start
                    then 0
            end
        ) as numerator,
        case
            when catalogue.denominator is not null
                then coalesce(
                    denominators.amount,
                    case
                        when
                            denominator_extents.first_date < periods.period_end
                            and denominator_extents.last_date >= periods.period_start
                            then 0
                    end
                )
        end as denominator,
        coalesce(
            case
                when catalogue.denominator is not null then denominators.sample
                else numerators.sample
            end,
            0
        ) as sample
    from observed
    inner join catalogue on observed.kpi_id = catalogue.kpi_id
    inner join periods
        on
            observed.period_grain = periods.period_grain
            and observed.period_start = periods.period_start
    left join components as numerators
        on
            catalogue.numerator = numerators.component
            and observed.period_grain = numerators.period_grain
            and observed.period_start = numerators.period_start
            and observed.dimension = numerators.dimension
            and observed.segment = numerators.segment
    left join components as denominators
        on
            catalogue.denominator = denominators.component
            and observed.period_grain = denominators.period_grain
            and observed.period_start = denominators.period_start
            and observed.dimension = denominators.dimension
            and observed.segment = denominators.segment
    left join extents as numerator_extents on catalogue.numerator = numerator_extents.component
    left join extents as denominator_extents
        on catalogue.denominator = denominator_extents.component
),

kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        cast(numerator as decimal(28, 4)) as numerator,
        cast(denominator as decimal(28, 4)) as denominator,
        case
            when is_ratio
                then
                    cast(numerator as double)
                    / nullif(cast(denominator as double), cast(0 as double))
            else cast(numerator as double)
        end * scale as value,
        cast(sample as bigint) as sample,
        is_complete,
        numerator is not null and (not is_ratio or denominator is not null) as has_data
    from joined
)

select * from kpi_values
