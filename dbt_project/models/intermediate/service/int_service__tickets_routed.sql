with tickets as (
    select
        ticket_key,
        email_key,
        customer_key as customer_reference_key,
        created_at,
        {{ business_date('created_at') }} as created_date,
        lower(channel) as channel,
        lower(priority) as priority,
        topic,
        assignee_id,
        first_replied_at,
        solved_at,
        reopened_count
    from {{ ref('stg_support__tickets') }}
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

email_customers as (
    select
        email_key,
        min(customer_key) as customer_key
    from {{ ref('stg_shop__customers') }}
    where email_key is not null
    group by email_key
),

customers as (
    select
        customer_key,
        country
    from {{ ref('int_core__customers') }}
),

-- The team in which the agent was on the day the ticket came.
teams as (
    select
        tickets.ticket_key,
        agent_teams.team
    from tickets
    inner join {{ ref('agent_teams') }} as agent_teams
        on
            tickets.assignee_id = agent_teams.assignee_id
            and tickets.created_date >= agent_teams.valid_from
    qualify
        row_number() over (
            partition by tickets.ticket_key order by agent_teams.valid_from desc nulls last
        ) = 1
),

identified as (
    select
        tickets.*,
        coalesce(customer_references.customer_key, email_customers.customer_key) as customer_key
    from tickets
    left join customer_references
        on tickets.customer_reference_key = customer_references.customer_reference_key
    left join email_customers on tickets.email_key = email_customers.email_key
),

routed as (
    select
        identified.ticket_key,
        identified.customer_key,
        identified.created_at,
        identified.created_date,
        identified.channel,
        identified.priority,
        identified.topic,
        identified.assignee_id,
        teams.team,
        customers.country,
        coalesce(calendars.calendar, '{{ var("home_country") }}') as calendar,
        -- A reply or a solution before the request, or after the clock, is no measure of anything.
        case
            when
                identified.first_replied_at >= identified.created_at
                and identified.first_replied_at <= {{ as_of() }}
                then identified.first_replied_at
        end as first_replied_at,
        case
            when
                identified.solved_at >= identified.created_at
                and identified.solved_at <= {{ as_of() }}
                then identified.solved_at
        end as solved_at,
        coalesce(identified.reopened_count, 0) > 0 as is_reopened
    from identified
    left join teams on identified.ticket_key = teams.ticket_key
    left join customers on identified.customer_key = customers.customer_key
    left join {{ ref('int_service__calendars') }} as calendars
        on customers.country = calendars.calendar
)

select * from routed
