-- A journey that converted is the path of its conversion, in the month of the conversion. Touches
-- on no path make the journeys that were lost: a step leaves a touch in the month of that touch,
-- and goes to the person's next such touch, or to the end if none follows within the look-back.
{% set order = var('markov_order') %}
{# Of touches at one instant it is enough to know which channel comes first. Both are one number, of
   which 6 bits are the channel (it has at most 62): all that is put in order and handed on. Its
   instants stay in 64ths of a microsecond, so that little is divided. #}
{% set lookback = var('attribution_lookback_days') * 86400 * 1000000 * 64 %}
{% set by_person = 'partition by person_key order by place nulls last' %}
{% set backs = range(1, [order, 2] | max) | list %}
{% set neighbours = ['place', 'next_place'] %}
{% for back in backs %}
    {% do neighbours.append('place_before_' ~ back) %}
{% endfor %}
{% set by_path %}
    partition by paths.conversion_key order by paths.position nulls last
{% endset %}
{% set befores = range(order - 1, 0, -1) | list %}

with traffic_sources as (
    select
        traffic_sources.traffic_source_key,
        channels.channel_number
    from {{ ref('int_attribution__traffic_sources') }} as traffic_sources
    inner join {{ ref('int_attribution__channels') }} as channels
        on traffic_sources.channel = channels.channel
),

touches as (
    select
        touches.touch_key,
        touches.person_key,
        touches.touched_at,
        traffic_sources.channel_number
    from {{ ref('int_attribution__touches') }} as touches
    inner join traffic_sources
        on touches.traffic_source_key = traffic_sources.traffic_source_key
    where
        touches.person_key is not null
        and (not touches.is_direct or {{ var('attribution_counts_direct') | lower }})
),

paths as (
    select
        conversion_key,
        touch_key,
        traffic_source_key,
        position
    from {{ ref('int_attribution__paths') }}
),

conversions as (
    select
        conversion_key,
        cast({{ dbt.date_trunc('month', 'converted_date') }} as date) as period_start
    from {{ ref('int_attribution__conversions') }}
),

converting_steps as (
    select
        conversions.period_start,
        {% for back in befores %}
            lag(traffic_sources.channel_number, {{ back }}) over ({{ by_path }})
                as before_{{ back }}_number,
        {% endfor %}
        traffic_sources.channel_number,
        lead(traffic_sources.channel_number) over ({{ by_path }}) as next_number,
        paths.position = 1 as is_first
    from paths
    inner join traffic_sources on paths.traffic_source_key = traffic_sources.traffic_source_key
    inner join conversions on paths.conversion_key = conversions.conversion_key
),

lost_touches as (
    select
        touches.person_key,
        {{ microseconds('touches.touched_at') }} * 64 + touches.channel_number as place
    from touches
    left join paths on touches.touch_key = paths.touch_key
    where paths.touch_key is null
),

lost_sequences as (
    select
        place,
        {% for back in backs %}
            lag(place, {{ back }}) over ({{ by_person }}) as place_before_{{ back }},
        {% endfor %}
        lead(place) over ({{ by_person }}) as next_place
    from lost_touches
),

lost_neighbours as (
    select
        {% for place in neighbours -%}
            cast({{ place }} & 63 as integer) as {{ place }}_channel,
            {{ place }} - ({{ place }} & 63) as {{ place }}_at
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from lost_sequences
),

-- What lies further back than the look-back belongs to an earlier journey.
lost_steps as (
    select
        {{ business_month(instant_of(even_share('place_at', 64))) }} as period_start,
        {% for back in befores %}
            case
                when
                    place_at - place_before_1_at <= {{ lookback }}
                    {% for earlier in range(2, back + 1) %}
                        and place_before_{{ earlier - 1 }}_at - place_before_{{ earlier }}_at
                        <= {{ lookback }}
                    {% endfor %}
                    then place_before_{{ back }}_channel
            end as before_{{ back }}_number,
        {% endfor %}
        place_channel as channel_number,
        case when next_place_at - place_at <= {{ lookback }} then next_place_channel end
            as next_number,
        coalesce(place_at - place_before_1_at > {{ lookback }}, true) as is_first
    from lost_neighbours
),

grouped as (
    {% for kind in ['converting', 'lost'] %}
        select
            period_start,
            {% for back in befores %}
                before_{{ back }}_number,
            {% endfor %}
            channel_number,
            next_number,
            is_first,
            {{ (kind == 'converting') | lower }} as is_converting,
            count(*) as steps
        from {{ kind }}_steps
        group by
            period_start,
            {% for back in befores %}
                before_{{ back }}_number,
            {% endfor %}
            channel_number,
            next_number,
            is_first
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Each first touch is a step from the start as well.
counted as (
    select
        period_start,
        {% for back in (2, 1) %}
            {% if back in befores -%}
                before_{{ back }}_number
            {%- else -%}
                cast(null as integer) as before_{{ back }}_number
            {%- endif %},
        {% endfor %}
        channel_number,
        next_number,
        is_converting,
        cast(sum(steps) as bigint) as steps
    from grouped
    group by
        period_start,
        {% for back in befores %}
            before_{{ back }}_number,
        {% endfor %}
        channel_number,
        next_number,
        is_converting

    union all

    select
        period_start,
        cast(null as integer) as before_2_number,
        cast(null as integer) as before_1_number,
        cast(null as integer) as channel_number,
        channel_number as next_number,
        is_converting,
        cast(sum(steps) as bigint) as steps
    from grouped
    where is_first
    group by period_start, channel_number, is_converting
)

select * from counted
