with days as (
    select date_day from {{ ref('int_core__calendar_days') }}
),

period_days as (
    {% for grain in period_grains() %}
        select
            '{{ grain }}' as period_grain,
            {{ period_start(grain, 'date_day') }} as period_start,
            date_day
        from days
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from period_days
