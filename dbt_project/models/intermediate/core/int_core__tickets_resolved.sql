with tickets as (
    select
        *,
        {{ business_date('created_at') }} as created_date,
        {{ business_date('solved_at') }} as solved_date
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
        customer_key
    from {{ ref('int_core__email_customers') }}
),

rep_references as (
    select
        rep_reference_key,
        rep_key
    from {{ ref('int_core__rep_references') }}
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

referred as (
    select
        tickets.ticket_key,
        tickets.source_name,
        tickets.ticket_id,
        coalesce(customer_references.customer_key, email_customers.customer_key) as customer_key,
        tickets.customer_id,
        tickets.created_at,
        tickets.created_date,
        tickets.channel,
        tickets.priority,
        tickets.status,
        tickets.first_replied_at,
        tickets.solved_at,
        tickets.solved_date,
        tickets.reopened_count,
        rep_references.rep_key as assignee_key,
        tickets.assignee_id,
        tickets.topic,
        tickets.updated_at
    from tickets
    left join customer_references
        on tickets.customer_key = customer_references.customer_reference_key
    left join email_customers on tickets.email_key = email_customers.email_key
    left join rep_references on tickets.assignee_key = rep_references.rep_reference_key
),

-- A reply or solution before the ticket is a clock gone wrong, no short wait.
resolved as (
    select
        referred.*,
        reps.team,
        case
            when referred.first_replied_at >= referred.created_at
                then cast(
                    {{ seconds_between('referred.created_at', 'referred.first_replied_at') }} / 3600
                    as double
                )
        end as first_response_hours,
        case
            when referred.solved_at >= referred.created_at
                then cast(
                    {{ seconds_between('referred.created_at', 'referred.solved_at') }} / 3600
                    as double
                )
        end as resolution_hours
    from referred
    left join reps
        on {{ rep_as_of('reps', 'referred.assignee_key', 'referred.created_date') }}
)

select * from resolved
