-- What has changed since the paths were last built. Touches and conversions come whole on every
-- refresh; one pass over those of people who converted, added up to one number per month, finds the
-- months that are new, late, restitched or gone. Each change carries the number of the refresh that
-- saw it, and paths take every change that is newer than they are: a killed refresh loses none.
{{ config(
    materialized=changes_only(otherwise='view'),
    incremental_strategy='replace',
    unique_key=['person_key', 'month_start'],
    on_schema_change='sync_all_columns',
) }}

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

converters as (
    select distinct person_key from conversions
),

parts as (
    select
        touches.person_key,
        touches.touched_month as month_start,
        0 as conversion_count,
        {{ row_digest(
            'touches.touch_key, touches.touched_at, touches.traffic_source_key, touches.is_direct'
        ) }} as digest
    from {{ ref('int_attribution__touches') }} as touches
    inner join converters on touches.person_key = converters.person_key

    union all

    select
        person_key,
        converted_month as month_start,
        1 as conversion_count,
        {{ row_digest('conversion_key, touches_from, touches_after, touches_through') }} as digest
    from conversions
),

months as (
    select
        person_key,
        month_start,
        count(*) as row_count,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(digest) as decimal(38, 0)) as digest,
        cast({{ path_rules() }} as bigint) as path_rules
    from parts
    group by person_key, month_start
),

{% if is_incremental() -%}
    changes as (
        select
            coalesce(months.person_key, known.person_key) as person_key,
            coalesce(months.month_start, known.month_start) as month_start,
            coalesce(months.row_count, 0) as row_count,
            coalesce(months.conversion_count, 0) as conversion_count,
            -- Once true it stays: paths may still hold what several refreshes ago was taken back.
            coalesce(months.conversion_count, 0) > 0 or coalesce(known.has_conversions, false)
                as has_conversions,
            coalesce(months.digest, 0) as digest,
            coalesce(months.path_rules, known.path_rules) as path_rules
        from months
        full outer join {{ this }} as known
            on months.person_key = known.person_key and months.month_start = known.month_start
        where
            coalesce(months.row_count, 0) <> coalesce(known.row_count, 0)
            or coalesce(months.digest, 0) <> coalesce(known.digest, 0)
            or months.path_rules <> known.path_rules
    ),
{%- else -%}
    changes as (
        select
            *,
            conversion_count > 0 as has_conversions
        from months
    ),
{%- endif %}

numbered as (
    select
        person_key,
        month_start,
        row_count,
        conversion_count,
        has_conversions,
        digest,
        path_rules,
        cast({{ next_change_number() }} as bigint) as change_number
    from changes
)

select * from numbered
