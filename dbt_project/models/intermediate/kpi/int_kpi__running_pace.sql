-- What the finished days of the running period brought, against the share of its target that they
-- make up, as an attainment; days that no row of the source has reached are no days without a case.
-- A ratio has no such share: that of the finished days which both of its parts have reached is
-- held against its whole target, lest costs that are billed later seem low. So is a median, as it
-- stands. No ratio's value to date goes further, where one of its parts has not reached yesterday;
-- what nobody billed in these days is unknown, not cheap.
{%- set brought = 'cast(coalesce(finished.amount, 0) as double) * catalogue.scale' %}
{%- set whole = 'cast(running.days_in_period as double)' %}
{%- set known = 'cast(greatest(least(running.days_elapsed, '
    ~ dbt.datediff('running.period_start', 'measured.known_until', 'day') ~ '), 0) as double)' %}
{%- set by_now = ratio(brought ~ ' * ' ~ whole, known) %}
{%- set of_known_days %}
            case
                when
                    finished.amount is not null
                    or catalogue.numerator not in ({{ components_having('billed') }})
                    then {{ ratio(brought, 'finished.divisor') }} + 0
            end
{%- endset %}
with running as (
    select
        period_grain,
        period_start,
        period_end,
        days_in_period,
        days_elapsed
    from {{ ref('int_core__periods') }}
    where period_start <= {{ as_of_date() }} and period_end > {{ as_of_date() }}
),

measured as (
    select * from {{ ref('int_kpi__kpis_known') }}
),

parts as (
    select
        kpi_id,
        numerator as component,
        known_until,
        false as is_divisor
    from measured

    union all

    select
        kpi_id,
        divisor as component,
        known_until,
        true as is_divisor
    from measured
    where divisor is not null
),

finished as (
    select
        parts.kpi_id,
        running.period_grain,
        components.dimension,
        components.segment,
        sum(case when not parts.is_divisor then components.amount end) as amount,
        sum(case when parts.is_divisor then components.amount end) as divisor
    from {{ ref('int_kpi__components_daily') }} as components
    inner join parts
        on
            components.component = parts.component
            and components.activity_date < parts.known_until
    inner join running on components.activity_date >= running.period_start
    where components.activity_date < {{ as_of_date() }}
    group by
        parts.kpi_id, running.period_grain, components.dimension, components.segment
),

held as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.dimension,
        kpi_values.segment,
        kpi_values.period_start as running_period_start,
        case
            when kpi_values.value is null then null
            when measured.divisor is not null and measured.known_until < {{ as_of_date() }}
                then {{ of_known_days }}
            else kpi_values.value
        end as value_to_date,
        cast(targets.target_value as double) as running_target_value,
        catalogue.direction,
        case
            when kpi_values.value is null then null
            when catalogue.is_additive and catalogue.denominator is null then {{ by_now }}
            -- Its divisor is that of the whole period; what is held against it comes by the day.
            when
                catalogue.denominator in ({{ components_having('stated') }})
                and catalogue.numerator in ({{ components_having('adds_up') }})
                then {{ ratio(by_now, 'kpi_values.denominator') }}
            when measured.divisor is not null then {{ of_known_days }}
            else kpi_values.value
        end as value_by_now
    from {{ ref('int_kpi__values') }} as kpi_values
    inner join {{ ref('int_kpi__catalogue') }} as catalogue
        on kpi_values.kpi_id = catalogue.kpi_id
    inner join running
        on
            kpi_values.period_grain = running.period_grain
            and kpi_values.period_start = running.period_start
    left join measured on kpi_values.kpi_id = measured.kpi_id
    left join finished
        on
            kpi_values.kpi_id = finished.kpi_id
            and kpi_values.period_grain = finished.period_grain
            and kpi_values.dimension = finished.dimension
            and kpi_values.segment = finished.segment
    left join {{ ref('int_kpi__targets_in_force') }} as targets
        on
            kpi_values.kpi_id = targets.kpi_id
            and kpi_values.period_grain = targets.period_grain
            and kpi_values.period_start = targets.period_start
            and kpi_values.dimension = targets.dimension
            and kpi_values.segment = targets.segment
),

paced as (
    select
        kpi_id,
        period_grain,
        dimension,
        segment,
        running_period_start,
        value_to_date,
        running_target_value,
        {{ attainment('direction', 'value_by_now', 'running_target_value') }} + 0 as pace
    from held
)

select * from paced
