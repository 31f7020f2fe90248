-- Complete periods in a row that missed their target are one alert. A value below the KPI's minimum
-- sample is not judged, and ends no row of misses either; a sum of nothing is no small sample.
with kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        value,
        sample
    from {{ ref('int_kpi__values') }}
    where is_complete and has_data and value is not null
),

judged as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.period_start,
        periods.period_end,
        kpi_values.dimension,
        kpi_values.segment,
        kpi_values.value,
        kpi_values.sample,
        cast(targets.target_value as double) as target_value,
        catalogue.direction,
        catalogue.warn_at,
        catalogue.alert_at,
        {{ attainment('catalogue.direction', 'kpi_values.value', 'targets.target_value') }}
            as attainment
    from kpi_values
    inner join {{ ref('int_kpi__catalogue') }} as catalogue
        on kpi_values.kpi_id = catalogue.kpi_id
    inner join {{ ref('int_core__periods') }} as periods
        on
            kpi_values.period_grain = periods.period_grain
            and kpi_values.period_start = periods.period_start
    inner join {{ ref('int_kpi__targets_in_force') }} as targets
        on
            kpi_values.kpi_id = targets.kpi_id
            and kpi_values.period_grain = targets.period_grain
            and kpi_values.period_start = targets.period_start
            and kpi_values.dimension = targets.dimension
            and kpi_values.segment = targets.segment
    where
        kpi_values.sample >= catalogue.min_sample
        or (kpi_values.sample = 0 and catalogue.is_additive and catalogue.denominator is null)
),

with_status as (
    select
        *,
        {{ target_status('judged', 'attainment', 'value', 'target_value') }} as status
    from judged
),

numbered as (
    select
        *,
        sum(case when status = 'on_track' then 1 else 0 end) over (
            partition by kpi_id, period_grain, dimension, segment
            order by period_start nulls last
            rows between unbounded preceding and current row
        ) as met_before,
        row_number() over (
            partition by kpi_id, period_grain, dimension, segment
            order by period_start desc nulls last
        ) = 1 as is_latest
    from with_status
),

missed as (
    select
        *,
        min(period_end) over (
            partition by kpi_id, period_grain, dimension, segment, met_before
        ) as first_seen,
        row_number() over (
            partition by kpi_id, period_grain, dimension, segment, met_before
            order by period_start desc nulls last
        ) as from_the_end
    from numbered
    where status <> 'on_track'
),

-- The latest period of all that are complete: a target that nobody renewed misses nothing new. A
-- KPI that is itself held against targets has no value where the whole has none.
latest_periods as (
    select
        kpi_id,
        period_grain,
        max(period_start) as period_start
    from {{ ref('int_kpi__values') }}
    where
        dimension = 'overall'
        and is_complete
        and (value is not null or (numerator is not null and denominator is null))
    group by kpi_id, period_grain
),

alerts as (
    select
        missed.kpi_id,
        missed.dimension,
        missed.segment,
        missed.period_grain,
        missed.period_start,
        missed.first_seen,
        cast(missed.period_end - {{ day_interval(1) }} as date) as last_seen,
        missed.is_latest
        and coalesce(missed.period_start >= latest_periods.period_start, false) as is_open,
        cast(
            {{ dbt.datediff('missed.period_start', 'missed.period_end', 'day') }} as bigint
        ) as day_count,
        missed.value as observed,
        missed.target_value as expected,
        -- Below zero the allowance is a part of the target's size.
        case
            when missed.direction = 'down' then null
            when missed.target_value < 0 then missed.target_value * (2 - missed.warn_at)
            else missed.target_value * missed.warn_at
        end as expected_lower,
        case
            when missed.direction = 'up' then null
            when missed.target_value < 0 then missed.target_value * missed.warn_at
            else {{ ratio('missed.target_value', 'missed.warn_at') }}
        end as expected_upper,
        {{ ratio('missed.value - missed.target_value', 'abs(missed.target_value)') }}
            as relative_change,
        missed.sample,
        case missed.status when 'off_track' then 'critical' else 'warning' end as severity
    from missed
    left join latest_periods
        on
            missed.kpi_id = latest_periods.kpi_id
            and missed.period_grain = latest_periods.period_grain
    where
        missed.from_the_end = 1
        and missed.period_end >= {{ as_of_date() }} - {{ day_interval(var('alert_history_days')) }}
)

select * from alerts
