with source as (
    select * from {{ source('derived', 'kpi_findings') }}
),

renamed as (
    select
        kind,
        subject,
        kpi_id,
        measure,
        dimension,
        segment,
        period_grain,
        period_start,
        first_seen,
        last_seen,
        is_open,
        unknown_since,
        day_count,
        observed,
        expected,
        expected_lower,
        expected_upper,
        relative_change,
        score,
        sample,
        cause,
        cause_class,
        severity,
        is_favourable,
        raw_tables,
        top_drivers,
        also_moved,
        series
    from source
)

select * from renamed
