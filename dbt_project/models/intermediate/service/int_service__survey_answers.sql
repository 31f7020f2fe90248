with responses as (
    select
        response_key,
        customer_key,
        ticket_key,
        survey,
        coalesce(sent_at, answered_at) as sent_at,
        coalesce(sent_date, answered_date) as sent_date,
        case when score_category is not null then answered_at end as answered_at,
        coalesce(score_category, 'no_answer') as score_band
    from {{ ref('int_core__survey_responses_scored') }}
    where survey in ('csat', 'nps')
),

tickets as (
    select
        ticket_key,
        channel,
        priority,
        topic,
        assignee,
        team
    from {{ ref('int_service__tickets_routed') }}
),

customers as (
    select
        customer_key,
        country
    from {{ ref('int_core__customers') }}
),

-- An answer without a score on its scale is no answer here.
answers as (
    select
        responses.*,
        tickets.channel,
        tickets.priority,
        tickets.topic,
        tickets.assignee,
        tickets.team,
        customers.country
    from responses
    left join tickets on responses.ticket_key = tickets.ticket_key
    left join customers on responses.customer_key = customers.customer_key
)

select * from answers
