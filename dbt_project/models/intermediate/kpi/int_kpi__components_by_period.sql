-- A component's total per period, undivided and along each dimension: a partition of the same rows,
-- so the segments of a dimension add up to the total.
with daily as (
    select * from {{ ref('int_kpi__components_daily') }}
),

by_dimension as (
    {% for dimension in ['overall', 'country', 'segment', 'channel', 'device'] %}
        select
            component,
            activity_date,
            '{{ dimension }}' as dimension,
            {{ "'all'" if dimension == 'overall' else "coalesce(" ~ dimension ~ ", '(unknown)')" }}
                as segment,
            amount,
            sample
        from daily
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_period as (
    select
        by_dimension.component,
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        cast(sum(by_dimension.amount) as decimal(28, 4)) as amount,
        cast(sum(by_dimension.sample) as bigint) as sample
    from by_dimension
    inner join {{ ref('int_core__period_days') }} as period_days
        on by_dimension.activity_date = period_days.date_day
    group by
        by_dimension.component,
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment
)

select * from by_period
