-- A team is the sum of what its reps did while they were in it.
with reps as (
    select * from {{ ref('rep_performance') }}
),

leads as (
    select
        period_days.period_grain,
        period_days.period_start,
        leads.team,
        leads.response_hours,
        leads.response_business_hours
    from {{ ref('int_sales__leads_timed') }} as leads
    inner join {{ ref('int_core__period_days') }} as period_days
        on leads.created_date = period_days.date_day
),

{% set cuts = [('overall', "'all'"), ('team', 'team')] -%}
leads_cut as (
    {% for dimension, segment in cuts %}
        select
            leads.*,
            '{{ dimension }}' as dimension,
            {{ segment }} as segment
        from leads
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

responses as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        percentile_cont(0.5) within group (order by response_hours) as median_response_hours,
        percentile_cont(0.5) within group (order by response_business_hours)
            as median_response_business_hours
    from leads_cut
    group by period_grain, period_start, dimension, segment
),

team_quotas as (
    select
        period_grain,
        period_start,
        segment as team,
        target_value
    from {{ ref('int_kpi__targets_in_force') }}
    where kpi_id = 'revenue' and dimension = 'team'
),

{% set summed = [
    'leads', 'leads_worked', 'working_days', 'working_days_elapsed', 'attained',
] + rep_measures().keys() | list -%}
teams as (
    select
        period_grain,
        period_start,
        team,
        max(case when is_complete then 1 else 0 end) = 1 as is_complete,
        count(working_days) as reps,
        {% for column in summed %}
            sum({{ column }}) as {{ column }},
        {% endfor %}
        sum(quota) as rep_quotas
    from reps
    group by period_grain, period_start, team
),

-- A team's own quota counts, else its reps' together.
quoted as (
    select
        teams.period_grain,
        teams.period_start,
        teams.team,
        teams.is_complete,
        teams.reps,
        {% for column in summed %}
            teams.{{ column }},
        {% endfor %}
        coalesce(team_quotas.target_value, teams.rep_quotas) as quota,
        case when team_quotas.target_value is not null then 'team' else 'reps' end as quota_source
    from teams
    left join team_quotas
        on
            teams.period_grain = team_quotas.period_grain
            and teams.period_start = team_quotas.period_start
            and teams.team = team_quotas.team
),

quoted_cut as (
    {% for dimension, segment in cuts %}
        select
            quoted.*,
            '{{ dimension }}' as dimension,
            {{ segment }} as segment
        from quoted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_dimension as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        max(case when is_complete then 1 else 0 end) = 1 as is_complete,
        sum(reps) as reps,
        {% for column in summed %}
            sum({{ column }}) as {{ column }},
        {% endfor %}
        sum(quota) as quota,
        case
            when sum(quota) is null then 'none'
            when dimension = 'overall' then 'teams'
            else min(quota_source)
        end as quota_source
    from quoted_cut
    group by period_grain, period_start, dimension, segment
),

timed as (
    select
        by_dimension.period_grain,
        by_dimension.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        by_dimension.is_complete,
        by_dimension.reps,
        {% for column in summed %}
            by_dimension.{{ column }},
        {% endfor %}
        by_dimension.quota,
        by_dimension.quota_source,
        responses.median_response_hours,
        responses.median_response_business_hours
    from by_dimension
    left join responses
        on
            by_dimension.period_grain = responses.period_grain
            and by_dimension.period_start = responses.period_start
            and by_dimension.dimension = responses.dimension
            and by_dimension.segment = responses.segment
),

rated as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        is_complete,
        cast(reps as bigint) as reps,
        {{ performance_columns('working_days') }},
        cast(quota as decimal(28, 4)) as quota,
        quota_source,
        cast(attained as decimal(28, 4)) as attained,
        {{ ratio('attained', 'quota') }} as attainment,
        {{ quota_pace('attained', 'quota', 'working_days', 'working_days_elapsed') }} as pace
    from timed
)

select * from rated
