-- The last visit or answer to a campaign in which, or after which, a lead without tags came in, if
-- it lies within the look-back. Visits are those of the browsers that the lead itself or the event
-- of its form names, if they are linked to it: not those that denied consent, or that everybody
-- used. Where these have none, those of its person.
with identifiers as (
    select
        identifier_key,
        kind,
        entity_key,
        person_key
    from {{ ref('int_identity__identifiers_resolved') }}
    where kind in ('lead', 'visitor')
),

leads as (
    select
        leads.lead_key,
        leads.created_at,
        identifiers.identifier_key,
        identifiers.person_key
    from {{ ref('stg_crm__leads') }} as leads
    inner join identifiers on leads.lead_key = identifiers.entity_key
    where
        identifiers.kind = 'lead'
        and leads.utm_source is null
        and leads.utm_medium is null
),

visitors as (
    select
        identifier_key,
        entity_key as visitor_key,
        person_key
    from identifiers
    where kind = 'visitor'
),

links as (
    select
        identifier_key,
        other_identifier_key
    from {{ ref('int_identity__links') }}
    where kind = 'visitor' and other_kind = 'lead' and not is_cut
),

all_browsers as (
    select
        leads.lead_key,
        leads.created_at,
        visitors.visitor_key,
        1 as preference
    from leads
    inner join links on leads.identifier_key = links.other_identifier_key
    inner join visitors on links.identifier_key = visitors.identifier_key

    union all

    select
        leads.lead_key,
        leads.created_at,
        visitors.visitor_key,
        2 as preference
    from leads
    inner join visitors on leads.person_key = visitors.person_key
),

browsers as (
    select
        lead_key,
        created_at,
        visitor_key,
        min(preference) as preference
    from all_browsers
    group by lead_key, created_at, visitor_key
),

sessions as (
    select
        visitor_key,
        session_key,
        started_at,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_sessions__sessions_counted') }}
    where visitor_key is not null
),

contacts as (
    select
        browsers.lead_key,
        browsers.created_at,
        browsers.preference,
        sessions.session_key as contact_key,
        sessions.started_at as contacted_at,
        sessions.source,
        sessions.medium,
        sessions.campaign,
        sessions.click_id_type
    from browsers
    inner join sessions on browsers.visitor_key = sessions.visitor_key

    union all

    select
        leads.lead_key,
        leads.created_at,
        cast(null as int) as preference,
        responses.touch_key as contact_key,
        responses.touched_at as contacted_at,
        responses.source,
        responses.medium,
        responses.campaign,
        responses.click_id_type
    from leads
    inner join {{ ref('int_attribution__campaign_touches') }} as responses
        on leads.lead_key = responses.lead_key
),

within_reach as (
    select
        *,
        min(preference) over (partition by lead_key) as best_preference
    from contacts
    where
        contacted_at <= created_at
        and contacted_at >= created_at - {{ day_interval(var('attribution_lookback_days')) }}
),

last_contacts as (
    select
        lead_key,
        contact_key,
        contacted_at,
        source,
        medium,
        campaign,
        click_id_type
    from within_reach
    where preference is null or preference = best_preference
    qualify
        row_number() over (
            partition by lead_key
            order by contacted_at desc nulls last, contact_key asc nulls last
        ) = 1
)

select * from last_contacts
