with tickets as (
    select
        ticket_key,
        source_name,
        ticket_id,
        customer_key,
        customer_id,
        created_at,
        created_date,
        coalesce(channel, '(unknown)') as channel,
        coalesce(priority, '(unknown)') as priority,
        coalesce(status, '(unknown)') as status,
        first_replied_at,
        first_response_hours,
        solved_at,
        solved_date,
        resolution_hours,
        reopened_count,
        assignee_key,
        assignee_id,
        coalesce(team, '(unknown)') as team,
        coalesce(topic, '(unknown)') as topic,
        updated_at
    from {{ ref('int_core__tickets_resolved') }}
)

select * from tickets
