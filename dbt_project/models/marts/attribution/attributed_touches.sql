with credited as (
    select
        conversion_key,
        conversion_id,
        conversion_type,
        converted_at,
        converted_date,
        touch_key as touch_id,
        touched_at,
        cast(position as bigint) as position,
        cast(path_length as bigint) as path_length,
        channel,
        campaign,
        model,
        credit,
        attributed_revenue,
        attributed_margin
    from {{ ref('int_attribution__touches_credited') }}
)

select * from credited
