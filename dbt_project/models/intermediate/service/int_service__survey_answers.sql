with responses as (
    select
        response_key,
        email_key,
        customer_key as customer_reference_key,
        ticket_id,
        survey,
        coalesce(sent_at, answered_at) as sent_at,
        case when score is not null then answered_at end as answered_at,
        score,
        coalesce(scale_min, case survey when 'csat' then 1 else 0 end) as scale_min,
        coalesce(scale_max, case survey when 'csat' then 5 else 10 end) as scale_max
    from {{ ref('stg_survey__responses') }}
    where survey in ('csat', 'nps')
),

tickets as (
    select
        tickets.ticket_key,
        staged.ticket_id,
        tickets.customer_key,
        tickets.channel,
        tickets.priority,
        tickets.topic,
        tickets.assignee_id,
        tickets.team,
        tickets.country
    from {{ ref('int_service__tickets_routed') }} as tickets
    inner join {{ ref('stg_support__tickets') }} as staged
        on tickets.ticket_key = staged.ticket_key
),

-- Surveys come from a system of their own: a ticket id names the only ticket that has it.
ticket_ids as (
    select
        ticket_id,
        min(ticket_key) as ticket_key
    from tickets
    group by ticket_id
    having count(*) = 1
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

linked as (
    select
        responses.*,
        cast(responses.score - responses.scale_min as double)
        / nullif(cast(responses.scale_max - responses.scale_min as double), 0) as scale_share,
        coalesce(
            customer_references.customer_key, tickets.customer_key, email_customers.customer_key
        ) as customer_key,
        tickets.channel,
        tickets.priority,
        tickets.topic,
        tickets.assignee_id,
        tickets.team,
        coalesce(customers.country, tickets.country) as country
    from responses
    left join ticket_ids on responses.ticket_id = ticket_ids.ticket_id
    left join tickets on ticket_ids.ticket_key = tickets.ticket_key
    left join customer_references
        on responses.customer_reference_key = customer_references.customer_reference_key
    left join email_customers on responses.email_key = email_customers.email_key
    left join {{ ref('int_core__customers') }} as customers
        on
            customers.customer_key = coalesce(
                customer_references.customer_key, tickets.customer_key, email_customers.customer_key
            )
),

-- Recommendation is asked on 0 to 10; another scale has no promoters.
banded as (
    select
        response_key,
        customer_key,
        survey,
        sent_at,
        {{ business_date('sent_at') }} as sent_date,
        answered_at,
        channel,
        priority,
        topic,
        assignee_id,
        team,
        country,
        case
            when answered_at is null then 'no_answer'
            when survey = 'csat' and scale_share >= {{ var('csat_satisfied_from') }}
                then 'satisfied'
            when survey = 'csat' and scale_share < {{ var('csat_dissatisfied_below') }}
                then 'dissatisfied'
            when survey = 'csat' then 'neutral'
            when score >= 9 then 'promoter'
            when score <= 6 then 'detractor'
            else 'passive'
        end as score_band
    from linked
    where survey = 'csat' or (scale_min = 0 and scale_max = 10)
)

select * from banded
