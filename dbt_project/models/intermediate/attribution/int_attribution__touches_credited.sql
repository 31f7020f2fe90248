-- One row per model out of int_attribution__credits: a view, for who wants the models under each
-- other. Sums over all are cheaper from the credits.
{{ config(materialized='view') }}

with credits as (
    select * from {{ ref('int_attribution__credits') }}
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

-- The parts of a touch by its place and by what it has in common with others are one share.
touches as (
    select
        conversion_key,
        position,
        max(pathless_channel) as pathless_channel
        {%- for model in attribution_models() %}
            {%- for amount in ['credit', 'revenue', 'margin'] %}
                ,
                cast(sum({{ model }}_{{ amount }}) as bigint) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from credits
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
