-- Sums by traffic source, an integer, in one pass over the sources of paths: what touches share
-- counts for their own source and against that of the last touch. Names come after, and only the
-- few sums are put under each other by model.
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

summed as (
    select * from placed

    union all

    select
        {%- for key in keys %}
            {{ key }},
        {%- endfor %}
        coalesce(traffic_source_key, last_source_key) as traffic_source_key,
        cast(null as {{ dbt.type_string() }}) as pathless_channel
        {%- for model in attribution_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                {% if model in sharing -%}
                    case
                        when traffic_source_key is null then -{{ model }}_{{ amount }}
                        else {{ model }}_{{ amount }}
                    end as {{ model }}_{{ amount }}
                {%- else -%}
                    null as {{ model }}_{{ amount }}
                {%- endif %}
            {%- endfor -%}
        {%- endfor %}
    from spread
),

named as (
    select
        summed.activity_date,
        summed.conversion_type,
        coalesce(traffic_sources.channel, summed.pathless_channel) as channel,
        coalesce(traffic_sources.campaign, '(not set)') as campaign
        {%- for model in attribution_models() %}
            ,
            sum(summed.{{ model }}_credit) as {{ model }}_credit,
            sum(case when summed.is_new_customer then summed.{{ model }}_credit else 0 end)
                as {{ model }}_new,
            sum(case when summed.is_margin_unknown then summed.{{ model }}_credit else 0 end)
                as {{ model }}_unknown,
            sum(case when summed.is_reversal then 0 else summed.{{ model }}_revenue end)
                as {{ model }}_revenue,
            sum(summed.{{ model }}_margin) as {{ model }}_margin,
            sum(case when summed.is_reversal then summed.{{ model }}_revenue else 0 end)
                as {{ model }}_refunded
        {%- endfor %}
    from summed
    left join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on summed.traffic_source_key = traffic_sources.traffic_source_key
    group by
        summed.activity_date,
        summed.conversion_type,
        coalesce(traffic_sources.channel, summed.pathless_channel),
        coalesce(traffic_sources.campaign, '(not set)')
),

daily as (
    {% for model in attribution_models() -%}
        select
            activity_date,
            channel,
            campaign,
            conversion_type,
            '{{ model }}' as model,
            {{ credit_fraction(model ~ '_credit', 18) }} as conversions,
            {{ credit_fraction(model ~ '_new', 18) }} as new_customers,
            {{ from_minor_units('coalesce(' ~ model ~ '_revenue, 0)') }} as attributed_revenue,
            {{ from_minor_units(model ~ '_margin') }} as attributed_margin,
            {{ credit_fraction(model ~ '_unknown', 18) }} as unknown_margins,
            {{ from_minor_units('coalesce(' ~ model ~ '_refunded, 0)') }} as refunded
        from named
        where {{ model }}_credit <> 0 or {{ model }}_revenue <> 0 or {{ model }}_refunded <> 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from daily
