-- A lead is answered by its owner's first activity on it; somebody else's call is no answer.
with leads as (
    select
        lead_key,
        owner_rep_key,
        country,
        created_at,
        created_date
    from {{ ref('int_core__leads_sourced') }}
),

activities as (
    select
        lead_key,
        rep_key,
        occurred_at
    from {{ ref('int_core__activities_assigned') }}
    where lead_key is not null and rep_key is not null and occurred_at <= {{ as_of() }}
),

answers as (
    select
        leads.lead_key,
        min(activities.occurred_at) as answered_at
    from leads
    inner join activities
        on
            leads.lead_key = activities.lead_key
            and leads.owner_rep_key = activities.rep_key
            and leads.created_at <= activities.occurred_at
    group by leads.lead_key
),

answered as (
    select
        leads.lead_key,
        leads.owner_rep_key,
        leads.created_at,
        leads.created_date,
        answers.answered_at,
        coalesce(
            calendars.calendar, '{{ var("home_country") }}'
        ) as calendar
    from leads
    left join answers on leads.lead_key = answers.lead_key
    left join {{ ref('int_service__calendars') }} as calendars
        on leads.country = calendars.calendar
)

select * from answered
