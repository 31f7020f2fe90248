-- The touches of each conversion within the look-back, as integers and instants only: weights and
-- revenue come later, so that a refund or a new model rewrites no path. Where an engine can, only
-- the months of people in which a change can be felt are made anew.
-- depends_on: {{ ref('int_attribution__person_months') }}
{{ config(
    materialized=changes_only(otherwise='table'),
    incremental_strategy='replace',
    unique_key=['person_key', 'converted_month'],
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
            > (select coalesce(max(written.change_number), 0) from {{ this }} as written)
    ),

    -- A touch is felt by conversions from its own month to the end of the look-back.
    felt as (
        {% for month in range(months_of_effect) -%}
            select
                person_key,
                cast({{ dbt.dateadd('month', month, 'month_start') }} as date) as converted_month
            from changed
            {% if not loop.last %}union{% endif %}
        {% endfor %}
    ),

    wanted_conversions as (
        select conversions.*
        from conversions
        inner join felt
            on
                conversions.person_key = felt.person_key
                and conversions.converted_month = felt.converted_month
    ),

    -- Where conversions are made anew, and where there were some.
    cells as (
        select
            person_key,
            converted_month
        from wanted_conversions
        union
        select
            person_key,
            month_start as converted_month
        from changed
        where has_conversions
    ),

    wanted_months as (
        {% for month in range(months_of_effect) -%}
            select
                person_key,
                cast({{ dbt.dateadd('month', -month, 'converted_month') }} as date) as touched_month
            from cells
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
        wanted_conversions.person_key,
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
paths as (
    select
        in_window.conversion_key,
        in_window.person_key,
        in_window.converted_month,
        in_window.touch_key,
        in_window.touched_at,
        in_window.traffic_source_key,
        row_number() over (
            partition by in_window.conversion_key
            order by in_window.touched_at nulls last, in_window.touch_key nulls last
        ) as position,
        count(*) over (partition by in_window.conversion_key) as path_length,
        latest.change_number
    from in_window
    cross join latest

    {% if is_incremental() -%}
        union all

        -- What a cell held before goes, also where nothing comes in its place.
        select
            cast(null as bigint) as conversion_key,
            person_key,
            converted_month,
            cast(null as bigint) as touch_key,
            cast(null as timestamp) as touched_at,
            cast(null as bigint) as traffic_source_key,
            cast(null as bigint) as position,
            cast(null as bigint) as path_length,
            cast(null as bigint) as change_number
        from cells
    {%- endif %}
)

select * from paths
