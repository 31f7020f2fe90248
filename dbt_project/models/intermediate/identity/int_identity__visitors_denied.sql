with events as (
    select distinct visitor_key
    from {{ ref('stg_web__events') }}
    where consent = 'denied' and visitor_key is not null
),

sessions as (
    select distinct visitor_key
    from {{ ref('stg_web__sessions') }}
    where consent = 'denied' and visitor_key is not null
),

denied as (
    select visitor_key from events
    union
    select visitor_key from sessions
)

select * from denied
