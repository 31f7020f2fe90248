with credits as (
    select * from {{ ref('int_attribution__credits') }}
),

conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

touches as (
    select
        touch_key,
        touched_at,
        traffic_source_key
    from {{ ref('int_attribution__touches') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

described as (
    select
        conversions.conversion_key,
        conversions.conversion_id,
        conversions.conversion_type,
        conversions.converted_at,
        conversions.converted_date,
        conversions.is_new_customer,
        conversions.revenue,
        conversions.margin,
        credits.touch_key,
        touches.touched_at,
        credits.position,
        credits.path_length,
        credits.model,
        credits.credit_before,
        credits.credit_through,
        credits.credit_whole,
        case
            when credits.touch_key is not null then traffic_sources.channel
            when conversions.is_consent_denied then '(no consent)'
            else '(unattributed)'
        end as channel,
        coalesce(traffic_sources.campaign, '(not set)') as campaign
    from credits
    inner join conversions on credits.conversion_key = conversions.conversion_key
    left join touches on credits.touch_key = touches.touch_key
    left join traffic_sources
        on touches.traffic_source_key = traffic_sources.traffic_source_key
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
        cast(
            cast(
                {{ allocated_share('1000000000', 'credit_through', 'credit_whole') }}
                - {{ allocated_share('1000000000', 'credit_before', 'credit_whole') }}
                as decimal(10, 0)
            ) * cast(0.000000001 as decimal(9, 9)) as decimal(12, 9)
        ) as credit,
        {{ split_amount('revenue') }} as attributed_revenue,
        {{ split_amount('margin') }} as attributed_margin
    from described
)

select * from credited
