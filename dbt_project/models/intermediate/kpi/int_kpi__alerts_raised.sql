-- A target that is missed while the KPI's source has stopped is a fault of the data, until the
-- source is back.
with alerts as (
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
    from {{ ref('stg_derived__kpi_findings') }}
),

described as (
    select
        md5(
            alerts.kind || '|' || alerts.period_grain || '|' || alerts.subject || '|'
            || cast(alerts.first_seen as {{ dbt.type_string() }})
        ) as alert_id,
        alerts.kind,
        alerts.kpi_id,
        catalogue.name_en,
        catalogue.name_fr,
        catalogue.owner,
        catalogue.unit,
        alerts.measure,
        alerts.dimension,
        alerts.segment,
        alerts.period_grain,
        alerts.period_start,
        alerts.first_seen,
        alerts.last_seen,
        alerts.is_open,
        alerts.day_count,
        alerts.observed,
        alerts.expected,
        alerts.expected_lower,
        alerts.expected_upper,
        alerts.relative_change,
        alerts.score,
        alerts.sample,
        case
            when alerts.kind <> 'anomaly' and data_status.data_status in ('stale', 'missing')
                then 'source_stale'
            else alerts.cause
        end as cause,
        case
            when alerts.kind <> 'anomaly' and data_status.data_status in ('stale', 'missing')
                then 'data'
            else alerts.cause_class
        end as cause_class,
        alerts.severity,
        alerts.is_favourable,
        alerts.raw_tables,
        alerts.top_drivers,
        alerts.also_moved,
        alerts.series,
        data_status.data_status
    from alerts
    inner join {{ ref('int_kpi__catalogue') }} as catalogue on alerts.kpi_id = catalogue.kpi_id
    inner join {{ ref('int_kpi__data_status') }} as data_status
        on alerts.kpi_id = data_status.kpi_id
)

select * from described
