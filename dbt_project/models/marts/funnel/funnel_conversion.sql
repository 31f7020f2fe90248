-- Rates are given once every window of a cohort has closed: of people who may still come, a rate
-- tells too little.
with entries as (
    select * from {{ ref('int_funnel__entries') }}
),

progress as (
    select * from {{ ref('int_funnel__progress') }}
),

steps as (
    select
        funnel,
        step_number,
        step,
        window_days,
        told_until
    from {{ ref('int_funnel__steps') }}
),

periods as (
    select
        funnel,
        period_grain,
        period_start,
        period_end,
        is_complete
    from {{ ref('int_funnel__periods') }}
),

-- An entry belongs to the cohort of every period in which it is the first of its person. Its few
-- periods are looked up anew for each dimension: a table of them would be larger than the entries.
-- One dimension after the other: an exact quantile keeps its values in memory until it is known.
counted as (
    {% for dimension, entities in funnel_dimensions().items() %}
        select
            progress.funnel,
            period_days.period_grain,
            period_days.period_start,
            '{{ dimension }}' as dimension,
            {{ segment_of(dimension) }} as segment,
            progress.step_number,
            count(*) as entered,
            sum(case when progress.state = 'converted' then 1 else 0 end) as converted,
            sum(case when progress.state = 'open' then 1 else 0 end) as open,
            sum(case when progress.state = 'dropped' then 1 else 0 end) as dropped,
            sum(case when progress.is_skipped then 1 else 0 end) as skipped,
            {{ percentile('progress.hours_from_previous_step', 0.5, beside=0.9) }}
                as median_hours,
            {{ percentile('progress.hours_from_previous_step', 0.9, beside=0.5) }}
                as p90_hours
        from progress
        inner join entries on progress.entry_key = entries.entry_key
        inner join {{ ref('int_core__period_days') }} as period_days
            on entries.entry_date = period_days.date_day
        where
            entries.entity_type in ({{ entities }})
            and (
                entries.previous_entry_date is null
                or entries.previous_entry_date < period_days.period_start
            )
        group by
            progress.funnel,
            period_days.period_grain,
            period_days.period_start,
            {{ segment_of(dimension) }},
            progress.step_number
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- A step that nobody of a cohort reached is a row of zeros, not a gap.
sizes as (
    select
        funnel,
        period_grain,
        period_start,
        dimension,
        segment,
        entered as cohort_size
    from counted
    where step_number = 1
),

completed as (
    select
        sizes.funnel,
        sizes.period_grain,
        sizes.period_start,
        sizes.dimension,
        sizes.segment,
        steps.step_number,
        steps.step,
        periods.is_complete,
        {{ dbt.datediff('periods.period_end', 'steps.told_until', 'day') }} > steps.window_days
            as is_mature,
        cast(sizes.cohort_size as bigint) as cohort_size,
        cast(coalesce(counted.entered, 0) as bigint) as entered,
        cast(coalesce(counted.converted, 0) as bigint) as converted,
        cast(coalesce(counted.open, 0) as bigint) as open,
        cast(coalesce(counted.dropped, 0) as bigint) as dropped,
        cast(coalesce(counted.skipped, 0) as bigint) as skipped,
        cast(counted.median_hours as double) as median_hours_from_previous_step,
        cast(counted.p90_hours as double) as p90_hours_from_previous_step
    from sizes
    inner join steps on sizes.funnel = steps.funnel
    inner join periods
        on
            sizes.funnel = periods.funnel
            and sizes.period_grain = periods.period_grain
            and sizes.period_start = periods.period_start
    left join counted
        on
            sizes.funnel = counted.funnel
            and sizes.period_grain = counted.period_grain
            and sizes.period_start = counted.period_start
            and sizes.dimension = counted.dimension
            and sizes.segment = counted.segment
            and steps.step_number = counted.step_number
),

rated as (
    select
        funnel,
        period_grain,
        period_start,
        dimension,
        segment,
        step_number,
        step,
        is_complete,
        is_mature,
        cohort_size,
        entered,
        converted,
        open,
        dropped,
        skipped,
        case when is_mature then {{ ratio('converted', 'entered') }} end as step_rate,
        case when is_mature then {{ ratio('entered', 'cohort_size') }} end as overall_rate,
        median_hours_from_previous_step,
        p90_hours_from_previous_step
    from completed
)

select * from rated
