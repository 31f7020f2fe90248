with alerts as (
    select * from {{ ref('int_kpi__alerts_raised') }}
),

published as (
    select
        alert_id,
        kind,
        kpi_id,
        name_en,
        name_fr,
        owner,
        unit,
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
        series,
        case
            when cause_class = 'data' then raw_tables
            else top_drivers
        end as look_at_first,
        data_status
    from alerts
)

select * from published
