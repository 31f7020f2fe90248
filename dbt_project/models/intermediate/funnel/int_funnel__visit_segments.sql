-- A person is new in the first visit that the data hold, and returning ever after.
with visits as (
    select
        sessions.session_key,
        people.person_key,
        people.customer_key,
        sessions.started_at,
        sessions.traffic_source_key,
        sessions.device_type,
        sessions.country
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
            when
                row_number() over (
                    partition by visits.person_key
                    order by visits.started_at nulls last, visits.session_key nulls last
                ) = 1
                then 'new'
            else 'returning'
        end as visitor_type
    from visits
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on visits.traffic_source_key = traffic_sources.traffic_source_key
    left join customers on visits.customer_key = customers.customer_key
)

select * from described
