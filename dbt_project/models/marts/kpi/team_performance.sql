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

quotas as (
    select * from {{ ref('int_sales__quotas') }}
),

{% set summed = [
    'leads', 'leads_worked', 'working_days', 'working_days_elapsed', 'attained',
    'attained_elapsed',
] + rep_measures().keys() | list -%}
reps_cut as (
    {% for dimension, segment in cuts %}
        select
            reps.*,
            '{{ dimension }}' as dimension,
            {{ segment }} as segment
        from reps
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
        {% for column in summed %}
            sum({{ column }}) as {{ column }},
        {% endfor %}
        count(working_days) as reps,
        sum(case when working_days > 0 then quota end) as rep_quotas,
        sum({{ four_decimals(
            'cast(quota as double) * ' ~ ratio('working_days_elapsed', 'working_days')
        ) }}) as rep_quotas_elapsed
    from reps_cut
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
        -- What of a quota falls on the days over by now say the quotas of the reps: who has none,
        -- as an agent of the help desk who begins in mid-period, changes nothing.
        {% for whole, column in [
            ('rep_quotas', 'working_days'), ('rep_quotas_elapsed', 'working_days_elapsed')
        ] %}
            case
                when by_dimension.rep_quotas > 0 then by_dimension.{{ whole }}
                else by_dimension.{{ column }}
            end as quota_{{ column }},
        {% endfor %}
        {% for column in summed %}
            by_dimension.{{ column }},
        {% endfor %}
        quotas.quota,
        coalesce(quotas.quota_source, 'none') as quota_source,
        responses.median_response_hours,
        responses.median_response_business_hours
    from by_dimension
    left join responses
        on
            by_dimension.period_grain = responses.period_grain
            and by_dimension.period_start = responses.period_start
            and by_dimension.dimension = responses.dimension
            and by_dimension.segment = responses.segment
    left join quotas
        on
            by_dimension.period_grain = quotas.period_grain
            and by_dimension.period_start = quotas.period_start
            and by_dimension.dimension = quotas.dimension
            and by_dimension.segment = quotas.segment
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
        cast(attained_elapsed as decimal(28, 4)) as attained_elapsed,
        {{ quota_rate('attained', 'quota') }} as attainment,
        {{ quota_pace(
            'attained_elapsed', 'quota', 'quota_working_days', 'quota_working_days_elapsed'
        ) }} as pace
    from timed
)

select * from rated
