with conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

paths as (
    select
        conversions.conversion_key,
        conversions.source_name,
        conversions.conversion_id,
        conversions.conversion_type,
        conversions.converted_at,
        conversions.converted_date,
        conversions.revenue,
        conversions.margin,
        conversions.is_new_customer,
        conversions.reversed_at,
        conversions.reversed_date,
        ends.path_length as touches,
        ends.path_length,
        ends.first_touched_at,
        cast(
            {{ seconds_between('ends.first_touched_at', 'conversions.converted_at') }} / 86400
            as double
        ) as days_to_convert,
        channels.first_channel,
        channels.last_channel
    from conversions
    inner join {{ ref('int_attribution__path_ends') }} as ends
        on conversions.conversion_key = ends.conversion_key
    inner join {{ ref('int_attribution__path_channels') }} as channels
        on conversions.conversion_key = channels.conversion_key
)

select * from paths
