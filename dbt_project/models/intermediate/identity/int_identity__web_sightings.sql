-- Who the web's rows say was there. A visit in which consent was denied anywhere, by its own row or
-- by any of its events, denies it for all of them: a site may tell it of the visit alone.
{{ config(materialized='view') }}
with denied_visits as (
    select session_key
    from {{ ref('int_sessions__sessions_combined') }}
    where consent = 'denied'
),

sightings as (
    select
        'web event' as claimed_by,
        event_key as sighting_key,
        session_key,
        visitor_key,
        login_key,
        email_key,
        lead_key as lead_reference_key,
        case when event_name = 'purchase' then order_key end as order_reference_key,
        occurred_at as seen_at,
        consent
    from {{ ref('stg_web__events') }}
    union all
    select
        'web session' as claimed_by,
        session_key as sighting_key,
        session_key,
        visitor_key,
        login_key,
        cast(null as bigint) as email_key,
        cast(null as bigint) as lead_reference_key,
        cast(null as bigint) as order_reference_key,
        started_at as seen_at,
        consent
    from {{ ref('stg_web__sessions') }}
),

judged as (
    select
        sightings.claimed_by,
        sightings.sighting_key,
        sightings.visitor_key,
        sightings.login_key,
        sightings.email_key,
        sightings.lead_reference_key,
        sightings.order_reference_key,
        sightings.seen_at,
        sightings.consent = 'denied' or denied_visits.session_key is not null as is_denied
    from sightings
    left join denied_visits on sightings.session_key = denied_visits.session_key
)

select * from judged
