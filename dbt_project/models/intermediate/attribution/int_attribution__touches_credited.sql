-- The share of each touch under each model: what is due to its places, and its part of what its
-- traffic source has. What cutting leaves over stays with the last touch of the source, and of all
-- that is shared, with the last touch of the path. A view, for who wants the models under each
-- other; sums over all are cheaper from the parts.
{{ config(materialized='view') }}
{%- set sharing = sharing_models() %}

with placed as (
    select * from {{ ref('int_attribution__credits_placed') }}
    where not is_reversal
),

spread as (
    select * from {{ ref('int_attribution__credits_spread') }}
    where not is_reversal
),

conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

paths as (
    select
        conversion_key,
        touch_key,
        touched_at,
        traffic_source_key,
        position,
        path_length
    from {{ ref('int_attribution__paths') }}
),

by_touch as (
    select
        spread.conversion_key,
        weighed.position,
        spread.last_position
        {%- for model in sharing -%}
            {%- for amount in attributed_amounts() %}
                {%- set shared = 'spread.' ~ model ~ '_' ~ amount %}
                ,
                {% if model == 'time_decay' -%}
                    {{ allocated_share(
                        shared, 'weighed.decay_weight', 'greatest(spread.time_decay_part, 1)'
                    ) }}
                {%- else -%}
                    {{ even_share(shared, 'spread.touches') }}
                {%- endif %} as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from spread
    inner join {{ ref('int_attribution__touches_weighed') }} as weighed
        on
            spread.conversion_key = weighed.conversion_key
            and spread.traffic_source_key = weighed.traffic_source_key
),

parts as (
    select
        conversion_key,
        position,
        pathless_channel
        {%- for model in attribution_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from placed
    {%- for position, relation, sign in [
        ('position', 'by_touch', ''),
        ('last_position', 'by_touch', '-'),
        ('last_position', 'spread', ''),
        ('path_length', 'spread', '-'),
    ] %}

        union all

        select
            conversion_key,
            {{ position }} as position,
            cast(null as {{ dbt.type_string() }}) as pathless_channel
            {%- for model in attribution_models() -%}
                {%- for amount in attributed_amounts() %}
                    ,
                    {% if model in sharing -%}
                        {{ sign }}{{ model }}_{{ amount }}
                    {%- else -%}
                        cast(null as bigint)
                    {%- endif %} as {{ model }}_{{ amount }}
                {%- endfor -%}
            {%- endfor %}
        from {{ relation }}
    {%- endfor %}
),

touches as (
    select
        conversion_key,
        position,
        max(pathless_channel) as pathless_channel
        {%- for model in attribution_models() %}
            {%- for amount in attributed_amounts() %}
                ,
                cast(sum({{ model }}_{{ amount }}) as bigint) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from parts
    group by conversion_key, position
),

long as (
    {% for model in attribution_models() -%}
        select
            conversion_key,
            pathless_channel,
            position,
            '{{ model }}' as model,
            {{ model }}_credit as credit,
            {{ model }}_revenue as revenue,
            {{ model }}_margin as margin
        from touches
        where {{ model }}_credit <> 0 or {{ model }}_revenue <> 0 or {{ model }}_margin <> 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

credited as (
    select
        long.conversion_key,
        conversions.conversion_id,
        conversions.conversion_type,
        conversions.converted_at,
        conversions.converted_date,
        conversions.is_new_customer,
        paths.touch_key,
        paths.touched_at,
        long.position,
        coalesce(paths.path_length, 0) as path_length,
        coalesce(traffic_sources.channel, long.pathless_channel) as channel,
        coalesce(traffic_sources.campaign, '(not set)') as campaign,
        long.model,
        {{ credit_fraction('long.credit') }} as credit,
        {{ from_minor_units('long.revenue') }} as attributed_revenue,
        {{ from_minor_units('long.margin') }} as attributed_margin
    from long
    inner join conversions on long.conversion_key = conversions.conversion_key
    left join paths
        on long.conversion_key = paths.conversion_key and long.position = paths.position
    left join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on paths.traffic_source_key = traffic_sources.traffic_source_key
)

select * from credited
