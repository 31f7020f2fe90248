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

long as (
    {% for model in attribution_models() -%}
        select
            conversion_key,
            touch_key,
            touched_at,
            traffic_source_key,
            pathless_channel,
            position,
            path_length,
            '{{ model }}' as model,
            {{ model }}_credit as credit,
            {{ model }}_revenue as revenue,
            {{ model }}_margin as margin
        from credits
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
        long.touch_key,
        long.touched_at,
        long.position,
        long.path_length,
        coalesce(traffic_sources.channel, long.pathless_channel) as channel,
        coalesce(traffic_sources.campaign, '(not set)') as campaign,
        long.model,
        {{ credit_fraction('long.credit') }} as credit,
        {{ from_minor_units('long.revenue') }} as attributed_revenue,
        {{ from_minor_units('long.margin') }} as attributed_margin
    from long
    inner join conversions on long.conversion_key = conversions.conversion_key
    left join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on long.traffic_source_key = traffic_sources.traffic_source_key
)

select * from credited
