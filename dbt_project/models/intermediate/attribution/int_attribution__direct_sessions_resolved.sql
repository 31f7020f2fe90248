-- Each touch that came from somewhere opens a number; the direct ones after it carry that number.
-- Of one instant, visits start before campaigns come inside them: one that a clock dates before its
-- visit counts at the visit's start, and yet came after it.
with touches as (
    select
        touch_key,
        person_key,
        touched_at,
        traffic_source_key,
        session_key,
        is_direct
    from {{ ref('int_attribution__touches') }}
),

numbered as (
    select
        *,
        sum(case when is_direct then 0 else 1 end) over (
            partition by person_key
            order by
                touched_at nulls last,
                case when touch_key = session_key then 0 else 1 end nulls last,
                touch_key nulls last
            rows between unbounded preceding and current row
        ) as source_number
    from touches
),

direct_sessions as (
    select
        session_key,
        person_key,
        touched_at,
        source_number
    from numbered
    where is_direct and touch_key = session_key
),

sources as (
    select
        person_key,
        source_number,
        touched_at,
        traffic_source_key
    from numbered
    where not is_direct
),

resolved as (
    select
        direct_sessions.session_key,
        sources.traffic_source_key
    from direct_sessions
    inner join sources
        on
            direct_sessions.person_key = sources.person_key
            and direct_sessions.source_number = sources.source_number
    where
        {{ seconds_between('sources.touched_at', 'direct_sessions.touched_at') }}
        <= {{ var('last_non_direct_lookback_days') }} * 86400
)

select * from resolved
