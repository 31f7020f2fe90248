-- What each touch earns under each model, as the interval (before, through] of `whole` parts: the
-- intervals of a path cover it without gap or overlap, so any amount split along them adds up. A
-- model that gives the whole to one touch, and the linear one, need no more than the place in the
-- path: the macro credit_interval() says how each model is read from here.
{%- set shared = ['position_based', 'w_shaped', 'time_decay'] %}
{%- set by_channel = ['equal_channel', 'markov'] | select('in', attribution_models()) | list %}
{%- set sides = ['before', 'through', 'whole'] %}
with touch_shares as (
    select * from {{ ref('int_attribution__touch_shares') }}
),

channel_shares as (
    select * from {{ ref('int_attribution__channel_shares') }}
),

conversions as (
    select
        conversion_key,
        is_consent_denied
    from {{ ref('int_attribution__conversions') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

earned as (
    select
        touch_shares.*,
        traffic_sources.channel,
        traffic_sources.campaign
        {%- for model in by_channel -%}
            {%- for side in sides %}
                ,
                channel_shares.{{ model }}_{{ side }}
            {%- endfor -%}
        {%- endfor %}
    from touch_shares
    inner join channel_shares
        on
            touch_shares.conversion_key = channel_shares.conversion_key
            and touch_shares.position = channel_shares.position
    inner join traffic_sources
        on touch_shares.traffic_source_key = traffic_sources.traffic_source_key
),

found as (
    select distinct conversion_key from touch_shares
),

credits as (
    select
        conversion_key,
        touch_key,
        touched_at,
        channel,
        campaign,
        position,
        path_length,
        last_non_direct_position
        {%- for model in shared + by_channel -%}
            {%- for side in sides %}
                ,
                cast({{ model }}_{{ side }} as bigint) as {{ model }}_{{ side }}
            {%- endfor -%}
        {%- endfor %}
    from earned

    union all

    -- What no touch earned stays a row of its own, at position 0.
    select
        conversions.conversion_key,
        cast(null as bigint) as touch_key,
        cast(null as timestamp) as touched_at,
        case
            when conversions.is_consent_denied then '(no consent)' else '(unattributed)'
        end as channel,
        '(not set)' as campaign,
        0 as position,
        0 as path_length,
        0 as last_non_direct_position
        {%- for model in shared + by_channel %}
            ,
            0 as {{ model }}_before,
            1 as {{ model }}_through,
            1 as {{ model }}_whole
        {%- endfor %}
    from conversions
    left join found on conversions.conversion_key = found.conversion_key
    where found.conversion_key is null
)

select * from credits
