-- What cannot become a visit: the tracker sent neither a session nor a visitor with it, as trackers
-- do where consent was denied.
with events as (
    select
        {{ counted_date(business_date('occurred_at')) }} as event_date,
        consent
    from {{ ref('stg_web__events') }}
    where session_key is null and visitor_key is null
),

daily as (
    select
        event_date,
        consent,
        cast(count(*) as bigint) as events
    from events
    group by event_date, consent
)

select * from daily
