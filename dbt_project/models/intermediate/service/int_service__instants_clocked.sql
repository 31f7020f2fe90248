-- Business time between two instants is the difference of two of these readings: no ticket
-- or lead is ever spread over its days.
with tickets as (
    select
        calendar,
        created_at,
        first_replied_at,
        solved_at,
        told_at
    from {{ ref('int_service__tickets_routed') }}
),

leads as (
    select
        calendar,
        created_at,
        answered_at
    from {{ ref('int_sales__lead_responses') }}
),

instants as (
    select
        calendar,
        created_at as instant
    from leads
    union
    select
        calendar,
        answered_at as instant
    from leads
    union
    select
        calendar,
        created_at as instant
    from tickets
    union
    select
        calendar,
        first_replied_at as instant
    from tickets
    union
    select
        calendar,
        solved_at as instant
    from tickets
    union
    select
        calendar,
        told_at as instant
    from tickets
),

dated as (
    select
        calendar,
        instant,
        {{ business_date('instant') }} as date_day
    from instants
    where instant is not null
),

passed as (
    select
        dated.calendar,
        dated.instant,
        business_calendar.seconds_before,
        least(
            greatest({{ seconds_between('business_calendar.opens_at', 'dated.instant') }}, 0),
            business_calendar.seconds
        ) as seconds_passed
    from dated
    inner join {{ ref('int_service__business_calendar') }} as business_calendar
        on
            dated.calendar = business_calendar.calendar
            and dated.date_day = business_calendar.date_day
),

clocked as (
    select
        calendar,
        instant,
        cast(min(seconds_before) + sum(seconds_passed) as double) as business_seconds
    from passed
    group by calendar, instant
)

select * from clocked
