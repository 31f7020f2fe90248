-- A person is new in the first visit that the data hold, and returning ever after.
with visits as (
    select
        sessions.session_key,
        people.person_key,
        people.customer_key,
        sessions.traffic_source_key,
        sessions.device_type,
        sessions.country,
        row_number() over (
            partition by people.person_key
            order by sessions.started_at nulls last, sessions.session_key nulls last
        ) as visit_number
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    left join {{ ref('int_identity__visitors') }} as people
        on sessions.visitor_key = people.visitor_key
),

customers as (
    select
        customer_key,
        segment
    from {{ ref('int_core__customers') }}
),

described as (
    select
        visits.session_key,
        traffic_sources.channel,
        traffic_sources.campaign,
        visits.device_type as device,
        visits.country,
        customers.segment,
        case
            when visits.person_key is null then null
            when visits.visit_number = 1 then 'new'
            else 'returning'
        end as visitor_type
    from visits
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on visits.traffic_source_key = traffic_sources.traffic_source_key
    left join customers on visits.customer_key = customers.customer_key
)

select * from described
