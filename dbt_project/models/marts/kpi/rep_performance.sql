-- A rep who changed team within a period has a row for each part, with its part of the quota. Work
-- for a team that the rep was not in has none.
with totals as (
    select * from {{ ref('int_sales__rep_totals') }}
),

silent as (
    {{ silent_from(['shop_orders', 'crm_leads']) }}
),

-- The days of which it is known what counts towards quotas, as for the KPI quota_attainment.
extents as (
    {{ extents_of('quota_attained') }}
),

periods as (
    select
        periods.period_grain,
        periods.period_start,
        periods.is_complete
        and coalesce(periods.period_end <= silent.silent_from, true)
        and {{ is_whole('extents') }} as is_complete
    from {{ ref('int_core__periods') }} as periods
    cross join silent
    cross join extents
),

reps as (
    select
        rep_key,
        rep
    from {{ ref('int_sales__reps') }}
),

joined as (
    select
        totals.period_grain,
        totals.period_start,
        totals.rep_key,
        totals.team,
        totals.working_days,
        totals.working_days_elapsed,
        {% for column in rep_measures() %}
            totals.{{ column }},
        {% endfor %}
        totals.leads,
        totals.leads_worked,
        totals.median_response_hours,
        totals.median_response_business_hours,
        periods.is_complete,
        coalesce(reps.rep, '(unknown)') as rep,
        {{ rep_attained('totals') }} as attained,
        totals.attained_elapsed,
        quotas.quota
    from totals
    inner join periods
        on totals.period_grain = periods.period_grain and totals.period_start = periods.period_start
    left join reps on totals.rep_key = reps.rep_key
    left join {{ ref('int_sales__rep_quotas') }} as quotas
        on
            totals.period_grain = quotas.period_grain
            and totals.period_start = quotas.period_start
            and totals.rep_key = quotas.rep_key
            and totals.team = quotas.team
),

rated as (
    select
        period_grain,
        period_start,
        team,
        rep,
        nullif(rep_key, 0) as rep_key,
        is_complete,
        {{ performance_columns('working_days') }},
        quota,
        attained,
        attained_elapsed,
        {{ quota_rate('attained', 'quota') }} as attainment,
        {{ quota_pace('attained_elapsed', 'quota', 'working_days', 'working_days_elapsed') }}
            as pace
    from joined
),

ranked as (
    select
        *,
        cast(
            rank() over (
                partition by period_grain, period_start, team order by won_value desc nulls last
            ) as bigint
        ) as rank_by_won_value,
        case
            when attainment is not null
                then cast(
                    rank() over (
                        partition by period_grain, period_start, team
                        order by attainment desc nulls last
                    ) as bigint
                )
        end as rank_by_attainment
    from rated
)

select * from ranked
