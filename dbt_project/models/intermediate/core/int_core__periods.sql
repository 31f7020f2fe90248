-- A period that opens on the running day, or whose data do, has no finished day yet.
with period_days as (
    select
        period_grain,
        period_start,
        sum(case when date_day < {{ as_of_date() }} then 1 else 0 end) as days_elapsed
    from {{ ref('int_core__period_days') }}
    group by period_grain, period_start
),

bounded as (
    {% for grain, step in period_grains().items() %}
        select
            period_grain,
            period_start,
            cast(period_start + {{ step.length }} as date) as period_end,
            cast(period_start - {{ step.length }} as date) as previous_period_start,
            cast(period_start - {{ step.year }} as date) as last_year_period_start,
            cast(days_elapsed as bigint) as days_elapsed
        from period_days
        where period_grain = '{{ grain }}'
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

periods as (
    select
        period_grain,
        period_start,
        period_end,
        previous_period_start,
        last_year_period_start,
        days_elapsed,
        cast({{ dbt.datediff('period_start', 'period_end', 'day') }} as bigint) as days_in_period
    from bounded
),

silences as (
    select
        periods.period_grain,
        periods.period_start,
        greatest(periods.period_start, silences.silent_from) as first_day,
        least(periods.period_end, silences.silent_until) as end_day
    from periods
    inner join {{ ref('int_core__web_silences') }} as silences
        on
            periods.period_start < silences.silent_until
            and periods.period_end > silences.silent_from
),

silent as (
    select
        period_grain,
        period_start,
        sum({{ dbt.datediff('first_day', 'end_day', 'day') }}) as silent_days
    from silences
    group by period_grain, period_start
),

-- Neither the running period nor the one in whose middle the data begin.
judged as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.previous_period_start,
        periods.last_year_period_start,
        periods.days_elapsed,
        periods.days_in_period,
        cast(coalesce(silent.silent_days, 0) as bigint) as silent_days,
        periods.days_elapsed = periods.days_in_period as is_complete
    from periods
    left join silent
        on
            periods.period_grain = silent.period_grain
            and periods.period_start = silent.period_start
)

select * from judged
