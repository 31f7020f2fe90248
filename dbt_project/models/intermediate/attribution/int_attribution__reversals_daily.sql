-- Each model takes a reversal back along the split that it gave the conversion; what belongs to no
-- known conversion is taken back from no channel.
with reversals as (
    select
        conversion_key,
        conversion_type,
        reversed_date,
        {{ minor_units('amount') }} as units
    from {{ ref('int_attribution__reversals') }}
),

credits as (
    select * from {{ ref('int_attribution__credits') }}
),

split as (
    select
        reversals.reversed_date,
        reversals.conversion_type,
        coalesce(credits.channel, '(unattributed)') as channel,
        coalesce(credits.campaign, '(not set)') as campaign
        {%- for model in attribution_models() %}
            ,
            case
                when credits.conversion_key is null then reversals.units
                else {{ credited_units('reversals.units', model) }}
            end as {{ model }}_units
        {%- endfor %}
    from reversals
    left join credits on reversals.conversion_key = credits.conversion_key
),

wide as (
    select
        reversed_date,
        channel,
        campaign,
        conversion_type
        {%- for model in attribution_models() %}
            ,
            sum({{ model }}_units) as {{ model }}_units
        {%- endfor %}
    from split
    group by reversed_date, channel, campaign, conversion_type
),

daily as (
    {% for model in attribution_models() -%}
        select
            reversed_date,
            channel,
            campaign,
            conversion_type,
            '{{ model }}' as model,
            {{ from_minor_units(model ~ '_units') }} as refunded
        from wide
        where {{ model }}_units <> 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from daily
