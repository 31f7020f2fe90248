-- What the models need to know of a path as a whole: numbers alone. Names of its ends are in
-- int_attribution__path_channels.
{%- set milestones = ['last_non_direct', 'lead', 'opportunity'] %}
with conversions as (
    select
        conversion_key,
        is_consent_denied
    from {{ ref('int_attribution__conversions') }}
),

places as (
    select
        conversion_key,
        position = 1 as is_first,
        position = path_length as is_last,
        cast(null as {{ dbt.type_string() }}) as milestone,
        touched_at,
        traffic_source_key,
        position
    from {{ ref('int_attribution__paths') }}
    where position = 1 or position = path_length

    union all

    select
        conversion_key,
        false as is_first,
        false as is_last,
        milestone,
        cast(null as timestamp) as touched_at,
        traffic_source_key,
        position
    from {{ ref('int_attribution__path_milestones') }}
),

paths as (
    select
        conversion_key,
        max(case when is_last then position end) as path_length,
        {%- for end in ['first', 'last'] %}
            max(case when is_{{ end }} then touched_at end) as {{ end }}_touched_at,
            max(case when is_{{ end }} then traffic_source_key end) as {{ end }}_source_key,
        {%- endfor %}
        {%- for milestone in milestones %}
            max(case when milestone = '{{ milestone }}' then position end)
                as {{ milestone }}_position,
            max(case when milestone = '{{ milestone }}' then traffic_source_key end)
                as {{ milestone }}_source_key
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from places
    group by conversion_key
),

-- Of a conversion that no touch earned, lengths and positions are 0.
described as (
    select
        conversions.conversion_key,
        conversions.is_consent_denied,
        cast(coalesce(paths.path_length, 0) as bigint) as path_length,
        paths.first_touched_at,
        paths.last_touched_at,
        paths.first_source_key,
        paths.last_source_key,
        cast(coalesce(paths.last_non_direct_position, paths.path_length, 0) as bigint)
            as last_non_direct_position,
        coalesce(paths.last_non_direct_source_key, paths.last_source_key)
            as last_non_direct_source_key
        {%- for milestone in milestones[1:] %}
            ,
            cast(coalesce(paths.{{ milestone }}_position, 0) as bigint)
                as {{ milestone }}_position,
            paths.{{ milestone }}_source_key
        {%- endfor %}
    from conversions
    left join paths on conversions.conversion_key = paths.conversion_key
)

select * from described
