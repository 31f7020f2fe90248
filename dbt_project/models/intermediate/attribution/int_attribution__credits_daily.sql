-- Sums by traffic source, an integer, in one pass over the sources of paths: what touches share
-- counts for their own source and against that of the last touch. The few sums are joined, and only
-- then stand under each other by model; who needs sums by channel or campaign makes them.
{%- set keys = [
    'activity_date',
    'conversion_type',
    'is_reversal',
    'is_new_customer',
    'is_margin_unknown',
] %}
{%- set sharing = sharing_models() %}
with spread as (
    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        traffic_source_key,
        last_source_key
        {%- for model in sharing -%}
            {%- for amount in attributed_amounts() %}
                ,
                cast(sum({{ model }}_{{ amount }}) as bigint) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from {{ ref('int_attribution__credits_spread') }}
    group by
        grouping sets (
            ({{ keys | join(', ') }}, traffic_source_key),
            ({{ keys | join(', ') }}, last_source_key)
        )
),

placed as (
    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        traffic_source_key,
        pathless_channel
        {%- for model in attribution_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                cast(sum({{ model }}_{{ amount }}) as bigint) as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from {{ ref('int_attribution__credits_placed') }}
    group by
        {% for key in keys -%}
            {{ key }},
        {% endfor -%}
        traffic_source_key,
        pathless_channel
),

own as (
    select * from spread
    where traffic_source_key is not null
),

taken as (
    select * from spread
    where last_source_key is not null
),

-- Each place of a path is a touch of one of its sources; what no touch earned has none.
summed as (
    select
        {%- for key in keys %}
            own.{{ key }},
        {%- endfor %}
        own.traffic_source_key,
        cast(null as {{ dbt.type_string() }}) as pathless_channel
        {%- for model in attribution_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                {% if model in sharing -%}
                    own.{{ model }}_{{ amount }}
                    - coalesce(taken.{{ model }}_{{ amount }}, 0)
                    + coalesce(placed.{{ model }}_{{ amount }}, 0) as {{ model }}_{{ amount }}
                {%- else -%}
                    placed.{{ model }}_{{ amount }}
                {%- endif %}
            {%- endfor -%}
        {%- endfor %}
    from own
    left join taken
        on
            {% for key in keys -%}
                own.{{ key }} = taken.{{ key }}
                and {% endfor -%}
            own.traffic_source_key = taken.last_source_key
    left join placed
        on
            {% for key in keys -%}
                own.{{ key }} = placed.{{ key }}
                and {% endfor -%}
            own.traffic_source_key = placed.traffic_source_key

    union all

    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        traffic_source_key,
        pathless_channel
        {%- for model in attribution_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from placed
    where traffic_source_key is null
),

daily as (
    {% for model in attribution_models() -%}
        select
            {% for key in keys -%}
                {{ key }},
            {% endfor -%}
            traffic_source_key,
            pathless_channel,
            '{{ model }}' as model,
            {{ credit_fraction(model ~ '_credit', 18) }} as credit,
            {{ from_minor_units(model ~ '_revenue') }} as attributed_revenue,
            {{ from_minor_units(model ~ '_margin') }} as attributed_margin
        from summed
        where {{ model }}_credit <> 0 or {{ model }}_revenue <> 0 or {{ model }}_margin <> 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from daily
