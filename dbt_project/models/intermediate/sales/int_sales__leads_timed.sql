with leads as (
    select * from {{ ref('int_sales__lead_responses') }}
),

clock as (
    select
        calendar,
        instant,
        business_seconds
    from {{ ref('int_service__instants_clocked') }}
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

timed as (
    select
        leads.lead_key,
        leads.owner_rep_key as rep_key,
        coalesce(reps.team, '(unknown)') as team,
        leads.created_date,
        leads.answered_at,
        cast({{ seconds_between('leads.created_at', 'leads.answered_at') }} / 3600 as double)
            as response_hours,
        cast(answered.business_seconds - opened.business_seconds as double) / 3600
            as response_business_hours
    from leads
    left join clock as opened
        on leads.calendar = opened.calendar and leads.created_at = opened.instant
    left join clock as answered
        on leads.calendar = answered.calendar and leads.answered_at = answered.instant
    left join reps
        on {{ rep_as_of('reps', 'leads.owner_rep_key', 'leads.created_date') }}
)

select * from timed
