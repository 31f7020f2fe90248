-- The part of each period that a rep spent in a team, in working days of the home country.
with calendar as (
    select
        date_day,
        case when sum(seconds) > 0 then 1 else 0 end as working_days
    from {{ ref('int_service__business_calendar') }}
    where calendar = '{{ var("home_country") }}'
    group by date_day
),

rep_days as (
    select
        reps.rep_key,
        reps.team,
        calendar.date_day,
        calendar.working_days,
        case when calendar.date_day < {{ as_of_date() }} then calendar.working_days else 0 end
            as working_days_elapsed
    from {{ ref('int_core__sales_reps') }} as reps
    inner join calendar on calendar.date_day between reps.valid_from and reps.valid_until
),

by_grain as (
    {% for grain in period_grains() %}
        select
            rep_days.*,
            '{{ grain }}' as period_grain,
            {{ period_start(grain, 'date_day') }} as period_start
        from rep_days
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

grouped as (
    select
        period_grain,
        period_start,
        rep_key,
        coalesce(team, '(unknown)') as team,
        min(date_day) as first_day,
        count(*) as day_count,
        sum(working_days) as working_days,
        sum(working_days_elapsed) as working_days_elapsed
    from by_grain
    group by period_grain, period_start, rep_key, coalesce(team, '(unknown)')
),

-- A period that has begun; what lies ahead of it is nobody's performance.
begun as (
    select grouped.*
    from grouped
    inner join {{ ref('int_core__periods') }} as periods
        on
            grouped.period_grain = periods.period_grain
            and grouped.period_start = periods.period_start
),

measured as (
    select
        *,
        sum(day_count) over (
            partition by period_grain, period_start, rep_key
            order by first_day nulls last, team nulls last
            rows between unbounded preceding and current row
        ) as days_so_far,
        sum(day_count) over (partition by period_grain, period_start, rep_key) as rep_days
    from begun
),

-- Of the rep's days in all teams, how many lie before this part, and up to its end.
counted as (
    select
        period_grain,
        period_start,
        rep_key,
        team,
        cast(working_days as bigint) as working_days,
        cast(working_days_elapsed as bigint) as working_days_elapsed,
        cast(days_so_far - day_count as bigint) as days_before,
        cast(days_so_far as bigint) as days_through,
        cast(rep_days as bigint) as rep_days
    from measured
)

select * from counted
