-- The touches of each conversion within the look-back, as integers and instants only: weights and
-- revenue come later, so that a refund or a new model rewrites no path. Where an engine can, only
-- the months of people in which a change can be felt are made anew.
-- depends_on: {{ ref('int_attribution__person_months') }}
{{ config(
    materialized=changes_only(otherwise='table'),
    incremental_strategy='replace',
    unique_key=['conversion_key', 'converted_month'],
    on_schema_change='sync_all_columns',
) }}
{%- set months_of_effect = var('attribution_lookback_days') // 28 + 2 %}

with conversions as (
    select
        conversion_key,
        person_key,
        converted_month,
        touches_from,
        touches_after,
        touches_through
    from {{ ref('int_attribution__conversions') }}
    where person_key is not null
),

touches as (
    select
        touch_key,
        person_key,
        touched_month,
        touched_at,
        traffic_source_key
    from {{ ref('int_attribution__touches') }}
    {% if not var('attribution_counts_direct') -%}
        where not is_direct
    {%- endif %}
),

latest as (
    select max(change_number) as change_number
    from {{ ref('int_attribution__person_months') }}
),

{% if is_incremental() -%}
    changed as (
        select
            person_key,
            month_start,
            has_conversions
        from {{ ref('int_attribution__person_months') }}
        where
            change_number
            > (select coalesce(max(known.change_number), 0) from {{ this }} as known)
    ),

    -- A touch is felt by conversions of its own month to the end of the look-back, by none before.
    felt as (
        {% for month in range(months_of_effect) -%}
            select
                person_key,
                cast({{ dbt.dateadd('month', month, 'month_start') }} as date) as converted_month
            from changed
            {% if not loop.last %}union{% endif %}
        {% endfor %}
    ),

    later_conversions as (
        select * from conversions
        where converted_month >= (select min(changed.month_start) from changed)
    ),

    wanted_conversions as (
        select later_conversions.*
        from later_conversions
        inner join felt
            on
                later_conversions.person_key = felt.person_key
                and later_conversions.converted_month = felt.converted_month
    ),

    written as (
        select
            conversion_key,
            converted_month
        from {{ this }}
        where
            position = 1
            and converted_month >= (
                select min(changed.month_start)
                from changed
                where changed.has_conversions
            )
    ),

    -- Paths of conversions that are no longer what they were.
    gone as (
        select
            written.conversion_key,
            written.converted_month
        from written
        left join later_conversions
            on
                written.conversion_key = later_conversions.conversion_key
                and written.converted_month = later_conversions.converted_month
        where later_conversions.conversion_key is null
    ),

    wanted_months as (
        {% for month in range(months_of_effect) -%}
            select
                person_key,
                cast({{ dbt.dateadd('month', -month, 'converted_month') }} as date) as touched_month
            from wanted_conversions
            {% if not loop.last %}union{% endif %}
        {% endfor %}
    ),

    wanted_touches as (
        select touches.*
        from touches
        inner join wanted_months
            on
                touches.person_key = wanted_months.person_key
                and touches.touched_month = wanted_months.touched_month
    ),
{%- else -%}
    wanted_conversions as (
        select * from conversions
    ),

    wanted_touches as (
        select * from touches
    ),
{%- endif %}

in_window as (
    select
        wanted_conversions.conversion_key,
        wanted_conversions.converted_month,
        wanted_touches.touch_key,
        wanted_touches.touched_at,
        wanted_touches.traffic_source_key
    from wanted_conversions
    inner join wanted_touches
        on
            wanted_conversions.person_key = wanted_touches.person_key
            and wanted_conversions.touches_from <= wanted_touches.touched_at
            and wanted_conversions.touches_through >= wanted_touches.touched_at
    where
        wanted_conversions.touches_after is null
        or wanted_touches.touched_at > wanted_conversions.touches_after
),

-- Touches of the same second keep one order: that of their keys.
placed as (
    select
        *,
        row_number() over (
            partition by conversion_key order by touched_at nulls last, touch_key nulls last
        ) as position,
        count(*) over (partition by conversion_key) as path_length
    from in_window
),

paths as (
    select
        placed.conversion_key,
        placed.converted_month,
        placed.touch_key,
        placed.touched_at,
        placed.traffic_source_key,
        placed.position,
        placed.path_length,
        latest.change_number
    from placed
    cross join latest

    {% if is_incremental() -%}
        {% for replaced in ['wanted_conversions', 'gone'] %}
            union all

            -- What was written before goes, also where nothing comes in its place.
            select
                conversion_key,
                converted_month,
                cast(null as bigint) as touch_key,
                cast(null as timestamp) as touched_at,
                cast(null as bigint) as traffic_source_key,
                cast(null as bigint) as position,
                cast(null as bigint) as path_length,
                cast(null as bigint) as change_number
            from {{ replaced }}
        {% endfor %}
    {%- endif %}
)

select * from paths
