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
        window_days
    from {{ ref('int_funnel__steps') }}
),

periods as (
    select
        period_grain,
        period_start,
        period_end
    from {{ ref('int_core__periods') }}
),

by_dimension as (
    {% for dimension in ['overall', 'channel', 'country', 'device'] %}
        select
            entry_key,
            period_grain,
            period_start,
            '{{ dimension }}' as dimension,
            {{ "'all'" if dimension == 'overall' else "coalesce(" ~ dimension ~ ", '(unknown)')" }}
                as segment
        from entries
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

counted as (
    select
        progress.funnel,
        by_dimension.period_grain,
        by_dimension.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        progress.step_number,
        count(*) as entered,
        sum(case when progress.state = 'converted' then 1 else 0 end) as converted,
        sum(case when progress.state = 'open' then 1 else 0 end) as open,
        sum(case when progress.state = 'dropped' then 1 else 0 end) as dropped,
        percentile_cont(0.5) within group (order by progress.hours_from_previous_step)
            as median_hours,
        percentile_cont(0.9) within group (order by progress.hours_from_previous_step)
            as p90_hours
    from by_dimension
    inner join progress on by_dimension.entry_key = progress.entry_key
    group by
        progress.funnel,
        by_dimension.period_grain,
        by_dimension.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        progress.step_number
),

-- A step that nobody of a cohort reached is a row of zeros, not a gap.
cohorts as (
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

rated as (
    select
        cohorts.funnel,
        cohorts.period_grain,
        cohorts.period_start,
        cohorts.dimension,
        cohorts.segment,
        steps.step_number,
        steps.step,
        cast(coalesce(counted.entered, 0) as bigint) as entered,
        cast(coalesce(counted.converted, 0) as bigint) as converted,
        cast(coalesce(counted.open, 0) as bigint) as open,
        cast(coalesce(counted.dropped, 0) as bigint) as dropped,
        cast(counted.converted as double) / nullif(cast(counted.entered as double), 0)
            as step_rate,
        cast(coalesce(counted.entered, 0) as double)
        / nullif(cast(cohorts.cohort_size as double), 0) as overall_rate,
        cast(counted.median_hours as double) as median_hours_from_previous_step,
        cast(counted.p90_hours as double) as p90_hours_from_previous_step,
        {{ dbt.datediff('periods.period_end', as_of_date(), 'day') }} > steps.window_days
            as is_mature
    from cohorts
    inner join steps on cohorts.funnel = steps.funnel
    inner join periods
        on
            cohorts.period_grain = periods.period_grain
            and cohorts.period_start = periods.period_start
    left join counted
        on
            cohorts.funnel = counted.funnel
            and cohorts.period_grain = counted.period_grain
            and cohorts.period_start = counted.period_start
            and cohorts.dimension = counted.dimension
            and cohorts.segment = counted.segment
            and steps.step_number = counted.step_number
)

select * from rated
