with catalogue as (
    select
        kpi_id,
        numerator,
        denominator,
        scale
    from {{ ref('int_kpi__catalogue') }}
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

grid as (
    select * from {{ ref('int_kpi__value_grid') }}
),

joined as (
    select
        grid.kpi_id,
        grid.period_grain,
        grid.period_start,
        grid.dimension,
        grid.segment,
        catalogue.scale,
        catalogue.denominator is not null as is_ratio,
        periods.is_complete
        {%- for part in ['numerator', 'denominator'] %}
            and {{ is_whole(part ~ '_extents') }}
            and {{ dbt.datediff('periods.period_end', told_until(part ~ '_extents'), 'day') }}
            >= coalesce({{ part }}_extents.maturity_days, 0)
            -- What is held against the period before needs that one whole, too.
            and (
                coalesce(catalogue.{{ part }}, '') not in ({{ components_having('previous') }})
                or {{ is_begun_with(
                    part ~ '_extents', 'periods.previous_period_start', 'periods.period_start'
                ) }}
            )
        {%- endfor %} as is_complete,
        -- A component without a row in a period that its source has reached is zero; before its
        -- data begin, and after the last row of its source, it is unknown. So is nothing, where
        -- what could have told otherwise had not begun, was silent or has not come yet; and a sum
        -- of refunds alone, where no order ever came.
        {%- for part in ['numerator', 'denominator'] %}
            case
                when
                    coalesce({{ part }}s.amount, 0) = 0
                    and (
                        {{ is_needed_later(part ~ '_extents') }}
                        or {{ is_silent(part ~ '_extents') }}
                        or {{ is_not_reached_by(part ~ '_extents') }}
                    )
                    then null
                when
                    catalogue.{{ part }} in ({{ components_having('less_refunds') }})
                    and catalogue.{{ part }} in ({{ components_having('adds_up') }})
                    and {{ part }}_extents.first_date is null
                    then null
                when {{ part }}s.amount is not null then {{ part }}s.amount
                when
                    catalogue.{{ part }} is not null
                    and {{ is_reached_by(part ~ '_extents') }}
                    then 0
            end as {{ part }},
        {%- endfor %}
        -- Where nobody billed anything, a cost adds nothing to a sum, but what one case cost is
        -- unknown.
        numerators.component is null
        and catalogue.denominator is not null
        and catalogue.numerator in ({{ components_having('billed') }}) as is_unbilled,
        -- A difference adds up by days from the first of its sides on; before the other has begun
        -- it means nothing. Nor does a single side where the other was silent or has not come yet.
        catalogue.numerator in ({{ components_having('needs_all') }})
        and (
            {{ is_known_later('numerator_extents') }}
            or (
                coalesce(numerators.is_of_one_table, false)
                and (
                    {{ is_silent('numerator_extents') }}
                    or coalesce(numerator_extents.earned_until <= periods.period_start, false)
                )
            )
        ) as is_one_sided,
        -- What a divisor such as a target does not rest on, the numerator does.
        coalesce(
            case
                when denominators.component is not null and denominators.sample is not null
                    then denominators.sample
                when catalogue.denominator is null or denominators.component is not null
                    then numerators.sample
            end,
            0
        ) as sample
    from grid
    inner join catalogue on grid.kpi_id = catalogue.kpi_id
    inner join periods
        on
            grid.period_grain = periods.period_grain
            and grid.period_start = periods.period_start
    left join components as numerators
        on
            catalogue.numerator = numerators.component
            and grid.period_grain = numerators.period_grain
            and grid.period_start = numerators.period_start
            and grid.dimension = numerators.dimension
            and grid.segment = numerators.segment
    left join components as denominators
        on
            catalogue.denominator = denominators.component
            and grid.period_grain = denominators.period_grain
            and grid.period_start = denominators.period_start
            and grid.dimension = denominators.dimension
            and grid.segment = denominators.segment
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
        -- Scaled before it is divided: 100 x 29 / 50 is 58, 100 x (29 / 50) a little less.
        case
            when is_unbilled or is_one_sided then null
            when is_ratio
                then
                    cast(numerator as double) * scale
                    / nullif(cast(denominator as double), cast(0 as double))
            else cast(numerator as double) * scale
        -- Nothing, divided by less than nothing, is 0 and not the double -0.
        end + 0 as value,
        cast(sample as bigint) as sample,
        is_complete,
        numerator is not null
        and (not is_ratio or denominator is not null)
        and not is_one_sided as has_data
    from joined
)

select * from kpi_values
