with conversions as (
    select * from {{ ref('int_attribution__conversions') }}
),

ends as (
    select
        conversion_key,
        max(path_length) as path_length,
        min(touched_at) as first_touched_at,
        max(case when position <= 1 then channel end) as first_channel,
        max(case when position = path_length then channel end) as last_channel
    from {{ ref('int_attribution__credits') }}
    group by conversion_key
),

paths as (
    select
        conversions.conversion_key,
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
        ends.first_channel,
        ends.last_channel
    from conversions
    inner join ends on conversions.conversion_key = ends.conversion_key
)

select * from paths
