-- Sums of every model in one pass over the credits, which are never written out once per model;
-- only the few sums are put under each other.
with credits as (
    select * from {{ ref('int_attribution__credits') }}
),

conversions as (
    select
        conversion_key,
        conversion_type,
        converted_date,
        is_new_customer,
        {{ minor_units('revenue') }} as revenue_units,
        {{ minor_units('margin') }} as margin_units
    from {{ ref('int_attribution__conversions') }}
),

split as (
    select
        conversions.converted_date,
        conversions.conversion_type,
        conversions.is_new_customer,
        conversions.margin_units is null as is_margin_unknown,
        credits.channel,
        credits.campaign
        {%- for model in attribution_models() %}
            ,
            {{ earns_credit(model) }} as {{ model }}_earns,
            {{ credited_units('1000000000', model) }} as {{ model }}_credit,
            {{ credited_units('conversions.revenue_units', model) }} as {{ model }}_revenue,
            {{ credited_units('conversions.margin_units', model) }} as {{ model }}_margin
        {%- endfor %}
    from credits
    inner join conversions on credits.conversion_key = conversions.conversion_key
),

wide as (
    select
        converted_date,
        channel,
        campaign,
        conversion_type
        {%- for model in attribution_models() %}
            ,
            sum(case when {{ model }}_earns then 1 else 0 end) as {{ model }}_touches,
            sum({{ model }}_credit) as {{ model }}_credit,
            sum(case when is_new_customer then {{ model }}_credit else 0 end) as {{ model }}_new,
            sum({{ model }}_revenue) as {{ model }}_revenue,
            sum({{ model }}_margin) as {{ model }}_margin,
            sum(case when {{ model }}_earns and is_margin_unknown then 1 else 0 end)
                as {{ model }}_unknown
        {%- endfor %}
    from split
    group by converted_date, channel, campaign, conversion_type
),

daily as (
    {% for model in attribution_models() -%}
        select
            converted_date,
            channel,
            campaign,
            conversion_type,
            '{{ model }}' as model,
            cast({{ model }}_touches as bigint) as touches,
            {{ credit_fraction(model ~ '_credit', 18) }} as conversions,
            {{ credit_fraction(model ~ '_new', 18) }} as new_customers,
            {{ from_minor_units('coalesce(' ~ model ~ '_revenue, 0)') }} as attributed_revenue,
            {{ from_minor_units(model ~ '_margin') }} as attributed_margin,
            cast({{ model }}_unknown as bigint) as unknown_margins
        from wide
        where {{ model }}_touches > 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from daily
