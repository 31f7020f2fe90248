-- A running period that falls behind while the KPI's source has stopped is a fault of the data,
-- until the source is back; what misses a threshold was complete before it stopped. Where a file
-- was refused since the period began, what is missing may be in that file: as in the scorecard,
-- nothing is said about the business. A part of a ratio has its own unit.
with units as (
    {{ component_units() }}
),

alerts as (
    select
        findings.*,
        catalogue.name_en,
        catalogue.name_fr,
        catalogue.owner,
        case when findings.measure = 'value' then catalogue.unit else units.unit end as unit,
        data_status.data_status,
        findings.kind = 'pace' and data_status.data_status in ('stale', 'missing')
            as is_source_stopped,
        findings.kind <> 'anomaly'
        and coalesce(data_status.last_refused_on >= findings.period_start, false) as is_file_refused
    from {{ ref('stg_derived__kpi_findings') }} as findings
    inner join {{ ref('int_kpi__catalogue') }} as catalogue on findings.kpi_id = catalogue.kpi_id
    inner join {{ ref('int_kpi__data_status') }} as data_status
        on findings.kpi_id = data_status.kpi_id
    left join units
        on
            case findings.measure
                when 'numerator' then catalogue.numerator
                when 'denominator' then catalogue.denominator
            end = units.component
),

described as (
    select
        md5(
            kind || '|' || period_grain || '|' || subject || '|'
            || cast(first_seen as {{ dbt.type_string() }})
        ) as alert_id,
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
        case
            when is_source_stopped then 'source_stale'
            when is_file_refused then 'file_refused'
            else cause
        end as cause,
        case when is_source_stopped or is_file_refused then 'data' else cause_class end
            as cause_class,
        severity,
        is_favourable,
        raw_tables,
        top_drivers,
        also_moved,
        series,
        case
            when data_status = 'fresh' and is_file_refused then 'quarantined' else data_status
        end as data_status
    from alerts
)

select * from described
