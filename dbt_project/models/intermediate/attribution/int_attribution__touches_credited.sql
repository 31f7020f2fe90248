-- One row per model out of int_attribution__credits, with the amounts split: a view, for who reads
-- a few models or wants them under each other. Sums over all are cheaper from the credits.
{{ config(materialized='view') }}

with credits as (
    select * from {{ ref('int_attribution__credits') }}
),

conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

long as (
    {% for model in attribution_models() -%}
        {%- set interval = credit_interval(model) -%}
        select
            conversion_key,
            touch_key,
            touched_at,
            channel,
            campaign,
            position,
            path_length,
            '{{ model }}' as model,
            cast({{ interval.before }} as bigint) as credit_before,
            cast({{ interval.through }} as bigint) as credit_through,
            cast({{ interval.whole }} as bigint) as credit_whole
        from credits
        where {{ earns_credit(model) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

described as (
    select
        long.*,
        conversions.conversion_id,
        conversions.conversion_type,
        conversions.converted_at,
        conversions.converted_date,
        conversions.is_new_customer,
        conversions.revenue,
        conversions.margin
    from long
    inner join conversions on long.conversion_key = conversions.conversion_key
),

credited as (
    select
        conversion_key,
        conversion_id,
        conversion_type,
        converted_at,
        converted_date,
        is_new_customer,
        touch_key,
        touched_at,
        position,
        path_length,
        channel,
        campaign,
        model,
        credit_before,
        credit_through,
        credit_whole,
        {{ credit_fraction(
            allocated_share('1000000000', 'credit_through', 'credit_whole')
            ~ ' - ' ~ allocated_share('1000000000', 'credit_before', 'credit_whole')
        ) }} as credit,
        {{ split_amount('revenue') }} as attributed_revenue,
        {{ split_amount('margin') }} as attributed_margin
    from described
)

select * from credited
