-- What is wrong with a KPI as it stands: no value can be made from the data at hand, a target lies
-- outside what the KPI's own history makes likely, one is held against nothing, or it serves no
-- objective. Of each segment and grain the latest target is compared with the history.
{#- The whole before a part, the latest before an older one. -#}
{%- set one_to_look_at_first %}
    partition by kpi_id
    order by
        case when dimension = 'overall' then 0 else 1 end asc nulls last,
        period_start desc nulls last,
        period_grain asc nulls last,
        dimension asc nulls last,
        segment asc nulls last
{% endset %}
with catalogue as (
    select
        kpi_id,
        objective_id,
        numerator,
        denominator
    from {{ ref('int_kpi__catalogue') }}
),

kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        value
    from {{ ref('int_kpi__values') }}
    where is_complete and value is not null
),

-- The whole may have none where its parts do: all sales are held against no quotas of some.
measured as (
    select
        kpi_id,
        max(period_start) as last_measured_period
    from kpi_values
    group by kpi_id
),

components as (
    select distinct component
    from {{ ref('int_kpi__component_tables') }}
),

targets as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        target_value
    from {{ ref('int_kpi__targets_in_force') }}
    where target_value is not null
    qualify
        row_number() over (
            partition by kpi_id, period_grain, dimension, segment
            order by period_start desc nulls last
        ) = 1
),

compared as (
    select
        targets.kpi_id,
        targets.period_grain,
        targets.period_start,
        targets.dimension,
        targets.segment,
        targets.target_value,
        count(kpi_values.value) as periods,
        min(kpi_values.value) as lowest,
        max(kpi_values.value) as highest
    from targets
    left join kpi_values
        on
            targets.kpi_id = kpi_values.kpi_id
            and targets.period_grain = kpi_values.period_grain
            and targets.dimension = kpi_values.dimension
            and targets.segment = kpi_values.segment
            and targets.period_start > kpi_values.period_start
            and kpi_values.period_start >= cast(
                {{ dbt.dateadd('month', -var('target_history_months'), 'targets.period_start') }}
                as date
            )
    group by
        targets.kpi_id,
        targets.period_grain,
        targets.period_start,
        targets.dimension,
        targets.segment,
        targets.target_value
),

ranged as (
    select
        *,
        lowest - {{ var('target_history_margin') }} * abs(lowest) as low,
        highest + {{ var('target_history_margin') }} * abs(highest) as high,
        periods >= {{ var('target_history_min_periods') }} as is_judged
    from compared
),

judged as (
    select
        *,
        is_judged and (
            cast(target_value as double) < low or cast(target_value as double) > high
        ) as is_unrealistic
    from ranged
),

target_counts as (
    select
        kpi_id,
        cast(count(*) as bigint) as targets,
        cast(sum(case when is_judged then 1 else 0 end) as bigint) as judged_targets,
        cast(sum(case when is_unrealistic then 1 else 0 end) as bigint) as unrealistic_targets
    from judged
    group by kpi_id
),

worst_targets as (
    select *
    from judged
    where is_unrealistic
    qualify
        row_number() over ({{ one_to_look_at_first }}) = 1
),

lost_targets as (
    select
        *,
        count(*) over (partition by kpi_id) as targets
    from {{ ref('int_kpi__lost_targets') }}
    qualify
        row_number() over ({{ one_to_look_at_first }}) = 1
),

flags as (
    select
        catalogue.kpi_id,
        measured.kpi_id is not null as is_measurable,
        measured.last_measured_period,
        case when numerators.component is null then catalogue.numerator end as missing_numerator,
        case
            when catalogue.denominator is not null and denominators.component is null
                then catalogue.denominator
        end as missing_denominator,
        catalogue.objective_id is not null as has_objective,
        coalesce(target_counts.targets, 0) as targets,
        coalesce(target_counts.unrealistic_targets, 0) as unrealistic_targets,
        case
            when target_counts.judged_targets > 0 then target_counts.unrealistic_targets = 0
        end as is_target_realistic,
        worst_targets.period_grain as unrealistic_grain,
        worst_targets.period_start as unrealistic_period_start,
        worst_targets.dimension as unrealistic_dimension,
        worst_targets.segment as unrealistic_segment,
        cast(worst_targets.target_value as double) as unrealistic_target,
        worst_targets.low as realistic_low,
        worst_targets.high as realistic_high,
        cast(coalesce(lost_targets.targets, 0) as bigint) as lost_targets,
        lost_targets.reason as lost_reason,
        lost_targets.period_grain as lost_grain,
        lost_targets.period_start as lost_period_start,
        lost_targets.dimension as lost_dimension,
        -- A seed is not masked when it is loaded: who is named by an address is not published.
        case
            when replace(lost_targets.segment, '%40', '@') like '%@%' then '(address)'
            else lost_targets.segment
        end as lost_segment
    from catalogue
    left join measured on catalogue.kpi_id = measured.kpi_id
    left join components as numerators on catalogue.numerator = numerators.component
    left join components as denominators on catalogue.denominator = denominators.component
    left join target_counts on catalogue.kpi_id = target_counts.kpi_id
    left join worst_targets on catalogue.kpi_id = worst_targets.kpi_id
    left join lost_targets on catalogue.kpi_id = lost_targets.kpi_id
)

select * from flags
