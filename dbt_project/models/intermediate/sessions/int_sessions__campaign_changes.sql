-- Tags and click identifiers of a session's events, in order; the event whose own differ from the
-- ones before is a touch of its own. A page view without any changes nothing. What a given session
-- says of itself comes before its events; its first event is its start whatever it carries.
with tagged_events as (
    select
        session_key,
        event_number,
        event_key,
        occurred_at,
        page_url,
        page_referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id_type,
        coalesce(click_id, click_id_type) as click_id
    from {{ ref('int_sessions__events_sessionised') }}
    where
        utm_source is not null
        or utm_medium is not null
        or utm_campaign is not null
        or click_id is not null
        or click_id_type is not null
),

-- Most sessions have tags on their landing page alone, and nothing to compare.
compared_sessions as (
    select distinct session_key
    from tagged_events
    where event_number > 1
),

events as (
    select tagged_events.*
    from tagged_events
    inner join compared_sessions on tagged_events.session_key = compared_sessions.session_key
),

given_sessions as (
    select
        sessions.session_key,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.click_id,
        sessions.click_id_type
    from {{ ref('stg_web__sessions') }} as sessions
    inner join compared_sessions on sessions.session_key = compared_sessions.session_key
    where
        sessions.utm_source is not null
        or sessions.utm_medium is not null
        or sessions.utm_campaign is not null
        or sessions.click_id_type is not null
),

tagged as (
    select
        session_key,
        event_number,
        event_key,
        occurred_at,
        click_id,
        {{ url_host('page_referrer') }} as raw_referrer_host,
        {{ url_host('page_url') }} as page_host,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id_type
    from events

    union all

    select
        session_key,
        0 as event_number,
        null as event_key,
        null as occurred_at,
        click_id,
        null as raw_referrer_host,
        null as page_host,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id_type
    from given_sessions
),

external as (
    select
        *,
        {{ tag_words('utm_source', 'utm_medium', 'utm_campaign') }},
        {{ external_host('raw_referrer_host', ['page_host']) }} as referrer_host
    from tagged
),

spelled as (
    select
        *,
        {{ folded('campaign_word') }} as campaign_spelling
    from external
),

aliases as (
    select
        {{ folded('raw_campaign') }} as raw_spelling,
        min({{ folded('campaign') }}) as campaign_spelling
    from {{ ref('campaign_aliases') }}
    group by {{ folded('raw_campaign') }}
),

sourced as (
    select
        spelled.session_key,
        spelled.event_number,
        spelled.event_key,
        spelled.occurred_at,
        spelled.click_id,
        -- The referrer says where a click came from, and is not compared. Campaigns are compared as
        -- they are named alike elsewhere.
        {{ integer_key([
            "coalesce(spelled.source_word, '')",
            "coalesce(spelled.medium_word, '')",
            "coalesce(aliases.campaign_spelling, spelled.campaign_spelling, '') || '.'"
        ]) }} as tags_key,
        {{ traffic_source(
            'spelled.utm_campaign', 'spelled.referrer_host', 'spelled.click_id_type'
        ) }}
    from spelled
    left join aliases on spelled.campaign_spelling = aliases.raw_spelling
),

compared as (
    select
        *,
        lag(tags_key) over (
            partition by session_key order by event_number nulls last
        ) as previous_tags_key,
        -- Pages without a click may lie between two of them.
        lag(click_id) over (
            partition by session_key, click_id is not null order by event_number nulls last
        ) as previous_click_id
    from sourced
),

-- A click identifier is one click: the same one again is no change, another one is.
changed as (
    select
        event_key as touch_key,
        session_key,
        occurred_at as touched_at,
        source,
        medium,
        campaign,
        click_id_type,
        {{ traffic_source_key() }} as traffic_source_key
    from compared
    where
        event_number > 1
        and coalesce(click_id <> previous_click_id, tags_key <> previous_tags_key, true)
)

select * from changed
