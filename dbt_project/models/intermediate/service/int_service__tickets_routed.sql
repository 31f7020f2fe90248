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

-- What has not been delivered yet may be a reply or a solution: of a source that is late, or of all
-- where no row of any has come for long, time is known to pass to the end of its last day.
sources as (
    select
        delivered.source_name,
        least(
            cast(
                coalesce(
                    slowest.reached_on,
                    case
                        when raw_tables.freshness = 'stale'
                            then {{ business_date('raw_tables.last_row_at') }}
                    end,
                    {{ as_of_date() }}
                ) + {{ day_interval(1) }} as date
            ),
            {{ as_of_date() }}
        ) as known_until
    from (select distinct source_name from tickets) as delivered
    inner join {{ ref('int_core__raw_tables') }} as raw_tables
        on raw_tables.raw_table = 'support_tickets'
    left join {{ ref('int_core__awaited_sources') }} as slowest
        on
            raw_tables.raw_table = slowest.raw_table
            and delivered.source_name = slowest.source_name
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
        coalesce(tickets.reopened_count, 0) > 0 as is_reopened,
        {{ told_at('sources.known_until') }} as told_at
    from tickets
    inner join sources on tickets.source_name = sources.source_name
    left join customers on tickets.customer_key = customers.customer_key
    left join {{ ref('int_sales__reps') }} as reps on tickets.assignee_key = reps.rep_key
    left join {{ ref('int_service__calendars') }} as calendars
        on customers.country = calendars.calendar
)

select * from routed
