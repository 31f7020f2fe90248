with measures as (
    select
        period_days.period_grain,
        period_days.period_start,
        {% for column, measure in rep_measures().items() %}
            cast(
                sum(case when daily.measure = '{{ measure }}' then daily.amount else 0 end)
                as decimal(28, 4)
            ) as {{ column }},
        {% endfor %}
        cast({{ rep_attained_elapsed('daily') }} as decimal(28, 4)) as attained_elapsed,
        daily.rep_key,
        daily.team
    from {{ ref('int_sales__rep_measures_daily') }} as daily
    inner join {{ ref('int_core__period_days') }} as period_days
        on daily.date_day = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        daily.rep_key,
        daily.team
),

responses as (
    select
        period_days.period_grain,
        period_days.period_start,
        leads.rep_key,
        leads.team,
        count(*) as leads,
        count(leads.answered_at) as leads_worked,
        percentile_cont(0.5) within group (order by leads.response_hours)
            as median_response_hours,
        percentile_cont(0.5) within group (order by leads.response_business_hours)
            as median_response_business_hours
    from {{ ref('int_sales__leads_timed') }} as leads
    inner join {{ ref('int_core__period_days') }} as period_days
        on leads.created_date = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        leads.rep_key,
        leads.team
),

members as (
    select * from {{ ref('int_sales__rep_periods') }}
),

-- Money and counts that nobody is named for stand under a rep of key 0.
parts as (
    select
        period_grain,
        period_start,
        coalesce(rep_key, 0) as rep_key,
        team
    from measures
    union
    select
        period_grain,
        period_start,
        coalesce(rep_key, 0) as rep_key,
        team
    from responses
    union
    select
        period_grain,
        period_start,
        rep_key,
        team
    from members
),

totals as (
    select
        parts.period_grain,
        parts.period_start,
        parts.rep_key,
        parts.team,
        members.working_days,
        members.working_days_elapsed,
        {% for column in rep_measures() %}
            coalesce(measures.{{ column }}, 0) as {{ column }},
        {% endfor %}
        coalesce(measures.attained_elapsed, 0) as attained_elapsed,
        coalesce(responses.leads, 0) as leads,
        coalesce(responses.leads_worked, 0) as leads_worked,
        responses.median_response_hours,
        responses.median_response_business_hours
    from parts
    left join members
        on
            parts.period_grain = members.period_grain
            and parts.period_start = members.period_start
            and parts.rep_key = members.rep_key
            and parts.team = members.team
    {% for part in ['measures', 'responses'] %}
        left join {{ part }}
            on
                parts.period_grain = {{ part }}.period_grain
                and parts.period_start = {{ part }}.period_start
                and parts.rep_key = coalesce({{ part }}.rep_key, 0)
                and parts.team = {{ part }}.team
    {% endfor %}
)

select * from totals
