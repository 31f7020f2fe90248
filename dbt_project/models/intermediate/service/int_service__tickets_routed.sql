-- Holidays are those of the customer's country where it has any, else those of the company's own.
with tickets as (
    select * from {{ ref('int_core__tickets_resolved') }}
),

customers as (
    select
        customer_key,
        country
    from {{ ref('int_core__customers') }}
),

-- A reply or a solution before the ticket, or after the clock, is no measure of anything; a ticket
-- that was solved before it came is solved all the same.
routed as (
    select
        tickets.ticket_key,
        tickets.source_name,
        tickets.customer_key,
        tickets.created_at,
        tickets.created_date,
        tickets.channel,
        tickets.priority,
        tickets.topic,
        reps.rep as assignee,
        tickets.team,
        customers.country,
        coalesce(
            calendars.calendar, '{{ var("home_country") }}'
        ) as calendar,
        case
            when
                tickets.first_replied_at >= tickets.created_at
                and tickets.first_replied_at <= {{ as_of() }}
                then tickets.first_replied_at
        end as first_replied_at,
        case
            when
                tickets.solved_at >= tickets.created_at and tickets.solved_at <= {{ as_of() }}
                then tickets.solved_at
        end as solved_at,
        coalesce(tickets.first_replied_at < tickets.created_at, false) as is_replied_before,
        coalesce(tickets.solved_at < tickets.created_at, false) as is_solved_before,
        coalesce(tickets.reopened_count, 0) > 0 as is_reopened
    from tickets
    left join customers on tickets.customer_key = customers.customer_key
    left join {{ ref('int_sales__reps') }} as reps on tickets.assignee_key = reps.rep_key
    left join {{ ref('int_service__calendars') }} as calendars
        on customers.country = calendars.calendar
)

select * from routed
